"""What a run of an imported scenario failed at, as hints for its file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from smoke.diagnostic import SmokeError
from smoke.exporters.asked import method_of
from smoke.facts.evidence import UNREADABLE, Evidence
from smoke.facts.step import last_attempt, last_exchange
from smoke.inputs import read_input
from smoke.model.exchange import Body
from smoke.model.run import Outcome, Run, StepResult
from smoke.recording.first_run import FirstRunHint, RunMismatch, RunStep, first_run_hints
from smoke.recording.given import is_shallow
from smoke.scenario.load import load_scenario
from smoke.scenario.model import every_step, ordering
from smoke.store import RunFolder

_LARGEST = 1024 * 1024


def check_orders(path: Path) -> None:
    """Refuse a scenario that may order without saying where: no order of it would be listed. Raises SmokeError."""
    scenario = load_scenario(path).scenario
    sends = any(
        step.kind == "request" and method_of(step.spec) not in {"GET", "HEAD"}
        for step in every_step(scenario.steps)
    )
    if sends and not ordering(scenario.steps):
        raise SmokeError.of(
            "bad-option",
            f"{path.as_posix()} has no step with places_order: an order that it places would not be listed",
            notes=["give the request that orders places_order, then run it with smoke run"],
        )


def hints_of(run: Run, path: Path) -> list[FirstRunHint]:
    """Hints for the first step that did not pass; nothing where all did, or the file cannot be read any more."""
    evidence = RunFolder.open(Path(run.folder))
    for scenario in run.scenarios:
        done: list[RunStep] = []
        for step in scenario.steps:
            if step.outcome is Outcome.SKIPPED or step.teardown:
                continue
            done.append(_step(step, evidence))
            if step.outcome.stops:
                try:
                    text = read_input(path, _LARGEST).decode("utf-8-sig")
                except (OSError, ValueError):
                    return []
                return first_run_hints(text, done)
    return []


def _step(step: StepResult, evidence: Evidence) -> RunStep:
    exchange, attempt = last_exchange(step), last_attempt(step)
    response = exchange.response if exchange is not None else None
    return RunStep(
        line=step.line,
        name=step.name,
        status=response.status if response is not None else 0,
        document=None if response is None else _document(evidence, response.body),
        mismatches=tuple(
            RunMismatch(each.path, each.expected, each.actual, each.line)
            for each in (attempt.mismatches if attempt is not None else ())
        ),
    )


def _document(evidence: Evidence, body: Body) -> Any:
    """The JSON of an answer; None for what is none, or is large."""
    if not 0 < body.size <= _LARGEST:
        return None
    try:
        document = json.loads(evidence.read(body))
    except (*UNREADABLE, RecursionError):
        return None
    return document if is_shallow(document) else None
