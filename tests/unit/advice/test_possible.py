"""What to ask the database about an error that is possible only."""

from __future__ import annotations

import pytest

from smoke.advice import advise
from smoke.model.dberror import DatabaseError
from smoke.model.finding import Finding, Possible

RULE = Possible(
    DatabaseError(sqlstate="23505", constraint_name="jobs_uq", table_name="jobs"), "counted"
)


def hidden(*possible: Possible) -> Finding:
    return Finding(code="error-hidden", title="hidden", possible=possible)


def test_the_one_rule_that_is_possible_is_asked_about() -> None:
    (first, *_) = advise(hidden(RULE)).verify
    assert "relname = 'jobs_uq'" in first.sql


@pytest.mark.parametrize(
    "possible", [(), (RULE, RULE), (Possible(DatabaseError(sqlstate="53300")),)]
)
def test_where_nothing_is_known_to_ask_nothing_is_asked(possible: tuple[Possible, ...]) -> None:
    assert advise(hidden(*possible)).verify == ()
