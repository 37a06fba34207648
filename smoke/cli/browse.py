"""`smoke show` in a terminal: the summary and every step as pages to walk through, headers and bodies folded until they are asked for.

What is on the screen and what a key does to it are values and functions of values (`BrowsedPage`, `pressed`); `browse` draws them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from smoke.cli.layout import to_text
from smoke.cli.line import StyledLine
from smoke.cli.present import ShownParts, render_step
from smoke.cli.summary import render_run
from smoke.cli.terminal import Terminal
from smoke.model.run import Run, ScenarioResult, StepResult
from smoke.store import RunFolder
from smoke.text import safe_line, shorten

if TYPE_CHECKING:
    from rich.text import Text

HELP = "n/p step  f next failed  h headers  b body  r request  j/k space scroll  g/G ends  q quit"
_FOLDS = {"h": "headers", "b": "body", "r": "request"}
LEAST_ROWS = 6


class BrowsedPage(Struct, frozen=True):
    """What is looked at: page 0 is the summary, the others are the steps; `top` is the first line on the screen."""

    page: int = 0
    top: int = 0
    parts: ShownParts = ShownParts()


class Extent(Struct, frozen=True):
    """How much there is: pages, which of them did not pass, lines of the one that is shown, rows for them.

    `folded` are its lines before anything is unfolded.
    """

    pages: int
    bad: tuple[int, ...]
    lines: int
    rows: int
    folded: int = 0

    @property
    def last(self) -> int:
        """The first line of the last screen."""
        return max(0, self.lines - self.rows)


def can_browse(terminal: Terminal, environ: Mapping[str, str]) -> bool:
    """Whether somebody sits at a terminal that can show pages."""
    if not terminal.is_tty or environ.get("TERM", "") == "dumb":
        return False
    try:
        return sys.stdin.isatty() and os.get_terminal_size().lines >= LEAST_ROWS
    except (OSError, ValueError):
        return False


def pressed(view: BrowsedPage, key: str, extent: Extent) -> BrowsedPage | None:
    """The view after a key; None when it is left."""
    if key in ("q", "Q", "escape", ""):
        return None
    step = _SCROLL.get(key)
    if step is not None:
        return replace(view, top=max(0, min(view.top + step(extent), extent.last)))
    if key in _FOLDS and view.page:
        shown = not getattr(view.parts, _FOLDS[key])
        # what is unfolded stands below the facts: there the eye is led
        top = extent.folded if shown else 0
        return replace(view, top=top, parts=replace(view.parts, **{_FOLDS[key]: shown}))
    page = _turned(view.page, key, extent)
    return view if page == view.page else BrowsedPage(page, 0, view.parts)


def _turned(page: int, key: str, extent: Extent) -> int:
    """The page that a key leads to."""
    match key:
        case "n" | "right" | "enter":
            return min(page + 1, extent.pages - 1)
        case "p" | "left":
            return max(page - 1, 0)
        case "f":
            return next((each for each in extent.bad if each > page), (*extent.bad, page)[0])
        case "s":
            return 0
        case _:
            return page


_SCROLL: Mapping[str, Callable[[Extent], int]] = {
    "j": lambda _: 1,
    "down": lambda _: 1,
    "k": lambda _: -1,
    "up": lambda _: -1,
    " ": lambda extent: extent.rows,
    "page down": lambda extent: extent.rows,
    "page up": lambda extent: -extent.rows,
    "g": lambda extent: -extent.lines,
    "home": lambda extent: -extent.lines,
    "G": lambda extent: extent.lines,
    "end": lambda extent: extent.lines,
}


class Pages:
    """The pages of a run as lines of a width, made when they are looked at."""

    def __init__(self, run: Run, folder: RunFolder, terminal: Terminal) -> None:
        self._run = run
        self._folder = folder
        self._terminal = terminal
        self._made: dict[tuple[int, ShownParts, int], list[Text]] = {}
        self.steps: tuple[tuple[ScenarioResult, StepResult], ...] = tuple(
            (scenario, step) for scenario in run.scenarios for step in scenario.steps
        )
        self.bad = tuple(
            number for number, (_, step) in enumerate(self.steps, 1) if step.outcome.bad
        )

    def title(self, page: int) -> str:
        """What stands above a page."""
        count = len(self.steps)
        if not page:
            return f"run {self._run.id}: {self._run.outcome.value} ({count} steps, n goes on)"
        scenario, step = self.steps[page - 1]
        return f"{page}/{count} {scenario.name}: {step.called} ({step.word})"

    def lines(self, page: int, parts: ShownParts, width: int) -> list[Text]:
        """The lines of a page, wrapped."""
        key = (page, parts if page else ShownParts(), width)
        if key not in self._made:
            if len(self._made) > 20:
                self._made.clear()
            self._made[key] = self._wrapped(self._text(page, parts, width), width)
        return self._made[key]

    def _text(self, page: int, parts: ShownParts, width: int) -> str:
        terminal = self._terminal
        shown = min(width, 160)
        if not page:
            summary = render_run(
                self._run,
                self._folder,
                width=shown,
                color=terminal.color,
                unicode=terminal.unicode,
            )
            return f"{summary}{cut_off(self._folder)}"
        facts = self._step(page, ShownParts(), shown)
        return f"{facts}\n{self._step(page, parts, shown)}" if parts.some else facts

    def _step(self, page: int, parts: ShownParts, width: int) -> str:
        scenario, step = self.steps[page - 1]
        return render_step(
            self._run,
            scenario,
            step,
            self._folder,
            parts=parts,
            width=width,
            color=self._terminal.color,
            unicode=self._terminal.unicode,
        )

    def _wrapped(self, text: str, width: int) -> list[Text]:
        from rich.console import Console
        from rich.text import Text

        console = Console(file=self._terminal.stream, width=width)
        found: list[Text] = []
        for line in text.rstrip("\n").split("\n"):
            found += Text.from_ansi(line).wrap(console, width, overflow="fold") or [Text()]
        return found


def cut_off(folder: RunFolder) -> str:
    """That the journal of a run was cut off, and where; empty when it was not."""
    torn = folder.torn()
    if not torn:
        return ""
    return f"the journal was cut off in line {torn[-1].line}: what is shown is what was written"


def browse(run: Run, folder: RunFolder, terminal: Terminal, wanted: StepResult | None) -> None:
    """Show pages until somebody leaves, from the step that is wanted or the summary. Raises OSError for what is no terminal."""
    from rich.console import Console
    from rich.live import Live

    from smoke import system

    pages = Pages(run, folder, terminal)
    start = next((n for n, (_, step) in enumerate(pages.steps, 1) if step is wanted), 0)
    view: BrowsedPage | None = BrowsedPage(start)
    console = Console(file=terminal.stream, highlight=False, no_color=not terminal.color)
    with (
        suppress(KeyboardInterrupt),  # whenever it comes: that is a way to leave
        system.keys(sys.stdin.fileno()) as key,
        Live(console=console, screen=True, auto_refresh=False) as live,
    ):
        while view is not None:
            width, height = console.size
            lines = pages.lines(view.page, view.parts, width)
            folded = len(pages.lines(view.page, ShownParts(), width))
            rows = max(1, height - 2)
            extent = Extent(len(pages.steps) + 1, pages.bad, len(lines), rows, folded)
            view = replace(view, top=min(view.top, extent.last))
            live.update(_screen(pages, view, lines, extent, terminal, width), refresh=True)
            view = pressed(view, key(), extent)


def _screen(
    pages: Pages,
    view: BrowsedPage,
    lines: list[Text],
    extent: Extent,
    terminal: Terminal,
    width: int,
) -> Text:
    """What is drawn: the title, as many lines as there are rows, and the keys."""
    from rich.text import Text

    below = max(0, len(lines) - view.top - extent.rows)
    more = f"{below} more  " if below else ""
    title = to_text(
        [StyledLine(safe_line(pages.title(view.page)))], color=False, unicode=terminal.unicode
    )
    shown = lines[view.top : view.top + extent.rows]
    rows = [
        Text(shorten(title.rstrip("\n"), max(10, width - 25)), "reverse"),
        *shown,
        *[Text()] * (extent.rows - len(shown)),
        Text(f"{more}{HELP}"[: width - 1], "dim"),
    ]
    return Text("\n", no_wrap=True, overflow="crop").join(rows)
