"""Zstandard (RFC 8878) undone with a bounded output for each step, any number of frames."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from smoke.transport.decoder import PIECE, DecodeError

_WINDOW_LOG = 23
"""RFC 9659: a zstd content coding may ask for a window of 8 MiB at most."""
_SLICE = 128
"""Bytes of input a step where the library cannot bound its output: 4 bytes may stand for a block of 128 KiB."""

_DAMAGED = "the zstd data is damaged, or it is not zstd"


if sys.version_info >= (3, 14):
    from compression import zstd

    class _Frame:
        """One frame: the standard library bounds the output itself."""

        def __init__(self) -> None:
            limit: dict[int, int] = {zstd.DecompressionParameter.window_log_max: _WINDOW_LOG}
            self._state = zstd.ZstdDecompressor(options=limit)

        @property
        def eof(self) -> bool:
            return self._state.eof

        @property
        def rest(self) -> bytes:
            return self._state.unused_data

        def feed(self, data: bytes) -> Iterator[bytes]:
            while not self._state.eof:
                try:
                    piece = self._state.decompress(data, PIECE)
                except zstd.ZstdError as error:
                    raise DecodeError(_DAMAGED) from error
                data = b""
                if piece:
                    yield piece
                if self._state.needs_input:
                    return

else:
    import zstandard

    class _Frame:
        """One frame, fed in slices so small that their output stays small."""

        def __init__(self) -> None:
            library = zstandard.ZstdDecompressor(max_window_size=1 << _WINDOW_LOG)
            self._state = library.decompressobj()
            self._rest = b""

        @property
        def eof(self) -> bool:
            return self._state.eof

        @property
        def rest(self) -> bytes:
            return self._rest

        def feed(self, data: bytes) -> Iterator[bytes]:
            for start in range(0, len(data), _SLICE):
                try:
                    piece = self._state.decompress(data[start : start + _SLICE])
                except zstandard.ZstdError as error:
                    raise DecodeError(_DAMAGED) from error
                if piece:
                    yield piece
                if self._state.eof:
                    self._rest = self._state.unused_data + data[start + _SLICE :]
                    return


class Zstd:
    """One or more zstd frames."""

    def __init__(self) -> None:
        self._frame: _Frame | None = None
        self._frames = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The pieces that `data` completes. Raises DecodeError."""
        while data:
            if self._frame is None:
                self._frame = _Frame()
            yield from self._frame.feed(data)
            if not self._frame.eof:
                return
            data = self._frame.rest
            self._frame = None
            self._frames += 1

    def finish(self) -> None:
        """Raises DecodeError when the data ended within a frame."""
        if self._frame is not None or not self._frames:
            raise DecodeError("the zstd data ends too early")
