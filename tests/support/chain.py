"""One cell of the matrix: a shop of some face, state and fault, one run of its scenario, and what was said of it.

The truth is what the demo put into the shop, and it is held against the server's own log before a cell counts.
"""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from smoke.app.options import RunOptions
from smoke.app.running import run
from smoke.demo.look import Look
from smoke.demo.postgres import EmbeddedServer
from smoke.demo.serve import Demo, demo
from smoke.model.finding import POSSIBLE_CAUSE
from smoke.model.run import Run
from tests.support.cli import command, environment
from tests.support.faces import FAULT_TRUTH, INCIDENT, SCENARIOS, Truth

SOURCES = ("response", "postgres log", "application log", "database", "both")
"""What a run is given: nothing, a log, the DSN, or the PostgreSQL log and the DSN."""
EVERY = 0.25
"""Seconds between two errors of somebody else."""


@dataclass(frozen=True)
class Setting:
    """A shop: without a fault it has the incident. `trace`: how its database learns which request it is."""

    face: str
    masked: bool
    fault: str = ""
    trace: str = "name"
    log_style: str = "pino"
    mask: str | None = None
    counted: bool = False
    """Whether the shop's database has pg_stat_statements."""

    @property
    def truth(self) -> Truth:
        return FAULT_TRUTH[self.fault] if self.fault else INCIDENT

    def __str__(self) -> str:
        hides = "masked" if self.masked else "shown"
        return f"{self.face} {hides} {self.fault or 'incident'}"


@dataclass(frozen=True)
class Said:
    """What a run claims: the error of its finding, and those that it calls possible only."""

    claims: tuple[Truth, ...]
    possible: tuple[Truth, ...]
    stopped: str = ""
    """Where the database says that the order stopped."""
    foreign: bool = False
    """Whether a claim has another customer's key."""

    def verdict(self, truth: Truth) -> str:
        """`right`; `part` (the SQLSTATE, no constraint); `possible`; `nothing`; `WRONG`, as a possible cause `misled`."""
        if self.foreign or any(not _agrees(claim, truth) for claim in self.claims):
            return "WRONG"
        if truth in self.claims:
            return "right"
        if self.claims:
            return "part"
        if self.possible:
            return "possible" if truth in self.possible else "misled"
        return "stopped" if self.stopped else "nothing"


def _agrees(claim: Truth, truth: Truth) -> bool:
    return claim.sqlstate == truth.sqlstate and claim.constraint in ("", truth.constraint)


@contextmanager
def standing(server: EmbeddedServer, setting: Setting, folder: Path) -> Iterator[tuple[Demo, Path]]:
    """The shop of a setting, and its application log."""
    log = folder / "app.log"
    look = Look(
        setting.face,
        app_log=log,
        app_log_style=setting.log_style,
        db_trace=setting.trace,
        fault=setting.fault or None,
        mask=setting.mask,
    )
    state = "masked" if setting.masked else "broken"
    with demo(state, look=look, server=server) as shop:
        if setting.counted:
            with psycopg.connect(shop.dsn, autocommit=True) as database:
                database.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        yield shop, log


def ask(shop: Demo, log: Path, setting: Setting, source: str, folder: Path) -> Said:
    """What a run says that was given this source."""
    assert shop.log_path is not None
    email = f"smoke.{time.time_ns():x}@example.com"
    logs = _logs(shop, log, source)
    options = RunOptions(
        selectors=(SCENARIOS[setting.face],),
        url=shop.url,
        variables={"email": email},
        logs=logs,
        out=folder / "runs",
    )
    environ = {"SMOKE_DSN": shop.dsn} if source in ("database", "both") else {}
    before = shop.log_path.stat().st_size
    finished = run(options=options, environ=environ)
    _holds(shop, setting.truth, before)
    return _said(finished, recipient(shop, email))


