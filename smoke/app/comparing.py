"""Runs of the history beside one another, and the rows that `smoke history` shows: by the words that people use for them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from smoke.app.history import (
    LAST_PASS,
    WINDOW,
    HistoryPlace,
    last_pass,
    meant,
    past_of,
    place_of,
    reading,
)
from smoke.app.remembering import JudgedRun, judge
from smoke.diagnostic import SmokeError, nearest

if TYPE_CHECKING:
    from smoke.history.rows import RunRecord
    from smoke.history.tables import History


class Past(Struct, frozen=True):
    """The last runs of a target, the newest first."""

    target: str
    records: tuple[RunRecord, ...]


def compared(
    before: str,
    after: str,
    *,
    target: str = "",
    url: str = "",
    out: Path,
    history: str = "",
    known: Path | None = None,
) -> JudgedRun:
    """A run or build (the last run, where none is named) beside another. Raises SmokeError when there is no such run."""
    place = needed_place(history, out)
    failures = None
    if known is not None:
        from smoke.history.known import load_known

        failures = load_known(known)
    with reading(place) as opened:
        if opened is None:
            raise _nothing(place)
        name = target_named(opened, target, url) if target or url or not after else ""
        now = meant(opened, after, name)[0] if after else _last(opened, name)
        past = past_of(opened, now)
        against = _against(opened, before, now, past)
    return judge(now, past, against, failures)


def _against(
    history: History, word: str, now: RunRecord, past: Sequence[RunRecord]
) -> list[RunRecord] | None:
    if not word:
        return None
    if word == LAST_PASS:
        return last_pass(past)
    found = meant(history, word, now.run.target)
    others = [each for each in found if each.run.id != now.run.id]
    if not others:
        raise SmokeError.of(
            "unknown-build",
            f"'{word}' is the run {now.run.id} itself: there is no other to compare it with",
            notes=["`smoke compare` without names compares with the last verdict on another build"],
        )
    return others


def _last(history: History, target: str) -> RunRecord:
    return history.records(history.recent(target, 1))[0]


def past_runs(
    place: HistoryPlace, *, target: str = "", url: str = "", most: int = WINDOW
) -> tuple[Past, ...]:
    """The last runs of a target, or of all. Raises SmokeError where there are none."""
    with reading(place) as history:
        if history is None:
            raise _nothing(place)
        names = [target_named(history, target, url)] if target or url else history.targets()
        found = [Past(name, tuple(history.records(history.recent(name, most)))) for name in names]
        if not found:
            raise _nothing(place)
        return tuple(found)


def target_named(history: History, target: str, url: str) -> str:
    """The target that is meant, in the history's words; without any the one that was tested last. Raises SmokeError."""
    names = history.targets()
    if not names:
        raise SmokeError.of("no-runs", "the history holds no run yet")
    word = target
    if url:
        from smoke.history.recording import origin
        from smoke.scenario.address import AddressError, check_deployment

        try:
            check_deployment(url)
        except AddressError as error:
            raise SmokeError.of("bad-url", f"--url {error}", notes=error.notes) from error
        word = origin(url)
    if not word or word in names:
        return word or names[0]
    near = nearest(word, names)
    hint = f"did you mean '{near}'?" if near else f"targets: {', '.join(names[:10])}"
    raise SmokeError.of(
        "unknown-build", f"the history has no run of the target '{word}'", notes=[hint]
    )


def needed_place(history: str, out: Path) -> HistoryPlace:
    """Where the history is. Raises SmokeError where it is off."""
    place = place_of(history, out, os.environ)
    if place is None:
        raise SmokeError.of("bad-option", "--history off: there is none to look at")
    return place


def _nothing(place: HistoryPlace) -> SmokeError:
    return SmokeError.of(
        "no-runs",
        f"there is no run in the history {place.called} yet",
        notes=["`smoke history --import DIR` takes in the runs of a folder"],
    )
