"""`smoke db try FIX`: whether what failed would pass, what breaks the fix, and what it locks; as text or JSON."""

from __future__ import annotations

import dataclasses
import json

from smoke.app.trial import Trial
from smoke.cli.layout import STYLES, Sheet
from smoke.cli.terminal import Terminal
from smoke.model.run import Outcome
from smoke.text import shorten

_MOST = 20
_OUTCOMES = {0: Outcome.PASSED, 1: Outcome.FAILED, 3: Outcome.ERRORED}


def tell(found: Trial, terminal: Terminal, *, as_json: bool) -> None:
    """The answer in the first line, then why, what breaks the fix, what it locks, and what the answer rests on."""
    if as_json:
        terminal.write(json.dumps(_json(found), indent=2))
        return
    sheet = Sheet(width=terminal.width, color=terminal.color, unicode=terminal.unicode)
    outcome = _OUTCOMES[found.exit_status]
    sheet.line(f"{sheet.marks.of(outcome)} {_headline(found)}", STYLES[outcome])
    sheet.blank()
    failed = found.failed
    if failed.title:
        sheet.field(
            "failed", f"{failed.title} at '{failed.step}' of {failed.scenario} (run {failed.run})"
        )
    sheet.field("then", found.passing.words)
    if found.passing.by:
        sheet.field("seen by", found.passing.by)
    for step in found.refused:
        said = step.refused.message if step.refused else ""
        sheet.field("refused", f"{step.place}: {said} ({_short(step.sql)})")
    for step in found.untried:
        sheet.field("not tried", f"{step.place}: {step.untried} ({_short(step.sql)})")
    for each in found.breaking[:_MOST]:
        sheet.field("breaks" if each.breaks else "rows", f"{each.place} {each.line()}")
        if each.rows and each.sql:
            sheet.commands("", [each.sql])
    for lock in found.locks[:_MOST]:
        sheet.field("locks", lock.line())
    if not found.locks and found.statements:
        sheet.field("locks", "none that an order would wait for")
    for note in found.notes[:_MOST]:
        sheet.field("note", note)
    sheet.blank()
    sheet.field("database", found.database.line())
    sheet.field("exit", str(found.exit_status))
    terminal.write(sheet.render().rstrip("\n"))


def _short(sql: str) -> str:
    return shorten(" ".join(sql.split()), 80)


def _headline(found: Trial) -> str:
    where = f"in database {found.database.database}"
    if found.refused:
        step = found.refused[0]
        said = step.refused.message if step.refused else ""
        return f"THE FIX FAILS {where} at {step.place}: {said}"
    broken = [each for each in found.breaking if each.breaks]
    if broken:
        return f"THE FIX FAILS {where} at {broken[0].place}: {broken[0].line()}"
    if found.passing.would is False:
        return f"IT WOULD STILL FAIL {where}: {found.passing.words}"
    if found.exit_status == 0:
        return f"IT WOULD PASS {where}: {found.passing.words}"
    if found.passing.would:
        return f"CANNOT TELL whether the fix can be carried out {where}; with it, {found.passing.words}"
    return f"CANNOT TELL whether it would pass {where}: {found.passing.words}"


def _json(found: Trial) -> dict[str, object]:
    """The same for a program; of a refusal and a finding what names them, and no value of a row."""
    failed = dataclasses.asdict(found.failed)
    failed.pop("error")
    error = found.failed.error
    return {
        "would_pass": found.passing.would,
        "words": found.passing.words,
        "seen_by": found.passing.by,
        "failed": {
            **failed,
            "sqlstate": error.sqlstate if error else None,
            "constraint_name": error.constraint_name if error else None,
        },
        "refused": [
            {
                "place": step.place,
                "sql": step.sql,
                "sqlstate": step.refused.sqlstate if step.refused else "",
                "message": step.refused.message if step.refused else "",
            }
            for step in found.refused
        ],
        "not_tried": [
            {"place": step.place, "sql": step.sql, "message": step.untried}
            for step in found.untried
        ],
        "rows": [{**dataclasses.asdict(each), "breaks": each.breaks} for each in found.breaking],
        "locks": [{**dataclasses.asdict(each), "held": each.duration()} for each in found.locks],
        "notes": list(found.notes),
        "database": dataclasses.asdict(found.database),
        "exit_status": found.exit_status,
    }
