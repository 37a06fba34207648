"""How far a stream of events is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from smoke.model.event_stream import SentEvent, WantedEvent
from smoke.scenario.answer import UnreadableError, event_value
from smoke.scenario.json_rules import Fault, meets, rule_faults, rules_with
from smoke.scenario.scope import Scope


def event_faults(count: int | None, rules: Mapping[str, Any] | None) -> Iterator[Fault]:
    """What is wrong with `take_events` and `take_until` as they are written: path, diagnostic code, message."""
    if rules is not None and count is not None:
        yield (
            ("take_until",),
            "bad-value",
            "a stream ends behind take_events or take_until, not both",
        )
    if rules == {}:
        yield ("take_until",), "bad-value", "take_until has no rule: every event would do"
    for path, code, message in rule_faults(rules or {}):
        yield ("take_until", *path), code, message


def wanted_event(rules: Mapping[str, Any], scope: Scope) -> WantedEvent:
    """The event that meets all rules, their templates filled in. Raises TemplateError."""
    filled = rules_with(rules, scope)

    def is_met_by(event: SentEvent) -> bool:
        if event.cut:
            return False
        try:
            return meets(filled, event_value(event))
        except UnreadableError:  # `json` of the step tells it
            return False

    return WantedEvent(filled, is_met_by)
