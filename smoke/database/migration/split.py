"""SQL text to statements with their places, also where the text is not valid SQL.

PostgreSQL's own parser says where statements end when it accepts the whole text. This splitter is for text that it
refuses, and for what psql and migration tools put between statements: meta-commands, COPY data, down sections.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Piece:
    """One statement's text, its first line (from 1), and why it is no SQL of the migration if it is none.

    `aside` is "down" after a marker such as `-- migrate:down`, "psql" for a meta-command, "" for SQL.
    """

    sql: str
    line: int
    aside: str = ""


_DOWN = re.compile(
    r"--[ \t]*(?:migrate:down|\+goose[ \t]+down|\+migrate[ \t]+down|//@undo|==== down ====|down migration\b"
    r"|\+(?:micrate|duck)[ \t]+down|rambler[ \t]+down|-- create above / drop below ----)",
    re.IGNORECASE,
)
_UP = re.compile(
    r"--[ \t]*(?:migrate:up|\+goose[ \t]+up|\+migrate[ \t]+up|\+(?:micrate|duck)[ \t]+up|rambler[ \t]+up)",
    re.IGNORECASE,
)
_DOLLAR = re.compile(r"\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$")
_WORD = re.compile(r"[A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*")
_COPY = re.compile(r"copy\b[^;]*\bfrom\s+stdin\b", re.IGNORECASE)


def split(text: str) -> list[Piece]:
    """The statements of a script in order; comments and blanks around them are left out."""
    return _Splitter(text).pieces()


class _Splitter:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.line = 1
        self.counted = 0
        self.start: int | None = None
        self.end = 0
        self.down = False
        self.found: list[Piece] = []
        self.parens = 0
        self.blocks = 0
        self.word = ""

    def pieces(self) -> list[Piece]:
        text, size = self.text, len(self.text)
        while self.at < size:
            character = text[self.at]
            if character == "-" and text.startswith("--", self.at):
                self._comment()
            elif character == "/" and text.startswith("/*", self.at):
                self.at = _nested_comment(text, self.at)
            elif character in "\"'":
                self._token(_quoted(text, self.at, escapes=self._escapes(character)))
            elif character == "$" and (found := _DOLLAR.match(text, self.at)):
                close = text.find(found[0], found.end())
                self._token(size if close < 0 else close + len(found[0]))
            elif character == "\\":  # outside quotes it is psql's: what stands before it ends there
                self._finish()
                self._meta_command()
            elif character == ";" and not self.parens and not self.blocks:
                self._finish()
                self.at += 1
            elif character.isspace():
                self.at += 1
            elif word := _WORD.match(text, self.at):
                self._keyword(word[0].lower())
                self._token(word.end())
            else:
                self.parens += (character == "(") - (character == ")")
                self.parens = max(self.parens, 0)
                self._token(self.at + 1)
        self._finish()
        return self.found

    def _token(self, end: int) -> None:
        if self.start is None:
            self.start = self.at
        self.at = self.end = end

    def _escapes(self, quote: str) -> bool:
        before = self.text[max(0, self.at - 2) : self.at]
        return quote == "'" and before[-1:] in ("e", "E") and not before[:-1].isalnum()

    def _comment(self) -> None:
        end = self.text.find("\n", self.at)
        end = len(self.text) if end < 0 else end
        comment = self.text[self.at : end]
        if _DOWN.match(comment):
            self._finish()
            self.down = True
        elif _UP.match(comment):
            self._finish()
            self.down = False
        self.at = end

    def _keyword(self, word: str) -> None:
        # BEGIN ATOMIC … END and CASE … END hold semicolons that end nothing
        if (word == "atomic" and self.word == "begin") or (self.blocks and word == "case"):
            self.blocks += 1
        elif self.blocks and word == "end":
            self.blocks -= 1
        self.word = word

    def _meta_command(self) -> None:
        end = self.text.find("\n", self.at)
        end = len(self.text) if end < 0 else end
        self.found.append(Piece(self.text[self.at : end].strip(), self._line(self.at), "psql"))
        self.at = end

    def _finish(self) -> None:
        if self.start is not None:
            sql = self.text[self.start : self.end]
            self.found.append(Piece(sql, self._line(self.start), "down" if self.down else ""))
            if _COPY.match(sql):
                close = re.compile(r"^\\\.[ \t\r]*$", re.MULTILINE).search(self.text, self.at)
                if close:
                    self.at = close.end() - 1
        self.start, self.parens, self.blocks, self.word = None, 0, 0, ""

    def _line(self, position: int) -> int:
        self.line += self.text.count("\n", self.counted, position)
        self.counted = position
        return self.line


def _quoted(text: str, start: int, *, escapes: bool) -> int:
    quote, at = text[start], start + 1
    while at < len(text):
        if escapes and text[at] == "\\":
            at += 2
        elif text[at] == quote:
            if text[at + 1 : at + 2] != quote:
                return at + 1
            at += 2
        else:
            at += 1
    return len(text)


def _nested_comment(text: str, start: int) -> int:
    depth, at = 0, start
    pattern = re.compile(r"/\*|\*/")
    while found := pattern.search(text, at):
        depth += 1 if found[0] == "/*" else -1
        at = found.end()
        if not depth:
            return at
    return len(text)
