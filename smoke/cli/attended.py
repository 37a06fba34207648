"""A run with somebody at its terminal: whether that can be, and how it is set up."""

from __future__ import annotations

from typing import NoReturn

from msgspec.structs import replace

from smoke.app.attended import Attended
from smoke.app.hand_options import HandOptions
from smoke.app.options import Output, RunOptions
from smoke.app.remembering import Wish
from smoke.app.reporting import Reports
from smoke.app.sweep_options import SweepOptions
from smoke.cli.running import run_and_exit, run_to_the_end
from smoke.cli.stepping import AtTerminal, check_terminal
from smoke.cli.terminal import stdout
from smoke.diagnostic import SmokeError, nearest

_ON_FAILURE = ("end", "pause")


def check_hand(asked: HandOptions, output: Output, several: SweepOptions) -> None:
    """Refuse what nobody could be asked in. Raises SmokeError, before anything is sent."""
    word = asked.word
    if asked.on_failure not in _ON_FAILURE:
        near = nearest(asked.on_failure, _ON_FAILURE)
        hint = f"; did you mean '{near}'?" if near else ""
        raise SmokeError.of(
            "bad-option", f"--on-failure: end or pause is expected, not '{asked.on_failure}'{hint}"
        )
    if output.dry_run:
        raise SmokeError.of("bad-option", f"--dry-run sends nothing: leave out {word}")
    if several.all_targets:
        raise SmokeError.of("bad-option", f"{word} is for one target: name it with --target")
    check_terminal(stdout(), word)


def run_attended(
    asked: HandOptions, options: RunOptions, reports: Reports, output: Output, wish: Wish
) -> NoReturn:
    """Run while somebody is there, and leave as every run does; with --watch, each time that they say so. Raises SmokeError."""
    _check_input(asked, options, wish)
    attended = None
    terminal = stdout()
    if asked.asks:
        if options.workers > 1:
            given = f"--workers {options.workers}"
            terminal.write(f"{asked.word}: one scenario after the other ({given} is left out)")
            options = replace(options, workers=1)
        pause = asked.on_failure == "pause"
        attended = Attended(AtTerminal(terminal), step=asked.step, pause=pause)
    if not asked.watch:
        run_and_exit(options, reports, output, wish, attended)
    from smoke.cli.watching import watch_and_run

    def run() -> int | None:
        """The exit status of a run that was interrupted."""
        finished, status = run_to_the_end(options, reports, output, wish, attended)
        return status if finished.interrupted_by else None

    watch_and_run(options, run)


def _check_input(asked: HandOptions, options: RunOptions, wish: Wish) -> None:
    """Refuse what does not go with somebody who is asked. Raises SmokeError."""
    word = asked.word
    if "-" in options.all_logs:
        raise SmokeError.of(
            "bad-option", f"--log - reads standard input, where {word} asks: name a file"
        )
    if options.on:
        raise SmokeError.of(
            "bad-option", f"{word} asks here, and --on has workers run: leave one out"
        )
    if wish.url:
        raise SmokeError.of("bad-option", f"--against URL runs twice: leave out {word}")
