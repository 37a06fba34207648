"""The types of the library as a caller sees them: checked by mypy with the other tests, and by pyright in a test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import assert_type

import smoke

SEEN: list[smoke.Event] = []


def runs(listener_of: list[smoke.Event]) -> None:
    """What `run` takes and gives."""
    run = smoke.run(
        "first-order",
        "guest",
        url="https://shop.example",
        timeout=10,
        max_time=None,
        workers=4,
        variables={"sku": "tea-sencha"},
        headers={"X-Test": "1"},
        allow_hosts=["https://pay.example"],
        out=Path("evidence"),
        logs=("app.log",),
        listener=listener_of.append,
    )
    assert_type(run, smoke.Run)
    assert_type(run.outcome, smoke.Outcome)
    assert_type(run.findings, tuple[smoke.Finding, ...])
    assert_type(run.findings[0].database_error, smoke.DatabaseError | None)
    assert_type(smoke.exit_status(run), smoke.ExitStatus)
    assert_type(
        smoke.run(options=smoke.RunOptions(selectors=("guest",)), url="http://x"), smoke.Run
    )
    assert_type(smoke.plan("guest", url="http://x"), Iterator[smoke.Planned])
    assert_type(smoke.write_report(run, "junit", "smoke.xml"), Path)


def stored() -> None:
    """What a stored run gives."""
    folder = smoke.open_run("latest", out="evidence")
    assert_type(folder, smoke.RunFolder)
    assert_type(folder.run(), smoke.Run)
    assert_type(folder.events(), Iterator[smoke.Event])
    judged = smoke.judge(Path("evidence/x"), logs=["app.log"])
    assert_type(judged, smoke.Judged)
    assert_type(judged.run, smoke.Run)


def values() -> None:
    """What needs no run."""
    findings = smoke.classify_response(500, [("content-type", "text/plain")], b"")
    assert_type(findings, list[smoke.Finding])
    assert_type(smoke.redacted(b"token=x"), bytes)
    assert_type(smoke.load_scenario("a.yaml").scenario.name, str)
    for event in SEEN:
        if isinstance(event, smoke.events.StepFinished):
            assert_type(event, smoke.events.StepFinished)


def databases() -> None:
    """What the questions to a database give."""
    assert_type(smoke.db_which(dsn_env="SHOP_DSN").fingerprint, str)
    assert_type(smoke.db_constraint("orders_pkey", "orders").answer.exists, bool)
    assert_type(smoke.db_table("orders", target="prod").answer.name, str)
    assert_type(smoke.db_applied("migrations", here_only=True).applied_in, tuple[str, ...])
    assert_type(smoke.db_migrations("web", tool="prisma").exit_status, int)
    assert_type(smoke.db_try("fix.sql", scenario="repeat-customer").exit_status, int)
    assert_type(smoke.db_same(url="https://shop.example").run, smoke.Run)


def refused() -> None:
    """What a type checker refuses: were it taken, the ignore would be an error."""
    smoke.run("guest", timout=3)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    smoke.run("guest", workers="4")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
