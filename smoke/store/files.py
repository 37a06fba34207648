"""Files and folders that only their owner may read, made without following links."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Sequence
from pathlib import Path

from smoke.diagnostic import Diagnostic, Note, SmokeError
from smoke.model.exchange import Body

_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC

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
        path.mkdir(mode=0o700)
    except FileExistsError:
        if not exist_ok or not path.is_dir():
            raise
    else:
        path.chmod(0o700)  # the umask may have taken even the owner's rights


def new_file(path: Path | str) -> int:
    """The descriptor of a file that did not exist, mode 0600 whatever the umask, open for writing."""
    descriptor = os.open(path, _NEW_FILE, 0o600)
    if os.fstat(descriptor).st_mode & 0o777 != 0o600:  # the umask took some of the owner's rights
        os.fchmod(descriptor, 0o600)
    return descriptor


def write_all(descriptor: int, data: bytes | memoryview) -> None:
    """Every byte written; `os.write` alone may write fewer."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def write_new(path: Path | str, data: bytes, *, sync: bool = False) -> None:
    """A new file with this content. Nothing is left behind when it cannot be written whole."""
    descriptor = new_file(path)
    try:
        write_all(descriptor, data)
        if sync:
            os.fsync(descriptor)
    except BaseException:
        Path(path).unlink(missing_ok=True)
        raise
    finally:
        os.close(descriptor)


def write_beginning(path: Path | str, data: bytes) -> int:
    """A new file with half of what the disk takes of `data` (the rest is left for what comes); how many bytes."""
    descriptor = new_file(path)
    try:
        with contextlib.suppress(OSError):  # it is full, that is why we are here
            write_all(descriptor, data)
        size = min(os.fstat(descriptor).st_size, len(data)) // 2
        os.ftruncate(descriptor, size)
        os.fsync(descriptor)
    except BaseException:
        Path(path).unlink(missing_ok=True)
        raise
    finally:
        os.close(descriptor)
    if not size:
        Path(path).unlink(missing_ok=True)
    return size


def sync_folder(path: Path) -> None:
    """The folder's entries are on the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace_file(path: Path, data: bytes) -> None:
    """The file has this content, the old or the new one at any moment, never a part."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    write_new(temporary, data, sync=True)
    try:
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)
