"""The log that a real PostgreSQL writes, under settings that people have, read back: every error, its parts, its time."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from smoke.app.server_log import ServerLog
from smoke.demo import postgres
from smoke.demo.postgres import EmbeddedServer, LogFormat
from smoke.logs.entry import LogEntry
from smoke.logs.error import database_error
from smoke.logs.wanted import Wanted

PREFIXES = [
    "%m [%p] ",
    "",
    "%t:%r:%u@%d:[%p]:",
    "%m [%p] %q%u@%d/%a ",
    "%t-%c-",
    "%s %t %p ",
    "%m|%u|%d|%r|%p|%l|%e|%s|%v|%x|%c|%i|%b|%P|%a|%Q|%L|",
    "%n %e [%p]: [%l-1] db=%d,user=%u,app=%a,client=%h ",
    'sql_error_code = %e time_ms = "%m" pid="%p" proc_start_time="%s" session_id="%c" vtid="%v" tid="%x" log_line="%l" %qdatabase="%d" connection_source="%r" user="%u" application_name="%a" ',
]
ZONES = ["UTC", "Europe/Berlin", "America/Sao_Paulo", "Asia/Kolkata", "America/Chicago", "Australia/Adelaide"]  # fmt: skip
SCHEMA = """
CREATE TABLE parents (id int PRIMARY KEY);
CREATE TABLE "Order items" (
    id int CONSTRAINT "Order: items_pk" PRIMARY KEY, parent int CONSTRAINT items_parent_fk REFERENCES parents,
    amount int NOT NULL CONSTRAINT amount_ck CHECK (amount > 0), note text);
INSERT INTO "Order items" VALUES (1, NULL, 1, '');
"""
ERRORS = {
    "23505": "INSERT INTO \"Order items\"\n\tVALUES (1, NULL, 1, 'ERROR:  a b')",
    "23503": "INSERT INTO \"Order items\" VALUES (2, 7, 1, E'2026-11-20 12:00:00 UTC [1] ERROR:  23514: no error\n')",
    "23514": 'INSERT INTO "Order items" VALUES (3, NULL, 0)',
    "23502": 'INSERT INTO "Order items" VALUES (4, NULL, NULL)',
    "42P01": "SELECT *\nFROM nothing_there",
    "P0001": "DO $$ BEGIN RAISE 'no: %', 'such\nluck' USING HINT = 'a hint'; END $$",
    "22P02": "SELECT 'x'::int",
}
NAMED = {
    "23505": "Order: items_pk",
    "23503": "items_parent_fk",
    "23514": "amount_ck",
}


Servers = Callable[[LogFormat], EmbeddedServer]


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    """Servers whose settings of logging can be changed while they run: none of them is on the command line."""
    running: dict[LogFormat, EmbeddedServer] = {}
    kept = {name: value for name, value in postgres._SETTINGS.items() if "log" not in name}
    with contextlib.ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        patch.setattr(postgres, "_SETTINGS", kept)

        def start(log_format: LogFormat) -> EmbeddedServer:
            if log_format not in running:
                server = stack.enter_context(EmbeddedServer(log_format=log_format))
                running[log_format] = server
                with psycopg.connect(server.dsn(), autocommit=True) as connection:
                    connection.execute(SCHEMA)
            return running[log_format]

        yield start


def written(server: EmbeddedServer, folder: Path, **settings: str) -> tuple[Path, Wanted]:
    """The log of one session that met every error."""
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        for name, value in settings.items():
            connection.execute(
                sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.Identifier(name), sql.Literal(value))
            )
        connection.execute("SELECT pg_reload_conf()")
    time.sleep(0.3)
    size = server.log_path.stat().st_size
    started = datetime.now(UTC)
    with psycopg.connect(server.dsn() + " application_name=shop", autocommit=True) as connection:
        for statement in ERRORS.values():
            with pytest.raises(psycopg.Error):
                connection.execute(statement.encode())
    time.sleep(0.2)
    copy = folder / "copy.log"
    copy.write_bytes(server.log_path.read_bytes()[size:])
    return copy, Wanted(started, datetime.now(UTC), keys=("nothing_there",))


def failed(path: Path, wanted: Wanted) -> list[LogEntry]:
    entries = ServerLog(str(path), whole=True).entries(wanted)
    return sorted((e for e in entries if e.failed), key=lambda entry: entry.line)


def check(entries: list[LogEntry], *, terse: bool = False) -> None:
    assert len(entries) == len(ERRORS)
    for entry, (state, statement) in zip(entries, ERRORS.items(), strict=True):
        error = database_error(entry)
        if state not in ("P0001", "22P02") or entry.sqlstate:
            assert error.sqlstate == state
        assert error.constraint_name == NAMED.get(state)
        assert entry.statement == statement.replace("\n\t", "\n\t")
        if not terse:
            assert bool(entry.detail) is state.startswith("23")
            assert entry.hint == ("a hint" if state == "P0001" else "")
    assert entries[5].message == "no: such\nluck"


@pytest.mark.parametrize("verbosity", ["default", "verbose", "terse"])
@pytest.mark.parametrize("prefix", PREFIXES)
def test_every_error_is_read_under_any_prefix(
    servers: Servers, tmp_path: Path, prefix: str, verbosity: str
) -> None:
    path, wanted = written(
        servers("stderr"),
        tmp_path,
        log_line_prefix=prefix,
        log_error_verbosity=verbosity,
        log_timezone="UTC",
    )
    entries = failed(path, wanted)
    check(entries, terse=verbosity == "terse")
    if "%e" in prefix or verbosity == "verbose":
        assert [entry.sqlstate for entry in entries] == list(ERRORS)
    if prefix:
        near = timedelta(seconds=2)
        assert all(e.at and wanted.started - near <= e.at <= wanted.finished + near for e in entries)  # fmt: skip
    if "%a" in prefix:
        assert {entry.application for entry in entries} <= {"shop", ""}
    if "@%d" in prefix or "db=%d" in prefix:
        assert {entry.database for entry in entries} == {"postgres"}


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("destination", ["stderr", "csvlog", "jsonlog"])
def test_its_time_is_read_in_any_zone(
    servers: Servers, tmp_path: Path, zone: str, destination: LogFormat
) -> None:
    path, wanted = written(
        servers(destination),
        tmp_path,
        log_line_prefix="%m [%p] ",
        log_error_verbosity="default",
        log_timezone=zone,
    )
    entries = failed(path, wanted)
    check(entries)
    near = timedelta(seconds=1)
    assert all(e.at and wanted.started - near <= e.at <= wanted.finished + near for e in entries)
