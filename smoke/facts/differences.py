"""Where an object or a list differed, place by place, as lines."""

from __future__ import annotations

from collections.abc import Iterator

from smoke.model import numbers
from smoke.model.run import JsonValue, Mismatch, ValueDifference
from smoke.text import plural, shorten

_SHOWN = 10
_WIDTH = 120


def difference_lines(mismatch: Mismatch) -> Iterator[str]:
    """One line for each place, the first ten; how many more there are."""
    for each in mismatch.differences[:_SHOWN]:
        yield difference_text(each)
    more = len(mismatch.differences) - _SHOWN + mismatch.more_differences
    if more > 0:
        yield f"and {plural(more, 'more place')}"


def difference_text(each: ValueDifference) -> str:
    """`$.order.total: expected 12, got 13`."""
    if each.absent == "expected":
        wanted = "nothing expected"
    else:
        wanted = " ".join(("expected", *([each.rule] if each.rule else []), _words(each.expected)))
    got = "nothing" if each.absent == "actual" else _words(each.actual)
    return f"{shorten(each.path, _WIDTH)}: {wanted}, got {got}"


def _words(value: JsonValue) -> str:
    try:
        return shorten(numbers.json_text(value, spaced=True), _WIDTH)
    except ValueError:
        return "(a value that JSON cannot say)"
