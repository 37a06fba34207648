"""Files that a scenario names: only below the scenario's own folder, with links resolved, and bounded."""

from __future__ import annotations

import os.path
from collections.abc import Sequence
from pathlib import Path

from smoke.diagnostic import Diagnostic, Note, SmokeError, Span, nearest
from smoke.inputs import read_input
from smoke.scenario.source import MAX_BYTES

_PROJECT_SIGNS = (".git", "smoke.toml", "pyproject.toml", "package.json")
MAX_BODY_FILE = 64 * 1024 * 1024
MAX_ROW_FILE = 4 * 1024 * 1024


class FileRefusedError(Exception):
    """A file that is not read; `code` is the diagnostic's."""

    def __init__(
        self, code: str, message: str, notes: Sequence[str] = (), suggestion: str | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.notes = tuple(notes)
        self.suggestion = suggestion


class Files:
    """Reads the files of one scenario. Nothing outside the folder of the top file is opened, schemas apart.

    `named` takes every file that was looked for, those that are not there too.
    """

    def __init__(self, top: Path, named: list[Path] | None = None) -> None:
        self.named = [] if named is None else named
        self.named.append(resolved(top))
        self._top = top
        self._root = resolved(top.parent)

    def read_top(self) -> bytes:
        """The scenario file itself. Raises SmokeError when it cannot be read."""
        try:
            return self._read(self._top, MAX_BYTES + 1)
        except FileNotFoundError as error:
            known = _files_in(self._top.parent, "*.y*ml")
            message, notes = _absent(self._top, str(self._top), known)
            raise SmokeError(
                [
                    Diagnostic(
                        "file-not-found",
                        message,
                        span=Span(str(self._top)),
                        suggestion=None
                        if self._top.is_symlink()
                        else nearest(self._top.name, known),
                        notes=tuple(map(Note, notes)),
                    )
                ]
            ) from error
        except OSError as error:
            raise SmokeError(
                [
                    Diagnostic(
                        "cannot-read",
                        f"cannot read {self._top}: {error.strerror}",
                        span=Span(str(self._top)),
                    )
                ]
            ) from error

    def locate(self, relative: str, beside: str, *, project: bool = False) -> Path:
        """The resolved path of a file named in the file `beside`. Raises FileRefusedError.

        `project`: it may lie anywhere in the project, since nothing of it is sent.
        """
        if (
            not relative
            or relative.startswith(("/", "\\", "~"))
            or ":" in relative
            or "\0" in relative
        ):
            raise FileRefusedError("file-outside", "a file is named relative to the scenario")
        path = resolved(Path(beside).parent / relative)
        self.named.append(path)
        if not path.is_relative_to(_project_of(self._root) if project else self._root):
            where = "the project" if project else "the scenario's folder"
            raise FileRefusedError("file-outside", f"'{relative}' leads out of {where}")
        try:
            there = path.is_file()
        except OSError as error:  # a name that is too long, a folder that may not be entered
            raise FileRefusedError("cannot-read", f"cannot read it: {error.strerror}") from error
        if not there:
            named = Path(beside).parent / relative
            if path.is_dir():
                raise FileRefusedError("file-not-found", f"'{relative}' is a folder, not a file")
            known = _files_in(named.parent, f"*{named.suffix}")
            message, notes = _absent(named, f"'{relative}'", known)
            raise FileRefusedError("file-not-found", message, notes, nearest(named.name, known))
        return path

    @staticmethod
    def beside(relative: str, source: str) -> str:
        """How a file that is named in the file `source` is called in messages."""
        return (Path(source).parent / relative).as_posix()

    def read_scenario(self, path: Path) -> bytes:
        """An included file. Raises FileRefusedError."""
        return self._checked(path, MAX_BYTES + 1)

    def read_body(self, path: Path) -> bytes:
        """A file that is sent. Raises FileRefusedError."""
        return self._bounded(path, MAX_BODY_FILE)

    def read_again(self, path: str) -> bytes:
        """A file that was located and read before. Raises FileRefusedError."""
        return self.read_body(Path(path))

    def read_rows(self, path: Path) -> bytes:
        """A file with a row for each round of a loop. Raises FileRefusedError."""
        return self._bounded(path, MAX_ROW_FILE)

    def _bounded(self, path: Path, limit: int) -> bytes:
        data = self._checked(path, limit + 1)
        if len(data) > limit:
            raise FileRefusedError("file-too-large", f"the file has more than {limit:,} bytes")
        return data

    def _checked(self, path: Path, limit: int) -> bytes:
        try:
            return self._read(path, limit)
        except OSError as error:
            raise FileRefusedError("cannot-read", f"cannot read it: {error.strerror}") from error

    @staticmethod
    def _read(path: Path, limit: int) -> bytes:
        return read_input(path, limit)


def _project_of(folder: Path) -> Path:
    """The nearest folder around that a repository or the settings of a project are in; else the folder itself."""
    for around in (folder, *folder.parents):
        if any((around / name).exists() for name in _PROJECT_SIGNS):
            return around
    return folder


def _files_in(folder: Path, pattern: str) -> list[str]:
    """Names of some files of a folder; a link that leads nowhere is none."""
    try:
        return [path.name for path in sorted(folder.glob(pattern))[:200] if path.is_file()]
    except (OSError, ValueError):
        return []


def _absent(path: Path, name: str, known: Sequence[str]) -> tuple[str, list[str]]:
    """Why there is no such file, and what could help: where it was looked for, and what is there."""
    folder = path.parent
    if path.is_symlink():
        message = f"there is no file {name}: it is a link to {path.readlink()}, which is not there"
    else:
        message = f"there is no file {name}"
    if not folder.is_dir():
        return message, [f"looked in {folder}, which is no folder"]
    there = f": {', '.join(known[:10])}" if known else ""
    return message, [f"looked in {folder if str(folder) != '.' else 'this folder'}{there}"]


def resolved(path: Path) -> Path:
    """The path without links. Path.resolve would raise for links in a circle; those fail when they are read."""
    return Path(os.path.realpath(path))
