"""A body that is too large for memory, masked on its way to the run folder."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from smoke.model.exchange import Body, Redaction
from smoke.model.masking import Masking
from smoke.store.files import cannot, write_all
from smoke.system import open_new, remove


class FileSpill:
    """Writes what the masker lets through to a new file; the original bytes never reach the disk."""

    def __init__(self, path: Path, relative: str, masker: Masking) -> None:
        self._path = path
        self._relative = relative
        self._masker = masker
        self._hash = hashlib.sha256()
        self._size = 0
        try:
            self._descriptor: int | None = open_new(path)
        except OSError as error:
            raise cannot("write", path, error) from error

    @property
    def redaction_count(self) -> int:
        return self._masker.count

    def write(self, data: bytes) -> None:
        """Take the next bytes of the body."""
        self._put(self._masker.feed(data))

    def finish(self) -> tuple[Body, tuple[Redaction, ...]]:
        """End the body: where it lies, and what was masked in it."""
        self._put(self._masker.finish())
        self._close()
        body = Body(
            size=self._size,
            sha256=self._hash.hexdigest(),
            path=self._relative,
            original_size=self._masker.original_size,
            original_digest=self._masker.original_digest,
        )
        return body, tuple(self._masker.redactions)

    def discard(self) -> None:
        """Remove what was written."""
        self._close()
        remove(self._path)

    def _put(self, data: bytes) -> None:
        if not data or self._descriptor is None:
            return
        self._hash.update(data)
        self._size += len(data)
        try:
            write_all(self._descriptor, data)
        except OSError as error:
            self._close()
            raise cannot("write", self._path, error) from error

    def _close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
