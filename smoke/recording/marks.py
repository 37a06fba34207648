"""What an import wrote, in a few letters at the end of its file: with them a later import tells what a person changed.

A mark is 24 bits of a digest of one value and its place. The values themselves are not kept a second time: what a person takes
out of the file is gone, and nobody reads it out of a mark.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from smoke.model.numbers import json_text
from smoke.recording.yaml_text import comment_lines

Where: TypeAlias = tuple[str | int, ...]
"""The keys and numbers that lead to a value within a step."""

_SAID = "Marks of what the import wrote: importing again tells by them what you changed. Leave them here."
_LINE = re.compile(r"^#: ?([A-Za-z0-9_-]*)[ \t\r]*$", re.MULTILINE)
_MARK = re.compile(r".{4}")
_MOST = 2_000
"""Values of one step that are marked; what stands behind them counts as a person's, and stays."""


def leaves(value: Any, at: Where = ()) -> Iterator[tuple[Where, Any]]:
    """The values in a document that hold no others, each with its place."""
    if isinstance(value, Mapping) and value:
        for key, each in value.items():
            yield from leaves(each, (*at, key))
    elif isinstance(value, Sequence) and not isinstance(value, str) and value:
        for index, each in enumerate(value):
            yield from leaves(each, (*at, index))
    else:
        yield at, value


def mark(at: Where, value: Any) -> str:
    """The mark of one value at its place."""
    written = f"{json_text(list(at))}\n{json_text(value)}".encode("utf-8", "surrogatepass")
    return base64.urlsafe_b64encode(hashlib.sha256(written).digest()[:3]).decode()


def marks_of(value: Any) -> list[str]:
    """The marks of a step, or of the head of a file."""
    return [mark(at, each) for at, each in leaves(value)]


def mark_lines(parts: Sequence[Any]) -> str:
    """The comment for the end of a file: its head, then its steps, a line for each."""
    lines = [f": {''.join(marks_of(part)[:_MOST])}" for part in parts]
    return "".join(
        f"{line}\n" for line in ["", *comment_lines(_SAID), *(f"#{each}" for each in lines)]
    )


def read_marks(text: str) -> list[frozenset[str]]:
    """The marks in a file, head first; nothing where it has none."""
    return [frozenset(_MARK.findall(hit[1])) for hit in _LINE.finditer(text)]


def without_marks(text: str) -> str:
    """A file without its marks, and without the sentence before them."""
    text = re.sub(
        rf"(?:^[ \t]*\r?\n)?^# {re.escape(_SAID)}[ \t\r]*(?:\n|\Z)", "", text, flags=re.MULTILINE
    )
    return re.sub(r"^#: ?[A-Za-z0-9_-]*[ \t\r]*(?:\n|\Z)", "", text, flags=re.MULTILINE)
