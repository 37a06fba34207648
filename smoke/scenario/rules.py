"""What pydantic cannot see: rules between keys, and whether paths, selectors and patterns can be used."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from smoke.scenario.jsonpath import check_path
from smoke.scenario.matcher import problems
from smoke.scenario.model import VARIABLE, CaptureSpec, Expect, StepKeys
from smoke.scenario.nodes import Node, Pairs
from smoke.scenario.patterns import check_pattern
from smoke.scenario.reading import Reader
from smoke.scenario.scope import LOOP_NAMES, NAMESPACES

Fault = tuple[tuple[str | int, ...], str, str]
"""Path below the node that was looked at, the diagnostic's code, its message."""

_SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")


def capture_of(
    value: Any, node: Pairs, path: tuple[str, ...], reader: Reader
) -> CaptureSpec | None:
    """The rule of a capture: a text is a JSONPath. None after its faults were reported."""
    where: Node = node
    for step in path:
        inner = where.get(step) if isinstance(where, Pairs) else None
        if inner is None:
            break
        where = inner
    if isinstance(value, str):
        return CaptureSpec.model_validate({"json": value})
    if isinstance(where, Pairs):
        return reader.model(CaptureSpec, where, "capture")
    reader.error(
        "wrong-type", "a capture is a JSONPath such as $.order.id, or a mapping", where.span
    )
    return None


def capture_problems(spec: CaptureSpec, name: str | None = None) -> Iterator[str]:
    """What is wrong with a capture."""
    if name is not None:
        if not re.fullmatch(VARIABLE, name):
            yield f"'{name}' is no name for a capture: letters, digits and _, beginning with a letter"
        elif name in NAMESPACES or name in LOOP_NAMES:
            yield f"'{name}' has a meaning of its own in templates: choose another name"
    sources = spec.sources()
    if len(sources) != 1:
        given = " and ".join(sources) if sources else "none"
        yield f"a capture takes one of json, header, cookie, html, regex, url, status; this has {given}"
        return
    if spec.json_ is not None and (message := check_path(spec.json_)):
        yield message
    if spec.html is not None and (message := _selector(spec.html)):
        yield message
    pattern = spec.regex if spec.regex is not None else spec.url
    if isinstance(pattern, str) and (message := check_pattern(pattern)):
        yield message
    if spec.attribute is not None and spec.html is None:
        yield "attribute goes with html"
    if spec.group is not None and not isinstance(pattern, str):
        yield "group goes with regex"
    if spec.url is False or spec.status is False:
        yield "url and status take true"


def expect_problems(expect: Expect) -> Iterator[Fault]:
    """What is wrong with the expectations of a step."""
    for path, spec in expect.json_.items():
        if message := check_path(path):
            yield ("json", path), "bad-path", message
        yield from _matcher(("json", path), spec)
    for name, spec in expect.headers.items():
        if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name):
            yield ("headers", name), "bad-value", f"'{name}' is no header name"
        yield from _matcher(("headers", name), spec)
    for selector, spec in expect.html.items():
        if message := _selector(selector):
            yield ("html", selector), "bad-selector", message
        yield from _matcher(("html", selector), spec)
    yield from _matcher(("text",), expect.text)
    yield from _matcher(("url",), expect.url)


def _matcher(path: tuple[str, ...], spec: Any) -> Iterator[Fault]:
    for inside, message in problems(spec):
        yield (*path, *inside), "bad-matcher", message


def _selector(selector: str) -> str:
    from smoke.scenario.html import check_selector

    return check_selector(selector)


def step_problems(kind: str, keys: StepKeys, spec: Any) -> Iterator[Fault]:
    """Rules between the keys of one step."""
    request_only = {
        "places_order": keys.places_order,
        "removes_order": keys.removes_order,
        "retry": keys.retry,
        "until": keys.until,
    }
    if kind != "request":
        for name, value in request_only.items():
            if value is not None:
                yield (name,), "request-only", f"{name} goes with a request step"
        return
    if keys.repeat is not None and keys.for_each is not None:
        yield ("for_each",), "two-loops", "a step has repeat or for_each, not both"
    if keys.until is not None:
        method = (spec.method or ("POST" if spec.bodies() else "GET")).upper()
        if method not in _SAFE:
            yield (
                ("until",),
                "until-unsafe",
                f"until asks again and again, and {method} is not safe to repeat: use it with GET",
            )
        if keys.places_order is not None:
            yield ("until",), "until-unsafe", "until asks again and again: not for an order"
        if keys.until.every <= 0:
            yield ("until", "every"), "bad-value", "every must be above zero"
    if isinstance(keys.for_each, (int, float, dict)) or (
        isinstance(keys.for_each, str) and "{{" not in keys.for_each
    ):
        yield ("for_each",), "bad-value", "for_each takes a list, or a template that gives one"
