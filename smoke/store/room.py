"""Gives back room on the disk: reserves that killed runs left, and whole runs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from smoke import system
from smoke.store.files import StoreError, cannot

LOCK = "lock"
RESERVE = "reserve"
GOING = ".going-"
"""What the name of a run that is being removed begins with: it is no run any more, even if half of it stays."""


def give_back_reserves(out: Path) -> None:
    """Remove the reserves of runs that no process writes (killed ones). What cannot be removed is left for later."""
    with suppress(OSError), os.scandir(out) as entries:
        for entry in entries:
            reserve = Path(entry.path) / RESERVE
            if entry.is_dir(follow_symlinks=False) and reserve.exists():
                with suppress(OSError, StoreError), locked(Path(entry.path)):
                    system.remove(reserve)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """While entered, no process writes this run. Raises StoreError (`run-in-use`) when one does."""
    try:
        descriptor = system.open_old(path / LOCK)
    except FileNotFoundError:  # the folder of a version without locks, or a copy: nobody writes it
        yield
        return
    except OSError as error:
        raise cannot("lock", path / LOCK, error) from error
    try:
        if not system.lock(descriptor):
            raise StoreError.of(
                "run-in-use", f"the run {path.name} is still being written by another process"
            )
        yield
    finally:
        os.close(descriptor)


def size_on_disk(path: Path) -> int:
    """Bytes that a run's files take. Raises StoreError."""
    try:
        return sum(
            system.disk_use((Path(folder) / name).lstat())
            for folder, _, names in os.walk(path)
            for name in names
        )
    except OSError as error:
        raise cannot("read", path, error) from error


def remove_run(path: Path) -> None:
    """Remove a run's folder; links in it are removed, not followed. Raises StoreError.

    It loses its name first, so that no half of a run is ever taken for one.
    """
    going = path.with_name(GOING + path.name)
    with ExitStack() as held:
        held.enter_context(locked(path))
        if not system.FOLDERS_MOVE_WHILE_OPEN:
            held.close()  # what a process writes, one that begins just now too, does not move there
        try:
            system.rename(path, going)
            system.remove_tree(going)
        except OSError as error:
            raise cannot("remove", path, error) from error


def remove_halves(out: Path) -> None:
    """Remove what is left of runs whose removal was cut off. Raises StoreError."""
    for path in out.glob(f"{GOING}*"):
        if path.is_dir() and not path.is_symlink():
            try:
                system.remove_tree(path)
            except OSError as error:
                raise cannot("remove", path, error) from error
