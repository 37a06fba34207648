"""Events whose scenarios are called otherwise: runs that become one may each have a scenario of the same name."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from msgspec.structs import replace

from smoke.model.events import (
    AttemptFinished,
    Event,
    ExchangeRecorded,
    FindingsExamined,
    OrderForgotten,
    OrderIntended,
    OrderRemoved,
    OrderSettled,
    ScenarioFinished,
    ScenarioStarted,
    StepFinished,
    StepStarted,
)
from smoke.model.finding import Finding


def renamed(event: Event, names: Mapping[str, str]) -> Event:
    """The event with new names for the scenarios that `names` has, in the keys of their orders and their findings too."""
    match event:
        case ScenarioStarted() | ScenarioFinished():
            name = names.get(event.scenario, event.scenario)
            return replace(event, result=replace(event.result, name=name))
        case OrderIntended():
            order = event.order
            scenario = names.get(order.scenario, order.scenario)
            return replace(
                event, order=replace(order, key=_key(order.key, names), scenario=scenario)
            )
        case OrderSettled() | OrderRemoved() | OrderForgotten():
            return replace(event, key=_key(event.key, names))
        case AttemptFinished():
            attempt = replace(event.attempt, findings=_findings(event.attempt.findings, names))
            return replace(
                event, scenario=names.get(event.scenario, event.scenario), attempt=attempt
            )
        case FindingsExamined():
            found = _findings(event.findings, names)
            return replace(
                event, scenario=names.get(event.scenario, event.scenario), findings=found
            )
        case ExchangeRecorded() | StepStarted() | StepFinished():
            return replace(event, scenario=names.get(event.scenario, event.scenario))
    return event


def _key(key: str, names: Mapping[str, str]) -> str:
    """The key of an order, which begins with its scenario."""
    name = next((each for each in names if key.startswith(f"{each}/")), "")
    return names[name] + key[len(name) :] if name else key


def _findings(findings: tuple[Finding, ...], names: Mapping[str, str]) -> tuple[Finding, ...]:
    return tuple(
        dataclasses.replace(each, scenario=names.get(each.scenario, each.scenario))
        for each in findings
    )
