"""The quick look lets nothing pass that an error may be in."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from smoke.classify import classify_response
from smoke.classify.messages._table import TEMPLATES
from smoke.classify.text import prefilter
from tests.support.responses import saved

JSON = [("Content-Type", "application/json")]
_HOLE = re.compile(r"%(?:\d\$)?[-0-9.*]*(?:l|ll|z)?[sducxXmg]")
MESSAGES = sorted({_HOLE.sub("x", row[3]) for row in TEMPLATES})


@pytest.mark.parametrize("message", MESSAGES)
def test_each_message_of_the_server_is_read_in_a_success(message: str) -> None:
    body = json.dumps({"data": None, "message": message}).encode()
    assert not prefilter.clean(200, JSON, body, "OK")


@pytest.mark.parametrize(
    "body",
    [
        {"message": "Order placed", "errors": [], "order": {"id": 23505, "name": "Blue widget"}},
        {"ok": True, "error": None, "items": [{"code": "SKU-23505", "price": 1299}]},
        [{"id": 1, "title": "A widget", "message": "Thank you for your purchase"}],
    ],
)
def test_an_ordinary_success_is_settled_at_once(body: object) -> None:
    assert prefilter.clean(200, JSON, json.dumps(body).encode(), "OK")


@pytest.mark.parametrize("body", [b"", b'{"a":1}', b"\x1f\x8b\x08\x00", b"\xff\xfe{\x00"])
@pytest.mark.parametrize("status", [301, 400, 404, 500, 503])
def test_a_failure_is_always_read(status: int, body: bytes) -> None:
    assert not prefilter.clean(status, JSON, body, "")


def test_an_error_is_found_in_a_200_as_well() -> None:
    """GraphQL, event streams and some handlers answer 200."""
    for case in saved():
        if case.expected["sqlstate"] and case.status >= 500 and case.body[:1] == b"{":
            found = classify_response(200, case.headers, case.body, reason="OK")
            error = next((f.database_error for f in found if f.database_error), None)
            assert error is not None, case.name
            assert error.sqlstate == case.expected["sqlstate"], case.name


def test_importing_the_room_loads_neither_tables_nor_dialects() -> None:
    code = (
        "import sys, smoke.classify; "
        "print([m for m in sys.modules if 'messages' in m or 'dialects.' in m or 'sqlstate' in m])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert ran.stdout.strip() == "[]"
