"""Files and folders that only their owner may read, made without following links."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from smoke import system
from smoke.diagnostic import Diagnostic, Note, SmokeError
from smoke.model.exchange import Body

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""Error numbers of a full disk, a used-up quota and a limit of file sizes."""


class StoreError(SmokeError):
    """The run folder cannot be written or read: a full disk, a missing right, a foreign file."""


class RunEmptyError(StoreError):
    """The run ended before its first event was whole, so before it sent anything."""


class PartlyKeptError(StoreError):
    """The disk took only the beginning of a body: `body` says how much, and where it lies."""

    def __init__(self, diagnostics: Sequence[Diagnostic], body: Body) -> None:
        super().__init__(diagnostics)
        self.body = body


def cannot(doing: str, path: Path, error: OSError) -> StoreError:
    """The error for a failed operation on a file, in words that name the remedy where there is one."""
    code, remedy = "store-failed", ""
    if error.errno in FULL:
        code, remedy = "disk-full", "free some space, or choose another folder with --out"
    elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        code, remedy = "store-not-writable", "choose a folder that you may write to with --out"
    notes = (Note(remedy),) if remedy else ()
    return StoreError(
        [Diagnostic(code, f"cannot {doing} {path}: {error.strerror or error}", notes=notes)]
    )


def make_folder(path: Path, *, exist_ok: bool = False) -> None:
    """A folder with mode 0700, whatever the umask. An existing one keeps its mode."""
    try:
        system.make_private_folder(path)
    except FileExistsError:
        if not exist_ok or not path.is_dir():
            raise


def write_all(descriptor: int, data: bytes | memoryview) -> None:
    """Every byte written; `os.write` alone may write fewer."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def write_new(path: Path | str, data: bytes, *, sync: bool = False) -> None:
    """A new file with this content. Nothing is left behind when it cannot be written whole."""
    with _made(path) as descriptor:
        write_all(descriptor, data)
        if sync:
            os.fsync(descriptor)


def write_beginning(path: Path | str, data: bytes) -> int:
    """A new file with half of what the disk takes of `data` (the rest is left for what comes); how many bytes."""
    with _made(path) as descriptor:
        with contextlib.suppress(OSError):  # it is full, that is why we are here
            write_all(descriptor, data)
        size = min(os.fstat(descriptor).st_size, len(data)) // 2
        os.ftruncate(descriptor, size)
        os.fsync(descriptor)
    if not size:
        system.remove(Path(path))
    return size


@contextlib.contextmanager
def _made(path: Path | str) -> Iterator[int]:
    """A new file to write to, which is gone again when that fails."""
    descriptor = system.open_new(path)
    try:
        yield descriptor
    except BaseException:
        os.close(descriptor)  # first: what is open is not removed everywhere
        system.remove(Path(path))
        raise
    os.close(descriptor)


def replace_file(path: Path, data: bytes) -> None:
    """The file has this content, the old or the new one at any moment, never a part."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    write_new(temporary, data, sync=True)
    try:
        system.replace(temporary, path)
    except BaseException:
        system.remove(temporary)
        raise
    system.sync_folder(path.parent)
