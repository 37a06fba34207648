"""Text and JSON values with their secrets masked: messages, captures, what an expectation saw."""

from __future__ import annotations

import re

from msgspec.structs import replace

from smoke.model.numbers import json_text
from smoke.model.run import JsonValue, Mismatch, ValueDifference
from smoke.redact.keys import ValueKind, sensitive
from smoke.redact.masker import SHORTEST, mask_whole, mask_with
from smoke.redact.matches import mask_of
from smoke.redact.secrets import Secrets

_DEEPEST = 100
_MAX_BITS = 10_000
_CUT_AT = 120
"""Characters of a value that the words of a mismatch show."""
_LONGEST = 500
"""Characters that are kept of a value that differs."""
_LONGEST_NAME = 500
_ITEMS = re.compile(r"(?:\[[0-9*]{1,20}\])+$")
"""The places of items at the end of a path: what they are in has the name."""


def mask_bytes(data: bytes, secrets: Secrets) -> bytes:
    """The bytes with every secret masked."""
    return mask_whole(data, secrets, "")[0]


def mask_text(text: str, secrets: Secrets) -> str:
    """The text with every secret masked."""
    if len(text) < SHORTEST:
        return text
    return decoded(mask_bytes(text.encode("utf-8", "surrogatepass"), secrets))


def decoded(data: bytes) -> str:
    """The text again; where a mask took a part of a character the rest of it is shown as U+FFFD."""
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return data.decode("utf-8", "replace")


def mask_value(value: JsonValue, secrets: Secrets, *, depth: int = 0) -> JsonValue:
    """The JSON value with every secret in it masked; what lies deeper than a hundred levels is left out."""
    if isinstance(value, str):
        return mask_text(value, secrets)
    if isinstance(value, (bool, type(None))):
        return value
    if isinstance(value, int) and value.bit_length() > _MAX_BITS:
        return f"[a number of {value.bit_length()} bits]"
    if isinstance(value, (int, float)):
        text = repr(value)
        shown = mask_text(text, secrets)
        return value if shown == text else shown
    if depth >= _DEEPEST:
        return "[too deep]"
    if isinstance(value, list):
        return [mask_value(item, secrets, depth=depth + 1) for item in value]
    return {
        mask_text(key, secrets): _member(key, item, secrets, depth) for key, item in value.items()
    }


def mask_mismatch(mismatch: Mismatch, secrets: Secrets) -> Mismatch:
    """The mismatch with every secret masked, in what was expected too."""
    return replace(
        mismatch,
        path=mask_text(mismatch.path, secrets),
        expected=_member(mismatch.path, mismatch.expected, secrets, 0),
        actual=_member(mismatch.path, mismatch.actual, secrets, 0),
        message=_said(mismatch, secrets),
        unevaluated=mask_text(mismatch.unevaluated, secrets),
        differences=tuple(_masked_difference(each, secrets) for each in mismatch.differences),
    )


def _said(mismatch: Mismatch, secrets: Secrets) -> str:
    """The words with their secrets masked; what the path announces stands in them between quotes."""
    said = mask_text(mismatch.message, secrets)
    for value in (mismatch.expected, mismatch.actual):
        shown = _member(mismatch.path, value, secrets, 0)
        if isinstance(value, (str, int, float)) and value not in ("", shown):
            written = json_text(value)
            for part in (written, f"{written[:_CUT_AT]}…"):
                said = said.replace(part, json_text(shown))
    return said


def _masked_difference(each: ValueDifference, secrets: Secrets) -> ValueDifference:
    """One place with its secrets masked, by the name that it has too; what is large is cut only then."""
    name = _ITEMS.sub("", each.path[-_LONGEST_NAME:])
    return replace(
        each,
        path=mask_text(each.path, secrets)[:_LONGEST_NAME],
        expected=_bounded(_member(name, each.expected, secrets, 0)),
        actual=_bounded(_member(name, each.actual, secrets, 0)),
    )


def _bounded(value: JsonValue) -> JsonValue:
    text = value if isinstance(value, str) else json_text(value, spaced=True)
    return (
        value
        if len(text) <= _LONGEST
        else f"{text[:_LONGEST]}… (+{len(text) - _LONGEST} characters)"
    )


def _member(key: str, item: JsonValue, secrets: Secrets, depth: int) -> JsonValue:
    named = sensitive(key)
    if isinstance(item, int) and item.bit_length() > _MAX_BITS:
        return mask_value(item, secrets)
    if named is not None and isinstance(item, (str, int, float)) and not isinstance(item, bool):
        word, what = named
        if what is not ValueKind.CARD and item != "":
            return mask_of(word).decode()
        text = str(item)
        masked, _, count = mask_with(
            f'"{key}":"{text}"'.encode("utf-8", "replace"), secrets, "value"
        )
        if count:
            return masked.decode("utf-8", "replace")[len(key) + 4 : -1]
        return item
    return mask_value(item, secrets, depth=depth + 1)
