"""One run's folder: `events.jsonl`, and in `bodies/` the bodies that do not lie in their events.

RUN-ID/               mode 0700
  events.jsonl        one line per event (see smoke.store.journal), mode 0600
  bodies/             what was sent and received, masked, one file per body
                      (small texts of answers that were as expected lie in the event: a file each takes as long as sending)
  lock                held (flock) by the process that writes; no lock outlives its process
  reserve             space that is given back when the disk is full, so that events can still be written, and at the end
"""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from smoke import system
from smoke.codec import NewerSchemaError
from smoke.model.events import SCHEMA, Event
from smoke.model.exchange import EVENT_FILE, WINDOW_HEAD, WINDOW_TAIL, Body, Window
from smoke.model.fold import fold
from smoke.model.masking import Masking
from smoke.model.run import Run
from smoke.store.files import (
    FULL,
    PartlyKeptError,
    RunEmptyError,
    StoreError,
    cannot,
    make_folder,
    write_all,
    write_beginning,
    write_new,
)
from smoke.store.journal import Torn, line_of, read
from smoke.store.names import BodyNames, is_plain
from smoke.store.room import LOCK, RESERVE, give_back_reserves
from smoke.store.spill import FileSpill
from smoke.store.verify import BodyDiffers, verify
from smoke.text import safe, safe_line, shorten

EVENTS = EVENT_FILE
BODIES = "bodies"
SMALL = 4096
"""Bytes of a body that may lie in its event: what a run of thousands of exchanges can hold in memory."""
RESERVED = 256 * 1024


