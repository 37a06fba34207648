"""A PostgreSQL server of our own for as long as the demo runs."""

from __future__ import annotations

import contextlib
import json
import queue
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from smoke import system
from smoke.demo import watchdog
from smoke.demo.account import Account, cannot_change_account, server_account
from smoke.demo.binaries import (
    DSN_VARIABLE,
    copy_binaries,
    find_binaries,
    has_library,
    usable_by_all,
)
from smoke.demo.folder import Folder, make_folder, remove, sweep, unusable
from smoke.demo.reach import Reach, reach
from smoke.diagnostic import SmokeError

START_DEADLINE = 60.0
COUNTS_STATEMENTS = "pg_stat_statements"
"""Hosted databases have it; each of this server's counts, and tells it once the extension was created there."""
LogFormat = Literal["stderr", "csvlog", "jsonlog"]

_SETTINGS = {
    # the data is thrown away at the end: nothing has to survive a power cut
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "16MB",
    "max_connections": "100",
    "max_wal_size": "64MB",
    "min_wal_size": "32MB",
    # SQLSTATE, constraint and place of every error, and who asked: what a masked 500 is traced back by
    "log_error_verbosity": "verbose",
    "log_line_prefix": "%m [%p] %q%u@%d %a ",
}


_LOG_FILES: dict[LogFormat, str] = {
    "stderr": "stderr.log",
    "csvlog": "postgres.csv",
    "jsonlog": "postgres.json",
}


class EmbeddedServer:
    """A running server: `dsn(database)` connects to it, `close()` stops it and removes every trace.

    It needs no rights: started as root it runs as an account without any. SmokeError says what is missing on a
    machine where it cannot start.
    """

    def __init__(
        self,
        *,
        log_format: LogFormat = "stderr",
        binaries: Path | None = None,
        base: Path | None = None,
    ) -> None:
        found = binaries or find_binaries()
        account = server_account()
        sweep(base, found)
        self.log_format = log_format
        self._naming = threading.Lock()
        self._labels: dict[str, int] = {}
        self._folder = make_folder(account, base)
        self._binaries = found
        self._closed = False
        self._watchdog: subprocess.Popen[bytes] | None = None
        self._said: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._listener = threading.Thread(target=self._listen, name="watchdog", daemon=True)
        try:
            if account is not None and not usable_by_all(found):
                found = _copied(found, self._folder.path)
            self._reach = _reach(self._folder)
            self._watchdog = _start_watchdog(self._folder, _plan(self, found, account, self._reach))
            self._listener.start()
            self._wait_until_running()
        except BaseException:
            self.close()
            raise

    @property
    def folder(self) -> Path:
        return self._folder.path

    @property
    def log_path(self) -> Path:
        """The server's own log."""
        return self._folder.server / _LOG_FILES[self.log_format]

    @property
    def watchdog_pid(self) -> int | None:
        """The process that keeps the server; None after `close()`."""
        return None if self._watchdog is None else self._watchdog.pid

    def dsn(self, database: str = "postgres") -> str:
        """How to connect: a libpq keyword string that psycopg and psql both take."""
        return f"{self._reach.dsn} dbname={database}"

    def create_database(self, label: str) -> str:
        """Make a new database and return the DSN of it: named as the label, or numbered when that is taken."""
        import psycopg
        from psycopg import sql

        with self._naming:
            number = self._labels.get(label, 0) + 1
            self._labels[label] = number
        name = label if number == 1 else f"{label}_{number}"
        with psycopg.connect(self.dsn(), autocommit=True) as database:
            database.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name))
            )
        return self.dsn(name)

    def drop_database(self, dsn: str) -> None:
        """Drop a database that was made here."""
        import psycopg
        from psycopg import conninfo, sql

        name = str(conninfo.conninfo_to_dict(dsn)["dbname"])
        with psycopg.connect(self.dsn(), autocommit=True) as database:
            database.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )

    def _listen(self) -> None:
        """Take what the watchdog says, to its end."""
        assert self._watchdog is not None
        assert self._watchdog.stdout is not None
        with self._watchdog.stdout as out:
            for line in out:
                self._said.put(line.decode(errors="replace").strip())
        self._said.put("")

    def _wait_until_running(self) -> None:
        import psycopg  # while initdb runs

        answer = self._said.get()
        if answer == "not-permitted":
            raise cannot_change_account()
        if not answer.startswith("running "):
            raise self._not_started(answer or "its watchdog did not start")
        deadline = time.monotonic() + START_DEADLINE
        socket = self._reach.socket
        while True:
            if socket is None or socket.exists():
                with contextlib.suppress(psycopg.OperationalError):
                    psycopg.connect(self.dsn(), connect_timeout=5).close()
                    return
            with contextlib.suppress(queue.Empty):
                raise self._not_started(self._said.get(timeout=0.005))
            if time.monotonic() > deadline:
                raise self._not_started(f"no connection within {START_DEADLINE:.0f} s")

    def _not_started(self, reason: str) -> SmokeError:
        last = _tail(self._folder.server / "setup.log") + _tail(self._folder.server / "stderr.log")
        return SmokeError.of(
            "demo-postgres-failed",
            f"the demo's PostgreSQL did not start: {reason}",
            notes=(*last, f"a server that is already there can be named with {DSN_VARIABLE}"),
        )

    def close(self) -> None:
        """Stop the server and remove its folder; a second call does nothing."""
        if self._watchdog is not None:
            assert self._watchdog.stdin is not None
            with contextlib.suppress(BrokenPipeError):
                self._watchdog.stdin.close()
            self._listener.join()
            self._watchdog.wait()
            self._watchdog = None
        if not self._closed:
            self._closed = True
            # nothing is left but on Windows the lock; or the watchdog was killed, or never started
            remove(self._folder.path, self._folder.lock, self._binaries)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def _tail(log: Path) -> list[str]:
    """The last lines of a log, which may not be there yet."""
    try:
        return log.read_text(errors="replace")[-2000:].strip().splitlines()[-6:]
    except FileNotFoundError:
        return []


