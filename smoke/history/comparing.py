"""A run held against those before it: what is new, fixed, failing still, slower, flaky. Pure.

Two failures are the same when one cause (a fingerprint) strikes one step of one scenario. A cause that strikes another
step, too, is new there: more is broken than before.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from smoke.history.rows import FailureRow, RunRecord, RunRow
from smoke.history.speed import Slower, needed, slower
from smoke.model.run import Outcome
from smoke.text import plural


class Became(StrEnum):
    """What became of something between two runs."""

    NEW = "new"
    STILL = "still failing"
    FIXED = "fixed"
    UNKNOWN = "not judged"


class Basis(StrEnum):
    """What a run is held against."""

    BUILD = "build"
    """For each scenario its last verdict on another build."""
    RUN = "run"
    """For each scenario its last verdict before: which build this is nobody said."""
    GIVEN = "given"
    """What was asked for."""
    NONE = "none"
    """There is nothing."""


class FailureChange(Struct, frozen=True):
    """One failure, and what became of it; or a scenario of which nothing can be said (`fingerprint` is empty)."""

    kind: Became
    scenario: str
    step: str = ""
    fingerprint: str = ""
    title: str = ""
    note: str = ""
    since: RunRow | None = None
    """The first of the runs in a row that failed so."""
    runs: int = 0
    """How many they are, this one included."""
    teardown: bool = False
    before: RunRow | None = None
    """The run before these that carried the scenario out and did not fail so."""

    @property
    def begins(self) -> str:
        """`since`; `at least since` where no run before them is known that did not fail so."""
        return "since" if self.before is not None else "at least since"

    @property
    def where(self) -> str:
        """`repeat-customer 'Order 2'`."""
        return f"{self.scenario} '{self.step}'" if self.step else self.scenario

    @property
    def key(self) -> tuple[str, str, str]:
        """Where it is, and by which cause."""
        return self.scenario, self.step, self.fingerprint


class Flaky(Struct, frozen=True):
    """A scenario that both passed and failed on one build, or a step that passed only when it was tried again."""

    scenario: str
    step: str
    note: str


class RunComparison(Struct, frozen=True):
    """What is to be told of a run beside those before it."""

    now: RunRow
    basis: Basis
    against: RunRow | None = None
    """The run that it is held against: of several the newest."""
    changes: tuple[FailureChange, ...] = ()
    slower: tuple[Slower, ...] = ()
    flaky: tuple[Flaky, ...] = ()
    last_good: RunRow | None = None
    """The last run before that passed, on another build where this one's is known, with every scenario of this one."""
    passes: int = 0
    """How many passes before there are for the times of its steps, at the most."""
    needed: int = 0
    """How many one run needs, before anything can be said of them."""

    def of(self, kind: Became) -> tuple[FailureChange, ...]:
        """The changes of one kind."""
        return tuple(change for change in self.changes if change.kind is kind)


def compare(
    now: RunRecord, past: Sequence[RunRecord], against: Sequence[RunRecord] | None = None
) -> RunComparison:
    """A run beside those of its target before it, the newest first. `against`: what it is held against, where that was said."""
    version = now.run.version
    others = [each for each in past if _elsewhere(each, version)]
    held = others if against is None else against
    named = against is not None
    changes = [
        change
        for row in now.scenarios
        for change in _changes(now, row.name, past, held, named=named)
    ]
    changes += _left_out(now, held)
    basis = Basis.GIVEN if against is not None else Basis.BUILD if version else Basis.RUN
    names = {row.name for row in now.scenarios}
    first = next((each for each in held if _tells_of(each, names, named=named)), None)
    slow, passes, wanted = _speed(now, past, others)
    good = [
        each.run
        for each in others
        if each.run.passed and names <= {row.name for row in each.scenarios}
    ]
    return RunComparison(
        now=now.run,
        basis=basis if first is not None else Basis.NONE,
        against=first.run if first is not None else None,
        changes=tuple(changes),
        slower=slow,
        flaky=tuple(_flaky(now, past)),
        last_good=good[0] if good else None,
        passes=passes,
        needed=wanted,
    )


def _tells_of(record: RunRecord, names: Container[str], *, named: bool) -> bool:
    """Whether a record has a verdict on one of these scenarios; on any where somebody named the record."""
    return any(row.judged and (named or row.name in names) for row in record.scenarios)


def _elsewhere(record: RunRecord, version: str) -> bool:
    """Whether a record is of another build; where this one's is not known, any that came before may be."""
    return not version or record.run.version not in ("", version)


def _elsewhere_row(row: RunRow, now: RunRow) -> bool:
    """Whether a run is one of before, and of another build where both are known."""
    return row.id != now.id and (not now.version or row.version not in ("", now.version))


def _baseline(scenario: str, held: Sequence[RunRecord]) -> RunRecord | None:
    """The newest record with a verdict on a scenario."""
    return next(
        (each for each in held if (row := each.scenario(scenario)) is not None and row.judged),
        None,
    )


