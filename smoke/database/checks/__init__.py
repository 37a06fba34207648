"""One file per question that a scenario may put to the database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from smoke.database.checks._result import CheckResult, CheckSpec

if TYPE_CHECKING:
    from pydantic import BaseModel

    from smoke.database.session import Database
    from smoke.steps._session import Answer


__all__ = ["Check", "CheckResult", "CheckSpec"]


class Check(Protocol):
    """What a module of `smoke.database.checks`, or of the group `smoke.checks.v1`, provides: a key below `check`.

    `Spec` reads what stands behind the key; made of `CheckSpec` it takes no key that it does not know. `run` asks the
    database, which only reads, and says whether what was expected holds (a `CheckResult`); it may raise SmokeError when
    there is no answer. `connection.rows(sql, *values)` gives tuples, `connection.row` the first or None; `%s` stands for
    a value.
    """

    @property
    def Spec(self) -> type[BaseModel]: ...  # noqa: N802  (a class of a module)
    def run(self, spec: Any, connection: Database, /) -> Answer: ...
