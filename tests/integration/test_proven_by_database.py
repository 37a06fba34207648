"""Connections that were refused: what a log says by time alone is the cause where the database shows that it is so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from smoke.app.options import RunOptions
from smoke.demo.postgres import EmbeddedServer
from smoke.model.finding import Finding
from smoke.model.run import Outcome
from tests.support.asked import APP, CONNECTS, SNAKE, by, shop_of
from tests.support.running import run_text
from tests.support.scripted import Answer, scripted

ORDER = """
name: order
summary: An order.
steps:
  - name: Order
    request: {method: POST, url: /orders, json: {a: 1}}
    expect: {status: 201}
"""
REFUSED = f'too many connections for role "{APP}"'


@pytest.fixture
def garden(demo_server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr("smoke.app.examine.LATE", 0.1)
    with shop_of(demo_server, SNAKE) as dsn:
        yield dsn


@contextmanager
def full(dsn: str, *, held: bool = True) -> Iterator[None]:
    """The shop's role may have one connection, and somebody has it."""
    with psycopg.connect(dsn, autocommit=True) as owner:
        owner.execute(f"ALTER ROLE {APP} CONNECTION LIMIT 1".encode())
        try:
            if held:
                with psycopg.connect(by(APP, dsn)):
                    yield
            else:
                yield
        finally:
            owner.execute(f"ALTER ROLE {APP} CONNECTION LIMIT -1".encode())


def refusing(dsn: str, log: Path, *lines: tuple[float, str]) -> Finding:
    """The finding of an order that was refused while these lines came into the log, each so many seconds ago."""
    (finding,) = refusing_all(dsn, log, *lines)
    return finding


def refusing_all(
    dsn: str, log: Path, *lines: tuple[float, str], text: str = ORDER
) -> tuple[Finding, ...]:
    """The same of every attempt."""

    def answer(_: bytes) -> Answer:
        with log.open("a", encoding="utf-8") as file:
            for ago, told in lines:
                at = datetime.now(UTC) - timedelta(seconds=ago)
                file.write(f"{at:%Y-%m-%d %H:%M:%S.%f} UTC [7] {told}\n")
        return 500, {"Content-Type": "application/json"}, b'{"error": "Internal Server Error"}'

    with scripted() as shop:
        shop.routes["POST /orders"] = answer
        options = RunOptions(logs=(str(log),)) if lines else None
        run = run_text(log.parent, shop.url, text, environ={"SMOKE_DSN": dsn}, options=options)
    return run.findings


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "postgres.log"
    path.touch()
    return path


@pytest.mark.parametrize(
    ("asks", "how"),
    [
        (CONNECTS, f"the role {APP} may have 1 connection and has 1 now (asked through SMOKE_DSN)"),
        (
            APP,
            "smoke's own connection was refused with the same words right afterwards (SMOKE_DSN)",
        ),
    ],
)
def test_a_refusal_in_the_log_is_the_cause_where_the_limit_is_reached(
    garden: str, log: Path, asks: str, how: str
) -> None:
    dsn = by(asks, garden)
    with full(garden):
        finding = refusing(dsn, log, (0, f"FATAL:  53300: {REFUSED}"))
    error = finding.database_error
    assert error is not None
    assert (error.sqlstate, finding.code, finding.found_in) == (
        "53300",
        "too-many-connections",
        "log",
    )
    assert how in finding.reason
    assert finding.possible == ()


def test_an_attempt_before_that_was_refused_too_is_no_other_refusal(garden: str, log: Path) -> None:
    again = "retry: {attempts: 2, on: 500, wait: 10ms, idempotent: true}"
    text = ORDER.replace("    expect:", f"    {again}\n    expect:")
    refused = (0.0, f"FATAL:  53300: {REFUSED}")
    with full(garden):
        findings = refusing_all(by(CONNECTS, garden), log, refused, text=text)
    assert [finding.code for finding in findings] == ["too-many-connections"] * 2


