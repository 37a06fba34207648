"""The advice fits what the run saw: the cause for which something speaks comes first."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from smoke.advice import advise, advise_in
from smoke.advice.seen import RunEvidence
from smoke.model.dberror import DatabaseError
from smoke.model.finding import Finding, Known
from smoke.model.run import Run
from tests.support import samples
from tests.support.running import run_text
from tests.support.scripted import Answer, scripted

REFUSED = {
    "error": {
        "code": "23505",
        "severity": "ERROR",
        "message": 'duplicate key value violates unique constraint "jobs_uq"',
        "detail": "Key (recipient_id)=(x) already exists.",
        "table": "jobs",
        "constraint": "jobs_uq",
    }
}

TOGETHER = """
name: two-at-once
summary: Two orders at the same instant.
steps:
  - name: Both
    together:
      - name: Left
        request: {url: /left, json: {a: 1}}
        places_order: {}
        expect: {status: 201}
      - name: Right
        request: {url: /right, json: {a: 1}}
        places_order: {}
        expect: {status: 201}
"""

ONE_AFTER_THE_OTHER = """
name: two
summary: Two orders, one after the other.
steps:
  - name: First
    request: {url: /left, json: {a: 1}}
    places_order: {}
    expect: {status: 201}
  - name: Second
    request: {url: /right, json: {a: 1}}
    places_order: {}
    expect: {status: 201}
"""

AGAIN = """
name: again
summary: An order that is sent again.
steps:
  - name: Order
    request: {url: /left, json: {a: 1}, idempotency_key: k-1}
    places_order: {}
    retry: {attempts: 2, on: [503], wait: 0.01}
    expect: {status: 201}
