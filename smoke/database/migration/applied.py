"""`applied`: the verdict on each statement of migrations, in the database that is connected."""

from __future__ import annotations

import gc
from collections.abc import Container, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from smoke.database.catalogue.catalog import Catalog
from smoke.database.layouts.reading import read_files
from smoke.database.migration.canon import Canon
from smoke.database.migration.claims import Facet
from smoke.database.migration.later import changed_by, later_changes, words
from smoke.database.migration.planner import Planner, Unjudged
from smoke.database.migration.rules import plan_statement
from smoke.database.migration.script import Statement, connects_to, read_script
from smoke.database.migration.sight import judge as judge_claim
from smoke.database.migration.tools import Claimed, claimed
from smoke.database.migration.verdict import Decisions, Judged, Verdict, overall
from smoke.database.session import Database


@dataclass(frozen=True, slots=True)
class Applied:
    """The verdicts on all statements, in order, and over all of them."""

    statements: tuple[Judged, ...]
    overall: Verdict
    claimed: tuple[Claimed, ...] = ()


def applied(database: Database, scripts: Iterable[tuple[str, str]]) -> Applied:
    """The verdict on each statement of these scripts (file name and text), taken as one migration in this order."""
    known = list(scripts)
    with _nothing_collected():
        return Judging(database, known).applied(known)


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """Without the collector of cycles, which took a quarter of the time: hundreds of thousands of values, all of them needed."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


def applied_files(database: Database, path: Path) -> Applied:
    """As `applied`, for a file or a folder, with what the migration tools' tables claim of each file."""
    files = read_files(path, database)
    answer = applied(database, files)
    verdicts = [
        overall(item.verdict for item in answer.statements if item.file == name)
        for name, _ in files
    ]
    return replace(answer, claimed=claimed(database, files, verdicts))


Scripts = Sequence[tuple[str, str]]
"""File names and texts."""


