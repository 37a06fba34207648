"""Checks and captures of Step CI as expectations and captures of the scenario language."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from smoke.importers._chai import AssertedPart, merged, of_matcher
from smoke.importers._filling import shown
from smoke.importers._shapes import as_dict, as_list, as_text
from smoke.importers._yaml import line_of
from smoke.scenario.jsonpath import check_path
from smoke.scenario.patterns import check_pattern

# names as in Step CI's reference (https://docs.stepci.com/reference/workflow-syntax.html)
_MATCHERS = {"eq": "equals", "ne": "not", "gt": "greater", "gte": "at_least", "lt": "less", "lte": "at_most", "in": "contains", "match": "matches"}  # fmt: skip
_TYPES = {"isNumber": "number", "isString": "string", "isBoolean": "boolean", "isNull": "null", "isObject": "object", "isArray": "array"}  # fmt: skip
_PARTS = {"headers": "headers", "jsonpath": "json", "selectors": "html", "xpath": "xpath"}
_SUCCESS = re.compile(r"/\^?2[0x]?(?:\\d|\.|\[0-9\]){0,2}\$?/\Z")

Filled = Callable[[Any], Any]


class StepCiChecks:
    """What a step captures and checks; `unread` has what could not be taken over."""

    def __init__(
        self, step: Mapping[str, Any], place: Callable[[int], str], filled: Filled
    ) -> None:
        self._place = place
        self._filled = filled
        self.unread: list[str] = []
        self.captures: dict[str, Any] = dict(self._captured(as_dict(step.get("captures"))))
        self.expect: dict[str, Any] = {}
        check = as_dict(step.get("check"))
        for key, value in check.items():
            if not self._check(key, value):
                self._leave(check, key, f"the check of '{shown(key)}'")

    def _leave(self, mapping: Any, key: str, what: str) -> None:
        self.unread.append(f"{self._place(line_of(mapping, key))}: {what}")

    def _captured(self, captures: dict[str, Any]) -> Iterator[tuple[str, Any]]:
        for name, value in captures.items():
            spec = _capture(as_dict(value))
            if spec is None:
                self._leave(captures, name, f"what '{shown(name)}' captures")
            else:
                yield name, spec

    def _check(self, key: str, value: Any) -> bool:
        """Whether a check is taken over whole; of a table each row that is not is told by itself."""
        if key == "status":
            return self._take(_status(value))
        if key == "body":
            return self._matched(AssertedPart("text"), value)
        if key == "json":
            return self._take({"json": {"$": {"equals": self._filled(value)}}})
        rows = as_dict(value)
        for name, asked in rows.items():
            if not self._row(key, name, asked):
                self._leave(rows, name, f"the check of '{shown(name)}'")
        return isinstance(value, dict) and key in {*_PARTS, "captures", "performance"}

    def _row(self, key: str, name: str, asked: Any) -> bool:
        if key == "performance":
            return name == "total" and self._matched(AssertedPart("time"), asked)
        if key == "captures":
            path = self.captures.get(name)
            part = AssertedPart("json", path) if isinstance(path, str) else None
        elif key == "jsonpath":
            part = None if check_path(name) else AssertedPart("json", name)
        else:
            part = AssertedPart("headers" if key == "headers" else "json", name)
        if part is None or key not in {*_PARTS, "captures"}:
            return part is not None
        return self._matched(part, asked, _PARTS.get(key, "json"))

    def _matched(self, part: AssertedPart, asked: Any, kind: str = "") -> bool:
        """Whether every matcher of a value is taken over."""
        every = as_list(asked) if isinstance(asked, list) else [_plain(asked)]
        made = [_matcher(part, as_dict(each), self._filled) for each in every]
        return bool(made) and all(
            self._take({kind or part.kind: each[part.kind]} if each else None) for each in made
        )

    def _take(self, found: dict[str, Any] | None) -> bool:
        return found is not None and merged(self.expect, found)


def _capture(spec: dict[str, Any]) -> Any:
    """The capture of a scenario; None for what has no counterpart."""
    path, pattern = as_text(spec.get("jsonpath")), as_text(spec.get("regex"))
    if path:
        return None if check_path(path) else path
    if pattern:
        return None if check_pattern(pattern) else {"regex": pattern}
    for key, ours in {"header": "header", "cookie": "cookie", "selector": "html", "xpath": "xpath"}.items():  # fmt: skip
        if as_text(spec.get(key)):
            return {ours: as_text(spec[key])}
    return None


def _plain(value: Any) -> dict[str, Any]:
    """A value as a matcher: between slashes stands a pattern."""
    if isinstance(value, str) and len(value) > 2 and value[0] == value[-1] == "/":
        return {"match": value[1:-1]}
    return {"eq": value}


def _matcher(part: AssertedPart, asked: dict[str, Any], filled: Filled) -> dict[str, Any] | None:
    for name, value in asked.items():
        if name in _MATCHERS:
            return of_matcher(part, _MATCHERS[name], filled(value))
        if name == "nin":
            return of_matcher(part, "not", {"contains": filled(value)})
        if name == "isDefined" and part.name:
            return of_matcher(part, "exists", value is True)
        if name in _TYPES and value is True:
            return of_matcher(part, "type", _TYPES[name])
    return None


def _status(value: Any) -> dict[str, Any] | None:
    asked = {key: each for row in as_list(value) for key, each in as_dict(row).items()}
    if set(asked) == {"eq"} and len(as_list(value)) == 1:
        value = asked["eq"]
    lower, upper = asked.get("gte", asked.get("gt")), asked.get("lt", asked.get("lte"))
    if (isinstance(value, str) and _SUCCESS.match(value)) or (
        len(asked) == 2 and lower in {199, 200} and upper in {299, 300}
    ):
        return {"status": "2xx"}
    number = int(value) if isinstance(value, str) and re.fullmatch(r"[1-5]\d\d", value) else value
    return of_matcher(AssertedPart("status"), "equals", number)
