"""Small values of the language: durations and status rules. Each reader says what it takes when it refuses."""

from __future__ import annotations

import math
import re
from typing import Any

from smoke.diagnostic import nearest
from smoke.scenario.jsonpath import PathError, value_at

_DURATION = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?) ?(ms|s|m|h)?")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, None: 1.0}
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
LONGEST = 1e7
"""Seconds: more than a hundred days, and less than what the waits of an operating system take."""
_STATUS = re.compile(r"[1-9](?:[0-9]{2}|xx)")


def duration(value: Any) -> float:
    """Seconds of `500ms`, `10s`, `2m`, `1h` or a number of seconds. Raises ValueError."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= LONGEST:
        return float(value)
    match = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    seconds = float(match[1]) * _SECONDS[match[2]] if match is not None else math.inf
    if seconds > LONGEST:
        raise ValueError("a time is written like 500ms, 10s, 2m, or as a number of seconds")
    return seconds


def statuses(value: Any) -> tuple[str, ...]:
    """Status rules: `201`, `2xx`, or a list of them, as texts. Raises ValueError."""
    items = value if isinstance(value, (list, tuple)) else [value]
    rules = []
    for item in items:
        text = str(item) if not isinstance(item, bool) else ""
        if not _STATUS.fullmatch(text):
            raise ValueError("a status is a number like 201, a class like 2xx, or a list of them")
        rules.append(text)
    if not rules:
        raise ValueError("the list of statuses is empty: nothing could pass")
    return tuple(rules)


LOGIN_STATUSES = ("401", "403", "419", "440", "498")
"""With which shops say that a login is needed, or over: the last three are of frameworks and servers."""


def login_statuses(value: Any) -> tuple[str, ...]:
    """Statuses that say that a login ran out: one of `LOGIN_STATUSES`, or a list of them. Raises ValueError."""
    items = value if isinstance(value, (list, tuple)) else [value]
    rules = tuple("" if isinstance(item, bool) else str(item) for item in items)
    if not rules or not set(rules) <= set(LOGIN_STATUSES):
        raise ValueError(
            f"statuses that say that a login ran out are expected: {', '.join(LOGIN_STATUSES)}"
        )
    return rules


def status_matches(rules: tuple[str, ...], status: int) -> bool:
    """Whether a status follows one of the rules. 99 and 1000 follow none, not even a class."""
    text = str(status)
    return any(
        rule == text or (rule.endswith("xx") and len(text) == 3 and rule[0] == text[0])
        for rule in rules
    )


def method_and_url(text: str) -> tuple[str | None, str]:
    """The parts of `POST /path`. Without a method it is all URL, which may have spaces in its templates."""
    method, _, url = text.strip().partition(" ")
    if re.fullmatch(r"[A-Za-z]{1,20}", method) and url:
        return method, url.strip()
    return None, text.strip()


def retry_rules(value: Any) -> tuple[str, ...]:
    """What a step is retried after: statuses, classes, and the word `transport`. Raises ValueError."""
    items = value if isinstance(value, (list, tuple)) else [value]
    if not items:
        raise ValueError("the list is empty: leave `retry` out instead")
    return tuple(_retry_rule(item) for item in items)


def _retry_rule(item: Any) -> str:
    if item == "transport":
        return "transport"
    try:
        return statuses(item)[0]
    except ValueError as error:
        meant = isinstance(item, str) and nearest(item, ("transport",))
        hint = "; did you mean 'transport'?" if meant else ""
        raise ValueError(
            f"a number like 503, a class like 5xx, transport, or a list of them is expected{hint}"
        ) from error


def header_problem(name: str, value: str) -> str:
    """What is wrong with a header, in words that do not repeat its value; empty when nothing is (RFC 9110, 5.1, 5.5)."""
    if not _TOKEN.fullmatch(name):
        return f"'{name[:60]!a}' is no header name"
    if any(ord(character) < 0x20 or ord(character) == 0x7F for character in value.strip(" \t")):
        return f"the value of {name} has a control character in it"
    return ""


def version_problem(text: str) -> str:
    """What is wrong with where a build is told, `header:NAME` or `json:PATH`; empty when nothing is."""
    kind, _, rest = text.partition(":")
    if kind == "header" and _TOKEN.fullmatch(rest.strip()):
        return ""
    if kind == "json" and rest.strip():
        try:
            value_at(rest.strip(), None)
        except PathError as error:
            return str(error)
        return ""
    return f"header:NAME or json:PATH is expected, not '{text}'"
