"""Whether a teardown can work, by itself too: a later `smoke teardown` has no secret captures and no cookies of the run."""

from __future__ import annotations

import re
from collections.abc import Iterator

from smoke.diagnostic import Span
from smoke.scenario.capture_spec import CaptureSpec
from smoke.scenario.model import Scenario, Step, every_step, ordering
from smoke.scenario.uses import readable

_SECRET_NAME = re.compile(r"(?i)token|csrf|xsrf|session|passw|secret|jwt|bearer")
_SIGNS_IN = re.compile(r"(?i)secrets\.|passw")

Doubt = tuple[Span, str, str]
"""Where, what, and what to do about it."""


def late_doubts(scenario: Scenario) -> Iterator[Doubt]:
    """What a later `smoke teardown` would lack, at the first step of the teardown that needs it.

    Where nothing is ordered there is no later teardown: a login that others need is carried out again by them.
    """
    if not ordering(scenario.steps):
        return
    lost: dict[str, Step] = {}
    signing: Step | None = None
    for step in every_step(scenario.steps):
        for name, spec in step.capture.items():
            if _not_stored(name, spec):
                lost[name] = step
        if signing is None and _signs_in(step):
            signing = step
    signed_in = False
    for step in every_step(scenario.teardown):
        for name in step.uses:
            if (by := lost.pop(name, None)) is not None:
                yield (
                    step.span,
                    (
                        f"the teardown needs '{name}', a secret that '{by.name}' captures and that is not stored:"
                        " a later `smoke teardown` does not have it"
                    ),
                    _pattern(by),
                )
                signing = None
        signed_in = signed_in or _signs_in(step) or "secrets" in step.uses
        if step.removes_order is not None and signing is not None and not signed_in:
            yield (
                step.span,
                f"'{signing.name}' signs in and the teardown does not: a later `smoke teardown` has no cookies",
                _pattern(signing),
            )
            signing = None
        for name in step.capture:
            lost.pop(name, None)


def unsaid_removals(scenario: Scenario) -> Iterator[Doubt]:
    """The loops of a teardown that send something for each order, where no step says that it removes one."""
    if not ordering(scenario.steps) or any(
        step.removes_order is not None for step in every_step(scenario.teardown)
    ):
        return
    for step in every_step(scenario.teardown):
        names = [name for each in readable(str(step.for_each or "")) for name in each.first_names]
        sending = (it.traits.sends for it in every_step((step,)))
        if "orders" in names and any(it and not it.is_safe(orders=False) for it in sending):
            yield (
                step.span,
                f"'{step.name}' goes through the orders, and nothing says that they are removed: each run would list them as left",
                'say it at the request that removes one: removes_order: "{{ item.key }}"',
            )


def _pattern(step: Step) -> str:
    return f"sign in inside the teardown, before this step: - {{name: {step.name} again, like: {step.name}}}"


def _not_stored(name: str, spec: CaptureSpec) -> bool:
    """Whether the value is, or may well be, masked in the journal."""
    place = (spec.header or "").lower()
    return (
        spec.secret
        or spec.cookie is not None
        or place in ("set-cookie", "authorization")
        or _SECRET_NAME.search(f"{name} {place} {spec.json_ or ''}") is not None
    )


def _signs_in(step: Step) -> bool:
    """Whether a request's body carries a password, or a secret of the environment."""
    if step.traits.sends is None or step.places_order is not None:
        return False
    return _SIGNS_IN.search(step.traits.sends.body) is not None
