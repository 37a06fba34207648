"""From the process to the command, and what becomes of errors and of output that is lost."""

from __future__ import annotations

import os
import sys

from smoke.cli.output import OutputLostError, status_of, telling
from smoke.model.status import ExitStatus
from smoke.version import __version__


def main() -> None:
    """Run the command line and leave the process with its exit status."""
    _open_closed()
    sys.stdout, sys.stderr = telling(sys.stdout), telling(sys.stderr)
    # `smoke show | head`: the reader's choice, not our error; but what was cut off is not said to be good
    sys.exit(status_of(_carry_out))


def _carry_out() -> None:
    if sys.argv[1:] == ["--version"]:
        sys.stdout.write(f"smoke {__version__}\n")
        return
    try:
        _command()
    except KeyboardInterrupt:
        sys.exit(ExitStatus.INTERRUPTED)
    except OutputLostError:
        raise
    except Exception as error:  # noqa: BLE001  (the outermost door: a diagnostic or a crash report, no traceback)
        sys.exit(_told(error))


def _command() -> None:
    if sys.argv[1:2] == ["run"]:
        from smoke.cli.plain import plain_run
        from smoke.cli.run_as_asked import run_as_asked

        plain = plain_run(sys.argv[2:], os.environ)
        if plain is not None:
            run_as_asked(plain, plain.values)
            return
    from smoke.cli.main import app

    app()


def _open_closed() -> None:
    """Give a process that was started without a standard stream (`>&-`) one that leads nowhere."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115  (kept until exit)


def _told(error: Exception) -> int:
    """Print what went wrong; the exit status. What this needs is imported here: `--version` goes without."""
    from smoke.diagnostic import NothingChangedError, NothingSelectedError, SmokeError

    if isinstance(error, NothingChangedError):
        from smoke.text import safe_line

        sys.stdout.write(f"{safe_line(str(error))}\n")
        return ExitStatus.PASSED
    if isinstance(error, SmokeError):
        from smoke.cli.terminal import Terminal

        Terminal.of(sys.stderr).diagnostics(error.diagnostics)
        nothing = isinstance(error, NothingSelectedError)
        return ExitStatus.NOTHING_RUN if nothing else ExitStatus.USAGE
    from smoke.cli.crash import report_crash

    return report_crash(error)
