"""What `smoke diff` prints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from smoke.app.diffing import Diffed
from smoke.cli.layout import Sheet
from smoke.cli.terminal import Terminal
from smoke.facts.differing import ComparedStep, ComparedValue, Likeness
from smoke.model.numbers import json_text
from smoke.text import plural, shorten

_LONGEST = 300
_MOST = 200
"""Values that are shown of one pair; the JSON has all of them."""


def as_text(found: Diffed, terminal: Terminal, *, everything: bool) -> str:
    """What differs; with `everything` also what is equal, or differs in every run."""
    sheet = Sheet(width=terminal.width, color=terminal.color, unicode=terminal.unicode)
    sheet.line(f"- {found.left.title}", "red")
    sheet.line(f"+ {found.right.title}", "green")
    sheet.blank()
    if found.left.side is not None:
        _values(sheet, found.values, everything=everything)
        sheet.blank()
        sheet.line(f"{_verdict(same=found.same)}: {_counts(found.values)}", "bold")
        return sheet.render()
    for step in found.steps:
        if step.differs or everything:
            _step(sheet, step, everything=everything)
    other = sum(step.differs for step in found.steps)
    told = f"{plural(len(found.steps), 'step')}, {plural(other, 'differs', 'differ')}"
    sheet.line(f"{_verdict(same=found.same)}: {told}", "bold")
    return sheet.render()


def _verdict(*, same: bool) -> str:
    return "nothing differs but what does in every run" if same else "they differ"


def _step(sheet: Sheet, step: ComparedStep, *, everything: bool) -> None:
    sheet.line(f"{step.scenario}: {step.step}", "bold")
    if step.only:
        sheet.line(f"  {'-' if step.only == 'left' else '+'} only there", "yellow")
    else:
        _values(sheet, step.values, everything=everything)
        sheet.field("", _counts(step.values), style="dim")
    sheet.blank()


def _values(sheet: Sheet, values: Iterable[ComparedValue], *, everything: bool) -> None:
    shown = [value for value in values if everything or value.likeness is Likeness.DIFFERS]
    for value in shown[:_MOST]:
        why = f" ({value.why})" if value.why else ""
        if value.likeness is Likeness.EQUAL:
            sheet.line(f"    {value.place}: {_shown(value.left)}", "dim")
            continue
        sheet.line(f"  {value.place}{why}", "bold" if value.likeness is Likeness.DIFFERS else "dim")
        sheet.line(f"  - {_shown(value.left)}", "red")
        sheet.line(f"  + {_shown(value.right)}", "green")
    if len(shown) > _MOST:
        sheet.line(f"  and {len(shown) - _MOST} more, which --json has")


def _shown(text: str | None) -> str:
    return "(nothing)" if text is None else shorten(text, _LONGEST)


def _counts(values: Sequence[ComparedValue]) -> str:
    counts = Counter(value.likeness for value in values)
    words = [
        plural(counts[Likeness.DIFFERS], "value differs", "values differ"),
        f"{counts[Likeness.EQUAL]} equal",
        f"{counts[Likeness.VOLATILE]} different in every run",
    ]
    if counts[Likeness.UNKNOWN]:
        words.append(f"{counts[Likeness.UNKNOWN]} masked, so not compared")
    return ", ".join(words)


def diff_json(found: Diffed) -> str:
    """All values of both sides, for programs."""
    made: dict[str, Any] = {
        "format": "smoke-diff",
        "schema": 1,
        "kind": "exchanges" if found.left.side is not None else "runs",
        "same": found.same,
        "left": _side(found.left.run.id, found.left.title),
        "right": _side(found.right.run.id, found.right.title),
    }
    if found.left.side is not None:
        made["values"] = [_value(value) for value in found.values]
    else:
        made["steps"] = [
            {
                "scenario": step.scenario,
                "step": step.step,
                "only": step.only,
                "same": not step.differs,
                "values": [_value(value) for value in step.values],
            }
            for step in found.steps
        ]
    return json_text(made, ascii_only=True, indent=1)


def _side(run: str, title: str) -> dict[str, str]:
    return {"run": run, "title": title}


def _value(value: ComparedValue) -> dict[str, str | None]:
    return {
        "place": value.place,
        "left": value.left,
        "right": value.right,
        "likeness": value.likeness.value,
        "why": value.why,
    }
