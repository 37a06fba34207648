"""`smoke merge`: the runs of `--shard` become one run, with all of their evidence and one verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import takewhile
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from smoke.app.running import new_run_id
from smoke.diagnostic import Diagnostic, Note, SmokeError
from smoke.engine.control import SystemClock
from smoke.model.asked import Shard
from smoke.model.events import (
    Event,
    ExchangeRecorded,
    RunFinished,
    RunStarted,
    ScenarioStarted,
    TargetReady,
)
from smoke.model.renaming import renamed
from smoke.model.run import Outcome, Run
from smoke.store import RunEmptyError, RunFolder, StoreError, list_runs, mark_latest
from smoke.store.adopting import adopt
from smoke.text import plural


class _Part(Struct, frozen=True):
    """The run of one part, and which part it is."""

    folder: RunFolder
    run: Run
    shard: Shard

    @property
    def label(self) -> str:
        return f"shard {self.shard} ({self.run.id})"


def merge(paths: Sequence[Path], *, out: Path) -> Run:
    """One run made of the runs of all shards, in a new folder below `out`; those runs stay as they are.

    `paths` are their folders, or folders that hold them. A part that is missing, broke off or was of another selection
    is a problem of the run, with which it is not green; what there is of evidence and orders is in it all the same.
    Raises SmokeError where no such run is found, where a part is there twice, or where the runs do not belong together.
    """
    found = _parts(paths)
    _check_together(found)
    clock = SystemClock()
    first = found[0].run
    run_id = new_run_id(clock.now())
    problems = tuple(_problems(found))
    with RunFolder.create(out, run_id) as folder:
        mark_latest(out, run_id)
        folder.append(RunStarted(first.started_at, _begun(run_id, found)), sync=True)
        if (ready := _readiness(found, folder)) is not None:
            folder.append(ready)
        taken: set[str] = set()
        for part in found:
            for event in _events(part, folder, _renamed(part, taken)):
                folder.append(event)
            taken.update(scenario.name for scenario in part.run.scenarios)
        folder.append(_finished(found, problems), sync=True)
        return folder.run()


def _parts(paths: Iterable[Path]) -> list[_Part]:
    """The runs in the order of their parts. Raises SmokeError."""
    folders = list({folder.folder.resolve(): folder for folder in _folders(paths)}.values())
    found: list[_Part] = []
    others: list[str] = []
    for folder in folders:
        if folder.in_use:
            raise StoreError.of(
                "run-in-use", f"the run {folder.run_id} is still being written by another process"
            )
        try:
            run = folder.run()
        except RunEmptyError:
            others.append(f"{folder.folder} ended before its first event was written")
            continue
        if run.shard is not None:
            found.append(_Part(folder, run, run.shard))
        else:
            others.append(f"{run.id} is a run of its own: it was not given --shard")
    if not found:
        raise SmokeError.of(
            "nothing-to-merge",
            "no run of a shard is there",
            notes=others[:10] or ["`smoke run --shard 1/3` makes one"],
        )
    return sorted(found, key=lambda part: part.shard.number)


def _folders(paths: Iterable[Path]) -> Iterator[RunFolder]:
    """The run folders that are meant: each path is one, or holds some, at most three folders down."""
    for path in paths:
        if not path.is_dir():
            raise SmokeError.of("no-run", f"{path} is no folder")
        yield from _below(path, 3)


def _below(path: Path, depth: int) -> Iterator[RunFolder]:
    if (path / "events.jsonl").is_file():
        yield RunFolder.open(path)
        return
    for stored in sorted(list_runs(path), key=lambda each: each.id):
        yield stored.folder()
    if depth:
        for inner in sorted(path.iterdir()):
            if inner.is_dir() and not inner.is_symlink() and not (inner / "events.jsonl").is_file():
                yield from _below(inner, depth - 1)


def _check_together(found: Sequence[_Part]) -> None:
    """Refuse runs that are not parts of one. Raises SmokeError."""
    first = found[0]
    problems = []
    for part in found[1:]:
        if part.shard.count != first.shard.count:
            what = f"one of {first.shard.count} parts, the other of {part.shard.count}"
        elif part.run.target.url != first.run.target.url:
            what = f"one was at {first.run.target.url}, the other at {part.run.target.url}"
        else:
            continue
        problems.append(
            Diagnostic(
                "not-together",
                f"{first.run.id} and {part.run.id} are not parts of one run: {what}",
            )
        )
    for number, times in sorted(Counter(part.shard.number for part in found).items()):
        if times > 1:
            ids = [part.run.id for part in found if part.shard.number == number]
            problems.append(
                Diagnostic(
                    "shard-twice",
                    f"the part {number}/{first.shard.count} is there {times} times: {_listed(ids)}",
                    notes=(Note("name the folders that are meant, one for each part"),),
                )
            )
    if problems:
        raise SmokeError(problems)


def _problems(found: Sequence[_Part]) -> Iterator[str]:
    """What keeps the parts from being the whole selection, and what each of them had to tell."""
    count = found[0].shard.count
    there = {part.shard.number for part in found}
    missing = [f"{number}/{count}" for number in range(1, count + 1) if number not in there]
    if missing:
        yield f"{plural(len(missing), 'shard is', 'shards are')} missing ({_listed(missing)}): what was to run there is not judged"
    whole = found[0].shard.selected
    for part in found[1:]:
        if part.shard.selected != whole:
            yield f"{part.label} is of another selection than {found[0].label}: see that all had the same files and words"
    runs = Counter(name for part in found for name in part.shard.scenarios)
    if not missing:
        left_out = [name for name in whole if name not in runs]
        if left_out:
            yield f"no shard had {_listed(left_out)}: see that all had the same --shard-times"
    twice = [name for name, times in runs.items() if times > 1]
    if twice:
        yield f"more than one shard had {_listed(twice)}: see that all had the same --shard-times"
    for part in found:
        yield from (f"{part.label}: {problem}" for problem in part.run.problems)
        if part.run.interrupted_by:
            yield f"{part.label} was interrupted ({part.run.interrupted_by})"
        elif not part.run.finished_at:
            yield f"{part.label} did not come to its end"
        altered = [torn for torn in part.folder.torn() if not torn.unfinished]
        if altered:
            yield f"{part.label}: not every event is whole ({altered[0].reason}, line {altered[0].line})"


def _listed(words: Sequence[str]) -> str:
    more = f" and {len(words) - 10} more" if len(words) > 10 else ""
    return ", ".join(words[:10]) + more


def _begun(run_id: str, found: Sequence[_Part]) -> Run:
    first = found[0].run
    warnings = dict.fromkeys(warning for part in found for warning in part.run.warnings)
    return replace(
        first,
        id=run_id,
        started_at=min(part.run.started_at for part in found),
        finished_at="",
        outcome=Outcome.UNFINISHED,
        scenarios=(),
        orders=(),
        seed=first.seed if len({part.run.seed for part in found}) == 1 else "",
        folder="",
        readiness="",
        readiness_exchange=None,
        interrupted_by="",
        problems=(),
        warnings=tuple(warnings),
        seconds=0.0,
        asked=None if first.asked is None else replace(first.asked, options=_without(found)),
        trace_id=first.trace_id if len({part.run.trace_id for part in found}) == 1 else "",
        shard=None,
        merged=tuple(part.run.id for part in found),
    )


def _without(found: Sequence[_Part]) -> tuple[str, ...]:
    """The first part's options, but for which part it was."""
    asked = found[0].run.asked
    words = list(asked.options) if asked is not None else []
    for name in ("--shard", "--shard-times"):
        if name in words:
            at = words.index(name)
            del words[at : at + 2]
    return tuple(words)


