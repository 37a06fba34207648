"""Words of the shop behind the server's message take nothing from it; a code beside a reason of its own is the API's."""

from __future__ import annotations

import json

import pytest

import smoke

BEHIND = (
    ". Please run migrations.",
    " Please contact support.",
    " — please contact support",
    "! Please retry.",
    " (ref 8f3a)",
    ", try again later",
    " [request 12]",
    ". Bitte versuchen Sie es erneut.",
    "\nPlease reload the page.",
)


def _told(status: int, body: object) -> list[str | None]:
    text = body if isinstance(body, str) else json.dumps(body)
    media = "text/html" if text.startswith("<") else "application/json"
    found = smoke.classify_response(status, [("content-type", media)], text.encode())
    return [each.database_error.sqlstate for each in found if each.database_error]


@pytest.mark.parametrize("behind", BEHIND)
def test_a_sentence_behind_the_message(behind: str) -> None:
    said = f'relation "orders" does not exist{behind}'
    page = f'<html><body><p>{"word " * 60}</p><p class="flash error">{said}</p></body></html>'
    assert _told(400, {"message": said}) == ["42P01"]
    assert _told(200, {"errors": [{"message": said}], "data": None}) == ["42P01"]
    assert _told(200, page) == ["42P01"]


@pytest.mark.parametrize("code", ["40001", "P0001", "22001", "42501"])
def test_a_code_beside_a_reason_is_the_apis_own(code: str) -> None:
    for reason in ("3DS required", "terminal offline", "delivery slot taken", "account suspended"):
        assert _told(200, {"success": False, "code": code, "message": reason}) == []
        assert _told(200, {"success": False, "message": reason, "error": {"code": code}}) == []
    assert _told(200, {"success": False, "code": code, "message": "Checkout failed"}) == [code]


def test_words_of_mysql() -> None:
    for said in ("Table 'shop.orders' doesn't exist", "Unknown column 'x' in 'field list'"):
        body = json.dumps({"error": said}).encode()
        found = smoke.classify_response(500, [("content-type", "application/json")], body)
        assert [each.title for each in found] == ["an error of MySQL, not of PostgreSQL"]


_LONG = f"<p>{'word ' * 60}</p>"
SHOWN = {
    "box without quotation marks": (
        200,
        f"<html><table><td class=error>#</td></table>{_LONG}</html>",
    ),
    "details in a box": (
        200,
        f"<html><div class='alert'><details><summary>More</summary><p>#</p></details></div>{_LONG}</html>",
    ),
    "details of a failure": (500, f"<html><details><p>#</p></details>{_LONG}</html>"),
    "box of a page not found": (
        404,
        f"<html><h1>x</h1><h2>y</h2><p class='error'>#</p>{_LONG}</html>",
    ),
    "headings of a failure": (500, f"<html><h1>#</h1><h2>Solution</h2>{_LONG}</html>"),
    "notice": (200, {"messages": [{"type": "error", "text": "#"}]}),
    "alert": (200, {"alerts": [{"level": "error", "message": "#"}], "order": None}),
    "not found for a reason": (404, {"error": "Order not found: #"}),
    "beside suggestions": (500, {"error": "#", "related": [{"title": "Help"}]}),
    "errors of a cart": (
        200,
        {"cart": {"id": 1, "errors": [{"message": "#"}]}, "user": {"name": "x"}},
    ),
    "a shout": (400, {"error": "#!"}),
}


@pytest.mark.parametrize("place", SHOWN)
@pytest.mark.parametrize("said", ["relation 'orders' does not exist", "deadlock detected"])
def test_a_place_for_errors_tells_one(place: str, said: str) -> None:
    status, body = SHOWN[place]
    said = said.replace("'", '"')
    text = body if isinstance(body, str) else json.dumps(body)
    told = said if isinstance(body, str) else json.dumps(said)[1:-1]
    wanted = "40P01" if "deadlock" in said else "42P01"
    assert _told(status, text.replace("#", told)) == [wanted]


def test_the_state_of_perls_driver() -> None:
    """DBI calls it `state`, which in an address is something else."""
    said = {"errstr": "ERROR:  no more stock", "err": 7, "state": "H2S01"}
    assert _told(500, said) == ["H2S01"]
    assert _told(500, {"error": "DBD::Pg::st execute failed", "state": "23505"}) == ["23505"]
    assert _told(500, {"error": "cannot ship there", "state": "23505"}) == []


HANDED_ON: dict[str, tuple[int, object, str]] = {
    "wrapped by GraphQL": (200, {"errors": [{"message": "x", "extensions": {"originalError": {"code": "22011", "message": "negative substring length not allowed"}}}]}, "22011"),
    "by Fastify": (500, {"statusCode": 500, "code": "42601", "error": "Internal Server Error", "message": "VALUES lists must all be the same length"}, "42601"),
    "thrown by Npgsql": (500, "<html><h2>P0001: slot 2 is in the past</h2><b>Exception Details: </b>Npgsql.PostgresException: P0001: slot 2 is in the past<br></html>", "P0001"),
}  # fmt: skip


@pytest.mark.parametrize("name", HANDED_ON)
def test_a_code_that_came_from_below(name: str) -> None:
    status, body, code = HANDED_ON[name]
    assert _told(status, body) == [code]


def test_a_number_of_an_apis_own_that_was_handed_on() -> None:
    error = {"code": "40001", "message": "Signature mismatch"}
    assert _told(200, {"errors": [{"message": "x", "extensions": {"originalError": error}}]}) == []


def test_no_constraint_is_called_null() -> None:
    trace = 'could not execute statement; SQL [n/a]; constraint [null]\nCaused by: org.postgresql.util.PSQLException: ERROR: relation "orders" does not exist'
    found = smoke.classify_response(500, [], json.dumps({"trace": trace}).encode())
    assert found[0].database_error is not None
    assert found[0].database_error.constraint_name is None
