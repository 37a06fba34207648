"""Reads a file that somebody named: bounded, and never waiting for a named pipe that nobody writes to."""

from __future__ import annotations

import errno
import os
import stat
import time
from pathlib import Path

from smoke import system

_BLOCK = 1024 * 1024
_FIRST = 2.0
"""Seconds to wait for somebody to write to a pipe at all."""
_LATER = 60.0
"""Seconds to wait for the next bytes of somebody who has it open: `<(curl …)` may be slow."""


def read_input(path: Path, limit: int) -> bytes:
    """The first `limit` bytes of a file, a pipe (`<(envsubst < a.yaml)`) or a device. Raises OSError.

    What gives nothing in time is an error like a file that cannot be read.
    """
    if "\0" in str(path):
        raise OSError(errno.EINVAL, "no file has a null character in its name")
    descriptor = system.open_input(path)
    try:
        found: list[bytes] = []
        left = limit
        # a file is read at once: the pieces of a large one, put together, would be in memory twice
        at_once = max(_BLOCK, os.fstat(descriptor).st_size + 1)
        heard = time.monotonic()
        while left > 0:
            try:
                block = os.read(descriptor, min(at_once, left))
                patience = 0.0 if found or _is_whole(descriptor) else _FIRST
            except BlockingIOError:
                block, patience = b"", _LATER
            if block:
                found.append(block)
                left -= len(block)
                heard = time.monotonic()
            elif not patience:
                break
            elif time.monotonic() - heard > patience:
                raise OSError(errno.EAGAIN, "it is a pipe or a device, and nobody writes to it")
            else:
                system.wait_for_input(descriptor)
        return found[0] if len(found) == 1 else b"".join(found)
    finally:
        os.close(descriptor)


def is_folder(path: Path) -> bool:
    """Whether a path is a folder: one that cannot be looked at, such as a name that is too long, is none."""
    try:
        return path.is_dir()
    except OSError:
        return False


def _is_whole(descriptor: int) -> bool:
    """Whether its end is its end: of a pipe it may be that nobody has opened it yet."""
    return not stat.S_ISFIFO(os.fstat(descriptor).st_mode)
