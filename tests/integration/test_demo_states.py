"""The states of the demo: what happened to the incident's constraint, and what the second order says."""

from __future__ import annotations

import psycopg
import pytest

from tests.support.demo import ShopFactory
from tests.support.shop_client import order, post

CONSTRAINT = (
    "SELECT conname, contype::text FROM pg_constraint WHERE conrelid = 'h2s_dispatch_jobs'::regclass"
    " AND conname LIKE '%recipient%step%'"
)
INDEX = "SELECT indisunique FROM pg_index WHERE indexrelid = to_regclass('h2s_dispatch_jobs_order_id_uq')"
MARKED = "SELECT version FROM shop_migrations WHERE version = '0007'"


def ask(dsn: str, question: str) -> list[tuple[object, ...]]:
    with psycopg.connect(dsn) as database:
        return database.execute(question.encode()).fetchall()


@pytest.mark.parametrize(
    ("state", "constraint", "index", "marked"),
    [
        ("broken", [("h2s_dispatch_jobs_recipient_step_uq", "u")], [], []),
        ("masked", [("h2s_dispatch_jobs_recipient_step_uq", "u")], [], []),
        ("wrong-database", [("h2s_dispatch_jobs_recipient_step_uq", "u")], [], []),
        ("fix-not-applied", [("h2s_dispatch_jobs_recipient_step_uq", "u")], [], [("0007",)]),
        ("fixed", [], [(True,)], [("0007",)]),
    ],
)
def test_a_state_is_what_its_name_says(
    shop: ShopFactory,
    state: str,
    constraint: list[object],
    index: list[object],
    marked: list[object],
) -> None:
    """The shop's own database has the constraint, the index and the mark that the state says."""
    running = shop(state)
    assert ask(running.dsn, CONSTRAINT) == constraint
    assert ask(running.dsn, INDEX) == index
    assert ask(running.dsn, MARKED) == marked
    first, second = post(running.url, order()), post(running.url, order())
    assert (first.status, second.status) == (201, 201 if state == "fixed" else 500)


def test_wrong_database_has_the_fix_in_another_database_of_the_same_server(
    shop: ShopFactory,
) -> None:
    running = shop("wrong-database")
    other = running.dsns["other"]
    assert ask(other, CONSTRAINT) == []
    assert ask(other, MARKED) == [("0007",)]
    assert ask(other, "SELECT pg_postmaster_start_time()") == ask(
        running.dsn, "SELECT pg_postmaster_start_time()"
    )


@pytest.mark.parametrize("state", ["broken", "fix-not-applied", "wrong-database", "masked"])
def test_applying_the_fix_lets_the_customer_order_again(shop: ShopFactory, state: str) -> None:
    running = shop(state)
    assert post(running.url, order()).status == 201
    assert post(running.url, order()).status == 500
    assert "DROP CONSTRAINT IF EXISTS h2s_dispatch_jobs_recipient_step_uq" in running.apply_fix()
    assert post(running.url, order()).status == 201
    assert [placed["dispatch_jobs"] for placed in running.orders()] == [1, 1]


def test_the_incident_is_told_in_the_drivers_own_fields(shop: ShopFactory) -> None:
    """The 500 of `broken` has what PostgreSQL said about its error, under node-postgres' names."""
    running = shop("broken")
    recipient = post(running.url, order()).json["order"]["recipient_id"]
    answer = post(running.url, order())
    assert answer.status == 500
    document = answer.json
    assert document["ok"] is False
    assert document["code"] == "23505"
    assert "h2s_dispatch_jobs_recipient_step_uq" in document["error"]
    details = document["details"]
    assert details["detail"] == (
        f"Key (recipient_id, step_id)=({recipient}, step-1) already exists."
    )
    assert {name: details[name] for name in ("code", "constraint", "table", "schema")} == {
        "code": "23505",
        "constraint": "h2s_dispatch_jobs_recipient_step_uq",
        "table": "h2s_dispatch_jobs",
        "schema": "public",
    }
    assert (details["severity"], details["routine"]) == ("ERROR", "_bt_check_unique")


@pytest.mark.parametrize(
    ("style", "status", "media_type", "contained"),
    [
        ("text", 500, "text/plain", b"psycopg.errors.UniqueViolation: duplicate key value viol"),
        ("html", 500, "text/html", b"constraint &quot;h2s_dispatch_jobs_recipient_step_uq&quot;"),
        ("graphql", 200, "application/json", b'"errors": [{"message": "duplicate key value'),
    ],
)
def test_error_styles(
    shop: ShopFactory, style: str, status: int, media_type: str, contained: bytes
) -> None:
    """The same error as other stacks show it."""
    running = shop("broken", style)
    post(running.url, order())
    answer = post(running.url, order())
    assert answer.status == status
    assert answer.headers["content-type"].startswith(media_type)
    assert contained in answer.body


def test_error_style_nothing_has_no_body(shop: ShopFactory) -> None:
    running = shop("broken", "nothing")
    post(running.url, order())
    answer = post(running.url, order())
    assert (answer.status, answer.body) == (500, b"")


def test_masked_says_only_a_request_id_which_the_servers_log_has_beside_the_error(
    shop: ShopFactory,
) -> None:
    running = shop("masked")
    post(running.url, order())
    answer = post(running.url, order())
    request_id = answer.headers["x-request-id"]
    assert answer.status == 500
    assert answer.json == {"ok": False, "error": "Internal Server Error", "request_id": request_id}
    assert running.log_path is not None
    lines = [line for line in running.log_path.read_text().splitlines() if request_id in line]
    assert any("23505" in line and "h2s_dispatch_jobs_recipient_step_uq" in line for line in lines)


@pytest.mark.parametrize(
    ("given", "taken"),
    [("3f2a9c41-0b6e-4d57-a9f3-5c1d2e7f8a90", True), ("short", False), ("no spaces' --", False)],
)
def test_an_id_that_the_request_came_with_is_taken_over_when_it_is_one(
    shop: ShopFactory, given: str, taken: bool
) -> None:
    running = shop("masked")
    post(running.url, order())
    answer = post(running.url, order(), x_request_id=given)
    assert (answer.headers["x-request-id"] == given) is taken
    assert running.log_path is not None
    lines = running.log_path.read_text().splitlines()
    assert any(answer.headers["x-request-id"] in line and "23505" in line for line in lines)
