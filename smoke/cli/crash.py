"""What an internal error leaves behind: one line, and a crash report without values."""

from __future__ import annotations

import os
import sys
import tempfile
import traceback

from smoke.model.status import ExitStatus
from smoke.version import __version__


def report_crash(error: BaseException) -> int:
    """Write a crash report (frames and the error's type, no values: they may hold secrets); the exit status."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [
        f"smoke {__version__}, Python {sys.version.split()[0]}, {sys.platform}",
        type(error).__name__,
    ]
    lines += [f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
    path = ""
    try:
        handle, path = tempfile.mkstemp(prefix="smoke-crash-", suffix=".txt")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
    except OSError:
        path = "(no crash report could be written)"
    where = f"{frames[-1].filename.rpartition(os.sep)[2]}:{frames[-1].lineno}" if frames else "?"
    print(  # noqa: T201  (the last words of a process)
        f"smoke: internal error ({type(error).__name__} at {where}); evidence already taken is kept. "
        f"Crash report: {path}",
        file=sys.stderr,
    )
    return ExitStatus.INTERNAL
