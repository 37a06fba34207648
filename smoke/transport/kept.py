"""Where decoded bytes stay: in memory while they are few, in the run folder when they are many."""

from __future__ import annotations

import contextlib
from collections import deque

from smoke.diagnostic import SmokeError
from smoke.engine.ports import Spill, SpillFactory
from smoke.model.exchange import (
    MEMORY_LIMIT,
    WINDOW_HEAD,
    WINDOW_TAIL,
    Body,
    Redaction,
    Window,
)

_PIECE = 256 * 1024
_LARGE = 16 * 1024
"""Smaller pieces are joined: each alone would take more memory than its bytes."""


class Tail:
    """The last bytes of a stream. Large pieces are held as they came: a copy of each takes a tenth of the time of a large body."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._pieces: deque[bytes | bytearray] = deque()
        self._held = 0

    def add(self, data: bytes) -> None:
        """Go on with these bytes."""
        last = self._pieces[-1] if self._pieces else b""
        if len(data) >= _LARGE:
            self._pieces.append(data)
        elif isinstance(last, bytearray) and len(last) < _LARGE:
            last += data
        else:
            self._pieces.append(bytearray(data))
        self._held += len(data)
        while self._held - len(self._pieces[0]) >= self._size:
            self._held -= len(self._pieces.popleft())

    def last(self) -> bytes:
        """The bytes, no more than the size."""
        whole = b"".join(self._pieces)
        return whole[max(0, len(whole) - self._size) :]


class Kept:
    """Decoded bytes: all of them in memory up to MEMORY_LIMIT; beyond it head and tail, and all in the run folder."""

    def __init__(self, spill: SpillFactory) -> None:
        self.size = 0
        self.problem = ""
        self._make_spill = spill
        self._spill: Spill | None = None
        self._parts: list[bytes] = []
        self._head = b""
        self._tail = Tail(WINDOW_TAIL)

    def add(self, data: bytes) -> None:
        """Keep the next bytes."""
        self.size += len(data)
        if self._head:
            self._tail.add(data)
            self._stream(data)
            return
        self._parts.append(data)
        if self.size > MEMORY_LIMIT:
            self._spill_over()

    @property
    def spilled(self) -> bool:
        """Whether the body has outgrown the memory."""
        return bool(self._head)

    def replace(self, data: bytes) -> None:
        """Keep this in place of all so far, which must not have spilled."""
        self._parts.clear()
        self.size = 0
        self.add(data)

    def _spill_over(self) -> None:
        """From here on the body goes to the run folder; what came so far goes there piece by piece.

        Piece by piece, since the masker's copies of eight megabytes at once would be the largest thing in memory.
        """
        parts, self._parts = self._parts, []
        parts.reverse()
        self._open()
        head = bytearray()
        while parts:
            part = parts.pop()
            wanted = WINDOW_HEAD - len(head)
            head += part[:wanted]
            self._tail.add(part[wanted:])
            for start in range(0, len(part), _PIECE):
                self._stream(part[start : start + _PIECE])
        self._head = bytes(head)

    def _open(self) -> None:
        try:
            self._spill = self._make_spill()
        except (OSError, SmokeError) as error:
            self._give_up(error)

    def _stream(self, data: bytes) -> None:
        if self._spill is None:
            return
        try:
            self._spill.write(data)
        except (OSError, SmokeError) as error:
            self._give_up(error)

    def _give_up(self, error: OSError | SmokeError) -> None:
        """A full disk must not take the answer's status, head and tail with it: they are in memory."""
        self.problem = (
            f"all of the body came, and only its beginning and its end could be kept: {error}"
        )
        spill, self._spill = self._spill, None
        if spill is not None:
            with contextlib.suppress(OSError, SmokeError):
                spill.discard()

    def finish(self) -> tuple[Window, Body | None, tuple[Redaction, ...], int]:
        """The window, where the whole lies when it is not in memory, and what was masked in it."""
        if not self._head:
            return Window(head=b"".join(self._parts)), None, (), 0
        tail = self._tail.last()
        omitted = self.size - len(self._head) - len(tail)
        window = Window(head=self._head, tail=tail, omitted=omitted)
        if self._spill is None:
            return window, None, (), 0
        try:
            stored, redactions = self._spill.finish()
        except (OSError, SmokeError) as error:
            self._give_up(error)
            return window, None, (), 0
        # a spill may list only the first of its redactions, and know how many there were
        count = self._spill.redaction_count
        return window, stored, redactions, count
