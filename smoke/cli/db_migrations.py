"""`smoke db applied` of a project: each migration of a tool in a table, as JSON, and on the lines that a CI system shows."""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from smoke.app.migrations import Migrations
from smoke.cli.layout import STYLES, Sheet
from smoke.cli.line import cell_len
from smoke.cli.terminal import Terminal
from smoke.database.listing import Listed, Listing, State, counted, run_elsewhere, sentence
from smoke.facts.issues import Issue
from smoke.model.run import Outcome
from smoke.text import plural, safe, safe_line, shorten

_OUTCOMES = {
    State.APPLIED: Outcome.PASSED,
    State.MARKED: Outcome.SKIPPED,
    State.OPTIONAL: Outcome.SKIPPED,
    State.UNKNOWN: Outcome.SKIPPED,
    State.PENDING: Outcome.FAILED,
    State.MISSING: Outcome.FAILED,
    State.UNMARKED: Outcome.FAILED,
    State.FAILED: Outcome.FAILED,
    State.DIFFERS: Outcome.FAILED,
}
_MOST = 40
"""Rows above which applied ones in a row are shown by the first and the last of them."""
_WHY = 3
_NARROW = 72
_TIME = 16


def tell(found: Migrations, terminal: Terminal, *, everything: bool) -> None:
    """The answer in the first lines, then the table of each tool, then the database."""
    sheet = Sheet(width=terminal.width, color=terminal.color, unicode=terminal.unicode)
    for listing in found.projects:
        _headline(sheet, listing, found.database.database)
    if len(found.projects) > 1 or found.passed_over:
        shown = len({listing.tool for listing in found.projects})
        more = f"; also here, without a table in this database: {', '.join(found.passed_over)}"
        told = plural(shown, "tool") + (more if found.passed_over else "")
        sheet.paragraph(f"{told}; --tool NAME chooses one", style="dim")
    for listing in found.projects:
        sheet.blank()
        _table(sheet, listing, everything=everything)
    sheet.blank()
    sheet.field("database", found.database.line())
    sheet.field("exit", str(found.exit_status))
    terminal.write(sheet.render().rstrip("\n"))


def _headline(sheet: Sheet, listing: Listing, database: str) -> None:
    bad = [row for row in listing.rows if not row.state.good]
    where = f"in database {database}"
    if len(bad) == 1:
        outcome, text = Outcome.FAILED, sentence(bad[0], _called(listing))
    elif bad:
        outcome, text = Outcome.FAILED, f"{counted(listing.rows)} {where}"
    elif listing.of(State.APPLIED):
        outcome, text = Outcome.PASSED, f"{counted(listing.rows)} {where}"
    else:
        outcome, text = Outcome.ERRORED, f"nothing can be judged {where}: {counted(listing.rows)}"
    if listing.refused:
        text += f"; {listing.table} cannot be read, so that only effects are told"
    elif not listing.table:
        text += f"; {listing.tool} has no table there: is it the right database?"
    # one line however long: it is what a log is searched for
    sheet.line(f"{sheet.marks.of(outcome)} {listing.tool}: {text}", STYLES[outcome])


def _called(listing: Listing) -> str:
    return listing.table or f"{listing.tool}'s table"


def _table(sheet: Sheet, listing: Listing, *, everything: bool) -> None:
    sheet.field("tool", listing.tool)
    sheet.field("folder", listing.folder)
    if listing.refused:
        sheet.field("table", f"{listing.table} cannot be read: {listing.refused}")
    else:
        missing = "none that lists one of these migrations"
        sheet.field("table", listing.table or missing)
    sheet.blank()
    wide = max((len(row.state.value) for row in listing.rows), default=0)
    timed = sheet.width >= _NARROW and any(row.at for row in listing.rows)
    for row in listing.rows if everything else _folded(listing.rows):
        if isinstance(row, int):
            sheet.line(f"   {' ' * (wide + 3)}… {row} more applied", "dim")
        else:
            _row(sheet, row, wide, timed=timed)
    _unread(sheet, [row for row in listing.rows if row.unread])


def _unread(sheet: Sheet, rows: list[Listed]) -> None:
    """Once for all: whose SQL a program makes, and how it is had."""
    if not rows:
        return
    languages = " and ".join(sorted({row.language for row in rows}))
    told = f"{plural(len(rows), 'migration')} made by {languages}: the SQL cannot be read here, only the table is compared."
    sheet.blank()
    sheet.paragraph(told)
    if prints := next((r for r in rows if r.state is State.PENDING), rows[-1]).prints:
        sheet.paragraph(f"{prints}; kept beside the file under its name (.sql), it is judged.")


def _folded(rows: tuple[Listed, ...]) -> list[Listed | int]:
    """The rows; of many, those that are applied as the first and the last of each stretch and how many are between."""
    if len(rows) <= _MOST:
        return list(rows)
    result: list[Listed | int] = []
    stretch: list[Listed] = []
    for row in (*rows, None):
        if row is not None and row.state is State.APPLIED and not row.changed:
            stretch.append(row)
            continue
        result += [stretch[0], len(stretch) - 2, stretch[-1]] if len(stretch) > 3 else stretch
        stretch = []
        if row is not None:
            result.append(row)
    return result


