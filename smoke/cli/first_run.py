"""The first run of what was imported: dry, then once, where somebody says so. Never a second time."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from smoke.cli.terminal import stdout
from smoke.diagnostic import Diagnostic, Note, SmokeError, nearest
from smoke.text import safe_line

if TYPE_CHECKING:
    from smoke.app.options import RunOptions

WAYS = ("dry", "once")


def check_way(way: str, url: str, to: str = "") -> None:
    """Refuse a wish for a run that cannot be met, before anything is written. Raises SmokeError."""
    from smoke.app.addresses import base_of

    if way and way not in WAYS:
        notes = (Note(f"known: {', '.join(WAYS)}"),)
        raise SmokeError(
            [
                Diagnostic(
                    "bad-option",
                    f"--run does not know '{way}'",
                    suggestion=nearest(way, WAYS),
                    notes=notes,
                )
            ]
        )
    if way and to == "-":
        raise SmokeError.of(
            "bad-option", "--run runs the file that is written, and --to - writes none"
        )
    if url:
        base_of(url, "--url")
    elif way:
        raise SmokeError.of(
            "bad-option", "--run orders somewhere: say where, with --url https://shop.example"
        )


def first_run(path: Path, way: str, url: str) -> int:
    """Run what was imported as it is wished, or as a person in a terminal says; the exit status of the run."""
    if way:
        return _dry(path, url) if way == "dry" else _once(path, url)
    shown = stdout()
    if sys.stdin is None or not sys.stdin.isatty() or not shown.is_tty:
        return 0
    if not url:
        url = _answer("show what it would send: to which URL? (empty: not now) ")
    elif not _agreed(f"show what it would send to {url}? y/N "):
        url = ""
    if not url:
        return 0
    check_way("", url)
    _dry(path, url)
    if _agreed(f"run it once now? It places a real order at {url}. y/N "):
        return _once(path, url)
    return 0


def _dry(path: Path, url: str) -> int:
    from smoke.cli.running import dry_run

    dry_run(_options(path, url))
    return 0


def _once(path: Path, url: str) -> int:
    from smoke.app.first_run import check_orders, hints_of
    from smoke.cli.running import show_run

    check_orders(path)

    run, status = show_run(_options(path, url), stdout())
    for hint in hints_of(run, path):
        stdout().try_to_write("")
        stdout().try_to_write(safe_line(f"{path.as_posix()}:{hint.line}: {hint.message}"))
    return status


def _options(path: Path, url: str) -> RunOptions:
    """The options of the run, with the project's defaults."""
    from smoke.app.defaults import run_with_defaults
    from smoke.app.options import RunOptions
    from smoke.cli.project import project_here

    options = RunOptions(selectors=(path.as_posix(),), url=url)
    project = project_here()
    if project is None:
        return options
    return run_with_defaults(options, {"selectors", "url"}, project)


def _agreed(question: str) -> bool:
    return _answer(question).lower() in {"y", "yes"}


def _answer(question: str) -> str:
    """What somebody types; nothing where nobody is there any more."""
    shown = stdout()
    shown.stream.write(safe_line(question.rstrip()) + " ")
    shown.stream.flush()
    return sys.stdin.readline(4096).strip()
