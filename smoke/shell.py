"""How a command is typed: quoting for POSIX shells and for PowerShell. Pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from enum import StrEnum

_PLAIN = re.compile(r"[A-Za-z0-9_./:\\=+-]+")
_QUOTES = re.compile("(['\u2018\u2019\u201a\u201b])")
"""PowerShell takes each of these for the end of a single-quoted text (about_Quoting_Rules); doubled it stands for itself."""


class Shell(StrEnum):
    """What a command line is typed into."""

    POSIX = "posix"
    POWERSHELL = "powershell"

    def join(self, words: Iterable[str]) -> str:
        """The words as one command line."""
        if self is Shell.POSIX:
            return shlex.join(words)
        line = " ".join(map(_powershell, words))
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


def _powershell(word: str, *, always: bool = False) -> str:
    if not always and _PLAIN.fullmatch(word):
        return word
    return "'" + _QUOTES.sub(r"\1\1", word) + "'"