def together(
    shop: Demo, log: Path, setting: Setting, source: str, folder: Path, emails: list[str]
) -> list[dict[str, Any]]:
    """The JSON reports of the installed smoke, run for each of these customers at the same time."""
    words = [word for path in _logs(shop, log, source) for word in ("--log", path)]
    started = []
    for number, email in enumerate(emails):
        report = folder / f"{number}.json"
        line = command(
            *("run", SCENARIOS[setting.face], "--url", shop.url, "--var", f"email={email}"),
            *("--report", f"json={report}", *words),
        )
        process = subprocess.Popen(
            line, cwd=folder, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        started.append((process, report))
    for process, _ in started:
        said, _ = process.communicate(timeout=120)
        assert process.returncode == 1, said.decode()
    return [json.loads(report.read_text(encoding="utf-8")) for _, report in started]


def _logs(shop: Demo, log: Path, source: str) -> tuple[str, ...]:
    return {
        "postgres log": (str(shop.log_path),),
        "both": (str(shop.log_path),),
        "application log": (str(log),),
    }.get(source, ())


def _holds(shop: Demo, truth: Truth, before: int) -> None:
    """AssertionError unless the server's log has the error that the setting stands for, in the shop's database."""
    assert shop.log_path is not None
    written = shop.log_path.read_bytes()[before:].decode()
    here = [line for line in written.splitlines() if f"@{shop.database} " in line]
    assert any(f" {truth.sqlstate}: " in line and truth.constraint in line for line in here), here


def recipient(shop: Demo, email: str) -> str:
    """The id of a customer's recipient, which the incident's error has in its key."""
    with psycopg.connect(shop.dsn) as database:
        row = database.execute(
            "SELECT id::text FROM recipients WHERE email = %s", (email,)
        ).fetchone()
    assert row is not None
    return str(row[0])


def _said(finished: Run, recipient: str) -> Said:
    claims, possible, foreign = [], [], False
    for finding in finished.findings:
        possible += [
            Truth(each.error.sqlstate or "", each.error.constraint_name or "")
            for each in finding.possible
        ]
        error = finding.database_error
        if error is None or finding.code == POSSIBLE_CAUSE:
            continue
        claims.append(Truth(error.sqlstate or "", error.constraint_name or ""))
        told = f"{error.message_detail} {error.message_primary}"
        foreign = foreign or ("(recipient_id, step_id)=(" in told and recipient not in told)
    stopped = next(
        (line for each in finished.findings for line in each.database if " came through " in line),
        "",
    )
    return Said(tuple(claims), tuple(possible), stopped, foreign)


@contextmanager
def noise(server: EmbeddedServer, shop: Demo, log: Path) -> Iterator[None]:
    """Somebody else's errors, four a second: in another database, of another customer of this shop, in its log."""
    done = threading.Event()
    other = server.create_database("noise")
    thread = threading.Thread(target=_noise, args=(done, other, shop.dsn, log), daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
        server.drop_database(other)


def _noise(done: threading.Event, other: str, dsn: str, log: Path) -> None:
    with (
        psycopg.connect(other, autocommit=True) as elsewhere,
        psycopg.connect(dsn, autocommit=True, application_name="demo-shop req_other") as here,
        log.open("a", encoding="utf-8") as file,
    ):
        elsewhere.execute("CREATE TABLE other_things (id int CONSTRAINT other_things_uq UNIQUE)")
        elsewhere.execute("INSERT INTO other_things VALUES (1)")
        while not done.wait(EVERY):
            for database, statement in (
                (elsewhere, "INSERT INTO other_things VALUES (1)"),
                (here, "INSERT INTO products VALUES ('gift-card', 'Gift card', 1, 1)"),
            ):
                try:
                    database.execute(statement.encode())
                except psycopg.Error as error:
                    file.write(_line(error))
                    file.flush()


def _line(error: psycopg.Error) -> str:
    """Another request's entry in the application's log."""
    document = {
        "level": 50,
        "time": int(time.time() * 1000),
        "hostname": "demo-shop",
        "req": {"id": "req_other", "method": "POST", "url": "/admin/import"},
        "err": {
            "type": "DatabaseError",
            "message": error.diag.message_primary,
            "code": error.diag.sqlstate,
            "constraint": error.diag.constraint_name,
        },
        "msg": "request errored",
    }
    return json.dumps(document) + "\n"
