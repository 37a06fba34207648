"""Which scenario files changed, and which of them are to be checked again: by the times and sizes of what they were read from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from smoke.app.catalog import OWN_FOLDERS, entries, meant
from smoke.app.parts import parts_among
from smoke.diagnostic import Diagnostic, Level, SmokeError
from smoke.scenario.load import Loaded, load_noting

Stamp = tuple[int, int, int] | None
"""When a file was changed last, its size and number; None where there is none."""
Stamps = Mapping[Path, Stamp]


class FileChecked(Struct, frozen=True):
    """One scenario file as it was when it was checked: what is to be said of it, and the files that it was read from."""

    path: Path
    diagnostics: tuple[Diagnostic, ...]
    named: frozenset[Path]
    loaded: Loaded | None = None

    @property
    def right(self) -> bool:
        """Whether nothing is an error."""
        return all(each.level is not Level.ERROR for each in self.diagnostics)


class Round(Struct, frozen=True):
    """What a change came to: the files checked again, those that are gone, and what is wrong with the words themselves."""

    checked: tuple[FileChecked, ...] = ()
    gone: tuple[Path, ...] = ()
    problems: tuple[Diagnostic, ...] = ()


def check_file(path: Path) -> FileChecked:
    """A scenario file, with every mistake in it and in what it includes."""
    named: list[Path] = []
    try:
        loaded = load_noting(path, named)
    except SmokeError as error:
        return FileChecked(path, error.diagnostics, frozenset(named))
    return FileChecked(path, tuple(loaded.warnings), frozenset(named), loaded)


def affected(checked: Mapping[Path, FileChecked], changed: Iterable[Path]) -> list[Path]:
    """The scenario files that were read from one that changed."""
    files = frozenset(changed)
    return [path for path, each in checked.items() if each.named & files]


def changes(before: Stamps, now: Stamps) -> list[Path]:
    """The files that are not as they were."""
    return [path for path in {**before, **now} if before.get(path) != now.get(path)]


class WatchedFiles:
    """The scenarios that some words mean, and what is known of each. `also` are files that belong to all of them."""

    def __init__(self, selectors: Sequence[str], also: Sequence[Path] = ()) -> None:
        self._selectors = selectors
        self._also = also
        self.checked: dict[Path, FileChecked] = {}
        self.stamps: Stamps = {}
        self._before: Stamps | None = None

    def begin(self) -> Round:
        """Check all of them."""
        return self._look([])

    def settled(self) -> bool:
        """Whether something changed since the last round, and nothing any more: an editor writes a file in several steps."""
        now = self._stamps()
        changed = bool(changes(self.stamps, now))
        still = now == self._before
        self._before = now
        return changed and still

    def again(self) -> Round:
        """Check what changed, and what includes it."""
        return self._look(changes(self.stamps, self._stamps()))

    def _look(self, changed: Sequence[Path]) -> Round:
        self.stamps = (
            self._stamps()
        )  # before the files are read: what is written meanwhile counts as a change
        paths, problems = self._paths()
        gone = tuple(path for path in self.checked if path not in paths)
        for path in gone:
            del self.checked[path]
        again = affected(self.checked, changed)
        wanted = [path for path in paths if path in again or path not in self.checked]
        for path in wanted:
            self.checked[path] = check_file(path)
        # of a file that is known only now, as it is now
        self.stamps = {path: self.stamps.get(path, now) for path, now in self._stamps().items()}
        return Round(tuple(self.checked[path] for path in wanted), gone, tuple(problems))

    def _paths(self) -> tuple[list[Path], list[Diagnostic]]:
        if self._selectors:
            return meant(self._selectors)
        own = [entry.path for entry in entries() if not entry.shipped]
        parts = parts_among(own)
        return [path for path in own if path not in parts], []

    def _stamps(self) -> Stamps:
        folders = [*OWN_FOLDERS, *(Path(word) for word in self._selectors if Path(word).is_dir())]
        there = [file for folder in folders if folder.is_dir() for file in folder.iterdir()]
        named = [file for each in self.checked.values() for file in each.named]
        return {
            path: _stamp(path)
            for path in (*named, *self._also, *(file.resolve() for file in there if _yaml(file)))
        }


def _yaml(file: Path) -> bool:
    return file.suffix in (".yaml", ".yml")


def _stamp(path: Path) -> Stamp:
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
