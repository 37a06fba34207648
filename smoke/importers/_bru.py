"""Bruno's language: blocks in braces, of pairs or of text."""

from __future__ import annotations

import re

from msgspec import Struct

_OPENS = re.compile(r"([a-z][a-z0-9:-]{0,60})[ \t]*([{\[])[ \t]*\Z")
_LIST = re.compile(r"([a-z][a-z0-9:-]{0,60})[ \t]*\[([^\]\n]*)\][ \t]*\Z")
_PAIR = re.compile(
    r"\s*(~?)(@?)(?:\"((?:[^\"\\]|\\.){0,200})\"|([^\s:~][^:\n]{0,200}?))[ \t]*:(?!:)[ \t]*(.*)\Z"
)
_TEXTS = ("body", "script", "tests", "docs", "example")


class BruBlock(Struct):
    """A block: its name, the number of its first line, and its pairs with their lines, or its text."""

    name: str
    line: int
    pairs: list[tuple[str, str, int]] = []
    text: str = ""


def bru_blocks(text: str) -> tuple[list[BruBlock], list[str]]:
    """The blocks of a file, and the lines that belong to none."""
    lines, found, unread, at = text.split("\n"), [], [], 0
    while at < len(lines):
        line = lines[at].rstrip()
        opened, listed = _OPENS.match(line), _LIST.match(line)
        at += 1
        if listed:
            found.append(BruBlock(listed[1], at, text=listed[2]))
        elif opened:
            end = next(
                (each for each in range(at, len(lines)) if lines[each].rstrip() in {"}", "]"}),
                len(lines),
            )
            if end == len(lines):
                unread.append(f"line {at}: the block '{opened[1]}' is never closed")
            block = BruBlock(opened[1], at, [], "")
            if _is_text(opened[1]) or opened[2] == "[":
                block.text = "\n".join(each.removeprefix("  ") for each in lines[at:end])
            else:
                unread += _pairs(block, lines[at:end], at)
            found.append(block)
            at = end + 1
        elif line.strip():
            unread.append(f"line {at}: it belongs to no block")
    return found, unread


def _is_text(name: str) -> bool:
    return name.split(":", maxsplit=1)[0] in _TEXTS and name not in {
        "body:form-urlencoded",
        "body:multipart-form",
        "body:file",
    }


def _pairs(block: BruBlock, lines: list[str], before: int) -> list[str]:
    """Fill a block's pairs; those that are switched off do not count. What is no pair is returned."""
    unread, at = [], 0
    while at < len(lines):
        line, number = lines[at], before + at + 1
        at += 1
        pair = _PAIR.match(line)
        if not line.strip() or line.lstrip().startswith(("#", "@description")):
            continue
        if not pair:
            unread.append(f"line {number}: it is no 'name: value'")
            continue
        value = pair[5].strip()
        if value == "'''":
            end = next(
                (each for each in range(at, len(lines)) if lines[each].strip() == "'''"), len(lines)
            )
            value, at = "\n".join(each.strip() for each in lines[at:end]), end + 1
        if not pair[1]:
            key = pair[3] if pair[3] is not None else pair[4]
            block.pairs.append((key.strip(), value, number))
    return unread
