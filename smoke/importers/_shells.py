"""Command lines to words: the quoting of bash, cmd and PowerShell, as far as a copied command uses it. Nothing is run."""

from __future__ import annotations

import re

from msgspec import Struct

from smoke.diagnostic import SmokeError, Span

_CMD = re.compile(r"\^\r?\n|(?<!\[)\^\"")  # [^"] is of a regular expression
_POWERSHELL = re.compile(r"`\r?\n|(?m:^\s*curl\.exe\b)")
_SIMPLE = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", '"': '"', "a": "\a", "b": "\b", "f": "\f", "v": "\v", "e": "\x1b", "0": "\0"}  # fmt: skip
_HEX = re.compile(r"x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{1,4})|U([0-9A-Fa-f]{1,8})")

_NAMED = re.compile(r"\$(?:\{([A-Za-z_][A-Za-z0-9_]{0,63})\}|([A-Za-z_][A-Za-z0-9_]{0,63}))")


class ShellWord(Struct, frozen=True):
    """One word of a command, and the line on which it begins."""

    text: str
    line: int


def is_posix(text: str) -> bool:
    """Whether a text is for bash and its like, and not for cmd or PowerShell."""
    return not (_CMD.search(text) or _POWERSHELL.search(text))


def commands(text: str, source: str, names: frozenset[str] = frozenset()) -> list[list[ShellWord]]:
    """The commands of a text, each as its words. Raises SmokeError for a quote that nobody closes.

    References to variables of these names are marked (`_shell_variables.REFERENCE`) in texts for a POSIX shell.
    """
    if _CMD.search(text):
        return _Reader(_without_carets(text), source, escape="", ends="\n&").commands()
    if _POWERSHELL.search(text):
        return _Reader(text, source, escape="`", ends="\n;").commands()
    return _Reader(text, source, escape="\\", ends="\n;&", names=names).commands()


def _without_carets(text: str) -> str:
    """What cmd hands on: a caret before the end of a line joins it with the next, whose first character it quotes."""
    return re.sub(r"\^(?:\r?\n)?(.|\n)?", lambda found: found[1] or "", text)


class _Reader:
    """Reads words. `escape` is the character that quotes the next one, empty for the rules of Windows' programs."""

    def __init__(
        self,
        text: str,
        source: str,
        *,
        escape: str,
        ends: str,
        names: frozenset[str] = frozenset(),
    ) -> None:
        self._names = names
        self._text = text
        self._source = source
        self._escape = escape
        self._ends = ends
        self._at = 0
        self._line = 1

    def commands(self) -> list[list[ShellWord]]:
        found: list[list[ShellWord]] = [[]]
        while self._at < len(self._text):
            char = self._text[self._at]
            if char in self._ends:
                self._take()
                found.append([])
            elif char in " \t\r":
                self._take()
            elif char == "#" and not found[-1]:
                self._skip_line()
            elif (
                self._text.startswith((f"{self._escape}\n", f"{self._escape}\r\n"), self._at)
                and self._escape
            ):
                while self._take() != "\n":
                    pass
            else:
                line = self._line
                found[-1].append(ShellWord(self._word(), line))
        return [command for command in found if command]

    def _take(self) -> str:
        char = self._text[self._at]
        self._at += 1
        self._line += char == "\n"
        return char

    def _skip_line(self) -> None:
        while self._at < len(self._text) and self._text[self._at] != "\n":
            self._take()

    def _word(self) -> str:
        made: list[str] = []
        while self._at < len(self._text):
            char = self._text[self._at]
            if char in " \t\r" or char in self._ends:
                break
            if char == "'" and self._escape:
                self._take()
                made.append(self._single())
            elif (
                char == "$"
                and self._text[self._at + 1 : self._at + 2] == "'"
                and self._escape == "\\"
            ):
                self._at += 2
                made.append(self._ansi())
            elif char == "$" and (name := self._reference()):
                made.append(name)
            elif char == '"':
                self._take()
                made.append(self._double())
            elif char == self._escape:
                self._take()
                following = self._take() if self._at < len(self._text) else ""
                made.append("" if following == "\n" else following)
            else:
                made.append(self._take())
        return "".join(made)

    def _reference(self) -> str:
        """The mark of a variable of the script that stands here; empty for anything else."""
        found = _NAMED.match(self._text, self._at) if self._names else None
        name = (found[1] or found[2]) if found else ""
        if found is None or name not in self._names:
            return ""
        self._at = found.end()
        return f"\x02{name}\x03"

    def _single(self) -> str:
        line, made = self._line, []
        while True:
            char = self._inside(line)
            if char != "'":
                made.append(char)
            elif self._escape == "`" and self._text[self._at : self._at + 1] == "'":
                made.append(self._take())
            else:
                return "".join(made)

    def _double(self) -> str:
        line, made = self._line, []
        while True:
            if name := self._reference():
                made.append(name)
                continue
            char = self._inside(line)
            following = self._text[self._at : self._at + 1]
            if char == '"':
                if following == '"' and self._escape != "\\":
                    made.append(self._take())
                    continue
                return "".join(made)
            if char == "\\" and self._escape == "\\" and following and following in '"\\$`\n':
                self._take()
                made.append("" if following == "\n" else following)
            elif char == "\\" and not self._escape and following and following in '"\\':
                made.append(self._take())
            elif char == "`" and self._escape == "`" and following:
                made.append(
                    _SIMPLE.get(self._take(), following) if following in "nrt0" else self._take()
                )
            else:
                made.append(char)

    def _ansi(self) -> str:
        line, made = self._line, []
        while (char := self._inside(line)) != "'":
            if char != "\\":
                made.append(char)
                continue
            number = _HEX.match(self._text, self._at)
            if number:
                self._at = number.end()
                code = int(number[1] or number[2] or number[3], 16)
                made.append(chr(code) if code < 0x110000 else "\ufffd")
            else:
                escaped = self._inside(line)
                made.append(_SIMPLE.get(escaped, "\\" + escaped))
        return "".join(made)

    def _inside(self, line: int) -> str:
        if self._at >= len(self._text):
            span = Span(self._source, line, 1, line, 2)
            raise SmokeError.of(
                "cannot-read", "a quote that is opened on this line is never closed", span=span
            )
        return self._take()
