"""Standard output and error that say when they are lost: a reader that went away, a full disk.

Typer ends a process with status 1 when it meets a closed pipe, which says "an expectation was not met". So the
stream raises an error of its own, which nobody takes for another's, and `main` gives it its exit status.
"""

from __future__ import annotations

import io
import os
import sys
from typing import TYPE_CHECKING, BinaryIO, TextIO

from smoke.model.status import ExitStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from _typeshed import ReadableBuffer


class OutputLostError(OSError):
    """What was said could not be written. It has no `errno`: the reason is in `cause`."""

    def __init__(self, cause: OSError) -> None:
        super().__init__(f"standard output could not be written: {cause.strerror or cause}")
        self.cause = cause

    @property
    def cut_off(self) -> bool:
        """Whether the reader went away, which is its own choice."""
        from smoke.system import BROKEN_PIPES

        return self.cause.errno in BROKEN_PIPES


class _Descriptor(io.RawIOBase):
    """What stands behind a stream: a file, or a console of Windows, which takes no bytes in a code page."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream = stream  # kept: what is behind it is closed when nobody knows it any more
        # without a buffer (`python -u`) it is the buffer itself
        self._behind: BinaryIO = getattr(stream.buffer, "raw", stream.buffer)

    def write(self, data: ReadableBuffer, /) -> int | None:
        try:
            return self._behind.write(data)
        except OSError as error:
            raise OutputLostError(error) from error

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._stream.fileno()

    def isatty(self) -> bool:
        return self._stream.isatty()


def telling(stream: TextIO) -> TextIO:
    """The same output, as a stream that raises OutputLostError; as it is when no descriptor stands behind it."""
    try:
        stream.flush()
        stream.fileno()
        behind = _Descriptor(stream)
    except (OSError, ValueError, AttributeError):
        return stream
    return io.TextIOWrapper(
        io.BufferedWriter(behind),
        encoding=stream.encoding,
        errors="backslashreplace",
        line_buffering=bool(getattr(stream, "line_buffering", stream.isatty())),
    )


def to_nowhere(stream: TextIO) -> None:
    """What the stream still holds, and whatever comes, is lost in silence.

    Else Python would fail to write it once more at its exit, and change the exit status.
    """
    descriptor = os.open(os.devnull, os.O_WRONLY)
    os.dup2(descriptor, stream.fileno())
    os.close(descriptor)


def complain(error: OutputLostError) -> None:
    """Say on standard error that the output is lost, unless its reader went away."""
    if error.cut_off:
        return
    try:
        sys.stderr.write(f"smoke: {error}\n")
        sys.stderr.flush()
    except OSError:
        to_nowhere(sys.stderr)


def status_of(command: Callable[[], object]) -> int:
    """Call a command that may end in SystemExit; the exit status of the process, its output being out or lost."""
    try:
        status = 0
        try:
            command()
        except SystemExit as end:
            if end.code is not None:
                status = end.code if isinstance(end.code, int) else ExitStatus.FAILED
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
    except OutputLostError as error:
        for stream in (sys.stdout, sys.stderr):
            _give_up(stream)
        complain(error)
        return ExitStatus.CUT_OFF if error.cut_off else ExitStatus.NO_VERDICT
    return status


def _give_up(stream: TextIO) -> None:
    """Write what is still there, or nothing."""
    try:
        stream.flush()
    except OutputLostError:
        to_nowhere(stream)
