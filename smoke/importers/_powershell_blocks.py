"""Where statements and blocks of PowerShell end, and what a condition asks of an answer."""

from __future__ import annotations

import re
from typing import Any

from msgspec import Struct

from smoke.importers._powershell import AnswerPart, NotUnderstoodError, PowerShellReader

_PASSED_OVER = re.compile(
    r"@'[ \t\r]*\n.*?\n'@|@\"[ \t\r]*\n.*?\n\"@|'[^']*'|\"(?:[^\"`]|`.)*\"|<\#.*?\#>|\#[^\n]*|`.",
    re.DOTALL,
)
_FAILS = re.compile(r"\b(?:throw|Write-Error|exit\s+[1-9])", re.IGNORECASE)
_COMPARED = re.compile(r"\s*-(i?eq|i?ne|gt|ge|lt|le|match|like)\b\s*", re.IGNORECASE)
_MATCHERS = {
    "ne": None,
    "eq": "not",
    "lt": "at_least",
    "le": "greater",
    "gt": "at_most",
    "ge": "less",
}
"""By the comparison that fails: the matcher of what does not."""
_FALSY = [None, False, 0, ""]


class AskedOf(Struct, frozen=True):
    """What a condition asks: of a part of an answer a matcher, or, without one, whether it holds."""

    part: AnswerPart | None = None
    matcher: Any = None
    holds: bool = False


def block_end(text: str, opened: int, end: int) -> int:
    """The place behind the bracket that closes the one at `opened`; `end` where none does."""
    if opened < 0:
        return end
    depth, at = 0, opened
    while at < end:
        passed = _PASSED_OVER.match(text, at, end)
        if passed:
            at = passed.end()
            continue
        depth += (text[at] in "({[") - (text[at] in ")}]")
        at += 1
        if not depth:
            return at
    return end


def statement_end(text: str, at: int, end: int) -> int:
    """The place at which a statement ends."""
    while at < end:
        passed = _PASSED_OVER.match(text, at, end)
        if passed:
            at = passed.end()
        elif text[at] in "({[":
            at = block_end(text, at, end)
        elif text[at] in "\n;}":
            return at
        elif text[at] == "|":
            blank = re.compile(r"\|\s*").match(text, at, end)
            at = blank.end() if blank else at + 1
        else:
            at += 1
    return end


def what_is_asked(reader: PowerShellReader, *, fails: str) -> AskedOf | None:
    """What a condition asks; `fails` is what is done where it holds. None where it is not understood."""
    failing = bool(_FAILS.search(fails))
    negated = re.compile(r"\s*(?:-not\b|!)\s*", re.IGNORECASE).match(reader.text)
    try:
        reader.at = negated.end() if negated else 0
        value = reader.term()
        found = _COMPARED.match(reader.text, reader.at)
        if found:
            reader.at = found.end()
            other = reader.term()
    except (NotUnderstoodError, RecursionError):
        return None
    if reader.text[reader.at :].strip():
        return None
    if not isinstance(value, AnswerPart):
        return AskedOf(holds=bool(value) is not bool(negated)) if not found else None
    if not found:
        if failing and negated:
            return AskedOf(value, {"not": {"one_of": _FALSY}})
        return None if failing else AskedOf(holds=not negated)
    sign = found[1].lower().removeprefix("i")
    if (
        negated
        or not failing
        or sign not in _MATCHERS
        or isinstance(other, (dict, list))
        or (isinstance(other, AnswerPart) and other.request == value.request)
    ):
        return None
    if isinstance(other, AnswerPart):
        other = reader.around.letters(other)
    matcher = _MATCHERS[sign]
    return AskedOf(value, other if matcher is None else {matcher: other})


def headers_of(reader: PowerShellReader, given: dict[str, Any]) -> list[tuple[str, str]]:
    """The headers of a command, by its parameters."""
    told = given.get("headers")
    if told is not None and not isinstance(told, dict):
        raise NotUnderstoodError("its headers are not known")
    headers = [(str(key), reader.as_text(value)) for key, value in (told or {}).items()]
    if "contenttype" in given:
        headers = [each for each in headers if each[0].lower() != "content-type"]
        headers.append(("content-type", reader.as_text(given["contenttype"])))
    if given.get("token") is not None:
        headers.append(("authorization", f"Bearer {reader.as_text(given['token'])}"))
    return headers
