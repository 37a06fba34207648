"""The captures of a step, each with what may be shown of it; the run knows their secrets before anything is written."""

from __future__ import annotations

from collections.abc import Mapping

from smoke.engine.cookies import Jar
from smoke.engine.sender import Sent
from smoke.engine.services import SecretBox
from smoke.engine.taken import Taken, Taking, leaves
from smoke.model.run import Capture, JsonValue, Mismatch
from smoke.redact import Secrets, mask_value
from smoke.scenario.answer import StepAnswer
from smoke.scenario.extract import CaptureFailed
from smoke.scenario.model import Step
from smoke.scenario.scope import Scope

_MASK = "[masked]"


def take_captures(
    step: Step, sent: Sent, answer: StepAnswer, jar: Jar, scope: Scope, secrets: SecretBox
) -> tuple[dict[str, JsonValue], dict[str, JsonValue], tuple[Mismatch, ...]]:
    """The captures, what may be shown of each, and those that came to nothing; the run knows their secrets then."""
    values: dict[str, JsonValue] = {}
    shown: dict[str, JsonValue] = {}
    missing: list[Mismatch] = []
    if not step.capture:
        return values, shown, ()
    taking = Taking(sent.exchanges, answer, secrets.current)
    taking.tell(secrets.saw)
    for name, spec in step.capture.items():
        try:
            taken = taking.take(spec, jar.values(), scope)
        except CaptureFailed as failure:
            place = step.lines.get(f"capture.{name}", step.span)
            missing.append(
                Mismatch(
                    path=f"capture.{name}",
                    expected="a value",
                    actual=None,
                    message=str(failure),
                    unevaluated=str(failure),
                    own=failure.own,
                    source=place.source,
                    line=place.line,
                    column=place.column,
                )
            )
            continue
        values[name] = taken.value
        shown[name] = taken.shown
        keep_secret(secrets, name, taken, declared=spec.secret)
    return values, shown, tuple(missing)


def keep_secret(secrets: SecretBox, name: str, taken: Taken, *, declared: bool) -> None:
    """From now on the run masks what was taken from a masked place, or is masked elsewhere, or said to be secret."""
    for part in taken.parts:
        secrets.learn(name, part)
    for leaf in leaves(taken.value, keys=not declared):
        if declared:
            secrets.add(name, leaf)
        elif secrets.is_masked(leaf):
            secrets.learn(name, leaf)


def shown_captures(
    step: Step, shown: Mapping[str, JsonValue], secrets: Secrets
) -> tuple[Capture, ...]:
    """The captures as they are written down."""
    return tuple(
        Capture(
            name,
            _MASK if step.capture[name].secret else mask_value(value, secrets),
            step.capture[name].secret,
        )
        for name, value in shown.items()
    )
