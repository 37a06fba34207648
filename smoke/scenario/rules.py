"""What pydantic cannot see: rules between keys, and whether paths, selectors and patterns can be used."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from smoke.model.semantics import SAFE_METHODS, can_act
from smoke.scenario.capture_spec import CaptureSpec
from smoke.scenario.drafts import StepParts
from smoke.scenario.expectations import Expect
from smoke.scenario.jsonpath import check_path
from smoke.scenario.matcher import MATCHERS
from smoke.scenario.matcher_rules import maybe_meant, problems
from smoke.scenario.model import StepKeys, Until
from smoke.scenario.naming import name_problem
from smoke.scenario.nodes import Node, Pairs
from smoke.scenario.patterns import check_pattern, groups
from smoke.scenario.reading import Reader
from smoke.scenario.template import TemplateSyntaxError, sample
from smoke.scenario.traits import Holds, Sends, Traits

if TYPE_CHECKING:
    from smoke.scenario.xpath import XPathError

_REQUEST_ONLY = (
    "expect", "capture", "places_order", "removes_order", "retry", "until",
)  # fmt: skip

_OF_A_CALL = ("expect", "capture")
"""Those that a step which waits for a call takes as well."""

Fault = tuple[tuple[str | int, ...], str, str]
"""Path below the node that was looked at, the diagnostic's code, its message."""

_PREFIX = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, 5.6.2


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
    if name is not None and (problem := name_problem(name)):
        yield problem
    sources = spec.sources()
    if len(sources) != 1:
        given = " and ".join(sources) if sources else "none"
        yield f"a capture takes one of json, header, cookie, html, xpath, regex, url, status; this has {given}"
        return
    if spec.json_ is not None and (message := _checked(check_path, spec.json_)):
        yield message
    if spec.html is not None and (message := _checked(_selector, spec.html)):
        yield message
    if spec.xpath is not None and (error := _xpath_error(spec.xpath, spec.namespaces)):
        yield str(error)
    if spec.namespaces and spec.xpath is None:
        yield "namespaces goes with xpath, whose prefixes it declares"
    pattern = spec.regex if spec.regex is not None else spec.url
    if isinstance(pattern, str) and (message := _checked(check_pattern, pattern)):
        yield message
    elif isinstance(pattern, str) and spec.group is not None and "{{" not in pattern:
        number, names = groups(pattern)
        if spec.group not in names and not (
            isinstance(spec.group, int) and 0 <= spec.group <= number
        ):
            yield f"the pattern has no group {spec.group}"
    for place, named in (("header", spec.header), ("cookie", spec.cookie)):
        if named is not None and not _TOKEN.fullmatch(named):
            yield f"'{named}' is no name of a {place}"
    if spec.attribute is not None and spec.html is None:
        yield "attribute goes with html"
    if spec.group is not None and not isinstance(pattern, str):
        yield "group goes with regex"
    if spec.url is False or spec.status is False:
        yield "url and status take true"


def _checked(check: Callable[[str], str], text: str) -> str:
    """What is wrong with a path, selector or pattern, its templates apart."""
    if "{{" not in text:
        return check(text)
    try:
        return check(sample(text))
    except TemplateSyntaxError:
        return ""  # told with its place by the check of all templates


def expect_problems(expect: Expect) -> Iterator[Fault]:
    """What is wrong with the expectations of a step."""
    for path, spec in expect.json_.items():
        if message := _checked(check_path, path):
            yield ("json", path), "bad-path", message
        yield from _matcher(("json", path), spec)
    for name, spec in expect.headers.items():
        if not _TOKEN.fullmatch(name):
            yield ("headers", name), "bad-value", f"'{name}' is no header name"
        yield from _matcher(("headers", name), spec)
    for selector, spec in expect.html.items():
        if message := _checked(_selector, selector):
            yield ("html", selector), "bad-selector", message
        yield from _matcher(("html", selector), spec)
    yield from _xpath_problems(expect)
    if expect.operation is not None and expect.openapi is None:
        yield ("operation",), "bad-value", "operation goes with openapi, the document that has it"
    if expect.phases is not None and not expect.phases.model_fields_set:
        yield ("phases",), "bad-value", "phases names no phase: nothing would be checked"
    if expect.text == "":
        yield ("text",), "bad-matcher", "an empty text is in every text: nothing would be checked"
    yield from _matcher(("text",), expect.text)
    yield from _matcher(("url",), expect.url)


