"""Tavern's format strings, tags, queries and expected values in the terms of the scenario language."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from smoke.importers._chai import AssertedPart, of_matcher
from smoke.importers._yaml import Tagged
from smoke.importers._yaml_bodies import TYPED, marked
from smoke.model.numbers import loads

# tags and formats as in Tavern's documentation (https://tavern.readthedocs.io/en/latest/basics.html)
_FORMAT = re.compile(r"\{\{|\}\}|\{([A-Za-z_][\w.\[\]]{0,150})(?:[:!]([^{}]{0,20}))?\}")
_TYPES = {"!anyint": "integer", "!anyfloat": "number", "!anynumber": "number", "!anystr": "string", "!anybool": "boolean", "!anylist": "array", "!anydict": "object", "!int": "integer", "!float": "number", "!bool": "boolean", "!str": "string"}  # fmt: skip
_PATTERNS = {"!re_match": "^(?:{})", "!re_fullmatch": "^(?:{})$", "!re_search": "{}"}
_QUERY = re.compile(r"(?:[A-Za-z_]\w{0,80}|\"[^\"\\\[\]]{1,80}\"|\[[0-9]{1,6}\])(?:\.[A-Za-z_]\w{0,80}|\.\"[^\"\\\[\]]{1,80}\"|\[[0-9]{1,6}\]){0,20}\Z")  # fmt: skip
_STEP = re.compile(r'"([^"]{1,80})"|([A-Za-z_]\w{0,80})|\[([0-9]{1,6})\]')
_DEEPEST = 40
_MOST = 500


class TavernTexts:
    """Format strings as texts with marks; `unread` has what could not be filled in."""

    def __init__(self) -> None:
        self.unread: list[str] = []

    def text(self, text: str) -> str:
        return _FORMAT.sub(self._named, text)

    def value(self, value: Any) -> Any:
        """A value that is sent or expected, with marks in its texts; tags of types and of literal text are carried out."""
        if isinstance(value, dict):
            return {self.text(key): self.value(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self.value(each) for each in value]
        if isinstance(value, Tagged):
            return self._tagged(value)
        return self.text(value) if isinstance(value, str) else value

    def _named(self, found: re.Match[str]) -> str:
        name = found[1]
        if name is None:
            return found[0][0]
        if name.startswith("tavern.env_vars."):
            return marked(f"$env {name.rpartition('.')[2]}")
        if name.startswith("tavern."):
            self.unread.append(f"'{name}' has no counterpart")
        if found[2] and found[2] not in {"s", "d", "f", "r"}:
            self.unread.append(f"the format ':{found[2]}'")
        return marked(re.sub(r"\W+", "_", name).strip("_"))

    def _tagged(self, tagged: Tagged) -> Any:
        if tagged.tag == "!uuid":
            return marked("$uuid")
        inner = tagged.value
        if tagged.tag == "!raw":
            return inner
        made = self.value(inner)
        if tagged.tag in {"!int", "!float", "!bool"} and isinstance(made, str):
            try:
                return loads(made.lower() if tagged.tag == "!bool" else made)
            except ValueError:
                return TYPED + made
        if tagged.tag in {"!force_original_structure", "!force_format_include"} and isinstance(made, str):  # fmt: skip
            return TYPED + made
        return made


def path_of(query: Any) -> str:
    """The JSONPath of a simple JMESPath; empty for any other."""
    if not isinstance(query, str) or not _QUERY.match(query):
        return ""
    made = "$"
    for quoted, word, index in _STEP.findall(query):
        if quoted and not re.fullmatch(r"[A-Za-z_]\w*", quoted):
            made += f"['{quoted}']" if "'" not in quoted else f'["{quoted}"]'
        else:
            made += f"[{index}]" if index else f".{quoted or word}"
    return made


def expected(
    value: Any, filled: Callable[[Any], Any]
) -> Iterator[tuple[str, dict[str, Any] | None]]:
    """Path and expectation of each value of an expected document; None for one that has no counterpart."""
    waiting: list[tuple[str, Any, int]] = [("$", value, 0)]
    count = 0
    while waiting and count < _MOST:
        path, each, depth = waiting.pop()
        count += 1
        if isinstance(each, dict) and each and depth < _DEEPEST and "$ext" not in each:
            waiting += (
                (_below(path, key), item, depth + 1) for key, item in reversed(each.items())
            )
        elif isinstance(each, list) and each and depth < _DEEPEST:
            waiting += ((f"{path}[{at}]", item, depth + 1) for at, item in reversed(list(enumerate(each))))  # fmt: skip
        else:
            yield path, matched(AssertedPart("json", path), each, filled)
    if waiting:
        yield waiting[-1][0], None


def matched(part: AssertedPart, value: Any, filled: Callable[[Any], Any]) -> dict[str, Any] | None:
    """The expectation of one value, tags of Tavern's among them."""
    if isinstance(value, Tagged) and value.tag == "!anything":
        return of_matcher(part, "exists", True)
    if isinstance(value, Tagged) and value.tag in _TYPES and not value.value:
        return of_matcher(part, "type", _TYPES[value.tag])
    if isinstance(value, Tagged) and value.tag in _PATTERNS:
        return of_matcher(part, "matches", _PATTERNS[value.tag].format(value.value))
    if isinstance(value, Tagged) and value.tag not in {"!raw", "!int", "!float", "!bool"}:
        return None
    if isinstance(value, dict) and "$ext" in value:
        return None
    made = filled(value)
    return of_matcher(part, "equals", made.replace(TYPED, "") if isinstance(made, str) else made)


def _below(path: str, key: str) -> str:
    if re.fullmatch(r"[A-Za-z_]\w*", key, re.ASCII):
        return f"{path}.{key}"
    escaped = key.replace("\\", "\\\\").replace("'", "\\'")
    return f"{path}['{escaped}']"
