"""No error is named in thousands of responses that only look like one: documentation, articles, APIs, other databases."""

from __future__ import annotations

from collections import defaultdict

import pytest

from smoke.classify import classify_response
from tests.support.negatives import SOURCES, Negative, negatives

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
