"""Whether reports can be written where they are asked for: found out before the first order, not after the last."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from smoke.diagnostic import Diagnostic, SmokeError
from smoke.system import open_new


def check_paths(reports: Sequence[tuple[str, Path]]) -> None:
    """Make the folders, and a file in each. Raises SmokeError with every report that could not be written."""
    found = []
    taken: dict[str, str] = {}
    for name, path in reports:
        place = os.path.realpath(path)
        problem = f"{taken[place]} is written there too" if place in taken else _problem(path)
        if problem:
            message = f"--report {name}={path} cannot be written: {problem}"
            found.append(Diagnostic("report-not-writable", message))
        taken[place] = name
    if found:
        raise SmokeError(found)


def _problem(path: Path) -> str:
    """Why no report can be written there; empty when one can."""
    try:
        if path.is_dir():
            return "it is a folder"
        partial = path.with_name(f".{path.name}.{os.getpid()}.part")
        if path.exists() and not path.is_file():
            return "it is no file, and would be replaced by one"
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(open_new(partial))
        partial.unlink()
    except (OSError, ValueError) as error:
        return (error.strerror if isinstance(error, OSError) else "") or str(error)
    return ""
