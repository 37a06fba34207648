"""What `smoke show` prints."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from smoke.cli.browse import browse, can_browse, cut_off
from smoke.cli.choosing import Pair, choose, only
from smoke.cli.layout import in_ascii
from smoke.cli.present import ShownParts, render_step, titled
from smoke.cli.summary import render_run
from smoke.cli.terminal import Terminal, stderr
from smoke.diagnostic import SmokeError
from smoke.facts.curl import as_curl
from smoke.facts.evidence import gap
from smoke.model.exchange import Body
from smoke.model.run import Run, StepResult
from smoke.store import RunFolder
from smoke.text import safe_line, without_commands

_CHUNK = 1024 * 1024
_MOST_SHOWN = 10
"""Steps of one name that are shown one after the other; of more, one must be named."""


def show_run(
    folder: RunFolder,
    terminal: Terminal,
    *,
    verbose: bool,
    logs: Sequence[str] = (),
    token_variable: str = "",
) -> None:
    """The run's summary, as it was printed when it ended; with logs, what they tell besides."""
    terminal.write(
        render_run(
            _with_log(folder, logs, token_variable) if logs else folder.run(),
            folder,
            width=terminal.width,
            color=terminal.color,
            unicode=terminal.unicode,
            verbose=verbose,
        )
    )
    if cut := cut_off(folder):
        terminal.write(cut)


def _with_log(folder: RunFolder, logs: Sequence[str], token_variable: str) -> Run:
    from smoke.app.log_later import with_log

    return with_log(folder, logs, os.environ, token_variable)


def browsed(folder: RunFolder, wanted: str, terminal: Terminal) -> bool:
    """Let somebody at a terminal walk through the run, from that step on; False where there is nobody, or no such terminal."""
    if not can_browse(terminal, os.environ):
        return False
    run = folder.run()
    step = choose(run, wanted)[0][1] if wanted else None
    try:
        browse(run, folder, terminal, step)
    except OSError as error:
        if error.errno is not None:  # the screen itself, and not the terminal's modes
            raise
        return False
    return True


def show_step(folder: RunFolder, wanted: str, terminal: Terminal, parts: ShownParts) -> None:
    """Each step of that name. The body alone goes into a file or a pipe byte for byte, onto a terminal made safe."""
    run = folder.run()
    chosen = choose(run, wanted)
    if parts == ShownParts(body=True) and not terminal.is_tty:
        _, step = only(run, chosen, wanted)
        _raw(folder, _last_body(step), terminal)
        return
    if len(chosen) > _MOST_SHOWN:
        only(run, chosen, wanted)
    for number, (scenario, step) in enumerate(chosen):
        if number:
            terminal.write("")
        terminal.write(
            render_step(
                run,
                scenario,
                step,
                folder,
                parts=parts,
                width=terminal.width,
                color=terminal.color,
                unicode=terminal.unicode,
            )
        )


def show_curl(folder: RunFolder, wanted: str, terminal: Terminal) -> None:
    """Each request of each step of that name as a command of curl, with nothing between that a shell would not take."""
    run = folder.run()
    chosen = choose(run, wanted)
    if len(chosen) > _MOST_SHOWN:
        only(run, chosen, wanted)
    shown = _curl_lines(run, folder, chosen, terminal)
    if not shown:
        raise SmokeError.of(
            "no-exchange", f"the step '{chosen[0][1].called}' of the run {run.id} sent nothing"
        )
    _write_commands(shown, terminal)


def show_all_curl(folder: RunFolder, terminal: Terminal) -> None:
    """Every request of a run as a command of curl, in its order."""
    run = folder.run()
    pairs = [(scenario, step) for scenario in run.scenarios for step in scenario.steps]
    shown = _curl_lines(run, folder, pairs, terminal)
    if not shown:
        raise SmokeError.of("no-exchange", f"the run {run.id} sent nothing")
    _write_commands(shown, terminal)


def _curl_lines(
    run: Run, folder: RunFolder, chosen: Sequence[Pair], terminal: Terminal
) -> list[str]:
    """The commands of some steps, each below a comment that says whose it is."""
    ordering = {(order.scenario, order.step) for order in run.orders}
    shown = []
    for scenario, step in chosen:
        for title, exchange in titled(step):
            lines = as_curl(
                run,
                exchange,
                folder,
                orders=exchange.request.method not in _SAFE
                and (scenario.name, step.id) in ordering,
                ascii_only=not terminal.unicode,
            )
            about = f"# {scenario.name}: {step.called}, {title}"
            shown.append("\n".join([safe_line(about), *lines]))
    return shown


def _write_commands(shown: Sequence[str], terminal: Terminal) -> None:
    text = without_commands("\n\n".join(shown))
    terminal.write(text if terminal.unicode else in_ascii(text))


_SAFE = ("GET", "HEAD", "OPTIONS")
"""Methods that order nothing: of redirects behind an order, the pages that they lead to."""


def _last_body(step: StepResult) -> Body:
    """The body of the answer, or of the call, that the step was judged by; of bytes that were no HTTP, if that is all there is."""
    exchanges = [exchange for attempt in step.attempts for exchange in attempt.exchanges]
    for exchange in reversed(exchanges):
        if exchange.telling is not None:
            return exchange.telling.body
        if exchange.undecoded is not None:
            return exchange.undecoded
    raise SmokeError.of("no-exchange", f"the step '{step.called}' got no answer")


def _raw(folder: RunFolder, body: Body, terminal: Terminal) -> None:
    terminal.stream.flush()
    for start in range(0, body.size, _CHUNK):
        sys.stdout.buffer.write(folder.read(body, start, _CHUNK))
    sys.stdout.buffer.flush()
    if lost := gap(os.fspath(folder.folder), body):
        stderr().write(f"smoke: {safe_line(lost)}")
