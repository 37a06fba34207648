"""Brotli (RFC 7932) undone with a bounded output for each step."""

from __future__ import annotations

from collections.abc import Iterator

import brotli  # type: ignore[import-untyped] # the package has no stubs

from smoke.transport.decode import PIECE, DecodeError

_SLICE = 1024
"""Bytes of input a step: the library keeps the output of a step that fails to itself."""


class Brotli:
    """One brotli stream."""

    def __init__(self) -> None:
        self._state = brotli.Decompressor()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The pieces that `data` completes. Raises DecodeError."""
        for start in range(0, len(data), _SLICE):
            part = data[start : start + _SLICE]
            if self._state.is_finished():
                raise DecodeError("the brotli data is followed by something else")
            while True:
                try:
                    piece = self._state.process(part, output_buffer_limit=PIECE)
                except brotli.error as error:
                    raise DecodeError("the brotli data is damaged, or it is not brotli") from error
                if piece:
                    yield piece
                if self._state.can_accept_more_data() or self._state.is_finished():
                    break
                part = b""

    def finish(self) -> None:
        """Raises DecodeError when the stream is not at its end."""
        if not self._state.is_finished():
            raise DecodeError("the brotli data ends too early")
