"""The migrations of a project in the database that is connected: the tool's table read, the effects judged."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import replace

from smoke.database.dsn import Dsn
from smoke.database.elsewhere import LIMITS, databases_beside, others
from smoke.database.layouts.layout import Project
from smoke.database.layouts.model import Migration, Record
from smoke.database.layouts.ordered import as_they_ran
from smoke.database.layouts.reading import laid_over
from smoke.database.layouts.recorded import recorded
from smoke.database.layouts.tree import text_of
from smoke.database.listing import (
    Listed,
    Listing,
    State,
    of_schema,
    removes_only,
    state_of,
    unknown,
)
from smoke.database.migration.applied import Judging, Statements, applied
from smoke.database.migration.verdict import Judged, Verdict, overall
from smoke.database.session import Database, connect
from smoke.diagnostic import SmokeError

_MOST_CONFIRMED = 10
"""Migrations without a mark that are judged once more without those that come after them."""

_SAMPLE = 10
"""Migrations at either end that tell whether any of many was run in another database."""

_Found = dict[str, list[Judged]]


def listing(database: Database, project: Project) -> Listing:
    """What is to be said of each migration of a project, in the order in which they ran or would run."""
    found_in = recorded(database, project)
    record = found_in.record
    ordered = as_they_ran(project.migrations, record)
    found = _judged(_Parts(database, ordered), ordered, record)
    unread = _unread(project, ordered, record)
    rows = [
        state_of(migration, found.get(migration.key, []), record, unread.get(migration.key, ()))
        for migration in ordered
    ]
    rows = _without_hollow(rows, found)
    if found_in.refused:  # what is marked is not known, what is there is
        rows = [
            replace(row, state=State.APPLIED) if row.state is State.UNMARKED else row
            for row in rows
        ]
    if project.schema is not None:
        text = text_of(project.schema)
        judged = applied(database, [(str(project.schema), text)]).statements
        rows.append(of_schema(str(project.schema), judged))
    return Listing(
        project.layout.name,
        project.folder.as_posix(),
        found_in.table,
        (*rows, *unknown(project.migrations, record)),
        found_in.refused,
    )


def _unread(
    project: Project, ordered: Sequence[Migration], record: Record
) -> dict[str, tuple[str, ...]]:
    """By migration, those that ran after it and whose SQL is not known: made by a program, or not in the repository."""
    known = {migration.key for migration in project.migrations}
    strange = [*unknown(project.migrations, record)]
    place = {key: number for number, key in enumerate(record.seen)}
    result: dict[str, tuple[str, ...]] = {}
    later: list[str] = []
    for migration in reversed(ordered):
        after = [
            row.name
            for row in strange
            if not record.ordered or place[row.key] > place.get(migration.key, len(place))
        ]
        result[migration.key] = (*later, *after)
        if not migration.sql and migration.key in known & record.seen.keys():
            later.insert(0, migration.name)
    return result


def _without_hollow(rows: Sequence[Listed], found: _Found) -> list[Listed]:
    """What only removes things shows nothing in a database in which what comes before it has not run."""
    result: list[Listed] = []
    pending = False
    for row in rows:
        if row.state is State.UNMARKED and pending and removes_only(found.get(row.key, [])):
            result.append(replace(row, state=State.PENDING, why=()))
        else:
            result.append(row)
        pending = pending or row.state is State.PENDING
    return result


def _judged(parts: _Parts, ordered: Sequence[Migration], record: Record) -> _Found:
    """The statements of each migration. What has not run must not speak for what has, nor the other way round."""
    ran = {key for key, seen in record.seen.items() if seen.done}
    readable = [migration for migration in ordered if migration.sql]
    found = parts.judged(readable)
    unmarked = [m for m in readable if m.key not in ran]
    there = [m for m in unmarked if _holds(found[m.key])]
    if len(there) <= _MOST_CONFIRMED:
        there = [m for m in there if _holds_alone(parts, m, readable, ran, found)]
    counted = [m for m in readable if m.key in ran or m in there]
    if counted and len(counted) < len(readable):
        found |= parts.judged(counted)
    return found | _without_the_last(parts, counted, found)


def _without_the_last(parts: _Parts, counted: Sequence[Migration], found: _Found) -> _Found:
    """What is to be said of migrations whose effect a later one that never ran should have changed: each for itself."""
    result: _Found = {}
    for _ in range(_MOST_CONFIRMED):
        missing = [m for m in counted if _lacks(result.get(m.key, found[m.key]))]
        if len(missing) < 2:
            break
        counted = [m for m in counted if m is not missing[-1]]
        again = parts.judged(counted)
        if all(_lacks(again[m.key]) for m in missing[:-1]):
            break  # the last one was not the reason
        result |= again
    return result


def _lacks(statements: Sequence[Judged]) -> bool:
    return overall(s.verdict for s in statements) in (Verdict.NOT_APPLIED, Verdict.PARTLY)


def _holds(statements: Sequence[Judged]) -> bool:
    return overall(statement.verdict for statement in statements) is Verdict.APPLIED


def _holds_alone(
    parts: _Parts,
    migration: Migration,
    readable: Sequence[Migration],
    ran: set[str],
    found: _Found,
) -> bool:
    """Whether there is a trace of it also when nothing that comes after it, and has no mark, speaks for it."""
    if migration is readable[-1]:
        return True
    if _traced(parts.judged([migration])[migration.key]):
        return True  # without the others it is soon asked
    upto = [m for m in readable if m.key in ran or m is migration]
    alone = parts.judged(upto)[migration.key]
    if overall(s.verdict for s in alone) is not Verdict.NOT_APPLIED:
        return True
    found[migration.key] = alone
    return False


def _traced(statements: Sequence[Judged]) -> bool:
    return overall(s.verdict for s in statements) in (Verdict.APPLIED, Verdict.PARTLY)


class _Parts:
    """The migrations of a project, some of which are judged together; what is read of them is read once."""

    def __init__(
        self,
        database: Database,
        migrations: Sequence[Migration],
        statements: Statements | None = None,
    ) -> None:
        readable = [migration for migration in migrations if migration.sql]
        self._judging = Judging(database, list(_texts(readable).items()), statements)

    def judged(self, migrations: Sequence[Migration]) -> _Found:
        """The statements of these migrations, judged together, by the key of the migration."""
        texts = _texts(migrations)
        starts: dict[str, list[tuple[int, str]]] = {}
        for migration in migrations:
            lines = migration.sql.split("\n")
            first = next((number for number, line in enumerate(lines, 1) if line.strip()), 1)
            starts.setdefault(migration.file.as_posix(), []).append((first, migration.key))
        for known in starts.values():
            known.sort()
        found: _Found = {migration.key: [] for migration in migrations}
        for statement in self._judging.applied(list(texts.items())).statements:
            known = starts[statement.file]
            at = bisect.bisect_right(known, statement.line, key=lambda item: item[0])
            found[known[max(at - 1, 0)][1]].append(statement)
        return found


def _texts(migrations: Sequence[Migration]) -> dict[str, str]:
    """What runs of each file."""
    texts: dict[str, str] = {}
    for migration in migrations:
        name = migration.file.as_posix()
        texts[name] = laid_over(texts[name], migration.sql) if name in texts else migration.sql
    return texts


def with_elsewhere(
    listing_here: Listing, project: Project, dsn: Dsn, names: Sequence[str]
) -> Listing:
    """The same, with the server's other databases in which what is not here is applied: only that is asked for there."""
    lacking = {row.key for row in listing_here.of(State.PENDING, State.MISSING, State.FAILED)}
    asked = [m for m in project.migrations if m.key in lacking and m.sql]
    places: dict[str, list[str]] = {key: [] for key in lacking}
    if not asked:
        return listing_here
    statements = Statements()
    for name, other in others(dsn, names):
        try:
            with connect(other, LIMITS) as database:
                ran = _ran_there(database, project, asked, statements)
        except SmokeError:
            continue  # a pooler that serves only one database, or a right that is missing
        for key in ran:
            places[key].append(name)
    rows = tuple(
        replace(row, elsewhere=tuple(places.get(row.key, ()))) for row in listing_here.rows
    )
    return replace(listing_here, rows=rows)


