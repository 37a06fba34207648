"""Steps that are carried out side by side: which, and how many."""

from __future__ import annotations

from collections.abc import Sequence

from smoke.scenario.drafts import StepDraft
from smoke.scenario.model import every_step
from smoke.scenario.nodes import Node
from smoke.scenario.reading import Reader
from smoke.scenario.traits import Holds

MAX_TOGETHER = 100


def check_side_by_side(children: Sequence[StepDraft], listed: Node, reader: Reader) -> None:
    """Report what cannot be carried out side by side."""
    if len(children) > MAX_TOGETHER:
        message = f"more than {MAX_TOGETHER} requests at the same instant"
        reader.error("too-many-steps", message, listed.span)
    if len(children) < 2 and not reader.failed:
        reader.error("together-alone", "together needs two steps or more", listed.span)
    for child in children:
        step = child.step
        if step is None:
            continue
        if any(each.traits.holds is Holds.TOGETHER for each in every_step((step,))):
            reader.error("together-kind", "a together within a together: one is enough", step.span)
        elif not step.is_group and (
            step.traits.sends is None or step.is_loop or step.when is not None
        ):
            reader.error(
                "together-kind",
                "together holds request steps, groups and includes: a loop, `when` or another kind goes into a group",
                step.span,
            )
