"""What was different in the order that worked, for every report in the same words."""

from __future__ import annotations

from collections.abc import Iterator

from smoke.advice.orders import LARGEST, Comparison, compare_orders
from smoke.facts.evidence import UNREADABLE, Evidence, answered
from smoke.model.fact import Fact
from smoke.model.run import Outcome, Run, ScenarioResult, StepResult
from smoke.text import plural, shorten


def compared_facts(
    run: Run, scenario: ScenarioResult, step: StepResult, evidence: Evidence
) -> Iterator[Fact]:
    """The request of this order beside that of the one before it that passed; nothing where there is none."""
    comparison = comparison_of(run, scenario, step, evidence)
    if comparison is not None:
        yield from _told(comparison)


def comparison_of(
    run: Run, scenario: ScenarioResult, step: StepResult, evidence: Evidence
) -> Comparison | None:
    """An order beside the one before it that passed, as values; None where there is none, or no answer came."""
    before = order_before(run, scenario, step)
    if before is None or not answered(step):
        return None
    return compare_orders(before, step, _body(before, evidence), _body(step, evidence))


def order_before(run: Run, scenario: ScenarioResult, step: StepResult) -> StepResult | None:
    """The last step before this one that placed an order and passed; None when this one places none."""
    orders = {order.step for order in run.orders if order.scenario == scenario.name}
    if step.id not in orders:
        return None
    found = None
    for other in scenario.steps:
        if other.id == step.id:
            return found
        if other.id in orders and other.outcome is Outcome.PASSED:
            found = other
    return found


def _told(comparison: Comparison) -> Iterator[Fact]:
    if comparison.identical:
        what = "as far as it is not masked, the request" if comparison.unknown else "the request"
        some = f": {', '.join(comparison.same[:4])} …" if comparison.same else ""
        yield Fact(
            "compared",
            f"{what} was the same as that of '{comparison.first}', which worked "
            f"({plural(len(comparison.same), 'equal value')}{some}). "
            "What differs is what the shop had stored by then.",
        )
        yield from _unknown(comparison)
        return
    count = plural(len(comparison.differences), "value differs", "values differ")
    yield Fact("compared", f"with '{comparison.first}', which worked: {count}")
    for item in comparison.differences[:8]:
        if item.masked:
            yield Fact("", f"{item.path}: not the same value (masked)")
        else:
            yield Fact("", f"{item.path}: {_value(item.first)} there, {_value(item.second)} here")
    if len(comparison.differences) > 8:
        yield Fact("", f"and {len(comparison.differences) - 8} more")
    if not comparison.bodies_compared:
        yield Fact("", "the bodies are too large to be compared value by value")
    yield from _unknown(comparison)


def _unknown(comparison: Comparison) -> Iterator[Fact]:
    if comparison.unknown:
        some = ", ".join(comparison.unknown[:4])
        more = " …" if len(comparison.unknown) > 4 else ""
        yield Fact("", f"not compared, since it is masked: {some}{more}")


def _value(text: str | None) -> str:
    return "nothing" if text is None else f"'{shorten(text, 80)}'"


def _body(step: StepResult, evidence: Evidence) -> bytes:
    """The request body of the first exchange of the last attempt, as `compare_orders` wants it."""
    for attempt in reversed(step.attempts):
        if attempt.exchanges:
            body = attempt.exchanges[0].request.body
            try:
                return evidence.read(body, 0, LARGEST + 1) if body.file else b""
            except UNREADABLE:
                return b""
    return b""
