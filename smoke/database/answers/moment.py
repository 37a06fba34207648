"""What stands out in the database now, for an error that nobody names.

Sessions that wait, full limits, no writes, rows that earlier orders left in the way of another. None of it is called
the cause: it is what a person would look for first.
"""

from __future__ import annotations

from smoke.classify.sqlstate import condition_name
from smoke.database.answers import earlier, limits, stopped
from smoke.database.answers.locks import in_the_way
from smoke.database.answers.question import DatabaseAnswer, Question
from smoke.database.answers.sessions import settings
from smoke.database.answers.waiting import Waiting, since
from smoke.database.session import Database
from smoke.model.dberror import DatabaseError
from smoke.model.finding import Possible

_NEARLY = 0.9
"""The part of a limit from which on it is told."""


def tell(question: Question) -> DatabaseAnswer:
    """What stands out now; that nothing does is said too."""
    database = question.database
    no_writes = question.part("whether it takes writes", lambda: _read_only(database)) or ()
    full = question.part("who is connected", lambda: _full(database)) or ()
    waits = question.part("who waits for a lock", lambda: _waiting(question)) or _NOBODY
    locked = question.part("who holds a lock", lambda: in_the_way(question)) or ()
    lines = [
        *(() if waits.own else waits.lines),
        *locked,
        *(limit.line() for limit in full if not limit.reached),
        *(question.part("what earlier orders left", lambda: earlier.in_the_way(question)) or ()),
    ]
    counted = question.part("where it stopped", lambda: stopped.tell(question)) or _NOTHING
    possible = [*counted.possible]
    possible += [_possible("25006", line) for line in no_writes]
    possible += [_possible("53300", limit.line()) for limit in full if limit.reached]
    answered = question.request is None or question.request.answered
    why = "the answer does not name its error" if answered else "no answer came"
    if not (lines or possible or waits.own or question.untold or counted.lines):
        return DatabaseAnswer(
            lines=(
                (
                    f"{why}; in the database nothing stands out now: it takes writes, nobody waits for a lock, no limit of connections is nearly reached"
                ),
            )
        )
    return DatabaseAnswer(
        lines=(
            *(waits.lines if waits.own else ()),
            *counted.lines,
            *(f"perhaps, since {why}: {line}" for line in lines),
        ),
        possible=tuple(possible),
        stands_out=bool(possible or waits.lines or counted.stands_out or (locked and not answered)),
        waits=counted.waits,
    )


_NOBODY = Waiting()
_NOTHING = DatabaseAnswer()


def _waiting(question: Question) -> Waiting:
    if question.request is None:
        return _NOBODY
    return since(question.database, question.request, show_values=question.show_values)


def _possible(sqlstate: str, line: str) -> Possible:
    """An error that the state of the database gives whoever meets it."""
    error = DatabaseError(sqlstate=sqlstate, condition_name=condition_name(sqlstate))
    return Possible(
        error, f"{line}; that is so in the database now, and whether the shop met it is not told"
    )


def _read_only(database: Database) -> list[str]:
    row = database.row("SELECT pg_is_in_recovery()")
    if row is not None and row[0]:
        return ["this server is a replica: it takes no writes"]
    made = [
        text for text in settings(database, ("default_transaction_read_only",)) if "=on " in text
    ]
    return [f"writing is off: {'; '.join(made)}"] if made else []


def _full(database: Database) -> list[limits.Limit]:
    return [limit for limit in limits.of_each(database) if limit.used >= limit.most * _NEARLY]
