"""From findings to verdicts: pure tables."""

from __future__ import annotations

import pytest

from smoke.database.migration.claims import Claim, Facet, Finding, Told
from smoke.database.migration.verdict import (
    Decisions,
    Verdict,
    exit_code,
    judge_statement,
    overall,
)
from smoke.database.migration.world import WithAll, World

YES, NO, UNKNOWN = Finding(True, "yes"), Finding(False, "no"), Finding(None, "unknown")
WEAK = Finding(holds=True, words="weak", weak=True)


def _look(claim: Claim) -> Finding:
    wanted = claim.wanted.gone if isinstance(claim.wanted, WithAll) else claim.wanted
    assert isinstance(wanted, Told)
    return Finding(wanted.holds, wanted.words)


@pytest.mark.parametrize(
    ("findings", "verdict"),
    [
        ([YES], Verdict.APPLIED),
        ([NO], Verdict.NOT_APPLIED),
        ([YES, NO], Verdict.PARTLY),
        ([WEAK, NO], Verdict.NOT_APPLIED),
        ([WEAK], Verdict.APPLIED),
        ([UNKNOWN], Verdict.CANNOT_TELL),
        ([YES, UNKNOWN], Verdict.CANNOT_TELL),
        ([NO, UNKNOWN], Verdict.NOT_APPLIED),
        ([Finding(holds=False, words="half", half=True)], Verdict.PARTLY),
    ],
)
def test_the_verdict_of_one_statement(findings: list[Finding], verdict: Verdict) -> None:
    assert judge_statement(findings)[0] is verdict


def test_what_speaks_against_stands_first() -> None:
    assert judge_statement([YES, NO])[1] == "no; in place: yes"


@pytest.mark.parametrize(
    ("verdicts", "whole", "status"),
    [
        ([], Verdict.CANNOT_TELL, 3),
        ([Verdict.NO_EFFECT, Verdict.CANNOT_TELL], Verdict.CANNOT_TELL, 3),
        ([Verdict.APPLIED, Verdict.CANNOT_TELL, Verdict.NO_EFFECT], Verdict.APPLIED, 0),
        ([Verdict.NOT_APPLIED, Verdict.CANNOT_TELL], Verdict.NOT_APPLIED, 1),
        ([Verdict.APPLIED, Verdict.NOT_APPLIED], Verdict.PARTLY, 1),
        ([Verdict.PARTLY], Verdict.PARTLY, 1),
    ],
)
def test_the_verdict_of_a_file_and_its_exit_status(
    verdicts: list[Verdict], whole: Verdict, status: int
) -> None:
    assert overall(verdicts) is whole
    assert exit_code(whole) == status


def test_a_later_claim_on_the_same_facet_decides_for_the_earlier_one() -> None:
    world = World()
    column = world.get("column", "a")
    world.statement = 0
    world.claim(column, Facet.DEFAULT, Told("yes", holds=True))
    world.statement = 1
    world.claim(column, Facet.DEFAULT, Told("no", holds=False))
    decisions = Decisions(world, _look)
    assert decisions.statement(0)[0] is Verdict.NOT_APPLIED
    assert decisions.statement(1)[0] is Verdict.NOT_APPLIED


def test_the_end_of_a_thing_decides_for_its_parts() -> None:
    world = World()
    table = world.get("relation", "t", "public")
    column = world.get("column", "a", parent=table)
    world.claim(column, Facet.THERE, Told("no", holds=False))
    world.statement = 1
    world.drop(table, Told("yes", holds=True))
    assert Decisions(world, _look).statement(0)[0] is Verdict.APPLIED
    assert world.find("column", "a", parent=table) is None


def test_columns_keep_their_names_through_a_chain_of_renames() -> None:
    world = World()
    table = world.get("relation", "t", "public")
    column = world.get("column", "a", parent=table)
    for number, name in ((1, "b"), (2, "c")):
        world.statement = number
        world.rename(column, name)
    assert world.renamed_since(table, 0) == {"a": "c"}
    assert world.renamed_since(table, 1) == {"b": "c"}
    assert world.renamed_since(table, 2) == {}


def test_a_chain_of_later_statements_is_told_once() -> None:
    world = World()
    thing = world.get("relation", "t", "public")
    for statement in range(3):
        world.statement = statement
        world.claim(thing, Facet.OWNER, Told("yes", holds=True))
    assert Decisions(world, _look).statement(0)[1] == "a later statement decides: yes"
