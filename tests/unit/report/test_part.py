"""What is told of a run that is a part of another, or made of several."""

from __future__ import annotations

from msgspec.structs import replace

from smoke.facts.part import nothing_to_do, part_facts
from smoke.model.asked import Shard, Target
from smoke.model.run import Outcome, Run, ScenarioResult

RUN = Run("r", 3, "0", Target(), "", outcome=Outcome.PASSED)
ONE = (ScenarioResult("a", "", "a.yaml", Outcome.PASSED),)


def test_a_run_of_its_own_has_nothing_to_tell() -> None:
    assert part_facts(RUN) == ()
    assert nothing_to_do(RUN) == ""


def test_a_shard_tells_its_share() -> None:
    run = replace(RUN, shard=Shard(2, 5, ("a", "b", "c"), ("a",)), scenarios=ONE)
    assert part_facts(run) == (("shard", "2/5: 1 of 3 scenarios"),)
    assert nothing_to_do(run) == ""


def test_an_empty_shard_tells_why() -> None:
    empty = replace(RUN, shard=Shard(5, 5, ("a",)))
    assert nothing_to_do(empty) == "shard 5/5 has none of 1 scenario"
    assert nothing_to_do(replace(empty, outcome=Outcome.ERRORED)) == ""


def test_a_merged_run_names_what_it_was_made_of() -> None:
    assert part_facts(replace(RUN, merged=("r-1", "r-2"))) == (("merged", "2 runs: r-1, r-2"),)
    many = tuple(f"r-{number}" for number in range(12))
    ((_, text),) = part_facts(replace(RUN, merged=many))
    assert text.endswith("r-9 and 2 more")
