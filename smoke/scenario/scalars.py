"""The value of a plain YAML scalar by the 1.2 core schema (YAML 1.2.2, 10.3.2)."""

from __future__ import annotations

import re

from smoke.model.run import JsonValue

_INT = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEX = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NUMERIC = frozenset("+-.0123456789")
_WORDS: dict[str, JsonValue] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_MAX_DIGITS = 1000
_INFINITY = float("inf")


def resolve(text: str) -> tuple[JsonValue, bool]:
    """The value of a plain scalar, and whether it is written as that value would be.

    `0712345678` is the number 712345678, which is written otherwise: whoever wrote a phone number has lost a digit.
    """
    if text in _WORDS:
        return _WORDS[text], True
    if text[0] not in _NUMERIC or len(text) > _MAX_DIGITS:
        return text, True
    if _INT.fullmatch(text):
        number = int(text)
        return number, str(number) == text
    if _OCTAL.fullmatch(text):
        return int(text, 8), False
    if _HEX.fullmatch(text):
        return int(text, 16), False
    if _FLOAT.fullmatch(text):
        decimal = float(text)
        # no JSON can say infinity
        return (text, True) if abs(decimal) == _INFINITY else (decimal, str(decimal) == text)
    return text, True
