"""What every decoder of a content coding keeps to: pieces of a bounded size, and damage that is named."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

PIECE = 256 * 1024
"""Bytes that a decoder gives at once, about (zstd before Python 3.14: what one small slice of input gives)."""


class DecodeError(Exception):
    """The bytes do not follow their coding; the message says how."""


class BombError(DecodeError):
    """Decoding was stopped: a little input would become far too much."""


class Decoder(Protocol):
    """One content coding undone."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The pieces that `data` completes. Raises DecodeError."""

    def finish(self) -> None:
        """The data is over. Raises DecodeError when it ended too soon."""
