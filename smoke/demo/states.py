"""The states a shop's databases can be in, each a thing that happens after an incident."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from smoke.demo.migrate import FIX, execute, fix, mark, migrate


class State(StrEnum):
    """What was done, or left undone, about the incident's constraint."""

    BROKEN = "broken"
    """The incident: the constraint is there, the fix has not run."""
    FIXED = "fixed"
    """The fix has run."""
    FIX_NOT_APPLIED = "fix-not-applied"
    """The migration table says that the fix has run; the constraint is still there."""
    WRONG_DATABASE = "wrong-database"
    """The fix ran, and is marked, in another database of the same server."""
    MASKED = "masked"
    """As broken, but the 500 says nothing but a request id, as production builds do."""


class DatabaseMaker(Protocol):
    """What the states need of a server."""

    def create_database(self, label: str) -> str:
        """Make a new database and return the DSN of it."""


def prepare(server: DatabaseMaker, state: State) -> dict[str, str]:
    """The shop's databases in that state, as DSNs by label; the shop itself uses `shop`."""
    dsns = {"shop": server.create_database("shop")}
    _migrate(dsns["shop"], fixed=state is State.FIXED)
    if state is State.FIX_NOT_APPLIED:
        _only_mark(dsns["shop"])
    if state is State.WRONG_DATABASE:
        dsns["other"] = server.create_database("shop_staging")
        _migrate(dsns["other"], fixed=True)
    return dsns


def apply_fix(dsn: str) -> str:
    """Run the fix on that database, whatever its migration table says; the SQL that was run."""
    import psycopg

    migration = fix()
    with psycopg.connect(dsn) as database:
        execute(database, migration)
        mark(database, migration)
    return migration.sql


def _migrate(dsn: str, *, fixed: bool) -> None:
    import psycopg

    with psycopg.connect(dsn) as database:
        migrate(database, before="9999" if fixed else FIX)


def _only_mark(dsn: str) -> None:
    import psycopg

    with psycopg.connect(dsn) as database:
        mark(database, fix())
