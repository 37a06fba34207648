"""The value of a plain YAML scalar by the 1.2 core schema (YAML 1.2.2, 10.3.2)."""

from __future__ import annotations

import re

from smoke.model.numbers import fraction, integer
from smoke.model.run import JsonValue

_INT = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEX = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_JSON = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")  # RFC 8259, 6
_NUMERIC = frozenset("+-.0123456789")
_WORDS: dict[str, JsonValue] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_MAX_DIGITS = 1000
_INFINITY = float("inf")


def resolve(text: str) -> tuple[JsonValue, bool]:
    """The value of a plain scalar, and whether it can be sent as it is written.

    `1.10` keeps its spelling wherever it goes. `0712345678`, `+49`, `0x1F` and `.5` mean numbers that no JSON writes so:
    whoever wrote a phone number would lose a digit.
    """
    if text in _WORDS:
        return _WORDS[text], True
    if text[0] not in _NUMERIC or len(text) > _MAX_DIGITS:
        return text, True
    if _INT.fullmatch(text):
        return integer(text), _JSON.fullmatch(text) is not None
    if _OCTAL.fullmatch(text):
        return int(text, 8), False
    if _HEX.fullmatch(text):
        return int(text, 16), False
    if _FLOAT.fullmatch(text):
        decimal = fraction(text)
        # no number is that large: an id such as 12e4567, or a mistake that shows where it arrives
        as_written = _JSON.fullmatch(text) is not None
        return (text, True) if abs(decimal) == _INFINITY else (decimal, as_written)
    return text, True
