"""A file of a project, exchanged for a new version at one moment: the old or the new one is there, never a part."""

from __future__ import annotations

import os
from pathlib import Path

from smoke import system
from smoke.diagnostic import SmokeError
from smoke.inputs import read_input
from smoke.store.files import write_new


def exchange(path: Path, before: bytes, after: bytes) -> None:
    """Put `after` where `before` stands. Links and rights stay. Raises SmokeError, where somebody changed the file meanwhile too."""
    try:
        whole = path.resolve()
        mode = whole.stat().st_mode & 0o777
        temporary = whole.with_name(f".{whole.name}.{os.getpid()}.{os.urandom(4).hex()}")
        write_new(temporary, after, sync=True)
        try:
            temporary.chmod(mode)
            _check_unchanged(whole, before, path)
            system.replace(temporary, whole)
        except BaseException:
            system.remove(temporary)
            raise
        system.sync_folder(whole.parent)
    except (OSError, ValueError, RuntimeError) as error:
        raise SmokeError.of("cannot-write", f"cannot write {path}: {error}") from error


def _check_unchanged(whole: Path, before: bytes, path: Path) -> None:
    if read_input(whole, len(before) + 1) != before:
        raise SmokeError.of("cannot-write", f"{path} was changed meanwhile: nothing is written")
