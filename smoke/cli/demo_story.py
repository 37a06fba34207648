"""The demo from its first line to its last: the failing run, the fix, the passing run."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import TextIO, get_args

from smoke.app.options import RunOptions
from smoke.cli.running import show_run
from smoke.cli.start import collect_garbage_again
from smoke.cli.terminal import Terminal, stdout
from smoke.demo.look import Look
from smoke.demo.postgres import LogFormat
from smoke.demo.serve import Demo, demo
from smoke.demo.shop.settings import FaceName
from smoke.diagnostic import SmokeError
from smoke.model.run import Outcome, Run
from smoke.model.status import ExitStatus
from smoke.system import SHELL, STOP_SIGNALS

SCENARIO = "repeat-customer"
SQLSTATE = "23505"


def scenario_for(face: str) -> str:
    """The scenario that shows the incident on a shop with that face."""
    return SCENARIO if face == FaceName.REST else f"{SCENARIO}-{face}"


def tell(out: Path, face: str = FaceName.REST) -> int:
    """Run the story on a shop with that face; the exit status: 0 only when the bug was found and the fixed shop passed."""
    collect_garbage_again()
    terminal = stdout()
    name = scenario_for(face)
    with _ended_by_signals(), demo("broken", look=Look(face)) as shop:
        terminal.write(f"A shop with the incident's bug, on a PostgreSQL of its own: {shop.url}\n")
        broken = _run(terminal, shop, name, out)
        terminal.write("\nThe fix, applied to the shop's database:\n")
        for line in shop.apply_fix().strip().splitlines():
            terminal.write(f"    {line}")
        fixed = _run(terminal, shop, name, out)
    found = any(
        finding.database_error is not None and finding.database_error.sqlstate == SQLSTATE
        for finding in broken.findings
    )
    as_it_must = broken.outcome is Outcome.FAILED and found and fixed.outcome is Outcome.PASSED
    if not as_it_must:
        terminal.write(
            "\nThe demo did not end as it must: the bug was not found, or the fix did not help."
        )
        return ExitStatus.FAILED
    keep = "" if face == FaceName.REST else f" --face {face}"
    terminal.write(
        "\nThat was the demo: the bug was found, and the fixed shop passed.\n"
        f"  evidence     {broken.folder} (failed), {fixed.folder} (passed)\n"
        f"  look closer  smoke show {broken.id}\n"
        f"  keep a shop  smoke demo serve --state broken{keep}\n"
        f"  your shop    smoke run {name} --url https://your-shop.example"
    )
    return ExitStatus.PASSED


def _run(terminal: Terminal, shop: Demo, name: str, out: Path) -> Run:
    terminal.write(f"\n$ smoke run {name} --url {shop.url}\n")
    run, _ = show_run(RunOptions(selectors=(name,), url=shop.url, out=out), terminal)
    return run


def keep_running(
    state: str, look: Look, *, port: int, version: str, log_format: str, out: TextIO
) -> None:
    """Serve the shop until SIGINT or SIGTERM."""
    collect_garbage_again()
    if not version.isprintable():
        raise SmokeError.of("demo-option", "--version has a control character in it")
    done = threading.Event()
    with (
        _ended_by_signals(done),
        demo(
            state,
            port=port,
            look=look,
            version=version,
            log_format=_log_format(log_format),
        ) as shop,
    ):
        lines = [f"url {shop.url}", f"dsn {shop.dsn}"]
        lines += [f"dsn-{name} {dsn}" for name, dsn in shop.dsns.items() if name != "shop"]
        if shop.log_path is not None:
            lines.append(f"postgres-log {shop.log_path}")
        if look.app_log is not None:
            lines.append(f"app-log {look.app_log}")
        lines.append(f"try {_command(shop, state, look)}")
        face = "" if look.face == FaceName.REST else f", face {look.face}"
        out.write(
            "\n".join([f"The demo shop, state {state}{face}. Ctrl-C ends it.", *lines]) + "\n"
        )
        out.flush()
        while not done.wait(0.5):
            pass


def _command(shop: Demo, state: str, look: Look) -> str:
    """The command that shows what there is to see of a state: with the logs where answers hide their error."""
    command = f"smoke run {scenario_for(look.face)} --url {shop.url}"
    logs = [path for path in (look.app_log, shop.log_path) if path is not None]
    if (state == "masked" or look.mask is not None) and logs:
        return command + "".join(f" --log {SHELL.join([str(path)])}" for path in logs)
    return SHELL.with_variable("SMOKE_DSN", shop.dsn, command)


def _log_format(text: str) -> LogFormat:
    known: tuple[LogFormat, ...] = get_args(LogFormat)
    for name in known:
        if text == name:
            return name
    raise SmokeError.of(
        "demo-option", f"there is no log format '{text}'", notes=[f"known: {', '.join(known)}"]
    )


@contextlib.contextmanager
def _ended_by_signals(done: threading.Event | None = None) -> Iterator[None]:
    """SIGTERM and SIGHUP end the demo like Ctrl-C; with `done` it is set and the caller ends by itself."""

    def handle(number: int, _frame: FrameType | None) -> None:
        if done is not None:
            done.set()
            return
        sys.exit(128 + number)

    # Ctrl-C without `done` is Python's own KeyboardInterrupt
    numbers = [number for number in STOP_SIGNALS if done is not None or number != signal.SIGINT]
    previous = {number: signal.signal(number, handle) for number in numbers}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
