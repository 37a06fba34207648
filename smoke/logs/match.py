"""Which error of a log is behind an answer that hides it, and by what that is known; ambiguous means ambiguous. Pure.

The surest proof decides: a request or trace id, a value that only this run has, an id that the shop gave, the table or
rule that the answer speaks of. By its time alone an error is possible, and no more than that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from smoke.logs import counted, whose
from smoke.logs.answered import How, LogAnswer, known_by
from smoke.logs.entry import LogEntry, LogKind
from smoke.logs.error import errors_of
from smoke.logs.requests import LoggedRequest, served
from smoke.logs.spoken import is_spoken_of
from smoke.logs.unite import LoggedError, are_one, completed, united
from smoke.logs.wanted import Wanted
from smoke.text import shorten

__all__ = ["How", "LogAnswer", "Wanted", "find_error"]

_MOST_KINDS = 50
"""Different errors of one moment that are looked at."""
_TRACE = re.compile(r"[0-9a-f]{32}\Z")
_CONSEQUENCES = frozenset({"25P02"})
"""A transaction that is already aborted says nothing of the cause."""
_PASSING = frozenset({"40001", "40P01", "57P01", "57P02", "57P03", "08000", "08003", "08006"})
"""What applications and their pools try again: the request went on after it (PostgreSQL manual, 13.5; lost connections)."""
_NO_ERROR = "the application's log tells of no database error for this request"
_REFUSED = "FATAL"
_MOST_UNTIMED = 3
"""Different errors without a time that are possible: of more, none is likelier than the others."""


def find_error(entries: Iterable[LogEntry], wanted: Wanted) -> LogAnswer:
    """The error behind the exchange.

    An id decides wherever it stands; next to it a value of the order, unless the entry names somebody else or was
    written while another request was answered. By time alone an error is possible only if nothing ties it to others.
    """
    all_of = [entry for entry in entries if _of_application(entry, wanted)]
    failed = [entry for entry in all_of if entry.failed]
    said: tuple[str, ...] = ()
    astray: LogAnswer | None = None
    ranked = (
        (How.ID, wanted.ids),
        (How.KEY, wanted.keys),
        (How.GIVEN, wanted.given),
        (How.DIGEST, wanted.digests),
    )
    for how, values in ranked:
        found, by = _tied(all_of, failed, wanted, how, values)
        answer = _in_time(found, wanted, how, by) if found else None
        if answer is not None and answer.errors:
            if how is How.GIVEN and (names := counted.may_be_anothers(found, failed, wanted)):
                remark = _OTHER_DATABASE.format(", ".join(shorten(name, 63) for name in names[:5]))
                answer = _answer(answer.entries, how, by, remark, astray=True)
            if not answer.astray:
                return _with_server(replace(answer, said=said or answer.said), failed, wanted)
            astray = astray or answer
        # an entry that tells of no database error keeps none of another log from being found
        said = said or (answer.said if answer is not None else ())
    found, by = _of_access(all_of, failed, wanted)
    if found:
        answer = replace(_answer(found, How.ACCESS, by), said=said)
        return _with_server(answer, failed, wanted)
    if astray is not None:
        stray = {id(entry) for entry in astray.entries}
        left = [entry for entry in failed if id(entry) not in stray]
        return replace(_also(astray, _by_what_it_says(all_of, left, wanted)), said=said)
    answer = _by_what_it_says(all_of, failed, wanted)
    if said and not answer.errors:
        return replace(answer, reason=_NO_ERROR, said=said)
    return replace(answer, said=said)


def _also(astray: LogAnswer, answer: LogAnswer) -> LogAnswer:
    """What is possible by an id or value that proves nothing, and what is by its time: neither is likelier."""
    if not answer.errors or answer.how is How.STATEMENT:
        return answer if answer.errors else astray
    told = (*astray.logged, *answer.logged)
    return replace(
        astray,
        logged=told,
        errors=tuple(each.error for each in told),
        entries=(*astray.entries, *answer.entries),
    )


def _with_server(answer: LogAnswer, failed: Sequence[LogEntry], wanted: Wanted) -> LogAnswer:
    """With what PostgreSQL's log of that moment adds to the error that an application's log told: never another error."""
    if len(answer.logged) != 1 or LogKind.POSTGRES in answer.logged[0].kinds:
        return answer
    known = answer.logged[0]
    near = [
        entry
        for entry in failed
        if entry.kind is LogKind.POSTGRES
        and entry.at is not None
        and whose.close(entry, wanted)
        and not _of_others(entry, wanted)
        and not _of_another_database(entry, wanted)
    ]
    alike = [
        told
        for told in _answer(near, How.TIME).logged
        # the code alone would be any such error of that moment
        if told.error.constraint_name == known.error.constraint_name is not None
        and are_one(known.error, told.error)
    ]
    if len(alike) != 1:
        return answer
    error, sources = completed(
        known.error, alike[0].error, alike[0].found_in, How.STATEMENT.value, values=False
    )
    told = replace(known, error=error, sources=(*known.sources, *sources))
    return replace(answer, errors=(error,), logged=(told,))


def _by_what_it_says(
    all_of: Sequence[LogEntry], failed: Sequence[LogEntry], wanted: Wanted
) -> LogAnswer:
    """The answer where nothing ties an entry to the order: what the answer speaks of, else what the time allows."""
    here = [entry for entry in failed if whose.near(entry, wanted)]
    if not here:
        return LogAnswer((), None, "the log has no error of that time")
    own = [entry for entry in here if not _of_others(entry, wanted)]
    elsewhere = [entry for entry in own if _of_another_database(entry, wanted)]
    own = [entry for entry in own if entry not in elsewhere]
    if not own and elsewhere:
        names = ", ".join(sorted({shorten(entry.database, 63) for entry in elsewhere})[:5])
        reason = f"the log's errors of that time are of another database ({names}), not of {wanted.database}"
        return LogAnswer((), None, reason, tuple(elsewhere))
    if own and _others_are_named(all_of, here, own, wanted):
        # a session that was refused had no time to say for whom it was opened
        own = [entry for entry in own if entry.severity == _REFUSED]
    if not own:
        reason = "the log's errors of that time are of other requests"
        return LogAnswer((), None, reason, tuple(here))
    timed = [entry for entry in own if entry.moment is not None]
    close = [entry for entry in timed if whose.close(entry, wanted)]
    if not close and len(timed) < len(own):
        return _without_time([entry for entry in own if entry.moment is None], wanted)
    if not close:
        reason = "the log has an error near that time, but none while the request was answered"
        return LogAnswer((), None, reason, tuple(timed))
    spoken = [entry for entry in close if is_spoken_of(entry, wanted)]
    if spoken:
        return _answer(spoken, How.STATEMENT)
    answer = _answer(close, How.TIME)
    # those of the very moment first
    told = sorted(
        (
            replace(_by_arrival(each), alone=whose.alone(each.entries, own, wanted))
            for each in answer.logged
        ),
        key=lambda each: not any(whose.within(entry, wanted) for entry in each.entries),
    )
    return replace(answer, logged=tuple(told), errors=tuple(each.error for each in told))


def _by_arrival(told: LoggedError) -> LoggedError:
    """With the reason of what has no time of its own."""
    return (
        told if any(entry.at is not None for entry in told.entries) else replace(told, why=_ARRIVED)
    )


def _tied(
    all_of: Sequence[LogEntry],
    failed: Sequence[LogEntry],
    wanted: Wanted,
    how: How,
    values: Sequence[str],
) -> tuple[list[LogEntry], str]:
    """The errors that such a value ties to the order, and the value."""

    def by_value(entry: LogEntry) -> str:
        if how is How.KEY and (customer := whose.of_customer(entry, values)):
            return customer
        if how is How.DIGEST and not whose.near(entry, wanted):
            return ""  # equal errors have the same, on every day
        if how is How.GIVEN and whose.near(entry, wanted):
            # another database has a customer 7 as well
            number = (
                "" if _of_another_database(entry, wanted) else counted.names(entry, wanted.named)
            )
            return whose.mentions(entry, values) or number or whose.of_phone(entry, wanted.named)
        return whose.mentions(entry, values)

    def ours(entry: LogEntry) -> bool:
        if how is How.ID:
            return True
        if whose.mentions(entry, wanted.others):
            return False
        # a server that told its own ids names every request by one: another one is another request's
        if whose.of_another_request(entry, _told(wanted)):
            return False
        if how is How.KEY:
            return not _of_scenario_beside(entry, wanted)
        return not _of_others(entry, wanted)

    found = {id(entry): by for entry in failed if (by := by_value(entry)) and ours(entry)}
    if found:
        return [entry for entry in failed if id(entry) in found], next(iter(found.values()))
    known = [(entry, by) for entry in all_of if not entry.failed and (by := by_value(entry))]
    errors = whose.tied(failed, (entry for entry, _ in known))
    return [entry for entry in errors if ours(entry)], known[0][1] if known else ""


def _without_time(found: Sequence[LogEntry], wanted: Wanted) -> LogAnswer:
    """What an application printed without a time, as Next.js prints what a route handler throws: possible at most."""
    mute = LogAnswer((), None, "the log does not say when its errors happened")
    if any(entry.kind is LogKind.POSTGRES for entry in found):
        return mute
    spoken = [entry for entry in found if is_spoken_of(entry, wanted)]
    if spoken:
        return _answer(spoken, How.STATEMENT)
    answer = _answer(found, How.TIME)
    if len(answer.errors) > _MOST_UNTIMED:
        return mute
    return replace(answer, reason=_NO_TIME, astray=True)


def _of_access(
    all_of: Sequence[LogEntry], failed: Sequence[LogEntry], wanted: Wanted
) -> tuple[list[LogEntry], str]:
    """The errors of the one request of the log that was asked and answered as ours was, and the line that says so."""
    asked = LoggedRequest(
        wanted.method, wanted.path, wanted.status, wanted.started, wanted.finished
    )
    request = served(all_of, asked)
    if request is None:
        return [], ""
    named = [entry for entry in failed if whose.mentions(entry, request.ids)]
    return [entry for entry in named if not _of_others(entry, wanted)], request.line


def _in_time(found: Sequence[LogEntry], wanted: Wanted, how: How, by: str) -> LogAnswer | None:
    """The answer of entries that are tied to the order; None when they are of other requests, or of another day."""
    ours, doubtful, theirs = whose.placed(found, wanted)
    if ours:
        return _answer(ours, how, by)
    if doubtful:
        told = "" if all(entry.at is None for entry in doubtful) else _OTHER_CLOCK
        return _answer(doubtful, how, by, told)
    if how is How.ID:
        return _answer(theirs, how, by)
    near = [entry for entry in theirs if whose.near(entry, wanted)]
    return _answer(near, how, by, _OTHER_MOMENT, astray=True) if near else None


_NO_TIME = "the log does not say when: an error of another request, or of another day, would stand there just so"
_ARRIVED = "by when it came into the log alone, since it has no time: another request of that moment could have caused it"
_OTHER_CLOCK = "; its time is of no request of the run: the log's clock or time zone is another"
_OTHER_DATABASE = (
    "; but the log has errors of that moment from several databases ({}), each of which may count up to the same number: "
    "--dsn-env tells which is the shop's"
)
_OTHER_MOMENT = "; but it was written while another request of the run was answered"


def _of_application(entry: LogEntry, wanted: Wanted) -> bool:
    named = wanted.application and entry.application
    return not named or entry.application.startswith(wanted.application)


def _of_another_database(entry: LogEntry, wanted: Wanted) -> bool:
    return bool(wanted.database and entry.database and entry.database != wanted.database)


def _told(wanted: Wanted) -> tuple[str, ...]:
    return tuple(name for name in wanted.ids if name not in wanted.sent)


def _of_scenario_beside(entry: LogEntry, wanted: Wanted) -> bool:
    """Whether only the run's own trace or id ties an entry, and it may be of another of the run's scenarios."""
    own = [key for key in wanted.keys if key not in wanted.shared]
    if whose.of_customer(entry, own) or whose.mentions(entry, own):
        return False
    return bool(whose.customers(entry)) or whose.may_be_of_another(entry, wanted)


def _of_others(entry: LogEntry, wanted: Wanted) -> bool:
    return (
        whose.of_another(entry, wanted)
        or whose.of_another_request(entry, _told(wanted))
        or not whose.is_known(entry, wanted)
    )


def _others_are_named(
    all_of: Sequence[LogEntry], here: Sequence[LogEntry], own: Sequence[LogEntry], wanted: Wanted
) -> bool:
    """Whether the log names the request of its errors, so that an error without ours is not ours.

    The ids that only the request carried count where the server takes note of such: one of them is in the log.
    """
    if any(whose.of_another_request(entry, _told(wanted)) for entry in here):
        return True
    sent = (*wanted.sent, *(key for key in wanted.keys if _TRACE.match(key)))
    noted = sent and any(whose.mentions(entry, (*sent, *wanted.others)) for entry in all_of)
    return bool(noted) and all(whose.of_another_request(entry, sent) for entry in own)


def _answer(
    found: Sequence[LogEntry], how: How, by: str = "", remark: str = "", *, astray: bool = False
) -> LogAnswer:
    """The error of these entries: their root cause, equal ones as one."""
    kinds: dict[tuple[str, ...], list[LogEntry]] = {}
    for entry in found:
        kinds.setdefault(_kind(entry), []).append(entry)
    if len(kinds) > _MOST_KINDS:
        reason = f"the log has {len(kinds)} different errors that fit by {how.value}: it is not known which is this one"
        return LogAnswer((), how, reason, tuple(found))
    told = united(list(kinds.values()))
    said = tuple(
        dict.fromkeys(
            entry.message.partition("\n")[0].strip()
            for entry in found
            if how in (How.ID, How.ACCESS)
            and entry.kind is LogKind.APPLICATION
            and not errors_of(entry)
        )
    )
    if not told:
        return LogAnswer((), how if said else None, _NO_ERROR, tuple(found), said=said)
    causes, before, then = _roots(told, how)
    times = sum(each.times for each in causes)
    value = f" {shorten(by, 100)}" if by and how is not How.TIME else ""
    where = _where(causes)
    if len(causes) == 1:
        often = f", {times} times" if times > 1 else ""
        reason = f"found in {where} by {known_by(how, by)}{value}{often}{remark}"
    else:
        reason = f"{len(causes)} different errors in {where} fit by {known_by(how, by)}{value}: it is not known which is this one{remark}"
    return LogAnswer(
        errors=tuple(each.error for each in causes),
        how=how,
        reason=reason,
        entries=tuple(found),
        logged=tuple(
            replace(each, why=f"by {known_by(how, by)}{value}{remark}" if astray and value else "")
            for each in causes
        ),
        before=tuple(each.error for each in before),
        then=tuple(each.error for each in then),
        by=by,
        said=said,
        astray=astray,
    )


def _where(told: Sequence[LoggedError]) -> str:
    kinds = {kind for each in told for kind in each.kinds}
    names = [words for kind, words in _LOGS.items() if kind in kinds]
    return " and ".join(names)


_LOGS = {LogKind.POSTGRES: "the server's log", LogKind.APPLICATION: "the application's log"}


def _roots(
    told: list[LoggedError], how: How
) -> tuple[list[LoggedError], list[LoggedError], list[LoggedError]]:
    """The causes, what the request went on after, and what only followed.

    Of several errors of one request those that are tried again were not its end, unless nothing came after them.
    """
    causes, then = _parted(told, lambda each: each.error.sqlstate not in _CONSEQUENCES)
    if not causes:
        return told, [], []
    before: list[LoggedError] = []
    if how in (How.ID, How.ACCESS) and len(causes) > 1:
        lasting, passing = _parted(causes, lambda each: each.error.sqlstate not in _PASSING)
        if lasting and passing and all(a.precedes(b) for a in passing for b in lasting):
            causes, before = lasting, passing
    return causes, before, then


def _parted(
    told: Sequence[LoggedError], is_first: Callable[[LoggedError], bool]
) -> tuple[list[LoggedError], list[LoggedError]]:
    return [each for each in told if is_first(each)], [each for each in told if not is_first(each)]


def _kind(entry: LogEntry) -> tuple[str, ...]:
    """What equal errors share before they are read: a moment may have thousands."""
    text = entry.message if entry.kind is LogKind.POSTGRES else f"{entry.message}\0{entry.line}"
    return (
        entry.kind, entry.severity, entry.sqlstate, text, entry.schema, entry.table, entry.column,
        entry.constraint, entry.database,
    )  # fmt: skip
