"""Literals, brackets and arguments of JavaScript, as far as the scripts of request tools use them."""

from __future__ import annotations

import json
import re
from typing import Any

UNKNOWN = object()
"""An expression whose value is not to be had."""


def literal(text: str) -> Any:
    """The value of a literal of JavaScript that is one of JSON too, or a text in other quotes; None for anything else."""
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'`" and "${" not in text:
        inner = text[1:-1]
        if text[0] in re.sub(r"\\.", "", inner):
            return None
        text = '"' + re.sub(r'\\(.)|"', _escaped, inner).replace("\n", "\\n") + '"'
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    try:
        loose = re.sub(r"([{,]\s*)([A-Za-z_$][\w$]*)(\s*:)", r'\1"\2"\3', text)
        return json.loads(loose.replace("'", '"') if '"' not in text else loose)
    except (ValueError, RecursionError):
        return None


def _escaped(found: re.Match[str]) -> str:
    if found[0] == '"':
        return '\\"'
    return found[1] if found[1] in "'`" else found[0]


def literal_or_unknown(text: str) -> Any:
    """As `literal`, but with `UNKNOWN` for what is no literal, so that null is a value."""
    found = literal(text)
    return UNKNOWN if found is None and text.strip() != "null" else found


def closing(text: str, at: int) -> int:
    """Where the bracket closes that is open before `at`; -1 where none does."""
    depth, quote = 1, ""
    while at < len(text):
        char = text[at]
        if quote:
            if char == "\\":
                at += 1
            elif char == quote:
                quote = ""
        elif char in "\"'`":
            quote = char
        elif char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
            if not depth:
                return at
        at += 1
    return -1


def split_arguments(text: str) -> list[str]:
    """The arguments of a call."""
    found, begin, at = [], 0, 0
    while at < len(text):
        if text[at] in "\"'`([{":
            end = closing(text, at + 1) if text[at] in "([{" else _end_of_text(text, at)
            at = len(text) if end < 0 else end
        elif text[at] == ",":
            found.append(text[begin:at])
            begin = at + 1
        at += 1
    rest = text[begin:]
    return [*found, rest] if rest.strip() else found


def _end_of_text(text: str, at: int) -> int:
    quote = text[at]
    at += 1
    while at < len(text):
        if text[at] == "\\":
            at += 1
        elif text[at] == quote:
            return at
        at += 1
    return -1
