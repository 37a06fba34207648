"""A run while it happens: a line that changes in a terminal, plain lines in a log.

Both take events (`handle`) and print nothing foreign unescaped. Neither decides anything.
"""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Self, TextIO

from smoke.cli.layout import in_ascii
from smoke.facts.evidence import answer, duration
from smoke.model import events as e
from smoke.model.exchange import Exchange
from smoke.model.finding import IN_APPLICATION_LOG, IN_LOG
from smoke.model.run import Outcome
from smoke.text import safe_line, shorten, without_commands

if TYPE_CHECKING:
    from rich.live import Live
    from rich.text import Text

_LOGS = {IN_LOG: "the server's log", IN_APPLICATION_LOG: "the application's log"}


class Titles:
    """How the steps of a run are called, learnt from its events: all but the first of a step have its id only."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], str] = {}

    def of(self, event: e.Event) -> str:
        """The title of an event's step; empty for an event of none. Takes note of a step that starts."""
        if isinstance(event, e.StepStarted):
            self._known[event.scenario, event.step] = event.result.called
        step: str = getattr(event, "step", "")
        return self._known.get((getattr(event, "scenario", ""), step), step)


def event_line(event: e.Event, title: str = "") -> str:
    """What an event is worth in a log, on one safe line; empty for one that is not told. `title` is its step's."""
    step = title or getattr(event, "step", "")
    match event:
        case e.RunStarted():
            text = f"smoke {event.run.smoke_version}, run {event.run.id}, target {event.run.target.url}"
        case e.TargetReady():
            text = f"{'ready' if event.ready else 'NOT READY'}: {event.message}"
        case e.ScenarioStarted():
            text = f"{event.scenario}: started"
        case e.ExchangeRecorded():
            text = f"{event.scenario}: {step}: {_exchange(event.exchange)}"
        case e.AttemptFinished(attempt=attempt) if attempt.decision and attempt.decision.retry:
            text = (
                f"{event.scenario}: {step}: attempt {attempt.number} again in "
                f"{duration(attempt.decision.wait)}: {attempt.decision.reason}"
            )
        case e.StepFinished(result=result) if result.outcome is not Outcome.PASSED:
            reason = f": {result.message}" if result.message else ""
            text = f"{event.scenario}: {step}: {result.word}{reason}"
        case e.FindingsExamined() if any(found.found_in in _LOGS for found in event.findings):
            found = next(found for found in event.findings if found.found_in in _LOGS)
            text = f"{event.scenario}: {step}: {_LOGS[found.found_in]} says {found.title}"
        case e.ScenarioFinished():
            text = f"{event.scenario}: {event.result.outcome.value} in {duration(event.result.seconds)}"
        case _:
            return ""
    return shorten(safe_line(text), 500)


def _exchange(exchange: Exchange) -> str:
    url = shorten(exchange.request.url, 200)
    return (
        f"{exchange.request.method} {url}: {answer(exchange)} in {duration(exchange.timing.total)}"
    )


class PlainView:
    """Lines as they come, for a log. The default tells of runs and scenarios, `verbose` of every exchange."""

    def __init__(
        self, stream: TextIO, *, unicode: bool, quiet: bool = False, verbose: bool = False
    ) -> None:
        self._stream = stream
        self._unicode = unicode
        self._quiet = quiet
        self._verbose = verbose
        self._titles = Titles()

    def handle(self, event: e.Event) -> None:
        """Print the event's line, if it is worth one."""
        title = self._titles.of(event)
        if self._quiet or (isinstance(event, e.ExchangeRecorded) and not self._verbose):
            return
        line = event_line(event, title)
        if line:
            line = without_commands(f"  {line}")
            if not self._unicode:
                line = in_ascii(line)
            try:
                self._stream.write(line + "\n")
                self._stream.flush()
            except OSError:
                self._quiet = True  # whoever read along has gone (a closed pipe): the run goes on


class LiveView:
    """One line per running scenario that changes in place, and is gone when the run is over."""

    def __init__(self, stream: TextIO, *, color: bool, unicode: bool) -> None:
        self._stream = stream
        self._color = color
        self._unicode = unicode
        self._running: dict[str, str] = {}
        self._done = 0
        self._titles = Titles()
        self._live: Live | None = None

    def __enter__(self) -> Self:
        # rich.live is only paid for where somebody watches
        from rich.console import Console
        from rich.live import Live

        console = Console(
            file=self._stream,
            force_terminal=True,
            color_system="standard" if self._color else None,
            no_color=not self._color,
            markup=False,
            highlight=False,
            emoji=False,
            legacy_windows=False,
        )
        self._live = Live(
            console=console,
            transient=True,
            auto_refresh=True,
            refresh_per_second=8,
            redirect_stdout=False,
            redirect_stderr=False,
            get_renderable=self._shown,
        )
        self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    def handle(self, event: e.Event) -> None:
        """Take the event in; the screen follows within an eighth of a second."""
        title = self._titles.of(event)
        match event:
            case e.ScenarioStarted():
                self._running[event.scenario] = "started"
            case e.StepStarted():
                self._running[event.scenario] = f"{title} …"
            case e.ExchangeRecorded():
                self._running[event.scenario] = f"{title}: {answer(event.exchange)}"
            case e.ScenarioFinished():
                self._running.pop(event.scenario, None)
                self._done += 1
            case _:
                pass

    def _shown(self) -> Text:
        """The lines of now, at most eight scenarios."""
        from rich.text import Text

        lines = [
            f"{shorten(safe_line(name), 40)}  {shorten(safe_line(what), 100)}"
            for name, what in list(self._running.copy().items())[:8]
        ]
        more = len(self._running) - len(lines)
        if more > 0:
            lines.append(f"and {more} more")
        text = "\n".join(lines or ["…" if not self._done else f"{self._done} done"])
        if not self._unicode:
            text = in_ascii(text)
        return Text(text, style="cyan", overflow="ellipsis", no_wrap=True)
