"""Hurl's queries, filters and predicates as captures and expectations of the scenario language."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from smoke.importers._chai import AssertedPart, of_matcher
from smoke.scenario.jsonpath import check_path
from smoke.scenario.patterns import check_pattern

_QUERY = re.compile(
    r'(status|header|jsonpath|body|url|cookie|regex|duration|xpath|bytes|sha256|md5|variable|certificate|version|ip)\b(?:\s+("(?:[^"\\]|\\.){0,2000}"|/(?:[^/\\]|\\.){0,2000}/))?\s*'
)
_PREDICATE = re.compile(
    r"(not\s+)?(==|!=|>=|<=|>|<|contains|includes|startsWith|endsWith|matches|exists|isInteger|isFloat|isBoolean|isString|isCollection|isEmpty|isNumber|isList|isObject)(?:\s+(.+))?\Z"
)
_MATCHERS = {"==": "equals", "!=": "not", ">": "greater", "<": "less", ">=": "at_least", "<=": "at_most", "contains": "contains", "includes": "contains", "startsWith": "starts_with", "endsWith": "ends_with", "matches": "matches"}  # fmt: skip
_TYPES = {"isInteger": "integer", "isBoolean": "boolean", "isString": "string", "isNumber": "number", "isFloat": "number", "isList": "array", "isObject": "object"}  # fmt: skip


def capture_of(text: str) -> Any:
    """The capture of `jsonpath "$.id"` and its like; None for what has no counterpart."""
    found = _QUERY.match(text)
    text = re.sub(r"\s+redact\Z", "", text)
    if not found:
        return None
    rest = text[found.end() :].partition(" #")[0].strip()
    value = _text(found[2])
    simple = {"status": {"status": True}, "url": {"url": True}}
    if found[1] in simple and not rest:
        return simple[found[1]]
    if (
        found[1] == "jsonpath"
        and value is not None
        and not check_path(value)
        and rest in {"", "nth 0", "first"}
    ):
        return value
    if found[1] == "header" and value and not rest:
        return {"header": value}
    if found[1] == "cookie" and value and not rest and "[" not in value:
        return {"cookie": value}
    pattern = value if found[1] == "regex" and not rest else None
    if found[1] == "body":
        taken = re.match(r'regex\s+("(?:[^"\\]|\\.){0,2000}"|/(?:[^/\\]|\\.){0,2000}/)\Z', rest)
        pattern = _text(taken[1]) if taken else None
    return {"regex": pattern} if pattern and not check_pattern(pattern) else None


def expectation_of(text: str, filled: Callable[[str], str]) -> dict[str, Any] | None:
    """The expectation of an assert; None for what has no counterpart."""
    found = _QUERY.match(text)
    if not found:
        return None
    rest, counted = text[found.end() :].strip(), False
    if rest.startswith("count"):
        rest, counted = rest[5:].strip(), True
    asked = _PREDICATE.match(rest)
    part = _part(found[1], _text(found[2]), counted=counted)
    if part is None or asked is None:
        return None
    made = _asked(part, asked[2], asked[3], filled)
    if made is None or not asked[1]:
        return made
    return _negated(made)


def _part(kind: str, value: str | None, *, counted: bool) -> AssertedPart | None:
    if kind == "jsonpath" and value is not None and not check_path(value):
        return AssertedPart("json", value, length=counted)
    if counted:
        return None
    if kind == "header" and value:
        return AssertedPart("headers", value)
    return {
        "status": AssertedPart("status"),
        "body": AssertedPart("text"),
        "duration": AssertedPart("time"),
        "url": AssertedPart("url"),
    }.get(kind)


def _asked(
    part: AssertedPart, predicate: str, argument: str | None, filled: Callable[[str], str]
) -> dict[str, Any] | None:
    if predicate == "exists":
        return of_matcher(part, "exists", True)
    if predicate == "isEmpty":
        return of_matcher(part, "empty", True)
    if predicate in _TYPES:
        return of_matcher(part, "type", _TYPES[predicate])
    if predicate not in _MATCHERS or argument is None:
        return None
    value = _literal(argument, filled)
    if value is _NONE:
        return None
    if part.kind == "url":
        return {"url": {_MATCHERS[predicate]: value}}
    return of_matcher(part, _MATCHERS[predicate], value)


_NONE = object()


def _literal(text: str, filled: Callable[[str], str]) -> Any:
    text = re.sub(r"\s+#.*\Z", "", text).strip()
    if text[:1] in {'"', "/"}:
        value = _text(text)
        return _NONE if value is None else filled(value)
    if re.fullmatch(r"\{\{[^{}]{1,200}\}\}", text):
        return filled(text)
    if text[:1] == "`" and text[-1:] == "`" and len(text) > 1:
        return filled(text[1:-1])
    if not re.fullmatch(r"-?[0-9.eE+-]{1,40}|true|false|null", text):
        return _NONE
    try:
        return json.loads(text)
    except ValueError:
        return _NONE


def _text(quoted: str | None) -> str | None:
    if quoted is None or len(quoted) < 2:
        return None
    if quoted[0] == "/":
        return quoted[1:-1].replace("\\/", "/") if quoted[-1] == "/" else None
    try:
        value = json.loads(
            re.sub(r"\\u\{([0-9a-fA-F]{1,4})\}", lambda found: f"\\u{found[1]:0>4}", quoted)
        )
    except ValueError:
        return None
    return value if isinstance(value, str) else None


def _negated(made: dict[str, Any]) -> dict[str, Any] | None:
    ((key, value),) = made.items()
    if key in {"text", "url"}:
        return {key: {"not": value}}
    if not isinstance(value, dict):
        return None
    ((name, matcher),) = value.items()
    if matcher == {"exists": True}:
        return {key: {name: {"exists": False}}}
    if isinstance(matcher, dict) and "not" in matcher:
        return None
    return {key: {name: {"not": matcher}}}
