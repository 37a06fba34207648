"""What `smoke eval` prints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from smoke.app.evaluating import Evaluated, shown, shown_text
from smoke.cli.layout import Sheet
from smoke.cli.present import titled
from smoke.cli.terminal import Terminal
from smoke.diagnostic import SmokeError
from smoke.model.exchange import Exchange
from smoke.model.numbers import json_text
from smoke.model.run import JsonValue, StepResult
from smoke.scenario.filtering import kind
from smoke.scenario.rule_text import RuleText

_LONGEST_LINE = 200
_MASK = "[masked"


class TriedOn(Struct, frozen=True):
    """What a rule was tried on: the exchange of a run, or a file."""

    run: str = ""
    step: str = ""
    title: str = ""
    exchange: str = ""
    file: str = ""


def exchange_of(step: StepResult, attempt: int) -> tuple[str, Exchange]:
    """The last exchange with an answer, or of an attempt, with its title. Raises SmokeError."""
    if attempt and attempt not in {each.number for each in step.attempts}:
        raise SmokeError.of(
            "no-exchange", f"the step '{step.called}' had {len(step.attempts)} attempts"
        )
    chosen = [each for each in step.attempts if not attempt or each.number == attempt]
    wanted = {exchange.id for each in chosen for exchange in each.exchanges}
    found = [pair for pair in titled(step) if pair[1].id in wanted]
    for title, exchange in reversed(found):
        if exchange.telling is not None:
            return title, exchange
    raise SmokeError.of("no-exchange", f"the step '{step.called}' got no answer")


def as_text(
    subject: TriedOn,
    rule: RuleText,
    found: Evaluated,
    expect: str,
    hints: Sequence[str],
    terminal: Terminal,
) -> str:
    """Where it was looked, what was taken or why nothing was, and whether it is as expected."""
    sheet = Sheet(width=terminal.width, color=terminal.color, unicode=terminal.unicode)
    for label, value in (("run", subject.run), ("step", subject.step), ("answer", subject.title)):
        if value:
            sheet.field(label, value, indent=0)
    if subject.file:
        sheet.field("file", subject.file, indent=0)
    sheet.field(rule.source, rule.text, indent=0)
    if found.found:
        _value(sheet, shown(found.value))
    else:
        sheet.field("takes", f"nothing: {shown_text(found.reason)}", indent=0, style="bold red")
        _nearby(sheet, found)
    if expect:
        if found.mismatches:
            for mismatch in found.mismatches:
                sheet.field("not met", shown_text(mismatch.message), indent=0, style="bold red")
        else:
            sheet.field("met", expect, indent=0, style="green")
    for hint in hints:
        sheet.field("hint", hint, indent=0)
    return sheet.render()


def _value(sheet: Sheet, value: JsonValue) -> None:
    text = json_text(value)
    masked = ", masked in the evidence" if _MASK in text else ""
    if len(text) <= _LONGEST_LINE:
        sheet.field("takes", f"{text}  ({kind(value)}{masked})", indent=0, style="green")
        return
    sheet.field("takes", f"{kind(value)}{masked}", indent=0)
    sheet.raw(value if isinstance(value, str) else json_text(value, indent=2))


def _nearby(sheet: Sheet, found: Evaluated) -> None:
    near = found.nearby
    if near.there:
        sheet.field("there", shown_text(near.there), indent=0)
    if near.names:
        sheet.field("names", ", ".join(near.names), indent=0)
    if near.nearest:
        sheet.field("nearest", near.nearest, indent=0, style="bold")


def as_json(
    subject: TriedOn, rule: RuleText, found: Evaluated, expect: str, hints: Sequence[str]
) -> str:
    """The same as one JSON document."""
    made: dict[str, Any] = {
        "run": subject.run or None,
        "step": subject.step or None,
        "exchange": subject.exchange or None,
        "file": subject.file or None,
        "source": rule.source,
        "rule": rule.text,
        "found": found.found,
        "value": shown(found.value) if found.found else None,
        "reason": shown_text(found.reason),
        "there": shown_text(found.nearby.there),
        "names": list(found.nearby.names),
        "nearest": found.nearby.nearest,
    }
    if expect:
        made["expect"] = expect
        made["hints"] = list(hints)
        made["met"] = not found.mismatches
        made["mismatches"] = [shown_text(each.message) for each in found.mismatches]
    return json_text(made, ascii_only=True, indent=2)
