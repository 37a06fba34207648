"""Finds what the two words of `smoke diff` mean: runs, or exchanges, steps and orders of a run."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from smoke.diagnostic import Diagnostic, Note, SmokeError, nearest
from smoke.facts.differing import (
    ComparedStep,
    ComparedValue,
    Side,
    compare_exchanges,
    compare_runs,
    side_of,
)
from smoke.model.run import Run
from smoke.store import RunFolder, list_runs, resolve


class DiffedThing(Struct, frozen=True):
    """What one word means: a run, or one exchange of it (`side`); `title` is how it is shown."""

    title: str
    folder: RunFolder
    run: Run
    side: Side | None = None


class Diffed(Struct, frozen=True):
    """Two things and what they contain: `values` of two exchanges, or `steps` of two runs."""

    left: DiffedThing
    right: DiffedThing
    values: tuple[ComparedValue, ...] = ()
    steps: tuple[ComparedStep, ...] = ()

    @property
    def same(self) -> bool:
        """Whether nothing differs but what differs in every run."""
        return not any(step.differs for step in self.steps) and not any(
            value.likeness == "differs" for value in self.values
        )


def diff(first: str, second: str, out: Path, within: str = "") -> Diffed:
    """What two words mean, beside each other. Steps and orders are those of the run `within` (default: the last).

    Raises SmokeError for a word that means nothing, or when one is a run and the other is not.
    """
    left, right = find(first, out, within), find(second, out, within)
    if left.side is not None and right.side is not None:
        return Diffed(left, right, values=compare_exchanges(left.side, right.side))
    if left.side is None and right.side is None:
        return Diffed(
            left, right, steps=compare_runs(left.run, right.run, left.folder, right.folder)
        )
    run, other = (left, right) if left.side is None else (right, left)
    raise SmokeError.of(
        "bad-option",
        f"'{run.title}' is a run and '{other.title}' is an exchange: two of one kind can be compared",
        notes=[f"a step of that run is '{run.title}/STEP'"],
    )


def find(word: str, out: Path, within: str = "") -> DiffedThing:
    """The run, exchange (`RUN-7`), step (`RUN/STEP`, or STEP of the run `within`) or order (its id or key) that is meant."""
    runs = {stored.id for stored in list_runs(out)}
    before, dash, number = word.rpartition("-")
    if dash and number.isdecimal() and before in runs:
        return _exchange(resolve(out, before), word)
    if (named := _run(word, out)) is not None:
        run = named.run()
        return DiffedThing(run.id, named, run)
    head, slash, step = word.partition("/")
    if slash and (named := _run(head, out)) is not None:
        return _step(named, step)
    return _step(resolve(out, within) if within else resolve(out), word)


def _run(word: str, out: Path) -> RunFolder | None:
    """The run of that name; None where there is none. Raises SmokeError for a word that begins several."""
    try:
        return resolve(out, word) if word else None
    except SmokeError as error:
        if error.diagnostics[0].code in ("unknown-run", "no-run"):
            return None
        raise


def _exchange(folder: RunFolder, wanted: str) -> DiffedThing:
    run = folder.run()
    for scenario in run.scenarios:
        for step in scenario.steps:
            for attempt in step.attempts:
                for exchange in attempt.exchanges:
                    if exchange.id == wanted:
                        title = f"{wanted} ({step.called})"
                        return DiffedThing(
                            title, folder, run, Side(run, scenario, step, exchange, folder)
                        )
    raise SmokeError.of("unknown-step", f"the run {run.id} has no exchange '{wanted}'")


def _step(folder: RunFolder, wanted: str) -> DiffedThing:
    """A step by its id or title (with its scenario where two have it), or the one that placed an order."""
    run = folder.run()
    ordered = {
        (order.scenario, order.step)
        for order in run.orders
        if wanted and wanted in (order.key, order.order_id)
    }
    pairs = [(scenario, step) for scenario in run.scenarios for step in scenario.steps]
    found = [
        (scenario, step)
        for scenario, step in pairs
        if wanted in (step.id, step.called, step.typed)
        or wanted in (f"{scenario.name}/{step.id}", f"{scenario.name}/{step.typed}")
        or (scenario.name, step.id) in ordered
    ]
    if len(found) != 1:
        known = [
            name for scenario, step in pairs for name in (step.id, f"{scenario.name}/{step.id}")
        ]
        many = f"'{wanted}' is {len(found)} steps of the run {run.id}: name the scenario, too"
        message = (
            many if found else f"'{wanted}' is no run, and no step or order of the run {run.id}"
        )
        notes = [Note(f"steps: {', '.join(known[1::2][:20])}")]
        suggestion = "" if found else nearest(wanted, known)
        raise SmokeError(
            [Diagnostic("unknown-step", message, suggestion=suggestion, notes=tuple(notes))]
        )
    scenario, step = found[0]
    side = side_of(run, scenario, step, folder)
    if side is None:
        raise SmokeError.of(
            "no-exchange", f"the step '{step.called}' of the run {run.id} sent nothing"
        )
    return DiffedThing(f"{run.id}/{step.called}", folder, run, side)
