"""A PostgreSQL server's log: what was written to a file, or came from standard input, since a run began; or all of it."""

from __future__ import annotations

import json
import os
import re
import stat
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from smoke.diagnostic import SmokeError

if TYPE_CHECKING:
    from smoke.logs.entry import LogEntry
    from smoke.logs.match import Wanted

LATE = 2.0
"""Seconds that the log may lag behind an answer: it is written by another process."""
_LOOK_AGAIN = 0.1
_OVERLAP = 64 * 1024
"""Bytes before the run's start that are read too: the first line of an entry may be there."""
_MOST = 64 * 1024 * 1024
"""How much of a log is read, from its end."""
_BLOCK = 64 * 1024


class Log(Protocol):
    """A server's log, wherever it is kept."""

    @property
    def name(self) -> str:
        """What to call it."""

    @property
    def hint(self) -> str:
        """What to try when an error is not there; often empty."""

    def entries(self, wanted: Wanted) -> list[LogEntry]:
        """The entries so far that may be behind an exchange. Raises SmokeError."""


class ServerLog:
    """Gives the entries so far. Raises SmokeError (`unreadable-log`) at once when there is nothing to read.

    `whole`: of a run that is over, so all that the log has is read, and standard input to its end.
    """

    def __init__(self, source: str, *, whole: bool = False) -> None:
        self._name = "standard input" if source == "-" else source
        self._path = None if source == "-" or _is_stream(source) else Path(source)
        self._start = 0
        self._file = 0
        self._heard = bytearray()
        self._count = 0
        self._broken: OSError | None = None
        self._lock = threading.Lock()
        self._reading = threading.Lock()
        self._known: tuple[object, list[LogEntry]] = (None, [])
        if self._path is not None:
            self._begin(self._path, whole=whole)
        elif whole:
            self._listen(source)
        else:
            # `docker logs -f … |` never ends, so it is listened to while the run goes on
            threading.Thread(
                target=self._listen, args=(source,), name="server log", daemon=True
            ).start()

    @property
    def name(self) -> str:
        """What to call it."""
        return self._name

    @property
    def hint(self) -> str:
        """Nothing: what was written is there at once."""
        return ""

    def entries(self, wanted: Wanted) -> list[LogEntry]:  # noqa: ARG002  (a file gives all that it holds)
        """What the log holds since then. Raises SmokeError."""
        with self._reading:  # what has not grown is not read again
            state = self._state()
            if self._known[0] != state:
                self._known = (state, self._read())
            return self._known[1]

    def _read(self) -> list[LogEntry]:
        from smoke.logs.labelled import read_supabase
        from smoke.logs.readers import read_log

        data = self._bytes()
        if _is_answer(data[:4096]):
            try:
                answer = json.loads(data)
            except (ValueError, RecursionError) as error:
                raise SmokeError.of(
                    "unreadable-log", f"the server's log {self.name} is torn JSON: {error}"
                ) from error
            return read_supabase(answer)
        return read_log(data.decode("utf-8", "replace"))

    def _begin(self, path: Path, *, whole: bool) -> None:
        try:
            with path.open("rb") as file:
                self._file = os.fstat(file.fileno()).st_ino
                if not whole and not _is_answer(file.read(4096)):
                    self._start = max(0, file.seek(0, 2) - _OVERLAP)
        except OSError as error:
            raise self._unreadable(error) from error

    def _state(self) -> object:
        if self._path is None:
            with self._lock:
                return self._count, self._broken
        try:
            found = self._path.stat()
        except OSError as error:
            raise self._unreadable(error) from error
        return found.st_ino, found.st_size, found.st_mtime_ns

    def _bytes(self) -> bytes:
        if self._path is None:
            with self._lock:
                heard = bytes(self._heard)
            if self._broken is not None and not heard:
                raise self._unreadable(self._broken)
            return heard
        try:
            with self._path.open("rb") as file:
                size = file.seek(0, 2)
                # another file, or a shorter one: the log was rotated
                rotated = os.fstat(file.fileno()).st_ino != self._file or size < self._start
                start = file.seek(max(0 if rotated else self._start, size - _MOST))
                data = file.read(_MOST)
        except OSError as error:
            raise self._unreadable(error) from error
        return data.partition(b"\n")[2] if start else data  # the first line may be torn

    def _listen(self, source: str) -> None:
        # the descriptor itself: a thread that holds the lock of sys.stdin's buffer breaks the end of the process
        try:
            descriptor = 0 if source == "-" else os.open(source, os.O_RDONLY)
            try:
                while block := os.read(descriptor, _BLOCK):
                    self._hear(block)
            finally:
                if descriptor:
                    os.close(descriptor)
        except OSError as error:
            self._broken = error  # told by whoever asks for the entries

    def _hear(self, block: bytes) -> None:
        with self._lock:
            self._heard += block
            self._count += len(block)
            if len(self._heard) > _MOST:
                del self._heard[: len(self._heard) // 2]

    def _unreadable(self, error: OSError) -> SmokeError:
        return SmokeError.of(
            "unreadable-log",
            f"cannot read the server's log {self._name}: {error.strerror or error}",
        )


def open_log(
    source: str,
    environ: Mapping[str, str],
    *,
    token_variable: str = "",
    started: datetime,
    ended: datetime | None = None,
) -> Log:
    """The log that `--postgres-log` names: a file, `-` or `supabase:PROJECT`. `ended`: the run is over. Raises SmokeError."""
    if source.startswith("supabase:"):
        from smoke.app.supabase_log import SupabaseLog

        return SupabaseLog(
            source, environ, started=started, ended=ended, token_variable=token_variable
        )
    return ServerLog(source, whole=ended is not None)


def _is_stream(source: str) -> bool:
    """Whether a path is no file but something that is listened to: a named pipe, `<(docker logs -f …)`."""
    try:
        mode = Path(source).stat().st_mode
    except OSError:
        return False  # told when it is opened
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)


def _is_answer(head: bytes) -> bool:
    """Whether it begins like an answer of Supabase's log API, one JSON object: `{"result": […]}`."""
    return re.match(rb'\s*\{\s*"(result|error)"\s*:', head) is not None


def wait_for(look: Callable[[], bool], patience: float, sleep: Callable[[float], bool]) -> None:
    """Look until it is there, for at most `patience` seconds; `sleep` is False when it is cut short."""
    until = time.monotonic() + patience
    while not look() and time.monotonic() < until and sleep(_LOOK_AGAIN):
        pass
