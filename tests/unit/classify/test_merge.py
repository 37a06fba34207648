"""Readings of one response become errors: which is the cause, what followed, what contradicts it, and in which words."""

from __future__ import annotations

import pytest

from smoke.classify.read.draft import Draft, Read
from smoke.classify.read.merge import merge
from smoke.model.dberror import Certainty

SEVERAL = "the response shows several errors; the one it tells first is taken for the cause"
NAMED = "the response shows several errors; this is the one that it says the others came of"
FOLLOWS = "25P02 follows from the first error"
ONLY_25P02 = (
    "25P02 only says that an earlier statement of the transaction failed; "
    "the response does not show which error that was"
)
CONTRADICTED = "a name or class in the response points to another SQLSTATE than its code or message"


def draft(at: int, code: str = "", rule: str = "", how: Certainty = Certainty.FIELD) -> Draft:
    made = Draft((at, 0), certainty=how)
    if code:
        made.sqlstate = Read(code, certainty=how)
    if rule:
        made.fields["constraint_name"] = Read(rule, certainty=how)
    return made


def test_nothing_is_nothing() -> None:
    merged = merge([])
    assert (merged.root, merged.consequences, merged.reason) == (None, [], "")


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        (("23505", "a_uq"), ("23505", "A_UQ"), True),
        (("23505", "a_uq"), ("23505", ""), True),
        (("23505", ""), ("23505", "a_uq"), True),
        (("23505", "a_uq"), ("23505", "b_uq"), False),
        (("23505", "a_uq"), ("23503", "a_uq"), False),
        # a rule without a code belongs to the error that has it, else to one of a rule without a name
        (("23505", "a_uq"), ("", "a_uq"), True),
        (("23505", ""), ("", "a_uq"), True),
        (("23505", "b_uq"), ("", "a_uq"), False),
        (("42P01", ""), ("", "a_uq"), False),
    ],
)
def test_readings_of_one_error_are_joined(
    one: tuple[str, str],
    other: tuple[str, str],
    together: bool,
) -> None:
    first, second = draft(0, *one), draft(1, *other)
    merged = merge([second, first])
    assert merged.root is first
    assert merged.consequences == ([] if together else [second])
    assert merged.reason == ("" if together else SEVERAL)
    assert first.text("constraint_name") == (one[1] or (other[1] if together else None) or None)


def test_a_rule_without_code_goes_to_its_own_error_before_one_without_a_name() -> None:
    nameless, named = draft(0, "23503"), draft(1, "23505", "a_uq")
    merge([nameless, named, draft(2, "", "a_uq")])
    assert nameless.text("constraint_name") is None


def test_an_aborted_transaction_is_never_the_cause_of_another_error() -> None:
    aborted, cause = draft(0, "25P02"), draft(1, "23505", "a_uq")
    merged = merge([aborted, cause])
    assert merged.root is cause
    assert merged.consequences == [aborted]
    assert merged.reason == FOLLOWS
    alone = merge([draft(0, "25P02")])
    assert (alone.consequences, alone.reason) == ([], ONLY_25P02)


def test_the_cause_that_the_response_names_goes_before_what_came_of_it() -> None:
    outer, middle, inner = draft(0, "P0001"), draft(1, "22001"), draft(2, "23505")
    outer.causes, middle.causes = [middle, inner], [inner, outer]  # a circle does no harm
    merged = merge([outer, middle, inner])
    assert merged.root is inner
    assert merged.consequences == [middle, outer]
    assert merged.reason == NAMED
    stranger = draft(5, "XX000")
    outer.causes = [stranger]  # of a reading that is not there
    assert merge([outer]).root is outer


def test_what_the_response_calls_first_is_the_cause_and_a_clean_up_is_not() -> None:
    early, first = draft(0, "22001"), draft(1, "23505")
    first.first = True
    assert merge([early, first]).root is first
    assert merge([early, first]).reason == NAMED
    cleaning, real = draft(0, "57014"), draft(1, "23505")
    cleaning.secondary = True
    assert merge([cleaning, real]).root is real


def test_what_was_only_inferred_gives_way_to_its_twin_that_was_read() -> None:
    read, twin = draft(1, "23503"), draft(0, "23001", how=Certainty.INFERRED)
    other = draft(2, "40001", how=Certainty.INFERRED)
    merged = merge([read, twin, other])
    assert merged.root is read
    assert merged.ambiguous == [twin]
    assert merged.consequences == [other]
    assert merged.reason == f"{SEVERAL}; {CONTRADICTED}"
    nameless = draft(0, "", "a_uq", how=Certainty.INFERRED)
    assert merge([nameless, draft(1, "42P01")]).ambiguous == [nameless]
    alone = draft(0, "23001", how=Certainty.INFERRED)
    assert merge([alone]).root is alone