class RunFolder:
    """Writes one run's events and bodies, and reads them back. Safe to share between threads."""

    def __init__(self, path: Path, *, events: int | None = None, lock: int | None = None) -> None:
        self.folder = path
        self._base = os.fspath(path)
        self._path = path / EVENTS
        self._events = events
        self._lock_descriptor = lock
        self._guard = threading.Lock()
        self._names: BodyNames | None = None

    # making and opening

    @classmethod
    def create(cls, out: Path, run_id: str) -> RunFolder:
        """A new folder for a run below `out`, locked for writing. Raises StoreError when it cannot be made."""
        path = out / run_id
        try:
            prepare(out)
            give_back_reserves(out)
            make_folder(path)
            make_folder(path / BODIES)
            lock = system.open_new(path / LOCK)
            system.lock(lock)
            _reserve(path / RESERVE)
            events = system.open_new(path / EVENTS)
            system.sync_folder(path)
            system.sync_folder(out)
        except OSError as error:
            raise cannot("make the run folder", path, error) from error
        return cls(path, events=events, lock=lock)

    @classmethod
    def open(cls, path: Path) -> RunFolder:
        """The folder of an earlier run, for reading. Raises StoreError when it is none."""
        if not (path / EVENTS).is_file():
            raise StoreError.of("no-run", f"{path} is not the folder of a run: it has no {EVENTS}")
        return cls(path)

    @property
    def run_id(self) -> str:
        return self.folder.name

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """No more is written; the reserve is given back, and the lock is free."""
        with self._guard:
            if self._lock_descriptor is not None:
                with suppress(OSError):  # the next run gives back what stays
                    self._give_back()
            for descriptor in (self._events, self._lock_descriptor):
                if descriptor is not None:
                    os.close(descriptor)
            self._events = self._lock_descriptor = None

    # locking

    def lock(self) -> None:
        """Let this process append to the run. Raises StoreError (`run-in-use`) while another one writes."""
        with self._guard:
            if self._lock_descriptor is not None:
                return
            path = self.folder / LOCK
            try:
                descriptor = system.open_old(path, write=True, create=True)
            except OSError as error:
                raise cannot("lock", path, error) from error
            if not system.lock(descriptor):
                os.close(descriptor)
                raise StoreError.of(
                    "run-in-use", f"the run {self.run_id} is still being written by another process"
                )
            self._lock_descriptor = descriptor

    @property
    def in_use(self) -> bool:
        """Whether another process writes this run now."""
        if self._lock_descriptor is not None:
            return False
        try:
            descriptor = system.open_old(self.folder / LOCK)
        except FileNotFoundError:
            return False
        try:
            return not system.lock(descriptor, shared=True)
        finally:
            os.close(descriptor)

    # writing

    def append(self, event: Event, *, sync: bool = False) -> None:
        """Write one event; with `sync` it is on the disk before this returns. Raises StoreError."""
        line = line_of(event)
        path = self._path
        with self._guard:
            try:
                try:
                    self._write(path, line)
                except OSError as error:
                    if error.errno not in FULL or not self._give_back():
                        raise
                    self._write(path, line)
                if sync and self._events is not None:
                    os.fsync(self._events)
            except OSError as error:
                raise cannot("write", path, error) from error

    def _write(self, path: Path, line: bytes) -> None:
        if self._events is None:
            self._events = _reopen(path)
        try:
            write_all(self._events, line)
        except OSError:
            # a part of the line may be written: the next append opens the file again and ends that line
            os.close(self._events)
            self._events = None
            raise

    def _give_back(self) -> bool:
        """Whether there was a reserve to free: events tell of orders, so they go before everything else."""
        try:
            (self.folder / RESERVE).unlink()
        except FileNotFoundError:
            return False
        return True

    def keep(self, name: str, data: bytes, *, sync: bool = False, in_event: bool = False) -> Body:
        """A body kept under a file name made of `name` (`STEP.PART`) and a number.

        With `in_event` a small text gets no file: it is in the value that is returned, to be written with the event that
        holds it. Raises StoreError; PartlyKeptError when the disk took its beginning.
        """
        size = len(data)
        digest = hashlib.sha256(data).hexdigest()
        text = _small_text(data) if in_event else None
        if text is not None:
            return Body(size=size, sha256=digest, original_size=size, text=text)
        relative = self._write_body(name, data, sync=sync)
        return Body(size=size, sha256=digest, path=relative, original_size=size)

    def _write_body(self, name: str, data: bytes, *, sync: bool) -> str:
        """Its path below the run folder. What is there already, a planted link too, is left alone."""
        while True:
            relative = f"{BODIES}/{self._name(name)}"
            try:
                # joined as text: a path object for each of a run's thousands of files takes longer than its name
                write_new(f"{self._base}/{relative}", data, sync=sync)
            except FileExistsError:
                continue
            except OSError as error:
                failed = cannot("write", self.folder / relative, error)
                if error.errno in FULL and (body := self._beginning(relative, data)) is not None:
                    raise PartlyKeptError(failed.diagnostics, body) from error
                raise failed from error
            return relative

    def _beginning(self, relative: str, data: bytes) -> Body | None:
        """What a full disk takes of a body; None when that is nothing."""
        try:
            size = write_beginning(f"{self._base}/{relative}", data)
        except OSError:
            return None  # the caller tells that nothing could be written
        if not size:
            return None
        digest = hashlib.sha256(data[:size]).hexdigest()
        return Body(
            size=size,
            sha256=digest,
            path=relative,
            original_size=len(data),
            omitted=len(data) - size,
        )

    def spill(self, name: str, masker: Masking) -> FileSpill:
        """Takes a body too large for memory: masked by `masker`, written as it comes."""
        relative = self._take(name)
        return FileSpill(self.folder / relative, relative, masker)

    def _take(self, name: str) -> str:
        """A path below the run folder where nothing is yet, not even a planted link."""
        while True:
            relative = f"{BODIES}/{self._name(name)}"
            if not os.path.lexists(self.folder / relative):
                return relative

    def _name(self, name: str) -> str:
        with self._guard:
            if self._names is None:
                self._names = BodyNames(path.name for path in (self.folder / BODIES).iterdir())
            return self._names.take(name)

    def check_space(self, wanted: int) -> None:
        """Raises StoreError (`disk-full`) when fewer than `wanted` bytes are free."""
        free = shutil.disk_usage(self.folder).free
        if free < wanted:
            raise StoreError.of(
                "disk-full",
                f"{self.folder} has {free:,} bytes free, and {wanted:,} are needed before an order is placed",
                notes=["free some space, or choose another folder with --out"],
            )

    # reading

    def lines(self) -> Iterator[Event | Torn]:
        """The events in order, and a Torn for each line that is none.

        Raises StoreError (`run-newer`) for a run that a later version wrote in a format that is not known here.
        """
        path = self.folder / EVENTS
        try:
            with path.open("rb") as file:
                yield from read(iter(file))
        except NewerSchemaError as newer:
            raise StoreError.of(
                "run-newer",
                f"{self.folder} was written by smoke {shorten(safe_line(newer.smoke_version), 40)} in format"
                f" {newer.schema}, and this smoke reads up to {SCHEMA}",
                notes=["read it with that version of smoke, or a later one; nothing was changed"],
            ) from newer
        except OSError as error:
            raise cannot("read", path, error) from error

    def events(self) -> Iterator[Event]:
        """The events in order; torn lines are left out (`torn` tells of them)."""
        return (line for line in self.lines() if not isinstance(line, Torn))

    def torn(self) -> tuple[Torn, ...]:
        """The lines that are no whole events."""
        return tuple(line for line in self.lines() if isinstance(line, Torn))

    def run(self) -> Run:
        """The run as its events tell it. Raises StoreError; RunEmptyError when not even its start was written."""
        run = fold(self.events(), self.folder.as_posix())
        if run is None:
            raise RunEmptyError.of(
                "run-empty",
                f"{self.folder} holds no run: it ended before its first event was written",
            )
        return run

    def path(self, body: Body) -> Path:
        """The file that the body lies in. Raises StoreError for a path that leads out of the run folder."""
        return self._inside(body.file)

    def locate(self, relative: str) -> Path:
        """The file of a path that the events name. Raises StoreError for one that leads out of the run folder."""
        return self._inside(relative)

    def _inside(self, relative: str) -> Path:
        if is_plain(BODIES, relative):  # as we name bodies ourselves: nothing to resolve
            return self.folder / relative
        path = (self.folder / relative).resolve()
        if not relative or not path.is_relative_to(self.folder.resolve()):
            raise StoreError.of(
                "body-outside", f"the events of {self.run_id} name a file outside its folder"
            )
        return path

    def read(self, body: Body, start: int = 0, size: int | None = None) -> bytes:
        """`size` bytes of a stored body from `start`, or all that follow. A body that could not be kept is empty."""
        if not body.path:
            return body.text.encode()[start : None if size is None else start + size]
        path = self.path(body)
        try:
            descriptor = system.open_old(path)
            with os.fdopen(descriptor, "rb") as file:
                file.seek(start)
                return file.read() if size is None else file.read(size)
        except OSError as error:
            raise cannot("read", path, error) from error

    def window(self, body: Body) -> Window:
        """The bytes of a stored body that are examined: all of it up to 8 MiB, else 6 MiB and the last 2 MiB."""
        if body.omitted:
            rest = Body(size=body.tail_size, path=body.tail_path)
            return Window(self.read(body), self.read(rest), body.omitted)
        if body.size <= WINDOW_HEAD + WINDOW_TAIL:
            return Window(self.read(body))
        head = self.read(body, 0, WINDOW_HEAD)
        tail = self.read(body, body.size - WINDOW_TAIL, WINDOW_TAIL)
        return Window(head, tail, body.size - len(head) - len(tail))

    def verify(self) -> tuple[BodyDiffers, ...]:
        """The bodies whose files are not what the events say; empty when all evidence is as it was written."""
        return tuple(verify(self.events(), self._inside))


def _small_text(data: bytes) -> str | None:
    """The text of a body that an event can hold and a person can read there; None for another."""
    if len(data) > SMALL:
        return None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return text if safe(text) == text else None


def prepare(out: Path) -> None:
    """The folder of runs exists, 0700 if made now, and git ignores what lies in it."""
    missing = [folder for folder in (out, *out.parents) if not folder.exists()]
    for folder in reversed(missing):
        make_folder(folder, exist_ok=True)
    for folder in missing:
        if folder.name == ".smoke":
            with suppress(FileExistsError):  # another run began at the same moment
                write_new(folder / ".gitignore", b"*\n")


def _reserve(path: Path) -> None:
    descriptor = system.open_new(path)
    try:
        system.reserve(descriptor, RESERVED)
    finally:
        os.close(descriptor)


def _reopen(path: Path) -> int:
    """The event file open at its end, which is made to be the end of a line."""
    descriptor = system.open_old(path, append=True)
    try:
        size = os.fstat(descriptor).st_size
        if size and system.read_at(descriptor, 1, size - 1) != b"\n":
            write_all(descriptor, b"\n")
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor
