"""The end of a stream, whatever the pieces that it comes in."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from smoke.transport.kept import Tail

_SIZES = st.sampled_from([0, 1, 7, 100, 16 * 1024 - 1, 16 * 1024, 40_000])


@given(st.lists(_SIZES, max_size=12), st.sampled_from([1, 1000, 20_000, 50_000]))
def test_the_last_bytes_are_kept(sizes: list[int], size: int) -> None:
    tail = Tail(size)
    whole = b""
    for number, length in enumerate(sizes):
        piece = bytes([number]) * length
        whole += piece
        tail.add(piece)
    assert tail.last() == whole[-size:]
