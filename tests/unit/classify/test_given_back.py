"""Whose word a message is: what an answer gives back, quotes, lists or shows as an example is none of its own."""

from __future__ import annotations

import json

import pytest

import smoke

SAID = 'duplicate key value violates unique constraint "orders_number_key"'
LOGGED = f"2026-03-01 10:11:12.345 UTC [812] ERROR:  {SAID}"
OTHERS: dict[str, tuple[int, object]] = {
    "a draft": (400, {"error": "too_long", "description": "Your message was not sent.", "draft": SAID}),
    "what was typed": (422, {"message": "The data was invalid.", "errors": {"note": ["is too long"]}, "old": {"note": LOGGED}}),
    "a rejected value": (400, [{"instancePath": "/note", "schemaPath": "#", "message": "must be shorter", "data": SAID}]),
    "a thing an error is about": (409, {"error": {"message": "It is no longer sold", "product": {"name": SAID}}}),
    "a mail": (502, {"error": "SMTP 550 mailbox unavailable", "mail": {"body": SAID}}),
    "an example": (429, {"message": "Too many requests", "example": {"error": SAID}}),
    "a search": (200, {"results": [], "message": f"No results for 'ERROR: {SAID}'"}),
    "a name": (409, {"error": f"\u201cERROR: {SAID}\u201d is out of stock"}),
    "an object in a name": (409, {"error": f'"{json.dumps({"code": "23505", "message": SAID})}" is out of stock'}),
    "an address": (404, {"message": f"Cannot GET /search/ERROR: {SAID}"}),
    "deliveries": (200, {"data": [{"event": "order", "response": {"status": 500, "body": json.dumps({"error": SAID})}}]}),
    "events": (200, {"data": [{"type": "order.failed", "payload": {"failure": {"message": SAID}}}], "has_more": False}),
    "an issue": (200, {"number": 1, "title": "It fails", "body": f"### Logs\n```\n{LOGGED}\n```\n"}),
    "a voucher": (404, {"error": f'Unknown voucher "ERROR: {SAID} (SQLSTATE 23505)"'}),
    "a note beside an object": (500, {"error": {"message": "Cannot read properties of undefined (reading 'id')"}, "cart": {"note": SAID}}),
    "entries of a log": (200, {"entries": [{"level": "error", "time": "t", "msg": SAID}, {"level": "info", "time": "t", "msg": "up"}]}),
    "a code of another class": (502, {"code": "2F004", "message": "Currency mismatch"}),
    "a code and another reason": (500, {"code": "23505", "message": "Your session has run out"}),
    "a service's code": (502, {"error": 'shipping answered 400: {"code": "42703", "message": "No rates"}'}),
    "texts of a language": (200, {"locale": "de", "entries": {"ERR_DUP": SAID, "BTN_BUY": "Kaufen"}}),
    "what was submitted": (422, {"note": ["is too long"], "submitted": {"note": SAID}}),
    "what a schema refused": (400, {"errors": [{"keyword": "maxLength", "instancePath": "/note", "message": "is too long", "data": SAID}]}),
    "a lead": (200, {"lead": {"id": 1, "company": "Tea", "message": SAID, "phone": "1"}}),
    "spans": (200, {"traces": [{"traceID": "a", "spans": [{"name": "x", "logs": [{"fields": [{"key": "exception.message", "value": SAID}]}]}]}]}),
    "what was counted": (200, {"status": "pass", "checks": {"errors_last_hour": [{"observedValue": 0, "sqlstate": "40001"}]}}),
    "a comment": (200, {"code": 0, "response": [{"message": f"ERROR: {SAID}", "author": {"name": "Ida"}, "likes": 1}]}),
    "an address with blanks": (404, {"message": f"The requested URL /search/{SAID} was not found"}),
}  # fmt: skip
OWN: dict[str, tuple[int, object]] = {
    "beside a draft": (400, {"error": SAID, "draft": "a b c"}),
    "behind a general word": (500, {"message": "Could not place order", "outcome": SAID}),
    "under a database's name": (500, {"message": "Order 7 was not stored", "pg": SAID}),
    "failed with": (500, {"error": f'Order failed with "ERROR: {SAID}"'}),
    "beside a statement": (500, {"error": f'Error executing "insert into orders": {SAID}'}),
    "a code and a general word": (500, {"code": "23505", "message": "Could not place order"}),
    "a code and a reason that fits": (409, {"code": "23505", "message": "Order 7 exists already"}),
    "beside a count": (200, {"result": {"message": SAID, "count": 0}}),
    "in an error's place of a language": (200, {"lang": "en", "error": {"title": "Order", "text": SAID}}),
    "an outcome": (200, {"results": [{"id": 1, "ok": True}, {"id": 2, "error": SAID}], "total": 2}),
}  # fmt: skip
PAGES: dict[str, tuple[int, str, bool]] = {
    "a remark": (500, f"<h1>Oops</h1><!-- TODO: a hint when ERROR: {SAID} -->", False),
    "a comment that tells": (500, f"<h1>Oops</h1><!-- debug: {SAID} -->", True),
    "a link": (503, f"<h1>Back soon</h1><p><a href='/a'>{SAID}</a></p>", False),
    "a review": (200, f'<div class="review"><p>{SAID}</p></div>', False),
    "a box that is sorry": (200, f"<div class='alert alert-danger'><strong>Sorry!</strong> {SAID}</div>", True),
    "a short page of its own": (200, f"<article><h1>Error</h1><p>{SAID}</p></article>", True),
    "a prepared text": (200, f"<form data-error-text='{SAID}'><input name=a></form>", False),
    "a remark in a manual": (200, f"<div class='warning custom-block'><p>After {SAID} do not try again.</p></div>", False),
    "a cited letter": (200, f"<pre>Bob wrote:\n&gt; I see an error\n&gt; ERROR:  {SAID}\nReindex it.</pre>", False),
    "a note": (200, f"<p>Your note: ERROR:  {SAID}</p><p>We write to you.</p>", False),
    "past events": (200, f"<h2>Past events</h2><p>Orders failed ({SAID}). Solved.</p>", False),
    "a short article": (200, f"<article><h1>Monday</h1><p>{SAID}</p></article>", False),
    "texts of a script": (200, f"<script>var T = {json.dumps({'orderFailed': SAID, 'hi': 'Hi'})}</script>", False),
}  # fmt: skip


