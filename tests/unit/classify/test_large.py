"""Of a large body the beginning and the end are examined, and the finding says so."""

from __future__ import annotations

import pytest

from smoke.classify import classify, classify_response
from smoke.model.exchange import (
    WINDOW_HEAD,
    WINDOW_TAIL,
    Body,
    Exchange,
    Response,
    StoredRequest,
    Window,
)

MESSAGE = b'ERROR:  duplicate key value violates unique constraint "orders_uq"\n'
FILLER = b"all is well here and now\n" * 400_000
TEXT = [("Content-Type", "text/plain")]


def _body(place: int) -> bytes:
    size = WINDOW_HEAD + WINDOW_TAIL + 1_000_000
    filled = FILLER[:size]
    return filled[:place] + MESSAGE + filled[place:]


@pytest.mark.parametrize("place", [0, 3_000_000, WINDOW_HEAD + WINDOW_TAIL + 900_000])
def test_an_error_in_the_beginning_or_the_end_is_cited_where_it_stands(place: int) -> None:
    body = _body(place)
    finding = classify_response(500, TEXT, body)[0]
    assert finding.database_error is not None
    cited = {citation.field: citation for citation in finding.database_error.citations}
    name = cited["constraint_name"]
    assert name.through == ()
    assert body[name.start : name.end] == b"orders_uq"
    assert "were examined" in finding.notes[-1]


def test_nothing_is_read_across_the_bytes_left_out() -> None:
    head = b"x " * 50 + b'duplicate key value violates unique constraint "half'
    window = Window(head, b'_a_name_uq"\n', omitted=5_000_000)
    response = Response(500, body=Body(size=window.size))
    exchange = Exchange("e1", StoredRequest("GET", "http://shop.test/"), response)
    error = classify(exchange, window)[0].database_error
    assert error is not None
    assert error.sqlstate == "23505"
    assert error.constraint_name is None


def test_a_body_in_the_window_is_examined_in_full() -> None:
    body = FILLER[:4_000_000] + MESSAGE + FILLER[:3_900_000]
    finding = classify_response(500, TEXT, body)[0]
    assert finding.code == "unique-violation"
    assert not any("were examined" in note for note in finding.notes)
