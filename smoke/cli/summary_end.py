"""The end of a summary: orders left behind, what was checked, where the evidence is, what the exit status says."""

from __future__ import annotations

from smoke.advice.leftovers import LEFT, MAY_EXIST
from smoke.cli.layout import STYLES, Sheet
from smoke.facts.evidence import answered, duration
from smoke.facts.orders import left_orders
from smoke.facts.typed import typed
from smoke.model.run import OrderState, Outcome, Removal, Run
from smoke.model.verdict import exit_status, meaning_of
from smoke.text import plural


def tell_end(sheet: Sheet, run: Run, *, quiet: bool) -> None:
    """Orders left behind before all else: they are somebody's work. `quiet` leaves out what was checked."""
    tell_orders(sheet, run)
    _end(sheet, run, quiet=quiet)


def tell_orders(sheet: Sheet, run: Run) -> None:
    """Every order that the shop has, or may have, still: why, and what to do about it."""
    left = left_orders(run, 20)
    if not left.orders:
        return
    title = left.heading
    for word in (LEFT, MAY_EXIST):
        title = title.replace(word, word.upper())
    sheet.marked(Outcome.ERRORED, title)
    for order in left.orders:
        sheet.field(order.state, f"{order.name}, by '{order.placed_by}' of {order.scenario}")
        for word, told in (
            ("why", order.why),
            ("remove", order.remove),
            ("look for", order.look_for),
        ):
            if told:
                sheet.field(word, told)
    if left.more:
        sheet.paragraph(f"and {left.more} more, which the next command lists")
    sheet.commands("next", left.next)
    if left.needs:
        sheet.field("needs too", left.needs)
    sheet.commands("when done", left.when_done)
    sheet.blank()


def _end(sheet: Sheet, run: Run, *, quiet: bool) -> None:
    """What was checked, where the evidence is, and what the exit status says."""
    if len(run.scenarios) > 1 or (quiet and run.scenarios):
        counts = ", ".join(
            f"{number} {outcome.value}"
            for outcome in Outcome
            if (number := sum(s.outcome is outcome for s in run.scenarios))
        )
        sheet.line(f"{plural(len(run.scenarios), 'scenario')}: {counts}", STYLES[run.outcome])
    if not quiet:
        _checked(sheet, run)
    for problem in run.problems:
        sheet.field("problem", problem, style="bold yellow")
    if run.interrupted_by:
        sheet.field("interrupted", f"by {run.interrupted_by}")
    if run.folder:
        sheet.commands("evidence", [run.folder])
    if again := typed(run).again():
        sheet.commands("run again", [again])
        if run.asked is not None and run.asked.left_out:
            sheet.field("needs too", f"{', '.join(run.asked.left_out)} (secret, so not kept)")
    if run.finished_at:
        status = exit_status(run)
        sheet.field("exit", f"{status.value}: {meaning_of(run)}")
    else:
        sheet.field("exit", "none: the process ended before the run did (killed?)")


def _checked(sheet: Sheet, run: Run) -> None:
    steps = [step for scenario in run.scenarios for step in scenario.steps]
    # without an answer nothing was checked, whatever the scenario says; a step that sends nothing says what it saw
    sure = [step for step in steps if not step.attempts or answered(step)]
    checks = dict.fromkeys(check for step in sure for check in step.checked)
    if checks:
        some = list(checks)[:12]
        more = f"; and {len(checks) - 12} more" if len(checks) > 12 else ""
        sheet.field("checked", "; ".join(some) + more)
    answered_by = [
        exchange.received
        for step in steps
        for attempt in step.attempts
        for exchange in attempt.exchanges
        if exchange.response is not None
    ]
    calls = sum(answered_by)  # of those the answer is smoke's own
    called = f", {plural(calls, 'call')}" if calls else ""
    orders = len([order for order in run.orders if order.state is OrderState.PLACED])
    removed = len([order for order in run.orders if order.removed in (Removal.YES, Removal.GONE)])
    sheet.field(
        "in all",
        f"{plural(len(answered_by) - calls, 'response')}{called}, {plural(orders, 'order')} placed, {removed} removed, "
        f"{duration(run.seconds)}",
    )