def _changes(
    now: RunRecord,
    scenario: str,
    past: Sequence[RunRecord],
    held: Sequence[RunRecord],
    *,
    named: bool,
) -> Iterator[FailureChange]:
    """What became of the failures of one scenario. `named`: somebody said what to compare with."""
    row = now.scenario(scenario)
    assert row is not None
    before = _baseline(scenario, held)
    known = {each.key: each for each in before.failed(scenario)} if before is not None else {}
    current = {each.key: each for each in now.failed(scenario)}
    for failure in current.values():
        if failure.outcome != Outcome.FAILED:
            continue  # without a verdict it is neither new nor old
        since, runs, other = streak(failure, past, now.run)
        old = failure.key in known and (named or _reaches(since, before))
        kind = Became.STILL if old else Became.NEW
        note = "" if kind is Became.STILL else _seen(failure, past, before, now.run)
        if kind is Became.NEW and since is not None and _elsewhere_row(since, now.run):
            note = f"it fails so since {since.called} ({plural(runs, 'run')})"
        change = _change(kind, failure, note, since, runs)
        yield replace(change, before=other.run if other is not None else None)
    if not row.judged:
        what = "not run" if row.outcome == Outcome.SKIPPED else f"no verdict ({row.outcome})"
        title = next((each.title for each in current.values()), "")
        yield FailureChange(Became.UNKNOWN, scenario, title=title, note=what)
    for failure in known.values():
        if failure.key in current:
            continue
        assert before is not None
        since, runs, _ = streak(failure, [before, *_behind(before, past)], None)
        if now.passed(scenario, failure.step):
            yield _change(Became.FIXED, failure, "", since, runs)
        elif row.judged and not any(each.step == failure.step for each in current.values()):
            yield _change(Became.UNKNOWN, failure, "not reached this time", since, runs)


def _change(
    kind: Became, failure: FailureRow, note: str, since: RunRow | None, runs: int
) -> FailureChange:
    return FailureChange(
        kind,
        failure.scenario,
        failure.step,
        failure.fingerprint,
        failure.title,
        note,
        since,
        runs,
        bool(failure.teardown),
    )


def _reaches(since: RunRow | None, before: RunRecord | None) -> bool:
    """Whether a failure lasts since the run that is compared with: one that passed on this build meanwhile is back, not old."""
    return since is not None and before is not None and since.started <= before.run.started


def _behind(record: RunRecord, past: Sequence[RunRecord]) -> Sequence[RunRecord]:
    """Those of the past that are older than a record."""
    return [each for each in past if each.run.started < record.run.started]


def streak(
    failure: FailureRow, past: Sequence[RunRecord], now: RunRow | None
) -> tuple[RunRow | None, int, RunRecord | None]:
    """The first of the runs in a row with a failure, how many they are, and the run before them that did not fail so.

    Runs without a verdict do not end it. None for the run before them where none is known.
    """
    first, count = now, int(now is not None)
    for record in past:
        row = record.scenario(failure.scenario)
        if row is None or not row.judged:
            continue
        if all(each.key != failure.key for each in record.failed(failure.scenario)):
            return first, count, record
        first, count = record.run, count + 1
    return first, count, None


def _seen(
    failure: FailureRow, past: Sequence[RunRecord], before: RunRecord | None, now: RunRow
) -> str:
    """What is known of a new failure: where it was seen before, or that nothing is there to compare with."""
    notes = []
    if before is None:
        notes.append("the scenario has no earlier verdict to compare with")
    same = [each for each in past if any(row.key == failure.key for row in each.failures)]
    other = [each for each in same if _elsewhere(each, now.version)]
    if same and not other:
        notes.append(f"seen on this build since run {same[-1].run.id}")
    elif other:
        notes.append(f"it is back: last seen on {other[0].run.called}")
    elif before is not None and (
        kept := [row for row in before.failures if row.fingerprint == failure.fingerprint]
    ):
        notes.append(f"the same cause struck {kept[0].where} before")
    elif before is not None and before.failed(failure.scenario):
        notes.append("the scenario failed before, by another cause")
    return "; ".join(notes)


def _left_out(now: RunRecord, held: Sequence[RunRecord]) -> Iterator[FailureChange]:
    """Scenarios that the newest of the others had, and this run has not."""
    names = {row.name for row in now.scenarios}
    for row in held[0].scenarios if held else ():
        if row.name not in names:
            yield FailureChange(
                Became.UNKNOWN, row.name, note="not among the scenarios of this run"
            )


def _speed(
    now: RunRecord, past: Sequence[RunRecord], others: Sequence[RunRecord]
) -> tuple[tuple[Slower, ...], int, int]:
    """The steps that are slower, how many passes there are at the most, and how many are needed."""
    version = now.run.version
    here = [now, *(each for each in past if version and each.run.version == version)]
    times = _times(others)
    steps = [key for key in _times([now]) if key in times]
    mine = _times(here)
    found = [
        slow
        for key in steps
        if (slow := slower(*key, mine[key], times[key], len(steps))) is not None
    ]
    passes = max((len(times[key]) for key in steps), default=0)
    return tuple(found), passes, needed(len(steps))


def _times(records: Sequence[RunRecord]) -> dict[tuple[str, str], list[float]]:
    """How long steps took where they passed at once, the newest first."""
    times: dict[tuple[str, str], list[float]] = {}
    for record in records:
        for row in record.steps:
            if row.outcome == Outcome.PASSED and not row.flaky:
                times.setdefault((row.scenario, row.step), []).append(row.seconds)
    return times


def _flaky(now: RunRecord, past: Sequence[RunRecord]) -> Iterator[Flaky]:
    for row in now.steps:
        if row.flaky:
            yield Flaky(row.scenario, row.step, "passed only when it was tried again")
    version = now.run.version
    if not version:
        return
    here = [now, *(each for each in past if each.run.version == version)]
    for scenario in now.scenarios:
        judged = [
            found for each in here if (found := each.scenario(scenario.name)) and found.judged
        ]
        good = sum(each.outcome == Outcome.PASSED for each in judged)
        if 0 < good < len(judged):
            note = f"passed in {good} of {plural(len(judged), 'run')} on {version}"
            yield Flaky(scenario.name, "", note)
