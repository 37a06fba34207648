"""What is known of an exchange whose error is looked for in a log. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Named:
    """A value that means something only under its name: order 1042. `names` are those that a column or table may have.

    Without names it is a made-up phone number, which is one of many thousand.
    """

    names: tuple[str, ...]
    value: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is known of the exchange whose error is looked for, the surest first.

    `ids` are request, trace and platform ids of this exchange alone; `keys` values that only this run can have made
    (a made-up e-mail, the run's id, an idempotency key), `given` ids that the shop gave this customer (cart, order):
    each in every form in which it was sent. `named` are ids that count up, which tie nothing without their name.
    `sent` are those of the ids that only the request carried: whether the server takes note of such, nobody told.
    `digests` are what a framework shows in the place of an error: the same for all equal ones.
    `others` are ids of the run's other exchanges, and `busy` when those were going on: their errors are not this one's.
    `shared` are keys that all scenarios of the run have (its trace, its id), `other_windows` when others of them went on: what only
    such a key ties may be theirs then. `tables` are those that the answer speaks of, `sqlstate` and `constraint` what it told itself, `said`
    all of its words (see `belonging`).
    `application` is the shop's application_name, or the beginning of it, `database` the name of its database; `method`
    and `path` are the request's, and `status` what it was answered (0: nothing).

    `slack` is how many seconds clocks may differ. `repeated`: other runs have the same keys (a fixed seed).
    """

    started: datetime
    finished: datetime
    ids: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    digests: tuple[str, ...] = ()
    named: tuple[Named, ...] = ()
    sent: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    busy: tuple[tuple[datetime, datetime], ...] = ()
    shared: tuple[str, ...] = ()
    other_windows: tuple[tuple[datetime, datetime], ...] = ()
    tables: tuple[str, ...] = ()
    sqlstate: str = ""
    constraint: str = ""
    said: str = ""
    application: str = ""
    database: str = ""
    method: str = ""
    path: str = ""
    status: int = 0
    slack: float = 2.0
    repeated: bool = False

    def needles(self) -> tuple[str, ...]:
        """Every text that ties an entry to the order wherever it stands, whatever the entry's time."""
        return (*self.ids, *self.keys, *self.given, *self.digests)
