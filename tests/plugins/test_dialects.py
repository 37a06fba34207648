"""One set of tests over all dialects: described, typed, and calm before hostile input."""

from __future__ import annotations

import pytest

from smoke.classify import Dialect
from smoke.classify.read.codes import possible
from smoke.classify.text.view import build
from tests.support.rooms import every

DIALECTS = every("dialects")
NAMES = list(DIALECTS)
HOSTILE = (
    b"",
    b'"' * 5000,
    b"{" * 5000,
    b'{"code":"P2002","meta":{"target":[' * 500,
    b"Unique constraint failed on the fields: (`" * 500,
    b'constraint error when attempting to insert struct:\n\n    * "' * 500,
    b"\xff\xfe\x00" * 500,
    b"SQLSTATE[" * 500,
)


def _dialect(name: str) -> Dialect:
    module: Dialect = DIALECTS[name].module
    return module


@pytest.mark.parametrize("name", NAMES)
def test_it_is_described_in_one_line(name: str) -> None:
    assert DIALECTS[name].description.endswith(".")


@pytest.mark.parametrize("name", NAMES)
def test_its_tables_hold_what_the_protocol_says(name: str) -> None:
    dialect = _dialect(name)
    assert all(len(mark) > 2 for mark in dialect.MARKS)
    assert all(possible(code) for code in dialect.SYMBOLS.values())


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("body", HOSTILE, ids=range(len(HOSTILE)))
def test_it_survives_hostile_bodies(name: str, body: bytes) -> None:
    view = build(500, "", [("content-type", "text/plain")], body)
    for error in _dialect(name).read(view):
        assert error.sqlstate is None or possible(error.sqlstate)
