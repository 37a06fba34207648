"""Which runs may go, and which are still needed: orders are left of them, or they are the evidence of the last failure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct

from smoke.diagnostic import SmokeError
from smoke.model.run import Run
from smoke.store import RunEmptyError, StoredRun, StoreError, list_runs
from smoke.store.room import give_back_reserves, remove_halves, remove_run, size_on_disk

_HOURS = {"h": 1, "d": 24, "w": 7 * 24}


class Keep(Struct, frozen=True):
    """What is kept at least: the newest `runs`, or those that began less than `hours` ago."""

    runs: int = 0
    hours: float = 0.0


class Pruned(Struct, frozen=True):
    """What became of one run: removed (or to be removed), kept for a reason, or neither (`problem`)."""

    run_id: str
    started: str
    size: int = 0
    reason: str = ""
    problem: str = ""

    @property
    def removed(self) -> bool:
        return not self.reason and not self.problem


def keep_of(text: str, option: str = "--keep") -> Keep:
    """`20` (runs), `36h`, `30d` or `8w`. Raises SmokeError for anything else, and for 0: that would keep nothing."""
    match = re.fullmatch(r"([0-9]{1,6})([hdw])?", text.strip())
    if match is None or int(match[1]) == 0:
        raise SmokeError.of(
            "bad-option",
            f"{option} takes a number of runs or an age above zero, not '{text}'",
            notes=["for example 20 (the newest runs), 36h, 30d or 8w"],
        )
    number, unit = int(match[1]), match[2]
    return Keep(hours=number * _HOURS[unit]) if unit else Keep(runs=number)


def prune(out: Path, keep: Keep, *, now: datetime, dry_run: bool) -> Iterator[Pruned]:
    """Remove the runs below `out` that nothing speaks for; each that is older than asked for is told of, oldest last.

    With `dry_run` nothing is removed. Raises StoreError when the folder cannot be read.
    """
    if not dry_run:
        give_back_reserves(out)
        remove_halves(out)
    runs = [(stored, _read(stored)) for stored in list_runs(out)]
    failed = next(
        (stored for stored, run in runs if isinstance(run, Run) and run.outcome.bad), None
    )
    for number, (stored, run) in enumerate(runs):
        if number < max(keep.runs, 1) or not _old(stored, keep, now):
            continue  # the newest one is what `latest` means
        started = datetime.fromtimestamp(stored.started, UTC).isoformat(timespec="minutes")
        reason = run if isinstance(run, str) else _needed(run)
        if stored is failed and not reason:
            reason = "it is the last run that did not pass"
        yield _remove(Pruned(stored.id, started, reason=reason), stored, dry_run=dry_run)


def _read(stored: StoredRun) -> Run | str | None:
    """The run; a reason to keep it where not all of it can be read; None when it ended before it began."""
    try:
        folder = stored.folder()
        if folder.in_use:
            return "it is being written"
        if any(not torn.unfinished for torn in folder.torn()):
            return "not all of its events can be read, so it may have left orders"
        return folder.run()
    except RunEmptyError:
        return None
    except StoreError as error:
        return str(error)


def _old(stored: StoredRun, keep: Keep, now: datetime) -> bool:
    return not keep.hours or now.timestamp() - stored.started > keep.hours * 3600


def _needed(run: Run | None) -> str:
    left = len(run.orders_left_behind) if run is not None else 0
    if not left:
        return ""
    return f"{left} {'order' if left == 1 else 'orders'} may be left of it"


def _remove(pruned: Pruned, stored: StoredRun, *, dry_run: bool) -> Pruned:
    if pruned.reason:
        return pruned
    try:
        size = size_on_disk(stored.path)
        if not dry_run:
            remove_run(stored.path)
    except StoreError as error:
        return Pruned(stored.id, pruned.started, problem=str(error))
    return Pruned(stored.id, pruned.started, size)


def freed(found: Sequence[Pruned]) -> int:
    """Bytes of all runs that were removed."""
    return sum(each.size for each in found if each.removed)
