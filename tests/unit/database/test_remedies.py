"""Ways out of a rule: SQL for a person, with what each would do and risk."""

from __future__ import annotations

from smoke.database.answers.collision import Collision
from smoke.database.answers.remedies import replacements
from smoke.database.lookup import Duplicates, Rule
from smoke.database.rule_facts import Generated
from smoke.facts.advice import commented

RULE = Rule(
    "u", "unique constraint", "public", 'jobs"; drop', "uq", "UNIQUE (a)", ("a",), unique=True
)


def test_a_replacement_is_offered_only_where_no_row_breaks_it() -> None:
    told = replacements(
        RULE,
        [
            Duplicates(("b",), 0, 0),
            Duplicates(("c",), 2, 5),
            Duplicates(("d",), None, None, "permission denied"),
        ],
        collision=Collision(("a",), 1, orders=("first#1",), naming=("b",)),
    )
    purposes = [s.purpose for s in told if "CREATE UNIQUE INDEX" in s.sql]
    assert len(purposes) == 2
    assert "no row breaks it now" in purposes[0]
    assert "has the id of the order first#1 there" in purposes[0]
    assert "permission denied" in purposes[1]
    assert [s.writes for s in told] == [True, False, True, False, True]
    assert all('"jobs""; drop"' in s.sql for s in told)


def test_a_sequence_that_is_behind_is_the_first_remedy() -> None:
    first, *_ = replacements(RULE, [], [Generated("a", "public.jobs_a_seq")])
    assert first.sql.startswith("SELECT setval('public.jobs_a_seq', (SELECT max(a)")


def test_the_end_of_an_index_is_another_statement_than_that_of_a_constraint() -> None:
    index = Rule("i", "unique index", "public", "jobs", "uq", "", ("a",), unique=True)
    (drop,) = replacements(index, [])
    assert drop.sql == "DROP INDEX CONCURRENTLY IF EXISTS public.uq;"


def test_a_name_with_a_line_feed_ends_no_comment() -> None:
    hostile = Rule("u", "unique constraint", "public", "x\nDROP TABLE y; --", "uq", "", ("a",))
    for statement in replacements(hostile, [Duplicates(("b",), None, None, "no\nDROP TABLE z;")]):
        for line in commented(statement)[: 1 + len(statement.expect)]:
            assert line.startswith("--")
            assert "\n" not in line
