"""Steps that leave at the same instant: which, and how many."""

from __future__ import annotations

from collections.abc import Sequence

from smoke.scenario.drafts import StepDraft
from smoke.scenario.nodes import Node
from smoke.scenario.reading import Reader

MAX_TOGETHER = 100


def check_side_by_side(children: Sequence[StepDraft], listed: Node, reader: Reader) -> None:
    """Report what cannot leave at the same instant."""
    if len(children) > MAX_TOGETHER:
        message = f"more than {MAX_TOGETHER} requests at the same instant"
        reader.error("too-many-steps", message, listed.span)
    if len(children) < 2 and not reader.failed:
        reader.error("together-alone", "together needs two steps or more", listed.span)
    for child in children:
        step = child.step
        if step is not None and (
            step.traits.sends is None or step.repeat or step.for_each or step.when is not None
        ):
            reader.error(
                "together-kind",
                "together holds plain request steps: a loop or `when` stands at the step around them",
                step.span,
            )
