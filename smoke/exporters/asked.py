"""What a request step asks and expects, as plain parts that any tool's text can be made of; and what has no such part."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from smoke.model.numbers import json_text
from smoke.scenario.capture_spec import CaptureSpec
from smoke.scenario.expectations import Expect
from smoke.scenario.matcher import MATCHERS
from smoke.scenario.matcher import of_text as text_matcher
from smoke.scenario.model import Step
from smoke.scenario.template import Expression, compile_text

_PLAIN = frozenset({
    "equals", "not", "exists", "greater", "less", "at_least", "at_most", "contains", "starts_with", "ends_with", "matches",
})  # fmt: skip
_STEP = re.compile(r"\.([A-Za-z_][A-Za-z0-9_]*)|\[(\d{1,9})\]|\['([^'\\]{1,200})'\]")
_CSS = re.compile(
    r"(?P<tag>[A-Za-z][A-Za-z0-9-]{0,40})?(?P<rest>(?:#[\w-]{1,100}|\.[\w-]{1,100}|\[[\w-]{1,100}=['\"]?[\w.:-]{1,100}['\"]?\])*)"
    r"(?:@(?P<attribute>[\w-]{1,100}))?"
)
_CSS_PART = re.compile(r"#([\w-]+)|\.([\w-]+)|\[([\w-]+)=['\"]?([\w.:-]+)['\"]?\]")
_SAFE = ("GET", "HEAD", "OPTIONS")
_CLASSES = {
    "1xx": (100, 199),
    "2xx": (200, 299),
    "3xx": (300, 399),
    "4xx": (400, 499),
    "5xx": (500, 599),
}


class Predicate(Struct, frozen=True):
    """One thing that must hold: of what (`json`, `header`, `html`, `text`, `url`, `xpath`), where in it, and how it compares."""

    of: str
    at: str
    how: str
    value: Any


def predicates(expect: Expect) -> tuple[list[Predicate], list[str]]:
    """What an expectation comes to, its status apart, and what of it has no plain part."""
    found: list[Predicate] = []
    unsaid: list[str] = []
    given = [
        *(("json", at, spec) for at, spec in expect.json_.items()),
        *(("header", at, spec) for at, spec in expect.headers.items()),
        *(("html", at, spec) for at, spec in expect.html.items()),
        *(("xpath", at, spec) for at, spec in expect.xpath.items()),
        *([("text", "", text_matcher(expect.text))] if expect.text is not None else []),
        *([("url", "", text_matcher(expect.url))] if expect.url is not None else []),
    ]
    for of, at, spec in given:
        for how, value in _matchers(spec):
            if how in _PLAIN and not isinstance(value, (dict, list)):
                found.append(Predicate(of, at, how, value))
            else:
                unsaid.append(f"expect {of} {at}: {how} {json_text(value)}")
    others = ("schema_", "openapi", "time", "phases", "certificate")
    unsaid += [f"expect {each.strip('_')}" for each in others if getattr(expect, each) is not None]
    return found, unsaid


def _matchers(spec: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(spec, Mapping) and any(key in MATCHERS for key in spec):
        yield from spec.items()
    else:
        yield "equals", spec


def status_bounds(step: Step) -> list[tuple[int, int]]:
    """The statuses that are good, as ranges; where nothing is said those of a success: of a form that was sent, a redirect too."""
    expect = step.expect
    if expect.status is None:
        return [_CLASSES["2xx"] if method_of(step.spec) in _SAFE else (200, 399)]
    return [
        _CLASSES[each] if each in _CLASSES else (int(each), int(each)) for each in expect.status
    ]


def json_steps(path: str) -> list[str | int] | None:
    """The keys and indexes of a JSONPath that leads to one place; None for any other."""
    if not path.startswith("$"):
        return None
    steps: list[str | int] = []
    at = 1
    while at < len(path):
        found = _STEP.match(path, at)
        if found is None:
            return None
        steps.append(int(found[2]) if found[2] else found[1] or found[3])
        at = found.end()
    return steps


def xpath_of(selector: str, *, nodes: bool = False) -> str | None:
    """A plain CSS selector (`input[name=csrf]@value`) as XPath of its text, or of the `nodes`; None for any other."""
    found = _CSS.fullmatch(selector)
    if found is None or not selector:
        return None
    conditions = ""
    for part in _CSS_PART.finditer(found["rest"]):
        if part[1]:
            conditions += f"[@id='{part[1]}']"
        elif part[2]:
            conditions += f"[contains(concat(' ', normalize-space(@class), ' '), ' {part[2]} ')]"
        else:
            conditions += f"[@{part[3]}='{part[4]}']"
    path = f"//{found['tag'] or '*'}{conditions}"
    if found["attribute"]:
        path += f"/@{found['attribute']}"
        return path if nodes else f"string({path})"
    return path if nodes else f"normalize-space({path})"


def selector_of(spec: CaptureSpec) -> str:
    """The selector of an `html` capture, its attribute behind it."""
    return f"{spec.html}@{spec.attribute}" if spec.attribute else str(spec.html)


def parts_of(text: str) -> tuple[str | Expression, ...]:
    """The literal pieces and expressions of a text that was checked when it was loaded."""
    return compile_text(text)


def body_of(spec: Any) -> tuple[str, Any]:
    """Which body a request has, and its value; GraphQL is the JSON document that is sent."""
    for name in spec.bodies():
        if name == "graphql":
            asked: dict[str, Any] = {"query": spec.graphql.query}
            if spec.graphql.variables is not None:
                asked["variables"] = spec.graphql.variables
            if spec.graphql.operation is not None:
                asked["operationName"] = spec.graphql.operation
            return "json", asked
        return name, spec.json_ if name == "json" else getattr(spec, name)
    return "", None


def method_of(spec: Any) -> str:
    """The method that is sent: one with a body is a POST."""
    return str(spec.method or ("POST" if spec.bodies() else "GET")).upper()


def own_headers(spec: Any) -> dict[str, Any]:
    """The headers that a request says, its credentials and its media type among them."""
    kind, _ = body_of(spec)
    made: dict[str, Any] = {}
    told = {name.lower() for name in spec.headers}
    if kind == "json" and "content-type" not in told:
        made["Content-Type"] = "application/json"
    if kind in ("text", "file") and "content-type" not in told:
        made["Content-Type"] = spec.media_type or "text/plain"
    if spec.bearer is not None:
        made["Authorization"] = f"Bearer {spec.bearer}"
    if isinstance(spec.idempotency_key, str):
        made["Idempotency-Key"] = spec.idempotency_key
    return made | {name: value for name, value in spec.headers.items() if value is not None}


def unsaid_of(step: Step) -> list[str]:
    """What a request step says that is about smoke's own way of carrying it out."""
    spec, found = step.spec, []
    if spec.customer != "default":
        found.append(f"the cookies are those of the customer {spec.customer}")
    if spec.idempotency_key is True:
        found.append("a new Idempotency-Key for each request")
    others = ("gzip", "take_events", "take_until", "origin")
    found += [f"{each}: {getattr(spec, each)}" for each in others if getattr(spec, each)]
    if step.retry is not None:
        found.append("retry")
    return found
