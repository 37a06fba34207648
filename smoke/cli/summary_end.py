"""The end of a summary: orders left behind, what was checked, where the evidence is, what the exit status says."""

from __future__ import annotations

import shlex

from smoke.cli.layout import STYLES, Sheet
from smoke.model.run import OrderState, Outcome, PlacedOrder, Removal, Run
from smoke.model.verdict import exit_status, meaning_of
from smoke.report._evidence import answered, duration, plural, removal_hint
from smoke.text import safe_line


def tell_end(sheet: Sheet, run: Run, *, quiet: bool) -> None:
    """Orders left behind before all else: they are somebody's work. `quiet` leaves out what was checked."""
    tell_orders(sheet, run)
    _end(sheet, run, quiet=quiet)


_STATES = {
    OrderState.PLACED: "placed",
    OrderState.MAY_EXIST: "may exist",
    OrderState.INTENDED: "may exist",
    OrderState.NOT_PLACED: "not placed",
}


def tell_orders(sheet: Sheet, run: Run) -> None:
    """Every order that the shop has, or may have, still."""
    left = run.orders_left_behind
    if not left:
        return
    sheet.marked(Outcome.ERRORED, f"{plural(len(left), 'order')} LEFT BEHIND")
    for order in left[:20]:
        sheet.field(_STATES[order.state], _order(order))
        if order.remove_hint:
            sheet.field("remove", removal_hint(order))
    if len(left) > 20:
        sheet.paragraph(f"and {len(left) - 20} more: smoke orders lists them all")
    sheet.commands("next", [f"smoke teardown {run.id}", "smoke orders"])
    sheet.blank()


def _order(order: PlacedOrder) -> str:
    name = order.order_id or "id unknown"
    tried = ""
    if order.removed is Removal.FAILED:
        tried = (
            f"; removing it failed ({order.removal_note})"
            if order.removal_note
            else "; removing it failed"
        )
    return f"{name}, by '{order.step}' of {order.scenario}{tried}"


_FINE = (Outcome.PASSED, Outcome.SKIPPED)


def _end(sheet: Sheet, run: Run, *, quiet: bool) -> None:
    """What was checked, where the evidence is, and what the exit status says."""
    if len(run.scenarios) > 1 or (quiet and run.scenarios):
        counts = ", ".join(
            f"{number} {outcome.value}"
            for outcome in Outcome
            if (number := sum(s.outcome is outcome for s in run.scenarios))
        )
        sheet.line(f"{len(run.scenarios)} scenarios: {counts}", STYLES[run.outcome])
    if not quiet:
        _checked(sheet, run)
    for problem in run.problems:
        sheet.field("problem", problem, style="bold yellow")
    if run.interrupted_by:
        sheet.field("interrupted", f"by {run.interrupted_by}")
    if run.folder:
        sheet.commands("evidence", [run.folder])
    bad = [scenario.name for scenario in run.scenarios if scenario.outcome not in _FINE]
    if bad and len(bad) <= 5:
        words = ["smoke", "run", *bad, "--url", run.target.url]
        sheet.commands("run again", [shlex.join(safe_line(word) for word in words)])
    if run.finished_at:
        status = exit_status(run)
        sheet.field("exit", f"{status.value}: {meaning_of(run)}")
    else:
        sheet.field("exit", "none: the process ended before the run did (killed?)")


def _checked(sheet: Sheet, run: Run) -> None:
    steps = [step for scenario in run.scenarios for step in scenario.steps]
    # without an answer nothing was checked, whatever the scenario says; a check step says what it saw
    sure = [step for step in steps if step.kind == "check" or (step.attempts and answered(step))]
    checks = dict.fromkeys(check for step in sure for check in step.checked)
    if checks:
        some = list(checks)[:12]
        more = f"; and {len(checks) - 12} more" if len(checks) > 12 else ""
        sheet.field("checked", "; ".join(some) + more)
    responses = sum(
        exchange.response is not None
        for step in steps
        for attempt in step.attempts
        for exchange in attempt.exchanges
    )
    orders = len([order for order in run.orders if order.state is OrderState.PLACED])
    removed = len([order for order in run.orders if order.removed in (Removal.YES, Removal.GONE)])
    sheet.field(
        "in all",
        f"{plural(responses, 'response')}, {plural(orders, 'order')} placed, {removed} removed, "
        f"{duration(run.seconds)}",
    )
