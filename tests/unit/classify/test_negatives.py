"""No error is named in thousands of responses that only look like one: documentation, articles, APIs, other databases."""

from __future__ import annotations

import json
from collections import defaultdict

import pytest

from smoke.classify import classify_response
from tests.support.negatives import SOURCES, Negative, negatives
from tests.support.other_drivers import DRIVERS

COUNT = 3_000


def _by_source() -> dict[str, list[Negative]]:
    found: dict[str, list[Negative]] = defaultdict(list)
    for negative in negatives(COUNT):
        found[negative.source].append(negative)
    return found


MADE = _by_source()


def test_there_are_many_sources() -> None:
    assert len(SOURCES) >= 60
    assert set(MADE) == set(SOURCES)


@pytest.mark.parametrize("source", sorted(SOURCES))
def test_nothing_is_named(source: str) -> None:
    for negative in MADE[source]:
        found = classify_response(negative.status, list(negative.headers), negative.body)
        assert [f.title for f in found if f.database_error is not None] == [], negative.body


@pytest.mark.parametrize("database", DRIVERS)
def test_another_database_is_named(database: str) -> None:
    for said in DRIVERS[database]:
        for status, media_type, body in (
            (500, "text/plain", f"Error: {said}"),
            (500, "application/json", json.dumps({"statusCode": 500, "message": said})),
            (200, "application/json", json.dumps({"errors": [{"message": said}], "data": None})),
        ):
            found = classify_response(status, [("Content-Type", media_type)], body.encode())
            told = [(f.code, f.title) for f in found]
            assert told == [("not-postgres", f"an error of {database}, not of PostgreSQL")], body
