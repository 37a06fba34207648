"""The detail is the detail alone, also where an application puts the driver's whole text into a field of that name."""

from __future__ import annotations

import json

import pytest

import smoke
from smoke.model.dberror import DatabaseError

WHOLE = 'duplicate key value violates unique constraint "x"\nDETAIL:  Key (a)=(1) already exists.'
DETAIL = "Key (a)=(1) already exists."


def read(body: object) -> tuple[DatabaseError, bytes]:
    data = json.dumps(body).encode()
    found = smoke.classify_response(500, [("content-type", "application/json")], data)
    assert found[0].database_error is not None
    return found[0].database_error, data


@pytest.mark.parametrize(
    "body",
    [
        {"detail": WHOLE},
        {"detail": f"(psycopg.errors.UniqueViolation) {WHOLE}"},
        {"code": "23505", "detail": WHOLE, "message": "boom"},
        {"error": {"code": "23505", "detail": WHOLE, "message": WHOLE}},
        {"code": "23505", "details": f"ERROR: {WHOLE}\nHINT:  Try again.\nCONTEXT:  SQL statement"},
        {"code": "23505", "detail": f"DETAIL:  {DETAIL}", "message": WHOLE},
        {"code": "23505", "detail": DETAIL, "message": WHOLE},
        {"title": "Error", "status": 500, "detail": f"23505: {WHOLE}\nHINT:  Try again."},
        {"detail": WHOLE.replace("DETAIL", "DÉTAIL")},
    ],
)
def test_a_whole_error_in_a_field_called_detail(body: object) -> None:
    error, data = read(body)
    assert error.message_detail == DETAIL
    assert error.message_primary is not None
    assert "DETAIL" not in error.message_primary
    cited = next(c for c in error.citations if c.field == "message_detail")
    assert json.loads(b'"' + data[cited.start : cited.end] + b'"') == DETAIL


def test_a_hint_without_its_label() -> None:
    error, _ = read({"code": "23505", "message": WHOLE, "hint": "HINT:  Look at it: again"})
    assert error.message_hint == "Look at it: again"
