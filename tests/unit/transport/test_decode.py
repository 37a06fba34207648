"""Content codings: any cutting of the input gives the same output, and any bytes give an answer."""

from __future__ import annotations

import contextlib
import gzip
import zlib

import brotli
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smoke.transport.decode import Chain, parse_codings, unknown_coding
from smoke.transport.decoder import PIECE, BombError, DecodeError
from tests.support.transport import zstd_compress

ENCODERS = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstd_compress,
}


def undo(codings: tuple[str, ...], wire: bytes, cut: int) -> bytes:
    """The decoded bytes when the input comes in pieces of `cut` bytes."""
    chain = Chain(codings)
    pieces = [
        piece
        for start in range(0, len(wire), cut)
        for piece in chain.feed(wire[start : start + cut])
    ]
    chain.finish()
    return b"".join(pieces)


@given(
    data=st.binary(max_size=3_000),
    codings=st.lists(st.sampled_from(sorted(ENCODERS)), min_size=1, max_size=5),
    cut=st.integers(1, 5_000),
)
@settings(max_examples=150, deadline=None)
def test_any_cutting_of_any_list_of_codings_gives_the_data(
    data: bytes, codings: list[str], cut: int
) -> None:
    wire = data
    for name in codings:
        wire = ENCODERS[name](wire)
    assert undo(tuple(codings), wire, cut) == data


@given(
    wire=st.binary(max_size=500),
    coding=st.sampled_from(sorted(ENCODERS)),
    cut=st.integers(1, 600),
)
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_decoded_or_refused(wire: bytes, coding: str, cut: int) -> None:
    """There is one kind of error, whatever came."""
    with contextlib.suppress(DecodeError):
        undo((coding,), wire, cut)


@given(
    data=st.binary(min_size=200, max_size=2_000),
    coding=st.sampled_from(sorted(ENCODERS)),
    lost=st.integers(1, 20),
)
@settings(max_examples=150, deadline=None)
def test_a_cut_is_never_taken_for_whole(data: bytes, coding: str, lost: int) -> None:
    """Truncated gzip and brotli are no error to their libraries (T4)."""
    wire = ENCODERS[coding](data)
    with pytest.raises(DecodeError):
        undo((coding,), wire[:-lost], 1_000)


@given(data=st.binary(min_size=1, max_size=2_000), flip=st.integers(0, 10**6))
@settings(max_examples=150, deadline=None)
def test_damage_in_gzip_gives_what_stands_before_it(data: bytes, flip: int) -> None:
    """A flipped byte of the stored data: what was decoded before is a prefix, or the checksum says so."""
    wire = bytearray(gzip.compress(data, 0))
    body = range(15, len(wire) - 8)
    wire[body[flip % len(body)]] ^= 0xFF
    pieces: list[bytes] = []
    with pytest.raises(DecodeError):
        pieces.extend(Chain(("gzip",)).feed(bytes(wire)))
    assert len(b"".join(pieces)) == len(data)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br"])
def test_pieces_are_bounded(coding: str) -> None:
    """A small input of much output comes in pieces."""
    wire = ENCODERS[coding](bytes(4 * 1024 * 1024))
    sizes = [len(piece) for piece in Chain((coding,)).feed(wire)]
    assert sum(sizes) == 4 * 1024 * 1024
    assert max(sizes) <= 2 * PIECE


def test_layers_that_grow_in_the_middle_are_stopped() -> None:
    """A layer whose output never reaches the end counts too."""
    # a gzip member of many bytes that holds nothing: its file name is long
    empty = b"\x1f\x8b\x08\x08" + bytes(6) + b"x" * 1_000_000 + b"\0\x03" + bytes(9)
    outer = gzip.compress(empty * 40)
    with pytest.raises(BombError):
        for _ in Chain(("gzip", "gzip")).feed(outer):
            pass


@pytest.mark.parametrize(
    ("values", "codings"),
    [
        ([b"gzip"], ("gzip",)),
        ([b" GZip , BR "], ("gzip", "br")),
        ([b"gzip", b"br"], ("gzip", "br")),
        ([b"identity"], ()),
        ([b"x-gzip,,"], ("gzip",)),
        ([b""], ()),
        ([b"utf-8"], ("utf-8",)),
    ],
)
def test_lists_of_codings_are_read(values: list[bytes], codings: tuple[str, ...]) -> None:
    assert parse_codings(values) == codings


def test_the_unknown_coding_is_named() -> None:
    assert unknown_coding(("gzip", "compress", "x")) == "compress"
    assert unknown_coding(("gzip", "br")) is None