def _ran_there(
    database: Database, project: Project, asked: Sequence[Migration], statements: Statements
) -> list[str]:
    """Those of the migrations that are applied in this database, too."""
    record = recorded(database, project).record
    ordered = as_they_ran(asked, record)
    ends = [*ordered[:_SAMPLE], *ordered[-_SAMPLE:]]
    parts = _Parts(database, ordered, statements)
    unmarked = not any(migration.key in record.seen for migration in ordered)
    if unmarked and len(ordered) > len(ends):  # of another shop: the first and the last tell
        found = parts.judged(ends)
        if not any(_traced(statements) for statements in found.values()):
            return []
    found = _judged(parts, ordered, record)
    states = {m.key: state_of(m, found.get(m.key, []), record, ()) for m in ordered}
    if any(row.state is State.MISSING for row in states.values()):
        # marked: one that is not missing here may have changed what it did
        states = {row.key: row for row in listing(database, project).rows}
    return [
        migration.key
        for migration in ordered
        if (row := states.get(migration.key))
        and (row.state is State.APPLIED or (row.state is State.UNMARKED and row.made))
    ]


def beside(database: Database) -> list[str]:
    """The server's other databases; none when the role may not ask for them."""
    try:
        return databases_beside(database)
    except SmokeError:
        return []