def _plan(
    server: EmbeddedServer, binaries: Path, account: Account | None, way: Reach
) -> dict[str, object]:
    """What the watchdog is to run. The environment is ours: the user's locale and PG* variables change nothing."""
    home = server.folder / "server"
    settings = {**_SETTINGS, **way.settings, **_preloaded(binaries)}
    if server.log_format != "stderr":
        settings |= {
            "log_destination": server.log_format,
            "logging_collector": "on",
            "log_directory": str(home),
            "log_filename": "postgres.log",  # csvlog and jsonlog put .csv and .json in place of .log
        }
    data = str(home / "data")
    log = str(home / "stderr.log")
    words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    run = [str(binaries / "postgres"), "-D", data, *words]
    control = [str(binaries / "pg_ctl"), "-D", data]
    if not system.UNIX_SOCKETS:
        # started by pg_ctl, which leaves an administrator's rights, as PostgreSQL wants it
        run = [*control, "-w", "-t", f"{START_DEADLINE:.0f}", "-l", log, "start"]
    initdb = [str(binaries / "initdb"), "-D", data, "-U", "postgres", "-E", "UTF8"]
    return {
        "home": str(home),
        "remove": str(server.folder),
        "setup": [*initdb, "--locale=C", *way.setup, "--no-sync", "--no-instructions"],
        "server": run,
        "stop": None if system.UNIX_SOCKETS else [*control, "-t", "5", "stop", "-m"],
        "settings": None if system.UNIX_SOCKETS else _configuration(settings),
        "data": data,
        "environment": {
            **system.child_environment(),
            "LC_ALL": "C",
            "TZ": "UTC",
            "HOME": str(home),
        },
        "account": None if account is None else [account.uid, account.gid],
        "setup_log": str(home / "setup.log"),
        "server_log": log if system.UNIX_SOCKETS else str(home / "setup.log"),
    }


def _preloaded(binaries: Path) -> dict[str, str]:
    there = has_library(binaries, COUNTS_STATEMENTS)
    return {"shared_preload_libraries": COUNTS_STATEMENTS} if there else {}


def _configuration(settings: dict[str, str]) -> str:
    """Lines for postgresql.conf, where a quote is doubled (PostgreSQL's documentation, 19.1)."""
    quoted = {name: value.replace("'", "''") for name, value in settings.items()}
    return "".join(f"{name} = '{value}'\n" for name, value in quoted.items())


def _reach(folder: Folder) -> Reach:
    try:
        return reach(folder.server)
    except OSError as error:
        raise unusable(folder.path.parent, error) from error


def _copied(binaries: Path, folder: Path) -> Path:
    try:
        return copy_binaries(binaries, folder / "pg")
    except OSError as error:  # shutil.Error is one
        raise unusable(folder.parent, error) from error


def _start_watchdog(folder: Folder, plan: dict[str, object]) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(  # noqa: S603  (our own file, run by our own interpreter)
        [sys.executable, "-I", "-S", watchdog.__file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=0,  # so that `select` sees what has not been read
        cwd="/",
        **system.apart(folder.lock),  # the folder stays locked until the watchdog has removed it
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(plan).encode() + b"\n")
    return process
