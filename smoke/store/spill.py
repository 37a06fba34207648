"""A body that is too large for memory, masked on its way to the run folder.

What is masked is digested and written in a thread of its own, while the next bytes are received and masked: each of the
three takes about as long as the others, and none of them needs Python's lock for most of its time.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import threading
from pathlib import Path
from queue import Queue

from smoke.model.exchange import Body, Redaction
from smoke.model.masking import Masking
from smoke.store.files import cannot, write_all
from smoke.system import open_new, remove

_WAITING = 2
"""Masked pieces that may wait to be written: a slow disk makes the rest of the body wait, not memory grow."""


class _Writer:
    """Digests pieces and writes them in their order, in a thread of its own. Owns the descriptor."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._waiting: Queue[bytes | None] = Queue(_WAITING)
        self._hash = hashlib.sha256()
        self.size = 0
        self.failed: OSError | None = None
        """Why no more is written, once that is so; what comes then is thrown away."""
        # where nobody ends the body, the process is about to end
        self._thread = threading.Thread(target=self._work, name="smoke-spill", daemon=True)
        try:
            self._thread.start()
        except RuntimeError as error:  # too many threads, or too little memory for one more
            os.close(descriptor)
            raise OSError(errno.EAGAIN, str(error)) from error

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()

    def put(self, data: bytes) -> None:
        """Hand over the next piece; waits while too many are to be written."""
        self._waiting.put(data)

    def close(self) -> None:
        """Wait until all is written, or was refused, and close the file. A second time does nothing."""
        if self._thread.is_alive():
            self._waiting.put(None)
            self._thread.join()
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _work(self) -> None:
        while (data := self._waiting.get()) is not None:
            if self.failed is not None:
                continue
            try:
                self._hash.update(data)
                self.size += len(data)
                write_all(self._descriptor, data)
            except OSError as error:
                self.failed = error
            except Exception as error:  # noqa: BLE001  (without this thread `put` waits for ever, and nobody misses a piece)
                self.failed = OSError(f"{type(error).__name__} {error}".rstrip())


class FileSpill:
    """Writes what the masker lets through to a new file; the original bytes never reach the disk.

    All of it is written when `finish` returns. What the disk refuses is raised by one of the calls after it.
    """

    def __init__(self, path: Path, relative: str, masker: Masking) -> None:
        self._path = path
        self._relative = relative
        self._masker = masker
        try:
            descriptor = open_new(path)
        except OSError as error:
            raise cannot("write", path, error) from error
        try:
            self._writer = _Writer(descriptor)
        except OSError as error:
            with contextlib.suppress(OSError):
                remove(path)
            raise cannot("write", path, error) from error

    @property
    def redaction_count(self) -> int:
        return self._masker.count

    def write(self, data: bytes) -> None:
        """Take the next bytes of the body. Raises StoreError."""
        self._put(self._masker.feed(data))

    def finish(self) -> tuple[Body, tuple[Redaction, ...]]:
        """End the body: where it lies, and what was masked in it. Raises StoreError."""
        self._put(self._masker.finish())
        self._writer.close()
        self._check()
        body = Body(
            size=self._writer.size,
            sha256=self._writer.digest,
            path=self._relative,
            original_size=self._masker.original_size,
            original_digest=self._masker.original_digest,
        )
        return body, tuple(self._masker.redactions)

    def discard(self) -> None:
        """Remove what was written."""
        self._writer.close()
        remove(self._path)

    def _put(self, data: bytes) -> None:
        self._check()
        if data:
            self._writer.put(data)

    def _check(self) -> None:
        error = self._writer.failed
        if error is not None:
            self._writer.close()
            raise cannot("write", self._path, error) from error
