"""What `smoke db` prints."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from smoke.text import shorten

if TYPE_CHECKING:
    from smoke.app.databases import About, Migrated
    from smoke.database.identity import Identity
    from smoke.database.lookup import ConstraintAnswer
    from smoke.database.tables import TableAnswer

T = TypeVar("T")


def tell(value: T, lines: Callable[[T], list[str]], *, as_json: bool) -> None:
    """Print a value of dataclasses: as JSON, or as its lines made safe for a terminal."""
    from smoke.cli.terminal import stdout
    from smoke.text import safe_line

    terminal = stdout()
    if as_json:
        terminal.write(json.dumps(value, indent=2, default=_plain))
        return
    for line in lines(value):
        terminal.write(safe_line(line))


def _plain(value: Any) -> Any:
    return dataclasses.asdict(value)


def of_identity(identity: Identity) -> list[str]:
    """The identity, its search path and how it is reached."""
    return [
        identity.line(),
        f"search_path {identity.search_path}, {'TLS' if identity.tls else 'no TLS'}, DSN from {identity.source}",
    ]


def of_constraint(about: About[ConstraintAnswer]) -> list[str]:
    """The answer in the first line, then what a person needs to act on it."""
    answer = about.answer
    place = f" on {answer.table}" if answer.table else ""
    lines: list[str] = []
    if answer.exists:
        lines.append(f"YES: {answer.name} is there{place}")
    else:
        lines.append(f"NO: there is no {answer.name}{place} in this database")
    if not answer.table_exists:
        lines.append(f"  there is no table {answer.table} either: is it the right database?")
    for rule in answer.found:
        lines.append(f"  {rule.line()}")
        if rule.deferrable:
            lines.append(f"    {rule.deferrable}")
        lines += [f"    depends on it: {name}" for name in rule.dependants]
    for double in answer.duplicates:
        key = ", ".join(double.columns)
        lines.append(
            f"  {double.keys} keys ({key}) occur more than once, in {double.rows} rows"
            if double.keys is not None
            else f"  duplicates of ({key}) cannot be counted: {double.why}"
        )
    lines += [f"  elsewhere: {rule.line()}" for rule in answer.elsewhere]
    lines += [f"  similar: {rule.line()}" for rule in answer.similar]
    return [*lines, about.database.line()]


def of_table(about: About[TableAnswer]) -> list[str]:
    """Each table of the name with its columns and rules, or names that may have been meant."""
    answer = about.answer
    lines: list[str] = []
    if not answer.found:
        lines.append(f"NO: there is no table {answer.name} in this database")
        lines += [f"  similar: {name}" for name in answer.similar]
    for table in answer.found:
        lines.append(table.line())
        lines += [f"  {column.line()}" for column in table.columns]
        lines += [f"  {rule.line()}" for rule in table.rules]
        lines += [f"  policy {name}" for name in table.policies]
        if not table.reads:
            lines.append(f"  the role {about.database.user} may not read its rows")
    return [*lines, about.database.line()]


_SIGNS = {"applied": "+", "not applied": "-", "partly": "~", "cannot tell": "?", "no effect": " "}


def of_applied(about: Migrated) -> list[str]:
    """The verdict on the whole, each statement's with its reason, what the migration tools claim."""
    answer = about.answer
    files = list(dict.fromkeys(statement.file for statement in answer.statements))
    counts = Counter(statement.verdict.value for statement in answer.statements)
    told = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    from smoke.database.migration.verdict import summary

    said = summary(statement.verdict for statement in answer.statements)
    said = said.upper() if said == answer.overall.value else said
    lines = [f"{said} in this database ({told or 'no statements'})"]
    lines += [
        f"  {claim.sentence}" + (f": {claim.file}" if claim.file and len(files) > 1 else "")
        for claim in answer.claimed
    ]
    lines += [
        f"  it is applied in database {name} of the same server: was it run there by mistake?"
        for name in about.applied_in
    ]
    for statement in answer.statements:
        place = f"{statement.file}:{statement.line}"
        text = shorten(" ".join(statement.sql.split()), 100)
        lines.append(
            f"{_SIGNS[statement.verdict.value]} {statement.verdict.value:11}  {place}  {text}"
        )
        lines.append(f"    {statement.reason}")
    return [*lines, about.database.line()]


def applied_json(about: Migrated) -> dict[str, Any]:
    """As `of_applied`, for a program."""
    answer = about.answer
    return {
        "statements": [_plain(statement) for statement in answer.statements],
        "overall": answer.overall.value,
        "claimed": [_plain(claim) for claim in answer.claimed],
        "applied_in": list(about.applied_in),
        "database": _plain(about.database),
    }