"""


def answering(
    *answers: tuple[int, object], before: threading.Barrier | None = None
) -> Callable[[bytes], Answer]:
    """One answer after the other; each when the others are there, too."""
    left = iter(answers)

    def answer(_: bytes) -> Answer:
        if before is not None:
            before.wait()
            time.sleep(
                0.02
            )  # longer than what times are rounded to: else the two may only have met
        status, body = next(left)
        return status, {"Content-Type": "application/json"}, json.dumps(body).encode()

    return answer


def explanation(run: Run) -> str:
    (found,) = [f for f in run.findings if f.database_error is not None]
    return advise_in(run, found).explanation


def test_orders_that_overlapped_make_a_race_the_first_guess(tmp_path: Path) -> None:
    both = threading.Barrier(2, timeout=20)
    with scripted() as shop:
        shop.routes["POST /left"] = answering((201, {"ok": True}), before=both)
        shop.routes["POST /right"] = answering((500, REFUSED), before=both)
        told = explanation(run_text(tmp_path, shop.url, TOGETHER))
    assert "Likely, from what was seen: 'Left' was under way at the same time: a race" in told


def test_orders_one_after_the_other_are_no_race_of_the_run(tmp_path: Path) -> None:
    with scripted() as shop:
        shop.on("POST /left", 201, {"ok": True})
        shop.on("POST /right", 500, REFUSED)
        told = explanation(run_text(tmp_path, shop.url, ONE_AFTER_THE_OTHER))
    assert "Likely, from what was seen: 'First' had passed before" in told
    assert "under way at the same time" not in told


def test_an_order_that_was_sent_again_is_a_replay_first(tmp_path: Path) -> None:
    with scripted() as shop:
        shop.routes["POST /left"] = answering((503, {"error": "busy"}), (500, REFUSED))
        told = explanation(run_text(tmp_path, shop.url, AGAIN))
    assert "Likely, from what was seen: this order was sent more than once" in told


def unique(known: Known = Known(), **fields: object) -> Finding:
    error = DatabaseError(sqlstate="23505", table_name="jobs", **fields)  # type: ignore[arg-type]  # any field by name
    return Finding("unique-violation", "x", database_error=error, known=known)


def test_a_fix_is_the_first_guess_only_where_the_scenario_names_one() -> None:
    given = unique(constraint_name="jobs_uq", columns=("a", "b"))
    bare = advise(given).explanation
    assert "Possible causes: (1) the shop used one key for two orders" in bare
    named = advise(given, seen=RunEvidence(fix="fixes/7.sql", before="Order 1")).explanation
    assert "Likely, from what was seen: (1) the scenario names fixes/7.sql as the fix" in named


@pytest.mark.parametrize(
    ("state", "wanted", "unwanted"),
    [
        ("not applied", "named, fixes/7.sql, is not applied in the shop's database", "did it run"),
        ("applied", "ON CONFLICT", "fixes/7.sql"),
    ],
)
def test_what_the_database_says_of_the_fix_settles_it(
    state: str, wanted: str, unwanted: str
) -> None:
    given = unique(Known("public", "jobs", fix=state), constraint_name="jobs_uq", columns=("a",))
    told = advise(given, seen=RunEvidence(fix="fixes/7.sql")).explanation
    assert wanted.replace("named", "the fix that the scenario names") in told
    assert unwanted not in told


def test_a_key_that_the_database_makes_is_a_sequence_behind() -> None:
    given = unique(
        Known("public", "jobs", generated=("id",)), constraint_name="jobs_pkey", columns=("id",)
    )
    advice = advise(given)
    assert "Likely, from what was seen: the database hands out id by itself" in advice.explanation
    assert advice.remedies[0].sql.startswith("SELECT setval(")
    assert any("last_value" in s.sql for s in advice.verify)
    text = unique(
        constraint_name="jobs_pkey",
        columns=("id",),
        message_detail="Key (id)=(a-b) already exists.",
    )
    assert "sequence" not in advise(text).explanation


@pytest.mark.parametrize("code", ["23503", "23514", "23001", "23P01"])
def test_to_drop_the_rule_is_the_last_remedy(code: str) -> None:
    error = DatabaseError(sqlstate=code, table_name="jobs", constraint_name="jobs_rule")
    *others, last = advise(Finding("x", "x", database_error=error)).remedies
    assert "last resort" in last.purpose
    assert all("DROP CONSTRAINT IF EXISTS" not in s.sql for s in others)


@pytest.mark.parametrize(
    ("message", "wanted", "asked"),
    [
        (
            'too many connections for role "shop"',
            "The role shop has used up its own limit",
            "rolconnlimit",
        ),
        (
            'too many connections for database "shop"',
            "The database shop has used up",
            "datconnlimit",
        ),
        (
            "remaining connection slots are reserved for roles with the SUPERUSER attribute",
            "reserved for administrators",
            "max_connections",
        ),
        ("sorry, too many clients already", "The server has no connection left", "max_connections"),
        (
            "MaxClientsInSessionMode: max clients reached - in Session mode max clients are limited to pool_size",
            "The pooler in front of the database",
            "pg_stat_activity",
        ),
        ("Max client connections reached", "The pooler in front", "pg_stat_activity"),
        (
            "no more connections allowed (max_client_conn)",
            "The pooler in front",
            "pg_stat_activity",
        ),
        (
            "(EMAXCONNSESSION) max clients reached in session mode - max clients are limited to pool_size: 15",
            "The pooler in front",
            "pg_stat_activity",
        ),
        ("zu viele Verbindungen von Rolle »shop«", "does not tell which", "rolconnlimit"),
    ],
)
@pytest.mark.parametrize("code", ["53300", None])
def test_whose_limit_of_connections_it_was(
    tmp_path: Path, message: str, wanted: str, asked: str, code: str | None
) -> None:
    body = {"error": {"message": message, "code": code, "severity": "FATAL"}}
    text = "name: one\nsummary: One.\nsteps: [{name: Order, request: GET /}]\n"
    with scripted() as shop:
        shop.on("GET /", 500, body)
        run = run_text(tmp_path, shop.url, text)
    (found,) = run.findings
    assert found.database_error is not None, json.dumps(body)
    advice = advise_in(run, found)
    assert wanted in advice.explanation
    assert any(asked in s.sql for s in advice.verify)
    assert ("The server has no connection left" in advice.explanation) is (
        "too many clients" in message
    )


def test_the_incident_names_its_fix_first() -> None:
    run = samples.failing().run
    told = advise_in(run, run.findings[0]).explanation
    assert "Likely, from what was seen: (1) the scenario names fixes/0007" in told
    assert "(2) 'Order 1' had passed before" in told
