"""Numbers that keep their spelling: `1.10` read from a file or an answer is written as `1.10` again.

A binary fraction cannot say how it was written, and `1.1` is another version, another price in a form's text. Compared,
they are numbers all the same: 1.10 equals 1.1.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, Self

from smoke.model.run import JsonValue


class WrittenNumber(float):
    """A number and how it was written (`written`), where that is not how Python would write its value."""

    written: str

    def __new__(cls, written: str) -> Self:
        """The number that a JSON number (RFC 8259, 6) means. Raises ValueError for a text that is none."""
        number = super().__new__(cls, written)
        number.written = written
        return number

    def __repr__(self) -> str:
        return self.written

    __str__ = __repr__

    def __reduce__(self) -> tuple[type[Self], tuple[str]]:
        return type(self), (self.written,)


def fraction(written: str) -> float:
    """The number of a JSON number with a fraction or an exponent, which keeps its spelling."""
    number = float(written)
    return number if repr(number) == written else WrittenNumber(written)


def integer(written: str) -> int | float:
    """The number of a JSON number without them; `-0` is one that an int cannot write."""
    number = int(written)
    return number if written != "-0" else WrittenNumber(written)


def _no_constant(word: str) -> JsonValue:
    raise ValueError(f"{word} is not JSON")


def loads(text: str | bytes) -> Any:
    """A JSON document whose numbers keep their spelling. Raises ValueError for what is none, NaN too."""
    return json.loads(text, parse_float=fraction, parse_int=integer, parse_constant=_no_constant)


def same(left: Any, right: Any) -> bool:
    """Equality of JSON values: 1 and 1.0 are equal, 1 and "1" are not, true is no number; every digit counts."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(
            same(left[key], value) for key, value in right.items()
        )
    return bool(exact(left) == exact(right))


def exact(value: Any) -> Any:
    """A number as it is written, digit by digit, to be compared; anything else as it is."""
    if not isinstance(value, float) or not math.isfinite(value):
        return value
    try:
        return Decimal(str(value))
    except InvalidOperation:  # an exponent beyond all bounds: as near as a float comes
        return float(value)


def json_text(
    value: Any, *, ascii_only: bool = False, spaced: bool = False, indent: int | None = None
) -> str:
    """The value as JSON, numbers as they were written. Raises ValueError for what JSON cannot say (NaN).

    On one line, compact unless `spaced`; with `indent`, over many. Texts are escaped to ASCII if `ascii_only`.
    """
    marks = (", ", ": ") if spaced else (",", ":" if indent is None else ": ")
    if not has_written(value):
        return json.dumps(
            value, ensure_ascii=ascii_only, allow_nan=False, separators=marks, indent=indent
        )
    return "".join(_Writer(marks, indent, ascii_only=ascii_only).pieces(value, 0))


def has_written(value: Any) -> bool:
    """Whether a number that keeps its spelling is anywhere in a JSON value."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        kind = type(item)
        if kind is WrittenNumber:
            return True
        if kind is list or kind is tuple:
            waiting.extend(item)
        elif kind is dict:
            waiting.extend(item.values())
    return False


class _Writer:
    """The C encoder writes every float by its value: this one asks the numbers."""

    def __init__(self, marks: tuple[str, str], indent: int | None, *, ascii_only: bool) -> None:
        self._comma, self._colon = marks
        self._indent = indent
        self._ascii = ascii_only

    def pieces(self, value: Any, depth: int) -> Iterator[str]:
        """The text in pieces. The readers have bounded the depth."""
        if isinstance(value, WrittenNumber):
            yield value.written
        elif isinstance(value, (list, tuple)) and value:
            yield from self._inside("[", ((None, item) for item in value), "]", depth)
        elif isinstance(value, dict) and value:
            yield from self._inside("{", value.items(), "}", depth)
        else:
            yield self._plain(value)

    def _inside(self, begin: str, items: Any, end: str, depth: int) -> Iterator[str]:
        mark = begin + self._line(depth + 1)
        for key, item in items:
            yield mark
            if key is not None:
                yield self._plain(key) + self._colon
            yield from self.pieces(item, depth + 1)
            mark = self._comma + self._line(depth + 1)
        yield self._line(depth) + end

    def _line(self, depth: int) -> str:
        return "" if self._indent is None else "\n" + " " * (self._indent * depth)

    def _plain(self, value: Any) -> str:
        return json.dumps(value, ensure_ascii=self._ascii, allow_nan=False)
