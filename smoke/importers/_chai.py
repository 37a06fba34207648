"""Assertions as request tools write them (Chai's chains, comparisons), as expectations of the scenario language."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from msgspec import Struct

from smoke.importers._literals import UNKNOWN, closing, literal_or_unknown, split_arguments
from smoke.scenario.patterns import check_pattern


class AssertedPart(Struct, frozen=True):
    """What an assertion speaks of: `kind` is a key of `expect` or a cookie, `name` the path or the header in it."""

    kind: str
    name: str = ""
    capture: Any = None
    length: bool = False


Reading = Callable[[str], "AssertedPart | None"]
"""What of an answer an expression speaks of."""

_EXPECT = re.compile(r"(?:(?:pm|insomnia|client)\.)?expect\s*\(")
_ANSWER = re.compile(r"(?:pm|insomnia)\.response\s*(?=\.)")
_WORD = re.compile(r"\s*\.\s*([A-Za-z]{1,40})\s*")
_PLAIN = frozenset(
    {
        "to",
        "be",
        "been",
        "is",
        "that",
        "which",
        "and",
        "has",
        "have",
        "with",
        "at",
        "of",
        "same",
        "deep",
        "a",
        "an",
    }
)
_EQUAL = frozenset({"eql", "equal", "equals", "eq", "eqls", "toBe", "toEqual", "toStrictEqual"})
_BOUNDS = {"above": "greater", "gt": "greater", "greaterThan": "greater", "below": "less", "lt": "less", "lessThan": "less", "least": "at_least", "gte": "at_least", "most": "at_most", "lte": "at_most"}  # fmt: skip
_SIGNS = {"===": "equals", "==": "equals", "!==": "not", "!=": "not", ">=": "at_least", "<=": "at_most", ">": "greater", "<": "less"}  # fmt: skip
_TYPES = frozenset({"array", "boolean", "null", "number", "object", "string"})
_REASONS = {"OK": 200, "Created": 201, "Accepted": 202, "No Content": 204, "Bad Request": 400, "Unauthorized": 401, "Forbidden": 403, "Not Found": 404, "Conflict": 409}  # fmt: skip


def expectation(text: str, reading: Reading) -> dict[str, Any] | None:
    """The expectation of `pm.expect(…).to…` or `pm.response.to…`; None for what is not understood."""
    opened, answer = _EXPECT.match(text), _ANSWER.match(text)
    if opened:
        end = closing(text, opened.end())
        if end < 0:
            return None
        inner = text[opened.end() : end]
        subject = reading(_first_argument(inner))
        if subject is not None:
            return _chain(subject, text[end + 1 :])
        compared = comparison(inner, reading)
        ending = re.sub(r"\s", "", text[end + 1 :])
        return (
            compared
            if ending in {".to.be.true", ".to.equal(true)", ".to.eql(true)", ".to.be.eql(true)"}
            else None
        )
    return _chain(AssertedPart("answer"), text[answer.end() :]) if answer else None


def comparison(text: str, reading: Reading) -> dict[str, Any] | None:
    """The expectation of `client.assert(a === b, …)` or of a comparison by itself."""
    asserted = re.match(r"(?:client\.)?assert(?:\.\w{1,20})?\s*\(", text)
    if asserted:
        end = closing(text, asserted.end())
        text = _first_argument(text[asserted.end() : end]) if end >= 0 else ""
    found = re.match(r"(.{1,300}?)\s*(===|!==|==|!=|>=|<=|>|<)(?!=)\s*(.{1,300})\Z", text)
    if not found:
        return None
    subject, value = reading(found[1]), literal_or_unknown(found[3])
    if subject is None or value is UNKNOWN:
        return None
    return of_matcher(subject, _SIGNS[found[2]], value)


def of_matcher(subject: AssertedPart, matcher: str, value: Any) -> dict[str, Any] | None:
    """An expectation of one matcher; None where there is none such."""
    if matcher == "matches" and (not isinstance(value, str) or check_pattern(value)):
        return None
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if matcher in {"greater", "less", "at_least", "at_most"} and not number:
        return None
    if subject.kind == "status":
        return {"status": value} if matcher in {"equals", "one_of"} and _is_status(value) else None
    if subject.kind == "time":
        fits = (
            matcher in {"less", "at_most"}
            and isinstance(value, (int, float))
            and not isinstance(value, bool)
        )
        return {"time": f"{value}ms"} if fits and 0 < value < 3_600_000 else None
    if subject.kind == "text":
        return {"text": {matcher: value}}
    if subject.kind not in {"json", "headers"}:
        return None
    if subject.length:
        return {
            subject.kind: {
                subject.name: {"length": value if matcher == "equals" else {matcher: value}}
            }
        }
    if matcher == "equals" and isinstance(value, str) and subject.kind == "headers":
        return {"headers": {subject.name: value}}
    plain = matcher == "equals" and not isinstance(value, (dict, list))
    return {subject.kind: {subject.name: value if plain else {matcher: value}}}


def merged(into: dict[str, Any], found: dict[str, Any]) -> bool:
    """Add an expectation to others. False where it says something else of the same place."""
    for key, value in found.items():
        if key not in into:
            into[key] = dict(value) if isinstance(value, dict) else value
        elif isinstance(value, dict) and isinstance(into[key], dict):
            for name, matcher in value.items():
                known = into[key].get(name, matcher)
                if known == {"exists": True}:
                    known = matcher
                elif isinstance(known, dict) and isinstance(matcher, dict) and known != matcher:
                    if set(known) & set(matcher):
                        return False
                    known = {**known, **matcher}
                elif matcher not in ({"exists": True}, known):
                    return False
                into[key][name] = known
        elif into[key] != value:
            return False
    return True


def _chain(subject: AssertedPart, rest: str) -> dict[str, Any] | None:
    """The words behind a subject, to the one that says what is asked."""
    negated, at, words = False, 0, []
    while at < len(rest.rstrip()):
        found = _WORD.match(rest, at)
        if not found:
            return None
        word, at, argument = found[1], found.end(), None
        if rest[at : at + 1] == "(":
            end = closing(rest, at + 1)
            if end < 0:
                return None
            argument, at = rest[at + 1 : end], end + 1
        if word == "not":
            negated = True
        elif word not in _PLAIN or argument is not None:
            words.append((word, argument))
    if len(words) == 1:
        return _asked(subject, words[0][0], words[0][1], negated=negated)
    if [word for word, _ in words] == ["nested", "property"]:
        return _asked(subject, "property", words[1][1], negated=negated)
    return None


def _asked(
    subject: AssertedPart, word: str, argument: str | None, *, negated: bool
) -> dict[str, Any] | None:
    found = (
        _of_answer(word, argument)
        if subject.kind == "answer"
        else _of_value(subject, word, argument)
    )
    if found is None or not negated:
        return found
    return _negated(found)


def _of_answer(word: str, argument: str | None) -> dict[str, Any] | None:
    """What `pm.response.to…` asks for."""
    values = [literal_or_unknown(each) for each in split_arguments(argument or "")]
    if word in {"ok", "success"}:
        return {"status": 200 if word == "ok" else "2xx"}
    if word == "status" and values:
        status = _REASONS.get(values[0], values[0]) if isinstance(values[0], str) else values[0]
        return {"status": status} if _is_status(status) else None
    if word == "header" and values and isinstance(values[0], str) and _is_header(values[0]):
        return {
            "headers": {
                values[0]: values[1]
                if len(values) > 1 and isinstance(values[1], str)
                else {"exists": True}
            }
        }
    if word == "json" and argument is None:
        return {"json": {"$": {"exists": True}}}
    if (
        word == "jsonBody"
        and values
        and isinstance(values[0], str)
        and re.fullmatch(r"[A-Za-z_][\w.]{0,200}", values[0])
    ):
        return _value_at(f"$.{values[0]}", values[1:])
    return None


def _value_at(path: str, values: list[Any]) -> dict[str, Any] | None:
    if not values:
        return {"json": {path: {"exists": True}}}
    return (
        None
        if values[0] is UNKNOWN
        else of_matcher(AssertedPart("json", path), "equals", values[0])
    )


def _of_value(subject: AssertedPart, word: str, argument: str | None) -> dict[str, Any] | None:
    simple: dict[str, tuple[str, Any]] = {
        "true": ("equals", True), "false": ("equals", False), "null": ("equals", None), "exist": ("not", None), "exists": ("not", None),
        "undefined": ("exists", False), "empty": ("empty", True), "ok": ("not", {"one_of": [None, False, 0, ""]}),
    }  # fmt: skip
    if argument is None:
        return of_matcher(subject, *simple[word]) if word in simple else None
    values = [literal_or_unknown(each) for each in split_arguments(argument)]
    if not values or values[0] is UNKNOWN:
        pattern = re.fullmatch(r"\s*/((?:[^/\\\n]|\\.){1,300})/\s*", argument)
        return (
            of_matcher(subject, "matches", pattern[1].replace("\\/", "/"))
            if pattern and word == "match"
            else None
        )
    value = values[0]
    if word in _EQUAL:
        return of_matcher(subject, "equals", value)
    if word in _BOUNDS and isinstance(value, (int, float)) and not isinstance(value, bool):
        return of_matcher(subject, _BOUNDS[word], value)
    if word in {"include", "includes", "contain", "contains"} and not isinstance(value, dict):
        return of_matcher(subject, "contains", value)
    if word == "oneOf" and isinstance(value, list) and value:
        return of_matcher(subject, "one_of", value)
    if word in {"a", "an"} and value in _TYPES and subject.kind == "json":
        return of_matcher(subject, "type", value)
    if word in {"length", "lengthOf"} and isinstance(value, int):
        return of_matcher(AssertedPart(subject.kind, subject.name, length=True), "equals", value)
    if (
        word == "property"
        and isinstance(value, str)
        and subject.kind == "json"
        and re.fullmatch(r"[A-Za-z_]\w{0,100}", value)
    ):
        return _value_at(f"{subject.name}.{value}", values[1:])
    return None


def _negated(found: dict[str, Any]) -> dict[str, Any] | None:
    ((key, value),) = found.items()
    if not isinstance(value, dict) or key == "status":
        return None
    if key == "text":
        return {key: {"not": value}}
    ((name, matcher),) = value.items()
    if matcher in ({"exists": True}, {"exists": False}):
        return {key: {name: {"exists": not matcher["exists"]}}}
    if matcher == {"empty": True}:
        return {key: {name: {"empty": False}}}
    if isinstance(matcher, dict) and "not" in matcher:
        return None
    return {key: {name: {"not": matcher}}}


def _first_argument(text: str) -> str:
    found = split_arguments(text)
    return found[0] if found else ""


def _is_status(value: Any) -> bool:
    values = value if isinstance(value, list) else [value]
    return bool(values) and all(
        isinstance(each, int) and not isinstance(each, bool) and 100 <= each <= 599
        for each in values
    )


def _is_header(name: str) -> bool:
    return bool(re.fullmatch(r"[\w-]{1,80}", name))
