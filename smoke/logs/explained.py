"""A finding with what a log tells of it: the error that the answer hides, or the fields that it leaves out. Pure.

What the answer says is never replaced. Where the log of the same request says something else, both are told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from smoke.classify import with_error
from smoke.classify.read.hiding import tells_another
from smoke.logs.match import How, LogAnswer
from smoke.logs.unite import are_one, completed
from smoke.model.dberror import DatabaseError
from smoke.model.finding import (
    IN_APPLICATION_LOG,
    IN_LOG,
    POSSIBLE_CAUSE,
    Finding,
    Possible,
    Severity,
    Source,
)
from smoke.text import safe_line, shorten

HIDING = frozenset({"error-hidden", "server-error", "database-error", "database-unreachable"})
"""Codes of findings that have an error behind them which they do not name."""
MOST = 5
"""Errors that are told of each kind."""
_BY_TIME = "by its time alone: another request of that moment could have caused it"
_IN = {IN_LOG: "the server's log", IN_APPLICATION_LOG: "the application's log"}


def explained(finding: Finding, answer: LogAnswer, name: str, *, hint: str = "") -> Finding:
    """The finding with what the log `name` tells. `hint` is what to try where it has nothing."""
    if finding.database_error is not None:
        return _completed(finding, finding.database_error, answer, name)
    if finding.code not in HIDING:
        return _beside(finding, answer, name)
    finding = _with_words(finding, answer)
    error = answer.error
    if error is not None and _names(answer):
        reason = f"{answer.reason} ({name}); the response does not tell it"
        # what the answer itself says goes with the title else
        notes: tuple[str, ...] = ()
        if tells_another(finding):
            notes = (f"the response says: {finding.title}",)
        notes += tuple(note for note in finding.notes if note.startswith(_SAYS))
        found = replace(with_error(finding, error, reason, answer.logged[0].found_in), notes=notes)
        return _sequel(replace(found, sources=_sources(answer)), answer)
    if answer.how is How.TIME or answer.astray:
        if tells_another(finding):
            reason = "it has an error of that time, but the response tells of another one"
            return _noting(finding, f"the server's log ({name}): {reason}")
        return replace(finding, possible=(*finding.possible, *_possible(answer, name)))
    hints = (hint,) if hint and not answer.errors else ()
    noted = _noting(finding, f"{_whose(answer)} ({name}): {answer.reason}", *hints)
    return replace(noted, ambiguous=(*finding.ambiguous, *answer.errors[:MOST]))


def unveiled(blank: Finding, answer: LogAnswer, name: str) -> Finding | None:
    """A finding where the answer shows no error at all, of the log alone; None when the log has nothing to tell.

    `blank` says where it belongs.
    """
    error = answer.error
    if error is not None and _names(answer) and answer.how is not How.STATEMENT:
        reason = f"{answer.reason} ({name}); the response shows no error"
        found = with_error(blank, error, reason, answer.logged[0].found_in)
        return _sequel(replace(found, sources=_sources(answer)), answer)
    if not answer.errors:
        return None
    possible = Finding(
        code=POSSIBLE_CAUSE,
        title="a log tells of an error that may be behind this failure",
        severity=Severity.NOTE,
        scenario=blank.scenario,
        step=blank.step,
        attempt=blank.attempt,
        exchange_id=blank.exchange_id,
        correlations=blank.correlations,
    )
    if answer.how is not None and answer.how.ties and not answer.astray:
        noted = _noting(possible, f"{_whose(answer)} ({name}): {answer.reason}")
        return replace(noted, ambiguous=answer.errors[:MOST])
    return replace(possible, possible=_possible(answer, name))


def proven(finding: Finding, possible: Possible, by: str, step: str) -> Finding:
    """The finding with one of its possible errors as the cause, which something else than the time proves to be it.

    `by` says what that is, `step` is the step's own name.
    """
    where = IN_APPLICATION_LOG if _IN[IN_APPLICATION_LOG] in possible.reason else IN_LOG
    before = possible.reason.partition(f", {_BY_TIME}")[0]
    found = with_error(finding, possible.error, f"found {before} by its time; {by}", where, step)
    left = tuple(other for other in finding.possible if other is not possible)
    return replace(found, severity=Severity.ERROR, possible=left)


def _names(answer: LogAnswer) -> bool:
    """Whether the one error may be called the cause."""
    return answer.how is not None and answer.how is not How.TIME and not answer.astray


def _completed(finding: Finding, known: DatabaseError, answer: LogAnswer, name: str) -> Finding:
    """A finding that told of its error, with the fields that it left out."""
    if not _names(answer) or answer.how is None:
        return finding  # an error of that time explains nothing that the answer tells itself
    how = answer.how
    agreeing = [told for told in answer.logged if are_one(known, told.error)]
    if len(agreeing) == 1:
        told = agreeing[0]
        # by what the answer says alone it may be the same error of another order: its row is not ours
        error, sources = completed(
            known, told.error, told.found_in, answer.known_by, values=how is not How.STATEMENT
        )
        if not sources:
            return finding
        return with_fields(finding, error, sources)
    others = [each.error for each in answer.logged if each not in agreeing]
    if agreeing or how not in (How.ID, How.KEY) or not others:
        return finding
    said = known.sqlstate or known.condition_name or "another error"
    codes = ", ".join(dict.fromkeys(other.sqlstate or "an error" for other in others[:MOST]))
    words = f"it has {codes} for this order by {answer.known_by}, and the response says {said}: both are shown"
    return replace(
        _noting(finding, f"{_whose(answer)} ({name}): {words}"),
        ambiguous=(*finding.ambiguous, *others[:MOST]),
    )


def with_fields(
    finding: Finding, error: DatabaseError, sources: Sequence[Source], step: str = ""
) -> Finding:
    """The finding of the same error with more of its fields, each with its source. `step` is the step's own name."""
    known = {source.field for source in finding.sources}
    added = tuple(source for source in sources if source.field not in known)
    found = with_error(finding, error, finding.reason, finding.found_in, step)
    return replace(found, notes=finding.notes, sources=(*finding.sources, *added))


