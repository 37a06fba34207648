"""JavaScript of request tools, cut into its statements with their lines. Nothing is run, and no grammar is known: brackets, quotes, comments."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

_OPENS = re.compile(r"(?:=>|\bfunction\b[^()]{0,80}\([^()]{0,400}\))\s{0,20}\Z")
_TRANSPARENT = re.compile(
    r"\(?\s*(?:(?:await\s+)?(?:pm\.|client\.|insomnia\.|bru\.)?(?:test|it|describe)\s*\(|(?:async\s+)?function\s*\(|\(\)\s*=>)"
)
"""Callbacks that are carried out once and at once."""
_GOES_ON = re.compile(r"\s*(?:[.?:,+*/)\]=&|]|-[^-])")
_PAIRS = {"(": ")", "[": "]", "{": "}"}


class ScriptStatement(Struct, frozen=True):
    """One statement on one line, as text without comments; `inside` is the condition that it hangs on, if any."""

    text: str
    line: int
    inside: str = ""


def statements(script: str) -> Iterator[ScriptStatement]:
    """The statements of a script; those of callbacks stand by themselves, behind the call that takes the callback."""
    yield from _Cutter(script).run()


class _Cutter:
    def __init__(self, script: str) -> None:
        self._text = script
        self._at = 0
        self._line = 1
        self._buffer: list[str] = []
        self._start = 1
        self._open: list[str] = []
        """Brackets that are open: `f` is the brace of a callback, `t` that of `try`, `c` of what is done under a condition, with its text behind it."""

    def run(self) -> Iterator[ScriptStatement]:
        while self._at < len(self._text):
            char = self._text[self._at]
            if char in "\"'`":
                self._quoted(char)
            elif self._text.startswith(("//", "/*"), self._at) and not self._is_pattern():
                self._comment()
            elif char == "/" and self._is_pattern():
                self._quoted("/")
            else:
                yield from self._sign(char)
        yield from self._flush()

    def _sign(self, char: str) -> Iterator[ScriptStatement]:
        self._step()
        if char == "{":
            yield from self._brace()
        elif char in "([":
            self._open.append(char)
            self._add(char)
        elif char in ")]}":
            yield from self._close(char)
        elif char == ";" and not self._is_deep():
            yield from self._flush()
        elif char == "\n":
            if not self._is_deep() and not _GOES_ON.match(self._text[self._at : self._at + 200]):
                yield from self._flush()
            else:
                self._add(" ")
        else:
            self._add(char)

    def _brace(self) -> Iterator[ScriptStatement]:
        before = "".join(self._buffer).strip()
        if _OPENS.search(before):
            self._add("{")
            yield from self._flush()
            self._open.append("f" if _TRANSPARENT.match(before) else f"c{before[:120]}")
        elif not self._is_deep() and re.match(
            r"(?:else\s+)?(?:if|for|while|switch)\b|else\Z|try\Z|catch\b|finally\Z|do\Z", before
        ):
            self._add("{")
            yield from self._flush()
            self._open.append("t" if before == "try" else f"c{before[:120]}")
        else:
            self._open.append("{")
            self._add("{")

    def _close(self, char: str) -> Iterator[ScriptStatement]:
        opened = self._open.pop() if self._open else ""
        if opened[:1] in {"f", "c", "t"} and char == "}":
            yield from self._flush()
            return
        self._add(char)

    def _is_deep(self) -> bool:
        """Whether a bracket is open that belongs to the statement itself."""
        return bool(self._open) and self._open[-1] in _PAIRS

    def _flush(self) -> Iterator[ScriptStatement]:
        text = " ".join("".join(self._buffer).split())
        inside = next((each[1:] for each in reversed(self._open) if each[:1] == "c"), "")
        self._buffer = []
        if text.strip(" ;)}(,"):
            yield ScriptStatement(text, self._start, inside)

    def _add(self, text: str) -> None:
        if not self._buffer and text.strip():
            self._start = self._line
        if self._buffer or text.strip():
            self._buffer.append(text)

    def _step(self) -> str:
        char = self._text[self._at]
        self._at += 1
        self._line += char == "\n"
        return char

    def _quoted(self, sign: str) -> None:
        line, begin = self._line, self._at
        self._step()
        while self._at < len(self._text):
            char = self._step()
            if char == "\\" and self._at < len(self._text):
                self._step()
            elif char == sign or (char == "\n" and sign != "`"):
                break
        if not self._buffer:
            self._start = line
        self._buffer.append(self._text[begin : self._at])

    def _comment(self) -> None:
        ends = "\n" if self._text.startswith("//", self._at) else "*/"
        end = self._text.find(ends, self._at + 2)
        end = len(self._text) if end < 0 else end + (0 if ends == "\n" else 2)
        self._line += self._text.count("\n", self._at, end)
        self._at = end

    def _is_pattern(self) -> bool:
        """Whether a slash begins a regular expression: it stands where a value is wanted."""
        if self._text[self._at + 1 : self._at + 2] in {"/", "*"}:
            return False
        before = "".join(self._buffer[-3:]).rstrip()
        return before.endswith(("(", ",", "=", ":", "[", "!", "&", "|"))
