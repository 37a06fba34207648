"""Each migration of a project beside what the tool's table says of it and what is true in the database. Pure.

What the table calls applied and what is there are two things, and where they differ a deploy fails or a fix was never made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from smoke.database.layouts.model import Migration, Record
from smoke.database.migration.verdict import Judged, Verdict, overall


class State(StrEnum):
    """What is to be said of one migration."""

    APPLIED = "applied"
    MARKED = "marked, not judged"
    PENDING = "pending"
    OPTIONAL = "only where chosen"
    MISSING = "marked, but missing"
    UNMARKED = "there, but not marked"
    FAILED = "failed"
    DIFFERS = "not as written"
    UNKNOWN = "not in the repository"

    @property
    def good(self) -> bool:
        """Whether it is as it should be, as far as that can be told."""
        return self in (State.APPLIED, State.MARKED, State.OPTIONAL, State.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Listed:
    """One migration: its state, when it was applied, and `why` the state is what it is, most telling first.

    `changed`: its text is another than the one that ran. `elsewhere`: databases of the server in which it is applied.
    """

    name: str
    state: State
    file: str = ""
    line: int = 0
    at: str = ""
    why: tuple[str, ...] = ()
    changed: bool = False
    language: str = ""
    prints: str = ""
    unread: bool = False
    """Whether its SQL is made by a program and nothing is known of it: the table alone is compared."""
    key: str = ""
    unjudged: int = 0
    """Statements that cannot be judged, such as changes of rows."""
    made: bool = False
    """Whether what is there was made by it: what only has to be absent is absent in most databases."""
    elsewhere: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Listing:
    """All migrations of a project in one database. `table` is the tool's, empty when it is not there."""

    tool: str
    folder: str
    table: str
    rows: tuple[Listed, ...]
    refused: str = ""
    """Why the table cannot be read."""

    def of(self, *states: State) -> list[Listed]:
        """The migrations in one of these states."""
        return [row for row in self.rows if row.state in states]


def exit_code(listings: Sequence[Listing]) -> int:
    """0 all that can be judged is applied and marked, 1 a migration is not, 3 nothing can be judged."""
    rows = [row for listing in listings for row in listing.rows]
    if any(not row.state.good for row in rows):
        return 1
    return 0 if any(row.state is State.APPLIED for row in rows) else 3


def removes_only(statements: Sequence[Judged]) -> bool:
    """Whether all that can be judged is that something is gone: true of a database in which it never was, too."""
    told = [s for s in statements if s.verdict is Verdict.APPLIED]
    return bool(told) and all(_removes(s.sql) for s in told)


def _removes(sql: str) -> bool:
    words = sql.lower().replace(",", " , ").split()
    if not words or words[0] in ("drop", "revoke"):
        return True
    actions = {"add", "alter", "rename", "set", "enable", "disable", "validate", "attach", "owner"}
    return words[0] == "alter" and "drop" in words and not actions & set(words[1:])


def state_of(
    migration: Migration, statements: Sequence[Judged], record: Record, after: Sequence[str]
) -> Listed:
    """What is to be said of one migration. `after`: marked ones that ran after it and whose SQL is not known."""
    seen = record.seen.get(migration.key)
    marked = seen is not None and seen.done
    verdict = overall(s.verdict for s in statements)
    missing = [s for s in statements if s.verdict in (Verdict.NOT_APPLIED, Verdict.PARTLY)]
    why = [f"line {s.line}: {s.reason}" for s in missing]
    if seen is not None and not seen.done:
        state, why = State.FAILED, ["the table lists it as failed or not finished", *why]
    elif not marked and migration.only and verdict is not Verdict.APPLIED:
        state, why = State.OPTIONAL, [migration.only]
    elif not statements:
        state, why = (State.MARKED if marked else State.PENDING), []
    elif seen is not None:
        state = _state_of_marked(verdict)
        if state is State.MISSING and seen.assumed:
            state, why = State.MARKED, [seen.assumed, *why]
        if state is State.MISSING and after:
            told = f"{', '.join(after[:3])} ran after it and may have changed that: the SQL is not known here"
            state, why = State.MARKED, [told, *why]
    elif verdict is Verdict.APPLIED:
        state = State.UNMARKED
    else:
        state = State.PENDING
        there = [s for s in statements if s.verdict in (Verdict.APPLIED, Verdict.PARTLY)]
        why = ["part of its effect is there", *why] if there and not removes_only(there) else []
    notes = [seen.note if seen is not None else record.notes.get(migration.key, "")]
    return Listed(
        name=migration.name,
        state=state,
        file=migration.file.as_posix(),
        line=missing[0].line if missing else 0,
        at=seen.at if seen is not None else "",
        why=tuple(filter(None, [*notes, *why])),
        changed=_changed(migration, record),
        language=migration.language,
        prints=migration.prints,
        unread=bool(migration.language) and not migration.sql,
        key=migration.key,
        unjudged=sum(s.verdict is Verdict.CANNOT_TELL for s in statements),
        made=any(s.verdict is Verdict.APPLIED and not _removes(s.sql) for s in statements),
    )


