"""A copy of a database's schema on a server that is thrown away: what a migration does there happens nowhere else."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smoke.demo.binaries import find_binaries
from smoke.demo.postgres import EmbeddedServer
from smoke.diagnostic import SmokeError

if TYPE_CHECKING:
    import psycopg

_LONGEST = 120.0
_ROLE = "smoke_replica"
"""Owns the copy and is no superuser: what runs there reaches neither files nor programs of this machine."""


def dump_schema(conninfo: str) -> str:
    """The schema of a database as SQL, without rows, owners and privileges. Raises SmokeError (`database-error`)."""
    import psycopg

    known = psycopg.conninfo.conninfo_to_dict(conninfo)
    password = known.pop("password", None)
    known.pop("sslpassword", None)  # a secret too, and no variable of libpq carries it
    environment = {
        **os.environ,
        "PGOPTIONS": "-c default_transaction_read_only=on",
        "PGCONNECT_TIMEOUT": "10",
    }
    if password is not None:
        environment["PGPASSWORD"] = str(password)  # never in the arguments, which everybody sees
    plain = psycopg.conninfo.make_conninfo("", **known)
    command = [_program(), "--schema-only", "--no-owner", "--no-privileges", "--no-comments"]
    try:
        done = subprocess.run(  # noqa: S603  (pg_dump of the server that the demo runs)
            [*command, "--no-security-labels", "--no-subscriptions", f"--dbname={plain}"],
            env=environment,
            capture_output=True,
            timeout=_LONGEST,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SmokeError.of("database-error", f"pg_dump could not be run: {error}") from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        told = (said[-1] if said else f"exit {done.returncode}").replace(
            str(password or "\0"), "********"
        )
        raise SmokeError.of("database-error", f"the schema could not be copied: {told}")
    return done.stdout.decode("utf-8", "replace")


def _program() -> str:
    """`pg_dump` beside the server. Raises SmokeError without one."""
    program: Path = find_binaries() / "pg_dump"
    if not program.is_file():
        raise SmokeError.of(
            "demo-no-postgres", f"there is no pg_dump beside {program.parent}/postgres"
        )
    return str(program)


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the server said in place of carrying out a statement."""

    sqlstate: str
    message: str


class Replica:
    """An empty database of its own on a server, whose owner may do nothing else."""

    def __init__(self, server: EmbeddedServer) -> None:
        import psycopg

        self._server = server
        self._dsn = server.create_database("replica")
        with psycopg.connect(self._dsn, autocommit=True) as database:
            database.execute(
                f"DO $$ BEGIN CREATE ROLE {_ROLE} NOSUPERUSER LOGIN;"
                " EXCEPTION WHEN duplicate_object THEN NULL; END $$"
            )
            name = psycopg.sql.Identifier(str(database.info.dbname))
            role = psycopg.sql.Identifier(_ROLE)
            database.execute(psycopg.sql.SQL("ALTER DATABASE {} OWNER TO {}").format(name, role))
            database.execute(psycopg.sql.SQL("ALTER SCHEMA public OWNER TO {}").format(role))
        self._connection = psycopg.connect(
            self._dsn.replace("user=postgres", f"user={_ROLE}"), autocommit=True
        )
        self._connection.execute("SET statement_timeout = '60s'")

    @property
    def connection(self) -> psycopg.Connection[tuple[Any, ...]]:
        """The copy's owner, each statement for itself."""
        return self._connection

    def run(self, sql: str) -> Refusal | None:
        """Carry out one statement; what the server refused it with."""
        import psycopg

        try:
            self._connection.execute(sql.encode())
        except psycopg.Error as error:
            said = error.diag.message_primary or str(error).strip() or "refused"
            return Refusal(error.sqlstate or "", said)
        return None

    def settle(self, search_path: str) -> None:
        """Settings as a session of the copied database has them, after those of the dump."""
        self._connection.execute("RESET ALL")
        self._connection.execute("SET statement_timeout = '60s'")
        self._connection.execute("SELECT set_config('search_path', %s, false)", (search_path,))

    def dump(self) -> str:
        """The schema as it is now."""
        return dump_schema(self._dsn)

    def close(self) -> None:
        """Disconnect, and drop the database."""
        self._connection.close()
        self._server.drop_database(self._dsn)