def _beside(finding: Finding, answer: LogAnswer, name: str) -> Finding:
    """A finding of something else than a database's error: what the log has for this order is told beside it."""
    if not answer.errors or not _names(answer) or answer.how is How.STATEMENT:
        return finding
    noted = _noting(finding, f"{_whose(answer)} ({name}): {answer.reason}")
    return replace(noted, possible=(*finding.possible, *_possible(answer, name)))


_SAYS = "the application's log says: "


def _with_words(finding: Finding, answer: LogAnswer) -> Finding:
    """With what the application's log says of this very request, which need not be a database's error."""
    words = [f"{_SAYS}{shorten(safe_line(text), 300)}" for text in answer.said[:MOST] if text]
    return _noting(finding, *words) if words else finding


def _sequel(finding: Finding, answer: LogAnswer) -> Finding:
    """With what the request met before its end, and what only followed."""
    notes = [
        f"the request met {error.sqlstate or 'an error'} before, and went on after it"
        for error in answer.before[:MOST]
    ]
    return replace(
        _noting(finding, *notes), consequences=(*finding.consequences, *answer.then[:MOST])
    )


def _possible(answer: LogAnswer, name: str) -> tuple[Possible, ...]:
    found = []
    for told in answer.logged[:MOST]:  # those of the very moment come first
        count = told.times
        often = f" {count} times" if count > 1 else ""
        databases = sorted({entry.database for entry in told.entries if entry.database})
        where = f" of database {', '.join(databases[:3])}" if databases else ""
        untimed = answer.astray and answer.how is How.TIME
        why = told.why or (answer.reason if untimed else _BY_TIME)
        reason = f"in {_IN[told.found_in]} ({name}){where}{often}, {why}"
        found.append(Possible(told.error, reason, alone=told.alone))
    left = len(answer.logged) - MOST
    if left > 0 and found:
        found[-1] = replace(found[-1], reason=f"{found[-1].reason}; and {left} others")
    return tuple(found)


def _sources(answer: LogAnswer) -> tuple[Source, ...]:
    return answer.logged[0].sources


def _whose(answer: LogAnswer) -> str:
    kinds = {told.found_in for told in answer.logged}
    return _IN[IN_APPLICATION_LOG if kinds == {IN_APPLICATION_LOG} else IN_LOG]


def _noting(finding: Finding, *notes: str) -> Finding:
    added = (note for note in dict.fromkeys(notes) if note not in finding.notes)
    return replace(finding, notes=(*finding.notes, *added))