def of_schema(file: str, statements: Sequence[Judged]) -> Listed:
    """What is to be said of a file with the whole schema that results from the migrations."""
    missing = [s for s in statements if s.verdict in (Verdict.NOT_APPLIED, Verdict.PARTLY)]
    judged = missing or any(s.verdict is Verdict.APPLIED for s in statements)
    return Listed(
        name=Path(file).name,
        state=State.DIFFERS if missing else State.APPLIED if judged else State.MARKED,
        file=file,
        line=missing[0].line if missing else 0,
        why=tuple(f"line {s.line}: {s.reason}" for s in missing),
    )


def _state_of_marked(verdict: Verdict) -> State:
    return {
        Verdict.APPLIED: State.APPLIED,
        Verdict.NOT_APPLIED: State.MISSING,
        Verdict.PARTLY: State.MISSING,
    }.get(verdict, State.MARKED)


def _changed(migration: Migration, record: Record) -> bool:
    seen = record.seen.get(migration.key)
    return bool(
        seen
        and seen.done
        and seen.digest
        and migration.digests
        and seen.digest not in migration.digests
    )


def unknown(migrations: Sequence[Migration], record: Record) -> list[Listed]:
    """What the table lists and the project has not, a squashed one's parts left out."""
    known = {m.key for m in migrations} | {key for m in migrations for key in m.replaces}
    return [
        Listed(name=_called(key, record.names), state=State.UNKNOWN, at=seen.at, key=key)
        for key, seen in record.seen.items()
        if key not in known
    ]


def _called(key: str, names: Mapping[str, str]) -> str:
    name = names.get(key, "")
    return (name if key in name else f"{key} {name}") if name else key


def sentence(row: Listed, table: str) -> str:
    """What is to be said of one migration, in one line. `table` is the tool's, as a person calls it."""
    why = row.why or (
        (f"its SQL is made by {row.language} and cannot be read",) if row.unread else ()
    )
    because = f": {why[0].removeprefix(f'line {row.line}: ')}" if why else ""
    there = f"; {run_elsewhere(row)}" if row.elsewhere else ""
    told = {
        State.APPLIED: f"{row.name} is applied",
        State.MARKED: f"{row.name} is marked as applied in {table}, and not judged{because}",
        State.PENDING: f"{row.name} is pending{because}",
        State.OPTIONAL: f"{row.name} has not run{because}",
        State.MISSING: f"{row.name} is marked as applied in {table}, but its effect is missing{because}",
        State.UNMARKED: f"{row.name} is there, but {table} does not list it: it was run by hand",
        State.FAILED: f"{row.name} failed{because}",
        State.DIFFERS: f"{row.name} says what this database has not{because}",
        State.UNKNOWN: f"{table} lists {row.name}, which is not in the repository",
    }[row.state]
    return told + there + ("; its text was changed since it ran" if row.changed else "")


def run_elsewhere(row: Listed) -> str:
    """In which other databases a migration is applied, and the question that follows."""
    more = f" and {len(row.elsewhere) - 3} more" if len(row.elsewhere) > 3 else ""
    names = ", ".join(row.elsewhere[:3])
    return f"it is applied in database {names}{more} of this server: was it run there by mistake?"


def counted(rows: Sequence[Listed]) -> str:
    """How many there are of each state, the worst first."""
    order = (
        State.FAILED,
        State.MISSING,
        State.UNMARKED,
        State.PENDING,
        State.DIFFERS,
        State.APPLIED,
        State.MARKED,
        State.OPTIONAL,
        State.UNKNOWN,
    )
    parts = [
        f"{count} {state.value}"
        for state in order
        if (count := sum(r.state is state for r in rows))
    ]
    changed = sum(row.changed for row in rows)
    return "; ".join([*parts, *([f"{changed} changed since"] if changed else [])])
