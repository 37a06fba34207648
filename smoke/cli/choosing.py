"""Which steps of a run `smoke show RUN STEP` means."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from smoke.diagnostic import Diagnostic, Note, SmokeError, nearest
from smoke.model.run import Outcome, Run, ScenarioResult, StepResult
from smoke.text import shorten

Pair = tuple[ScenarioResult, StepResult]
_LISTED = 20
_ROUND = re.compile(r"#[0-9]{1,9}")
_NO_WORD = re.compile(r"\W+")


def choose(run: Run, wanted: str = "") -> list[Pair]:
    """The steps that `wanted` means, in their order: never fewer than there are, so that none is taken for another.

    Their id or title (`SCENARIO/STEP` where two scenarios have it) comes before their name without groups and rounds,
    or the name of a group around them; that before the same in other case and punctuation. Without `wanted` it is
    the last step that did not pass. Raises SmokeError when there is no such step, or no step at all.
    """
    pairs = [(scenario, step) for scenario in run.scenarios for step in scenario.steps]
    if not pairs:
        raise SmokeError.of("no-step", f"the run {run.id} has no step")
    if not wanted:
        bad = [pair for pair in pairs if pair[1].outcome.stops]
        # what a step's failure makes of the teardown is less telling than the step
        first = [pair for pair in bad if not pair[1].teardown] or bad
        return [(first or pairs)[-1]]
    for names, same in _LEVELS:
        found = [pair for pair in pairs if same(wanted) in map(same, _in_scenario(pair, names))]
        if found:
            return found
    known = dict.fromkeys(name for pair in pairs for name in (*_exact(pair[1]), pair[1].name))
    raise SmokeError(
        [
            Diagnostic(
                "unknown-step",
                f"the run {run.id} has no step '{wanted}'",
                suggestion=nearest(wanted, known),
                notes=(Note(f"steps: {candidates(pairs)}"),),
            )
        ]
    )


def only(run: Run, pairs: Sequence[Pair], wanted: str) -> Pair:
    """The one step that is meant, where only one can be shown. Raises SmokeError when there are several."""
    if len(pairs) == 1:
        return pairs[0]
    raise SmokeError.of(
        "ambiguous-step",
        f"'{wanted}' is {len(pairs)} steps of the run {run.id}, and one can be shown: name it",
        notes=[f"steps: {candidates(pairs)}"],
    )


def candidates(pairs: Sequence[Pair]) -> str:
    """How each step can be named on a command line, with its outcome where it did not pass."""
    several = len({scenario.name for scenario, _ in pairs}) > 1
    told = [
        f"{f'{scenario.name}/' if several else ''}{shorten(step.typed, 120)}"
        + ("" if step.outcome is Outcome.PASSED else f" ({step.word})")
        for scenario, step in pairs[:_LISTED]
    ]
    more = f" and {len(pairs) - _LISTED} more" if len(pairs) > _LISTED else ""
    return ", ".join(told) + more


def _in_scenario(pair: Pair, names: Callable[[StepResult], tuple[str, ...]]) -> tuple[str, ...]:
    scenario, step = pair
    own = names(step)
    return (*own, *(f"{scenario.name}/{name}" for name in own))


def _exact(step: StepResult) -> tuple[str, ...]:
    return (step.id, step.called, step.typed)


def _near(step: StepResult) -> tuple[str, ...]:
    """Its name, its id without rounds, and every group around it: of an id, of a title."""
    around = [
        mark.join(text.split(mark)[:count])
        for text, mark in ((step.id, "/"), (step.called, " › "), (step.typed, "/"))
        for count in range(1, len(text.split(mark)))
    ]
    named = (step.name, step.id, step.typed, *around)
    return (*named, *(_ROUND.sub("", name) for name in named))


def _as_written(text: str) -> str:
    return text


def _slug(text: str) -> str:
    return _NO_WORD.sub("-", text.lower()).strip("-")


_LEVELS: tuple[tuple[Callable[[StepResult], tuple[str, ...]], Callable[[str], str]], ...] = (
    (_exact, _as_written),
    (_near, _as_written),
    (_exact, _slug),
    (_near, _slug),
)
