"""`defaults`: what the requests of a scenario, a group or an include have in common, put into each of them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from smoke.scenario.address import origin_problem
from smoke.scenario.base import Field, Model
from smoke.scenario.merge import written_out
from smoke.scenario.model import Retry
from smoke.scenario.nodes import Node, Pairs, Scalar, is_null
from smoke.scenario.reading import Reader, key_span
from smoke.scenario.value_types import Duration

DEFAULTS = "defaults"
_HEADERS = "headers"
_RETRY = "retry"
_CREDENTIALS = ("bearer", "basic")
_OF_AN_ORIGIN = (_HEADERS, "bearer", "origin")
"""What goes to the origin that it was written for and to no other: a token may be in it."""


class Defaults(Model):
    """What all requests below have, unless they say otherwise; null takes away."""

    headers: dict[str, Any] = Field(
        default_factory=dict,
        description="Name: value; a request's own of the same name wins",
        examples=[{"accept-language": "de"}],
    )
    bearer: str | None = Field(
        None,
        description="Authorization: Bearer …; a request with credentials of its own, or `bearer: null`, does without",
        examples=["{{ token }}"],
    )
    timeout: Duration | None = Field(
        None, description="Total time, redirects included", examples=["10s"]
    )
    origin: str | None = Field(
        None,
        description="The allowed origin that paths belong to, instead of the target's",
        examples=["https://pay.example"],
    )
    retry: Retry | None = Field(
        None,
        description="For each request without `until` and `places_order`; `idempotent` is said at the request",
        examples=[{"attempts": 3}],
    )


def defaults_of(node: Pairs, reader: Reader) -> Pairs | None:
    """The `defaults` of a file or step as they are written; None where it has none that can be used.

    Their faults are reported.
    """
    given = node.get(DEFAULTS)
    if given is None or is_null(given):
        return None
    read = reader.model(Defaults, given, "set of defaults")
    if read is None or not isinstance(given, Pairs):
        return None
    origin = read.origin
    if origin is not None and "{{" not in origin and (message := origin_problem(origin)):
        reader.error("bad-url", message, key_span(given, ("origin",)))
    if read.retry is not None and read.retry.idempotent:
        reader.error(
            "bad-default",
            "idempotent is no default: whether a shop takes a request twice as one is said of that request",
            key_span(given, (_RETRY, "idempotent")),
        )
    return given


def inherited(outer: Pairs | None, inner: Pairs | None) -> Pairs | None:
    """The defaults of a place: those around it, and its own, which win. Another origin begins with headers of its own."""
    if outer is None or inner is None:
        return inner or outer
    return _filled(_without(outer, _OF_AN_ORIGIN) if inner.key("origin") else outer, inner)


def with_defaults(step: Pairs, item: Pairs, kind: str, defaults: Pairs) -> Pairs:
    """The step with the defaults that hold for it; each keeps the place where it was written.

    `item` is the step without what `like` took over: what it takes away (null) is not given back.
    """
    request = step.get(kind)
    if isinstance(request, Scalar):
        request = written_out(request)
    if not isinstance(request, Pairs):
        return step  # told where it is read
    own = item.get(kind)
    ours = _without(defaults, (_RETRY, *_taken_away(own)))
    if not _is_of_target(request):
        ours = _without(ours, _OF_AN_ORIGIN)
    if isinstance(own, Pairs):
        ours = _without_headers(ours, _taken_away(own.get(_HEADERS)))
    full = _filled(_without_credentials(ours, request), request)
    pairs = tuple((key, full if key.text == kind else value) for key, value in step.pairs)
    return Pairs((*pairs, *_retry(step, item, defaults)), step.span)


def _retry(step: Pairs, item: Pairs, defaults: Pairs) -> tuple[tuple[Scalar, Node], ...]:
    """The default `retry`: for none that orders, polls, or says itself how it is tried again."""
    key, value = defaults.key(_RETRY), defaults.get(_RETRY)
    own = (step.key(_RETRY), item.key(_RETRY), step.get("until"), step.get("places_order"))
    if key is None or value is None or is_null(value) or any(each is not None for each in own):
        return ()
    return ((key, value),)


def _taken_away(node: Node | None) -> frozenset[str]:
    """The keys of a mapping that are null."""
    pairs = node.pairs if isinstance(node, Pairs) else ()
    return frozenset(key.text for key, value in pairs if is_null(value))


def _is_of_target(request: Pairs) -> bool:
    """Whether a request goes where its defaults were written for: its URL is a path, and it names no origin."""
    url = request.get("url")
    text = url.text.lstrip() if isinstance(url, Scalar) else ""
    return (
        text.startswith(("/", "?")) and not text.startswith("//") and request.key("origin") is None
    )


def _without(pairs: Pairs, names: Collection[str]) -> Pairs:
    return Pairs(tuple(pair for pair in pairs.pairs if pair[0].text not in names), pairs.span)


def _without_credentials(defaults: Pairs, request: Pairs) -> Pairs:
    """The defaults of a request; without their credentials, where it has its own."""
    headers = request.get(_HEADERS)
    names = {key.text.lower() for key, _ in headers.pairs} if isinstance(headers, Pairs) else set()
    if "authorization" not in names and all(request.key(name) is None for name in _CREDENTIALS):
        return defaults
    return _without_headers(_without(defaults, _CREDENTIALS), ("authorization",))


def _without_headers(defaults: Pairs, names: Collection[str]) -> Pairs:
    lower = {name.lower() for name in names}
    return Pairs(
        tuple(
            (key, _but(value, lower) if key.text == _HEADERS else value)
            for key, value in defaults.pairs
        ),
        defaults.span,
    )


def _but(headers: Node, names: Collection[str]) -> Node:
    if not isinstance(headers, Pairs):
        return headers
    return Pairs(
        tuple(pair for pair in headers.pairs if pair[0].text.lower() not in names), headers.span
    )


def _filled(defaults: Pairs, own: Pairs) -> Pairs:
    """The own keys, and of the defaults those that are not among them; headers one by one."""
    pairs = {key.text: (key, value) for key, value in own.pairs}
    for key, value in defaults.pairs:
        there = pairs.get(key.text)
        if there is None:
            pairs[key.text] = (key, value)
        elif key.text == _HEADERS and isinstance(value, Pairs) and isinstance(there[1], Pairs):
            pairs[key.text] = (there[0], _with_headers(value, there[1]))
    return Pairs(tuple(pairs.values()), own.span)


def _with_headers(defaults: Pairs, own: Pairs) -> Pairs:
    names = {key.text.lower() for key, _ in own.pairs}
    others = tuple(pair for pair in defaults.pairs if pair[0].text.lower() not in names)
    return Pairs((*others, *own.pairs), own.span)
