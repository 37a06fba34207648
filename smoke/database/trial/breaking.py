"""Which rows of the real database break what a fix demands anew: counted there, read-only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from smoke.database.session import Database, Refusal
from smoke.database.trial.carried import Carried, CarriedStep
from smoke.database.trial.demands import Demand, Demanded, Schema
from smoke.diagnostic import SmokeError
from smoke.sql import identifier, relation
from smoke.text import plural


@dataclass(frozen=True, slots=True)
class Breaking:
    """Rows that break one demand. `rows` None: not counted, `why` says why. `keys` of a unique rule; `sql` lists them.

    `changed`: an earlier statement of the fix changes rows of that table, so that the count is of before.
    """

    place: str
    demand: str
    table: str
    rows: int | None
    keys: int = 0
    why: str = ""
    sql: str = ""
    changed: bool = False
    all: bool = False
    """Whether every row breaks it, however many there are: `rows` is 1 then."""

    @property
    def breaks(self) -> bool | None:
        """Whether the fix would fail on them; None where that is not known."""
        if self.rows is None or (self.rows and self.changed):
            return None
        return bool(self.rows)

    def line(self) -> str:
        """In words."""
        if self.rows is None:
            return f"{self.demand} of {self.table}: not counted ({self.why})"
        if self.all:
            return f"{self.demand} of {self.table}: a new column without a default, and the table has rows"
        if not self.rows:
            return f"{self.demand} of {self.table}: no row breaks it"
        many = f"{plural(self.keys, 'key')} in " if self.keys else ""
        verb = "breaks" if self.rows == 1 else "break"
        first = "; the fix changes rows of it first" if self.changed else ""
        return f"{self.demand} of {self.table}: {many}{plural(self.rows, 'row')} {verb} it{first}"


def breaking(database: Database, carried: Carried) -> list[Breaking]:
    """The rows that break each new demand of a fix."""
    found = []
    changed: set[tuple[str, str]] = set()
    for step in carried.steps:
        for demand in step.demands:
            one = _counted(database, step, demand, carried.before)
            if one is not None:
                found.append(one if demand.table not in changed else _after_changes(one))
        changed.update(step.rows_of)
    return found


def _after_changes(one: Breaking) -> Breaking:
    return replace(one, changed=True)


def _counted(
    database: Database, step: CarriedStep, demand: Demand, before: Schema
) -> Breaking | None:
    table = relation(demand.table[1], demand.table[0])
    words = _words(demand)
    known = before.columns[demand.table]
    asked = _question(demand, table, before, dict(step.casts))
    if asked is None:
        return None
    sql, rows = asked
    if not sql:
        return Breaking(step.place, words, table, None, why=rows)
    try:
        answer = database.attempt(sql)
    except SmokeError as refused:
        if refused.diagnostics[0].code == "database-connection":
            raise
        return Breaking(step.place, words, table, None, why="it took too long", sql=rows)
    if isinstance(answer, Refusal):
        if answer.sqlstate.startswith("22"):  # a value cannot become the other type
            return Breaking(step.place, words, table, 1, sql=rows)
        # a message may hold a value of a row
        why = {
            "42703": "the fix makes or renames what it is over",
            "42P01": "the table is not there",
        }
        told = why.get(answer.sqlstate, f"the database refused the question: {answer.sqlstate}")
        told = "the role may not read it" if answer.sqlstate == "42501" else told
        return Breaking(step.place, words, table, None, why=told, sql=rows)
    keys, count = answer[0] if len(answer[0]) > 1 else (0, answer[0][0])
    every = bool(count) and demand.kind is Demanded.NOT_NULL and demand.name not in known
    return Breaking(step.place, words, table, int(count), int(keys), sql=rows, all=every)


def _words(demand: Demand) -> str:
    if demand.kind is Demanded.UNIQUE:
        where = f" WHERE {demand.condition}" if demand.condition else ""
        return f"UNIQUE ({', '.join(demand.parts)}){where}"
    if demand.kind is Demanded.CHECK:
        return f"CHECK ({demand.condition})"
    if demand.kind is Demanded.REFERENCE:
        return f"FOREIGN KEY ({', '.join(demand.parts)})"
    if demand.kind is Demanded.NOT_NULL:
        return f"NOT NULL {demand.name}"
    if demand.kind is Demanded.TYPE:
        return f"type {demand.condition} of {demand.name}"
    return f"EXCLUDE {demand.name}"


def _question(
    demand: Demand, table: str, before: Schema, casts: Mapping[str, str]
) -> tuple[str, str] | None:
    """The SQL that counts and the SQL that lists; ("", why) where it cannot be asked, None where no row can break it."""
    known = before.columns[demand.table]
    if demand.kind is Demanded.EXCLUSION:
        return "", "rows that exclude each other are not looked for"
    if demand.kind is Demanded.UNIQUE:
        if not set(demand.columns) <= known.keys():
            return "", "the fix makes a column that it is over"
        return _of_unique(demand, table)
    if demand.kind is Demanded.NOT_NULL and demand.name not in known:
        return (
            f"SELECT count(*) FROM (SELECT FROM {table} LIMIT 1) AS one",  # noqa: S608  (a quoted name of the catalogue)
            f"SELECT count(*) FROM {table};",  # noqa: S608  (as above)
        )
    where = _condition(demand, known[demand.name].type if demand.name in known else "", casts)
    if where is None:
        return None
    if demand.kind is Demanded.TYPE and not where:
        cast = casts.get(demand.name, identifier(demand.name))
        value = f"({cast})::{demand.condition}"
        return f"SELECT 0 * count({value}) FROM {table}", ""  # noqa: S608  (as the copy's catalogue prints it; asked read-only)
    return (
        f"SELECT count(*) FROM {table} AS smoke_row WHERE {where}",  # noqa: S608  (as the copy's catalogue prints it; asked read-only)
        f"SELECT * FROM {table} AS smoke_row WHERE {where};",  # noqa: S608  (as above)
    )


def _of_unique(demand: Demand, table: str) -> tuple[str, str]:
    wheres = [f"({demand.condition})"] if demand.condition else []
    if not demand.nulls_equal:
        wheres += [f"({part}) IS NOT NULL" for part in demand.parts]
    where = f" WHERE {' AND '.join(wheres)}" if wheres else ""
    key = ", ".join(f"({part})" for part in demand.parts)
    grouped = f"FROM {table}{where} GROUP BY {key} HAVING count(*) > 1"
    listed = ", ".join(demand.parts)
    return (
        f"SELECT count(*), coalesce(sum(n), 0)::bigint FROM (SELECT count(*) AS n {grouped}) AS d",  # noqa: S608  (as the copy's catalogue prints it; asked read-only)
        f"SELECT {listed}, count(*) {grouped};",
    )


def _condition(demand: Demand, old: str, casts: Mapping[str, str]) -> str | None:
    """What is true of a row that breaks it; empty where only trying tells, None where no row can."""
    if demand.kind is Demanded.CHECK:
        return f"NOT ({demand.condition})"
    if demand.kind is Demanded.NOT_NULL:
        return f"{identifier(demand.name)} IS NULL"
    if demand.kind is Demanded.REFERENCE:
        given = [f"smoke_row.{part} IS NOT NULL" for part in demand.parts]
        pairs = [
            f"other.{target} = smoke_row.{part}"
            for part, target in zip(demand.parts, demand.target_columns, strict=True)
        ]
        place = relation(demand.target[1], demand.target[0])
        return f"{' AND '.join(given)} AND NOT EXISTS (SELECT FROM {place} AS other WHERE {' AND '.join(pairs)})"
    if old == demand.condition:
        return None
    limit = demand.condition.rpartition("(")[2].rstrip(")")
    if demand.condition.startswith("character") and limit.isdigit():
        # a cast in a query would cut the text, ALTER COLUMN refuses it
        value = casts.get(demand.name, identifier(demand.name))
        return f"char_length(({value})::text) > {limit}"
    if demand.condition in ("text", "character varying"):
        return None
    return ""