def _codes(status: int, media_type: str, body: str) -> list[str | None]:
    found = smoke.classify_response(status, [("content-type", media_type)], body.encode())
    return [each.database_error.sqlstate for each in found if each.database_error is not None]


@pytest.mark.parametrize("name", OTHERS)
def test_a_word_of_others(name: str) -> None:
    status, answer = OTHERS[name]
    assert _codes(status, "application/json", json.dumps(answer)) == []


@pytest.mark.parametrize("name", OWN)
def test_a_word_of_its_own(name: str) -> None:
    status, answer = OWN[name]
    assert _codes(status, "application/json", json.dumps(answer)) == ["23505"]


@pytest.mark.parametrize("name", PAGES)
def test_a_page(name: str) -> None:
    status, inner, told = PAGES[name]
    body = f"<!doctype html><html><body><a href='/'>Home</a>{inner}</body></html>"
    assert bool(_codes(status, "text/html", body)) is told


def test_lines_of_a_log() -> None:
    line = {"time": "2026-01-01T00:00:00Z", "level": "error", "message": SAID}
    assert _codes(200, "application/x-ndjson", "\n".join([json.dumps(line)] * 2)) == []
    assert _codes(500, "application/json", json.dumps(line)) == ["23505"]


def test_names_of_elements() -> None:
    shown = SAID.replace('"', "&quot;")
    found = _codes(
        200, "application/xml", f"<r><status>error</status><message>{shown}</message></r>"
    )
    assert found == ["23505"]
    assert _codes(200, "application/xml", f"<products><p><name>{shown}</name></p></products>") == []
