"""The file of known failures: which ones somebody owns, why, and until when. An entry that is no use any more is told."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct
from pydantic import Field

from smoke.diagnostic import Diagnostic, Level, Note, nearest
from smoke.history.comparing import Became, FailureChange, RunComparison
from smoke.history.rows import RunRecord
from smoke.scenario.files import Files
from smoke.scenario.nodes import Items, Node
from smoke.scenario.reading import Reader, value_span
from smoke.scenario.source import Document, parse
from smoke.scenario.strict import StrictModel

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FINGERPRINT = re.compile(r"[0-9a-f]{16}")


class KnownFailure(StrictModel):
    """One failure that does not count as new, for a while."""

    fingerprint: str = Field("", description="The cause, as `smoke compare` names it")
    scenario: str = Field("", description="The scenario")
    step: str = Field("", description="The step of the scenario, without numbers of rounds")
    owner: str = Field(min_length=1, description="Who takes care of it")
    reason: str = Field(min_length=1, description="Why it is known, or where that is written")
    expires: str = Field(description="The last day on which it holds: YYYY-MM-DD (UTC)")

    def matches(self, change: FailureChange) -> bool:
        """Whether a failure is the one that is meant: all that is said of it holds."""
        return (
            self.fingerprint in ("", change.fingerprint)
            and self.scenario in ("", change.scenario)
            and self.step in ("", change.step)
        )

    @property
    def called(self) -> str:
        """How it is named to people."""
        where = f"{self.scenario} '{self.step}'" if self.step else self.scenario
        return " ".join(filter(None, (self.fingerprint, where)))


class KnownEntry(Struct, frozen=True):
    """An entry and where it stands."""

    known: KnownFailure
    node: Node

    @property
    def expires(self) -> dt.date:
        """The last day on which it holds."""
        return dt.date.fromisoformat(self.known.expires)


class KnownFailures(Struct, frozen=True):
    """The entries of a file, and its text for what is told of them."""

    entries: tuple[KnownEntry, ...]
    document: Document

    def listed(
        self, comparison: RunComparison, today: dt.date
    ) -> dict[tuple[str, str, str], KnownFailure]:
        """The failures of a run that an entry names which has not expired, by where and why they are."""
        return {
            change.key: entry.known
            for change in comparison.changes
            if change.kind in (Became.NEW, Became.STILL)
            for entry in self.entries
            if today <= entry.expires and entry.known.matches(change)
        }

    def remarks(
        self, now: RunRecord, past: Sequence[RunRecord], comparison: RunComparison, today: dt.date
    ) -> tuple[Diagnostic, ...]:
        """What is to be said of the entries: expired, naming nothing that is known, or no longer needed."""
        found = [
            problem
            for entry in self.entries
            for problem in _told(entry, now, past, comparison, today)
        ]
        return tuple(self.document.excerpted(each) for each in found)


def load_known(path: Path) -> KnownFailures:
    """The entries of a file. Raises SmokeError with every mistake in it."""
    document = parse(Files(path).read_top(), path.as_posix())
    reader = Reader(document.lines, path.as_posix())
    for problem in document.problems:
        reader.take(problem)
    root = document.root
    found: list[KnownEntry] = []
    if not isinstance(root, Items):
        message = "a file of known failures is a list of entries: - fingerprint: …"
        reader.error("wrong-type", message, root.span)
    else:
        for node in root.items:
            known = reader.model(KnownFailure, node, "known failure")
            if known is not None:
                _check(known, node, reader)
                found.append(KnownEntry(known, node))
    reader.raise_errors()
    return KnownFailures(tuple(found), document)


def _check(known: KnownFailure, node: Node, reader: Reader) -> None:
    if not (known.fingerprint or known.scenario):
        message = "known failure: `fingerprint` or `scenario` says which one is meant"
        reader.error("missing-key", message, node.span)
    if known.step and not known.scenario:
        message = "known failure: `step` needs the `scenario` that it belongs to"
        reader.error("missing-key", message, value_span(node, ["step"]))
    if known.fingerprint and not _FINGERPRINT.fullmatch(known.fingerprint):
        message = "fingerprint: 16 hexadecimal digits are expected, as `smoke compare` prints them"
        notes = ["write it between quotes: all digits would be a number"]
        reader.error("bad-value", message, value_span(node, ["fingerprint"]), notes=notes)
    if not _is_date(known.expires):
        message = "expires: a day is expected, as 2026-12-31"
        reader.error("bad-value", message, value_span(node, ["expires"]))


def _is_date(text: str) -> bool:
    if not _DATE.fullmatch(text):
        return False
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _told(
    entry: KnownEntry,
    now: RunRecord,
    past: Sequence[RunRecord],
    comparison: RunComparison,
    today: dt.date,
) -> Iterator[Diagnostic]:
    known, node = entry.known, entry.node
    current = [c for c in comparison.changes if c.kind in (Became.NEW, Became.STILL)]
    if today > entry.expires:
        words = f"the known failure {known.called} of {known.owner} has expired: it counts again"
        yield Diagnostic(
            "known-failure-expired",
            words,
            level=Level.WARNING,
            span=value_span(node, ["expires"]),
        )
    if any(known.matches(change) for change in current):
        return
    unknown = _unknown(entry, [now, *past])
    if unknown is not None:
        yield unknown
    elif _passed(known, now, past):
        words = f"the known failure {known.called} of {known.owner} is no longer needed: it passed"
        yield Diagnostic(
            "known-failure-passed",
            words,
            level=Level.WARNING,
            span=node.span,
            notes=(Note("take the entry out"),),
        )


def _unknown(entry: KnownEntry, records: Sequence[RunRecord]) -> Diagnostic | None:
    """What an entry names that no run has: probably misspelt, or renamed since."""
    known, node = entry.known, entry.node
    names = dict.fromkeys(row.name for record in records for row in record.scenarios)
    if known.scenario and known.scenario not in names:
        return _missing("scenario", known.scenario, list(names), node)
    steps = dict.fromkeys(
        row.step for record in records for row in record.steps if row.scenario == known.scenario
    )
    if known.step and known.step not in steps:
        return _missing("step", known.step, list(steps), node)
    seen = dict.fromkeys(row.fingerprint for record in records for row in record.failures)
    if known.fingerprint and known.fingerprint not in seen:
        return _missing("fingerprint", known.fingerprint, list(seen), node)
    return None


def _missing(what: str, word: str, names: Sequence[str], node: Node) -> Diagnostic:
    near = nearest(word, names)
    return Diagnostic(
        "known-failure-unknown",
        f"no run in the history has a {what} '{word}'",
        level=Level.WARNING,
        span=value_span(node, [what]),
        label=f"did you mean '{near}'?" if near else "",
        suggestion=near,
    )


def _passed(known: KnownFailure, now: RunRecord, past: Sequence[RunRecord]) -> bool:
    """Whether all that an entry speaks of was carried out and passed."""
    if known.step:
        return now.passed(known.scenario, known.step)
    if known.scenario and not known.fingerprint:
        return now.passed(known.scenario, "")
    struck = {
        (row.scenario, row.step)
        for record in past
        for row in record.failures
        if row.fingerprint == known.fingerprint and known.scenario in ("", row.scenario)
    }
    return bool(struck) and all(now.passed(*place) for place in struck)
