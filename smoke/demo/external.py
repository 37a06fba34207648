"""A PostgreSQL that is already there: databases of our own on it, gone when the demo ends."""

from __future__ import annotations

import contextlib
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smoke.demo.binaries import DSN_VARIABLE
from smoke.diagnostic import SmokeError

if TYPE_CHECKING:
    import psycopg

PREFIX = "smoke_demo_"
KEPT = timedelta(days=1)
"""How old a database of a dead demo must be before another demo drops it."""


class ExternalServer:
    """The server of a DSN. Nothing that is already on it is read or changed."""

    log_path: Path | None = None
    """We do not know where its log is."""

    def __init__(self, dsn: str, now: datetime | None = None) -> None:
        import psycopg

        now = now or datetime.now(UTC)

        self._dsn = dsn
        self._prefix = f"{PREFIX}{now:%Y%m%d%H%M}_{secrets.token_hex(4)}"
        self._databases: list[str] = []
        self._count = 0
        try:
            with psycopg.connect(dsn, connect_timeout=10) as database:
                version = database.info.server_version
        except psycopg.Error as error:
            # libpq's messages name host, port and user, never the password
            raise SmokeError.of(
                "demo-dsn",
                f"cannot connect to the server that {DSN_VARIABLE} names: {str(error).strip()}",
            ) from error
        if version < 130000:
            raise SmokeError.of(
                "demo-dsn",
                f"the server that {DSN_VARIABLE} names is PostgreSQL {version // 10000}; the demo needs 13 or later",
            )
        self._sweep(now)

    def _sweep(self, now: datetime) -> None:
        """Drop what demos left that were killed: our account's, a day old, and with nobody connected.

        A demo that lives keeps a connection open, and a database with one is not dropped without force.
        """
        import psycopg

        oldest = f"{PREFIX}{now - KEPT:%Y%m%d%H%M}"
        with psycopg.connect(self._dsn, autocommit=True) as database:
            rows = database.execute(
                "SELECT datname FROM pg_database JOIN pg_roles ON pg_roles.oid = datdba"
                " WHERE rolname = current_user AND datname ~ %s AND datname < %s"
                # DROP would wait five seconds for each that is in use
                " AND pg_database.oid NOT IN (SELECT datid FROM pg_stat_activity WHERE datid IS NOT NULL)",
                (f"^{PREFIX}[0-9]{{12}}_[0-9a-f]{{8}}_", oldest),
            ).fetchall()
            for (name,) in rows:
                with contextlib.suppress(psycopg.errors.ObjectInUse):
                    _drop(database, str(name), force=False)

    def create_database(self, label: str) -> str:
        """Make a new database and return the DSN of it; SmokeError if the account may not."""
        import psycopg
        from psycopg import conninfo, sql

        self._count += 1
        name = f"{self._prefix}_{label}" + (f"_{self._count}" if self._count > 1 else "")
        try:
            with psycopg.connect(self._dsn, autocommit=True) as database:
                # template0, so that nothing that somebody put into template1 gets in the way
                database.execute(
                    sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(
                        sql.Identifier(name)
                    )
                )
        except psycopg.Error as error:
            raise SmokeError.of(
                "demo-dsn",
                f"cannot create a database on the server that {DSN_VARIABLE} names: {str(error).strip()}",
                notes=("the account needs the right CREATEDB",),
            ) from error
        self._databases.append(name)
        return conninfo.make_conninfo(self._dsn, dbname=name)

    def drop_database(self, dsn: str) -> None:
        """Drop a database that was made here; one that was not is left alone."""
        import psycopg
        from psycopg import conninfo

        name = str(conninfo.conninfo_to_dict(dsn).get("dbname", ""))
        if name not in self._databases:
            return
        with psycopg.connect(self._dsn, autocommit=True) as database:
            _drop(database, name, force=True)
        self._databases.remove(name)

    def close(self) -> None:
        """Drop what was created."""
        from psycopg import conninfo

        for name in self._databases.copy():
            self.drop_database(conninfo.make_conninfo(self._dsn, dbname=name))


def _drop(database: psycopg.Connection[Any], name: str, *, force: bool) -> None:
    from psycopg import sql

    statement = "DROP DATABASE IF EXISTS {} WITH (FORCE)" if force else "DROP DATABASE IF EXISTS {}"
    database.execute(sql.SQL(statement).format(sql.Identifier(name)))
