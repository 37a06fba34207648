"""A run's one connection to the database behind the deployment: opened at the first question, shared by the workers."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

from smoke.diagnostic import SmokeError

if TYPE_CHECKING:
    from smoke.database.dsn import Dsn
    from smoke.database.session import Database, Limits

T = TypeVar("T")

_STATEMENTS = 4
"""A part of the time of a question is what one of its statements may take."""
_SHORTEST = 0.1


class Asking:
    """Questions to one database, one at a time. Nothing is opened before the first; close it at the end."""

    def __init__(self, dsn: Dsn | None, limits: Limits | None = None) -> None:
        self._dsn = dsn
        self._limits = limits
        self._lock = threading.Lock()
        self._open = ExitStack()
        self._database: Database | None = None

    @property
    def available(self) -> bool:
        """Whether there is a database to ask."""
        return self._dsn is not None

    @property
    def source(self) -> str:
        """The environment variable that names the database; empty without one."""
        return "" if self._dsn is None else self._dsn.source

    @property
    def dsn(self) -> Dsn | None:
        """Where the database is; None without one."""
        return self._dsn

    def ask(self, question: Callable[[Database], T], within: float = math.inf) -> T:
        """The answer to a question. Raises SmokeError: no database, no connection, a refusal, no time.

        Each question sees the database as it is then. A lost connection is opened once more, since a question only
        reads. `within` is how many seconds there are: none of its statements may take more than a part of them.
        """
        if not self._lock.acquire(timeout=-1 if within == math.inf else within):
            raise SmokeError.of(
                "database-timeout", "the database is still busy with other questions"
            )
        try:
            known = self._database
            try:
                return question(self._fresh(within))
            except SmokeError as error:
                if known is None or error.diagnostics[0].code != "database-connection":
                    raise
                self._close()
                return question(self._fresh(within))
        finally:
            self._lock.release()

    def _fresh(self, within: float) -> Database:
        from smoke.database.session import Limits, connect

        if self._dsn is None:
            raise SmokeError.of("no-dsn", "no database to ask")
        limits = self._limits or Limits()
        if self._database is not None:
            self._database.renew()  # the last transaction would not see what was ordered since
        else:
            # two seconds are the least that libpq waits
            patience = max(2, int(min(limits.connect, within / 2)))
            opened = connect(self._dsn, replace(limits, connect=patience))
            self._database = self._open.enter_context(opened)
        if within / _STATEMENTS < limits.statement:
            self._database.limit(max(_SHORTEST, within / _STATEMENTS))
        return self._database

    def _close(self) -> None:
        self._database = None
        self._open.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._lock:
            self._close()


def dsn_of(environ: Mapping[str, str], named: str, otherwise: str = "") -> Dsn | None:
    """The DSN of a run: of the variable that is `named`, else of the `otherwise` named one, else of SMOKE_DSN or DATABASE_URL.

    None when nothing names one and neither of these is set. Raises SmokeError: `no-dsn` for a named variable that
    is not set, `bad-dsn`.
    """
    from smoke.database.dsn import DEFAULT_VARIABLES, find_dsn

    variable = named or otherwise
    if not variable and not any(environ.get(name, "").strip() for name in DEFAULT_VARIABLES):
        return None
    return find_dsn(environ, variable)
