"""The files below a folder, each looked at once, and their texts."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from smoke.diagnostic import SmokeError
from smoke.inputs import read_input

LARGEST = 20 * 1024 * 1024
_HEAD = 64 * 1024
MOST = 50_000
"""Files that are looked at: a home folder is no project."""
DEEPEST = 8
_FOREIGN = frozenset(
    [
        "node_modules",
        "vendor",
        "target",
        "dist",
        "build",
        "out",
        "venv",
        "__pycache__",
        "site-packages",
        "bower_components",
        "coverage",
        "tmp",
    ]
)
"""Folders of what was installed or made, not written."""


@dataclass(frozen=True)
class Tree:
    """The files below a folder, without hidden ones and those of installed packages."""

    root: Path

    @cached_property
    def files(self) -> tuple[Path, ...]:
        """All files, by name."""
        found: list[Path] = []
        for place, folders, names in os.walk(self.root):
            here = Path(place)
            deep = len(here.relative_to(self.root).parts) >= DEEPEST
            folders[:] = (
                []
                if deep
                else sorted(n for n in folders if n not in _FOREIGN and not n.startswith("."))
            )
            found += (here / name for name in sorted(names))
            if len(found) > MOST:
                break
        return tuple(found[:MOST])

    def named(self, *names: str) -> Iterator[Path]:
        """Files of these names."""
        return (file for file in self.files if file.name in names)

    @cached_property
    def by_folder(self) -> dict[Path, tuple[Path, ...]]:
        """The files of each folder that has some."""
        found: dict[Path, list[Path]] = {}
        for file in self.files:
            found.setdefault(file.parent, []).append(file)
        return {folder: tuple(files) for folder, files in found.items()}

    def folders(self, fits: Callable[[Path], bool]) -> list[Path]:
        """Folders that hold a file that fits."""
        return [f for f, files in self.by_folder.items() if any(fits(file) for file in files)]

    @cached_property
    def packages(self) -> str:
        """The text of the package.json, Cargo.toml and go.mod here and in the folders above: what the project uses."""
        near = [file for file in self.files if file.name in _MANIFESTS][:50]
        above = [folder / name for folder in self.root.resolve().parents for name in _MANIFESTS]
        return "\n".join(head(file) for file in [*near, *(f for f in above if f.is_file())])


_MANIFESTS = ("package.json", "Cargo.toml", "go.mod", "composer.json", "Gemfile")


def head(file: Path) -> str:
    """The beginning of a file, for what it is to be told by; empty when it cannot be read."""
    try:
        return read_input(file, _HEAD).decode("utf-8", "replace").removeprefix("\ufeff")
    except OSError:
        return ""


def text_of(file: Path) -> str:
    """The whole text of a file. Raises SmokeError (`unreadable`)."""
    try:
        data = read_input(file, LARGEST + 1)
    except OSError as error:
        raise SmokeError.of("unreadable", f"cannot read {file}: {error.strerror}") from error
    if len(data) > LARGEST:
        raise SmokeError.of("unreadable", f"{file} is larger than {LARGEST >> 20} MiB")
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise SmokeError.of("unreadable", f"{file} is not UTF-8 text") from error
