"""What `smoke show` prints."""

from __future__ import annotations

import sys

from smoke.cli.summary import render_run
from smoke.cli.terminal import Terminal
from smoke.diagnostic import Diagnostic, Note, SmokeError, nearest
from smoke.model.exchange import Body, Exchange, Headers
from smoke.model.run import Outcome, Run, StepResult
from smoke.store import RunFolder
from smoke.text import safe, safe_line

_CHUNK = 1024 * 1024


def show_run(folder: RunFolder, terminal: Terminal, *, verbose: bool) -> None:
    """The run's summary, as it was printed when it ended."""
    terminal.write(
        render_run(
            folder.run(),
            folder,
            width=terminal.width,
            color=terminal.color,
            unicode=terminal.unicode,
            verbose=verbose,
        )
    )
    torn = folder.torn()
    if torn:
        terminal.write(
            f"the journal was cut off in line {torn[-1].line}: what is shown is what was written"
        )


def show_exchange(
    folder: RunFolder,
    step: str,
    terminal: Terminal,
    *,
    body: bool,
    headers: bool,
    request: bool,
) -> None:
    """One exchange: the parts that were asked for, or all of them. A body alone goes out byte for byte."""
    exchange = _exchange(folder.run(), step)
    everything = not (body or headers or request)
    if request or everything:
        terminal.write(safe_line(f"{exchange.request.method} {exchange.request.url}"))
        _headers(terminal, exchange.request.headers)
        _text(folder, exchange.request.body, terminal)
    response = exchange.response
    if response is None:
        message = exchange.error.message if exchange.error is not None else "no response"
        terminal.write(safe_line(f"no response: {message}"))
        if exchange.undecoded is not None and (body or everything):
            _text(folder, exchange.undecoded, terminal)
        return
    if headers or everything:
        reason = response.reason.decode("utf-8", "replace")
        terminal.write(safe_line(f"{response.http_version} {response.status} {reason}".rstrip()))
        _headers(terminal, response.headers)
        _headers(terminal, response.trailers)
    if body and not (headers or request):
        _bytes(folder, response.body, terminal)
    elif body or everything:
        _text(folder, response.body, terminal)


def _exchange(run: Run, wanted: str) -> Exchange:
    """The last exchange of a step: of the one that is named, else of the first that did not pass, else of the last."""
    steps = [
        (scenario.name, step)
        for scenario in run.scenarios
        for step in scenario.steps
        if any(attempt.exchanges for attempt in step.attempts)
    ]
    if wanted:
        found = [step for _, step in steps if step.id.lower() == wanted.lower()]
        found += [step for name, step in steps if f"{name}/{step.id}".lower() == wanted.lower()]
        if not found:
            raise _no_step(run, wanted, [step.id for _, step in steps])
        return _last(found[-1])
    broken = [step for _, step in steps if step.outcome in (Outcome.FAILED, Outcome.ERRORED)]
    chosen = broken or [step for _, step in steps]
    if chosen:
        return _last(chosen[0] if broken else chosen[-1])
    if run.readiness_exchange is not None:
        return run.readiness_exchange
    raise SmokeError.of("no-exchange", f"the run {run.id} has no exchange: nothing was sent")


def _last(step: StepResult) -> Exchange:
    return next(attempt.exchanges[-1] for attempt in reversed(step.attempts) if attempt.exchanges)


def _no_step(run: Run, wanted: str, known: list[str]) -> SmokeError:
    return SmokeError(
        [
            Diagnostic(
                "unknown-step",
                f"the run {run.id} has no step '{wanted}' with an exchange",
                suggestion=nearest(wanted, known),
                notes=(Note(f"steps: {', '.join(dict.fromkeys(known)) or '(none)'}"),),
            )
        ]
    )


def _headers(terminal: Terminal, headers: Headers) -> None:
    for name, value in headers:
        line = f"{name.decode('latin-1')}: {value.decode('utf-8', 'replace')}"
        terminal.write(safe_line(line))


def _text(folder: RunFolder, body: Body, terminal: Terminal) -> None:
    """A body as text, made safe, piece by piece."""
    terminal.write("")
    for start in range(0, body.size, _CHUNK):
        text = folder.read(body, start, _CHUNK).decode("utf-8", "replace")
        terminal.stream.write(safe(text))
    terminal.write("")


def _bytes(folder: RunFolder, body: Body, terminal: Terminal) -> None:
    """A body as it is: into a file or a pipe byte for byte, onto a terminal made safe."""
    if terminal.is_tty:
        _text(folder, body, terminal)
        return
    terminal.stream.flush()
    for start in range(0, body.size, _CHUNK):
        sys.stdout.buffer.write(folder.read(body, start, _CHUNK))
    sys.stdout.buffer.flush()
