"""Ways out of a rule: SQL for a person, with what each would do and risk."""

from __future__ import annotations

from smoke.database.enrich import replacements
from smoke.database.lookup import Duplicates, Rule
from smoke.report._facts import commented

RULE = Rule(
    "u", "unique constraint", "public", 'jobs"; drop', "uq", "UNIQUE (a)", ("a",), unique=True
)


def test_a_replacement_says_whether_rows_would_break_it() -> None:
    told = replacements(
        RULE,
        [
            Duplicates(("b",), 0, 0),
            Duplicates(("c",), 2, 5),
            Duplicates(("d",), None, None, "permission denied"),
        ],
    )
    purposes = [s.purpose for s in told if "CREATE UNIQUE INDEX" in s.sql]
    assert "no row breaks it now" in purposes[0]
    assert "would fail now: 2 keys occur more than once, in 5 rows" in purposes[1]
    assert "permission denied" in purposes[2]
    assert [s.writes for s in told] == [True, False, True, False, True, False, True]
    assert all('"jobs""; drop"' in s.sql for s in told)


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