@pytest.mark.parametrize(
    ("held", "lines"),
    [
        (False, [(0, f"FATAL:  53300: {REFUSED}")]),
        # somebody else is refused all the time
        (True, [(1, f"FATAL:  53300: {REFUSED}"), (0, f"FATAL:  53300: {REFUSED}")]),
        # another limit than the one that is reached
        (True, [(0, 'FATAL:  53300: too many connections for role "somebody"')]),
        (True, [(0, "FATAL:  53300: sorry, too many clients already")]),
        # something else happened then as well
        (True, [(0, f"FATAL:  53300: {REFUSED}"), (0, 'ERROR:  23514: violates check constraint "x"')]),
    ],
)  # fmt: skip
def test_it_is_possible_only_where_the_database_does_not_show_it(
    garden: str, log: Path, held: bool, lines: list[tuple[float, str]]
) -> None:
    dsn = by(CONNECTS, garden)
    with full(garden, held=held):
        finding = refusing(dsn, log, *lines)
    assert finding.database_error is None
    assert "53300" in [possible.error.sqlstate for possible in finding.possible]


@pytest.mark.parametrize("asks", [CONNECTS, APP])
def test_without_a_log_it_is_possible_and_said_how(garden: str, log: Path, asks: str) -> None:
    dsn = by(asks, garden)
    with full(garden):
        finding = refusing(dsn, log)
    assert (finding.code, finding.database_error) == ("error-hidden", None)
    (possible,) = finding.possible
    assert possible.error.sqlstate == "53300"
    assert "whether the shop met it is not told" in possible.reason


UPDATE = "UPDATE garden.orders SET status = 'paid' WHERE id = 'ord-1'"


@pytest.mark.parametrize(
    ("told", "says"),
    [
        (
            True,
            "the statement of this very request, whose id stands in it or in its session, waits",
        ),
        (
            False,
            "perhaps, since no answer came: a statement that began while this request was under",
        ),
    ],
)
def test_who_holds_the_lock_that_a_request_without_an_answer_waits_for(
    garden: str, tmp_path: Path, told: bool, says: str
) -> None:
    def blocked(_: bytes) -> Answer:
        ids = {name.lower(): value for name, value in shop.seen[-1][2].items()}
        name = f"shop {ids['x-request-id']}" if told else "shop"
        with psycopg.connect(garden, application_name=name) as connection:
            connection.execute(UPDATE.encode())
        return 0, {}, b""  # nobody listens any more

    text = ORDER.replace("/orders,", "/orders, timeout: 600ms,")
    with psycopg.connect(garden, application_name="stock-sync") as holder, scripted() as shop:
        holder.execute(UPDATE.encode())
        pid = holder.info.backend_pid
        shop.routes["POST /orders"] = blocked
        run = run_text(tmp_path, shop.url, text, environ={"SMOKE_DSN": garden})
        holder.rollback()
    (finding,) = run.findings
    assert (finding.code, finding.severity, run.outcome) == (
        "possible-cause",
        "note",
        Outcome.ERRORED,
    )
    assert finding.database[0].startswith(says)
    assert "UPDATE garden.orders SET status = ? WHERE id = ?" in finding.database[0]
    held = next(line for line in finding.database if f"pid {pid} " in line)
    assert "stock-sync" in held
    assert "RowExclusiveLock on garden.orders" in held
    assert "waits for it" in held


def test_a_failure_of_which_the_database_shows_nothing_gets_no_finding(
    garden: str, tmp_path: Path
) -> None:
    with scripted() as shop:
        shop.on("POST /orders", 200, {"message": "sorry"})
        run = run_text(tmp_path, shop.url, ORDER, environ={"SMOKE_DSN": garden})
        assert run.findings == ()
        (tmp_path / "second").mkdir()
        with full(garden):
            run = run_text(
                tmp_path / "second", shop.url, ORDER, environ={"SMOKE_DSN": by(CONNECTS, garden)}
            )
    (finding,) = run.findings
    assert (finding.code, finding.severity) == ("possible-cause", "note")
    assert [possible.error.sqlstate for possible in finding.possible] == ["53300"]
