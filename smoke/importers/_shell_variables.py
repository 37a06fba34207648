"""Variables of a shell script with curl commands: `SKU=tea`, and `TOKEN=$(curl … | jq -r .token)`. Nothing is run."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from msgspec import Struct

ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]{0,63})=(.*)\Z", re.DOTALL)
_BEGINS = re.compile(
    r"^[ \t]*(?:export[ \t]+|readonly[ \t]+)?([A-Za-z_][A-Za-z0-9_]{0,63})=(\"?\$\((?=[ \t]*curl\b))?",
    re.MULTILINE,
)
REFERENCE = re.compile("\x02([A-Za-z_][A-Za-z0-9_]{0,63})\x03")
"""How a reader of words marks a reference to a variable that the script sets."""
_PATH = re.compile(r"(?:\.[A-Za-z_][A-Za-z0-9_]*|\.?\[[0-9]{1,6}\])+")
_JQ_OPTIONS = {"-r", "-e", "-j", "-re", "-er", "--raw-output", "--exit-status", "--join-output"}
_ONE_LINE = {("head", "-1"), ("head", "-n1"), ("head", "-n", "1")}


class ShellScript(Struct, frozen=True):
    """A text whose commands stand by themselves; `taken` has by line the variable that a command's output becomes."""

    text: str
    names: frozenset[str]
    taken: dict[int, str]


def script_of(text: str) -> ShellScript:
    """The script in a text: `NAME=$(` and its `)` are blanks, so that every line keeps its number."""
    names: set[str] = set()
    taken: dict[int, str] = {}
    parts: list[str] = []
    at = 0
    for found in _BEGINS.finditer(text):
        names.add(found[1])
        if not found[2] or found.start() < at:
            continue
        end = _closed(text, found.end())
        if end < 0:
            break  # as it stands: what is wrong with it is told by the reader of words
        quoted = found[2].startswith('"') and text[end + 1 : end + 2] == '"'
        taken[text.count("\n", 0, found.end()) + 1] = found[1]
        parts += [text[at : found.start()], " " * (found.end() - found.start())]
        parts += [text[found.end() : end], "  " if quoted else " "]
        at = end + (2 if quoted else 1)
    return ShellScript("".join([*parts, text[at:]]), frozenset(names), taken)


def _closed(text: str, at: int) -> int:
    """Where the parenthesis is closed that was opened before; -1 where it never is."""
    depth, quote = 1, ""
    while at < len(text):
        char = text[at]
        if char == "\\" and quote != "'":
            at += 1
        elif quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char in "()":
            depth += 1 if char == "(" else -1
            if not depth:
                return at
        at += 1
    return -1


def piped(words: Sequence[str]) -> list[list[str]]:
    """The commands of a pipe."""
    made: list[list[str]] = [[]]
    for word in words:
        if word == "|":
            made.append([])
        else:
            made[-1].append(word)
    return made


def taken_by(programs: Sequence[Sequence[str]]) -> Any:
    """The capture that takes what these programs behind curl's pipe take of an answer; None where that is not understood."""
    if not programs or any((*each,) not in _ONE_LINE for each in programs[1:]):
        return None
    name, *words = programs[0] or [""]
    if name == "jq":
        paths = [word for word in words if word not in _JQ_OPTIONS]
        whole = len(paths) == 1 and _PATH.fullmatch(paths[0]) and paths[0].startswith(".")
        return f"${paths[0].replace('.[', '[')}" if whole else None
    if name == "grep" and len(words) == 2 and re.fullmatch(r"-(?:oP|Po|oE|Eo)", words[0]):
        before, kept, after = words[1].rpartition("\\K")
        pattern = f"{before}({after})" if kept else words[1]
        try:
            groups = re.compile(pattern).groups
        except (re.error, RecursionError, OverflowError):
            return None
        return {"regex": pattern} if groups == bool(kept) else None
    return None
