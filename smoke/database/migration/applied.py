"""`applied`: the verdict on each statement of migrations, in the database that is connected."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from smoke.database.catalogue.catalog import Catalog
from smoke.database.layouts.reading import read_files
from smoke.database.migration.canon import Canon
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
    statements = [statement for name, text in scripts for statement in read_script(text, name)]
    judged = judge(database, statements)
    return Applied(tuple(judged), overall(item.verdict for item in judged))


def applied_files(database: Database, path: Path) -> Applied:
    """As `applied`, for a file or a folder, with what the migration tools' tables claim of each file."""
    files = read_files(path, database)
    answer = applied(database, files)
    verdicts = [
        overall(item.verdict for item in answer.statements if item.file == name)
        for name, _ in files
    ]
    return replace(answer, claimed=claimed(database, files, verdicts))


def judge(database: Database, statements: Sequence[Statement]) -> list[Judged]:
    """The verdict on each statement; the net effect of all of them counts."""
    catalog = Catalog(database, words(statement.sql for statement in statements))
    if not any(_sets_path(statement) for statement in statements):
        return _judge(catalog, statements)
    kept = database.row("SELECT current_setting('search_path')")
    # the savepoint keeps the setting when a question is refused
    database.rows("SET LOCAL search_path = ''; SAVEPOINT asked")
    catalog.qualified = True
    found = _judge(catalog, statements)
    database.rows("SELECT set_config('search_path', %s, true)", kept[0] if kept else "")
    return found


def _sets_path(statement: Statement) -> bool:
    return "search_path" in statement.sql.lower() and statement.kind in (
        "variable_set_stmt",
        "select_stmt",
        "create_schema_stmt",
    )


def _judge(catalog: Catalog, statements: Sequence[Statement]) -> list[Judged]:
    planner = Planner(catalog)
    here = catalog.database.endpoint.database
    unjudged: list[Unjudged | None] = []
    there = here
    for number, statement in enumerate(statements):
        named = connects_to(statement) or there
        there = there if named == "-" else named
        if there == here or statement.kind == "psql" or statement.idle:
            unjudged.append(_plan(planner, number, statement))
        else:
            unjudged.append(
                Unjudged(f"the file runs it in database {there}, which is not this one")
            )
    canon = planner.canon
    decisions = Decisions(planner.world, partial(judge_claim, sight=planner), lambda: canon.missed)
    verdicts = _gather(canon, decisions, [n for n, why in enumerate(unjudged) if why is None])
    later = later_changes(planner, statements, unjudged)
    result: list[Judged] = []
    for number, (statement, why) in enumerate(zip(statements, unjudged, strict=True)):
        if statement.kind == "psql" and (connects_to(statement) or (why and why.no_effect)):
            continue  # a line to psql is no statement
        if why is not None:
            verdict = Verdict.NO_EFFECT if why.no_effect else Verdict.CANNOT_TELL
            reason = why.words
        elif not decisions.claims(number):
            verdict, reason = Verdict.NO_EFFECT, "it changes nothing"
        else:
            verdict, reason = verdicts[number]
            if verdict in (Verdict.NOT_APPLIED, Verdict.PARTLY):
                place = changed_by(decisions, number, later)
                if place:
                    verdict, reason = Verdict.CANNOT_TELL, f"{place} may have changed it: {reason}"
        result.append(Judged(statement.sql, statement.line, verdict, reason, statement.file))
    return result


_ROUNDS = 4
"""A judgement that needs one comparison may need another after it."""


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
