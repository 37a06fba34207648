"""What a log answers when it is asked for an error: the error or why there is none, and by what that is known. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from smoke.logs.entry import LogEntry
from smoke.logs.unite import LoggedError
from smoke.model.dberror import DatabaseError


class How(StrEnum):
    """What an entry was recognised by, the surest first."""

    ID = "request id"
    KEY = "order key"
    GIVEN = "an id that the shop gave"
    DIGEST = "the digest that the answer shows"
    ACCESS = "the access line"
    STATEMENT = "what the answer says"
    TIME = "time"

    @property
    def ties(self) -> bool:
        """Whether it ties an entry to the order, whatever the time is."""
        return self in (How.ID, How.KEY, How.GIVEN)


@dataclass(frozen=True, slots=True)
class LogAnswer:
    """The error, or why there is none. Two or more `errors` contradict each other: none of them is the answer.

    `logged` are the same with where each was read. `before` are errors that the request went on after, `then` what only
    followed from the cause. `by` is the id or value that ties the entries, `said` what an application's entry of the
    request says beside any database error. `astray`: what ties is there, but of another moment, so it is no proof.
    """

    errors: tuple[DatabaseError, ...]
    how: How | None
    reason: str
    entries: tuple[LogEntry, ...] = ()
    logged: tuple[LoggedError, ...] = ()
    before: tuple[DatabaseError, ...] = ()
    then: tuple[DatabaseError, ...] = ()
    by: str = ""
    said: tuple[str, ...] = ()
    astray: bool = False

    @property
    def known_by(self) -> str:
        """What the entries were recognised by, in words."""
        return known_by(self.how, self.by) if self.how is not None else ""

    @property
    def error(self) -> DatabaseError | None:
        """The one error; None when there is none, or more than one it could be."""
        return self.errors[0] if len(self.errors) == 1 else None


def known_by(how: How, by: str) -> str:
    """What an entry was recognised by, in words; `by` is the id or value."""
    return "a made-up phone number" if how is How.GIVEN and by.startswith("+") else how.value
