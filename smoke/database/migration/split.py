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
_LETTERS = r"A-Za-z_\u0080-\uffff"
_IN_WORD = rf"[{_LETTERS}0-9$]"
_TELLING = re.compile(
    rf"--|/\*|[\"'\\;()]|(?<![{_LETTERS}])\$|(?<!{_IN_WORD})(?:begin|atomic|case|end)(?!{_IN_WORD})",
    re.IGNORECASE | re.ASCII,
)
"""What may begin or end something; all that stands between is looked at no closer."""
_NAME = re.compile(rf"[{_LETTERS}]{_IN_WORD}{{0,63}}\Z")
_REST = re.compile(f"{_IN_WORD}+")
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
        while found := _TELLING.search(text, self.at):
            before = text[max(self.at, found.start() - 64) : found.start()]
            self._plain(found.start())
            told = found[0]
            if told == "--":
                self._comment()
            elif told == "/*":
                self.at = _nested_comment(text, self.at)
            elif told in "\"'":
                self._token(_quoted(text, self.at, escapes=self._escapes(told)))
            elif told == "$":
                self._dollar(before)
            elif told == "\\":  # outside quotes it is psql's: what stands before it ends there
                self._finish()
                self._meta_command()
            elif told == ";" and not self.parens and not self.blocks:
                self._finish()
                self.at += 1
            else:
                self.parens = max(self.parens + (told == "(") - (told == ")"), 0)
                if told.isalpha():
                    self._keyword(told.lower())
                self._token(found.end())
        self._plain(size)
        self._finish()
        return self.found

    def _dollar(self, before: str) -> None:
        """A quote, a parameter, or a part of a name."""
        if _NAME.search(before):
            rest = _REST.match(self.text, self.at)
            self._token(rest.end() if rest else self.at + 1)
        elif quote := _DOLLAR.match(self.text, self.at):
            close = self.text.find(quote[0], quote.end())
            self._token(len(self.text) if close < 0 else close + len(quote[0]))
        else:
            self._token(self.at + 1)

    def _plain(self, end: int) -> None:
        """Go on to `end`, over text that is part of a statement, or blank."""
        text = self.text[self.at : end]
        if not text.isspace() and text:
            if self.start is None:
                self.start = end - len(text.lstrip())
            self.end = self.at + len(text.rstrip())
            self.word = ""
        self.at = end

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
