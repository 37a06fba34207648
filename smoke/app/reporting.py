"""Writes reports of a run: each beside its final place first, so that nobody reads a half one or an old one."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from smoke import plugins
from smoke.diagnostic import Diagnostic, Note, SmokeError, nearest
from smoke.store import RunFolder
from smoke.system import make_private_folder, open_new, remove, remove_tree, replace

if TYPE_CHECKING:
    from smoke.model.run import Run
    from smoke.report import FolderReporter, Reporter, TargetRun

Reports = Sequence[tuple[str, Path]]
"""Formats, and where each report goes."""


def write_report(run: Run, kind: str, path: str | os.PathLike[str]) -> Path:
    """Write the report of a run, from its evidence, and give its path back.

    `kind` is a name of `smoke plugins`, such as `junit` or `html`. An older file is replaced when the report is whole. Raises SmokeError: there is no such format, the evidence is
    not there, or the report could not be written.
    """
    if not isinstance(cast("Any", kind), str):
        raise TypeError(f"write_report() takes the name of a format, not {type(kind).__name__}")
    check_format(kind)
    if not hasattr(run, "folder"):
        raise TypeError(f"write_report() takes a Run, not {type(run).__name__}")
    problems = write_reports(run, RunFolder.open(Path(run.folder)), [(kind, Path(path))])
    if problems:
        raise SmokeError.of("report-not-writable", problems[0])
    return Path(path)


def check_format(name: str, option: str = "") -> None:
    """Refuse a format that there is none of, or that cannot be loaded. Raises SmokeError; `option` asked for it."""
    seen = plugins.survey("reporters")
    known = sorted(seen.plugins)
    if name not in known and name not in seen.left_out:
        raise SmokeError(
            [
                Diagnostic(
                    "unknown-format",
                    f"{option}{': ' if option else ''}there is no format '{name}'",
                    suggestion=nearest(name, known),
                    notes=(Note(f"formats: {', '.join(known)}"),),
                )
            ]
        )
    plugins.load("reporters", name)  # one that cannot be used is told before anything is sent


def is_folder(name: str) -> bool:
    """Whether a format is a folder of files. Raises SmokeError as `check_format`."""
    plugin = plugins.get("reporters", name)
    module = plugin.load()
    return bool(plugins.guarded(plugin, lambda: getattr(module, "FOLDER", False)))


def partial_of(path: Path, *, folder: bool) -> Path:
    """Where a report is made before it is moved to `path`: beside it, or in it where it is a folder."""
    return (
        path / f".{os.getpid()}.part"
        if folder
        else path.with_name(f".{path.name}.{os.getpid()}.part")
    )


def write_reports(finished: Run, folder: RunFolder, reports: Reports) -> tuple[str, ...]:
    """Write each report beside its final place and move it there; the problems in words.

    One that fails stops no other, and the run is no longer green: CI would read an old report.
    """
    problems = []
    for name, path in reports:
        try:
            if is_folder(name):
                _write_folder(name, finished, folder, path)
            else:
                _write_file(name, finished, folder, path)
        except (OSError, SmokeError, ValueError) as error:
            problems.append(_problem(name, path, error))
    return tuple(problems)


def tells_of_all(name: str) -> bool:
    """Whether a format can tell of several targets in one file. Raises SmokeError as `check_format`."""
    plugin = plugins.get("reporters", name)
    module = plugin.load()
    return bool(plugins.guarded(plugin, lambda: callable(getattr(module, "write_all", None))))


def write_reports_of_all(runs: Sequence[TargetRun], reports: Reports) -> tuple[str, ...]:
    """Write reports of several targets, each in one file; the problems in words."""
    problems = []
    for name, path in reports:
        try:
            plugin = plugins.get("reporters", name)
            _write_to(path, plugin, partial(plugin.load().write_all, runs))
        except (OSError, SmokeError, ValueError) as error:
            problems.append(_problem(name, path, error))
    return tuple(problems)


def _problem(name: str, path: Path, error: Exception) -> str:
    detail = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return f"the report {name}={path} could not be written: {detail}"


def _write_file(name: str, finished: Run, folder: RunFolder, path: Path) -> None:
    plugin = plugins.get("reporters", name)
    module: Reporter = plugin.load()
    _write_to(path, plugin, lambda out: module.write(finished, folder, out))


def _write_to(path: Path, plugin: plugins.Plugin, write: Callable[[BinaryIO], None]) -> None:
    partial = partial_of(path, folder=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with _private(partial) as out:
            _fenced(plugin, lambda: write(out))
        replace(partial, path)
    except (OSError, SmokeError):
        with contextlib.suppress(OSError):
            remove(partial)
        raise


def _write_folder(name: str, finished: Run, folder: RunFolder, path: Path) -> None:
    """Make the files in a folder of their own, and move them when the reporter has returned."""
    path.mkdir(parents=True, exist_ok=True)
    partial = partial_of(path, folder=True)
    make_private_folder(partial)
    try:
        out = _Files(partial)
        plugin = plugins.get("reporters", name)
        module: FolderReporter = plugin.load()
        _fenced(plugin, lambda: module.write(finished, folder, out))
        for file in out.names:
            replace(partial / file, path / file)
    finally:
        with contextlib.suppress(OSError):
            remove_tree(partial)


class _Files:
    """Where a reporter puts the files of a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.names: list[str] = []

    @contextlib.contextmanager
    def file(self, name: str, /) -> Iterator[BinaryIO]:
        """A new file. Raises ValueError for a name that could lie elsewhere, OSError."""
        if not _FILE_NAME.fullmatch(name):
            raise ValueError("no name of a file in a report")
        with _private(self._folder / name) as out:
            self.names.append(name)
            yield out


_FILE_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}")


def _fenced(plugin: plugins.Plugin, write: Callable[[], None]) -> None:
    """Let a reporter write. Raises OSError where the file fails, PluginError for every fault of the reporter."""
    plugins.guarded(plugin, write, lets=(OSError,), quote=False)


def _private(path: Path) -> BinaryIO:
    """A new file that only its owner may read, whatever the umask says: a report quotes what a deployment answered."""
    return os.fdopen(open_new(path), "wb")
