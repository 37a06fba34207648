"""YAML whose every part knows its characters in the text, so that one part is exchanged and all around it stays."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

import yaml
from msgspec import Struct
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceStartEvent,
)

from smoke.model.run import JsonValue
from smoke.scenario.scalars import resolve


class PlacedValue(Struct, frozen=True):
    """A value, and where it stands; an alias has None, and its name in `alias`."""

    value: JsonValue
    start: int
    end: int
    """Behind its last character; of a block scalar behind its last line that is not empty."""
    alias: str = ""


class PlacedList(Struct, frozen=True):
    """A sequence; `column` is that of its dashes."""

    items: tuple[Placed, ...]
    start: int
    end: int
    flow: bool
    column: int = 0


class PlacedMap(Struct, frozen=True):
    """A mapping; `column` is that of its keys."""

    pairs: tuple[tuple[PlacedValue, Placed], ...]
    start: int
    end: int
    flow: bool
    column: int = 0

    def get(self, key: str) -> Placed | None:
        """The value of a key, or None."""
        return next((value for name, value in self.pairs if name.value == key), None)


Placed: TypeAlias = PlacedValue | PlacedList | PlacedMap


def placed(text: str) -> Placed:
    """The root of a text that `smoke.scenario.source.parse` has taken: its depth and its size are bounded."""
    events = iter(yaml.CSafeLoader(text).get_event, None)
    for event in events:
        if isinstance(event, (ScalarEvent, MappingStartEvent, SequenceStartEvent)):
            return _node(event, events, text)
    return PlacedValue(None, 0, 0)


def _node(event: yaml.Event, events: Iterator[yaml.Event], text: str) -> Placed:
    start, end = event.start_mark, event.end_mark
    assert start is not None and end is not None  # noqa: PT018  (the C parser always marks)
    if isinstance(event, ScalarEvent):
        known = not event.style and event.tag is None
        value = resolve(event.value)[0] if known else event.value
        until = end.index
        while event.style in {"|", ">"} and until > start.index and text[until - 1].isspace():
            until -= 1
        return PlacedValue(value, start.index, until)
    if isinstance(event, AliasEvent):
        return PlacedValue(None, start.index, end.index, event.anchor or "*")
    inner: list[Placed] = []
    last = event
    for each in events:
        last = each
        if isinstance(each, CollectionEndEvent):
            break
        inner.append(_node(each, events, text))
    flow = bool(getattr(event, "flow_style", False))
    closed = last.end_mark.index if last.end_mark is not None else end.index
    until = closed if flow or not inner else inner[-1].end
    if isinstance(event, SequenceStartEvent):
        return PlacedList(tuple(inner), start.index, until, flow, start.column)
    pairs = tuple(
        (PlacedValue(_key(key, text), key.start, key.end), value)
        for key, value in zip(inner[::2], inner[1::2], strict=True)
    )
    return PlacedMap(pairs, start.index, until, flow, start.column)


def _key(node: Placed, text: str) -> str:
    """A key is a text, however it looks."""
    written = text[node.start : node.end]
    value = node.value if isinstance(node, PlacedValue) else None
    return value if isinstance(value, str) else written


def bare(node: Placed) -> JsonValue:
    """The value without its places."""
    if isinstance(node, PlacedValue):
        return f"*{node.alias}" if node.alias else node.value
    if isinstance(node, PlacedList):
        return [bare(each) for each in node.items]
    return {str(key.value): bare(value) for key, value in node.pairs}


_COMMENT = re.compile(r"(?:(?<=\s)|\A)#[^\r\n]*", re.MULTILINE)


def comments(text: str, node: Placed) -> list[tuple[int, int]]:
    """Where the comments of a text stand: what begins so within a value is none."""
    taken = sorted(_values(node))
    found, at = [], 0
    for hit in _COMMENT.finditer(text):
        while at < len(taken) and taken[at][1] <= hit.start():
            at += 1
        if at == len(taken) or not taken[at][0] <= hit.start():
            found.append((hit.start(), hit.end()))
    return found


def _values(node: Placed) -> Iterator[tuple[int, int]]:
    if isinstance(node, PlacedValue):
        yield node.start, node.end
    elif isinstance(node, PlacedList):
        for each in node.items:
            yield from _values(each)
    else:
        for key, value in node.pairs:
            yield key.start, key.end
            yield from _values(value)


def line_start(text: str, at: int) -> int:
    """Where the line of a place begins."""
    return text.rfind("\n", 0, at) + 1


def line_end(text: str, at: int) -> int:
    """Behind the line of a place, its end included."""
    found = text.find("\n", at)
    return len(text) if found < 0 else found + 1


def line_of(text: str, at: int) -> int:
    """The number of the line of a place."""
    return text.count("\n", 0, at) + 1
