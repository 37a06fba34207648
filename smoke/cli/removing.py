"""Carries out late teardowns for the command line, and says of each order what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from msgspec.structs import replace

from smoke.advice.leftovers import age, heading
from smoke.app.late_teardown import Removed, check_target, pending, teardown
from smoke.app.options import RunOptions
from smoke.cli.layout import Sheet
from smoke.cli.order_lines import state
from smoke.cli.summary_end import tell_orders
from smoke.cli.terminal import Terminal, stderr, stdout
from smoke.diagnostic import SmokeError
from smoke.model.run import Outcome, PlacedOrder
from smoke.model.status import ExitStatus
from smoke.model.verdict import signal_status
from smoke.store import RunFolder, resolve
from smoke.text import plural, safe_line


def tear_down_one(
    word: str, options: RunOptions, url: str, target: str, environ: Mapping[str, str]
) -> ExitStatus:
    """One run, at `url` or `target` where they are given. Raises SmokeError."""
    terminal = stdout()
    with resolve(options.out, word) as folder:
        removed = teardown(folder, replace(options, url=url, target=target), environ=environ)
    if not removed.tried:
        terminal.write(f"{removed.run.id} left no orders behind")
        return ExitStatus.PASSED
    _tell(terminal, removed)
    if removed.interrupted_by:
        return signal_status(removed.interrupted_by)
    return _status(good=_good(removed))


def tear_down_all(
    options: RunOptions, url: str, target: str, environ: Mapping[str, str]
) -> ExitStatus:
    """Every run that left orders, each at its own target; what fails for one does not keep the others from it."""
    terminal = stdout()
    runs = pending(options.out, target, url)
    if not runs:
        if target:
            check_target(options.out, options, target)
        others = len(pending(options.out)) if url or target else 0
        where = " at this target" if url or target else ""
        rest = f"; {plural(others, 'run')} at other targets left some (smoke orders --left)"
        terminal.write(f"no orders are left behind{where}{rest if others else ''}")
        return ExitStatus.PASSED
    good = True
    done: list[PlacedOrder] = []
    left: list[PlacedOrder] = []
    for each in runs:
        if each.in_use:
            terminal.write(f"run {each.run.id} is still being written: its orders are its own")
            continue
        try:
            with RunFolder.open(each.path) as folder:
                removed = teardown(folder, options, environ=environ)
        except SmokeError as error:
            _tell(terminal, Removed(each.run, each.run.orders_left_behind))
            stderr().diagnostics(error.diagnostics)
            left += each.run.orders_left_behind
            good = False
            continue
        _tell(terminal, removed)
        good = good and _good(removed)
        keys = {order.key for order in removed.left}
        left += removed.left
        done += [order for order in removed.tried if order.key not in keys]
        if removed.interrupted_by:
            terminal.write(
                f"interrupted by {removed.interrupted_by}: the other runs were not tried"
            )
            return signal_status(removed.interrupted_by)
    rest = f", {heading(left)}" if left else ""
    terminal.write(f"{plural(len(runs), 'run')}: {plural(len(done), 'order')} removed{rest}")
    return _status(good=good)


def _good(removed: Removed) -> bool:
    return not (removed.left or removed.problems or removed.run.problems)


def _status(*, good: bool) -> ExitStatus:
    return ExitStatus.PASSED if good else ExitStatus.FAILED


def _tell(terminal: Terminal, removed: Removed) -> None:
    run = removed.run
    sheet = Sheet(width=terminal.width, color=terminal.color, unicode=terminal.unicode)
    named = f" ({run.target.name})" if run.target.name else ""
    old = age(run.started_at, datetime.now(UTC))
    sheet.line(f"run {run.id}, {old}, at {run.target.url}{named}", "bold")
    now = {order.key: order for order in run.orders}
    for before in removed.tried:
        order = now[before.key]
        if not order.left_behind:
            note = f" ({order.removal_note})" if order.removal_note else ""
            name = order.order_id or order.key
            sheet.marked(Outcome.PASSED, f"{name}  {state(order)}{note}")
    tell_orders(sheet, run)
    terminal.write(sheet.render())
    told = [*removed.problems, *removed.warnings]
    if removed.left and told:
        stderr().diagnostics(told)
    for problem in run.problems:
        terminal.write(safe_line(f"problem: {problem}"))
