"""`smoke db applied FILE --replay`: what the migration changed in the copy, as text or JSON."""

from __future__ import annotations

import dataclasses
import json

from smoke.app.replay import Replayed
from smoke.cli.layout import STYLES, Sheet
from smoke.cli.terminal import Terminal
from smoke.model.run import Outcome
from smoke.text import plural, shorten

_MOST = 30
_OUTCOMES = {0: Outcome.PASSED, 1: Outcome.FAILED, 3: Outcome.ERRORED}


def tell(found: Replayed, terminal: Terminal, *, as_json: bool) -> None:
    """The answer in the first line, then each change, what was refused and what was not seen."""
    if as_json:
        told = {**dataclasses.asdict(found), "exit_status": found.exit_status}
        terminal.write(json.dumps(told, indent=2))
        return
    sheet = Sheet(width=terminal.width, color=terminal.color, unicode=terminal.unicode)
    outcome = _OUTCOMES[found.exit_status]
    sheet.line(f"{sheet.marks.of(outcome)} {_headline(found)}", STYLES[outcome])
    sheet.blank()
    changes = [f"+ {sql}" for sql in found.added] + [f"- {sql}" for sql in found.removed]
    for change in changes[:_MOST]:
        sheet.paragraph(change)
    if len(changes) > _MOST:
        sheet.paragraph(f"… and {len(changes) - _MOST} more (--json has all)")
    for each in found.refused[:_MOST]:
        why = "already so" if each.already else "refused"
        sheet.field(
            why, f"{each.place}: {each.message} ({shorten(' '.join(each.sql.split()), 80)})"
        )
    if found.unseen:
        places = ", ".join(found.unseen[:5]) + (" …" if len(found.unseen) > 5 else "")
        sheet.field(
            "not seen", f"rows, owners and privileges are not in a copy of the schema: {places}"
        )
    for message in found.incomplete[:5]:
        sheet.field("not copied", message)
    sheet.blank()
    sheet.field("copied from", found.database.line())
    sheet.field("exit", str(found.exit_status))
    terminal.write(sheet.render().rstrip("\n"))


def _headline(found: Replayed) -> str:
    changes = len(found.added) + len(found.removed)
    where = f"database {found.database.database}"
    if found.exit_status == 1:
        return f"IT WOULD STILL CHANGE {where}: {plural(changes, 'definition')}"
    if found.exit_status:
        return f"CANNOT TELL whether it would still change {where}"
    return f"IT WOULD CHANGE NOTHING in {where}"