def _readiness(found: Sequence[_Part], folder: RunFolder) -> TargetReady | None:
    """What the wait for the target came to: the one that was in vain, else the first."""
    told = [
        (part, event)
        for part in found
        for event in takewhile(_before_scenarios, part.folder.events())
        if isinstance(event, TargetReady)
    ]
    if not told:
        return None
    part, event = next((each for each in told if not each[1].ready), told[0])
    if event.exchange is None:
        return event
    return replace(event, exchange=adopt(event.exchange, part.folder, folder, _prefix(part)))


def _before_scenarios(event: Event) -> bool:
    return not isinstance(event, ScenarioStarted)


def _prefix(part: _Part) -> str:
    return f"shard-{part.shard.number}-"


def _renamed(part: _Part, taken: set[str]) -> Mapping[str, str]:
    """New names for scenarios that an earlier part has, too: what several need is carried out in each."""
    return {
        scenario.name: f"{scenario.name} ({part.shard})"
        for scenario in part.run.scenarios
        if scenario.name in taken
    }


def _events(part: _Part, folder: RunFolder, names: Mapping[str, str]) -> Iterator[Event]:
    """What happened in a part, with its bodies taken over, and its scenarios called as `names` says."""
    for event in part.folder.events():
        match event:
            case RunStarted() | RunFinished() | TargetReady():
                continue
            case ExchangeRecorded():
                exchange = adopt(event.exchange, part.folder, folder, _prefix(part))
                yield renamed(replace(event, exchange=exchange), names)
            case _:
                yield renamed(event, names)


def _finished(found: Sequence[_Part], problems: tuple[str, ...]) -> RunFinished:
    runs = [part.run for part in found]
    # an empty part passes, and runs nothing
    ran = [part.run.outcome for part in found if part.shard.scenarios]
    worst = max(ran, key=lambda outcome: outcome.rank, default=Outcome.SKIPPED)
    if problems:
        worst = max((Outcome.ERRORED, worst), key=lambda outcome: outcome.rank)
    return RunFinished(
        at=max((run.finished_at for run in runs), default=""),
        outcome=worst,
        problems=problems,
        seconds=max((run.seconds for run in runs), default=0.0),
    )
