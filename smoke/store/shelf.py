"""Where the bodies of one exchange are kept."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from smoke.model.exchange import Body
from smoke.store.files import cannot, write_new
from smoke.store.spill import FileSpill, Masking

BODIES = "bodies"
_MAX_SLUG = 80
_NO_SLUG = re.compile(r"[^a-z0-9]+")


def slug(name: str) -> str:
    """A file name for a name: `[a-z0-9-]`, at most 80 characters, never empty."""
    return _NO_SLUG.sub("-", name.lower())[:_MAX_SLUG].strip("-") or "unnamed"


class Shelf:
    """Keeps an exchange's bodies as `bodies/STEM.PART.body`. No name comes from a server."""

    def __init__(self, folder: Path, stem: str, *, sync: bool = False) -> None:
        self._folder = folder
        self._stem = stem
        self._sync = sync

    def keep(self, part: str, data: bytes) -> Body:
        """The masked bytes of one part (`request`, `response`, `wire` …) as a file. Raises StoreError."""
        relative = self._relative(part)
        path = self._folder / relative
        try:
            write_new(path, data, sync=self._sync)
        except OSError as error:
            raise cannot("write", path, error) from error
        return Body(
            size=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
            path=relative,
            original_size=len(data),
        )

    def spill(self, masker: Masking, part: str = "response") -> FileSpill:
        """Takes a part that is too large for memory: masked by `masker`, written as it comes."""
        relative = self._relative(part)
        return FileSpill(self._folder / relative, relative, masker)

    def _relative(self, part: str) -> str:
        return f"{BODIES}/{self._stem}.{slug(part)}.body"
