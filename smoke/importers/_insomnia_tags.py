"""Insomnia's template tags as variables: what is taken of an answer, made-up data, and those that have no counterpart."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any

from smoke.importers._filling import shown
from smoke.scenario.jsonpath import check_path

_TAG = re.compile(r"\{%-?\s{0,8}([a-z]\w{0,40})((?:'[^'\n]{0,4000}'|[^'%]|%(?!\})){0,400})%\}")
_ARGUMENT = re.compile(r"'([^'\n]{0,4000})'|([\w.-]{1,100})")
_VARIABLE = re.compile(
    r"\{\{\s{0,8}_?(?:\.|\[\s{0,4}['\"])([\w.-]{1,200})(?:['\"]\s{0,4}\])?\s{0,8}\}\}"
)
_ENCODED = re.compile(r"b64::([A-Za-z0-9+/=]{0,4000})::46b\Z")
_DEEPEST = 64


class Tags:
    """Makes plain variables of tags. `wanted` are the captures that other requests take, by the id of the one that is answered."""

    def __init__(self) -> None:
        self.wanted: dict[str, dict[str, Any]] = {}
        self.unread: list[str] = []

    def look(self, value: Any, depth: int = 0) -> None:
        """Find what is taken of answers anywhere in a document, before its first request is made."""
        if isinstance(value, str):
            self.plain(value)
            self.unread = []
        elif depth < _DEEPEST and isinstance(value, (list, dict)):
            for each in value.values() if isinstance(value, dict) else value:
                self.look(each, depth + 1)

    def plain(self, text: str) -> str:
        """A text with a variable in place of each tag."""
        return _VARIABLE.sub(r"{{\1}}", _TAG.sub(self._tag, text))

    def _tag(self, found: re.Match[str]) -> str:
        name = found[1]
        arguments = [_decoded(one if one is not None else other) for one, other in _pairs(found[2])]
        if name == "response" and len(arguments) > 1:
            taken = self._taken(*arguments[:3])
            if taken:
                return "{{" + taken + "}}"
        if name == "uuid":
            return "{{$guid}}"
        if name in {"now", "timestamp"}:
            is_number = arguments[:1] in (["unix"], ["millis"])
            return "{{$timestamp}}" if is_number and arguments[0] == "unix" else "{{$isoTimestamp}}"
        if name == "faker" and arguments:
            return "{{$" + arguments[0] + "}}"
        self.unread.append(f"the tag '{shown(name)}'")
        return ""

    def _taken(self, part: str, request: str, path: str = "") -> str:
        """The variable for what is taken of an answer; empty where there is no such capture."""
        if part == "header" and re.fullmatch(r"[\w-]{1,80}", path):
            spec: Any = {"header": path}
        elif part == "body" and path.startswith("$") and not check_path(path):
            spec = path
        else:
            return ""
        known = self.wanted.setdefault(request, {})
        name = next((each for each, other in known.items() if other == spec), "")
        if not name:
            base = (re.findall(r"[A-Za-z_]\w*", path) or ["value"])[-1]
            taken = {each for captures in self.wanted.values() for each in captures}
            name, count = base, 1
            while name in taken:
                count += 1
                name = f"{base}_{count}"
            known[name] = spec
        return name


def _pairs(text: str) -> list[tuple[str | None, str]]:
    return [(found[1], found[2] or "") for found in _ARGUMENT.finditer(text)]


def _decoded(text: str) -> str:
    """An argument, which Insomnia may keep in Base64."""
    found = _ENCODED.match(text)
    if not found:
        return text
    try:
        return base64.b64decode(found[1]).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""
