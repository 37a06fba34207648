"""One file per way in which a stack prints a database error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from smoke.classify.text.view import View
    from smoke.model.dberror import DatabaseError


class Dialect(Protocol):
    """What a module of `smoke.classify.dialects`, or of the group `smoke.dialects.v1`, provides; its name is the stack's.

    `MARKS` are strings that betray the stack (they only choose the name that is shown), `SYMBOLS` its exception
    classes to SQLSTATEs (inferred when no code is there), `read` yields errors in forms that only this stack has:
    `smoke.classify.forms` has what they are written with. Where the server's own message or fields are shown it gives
    `()`: the common readers know them.
    """

    @property
    def MARKS(self) -> tuple[str, ...]: ...  # noqa: N802  (a constant of a module)
    @property
    def SYMBOLS(self) -> Mapping[str, str]: ...  # noqa: N802  (a constant of a module)
    def read(self, view: View, /) -> Iterable[DatabaseError]: ...
