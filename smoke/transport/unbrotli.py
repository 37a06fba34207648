"""Brotli (RFC 7932) undone with a bounded output for each step."""

from __future__ import annotations

from collections.abc import Iterator

import brotli

from smoke.transport.decoder import PIECE, DecodeError

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
            while piece := self._step(part):
                yield piece
                part = b""
                if self._state.is_finished():
                    break

    def _step(self, part: bytes) -> bytes:
        """Some output; b"" when there is none before more input. The library's bound is a soft one."""
        try:
            return bytes(self._state.process(part, output_buffer_limit=PIECE // 2))
        except brotli.error as error:
            raise DecodeError("the brotli data is damaged, or it is not brotli") from error

    def finish(self) -> None:
        """Raises DecodeError when the stream is not at its end."""
        if not self._state.is_finished():
            raise DecodeError("the brotli data ends too early")
