"""Takes a named value from a response."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urljoin

from smoke.model.run import JsonValue
from smoke.scenario.answer import NotWholeError, StepAnswer, UnreadableError
from smoke.scenario.blame import from_response
from smoke.scenario.capture_spec import CaptureSpec
from smoke.scenario.inserted import path_with, pattern_with, selector_with, xpath_with
from smoke.scenario.jsonpath import PathError, value_at
from smoke.scenario.matcher import MISSING, Missing
from smoke.scenario.patterns import PatternError, search
from smoke.scenario.scope import Scope, TemplateError


class CaptureFailed(Exception):  # noqa: N818  (it is a fact about a response, not an error of ours)
    """There is no such value; the message says what was looked for and what was there.

    `own`: the rule could not be used with the scenario's own values.
    """

    def __init__(self, message: str, *, own: bool = False) -> None:
        super().__init__(message)
        self.own = own


def extract(
    spec: CaptureSpec,
    answer: StepAnswer,
    cookies: Mapping[str, str] | None = None,
    scope: Scope | None = None,
) -> JsonValue:
    """The value that a rule finds. `cookies` are the customer's, with those of this response.

    `scope` fills in the templates of the rule. An empty text is no value. Raises CaptureFailed, unless the rule is
    optional or has a default.
    """
    try:
        value = _find(spec, answer, cookies, scope if scope is not None else Scope())
        if spec.absolute and isinstance(value, str) and value:
            value = urljoin(answer.url, value)
    except (UnreadableError, PatternError, PathError, TemplateError, ValueError) as error:
        # optional says that the value may not be there, not that nobody needs to have looked
        absent = isinstance(error, UnreadableError) and not isinstance(error, NotWholeError)
        if spec.optional and absent:
            return _other(spec)
        rule = [spec.json_, spec.html, spec.xpath, spec.regex, spec.url]
        own = isinstance(error, TemplateError) and not from_response(rule, scope or Scope())
        raise CaptureFailed(str(error), own=own) from error
    if isinstance(value, Missing) or value is None or value == "":
        if spec.optional or spec.default is not None:
            return _other(spec)
        what = "is empty" if not isinstance(value, Missing) else "is not in the response"
        raise CaptureFailed(f"{where(spec)} {what}")
    return value


def _other(spec: CaptureSpec) -> JsonValue:
    default: JsonValue = spec.default
    return default


def where(spec: CaptureSpec) -> str:
    """The rule in words."""
    match spec.source:
        case "json":
            return f"the JSON value {spec.json_}"
        case "header":
            return f"the header {spec.header}"
        case "cookie":
            return f"the cookie {spec.cookie}"
        case "html":
            attribute = f" (attribute {spec.attribute})" if spec.attribute else ""
            return f"the element {spec.html}{attribute}"
        case "xpath":
            return f"the XPath {spec.xpath}"
        case "regex":
            return f"the pattern {spec.regex}"
        case "url":
            return "the final URL"
        case _:
            return "the status"


def _find(
    spec: CaptureSpec, answer: StepAnswer, cookies: Mapping[str, str] | None, scope: Scope
) -> JsonValue | Missing:
    match spec.source:
        case "json":
            assert spec.json_ is not None
            there, value = value_at(path_with(spec.json_, scope), answer.json)
            return value if there else MISSING
        case "header":
            assert spec.header is not None
            values = answer.headers(spec.header)
            return values[0] if values else MISSING
        case "cookie":
            assert spec.cookie is not None
            known = {**(cookies or {}), **answer.cookies}
            return known.get(spec.cookie, MISSING)
        case "html":
            assert spec.html is not None
            from smoke.scenario.html import with_attribute

            selector, attribute = with_attribute(selector_with(spec.html, scope))
            found = answer.page.first(selector, spec.attribute or attribute)
            return MISSING if found is None else found
        case "xpath":
            assert spec.xpath is not None
            return _at_xpath(spec.xpath, spec, answer, scope)
        case "regex":
            assert spec.regex is not None
            return _group(pattern_with(spec.regex, scope), answer.text, spec.group)
        case "url":
            return (
                _group(pattern_with(spec.url, scope), answer.url, spec.group)
                if isinstance(spec.url, str)
                else answer.url
            )
        case _:
            return answer.status


def _at_xpath(
    path: str, spec: CaptureSpec, answer: StepAnswer, scope: Scope
) -> JsonValue | Missing:
    from smoke.scenario import xpath

    declared = xpath.namespaces_of(spec.namespaces)
    there, value = xpath.value_at(xpath_with(path, scope), answer.xml, declared)
    return value if there else MISSING


def _group(pattern: str, text: str, group: int | str | None) -> JsonValue | Missing:
    found = span_of(pattern, text, group)
    return MISSING if found is None else text[found[0] : found[1]]


def span_of(pattern: str, text: str, group: int | str | None) -> tuple[int, int] | None:
    """Where a group of a pattern (the first one, if there is one) lies in a text; None when it is not in it."""
    match = search(pattern, text)
    if match is None:
        return None
    if group is None:
        group = 1 if match.re.groups else 0
    try:
        start, end = match.span(group)
    except IndexError as error:
        raise PatternError(f"the pattern has no group {group!r}") from error
    return None if start < 0 else (start, end)
