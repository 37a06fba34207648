"""A PostgreSQL that is already there: databases of our own on it, gone when the demo ends."""

from __future__ import annotations

import secrets
from pathlib import Path

from smoke.demo.binaries import DSN_VARIABLE
from smoke.diagnostic import SmokeError


class ExternalServer:
    """The server of a DSN. Nothing that is already on it is read or changed."""

    log_path: Path | None = None
    """We do not know where its log is."""

    def __init__(self, dsn: str) -> None:
        import psycopg

        self._dsn = dsn
        self._prefix = f"smoke_demo_{secrets.token_hex(4)}"
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
        from psycopg import conninfo, sql

        name = str(conninfo.conninfo_to_dict(dsn).get("dbname", ""))
        if name not in self._databases:
            return
        with psycopg.connect(self._dsn, autocommit=True) as database:
            database.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )
        self._databases.remove(name)

    def close(self) -> None:
        """Drop what was created."""
        from psycopg import conninfo

        for name in self._databases.copy():
            self.drop_database(conninfo.make_conninfo(self._dsn, dbname=name))
