"""What masks a body on its way to the disk, as those see it who must not know how."""

from __future__ import annotations

from typing import Protocol

from smoke.model.exchange import Redaction


class Masking(Protocol):
    """Masks a stream of bytes; `smoke.redact.Masker` is one."""

    count: int
    original_size: int
    redactions: list[Redaction]

    def feed(self, data: bytes) -> bytes:
        """The masked bytes that can be written already."""

    def finish(self) -> bytes:
        """The rest."""

    @property
    def original_digest(self) -> str:
        """Keyed digest of the bytes before masking; empty without a key."""
