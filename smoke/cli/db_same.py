"""`smoke db same`: its answer as text or JSON, and the exit status that says it."""

from __future__ import annotations

import dataclasses
import json
import sys
from typing import NoReturn

from smoke.app.databases import db_same
from smoke.app.options import RunOptions
from smoke.app.same import DatabaseComparison
from smoke.cli.layout import Sheet
from smoke.cli.summary_end import tell_orders
from smoke.cli.terminal import stdout
from smoke.database.same import Sameness
from smoke.model.run import Outcome
from smoke.model.status import ExitStatus
from smoke.model.verdict import exit_status

_OUTCOMES = {
    Sameness.SAME: Outcome.PASSED,
    Sameness.DIFFERENT: Outcome.FAILED,
    Sameness.CANNOT_TELL: Outcome.ERRORED,
}
_STATUSES = {
    Sameness.SAME: ExitStatus.PASSED,
    Sameness.DIFFERENT: ExitStatus.FAILED,
    Sameness.CANNOT_TELL: ExitStatus.NO_VERDICT,
}


def tell_same(options: RunOptions, statement_timeout: float, *, as_json: bool) -> NoReturn:
    """Ask, print, and leave with the status of the answer; an interrupted run's own status goes first."""
    (scenario,) = options.selectors
    answer = db_same(scenario, options=options, statement_timeout=statement_timeout)
    status = (
        exit_status(answer.run) if answer.run.interrupted_by else _STATUSES[answer.same.verdict]
    )
    terminal = stdout()
    if as_json:
        terminal.write(json.dumps(_json(answer, status), indent=2))
    else:
        sheet = Sheet(width=terminal.width, color=terminal.color, unicode=terminal.unicode)
        _tell(sheet, answer)
        sheet.field("exit", f"{status.value}")
        terminal.write(sheet.render().rstrip("\n"))
    sys.exit(status)


def _tell(sheet: Sheet, answer: DatabaseComparison) -> None:
    verdict = answer.same.verdict
    sheet.marked(_OUTCOMES[verdict], verdict.value.upper(), f"- {answer.same.reason}")
    sheet.field("deployment", answer.run.target.url)
    sheet.field("database", answer.database.line())
    if answer.database.source:
        sheet.field("DSN from", answer.database.source)
    for scenario in answer.run.scenarios:
        sheet.field("scenario", f"{scenario.name}: {scenario.outcome.value}")
    tell_orders(sheet, answer.run)
    if verdict is Sameness.DIFFERENT:
        sheet.field(
            "so", "a migration that ran in this database did not reach the one that the shop uses"
        )
    sheet.field("evidence", answer.run.folder)


def _json(answer: DatabaseComparison, status: int) -> dict[str, object]:
    return {
        "verdict": answer.same.verdict.value,
        "reason": answer.same.reason,
        "markers": list(answer.markers),
        "deployment": answer.run.target.url,
        "database": dataclasses.asdict(answer.database),
        "scenario_outcome": answer.run.outcome.value,
        "orders_left_behind": [
            order.order_id or order.key for order in answer.run.orders_left_behind
        ],
        "run": answer.run.id,
        "folder": answer.run.folder,
        "exit_status": int(status),
    }
