"""The statements that two orders had carried out, the tables that they put rows into, and the rows of the one that worked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from smoke.database.answers.question import Question
from smoke.database.answers.rows import parameterless
from smoke.database.catalogue.records import NUMBERINGS, RELATIONS, Numbering
from smoke.database.catalogue.snapshot import alone
from smoke.database.counters import Compared, CountedStatement
from smoke.database.lookup import meant_tables
from smoke.database.session import Database
from smoke.database.statements import StatementText, statement_text
from smoke.sql import relation

_MOST_STATEMENTS = 400
"""Different statements of two orders whose texts are read."""
_SECONDS = 1.0
"""What the search of one table may take."""
_WRAPS = 2**32
"""A row's header has the lower half of its transaction's number."""


@dataclass(frozen=True, slots=True)
class TablePlace:
    """A table."""

    schema: str
    table: str
    oid: int

    @property
    def name(self) -> str:
        """As SQL."""
        return relation(self.table, self.schema)


@dataclass(frozen=True, slots=True)
class Ran:
    """A statement, and how often each of the two orders had it carried out.

    `place` is the table that it puts rows into, where that is all that it writes. `top` is false inside of a function.
    """

    does: StatementText
    first: int
    second: int
    top: bool = True
    place: TablePlace | None = None

    @property
    def missing(self) -> bool:
        """Whether the second order did not come through it (as often)."""
        return self.second < self.first


@dataclass(frozen=True, slots=True)
class Stopped:
    """The statement at which the order stopped.

    `begun`: whether a row for its table was begun, as its sequence `by` tells; None where it has none.
    """

    ran: Ran
    begun: bool | None = None
    by: str = ""

    @property
    def place(self) -> TablePlace | None:
        """The table that it puts rows into."""
        return self.ran.place


@dataclass(frozen=True, slots=True)
class Written:
    """The rows that the order that worked put into a table: their transaction, the place of their statement in it, how many.

    The place is None where others changed all of the rows since.
    """

    transaction: str
    at: int | None
    count: int


def ran(database: Database, compared: Compared) -> list[Ran] | None:
    """The statements of both orders; None where they are not counted. Raises SmokeError."""
    first, second = compared.first.statements(), compared.second.statements()
    keys = list(dict.fromkeys((*(first or {}), *(second or {}))))
    if first is None or second is None or len(keys) > _MOST_STATEMENTS:
        return None
    texts = _texts(database, compared, keys)
    places: dict[str, TablePlace | None] = {"": None}
    found = []
    for key in keys:
        does = statement_text(texts.get(key, ""))
        if does is None:
            continue
        name = does.inserts_into
        if name not in places:
            places[name] = _place(database, name)
        found.append(Ran(does, first.get(key, 0), second.get(key, 0), key.top, places[name]))
    return found


def _texts(
    database: Database, compared: Compared, keys: Sequence[CountedStatement]
) -> Mapping[CountedStatement, str]:
    top = "toplevel" if compared.source.nested else "true"
    rows = database.rows(
        f"SELECT userid::bigint, queryid, {top}, left(query, 20000) FROM {compared.source.function}(true)"  # noqa: S608  (a quoted name of the catalogue)
        " WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND queryid = ANY (%s::bigint[])",
        [key.query for key in keys],
    )
    return {CountedStatement(int(user), int(query), bool(top)): str(text) for user, query, top, text in rows}  # fmt: skip


def _place(database: Database, name: str) -> TablePlace | None:
    found = meant_tables(database, name)
    if len(found) != 1:
        return None
    ((schema, table),) = found
    known = alone(database, RELATIONS, schema, table)
    return TablePlace(schema, table, int(known[0].oid)) if known else None


def numberings(database: Database, place: TablePlace) -> list[Numbering]:
    """The sequences of its own that number a table's rows, in the order of their making. Raises SmokeError."""
    known = alone(database, NUMBERINGS, place.schema, place.table)
    return sorted((one for one in known if one.own), key=lambda one: one.oid)


def window(compared: Compared) -> tuple[int, int] | None:
    """The transactions that wrote while the order that worked was placed, from the first to behind the last."""
    begin = compared.first.before.next_transaction % _WRAPS
    end = compared.first.after.next_transaction % _WRAPS
    return (begin, end) if begin < end else None


def written(question: Question, compared: Compared, place: TablePlace) -> Written | None:
    """The rows that the order that worked put into a table; None where they are not known to be of one transaction.

    By the columns of a row's header (`xmin`, `cmin`); a row that somebody changed or locked since tells another's.
    """
    bounds = window(compared)
    if bounds is None:
        return None
    database = question.database

    def asked() -> object:
        with database.savepoint():
            database.limit(_SECONDS)
            return database.attempt(
                "SELECT xmin::text, min(cmin::text::bigint) FILTER (WHERE xmax::text IN ('0', xmin::text)), count(*)"  # noqa: S608  (a quoted name of the catalogue)
                f" FROM {parameterless(place.name)} WHERE xmin::text::bigint >= %s AND xmin::text::bigint < %s GROUP BY 1 LIMIT 2",
                *bounds,
            )

    rows = question.part(f"which rows of {place.name} the order before wrote", asked)
    if not isinstance(rows, list) or len(rows) != 1:
        return None
    transaction, at, count = rows[0]
    return Written(str(transaction), None if at is None else int(at), int(count))
