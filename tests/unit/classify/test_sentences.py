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
