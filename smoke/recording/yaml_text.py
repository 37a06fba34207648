"""YAML of plain values, with comments: what `smoke.scenario` reads back as the same values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from smoke.model.numbers import json_text
from smoke.scenario.scalars import resolve

_PLAIN = re.compile(r"[A-Za-z_$/][A-Za-z0-9_$./-]*(?: [A-Za-z0-9_$./-]+){0,20}\Z")
_ESCAPED = re.compile(r"[\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff\ufeff]")


class Said(Struct, frozen=True):
    """A value, and the comment that stands at its line."""

    value: Any
    comment: str


def dump(value: Mapping[str, Any]) -> str:
    """The text of a document. Values may be `Said`."""
    return "\n".join(_mapping(value, "")) + "\n"


def flow_text(value: Any) -> str:
    """A value on one line, between braces or brackets where it holds others."""
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{_text(key)}: {flow_text(each)}' for key, each in value.items())}}}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{', '.join(map(flow_text, value))}]"
    return _scalar(value)


def comment_lines(text: str, indent: str = "") -> list[str]:
    """A comment of several lines, each behind its sign."""
    return [f"{indent}# {line}".rstrip() for line in text.splitlines()]


def _mapping(value: Mapping[str, Any], indent: str) -> Iterator[str]:
    for key, item in value.items():
        yield from _entry(f"{indent}{_text(key)}:", item, indent)


def _entry(head: str, item: Any, indent: str) -> Iterator[str]:
    """The lines of a value behind its key."""
    comment = ""
    if isinstance(item, Said):
        item, comment = item.value, f" # {' '.join(_clean(item.comment).split())}"
    inner = f"{indent}  "
    if isinstance(item, Mapping) and item:
        yield f"{head}{comment}"
        yield from _mapping(item, inner)
    elif isinstance(item, Sequence) and not isinstance(item, str) and item:
        yield f"{head}{comment}"
        for each in item:
            yield from _item(each, inner)
    else:
        yield f"{head} {_scalar(item)}{comment}"


def _item(value: Any, indent: str) -> Iterator[str]:
    """The lines of an item of a list: its first one carries the dash."""
    comment = ""
    if isinstance(value, Said):
        value, comment = value.value, value.comment
    if comment:
        yield from comment_lines(_clean(comment), indent)
    if isinstance(value, Mapping) and value:
        lines = _mapping(value, f"{indent}  ")
    elif isinstance(value, Sequence) and not isinstance(value, str) and value:
        lines = (line for each in value for line in _item(each, f"{indent}  "))
    else:
        lines = iter([f"{indent}  {_scalar(value)}"])
    for number, line in enumerate(lines):
        yield f"{indent}- {line[len(indent) + 2 :]}" if number == 0 else line


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        return "{}"
    if isinstance(value, Sequence):
        return "[]"
    return json_text(value)


def _text(value: str) -> str:
    """Plain where it stays the text that it is, or else in double quotes."""
    if _PLAIN.match(value) and resolve(value)[0] == value:
        return value
    quoted = json.dumps(value, ensure_ascii=False)
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)


def _clean(text: str) -> str:
    """A comment without what no YAML may hold."""
    return "".join(char if char.isprintable() or char == "\n" else "?" for char in text)
