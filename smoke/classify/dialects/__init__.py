"""One file per way in which a stack prints a database error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from smoke.classify.text.view import View
    from smoke.model.dberror import DatabaseError


class Dialect(Protocol):
    """What a module of `smoke.classify.dialects` provides; its file name is its name.

    `MARKS` are strings that betray the stack (they only choose the name that is shown), `SYMBOLS` its exception
    classes to SQLSTATEs (inferred when no code is there), `read` yields errors in forms that only this stack has.
    """

    @property
    def MARKS(self) -> tuple[str, ...]: ...  # noqa: N802  (a constant of a module)
    @property
    def SYMBOLS(self) -> Mapping[str, str]: ...  # noqa: N802  (a constant of a module)
    def read(self, view: View, /) -> Iterable[DatabaseError]: ...
