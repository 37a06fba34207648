"""YAML as other tools write it: several documents, tags and merged mappings, each mapping with the lines of its keys; bounded."""

from __future__ import annotations

from typing import Any

import yaml
from msgspec import Struct
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    MappingStartEvent,
    ScalarEvent,
)

from smoke.diagnostic import SmokeError, Span
from smoke.scenario.scalars import resolve
from smoke.text import safe_line

LARGEST = 32 * 1024 * 1024
"""Bytes of a file that are read."""
DEEPEST = 128
MOST_NODES = 1_000_000
"""Values of a file with every alias written out."""
_TEXT = "tag:yaml.org,2002:str"
_SIMPLE = "tag:yaml.org,2002:"


class YamlMapping(dict[str, Any]):
    """A mapping that knows where it begins, and where each of its keys stands."""

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: dict[str, int] = {}


class Tagged(Struct, frozen=True):
    """A value with a tag (`!name`) that YAML itself does not know."""

    tag: str
    value: Any
    line: int


def line_of(value: Any, key: str = "") -> int:
    """Where a mapping begins, or a key of it; 0 for what is no mapping of a file."""
    if not isinstance(value, YamlMapping):
        return 0
    return value.lines.get(key, value.line)


def documents(data: bytes, source: str, what: str) -> list[Any]:
    """The documents of a file, but for empty ones; an anchor is known in later ones too, as Tavern has it. Raises SmokeError for what is no YAML, with its place, and for what is too large or deep."""
    if len(data) > LARGEST:
        raise SmokeError.of("file-too-large", f"{source} is larger than {LARGEST:,} bytes")
    text = data.decode("utf-8-sig", "replace")
    composer = _Composer(source, what)
    try:
        for event in iter(yaml.CSafeLoader(text).get_event, None):
            composer.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
        said = safe_line(error.problem or "it is no YAML")
        span = Span(source, line, column, line, column + 1)
        raise SmokeError.of("cannot-read", f"{source} is no {what}: {said}", span=span) from error
    except (yaml.YAMLError, UnicodeError) as error:  # such as a character that is none
        said = safe_line(str(error).partition("\n")[0])
        raise SmokeError.of("cannot-read", f"{source} is no {what}: {said}") from error
    return [each for each in composer.documents if each is not None]


class _Open:
    """A collection whose end has not come yet."""

    def __init__(self, made: Any, tag: str, anchor: str, line: int) -> None:
        self.made = made
        self.tag = tag
        self.anchor = anchor
        self.line = line
        self.key: str | None = None
        self.size = 1
        self.height = 1


class _Composer:
    """Makes values of events, with a stack of its own: depth is bounded, not recursion."""

    def __init__(self, source: str, what: str) -> None:
        self._source = source
        self._what = what
        self._stack: list[_Open] = []
        self._anchors: dict[str, tuple[Any, int, int]] = {}
        self._size = 0
        self.documents: list[Any] = []

    def take(self, event: yaml.Event) -> None:
        assert event.start_mark is not None  # the C parser always marks
        line = event.start_mark.line + 1
        if isinstance(event, ScalarEvent):
            self._scalar(event, line)
        elif isinstance(event, CollectionStartEvent):
            if len(self._stack) >= DEEPEST:
                raise self._refused(line, f"it is nested more than {DEEPEST} levels deep")
            begun: Any = YamlMapping(line) if isinstance(event, MappingStartEvent) else []
            self._stack.append(_Open(begun, _tag(event.tag), event.anchor or "", line))
        elif isinstance(event, CollectionEndEvent):
            done = self._stack.pop()
            made = Tagged(done.tag, done.made, done.line) if done.tag else done.made
            self._add(made, done.size, done.height, done.anchor, line)
        elif isinstance(event, AliasEvent):
            known = self._anchors.get(event.anchor or "")
            if known is None:
                raise self._refused(line, "an alias stands before its anchor")
            if len(self._stack) + known[2] > DEEPEST:
                raise self._refused(line, f"it is nested more than {DEEPEST} levels deep")
            self._size += known[1]
            self._add(*known, "", line)

    def _scalar(self, event: ScalarEvent, line: int) -> None:
        tag = _tag(event.tag)
        parent = self._stack[-1] if self._stack else None
        if parent is not None and isinstance(parent.made, YamlMapping) and parent.key is None:
            self._size += 1
            parent.key = event.value
            parent.made.lines.setdefault(event.value, line)
            return
        plain = not event.style and event.tag is None
        value: Any = resolve(event.value)[0] if plain else event.value
        if tag:
            value = Tagged(tag, event.value, line)
        self._size += 1
        self._add(value, 1, 0, event.anchor or "", line)

    def _add(self, value: Any, size: int, height: int, anchor: str, line: int) -> None:
        if self._size > MOST_NODES:
            raise self._refused(line, f"it has more than {MOST_NODES:,} values")
        if anchor:
            self._anchors[anchor] = (value, size, height)
        if not self._stack:
            self.documents.append(value)
            return
        parent = self._stack[-1]
        parent.size += size
        parent.height = max(parent.height, height + 1)
        if isinstance(parent.made, list):
            parent.made.append(value)
        elif parent.key is None:
            raise self._refused(line, "a key must be a single value")
        else:
            key, parent.key = parent.key, None
            if key == "<<":
                _merge(parent.made, value)
            else:
                parent.made[key] = value

    def _refused(self, line: int, why: str) -> SmokeError:
        return SmokeError.of(
            "cannot-read",
            f"{self._source} is no {self._what} that can be read: {why}",
            span=Span(self._source, line, 1, line, 2),
        )


def _tag(tag: str | None) -> str:
    """A tag of a tool's own; empty for YAML's."""
    if tag is None or tag in ("!", _TEXT) or tag.startswith(_SIMPLE):
        return ""
    return tag


def _merge(into: YamlMapping, value: Any) -> None:
    """What `<<` brings along: the mapping's own keys stand before it (https://yaml.org/type/merge.html)."""
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, YamlMapping):
            for key, item in each.items():
                into.setdefault(key, item)
                into.lines.setdefault(key, each.lines.get(key, each.line))
