"""Where output goes: its width, whether it takes colour and Unicode, and whether a CI log reads it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from typing import TextIO

from msgspec import Struct

from smoke.cli.output import OutputLostError, complain, to_nowhere
from smoke.diagnostic import Diagnostic


class Terminal(Struct, frozen=True):
    """One output stream and what it can show. Made once by a command and passed on."""

    stream: TextIO
    is_tty: bool
    width: int
    color: bool
    unicode: bool

    @classmethod
    def of(cls, stream: TextIO, environ: Mapping[str, str] | None = None) -> Terminal:
        """What `stream` can show under `environ` (default: the process's).

        NO_COLOR (no-color.org) and FORCE_COLOR are honoured; a dumb terminal gets no colour.
        """
        env = os.environ if environ is None else environ
        is_tty = stream.isatty() if not stream.closed else False
        color = is_tty and env.get("TERM") != "dumb"
        if env.get("FORCE_COLOR") or env.get("CLICOLOR_FORCE"):
            color = True
        if env.get("NO_COLOR"):
            color = False
        encoding = (getattr(stream, "encoding", "") or "").lower().replace("-", "")
        columns = env.get("COLUMNS", "")
        fallback = shutil.get_terminal_size((100, 24)).columns if is_tty else 100
        width = int(columns) if columns.isdigit() and int(columns) > 0 else fallback
        return cls(
            stream=stream,
            is_tty=is_tty,
            width=max(40, min(width, 160)),
            color=color,
            unicode=encoding in ("utf8", "utf16", "utf32", "cp65001"),
        )

    def write(self, text: str) -> None:
        """Write text that is already safe, with a line end."""
        self.stream.write(text if text.endswith("\n") else text + "\n")
        self.stream.flush()

    def try_to_write(self, text: str) -> None:
        """As `write`, but what cannot be written (a closed pipe, a full disk) changes no exit status.

        For commands whose work counts for more than its report: a run ends with its own exit status. Unless the
        reader went away, standard error says that the output is lost.
        """
        try:
            self.write(text)
        except OSError as error:
            to_nowhere(self.stream)
            if isinstance(error, OutputLostError):
                complain(error)

    def diagnostics(self, diagnostics: Sequence[Diagnostic]) -> None:
        """Show diagnostics; in a CI job also as that system shows problems of a file."""
        from smoke.ci import Here
        from smoke.cli.render import issue, render_diagnostics

        self.write(
            render_diagnostics(
                diagnostics, width=self.width, color=self.color, unicode=self.unicode
            )
        )
        for line in Here.of(os.environ).issues(
            issue(diagnostic) for diagnostic in diagnostics[:10]
        ):
            self.write(line)


def stdout() -> Terminal:
    """The process's standard output."""
    return Terminal.of(sys.stdout)


def stderr() -> Terminal:
    """The process's standard error."""
    return Terminal.of(sys.stderr)
