"""The URL of a request: what templates give enters a path as one segment, and a query as one value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from smoke.model.run import JsonValue
from smoke.scenario.address import below
from smoke.scenario.scope import Scope
from smoke.scenario.template import (
    Expression,
    TemplateSyntaxError,
    as_text,
    compile_text,
    evaluate,
    render,
    render_text,
    sample,
)

_DOTS = (".", "..")


TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""The name of a header (RFC 9110, 5.6.2)."""
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


_UNWANTED = re.compile(r"[\x00-\x20\x7f\\]")


class BuildError(Exception):
    """The request cannot be built from what the templates gave; nothing was sent. `template` is what was written."""

    def __init__(self, message: str, template: JsonValue = None) -> None:
        super().__init__(message)
        self.template = template


def request_url(template: str, query: Mapping[str, Any], scope: Scope, base_url: str) -> str:
    """The absolute URL without fragment. Raises TemplateError and BuildError."""
    given, rendered = _rendered(template.strip(), scope)
    problem = url_problem(rendered)
    if problem:
        raise BuildError(f"the request's URL {problem}", template)
    try:
        url = below(base_url, rendered, given=given)
        parts = urlsplit(url)
    except ValueError as error:
        raise BuildError(f"the request's URL is none ({error})", template) from error
    if parts.username is not None or parts.password is not None:
        raise BuildError("a URL with credentials in it is not sent: use `basic`", template)
    values = pairs(query, scope)
    url = url.partition("#")[0]
    if values:
        # `*` is left as it is: shops take it in ids and filters, and RFC 3986 allows it in a query
        url += ("&" if "?" in url else "?") + urlencode(values, safe="*", quote_via=quote)
    return url


def url_problem(url: str) -> str:
    """What no URL may have in it, in words; empty when there is nothing of it."""
    if not url.strip():
        return "is empty"
    if _UNWANTED.search(url):
        return "has a space, a control character or a backslash in it"
    return ""


def url_faults(url: str) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """What is wrong with the key `url` as it is written: path, diagnostic code, message."""
    try:
        example = sample(url.strip())
    except TemplateSyntaxError:
        return  # told with its place by the check of all templates
    problem = url_problem(example)
    if problem:
        yield ("url",), "bad-url", f"the URL {problem}"
    elif not re.match(r"/|https?://[^/]|\{\{|\?", url.strip(), re.IGNORECASE):
        yield (
            ("url",),
            "bad-url",
            "a URL begins with / (a path), http:// or https://, or a template that gives one",
        )


def header_faults(headers: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """What is wrong with the key `headers` as it is written: path, diagnostic code, message."""
    for name, value in headers.items():
        if not TOKEN.fullmatch(name):
            yield ("headers", name), "bad-value", f"'{name}' is no header name"
        elif isinstance(value, (dict, list)):
            yield ("headers", name), "bad-value", "a header's value is a text or a number"
        elif isinstance(value, str) and has_control(value.strip()):
            yield ("headers", name), "bad-value", "a header's value is one line of text"


def _rendered(template: str, scope: Scope) -> tuple[bool, str]:
    """The URL as the scenario means it, and whether it begins with a value."""
    given, rest = _leading(template)
    if given:
        # a URL that begins with a value: a captured link or Location, taken as it is (its origin is checked later)
        start = "".join(as_text(evaluate(part, scope)) for part in given)
        return True, start + (_path_and_query(rest, scope) if rest else "")
    return False, _path_and_query(template, scope)


def _leading(template: str) -> tuple[list[Expression], str]:
    """The templates that a URL begins with, and the text behind them."""
    given: list[Expression] = []
    for part in compile_text(template):
        if not isinstance(part, Expression):
            break
        given.append(part)
    return given, template[given[-1].end :] if given else template


def _path_and_query(template: str, scope: Scope) -> str:
    path, mark, query = template.partition("?")
    if _in_braces(path):  # a `?` inside a template's quotes begins no query
        path, mark, query = template, "", ""
    rendered = as_text(render_text(path, scope, encode=_segment))
    if "{{" in path:
        _check_segments(path, rendered)
    if mark:
        rendered += mark + as_text(
            render_text(query, scope, encode=lambda value: quote(value, safe="*"))
        )
    return rendered


def _in_braces(path: str) -> bool:
    return path.rfind("{{") > path.rfind("}}")


def _segment(value: str) -> str:
    """A value as (a part of) one path segment: no slash comes of it. Raises BuildError when it is empty."""
    if not value:
        # DELETE /orders/{{ id }} must not become DELETE /orders/
        raise BuildError("a template in the path of the URL gives nothing")
    return quote(value, safe="*:@,").replace("..", "%2E%2E")


def _check_segments(template: str, rendered: str) -> None:
    """No dot segment may come of values (RFC 3986, 5.2.4): it would lead to another resource."""
    literal = "".join(
        "x" if isinstance(part, Expression) else part for part in compile_text(template)
    )
    if _dotted(rendered) and not _dotted(literal):
        raise BuildError("a template in the path of the URL gives '.' or '..'", template)


def _dotted(path: str) -> bool:
    return any(step.lower().replace("%2e", ".") in _DOTS for step in path.split("/"))


def pairs(values: Mapping[str, Any], scope: Scope) -> list[tuple[str, str]]:
    """Names and values of a query or a form; a list gives its name several times, null leaves it out."""
    return [(name, as_text(value)) for name, value in named(values, scope)]


def named(values: Mapping[str, Any], scope: Scope) -> Iterator[tuple[str, JsonValue]]:
    """Rendered names with each of their rendered values."""
    for name, template in values.items():
        key = as_text(render_text(name, scope))
        value = render(template, scope)
        for item in value if isinstance(value, list) else [value]:
            if item is not None:
                yield key, item


def has_control(value: str) -> bool:
    """Whether a header's value has a character that would end it, or that no header may hold."""
    return _CONTROL.search(value) is not None


def header(name: str, value: str, template: JsonValue) -> tuple[bytes, bytes]:
    """A header as it is sent; `template` is what was written. Raises BuildError."""
    if not TOKEN.fullmatch(name):
        raise BuildError(f"'{name[:60]!a}' is no header name")
    if has_control(value):
        raise BuildError(f"the value of the header {name} has a control character in it", template)
    return name.encode(), value.strip().encode()
