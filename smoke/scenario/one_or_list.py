"""Doubts about a JSONPath with a filter: where one place passes it gives the value, where several do the list of them."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from smoke.diagnostic import Level
from smoke.scenario.capture_spec import CaptureSpec
from smoke.scenario.captured_uses import captured_uses
from smoke.scenario.drafts import StepDraft
from smoke.scenario.jsonpath import PathGives, given_by
from smoke.scenario.model import Step, every_step
from smoke.scenario.nodes import Node, Pairs, Scalar
from smoke.scenario.reading import Reader, key_span, stretch
from smoke.scenario.template import Expression, TemplateSyntaxError, sample

_OF_A_LIST = ("first", "last", "length", "sum")
"""Filters that take one value for something else than the list of it."""
_MATCHERS = ("length", "each", "any", "unordered")
_WRONG = {
    "first": "`first` of one text is its first character",
    "last": "`last` of one text is its last character",
    "length": "`length` of one text counts its characters",
    "sum": "`sum` takes no single value",
}


class _Doubtful(Struct, frozen=True):
    """A capture that gives one value or a list: the step that takes it, and its path."""

    step: str
    path: str


def may_be_one_or_list(path: str) -> bool:
    """Whether a path, templates and all, gives a value where it leads to one place and a list where it leads to several."""
    try:
        return given_by(sample(path)) is PathGives.ONE_OR_LIST
    except TemplateSyntaxError:
        return False  # told with its place by the check of all templates


def always_list(path: str) -> bool:
    """Whether a path, templates and all, gives a list whatever it leads to."""
    try:
        return given_by(sample(path)) is PathGives.LIST
    except TemplateSyntaxError:
        return False


def doubt_expectations(json: Node | None, reader: Reader) -> None:
    """Warn where an expectation asks a list of a path that may give one value. `json` is what stands at `expect.json`."""
    for key, spec in json.pairs if isinstance(json, Pairs) else ():
        asked = [word.text for word, _ in spec.pairs] if isinstance(spec, Pairs) else []
        asked = [word for word in _MATCHERS if word in asked]
        if not asked or not may_be_one_or_list(key.text):
            continue
        assert isinstance(spec, Pairs)
        reader.error(
            "one-or-list",
            f"'{asked[0]}' asks a list, and a path with a filter gives the value itself where one place passes",
            key_span(spec, [asked[0]]),
            level=Level.WARNING,
            notes=[
                "ask the list before the filter: $.orders: {any: {has: {seller: ann}}}",
                "if what passes is itself a list, end the path with [*]: that always gives a list",
            ],
        )


def doubt_uses(steps: Sequence[Step], drafts: Sequence[StepDraft], reader: Reader) -> None:
    """Warn where a capture that may be one value is taken for a list: `first`, `[0]`, `length`, `for_each`."""
    specs = (spec for step in every_step(steps) for spec in step.capture.values())
    if not any(_is_doubtful(spec) for spec in specs):
        return
    for use in captured_uses(drafts, _doubtful_of):
        loop = use.key == "for_each" and use.value_is_text
        if why := _taken_for_a_list(use.expression, loop=loop):
            _warn(use.scalar, use.expression, use.known, why, reader)


def _doubtful_of(draft: StepDraft) -> dict[str, _Doubtful | None]:
    captured = draft.step.capture if draft.step is not None else {}
    return {
        name: _Doubtful(draft.name, spec.json_ or "") if _is_doubtful(spec) else None
        for name, spec in captured.items()
    }


def _is_doubtful(spec: CaptureSpec) -> bool:
    return spec.json_ is not None and may_be_one_or_list(spec.json_)


def _taken_for_a_list(expression: Expression, *, loop: bool) -> str:
    """What is wrong with it where it is one value; empty when nothing is."""
    if len(expression.path) > 1:
        at = expression.path[1]
        return f"one value has no [{at}]" if isinstance(at, int) else ""
    filters = [call.name for call in expression.filters if call.name != "default"]
    if filters:
        return _WRONG[filters[0]] if filters[0] in _OF_A_LIST else ""
    return "`for_each` takes a list" if loop else ""


def _warn(
    scalar: Scalar, expression: Expression, doubtful: _Doubtful, why: str, reader: Reader
) -> None:
    name = str(expression.path[0])
    filters = [call.name for call in expression.filters if call.name in _OF_A_LIST]
    wanted = "first" if len(expression.path) > 1 else next(iter(filters), "")
    reader.error(
        "one-or-list",
        f"'{name}' is one value where the filter of its path lets one place pass, and a list where several: {why}",
        stretch(reader.line(scalar.span), scalar, expression.start, expression.end),
        level=Level.WARNING,
        notes=[
            f"'{doubtful.step}' captures it with {doubtful.path}",
            f"`list` makes a list of one value, and leaves a list as it is: {{{{ {name} | list{wanted and f' | {wanted}'} }}}}",
            "a path without a filter, such as $.slots[0].id, leads to one place",
        ],
    )
