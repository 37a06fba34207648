"""What a step is called in reports, and what can be typed for it in a command line."""

from __future__ import annotations

import pytest

from smoke.model.run import Outcome, StepResult


@pytest.mark.parametrize(
    ("written", "title", "typed"),
    [
        ("Order", "", "Order"),
        ("Each#2/See sku", "Each, round 2 › See pot", "Each#2/See pot"),
        ("a/b", "a › b", "a/b"),
        ("a/b", "b", "a/b"),
        ("See", "See \x1b[2J", "See"),
        ("See~2", "See", "See~2"),
    ],
)
def test_what_is_typed_is_what_templates_came_to(written: str, title: str, typed: str) -> None:
    step = StepResult(written, written, "request", Outcome.PASSED, title=title)
    assert step.typed == typed
    assert step.called == (title or written)


def test_a_note_is_neither_a_success_nor_a_failure() -> None:
    note = StepResult("call", "call", "note", Outcome.SKIPPED)
    step = StepResult("call", "call", "listen", Outcome.SKIPPED)
    assert (note.is_note, note.word) == (True, "note")
    assert (step.is_note, step.word) == (False, "skipped")
