"""Whether reports can be written where they are asked for: found out before the first order, not after the last."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from smoke.app.reporting import is_folder, partial_of
from smoke.diagnostic import Diagnostic, SmokeError
from smoke.system import open_new, remove


def check_paths(
    reports: Sequence[tuple[str, Path]],
    verdict: Path | None = None,
    overview: Path | None = None,
) -> None:
    """Make the folders, and a file in each. Raises SmokeError with everything that could not be written."""
    asked = [(f"--report {name}={path}", name, path, is_folder(name)) for name, path in reports]
    asked += [(f"--verdict {path}", "the verdict", path, False) for path in [verdict] if path]
    asked += [(f"--overview {path}", "the overview", path, False) for path in [overview] if path]
    found = []
    taken: dict[str, str] = {}
    made: list[tuple[str, Path]] = []
    try:
        for option, name, path, folder in asked:
            place = os.path.realpath(path)
            problem = f"{taken[place]} is written there too" if place in taken else ""
            taken[place] = name
            if problem := problem or _problem(path, name, made, folder=folder):
                message = f"{option} cannot be written: {problem}"
                found.append(Diagnostic("report-not-writable", message))
    finally:
        for _, partial in made:
            remove(partial)
    if found:
        raise SmokeError(found)


def _problem(path: Path, name: str, made: list[tuple[str, Path]], *, folder: bool) -> str:
    """Why no report can be written there; empty when one can. What is written to find out is put into `made`."""
    try:
        if folder and path.exists() and not path.is_dir():
            return "it is a file, and this report is a folder"
        if path.is_dir() and not folder:
            return "it is a folder"
        if path.exists() and not folder and not path.is_file():
            return "it is no file, and would be replaced by one"
        (path if folder else path.parent).mkdir(parents=True, exist_ok=True)
        partial = partial_of(path, folder=folder)
        try:
            os.close(open_new(partial))
        except FileExistsError:
            # a file system that takes two names for one (upper and lower case, forms of an accent) says so itself
            other = next((n for n, there in made if _alike(there) == _alike(partial)), None)
            if other is None:
                raise
            return f"{other} is written there too: that file system takes both names for one"
        made.append((name, partial))
    except (OSError, ValueError) as error:
        return (error.strerror if isinstance(error, OSError) else "") or str(error)
    return ""


def _alike(path: Path) -> str:
    return unicodedata.normalize("NFC", str(path)).casefold()
