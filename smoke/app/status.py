"""Writes the status page: the history as HTML, for whoever serves files."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from smoke.app.comparing import Past, past_runs
from smoke.app.history import HistoryPlace
from smoke.diagnostic import SmokeError
from smoke.overview.status import status_page
from smoke.system import remove, replace

LAST = 60
"""Runs of each target that are shown."""


def write_status(path: Path, found: Sequence[Past]) -> None:
    """Replace the page when it is whole. Raises SmokeError when it cannot be written."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    text = status_page([(past.target, past.records) for past in found], at)
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        remove(partial)
        with partial.open("xb") as file:  # as the umask says: another user's web server reads it
            file.write(text.encode())
        replace(partial, path)
    except OSError as error:
        with suppress(OSError):  # it may be no place for a file at all
            remove(partial)
        raise SmokeError.of(
            "report-not-writable", f"{path} could not be written: {error.strerror or error}"
        ) from error


def status_of(place: HistoryPlace, path: Path) -> None:
    """Write the page of all targets that the history knows. Raises SmokeError."""
    write_status(path, past_runs(place, most=LAST))