class Statements:
    """The statements of scripts, each of which is parsed once, however often it is judged."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], list[Statement]] = {}

    def of(self, scripts: Scripts) -> list[Statement]:
        """Those of these scripts, in order. Raises SmokeError (`database-missing-extra`) without the parser."""
        found: list[Statement] = []
        for name, text in scripts:
            if (name, text) not in self._known:
                self._known[name, text] = read_script(text, name)
            found += self._known[name, text]
        return found


class Judging:
    """Judges scripts in one database, and some of them for themselves: the catalogue is read once for all.

    `scripts` are all of which some may be judged.
    """

    def __init__(
        self, database: Database, scripts: Scripts, statements: Statements | None = None
    ) -> None:
        self.database = database
        self._statements = statements or Statements()
        self._names = words(statement.sql for statement in self._statements.of(scripts))
        self._known: dict[bool, Canon] = {}

    def applied(self, scripts: Scripts) -> Applied:
        """The verdict on each statement of these scripts, taken as one migration; the net effect of all counts."""
        judged = self._judge(self._statements.of(scripts))
        return Applied(tuple(judged), overall(item.verdict for item in judged))

    def _judge(self, statements: Sequence[Statement]) -> list[Judged]:
        if not any(_sets_path(statement) for statement in statements):
            return _judge(self._canon(qualified=False), statements)
        canon, database = self._canon(qualified=True), self.database
        kept = database.row("SELECT current_setting('search_path')")
        # the savepoint keeps the setting when a question is refused
        database.rows("SET LOCAL search_path = ''; SAVEPOINT asked")
        found = _judge(canon, statements)
        database.rows("SELECT set_config('search_path', %s, true)", kept[0] if kept else "")
        return found

    def _canon(self, *, qualified: bool) -> Canon:
        """What is read and printed under one search path, with the catalogue that belongs to it."""
        if qualified not in self._known:
            catalog = Catalog(self.database, self._names)
            catalog.qualified = qualified
            self._known[qualified] = Canon(catalog)
        return self._known[qualified]


def _sets_path(statement: Statement) -> bool:
    return "search_path" in statement.sql.lower() and statement.kind in (
        "variable_set_stmt",
        "select_stmt",
        "create_schema_stmt",
    )


def _judge(canon: Canon, statements: Sequence[Statement]) -> list[Judged]:
    reading = _Reading(canon, statements)
    verdicts = reading.verdicts(range(len(statements)))
    _blame_the_later(statements, reading, verdicts)
    later = later_changes(reading.planner, statements, reading.unjudged)
    result: list[Judged] = []
    for number, (statement, why) in enumerate(zip(statements, reading.unjudged, strict=True)):
        if statement.kind == "psql" and (connects_to(statement) or (why and why.no_effect)):
            continue  # a line to psql is no statement
        if why is not None:
            verdict = Verdict.NO_EFFECT if why.no_effect else Verdict.CANNOT_TELL
            reason = why.words
        elif not reading.decisions.claims(number):
            verdict, reason = Verdict.NO_EFFECT, "it changes nothing"
        else:
            verdict, reason = verdicts[number]
            if verdict in _AGAINST:
                place = changed_by(reading.decisions, number, later)
                if place:
                    verdict, reason = Verdict.CANNOT_TELL, f"{place} may have changed it: {reason}"
        result.append(Judged(statement.sql, statement.line, verdict, reason, statement.file))
    return result


_AGAINST = (Verdict.NOT_APPLIED, Verdict.PARTLY)


class _Reading:
    """Statements read one after the other (as if some were not there), and what is decided of them."""

    def __init__(
        self,
        canon: Canon,
        statements: Sequence[Statement],
        but: Container[int] = (),
    ) -> None:
        self.planner = Planner(canon)
        self.unjudged: list[Unjudged | None] = []
        here = there = canon.catalog.database.endpoint.database
        for number, statement in enumerate(statements):
            named = connects_to(statement) or there
            there = there if named == "-" else named
            if number in but:
                why: Unjudged | None = Unjudged("")
            elif there == here or statement.kind == "psql" or statement.idle:
                why = _plan(self.planner, number, statement)
            else:
                why = Unjudged(f"the file runs it in database {there}, which is not this one")
            self.unjudged.append(why)
        look = partial(judge_claim, sight=self.planner)
        self.decisions = Decisions(self.planner.world, look, lambda: canon.missed)

    def verdicts(self, numbers: Iterable[int]) -> dict[int, tuple[Verdict, str]]:
        """The verdicts on statements, but for those that make no claims."""
        judged = [number for number in numbers if self.unjudged[number] is None]
        return _gather(self.planner.canon, self.decisions, judged)


def _blame_the_later(
    statements: Sequence[Statement],
    reading: _Reading,
    verdicts: dict[int, tuple[Verdict, str]],
) -> None:
    """A change that has not run is blamed itself, and what stands before it is judged as if it were not there."""
    undone: set[int] = set()
    last = 0
    for _ in range(_ROUNDS):  # what is blamed may be a change itself
        decisions = reading.decisions
        missing = [n for n, (v, _) in verdicts.items() if v is Verdict.NOT_APPLIED]
        new = {n for n in missing if n not in undone and decisions.undone(n)}
        renames = (n for n in new if decisions.claims(n)[0].facet is Facet.NAME)
        last = max(last, *renames, 0)
        undone |= new
        blamed = [
            number
            for number, (verdict, _) in verdicts.items()
            if verdict in _AGAINST
            and number not in undone
            and (number < last or decisions.decided_by(number) & undone)
        ]
        if not new or not blamed:
            return
        reading = _Reading(reading.planner.canon, statements, undone)
        verdicts.update(reading.verdicts(blamed))


_ROUNDS = 4
"""A judgement that needs one comparison may need another after it, and so may blame."""


def _gather(
    canon: Canon, decisions: Decisions, numbers: list[int]
) -> dict[int, tuple[Verdict, str]]:
    """The verdicts; the server prints all expressions that they need in few questions."""
    found: dict[int, tuple[Verdict, str]] = {}
    for last in (*[False] * _ROUNDS, True):
        canon.gathering = not last
        missing: list[int] = []
        for number in numbers:
            missed = canon.missed
            found[number] = _decided(decisions, number)
            if canon.missed > missed:
                missing.append(number)
        canon.fetch()
        numbers = missing
    return found


def _plan(planner: Planner, number: int, statement: Statement) -> Unjudged | None:
    planner.world.statement = number
    if statement.idle:
        return Unjudged(statement.idle, no_effect=True)
    if statement.node is None:
        return Unjudged(statement.problem)
    import postgast

    try:
        return plan_statement(planner, statement.kind, statement.node)
    except postgast.PgQueryError as error:  # a tree that the parser cannot write as SQL again
        return Unjudged(f"a part of it cannot be compared: {error.message}")


def _decided(decisions: Decisions, number: int) -> tuple[Verdict, str]:
    import postgast

    try:
        return decisions.statement(number)
    except postgast.PgQueryError as error:
        return Verdict.CANNOT_TELL, f"a part of it cannot be compared: {error.message}"
