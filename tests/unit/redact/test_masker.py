"""The streaming masker: the same result for every division, nothing lost at borders, time linear in the size."""

from __future__ import annotations

import json
import os
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smoke.redact import Masker, Secrets, mask_bytes
from smoke.redact.masker import MAX_LISTED

TOKEN = "tok_demo_51f0c2d9e8a74b36"
SECRETS = Secrets.of({"KEY": TOKEN, "PIN": "pin-4711"})
PIECES = [
    TOKEN.encode(),
    b"pin-4711",
    b'{"password":"hide me","n":',
    b"4242424242424242",
    b"4000 0566 5566 5556",
    b"&token=abcdef&",
    b"postgres://u:pw@db/",
    b"sk_live_0123456789abcdef",
    b"-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----",
    b"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl0123",
    b"plain words, and more of them\n",
    b'"',
    b"\\",
    b"'",
    b"\x00\xff",
    b"12345",
    b"<password>hide me</password>",
    b"<s:pin a='b'>",
    b"</s:pin>",
    b"<token><![CDATA[",
    b"]]></token>",
    b"tok_demo_",
]


def _stream(data: bytes, cuts: list[int], *, block: int, ahead: int) -> tuple[bytes, Masker]:
    masker = Masker(SECRETS, digest_key=b"key", block=block, ahead=ahead)
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    out = [masker.feed(data[a:b]) for a, b in pairwise(places)]
    out.append(masker.finish())
    return b"".join(out), masker


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from(PIECES), max_size=40),
    st.lists(st.integers(0, 3000), max_size=30),
    st.sampled_from([(64, 128), (100, 300), (1000, 200)]),
)
def test_the_division_changes_nothing(
    pieces: list[bytes], cuts: list[int], sizes: tuple[int, int]
) -> None:
    data = b"".join(pieces)
    block, ahead = sizes
    whole, one = _stream(data, [], block=block, ahead=ahead)
    parts, many = _stream(data, cuts, block=block, ahead=ahead)
    assert parts == whole
    assert (many.redactions, many.count) == (one.redactions, one.count)
    assert many.original_digest == one.original_digest
    for redaction in one.redactions:
        start, end = redaction.start, redaction.start + redaction.length
        assert whole[start:end].startswith(b"[masked:") or b"*" in whole[start:end]
    assert TOKEN.encode() not in whole
    assert b"pin-4711" not in whole


@pytest.mark.parametrize("offset", range(40))
def test_a_secret_over_a_border_is_found(offset: int) -> None:
    data = b"." * (200 + offset) + TOKEN.encode() + b"," * 300
    masked, _ = _stream(data, [7, 300], block=256, ahead=128)
    assert masked == b"." * (200 + offset) + b"[masked:KEY]" + b"," * 300


@pytest.mark.parametrize("shift", range(0, 60, 7))
def test_secrets_on_all_real_borders_are_found(shift: int) -> None:
    raw = TOKEN.encode()
    data = bytearray(b"." * (3 * 1024 * 1024))
    for border in range(65536, len(data), 65536):
        data[border - shift : border - shift + len(raw)] = raw
    count = mask_bytes(bytes(data), SECRETS).count(b"[masked:KEY]")
    assert count == len(range(65536, len(data), 65536))


def test_a_value_longer_than_the_view_is_masked_to_its_end() -> None:
    secret = os.urandom(200_000).hex().encode()
    data = b'{"a":1,"password":"' + secret + b'","z":"AFTER"}'
    masked = mask_bytes(data, Secrets())
    assert json.loads(masked) == {"a": 1, "password": "[masked:password]", "z": "AFTER"}


def test_the_list_of_redactions_is_bounded_and_the_count_is_not() -> None:
    masker = Masker(SECRETS)
    masker.feed(b"pin-4711 " * 5000)
    masker.finish()
    assert masker.count == 5000
    assert len(masker.redactions) == MAX_LISTED


def test_the_digest_is_there_only_when_something_was_masked() -> None:
    clean, dirty = Masker(SECRETS, digest_key=b"k"), Masker(SECRETS, digest_key=b"k")
    assert clean.feed(b"nothing") + clean.finish() == b"nothing"
    dirty.feed(b"pin-4711")
    dirty.finish()
    assert clean.original_digest == ""
    assert len(dirty.original_digest) == 64
    assert (clean.original_size, dirty.original_size) == (7, 8)
