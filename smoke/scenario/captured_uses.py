"""Where templates use names of which something is known from the step that captures them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Generic, TypeVar

from msgspec import Struct

from smoke.scenario.drafts import StepDraft
from smoke.scenario.nodes import Scalar
from smoke.scenario.template import Expression
from smoke.scenario.traits import Holds
from smoke.scenario.uses import readable, texts

K = TypeVar("K")


class CapturedUse(Struct, Generic[K], frozen=True):
    """An expression whose first name was captured: in which key of a step it stands, and what is known of the name."""

    key: str
    value_is_text: bool
    """Whether the key's whole value is the text."""
    scalar: Scalar
    expression: Expression
    known: K


def captured_uses(
    drafts: Sequence[StepDraft],
    learn: Callable[[StepDraft], Mapping[str, K | None]],
    known: dict[str, K] | None = None,
) -> Iterator[CapturedUse[K]]:
    """The uses in the order of the steps. `learn` tells what is known of each name that a step captures, or None."""
    known = {} if known is None else known
    for draft in drafts:
        seen = {name: it for name, it in known.items() if name not in draft.parameters}
        if seen:
            yield from _in_step(draft, seen)
        if draft.holds is Holds.TOGETHER:  # neither sees what another captures
            lanes = [dict(known) for _ in draft.children]
            for child, lane in zip(draft.children, lanes, strict=True):
                yield from captured_uses((child,), learn, lane)
            known.clear()
            known.update(_joined(lanes))
        else:
            yield from captured_uses(draft.children, learn, known)
        for name, it in learn(draft).items():
            known.pop(name, None)
            if it is not None:
                known[name] = it


def _joined(lanes: Sequence[dict[str, K]]) -> dict[str, K]:
    """What is known behind a `together`: what no lane knows otherwise."""
    names = {name for lane in lanes for name in lane}
    told = {name: [lane[name] for lane in lanes if name in lane] for name in names}
    return {name: its[0] for name, its in told.items() if all(it == its[0] for it in its)}


def _in_step(draft: StepDraft, seen: Mapping[str, K]) -> Iterator[CapturedUse[K]]:
    for key, value in draft.node.pairs:
        if key.text == "like" or key.text in draft.apart:
            continue
        for scalar in texts(value):
            for expression in readable(scalar.text):
                it = seen.get(str(expression.path[0]))
                if it is not None:
                    yield CapturedUse(key.text, scalar is value, scalar, expression, it)
