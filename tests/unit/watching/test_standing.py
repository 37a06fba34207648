"""What a round changes: told once, and a lone round without a verdict is nothing."""

from __future__ import annotations

import pytest

from smoke.model.asked import Target
from smoke.model.run import Outcome, Run, ScenarioResult, StepResult
from smoke.watching.standing import Standing, WatchLevel, What, after


def run_of(letter: str) -> Run | None:
    """P passed, E no verdict, N no run at all, I interrupted; any other letter fails by a cause of its own."""
    if letter == "N":
        return None
    outcome = {"P": Outcome.PASSED, "E": Outcome.ERRORED, "I": Outcome.ERRORED}.get(
        letter, Outcome.FAILED
    )
    step = StepResult(letter, letter, "request", outcome, message=f"cause {letter}")
    return Run(
        "run",
        3,
        "0",
        Target(),
        "",
        finished_at="now",
        outcome=outcome,
        scenarios=(ScenarioResult("order", "", "order.yaml", outcome, steps=(step,)),),
        interrupted_by="SIGINT" if letter == "I" else "",
    )


@pytest.mark.parametrize(
    ("rounds", "told"),
    [
        ("PPP", ""),
        ("PaaaP", ".f..r"),
        ("aaP", "f.r"),
        ("abab", "fn.."),
        ("aPa", "frf"),
        ("PEP", "..."),
        ("PEEEP", "..u.r"),
        ("PNNP", "..ur"),
        ("aEaEa", "f...."),
        ("aEEa", "f.uf"),
        ("aIaIP", "f...r"),
        ("EE", ".u"),
        ("IIP", "..."),
    ],
)
def test_only_changes_are_told(rounds: str, told: str) -> None:
    words = {What.FAILING: "f", What.NEW_CAUSE: "n", What.NO_VERDICT: "u", What.RECOVERED: "r"}
    standing, found = Standing(), ""
    for number, letter in enumerate(rounds):
        step = after(standing, run_of(letter), f"t{number}")
        standing = step.standing
        found += words[step.what] if step.what else "."
    assert found == told.ljust(len(rounds), ".")


def test_it_is_known_since_when_and_for_how_long() -> None:
    standing = Standing()
    for number, letter in enumerate("PPaaEa"):
        standing = after(standing, run_of(letter), f"t{number}").standing
    assert (standing.state, standing.since, standing.bad) == (WatchLevel.FAILING, "t2", 4)
    assert len(standing.causes) == 1
    assert after(standing, run_of("P"), "t9").standing == Standing(since="t9")