def _xpath_problems(expect: Expect) -> Iterator[Fault]:
    if expect.namespaces and not expect.xpath:
        yield ("namespaces",), "bad-value", "namespaces goes with xpath, whose prefixes it declares"
    for prefix in expect.namespaces:
        if not _PREFIX.fullmatch(prefix):
            yield (
                ("namespaces", prefix),
                "bad-value",
                f"'{prefix[:60]}' is no prefix of a namespace",
            )
            return
    for path, spec in expect.xpath.items():
        if error := _xpath_error(path, expect.namespaces):
            yield ("xpath", path), "xpath-missing" if error.missing else "bad-xpath", str(error)
        yield from _matcher(("xpath", path), spec)


def _xpath_error(path: str, namespaces: dict[str, str]) -> XPathError | None:
    from smoke.scenario.xpath import XPathError, check_xpath, namespaces_of

    try:
        check_xpath(sample(path), namespaces_of(namespaces))
    except XPathError as error:
        return error
    except TemplateSyntaxError:
        return None  # told with its place by the check of all templates
    return None


def expect_doubts(expect: Expect) -> Iterator[tuple[tuple[str, ...], str]]:
    """Objects to be equal to that look like misspelt matchers: the path of the key, and the matcher."""
    for name, specs in (
        ("json", expect.json_),
        ("headers", expect.headers),
        ("html", expect.html),
        ("xpath", expect.xpath),
    ):
        for path, spec in specs.items():
            near = maybe_meant(spec)
            if near is not None:
                yield (name, path, near[0]), near[1]


def _matcher(path: tuple[str, ...], spec: Any) -> Iterator[Fault]:
    for inside, message in problems(spec):
        yield (*path, *inside), "bad-matcher", message


def _selector(selector: str) -> str:
    from smoke.scenario.html import check_selector

    return check_selector(selector)


def step_problems(
    does: Traits, keys: StepKeys, given: Sequence[str], parts: StepParts | None = None
) -> Iterator[Fault]:
    """Rules between the keys of one step. `given` are all of its keys, `parts` what those say that are models."""
    yield from _loop_problems(keys)
    yield from _when_problems(keys.when)
    if "defaults" in given and does.holds is Holds.NOTHING:
        yield (
            ("defaults",),
            "bad-default",
            "defaults is for the steps in a group, together or include: this step says it itself",
        )
    if does.sends is None:
        yield from _sends_nothing_problems(does, given, parts)
        return
    method = does.sends.method.upper()
    orders = keys.places_order is not None or keys.removes_order is not None
    if does.sends.safe and orders:
        name = "places_order" if keys.places_order is not None else "removes_order"
        yield (
            (name,),
            "safe-order",
            f"{name} changes something, and this request only reads",
        )
    if keys.until is not None:
        yield from _until_problems(keys, keys.until, does.sends, orders=orders)
    retry = keys.retry
    if (
        keys.places_order is not None
        and retry is not None
        and method in SAFE_METHODS
        and not (retry.idempotent or does.sends.repeatable)
    ):
        yield (
            ("retry",),
            "retry-order",
            f"a {method} is tried again in any case, and this one orders: say that it may be (idempotent: true)",
        )


