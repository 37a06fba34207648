"""A finished run is kept in the history and held against the runs before it, where that is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from smoke.app.history import (
    LAST_PASS,
    HistoryPlace,
    last_pass,
    meant,
    past_of,
    place_of,
    reading,
    today,
    writing,
)
from smoke.app.options import RunOptions
from smoke.app.past_options import PastOptions
from smoke.diagnostic import Diagnostic, SmokeError, nearest
from smoke.model.run import Run

if TYPE_CHECKING:
    from smoke.history.comparing import RunComparison
    from smoke.history.known import KnownFailure, KnownFailures
    from smoke.history.rows import RunRecord
    from smoke.history.verdict import Verdict

FAIL_ON = ("any", "new")
_OF_A_DEPLOY = frozenset({"push", "deployment", "deployment_status"})
"""Events of GitHub whose commit is the one that was deployed."""


class Wish(Struct, frozen=True):
    """What is asked of the history, checked before anything is sent."""

    place: HistoryPlace | None
    build: tuple[str, str]
    """The build where the run does not know it, and what told it."""
    against: str = ""
    only_new: bool = False
    known: KnownFailures | None = None
    verdict: Path | None = None

    @property
    def url(self) -> str:
        """The deployment that the run is held against, where that is one."""
        return self.against if self.against.startswith(("http://", "https://")) else ""

    @property
    def compares(self) -> bool:
        """Whether more is asked than to keep the run."""
        return bool(self.against or self.only_new or self.verdict or self.known)


class JudgedRun(Struct, frozen=True):
    """What the history says of a run."""

    comparison: RunComparison
    verdict: Verdict
    listed: Mapping[tuple[str, str, str], KnownFailure]
    remarks: tuple[Diagnostic, ...] = ()
    """What is to be said of the file of known failures."""


class Remembered(Struct, frozen=True):
    """A run in the history: what it says of it, and in words what went wrong with the history itself."""

    record: RunRecord
    judged: JudgedRun | None = None
    """Nothing where it passed, and nothing was asked."""
    problems: tuple[str, ...] = ()


def wish_of(options: RunOptions, output: PastOptions, environ: Mapping[str, str]) -> Wish:
    """What is asked of the history. Raises SmokeError, before anything is sent, for what cannot be done."""
    if output.fail_on not in FAIL_ON:
        near = nearest(output.fail_on, FAIL_ON)
        hint = f"; did you mean '{near}'?" if near else ""
        raise SmokeError.of(
            "bad-option", f"--fail-on: any or new is expected, not '{output.fail_on}'{hint}"
        )
    place = place_of(output.history, options.out, environ)
    wish = Wish(
        place,
        (output.build.strip(), "--build") if output.build.strip() else _build_of_job(environ),
        output.against,
        output.fail_on == "new",
        _known(output),
        output.verdict,
    )
    if wish.compares and place is None and not wish.url:
        raise SmokeError.of(
            "bad-option", "--history off keeps nothing that a run could be compared with"
        )
    if wish.against and not wish.url and wish.against != LAST_PASS and place is not None:
        with reading(place) as history:
            meant(history, wish.against)  # a name that is none is told before anything is sent
    if wish.url:
        from smoke.scenario.address import AddressError, check_deployment

        try:
            check_deployment(wish.url)
        except AddressError as error:
            raise SmokeError.of("bad-url", f"--against {error}", notes=error.notes) from error
    return wish


def _known(output: PastOptions) -> KnownFailures | None:
    from smoke.app.known_file import known_file

    path = known_file(output)
    if path is None:
        return None
    from smoke.history.known import load_known

    return load_known(path)


def _build_of_job(environ: Mapping[str, str]) -> tuple[str, str]:
    """The commit of a GitHub job that a deploy started; of any other (a schedule) it is not the one that is deployed."""
    commit = environ.get("GITHUB_SHA", "")
    if commit and environ.get("GITHUB_EVENT_NAME") in _OF_A_DEPLOY:
        return commit, "GITHUB_SHA"
    return "", ""


def remember(run: Run, wish: Wish, beside: RunRecord | None = None) -> Remembered | None:
    """Keep a run and compare it; None where nothing is kept. What goes wrong with the history fails no run.

    `beside` is the run of the deployment that it is held against. Where the history cannot be read there is nothing to
    compare with, and so every failure is new.
    """
    if (wish.place is None and beside is None) or run.shard is not None or run.by_hand:
        return None  # a part of a run is nothing to compare with (`smoke merge` keeps the whole), nor what a person changed
    from smoke.history.recording import record_of

    record = record_of(run, *wish.build)
    asked = wish.compares or not record.run.passed
    past, against, problems = _kept(record, wish, looks_back=asked)
    if beside is not None:
        against = [beside]
    judged = judge(record, past, against, wish.known) if asked else None
    return Remembered(record, judged, tuple(problems))


def _kept(
    record: RunRecord, wish: Wish, *, looks_back: bool
) -> tuple[list[RunRecord], list[RunRecord] | None, list[str]]:
    """The records before, those to compare with where some are named, and what went wrong."""
    past: list[RunRecord] = []
    against: list[RunRecord] | None = [] if wish.against else None
    if wish.place is None:
        return past, against, []
    try:
        with writing(wish.place) as history:
            if looks_back:
                past = past_of(history, record)
            if wish.against == LAST_PASS:
                against = last_pass(past)
            elif wish.against and not wish.url:
                found = meant(history, wish.against, record.run.target)
                against = [each for each in found if each.run.id != record.run.id]
            history.add(record)
    except SmokeError as error:
        return past, against, [str(error), *_notes(error)]
    return past, against, []


def _notes(error: SmokeError) -> list[str]:
    return [note.message for each in error.diagnostics for note in each.notes]


def judge(
    record: RunRecord,
    past: Sequence[RunRecord],
    against: Sequence[RunRecord] | None,
    known: KnownFailures | None = None,
) -> JudgedRun:
    """What the records before say of one."""
    from smoke.history.comparing import compare
    from smoke.history.verdict import verdict

    comparison = compare(record, past, against)
    listed = known.listed(comparison, today()) if known is not None else {}
    remarks = known.remarks(record, past, comparison, today()) if known is not None else ()
    return JudgedRun(comparison, verdict(record, comparison, listed), listed, remarks)


def keep_beside(run: Run, wish: Wish) -> RunRecord:
    """The record of a run that another one is held against, kept under its own address."""
    from smoke.history.recording import origin, record_of

    record = record_of(run, target=origin(run.target.url))
    if wish.place is not None:
        try:
            with writing(wish.place) as history:
                history.add(record)
        except SmokeError:
            return record  # the run that is asked about says so, too
    return record
