"""Lines of a terminal's width: labels, hanging values, blocks. The one place where a summary becomes text.

Everything passes through `safe` here, is never taken for rich's markup, and ends without anything that a CI log takes
for a command.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from smoke.cli.line import StyledLine, cell_len, chop_cells, styled
from smoke.model.fact import Fact
from smoke.model.run import Outcome
from smoke.text import safe, safe_line, shorten, without_commands

LABEL = 12
"""Cells of a label and the gap behind it."""

LONGEST = 2000
"""Characters of one value: a server must not fill the screen with a name. The evidence has all of it."""


class Marks(Struct, frozen=True):
    """The signs before a line, in Unicode or in ASCII."""

    passed: str
    failed: str
    errored: str
    skipped: str
    note: str
    bar: str

    def of(self, outcome: Outcome) -> str:
        return {
            Outcome.PASSED: self.passed,
            Outcome.FAILED: self.failed,
            Outcome.ERRORED: self.errored,
            Outcome.SKIPPED: self.skipped,
            Outcome.UNFINISHED: self.errored,
        }[outcome]


UNICODE = Marks("✅", "❌", "❗", "⚪", "📝", "│")
ASCII = Marks("[ok]", "[failed]", "[error]", "[skipped]", "[note]", "|")

STYLES = {
    Outcome.PASSED: "green",
    Outcome.FAILED: "bold red",
    Outcome.ERRORED: "bold yellow",
    Outcome.SKIPPED: "dim",
    Outcome.UNFINISHED: "bold yellow",
}


def wrap(text: str, width: int) -> list[str]:
    """Lines of at most `width` cells, broken at spaces. A longer word stays whole: it may be a path to be copied."""
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        if line and cell_len(line) + 1 + cell_len(word) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line]


def _column(label: str) -> str:
    """A label and the gap behind it; one that is too long for its column has a gap too."""
    return f"{label} ".ljust(LABEL) if label else " " * LABEL


class Sheet:
    """Collects lines and renders them once. `width` in cells; without `unicode` the result is ASCII."""

    def __init__(self, *, width: int, color: bool, unicode: bool) -> None:
        self.width = width
        self.color = color
        self.unicode = unicode
        self.marks = UNICODE if unicode else ASCII
        self._lines: list[StyledLine] = []

    def blank(self) -> None:
        """An empty line, unless there is one already or this is the first."""
        if self._lines and self._lines[-1].plain:
            self._lines.append(StyledLine())

    def line(self, text: str, style: str = "") -> None:
        """One line as it is, however long."""
        self._lines.append(StyledLine(safe_line(shorten(text, LONGEST)), style))

    def marked(self, outcome: Outcome, text: str, more: str = "") -> None:
        """A line with the sign of an outcome; `more` follows and wraps below it."""
        self._signed(self.marks.of(outcome), STYLES[outcome], text, more)

    def noted(self, text: str, more: str) -> None:
        """A line with the sign of a note: something to look at, of which nothing came."""
        self._signed(self.marks.note, "yellow", text, more)

    def _signed(self, sign: str, style: str, text: str, more: str) -> None:
        head = f"{sign} {safe_line(shorten(text, LONGEST))}"
        if not more:
            self._lines.append(StyledLine(head, style))
            return
        first, *rest = wrap(f"{head} {safe_line(shorten(more, LONGEST))}", self.width)
        self._lines.append(StyledLine(first, style))
        self._lines += [
            StyledLine(f"   {line}", style) for line in wrap(" ".join(rest), self.width - 3) if rest
        ]

    def field(self, label: str, value: str, *, indent: int = 3, style: str = "") -> None:
        """A label and its value, which wraps under itself."""
        room = max(20, self.width - indent - LABEL)
        for number, line in enumerate(wrap(safe_line(shorten(value, LONGEST)), room)):
            shown = StyledLine(" " * indent)
            shown.append(_column(label if not number else ""), "bold" if not number else "")
            shown.append(line, style)
            self._lines.append(shown)

    def commands(self, label: str, lines: Iterable[str], *, indent: int = 3) -> None:
        """A label and lines to be copied: never wrapped, never cut."""
        for number, line in enumerate(lines):
            shown = StyledLine(" " * indent)
            shown.append((label if not number else "").ljust(LABEL), "bold")
            shown.append(safe_line(line), "cyan")
            self._lines.append(shown)

    def paragraph(self, text: str, *, indent: int = 3, style: str = "") -> None:
        """Prose, wrapped."""
        for line in wrap(safe_line(text), max(20, self.width - indent)):
            self._lines.append(StyledLine(" " * indent + line, style))

    def block(self, label: str, text: str, *, most: int, indent: int = 3) -> None:
        """Foreign text of several lines behind a bar, folded at the width; at most `most` rows."""
        room = max(20, self.width - indent - LABEL - 2)
        rows: list[str] = []
        source = text.expandtabs(4).split("\n")
        for number, line in enumerate(source):
            rows += chop_cells(safe(line), room) or [""]
            if len(rows) >= most:
                if len(rows) > most or number + 1 < len(source):
                    rows = [*rows[:most], "… (the file has all of it)"]
                break
        for number, row in enumerate(rows):
            shown = StyledLine(" " * indent)
            shown.append(_column(label if not number else ""), "bold" if not number else "")
            shown.append(f"{self.marks.bar} ", "dim")
            shown.append(row)
            self._lines.append(shown)

    def fact(self, fact: Fact, *, most: int) -> None:
        """A fact, whichever it is; at most `most` rows of one with several lines."""
        if fact.block:
            self.block(fact.label, fact.value, most=most)
        else:
            self.field(fact.label, fact.value)

    def verbatim(self, lines: Iterable[str], *, indent: int = 5, style: str = "cyan") -> None:
        """Text to be copied: never wrapped, never cut."""
        self._lines += [StyledLine(" " * indent + safe_line(line), style) for line in lines]

    def raw(self, text: str) -> None:
        """Foreign text of several lines as it is, but for what could act on a terminal."""
        self._lines += [StyledLine(safe(line)) for line in text.split("\n")]

    def render(self) -> str:
        """All lines as one text with a line end, safe for a terminal and for a CI log."""
        while self._lines and not self._lines[-1].plain:
            self._lines.pop()
        return to_text(self._lines, color=self.color, unicode=self.unicode)


def to_text(lines: Iterable[StyledLine], *, color: bool, unicode: bool) -> str:
    """Lines as they go to a stream: with ANSI styles only when `color`, ASCII unless `unicode`."""
    written = styled(lines) if color else "".join(f"{line.plain}\n" for line in lines)
    text = without_commands(written)
    return text if unicode else in_ascii(text)


_SPELLED = str.maketrans({"…": "...", "→": "->", "–": "-", "—": "-", "│": "|", "›": ">"})


def in_ascii(text: str) -> str:
    """The text for a terminal that shows ASCII only."""
    return text.translate(_SPELLED).encode("ascii", "backslashreplace").decode("ascii")