def _sends_nothing_problems(
    does: Traits, given: Sequence[str], parts: StepParts | None
) -> Iterator[Fault]:
    """Keys of a step without a request."""
    for name in _REQUEST_ONLY:
        of_a_call = name in _OF_A_CALL
        if name not in given or (of_a_call and does.takes_call):
            continue
        if of_a_call and does.receives:
            yield (name,), "request-only", f"{name} looks at a call, and here none may come"
            continue
        who = "sends a request or waits for a call" if of_a_call else "sends a request"
        yield (name,), "request-only", f"{name} goes with a step that {who}"
    if does.takes_call and parts is not None:
        yield from _call_problems(parts)


def _call_problems(parts: StepParts) -> Iterator[Fault]:
    """What can be said of an answer only, and not of a call that came."""
    for name in ("status", "time", "database_error", "server_error"):
        if name in parts.expect.model_fields_set:
            yield (
                ("expect", name),
                "answer-only",
                f"{name} is of an answer: a call that came has none",
            )
    for name, rule in parts.capture.items():
        for source in ("status", "cookie"):
            if source in rule.sources():
                message = f"{source} is of an answer: a call that came has none"
                yield ("capture", name), "answer-only", message


def step_doubts(does: Traits, keys: StepKeys) -> Iterator[Fault]:
    """What of one step can be read but does nothing: rules of `retry` that can never lead to another attempt."""
    retry = keys.retry
    if does.sends is None or retry is None or keys.until is not None:
        return
    if retry.attempts == 1:
        yield ("retry",), "retry-idle", "attempts: 1 is the first one only: nothing is tried again"
        return
    method = does.sends.method.upper()
    orders = keys.places_order is not None or keys.removes_order is not None
    repeatable = retry.idempotent or does.sends.repeatable or does.sends.is_safe(orders=orders)
    if "on" not in retry.model_fields_set:
        return
    for rule in retry.on:
        if can_act(rule, method, repeatable=repeatable):
            continue
        yield (
            ("retry", "on"),
            "retry-idle",
            (
                f"{rule} never repeats this {method}, which may have been carried out (only 429, 503 with "
                "Retry-After and transport say that it was not, and a list with others is no word about these): give it an idempotency_key, or say idempotent: true"
            ),
        )


def _until_problems(keys: StepKeys, until: Until, sends: Sends, *, orders: bool) -> Iterator[Fault]:
    if not sends.is_safe(orders=orders):
        yield (
            ("until",),
            "until-unsafe",
            (
                f"until asks again and again, and {sends.method.upper()} is not safe to repeat: use it with GET, "
                "with a GraphQL query, or with a POST that only reads (`safe: true` of the request)"
            ),
        )
    if keys.places_order is not None:
        yield ("until",), "until-unsafe", "until asks again and again: not for an order"
    if keys.retry is not None:
        yield ("retry",), "two-retries", "until asks again in any case: it goes without retry"
    if until.every <= 0:
        yield ("until", "every"), "bad-value", "every must be above zero"


def _loop_problems(keys: StepKeys) -> Iterator[Fault]:
    if keys.repeat is not None and keys.for_each is not None:
        yield ("for_each",), "two-loops", "a step has repeat or for_each, not both"
    if keys.for_each == []:
        yield ("for_each",), "bad-value", "the list of for_each is empty: it would do nothing"
    elif isinstance(keys.for_each, (bool, int, float)) or (
        isinstance(keys.for_each, str) and "{{" not in keys.for_each
    ):
        yield (
            ("for_each",),
            "bad-value",
            "for_each takes a list, a template that gives one, or {file: rows.csv}",
        )


def _when_problems(when: Any) -> Iterator[Fault]:
    if isinstance(when, list):
        yield ("when",), "bad-value", "when takes a template, or {value: template, matcher}"
    if not isinstance(when, dict):
        return
    rules = {key: value for key, value in when.items() if key != "value"}
    if "value" not in when or not rules:
        yield ("when",), "bad-value", "when takes a template, or {value: template, matcher}"
        return
    if not any(key in MATCHERS for key in rules):
        yield ("when", next(iter(rules))), "bad-matcher", "a matcher is expected beside the value"
        return
    for path, message in problems(rules):
        yield ("when", *path), "bad-matcher", message
