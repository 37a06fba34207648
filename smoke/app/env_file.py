"""Variables of the environment from files (`--env-file`), written as dotenv tools read them.

A reader of our own: the libraries for it drop a line that they cannot read, with its number in a log at the most, and put
other variables into values. Here nothing is left out and nothing expanded, a fault has its line and column, and no line of
such a file is ever quoted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

from smoke.app.value_files import read_value_file
from smoke.diagnostic import Diagnostic, Note, SmokeError, Span, nearest

_BLANK = re.compile(r"[ \t\f\v]*+(?:#[^\n]*+)?\n?")
_REST = re.compile(r"[^\n]*+")
_EXPORT = re.compile(r"[ \t]*+export[ \t]++")
_NAME = re.compile(r"[ \t]*+('?)([^\s=#'\"]{1,200})\1[ \t]*+(=?)[ \t]*+")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*+")
_COMMENT = re.compile(r"[ \t]#")
_SINGLE = re.compile(r"[^'\\]*+(?:\\[\s\S][^'\\]*+)*'")
_DOUBLE = re.compile(r'[^"\\]*+(?:\\[\s\S][^"\\]*+)*"')
_ESCAPE = re.compile(r"\\([\s\S])")
_IN_SINGLE = {"'": "'", "\\": "\\"}
_IN_DOUBLE = {
    "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v",
    "\\": "\\", '"': '"', "'": "'", "$": "$",
}  # fmt: skip
_MOST_FAULTS = 100
_HOW = "a line is NAME=VALUE, perhaps with export before it; # begins a comment"


def with_env_files(environ: Mapping[str, str], files: Iterable[str]) -> Mapping[str, str]:
    """The environment with what it lacks from files; of two files the later one wins.

    Raises SmokeError with every fault of every file.
    """
    found: dict[str, str] = {}
    problems: list[Diagnostic] = []
    for file in files:
        try:
            found |= read_env_file(file)
        except SmokeError as error:
            problems += error.diagnostics
    if problems:
        raise SmokeError(problems)
    return MappingProxyType({**found, **environ})


def read_env_file(file: str) -> dict[str, str]:
    """The variables of one file. Raises SmokeError with every fault; no value is repeated."""
    source = Path(file).as_posix()
    data = read_value_file(file, "--env-file")
    return _Reading(_decoded(data, source), source).variables()


def check_env_file(file: str) -> None:
    """Refuse a file that cannot be read. Raises SmokeError."""
    read_env_file(file)


def _decoded(data: bytes, source: str) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        span = Span(source, line, column, line, column + 1)
        raise SmokeError.of("not-utf8", "the file is not UTF-8", span=span) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


class _Reading:
    """Goes through a text once, and behind a fault on from the next line."""

    def __init__(self, text: str, source: str) -> None:
        self._text = text
        self._source = source
        self._at = 0
        self._line = 1
        self._line_start = 0
        self._problems: list[Diagnostic] = []

    def variables(self) -> dict[str, str]:
        found: dict[str, str] = {}
        while self._at < len(self._text):
            if blank := _BLANK.match(self._text, self._at):
                ended = blank.end() == len(self._text) or blank.group().endswith("\n")
                if ended:
                    self._go_to(blank.end())
                    continue
            assigned = self._assignment()
            if assigned is not None:
                found[assigned[0]] = assigned[1]
        if self._problems:
            raise SmokeError(self._problems)
        return found

    def _assignment(self) -> tuple[str, str] | None:
        """The name and value of what stands here; None where it is none."""
        export = _EXPORT.match(self._text, self._at)
        begin = export.end() if export else self._at
        named = _NAME.match(self._text, begin)
        if named is None or not named[3]:
            self._no_assignment(named)
            return None
        if not _VARIABLE.fullmatch(named[2]):
            message = "a variable's name has letters, digits, _ . and -, and begins with no digit"
            self._fault(message, named.start(2), named.end(2))
            return None
        quote = self._text[named.end() : named.end() + 1]
        if quote and quote in "'\"":
            value = self._quoted(quote, named.end())
            return None if value is None else (named[2], value)
        rest = _REST.match(self._text, named.end())
        assert rest is not None  # it matches nothing, too
        raw = rest.group()
        comment = 0 if raw.startswith("#") and self._text[named.end() - 1] in " \t" else None
        if comment is None and (met := _COMMENT.search(raw)):
            comment = met.start()
        value = raw[:comment].rstrip()
        if "\0" in value:
            self._fault("a value has no null character in it", named.end(), rest.end())
            return None
        self._go_to(rest.end() + 1)
        return named[2], value

    def _no_assignment(self, named: re.Match[str] | None) -> None:
        word = named[2] if named else ""
        begin = named.start(2) if named else self._at
        meant = nearest(word, ["export"]) if word != "export" else None
        self._fault("this is no NAME=VALUE", begin, begin + max(1, len(word)), meant)

    def _quoted(self, quote: str, at: int) -> str | None:
        """A value between quotes, which may go over several lines."""
        single = quote == "'"
        inner = (_SINGLE if single else _DOUBLE).match(self._text, at + 1)
        if inner is None:
            kind = "single" if single else "double"
            self._fault(f"this {kind} quote is never closed", at, at + 1)
            return None
        blank = _BLANK.match(self._text, inner.end())
        assert blank is not None  # it matches nothing, too
        if blank.end() < len(self._text) and not blank.group().endswith("\n"):
            message = "behind the closing quote only a comment can stand"
            self._go_to(inner.start())
            self._fault(message, blank.end(), blank.end() + 1)
            return None
        if "\0" in inner.group():
            self._fault("a value has no null character in it", at, at + 1)
            return None
        self._go_to(blank.end())
        known = _IN_SINGLE if single else _IN_DOUBLE
        return _ESCAPE.sub(lambda met: known.get(met[1], met[0]), inner.group()[:-1])

    def _fault(self, message: str, start: int, end: int, meant: str | None = None) -> None:
        """Tell of a fault, and go on behind the line where it stands."""
        self._go_to(start)
        column = start - self._line_start + 1
        span = Span(self._source, self._line, column, self._line, column + end - start)
        self._problems.append(
            Diagnostic(
                "bad-env-file",
                message,
                span=span,
                label=f"did you mean '{meant}'?" if meant else "",
                suggestion=meant,
                notes=(Note(_HOW),),
            )
        )
        rest = _REST.match(self._text, self._at)
        assert rest is not None  # it matches nothing, too
        more = len(self._problems) < _MOST_FAULTS
        self._go_to(min(rest.end() + 1, len(self._text)) if more else len(self._text))

    def _go_to(self, at: int) -> None:
        """Go on from there, with the line that it is in."""
        passed = self._text.count("\n", self._at, at)
        if passed:
            self._line += passed
            self._line_start = self._text.rfind("\n", 0, at) + 1
        self._at = at
