"""Somebody at the terminal of a run: requests are drawn for them, and they say with a word and Enter what becomes of each."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from smoke import system
from smoke.app.stepping import Choice, ShownRequest
from smoke.cli.layout import Sheet
from smoke.cli.terminal import Terminal
from smoke.diagnostic import SmokeError
from smoke.model.run import Run
from smoke.shell import Shell
from smoke.store import RunFolder
from smoke.text import as_text, safe_line, shorten

_MOST_BODY = 4000
"""Characters of a body that are drawn."""
_MOST_LINES = 60
"""Lines of a body, and headers, that are drawn."""
_KEYS = "s send  e edit  k skip  g go on  q quit"
_WORDS = {word: choice for choice in Choice for word in (choice.value, choice.value[0])} | {
    "k": Choice.SKIP,
    "s": Choice.SEND,
}
_EDITORS = ("nano", "vi", "notepad")


class AtTerminal:
    """The person before this process. A bare Enter says nothing: what orders is said in so many letters."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self.editing = False
        """Whether an editor has the terminal: Ctrl-C is its own then."""

    def show(self, shown: ShownRequest) -> None:
        """Draw a request as `smoke show` does, and no more of it than a screen or two."""
        terminal = self._terminal
        sheet = Sheet(width=terminal.width, color=terminal.color, unicode=terminal.unicode)
        sheet.line("")
        sheet.line(f"{shown.scenario}: {shown.step}", "bold")
        for note, holds in (
            ("it places an order", shown.orders),
            ("of the teardown", shown.teardown),
            ("edited by hand", shown.edited),
        ):
            if holds:
                sheet.field("note", note, indent=0)
        request = shown.request
        sheet.verbatim([shorten(f"{request.method} {request.url}", 1000)], indent=0, style="")
        headers = [
            shorten(f"{name.decode('latin-1')}: {value.decode('latin-1')}", 300)
            for name, value in request.headers
        ]
        sheet.verbatim(_some(headers), indent=0, style="")
        if shown.body:
            sheet.line("")
            sheet.raw(_body_text(shown.body, request.body.charset))
        terminal.try_to_write(sheet.render())

    def choose(self, over: Callable[[], bool]) -> Choice:
        """What they say; QUIT when nothing comes any more."""
        typed = self.ask(_KEYS, over)
        while typed is not None and typed.lower() not in _WORDS:
            typed = self.ask(_KEYS, over)
        return Choice.QUIT if typed is None else _WORDS[typed.lower()]

    def look(self, run: Run, scenario: str, folder: RunFolder, over: Callable[[], bool]) -> bool:
        """Let them look at a scenario that failed, before its teardown; False when they quit."""
        from smoke.cli.pausing import Pause

        return Pause(self._terminal, run, scenario, folder).ask(lambda keys: self.ask(keys, over))

    def ask(self, keys: str, over: Callable[[], bool]) -> str | None:
        """The line that they write below the words of `keys`; None when nothing comes any more."""
        terminal, typed = self._terminal, sys.stdin.fileno()
        try:
            system.drop_typed(typed)  # a key that was pressed before says nothing of this
            terminal.write(f"\n{keys}")
            terminal.stream.write("> ")
            terminal.stream.flush()
            line = system.typed_line(typed, over)
        except (OSError, KeyboardInterrupt):
            line = None
        if line is None:
            terminal.try_to_write("")
        return line.strip() if line is not None else None

    def edit(self, text: str) -> str | None:
        """The text as they edited it; the file is theirs alone, and is gone afterwards."""
        editor = _editor()
        if editor is None:
            self.tell("no editor: set VISUAL or EDITOR to the command that opens yours")
            return None
        folder = Path(tempfile.mkdtemp(prefix="smoke-"))
        self.editing = True
        try:
            file = folder / "request.http"
            with os.fdopen(system.open_new(file), "wb") as out:
                out.write(text.encode())
            done = subprocess.run([*editor, os.fspath(file)], check=False)  # noqa: S603  (the editor that they chose)
            if done.returncode:
                self.tell(f"not taken: {editor[0]} ended with status {done.returncode}")
                return None
            return file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            self.tell(f"not taken: {error}")
            return None
        finally:
            self.editing = False
            shutil.rmtree(folder, ignore_errors=True)

    def tell(self, line: str) -> None:
        """Say something."""
        self._terminal.try_to_write(safe_line(line))


def check_terminal(terminal: Terminal, word: str) -> None:
    """Refuse to ask where nobody is. Raises SmokeError."""
    try:
        there = terminal.is_tty and sys.stdin.isatty()
    except ValueError:  # it is closed
        there = False
    if not there:
        raise SmokeError.of(
            "bad-option",
            f"{word} asks somebody at a terminal, and there is none",
            notes=[
                "standard input and standard output are to be a terminal; in a job, leave it out"
            ],
        )


def _some(lines: list[str]) -> list[str]:
    more = len(lines) - _MOST_LINES
    return [*lines[:_MOST_LINES], *([f"… (+{more} lines)"] if more > 0 else [])]


def _body_text(body: bytes, charset: str) -> str:
    decoded = as_text(body[: 4 * _MOST_BODY], charset)
    if "\0" in decoded.text:
        return f"binary ({len(body)} bytes)"
    text = decoded.text[:_MOST_BODY]
    more = len(body) - len(text.encode("utf-8", "replace"))
    lines = _some(text.split("\n"))
    cut = f"\n… (+{more} bytes)" if len(decoded.text) > _MOST_BODY else ""
    return "\n".join(lines) + cut


def _editor() -> list[str] | None:
    """The command of their editor; None where there is none."""
    for name in ("VISUAL", "EDITOR"):
        try:
            words = shlex.split(os.environ.get(name, ""), posix=system.SHELL is Shell.POSIX)
        except ValueError:
            continue
        if words:
            return words
    return next(([word] for word in _EDITORS if shutil.which(word)), None)
