"""How a command is typed: quoting for POSIX shells, bash and PowerShell. Pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from enum import StrEnum

_PLAIN = re.compile(r"[A-Za-z0-9_./:\\=+-]+")
_QUOTES = re.compile("(['\u2018\u2019\u201a\u201b])")
"""PowerShell takes each of these for the end of a single-quoted text (about_Quoting_Rules); doubled it stands for itself."""


_NOT_VERBATIM = re.compile(r"[%|&\r\n]")
"""What means something behind PowerShell's stop-parsing token: a variable of cmd.exe, the end of the command."""


class Shell(StrEnum):
    """What a command line is typed into."""

    POSIX = "posix"
    POWERSHELL = "powershell"

    def join(self, words: Iterable[str]) -> str:
        """The words as one command line."""
        if self is Shell.POSIX:
            return shlex.join(words)
        first, *rest = words
        if any('"' in word for word in rest) and not any(_NOT_VERBATIM.search(w) for w in rest):
            # Windows PowerShell and PowerShell up to 7.2 hand a double quote on bare, later ones escape it: behind
            # the stop-parsing token every version hands on what stands there (about_Parsing)
            line = " ".join([_powershell(first), "--%", *map(_for_windows, rest)])
        else:
            line = " ".join(map(_powershell, (first, *rest)))
        return (
            f"& {line}" if line.startswith("'") else line
        )  # a text alone would be printed, not run

    def setting(self, name: str, example: str = "…") -> str:
        """How a person gives an environment variable a value, for the commands that come. `example` holds no quotes."""
        return f"export {name}={example}" if self is Shell.POSIX else f"$env:{name} = '{example}'"

    def with_variable(self, name: str, value: str, command: str) -> str:
        """The command with an environment variable."""
        if self is Shell.POSIX:
            return f"{name}={shlex.quote(value)} {command}"
        return f"$env:{name} = {_powershell(value, always=True)}; {command}"


def bash_word(text: str, *, verbatim: bool = True) -> str:
    r"""A word that bash and its kin (zsh, ksh, POSIX 2024) take for exactly this text, which holds no byte 0.

    Where it is not `verbatim`, what is not printable ASCII is spelt out (`$'\x1b'`). Half of a surrogate pair stands for a
    byte (PEP 383).
    """
    if verbatim:
        return shlex.quote(text)
    try:
        data = text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        data = text.encode("utf-8", "replace")
    return "$'" + "".join(_SPELT.get(byte) or _spelt(byte) for byte in data) + "'"


_SPELT = {0x0A: "\\n", 0x09: "\\t", 0x27: "\\'", 0x5C: "\\\\"}


def _spelt(byte: int) -> str:
    return chr(byte) if 0x20 <= byte < 0x7F else f"\\x{byte:02x}"


def _powershell(word: str, *, always: bool = False) -> str:
    if not always and _PLAIN.fullmatch(word):
        return word
    return "'" + _QUOTES.sub(r"\1\1", word) + "'"


def _for_windows(word: str) -> str:
    """A word as a program's C run-time library takes a command line apart (Microsoft: Parsing C Command-Line Arguments)."""
    if word and _PLAIN.fullmatch(word):
        return word
    escaped = re.sub(r'(\\*)"', r'\1\1\\"', word)
    return '"' + re.sub(r"(\\+)\Z", r"\1\1", escaped) + '"'
