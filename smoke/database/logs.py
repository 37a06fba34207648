"""A server's log from a file or standard input: its last part, as text, and the error that is looked for."""

from __future__ import annotations

from collections import deque
from pathlib import Path
from typing import BinaryIO

from smoke.database.log_entry import LogEntry, read_log
from smoke.database.log_match import LogAnswer, Wanted, find_error
from smoke.diagnostic import SmokeError

MOST_BYTES = 64 * 1024 * 1024
"""How much of a log is read, from its end."""


def read_log_file(path: Path) -> list[LogEntry]:
    """The entries at the end of a log file. Raises SmokeError when it cannot be read."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - MOST_BYTES))
            data = file.read(MOST_BYTES)
    except OSError as error:
        raise SmokeError.of(
            "unreadable-log", f"cannot read the server's log {path}: {error.strerror}"
        ) from error
    if size > MOST_BYTES:
        data = data.partition(b"\n")[2]  # the first line is torn
    return read_log(data.decode("utf-8", "replace"))


def read_log_stream(stream: BinaryIO) -> list[LogEntry]:
    """The entries of a stream that ends, such as `docker logs … |`."""
    kept: deque[bytes] = deque()
    size = 0
    while block := stream.read(1 << 20):
        kept.append(block)
        size += len(block)
        while size - len(kept[0]) > MOST_BYTES:
            size -= len(kept.popleft())
    return read_log(b"".join(kept).decode("utf-8", "replace"))


def error_in_log(path: Path, wanted: Wanted) -> LogAnswer:
    """The error of one exchange in a log file."""
    return find_error(read_log_file(path), wanted)