def _row(sheet: Sheet, row: Listed, wide: int, *, timed: bool) -> None:
    outcome = _OUTCOMES[row.state]
    sign = sheet.marks.of(outcome)
    sign += " " * (max(cell_len(sheet.marks.of(each)) for each in STYLES) - cell_len(sign))
    at = f"{row.at[:_TIME]:{_TIME}}  " if timed else ""
    changed = "  (changed since it ran)" if row.changed else ""
    sheet.line(f"{sign} {row.state.value:{wide}}  {at}{row.name}{changed}", STYLES[outcome])
    shown = list(row.why[:_WHY])
    if len(row.why) > _WHY:
        shown.append(f"… and {len(row.why) - _WHY} more; smoke db applied {row.file} tells all")
    if row.state is State.UNMARKED:
        shown.append(
            "the tool does not list it: it was run by hand, and the next deploy would run it again"
        )
    if row.elsewhere:
        shown.append(run_elsewhere(row))
    if row.unjudged and row.state is State.APPLIED:
        shown.append(f"{plural(row.unjudged, 'statement')} of it cannot be judged")
    for text in shown:
        sheet.paragraph(text, indent=6)


def to_json(found: Migrations) -> str:
    """The same for a program, with every row."""
    projects = []
    for listing in found.projects:
        rows = []
        for row in listing.rows:
            told: dict[str, Any] = dataclasses.asdict(row) | {"state": row.state.value}
            told["says"] = sentence(row, _called(listing))
            rows.append({key: value for key, value in told.items() if key not in ("key", "made")})
        project: dict[str, Any] = {
            "tool": listing.tool,
            "folder": listing.folder,
            "table": listing.table,
            "refused": listing.refused,
            "migrations": rows,
        }
        projects.append(project)
    return json.dumps(
        {
            "projects": projects,
            "passed_over": list(found.passed_over),
            "database": dataclasses.asdict(found.database),
            "exit_status": found.exit_status,
        },
        indent=2,
    )


def issues(found: Migrations) -> list[Issue]:
    """What is not as it should be, on the line of its file."""
    return [
        Issue(
            "error",
            sentence(row, _called(listing)),
            "smoke db applied",
            _relative(row.file),
            row.line or 1,
        )
        for listing in found.projects
        for row in listing.rows
        if not row.state.good
    ]


def _relative(file: str) -> str:
    path = os.path.relpath(file) if file else ""
    return "" if path.startswith("..") else Path(path).as_posix()


_SIGNS = {Outcome.PASSED: "✅", Outcome.FAILED: "❌", Outcome.SKIPPED: "⚪"}


def markdown(found: Migrations) -> str:
    """A table for a job's summary or a comment."""
    lines = [f"## Migrations in database {_cell(found.database.database)}", ""]
    for listing in found.projects:
        lines += [
            f"**{_cell(listing.tool)}**, {_cell(listing.folder)}: {_cell(counted(listing.rows))}",
            "",
            "| | migration | applied at | |",
            "| --- | --- | --- | --- |",
        ]
        for row in listing.rows:
            sign = _SIGNS[_OUTCOMES[row.state]]
            told = (
                row.state.value
                if row.state is State.APPLIED and not row.changed
                else sentence(row, _called(listing))
            )
            lines.append(
                f"| {sign} | {_cell(row.name)} | {_cell(row.at[:_TIME])} | {_cell(told)} |"
            )
        lines.append("")
    lines.append(f"{_cell(found.database.line())}; exit status {found.exit_status}")
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    """Foreign text that cannot leave its cell, nor become markup."""
    kept = safe_line(shorten(text, 500))
    return "".join(f"&#{ord(c)};" if c in "|<>&`*_[]\\~#@" else c for c in kept)


def junit(found: Migrations) -> str:
    """A test case for each migration."""
    root = ET.Element("testsuites", {"name": "smoke db applied"})
    for listing in found.projects:
        failed = sum(not row.state.good for row in listing.rows)
        skipped = sum(_OUTCOMES[row.state] is Outcome.SKIPPED for row in listing.rows)
        figures = {
            "tests": str(len(listing.rows)),
            "failures": str(failed),
            "skipped": str(skipped),
        }
        suite = ET.SubElement(
            root, "testsuite", {"name": _text(f"{listing.tool} {listing.folder}"), **figures}
        )
        for row in listing.rows:
            case = ET.SubElement(
                suite, "testcase", {"name": _text(row.name), "classname": listing.tool}
            )
            if row.file:
                case.set("file", _text(_relative(row.file) or row.file))
            told = _text(sentence(row, _called(listing)))
            if not row.state.good:
                failure = ET.SubElement(case, "failure", {"message": told, "type": row.state.value})
                failure.text = _text("\n".join(row.why)[:16_000])
            elif row.state is not State.APPLIED:
                ET.SubElement(case, "skipped", {"message": told})
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _text(text: str) -> str:
    """Text that XML 1.0 allows, whatever a file or a table is called."""
    return safe(text)
