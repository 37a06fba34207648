"""The statements of a fix; a file that is no SQL is refused with its place."""

from __future__ import annotations

from collections.abc import Iterable

from smoke.database.migration.script import Statement, read_script
from smoke.diagnostic import Diagnostic, Note, SmokeError, Span


def statements_of(files: Iterable[tuple[str, str]]) -> list[Statement]:
    """The statements of files (name and text). Raises SmokeError (`bad-sql`) with the place of each that is none."""
    found: list[Statement] = []
    problems: list[Diagnostic] = []
    for name, text in files:
        for statement in read_script(text, name):
            found.append(statement)
            if statement.problem and statement.kind != "psql":
                problems.append(_problem(statement, text))
    if problems:
        raise SmokeError(problems)
    if not any(not statement.idle for statement in found):
        raise SmokeError.of("bad-sql", "there is no statement in it to be tried")
    return found


def _problem(statement: Statement, text: str) -> Diagnostic:
    """What the parser says, on the character that it says it of."""
    import postgast

    lines = text.split("\n")
    line, column = statement.line, 1
    try:
        postgast.parse(statement.sql)
    except postgast.PgQueryError as error:
        at = max(error.cursorpos - 1, 0)
        before = statement.sql[:at]
        start = lines[line - 1].find(statement.sql.split("\n", 1)[0])
        line += before.count("\n")
        column = at - before.rfind("\n") if "\n" in before else max(start, 0) + at + 1
    shown = lines[line - 1] if line <= len(lines) else ""
    return Diagnostic(
        "bad-sql",
        statement.problem.partition(" (line ")[0],
        span=Span(statement.file, line, column, line, column + 1),
        excerpt=((line, shown),),
        notes=(Note("expected: SQL as PostgreSQL takes it; nothing was tried"),),
    )
