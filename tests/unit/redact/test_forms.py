"""Fields of HTML forms, and `meta` elements: the value of one with a telling name is masked, and nothing else of the tag."""

from __future__ import annotations

import pytest

from smoke.redact import Secrets, mask_bytes

NOTHING = Secrets()


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (b'<input name="csrf_token" value="a1b2c3">', b'<input name="csrf_token" value="[masked:token]">'),
        (b"<input value='a b' type=hidden id='pin'/>", b"<input value='[masked:pin]' type=hidden id='pin'/>"),
        (b"<INPUT NAME=pin VALUE=1234 checked>", b"<INPUT NAME=pin VALUE=[masked:pin] checked>"),
        (b'<meta property="csrf-token" content="a1b2c3" />', b'<meta property="csrf-token" content="[masked:token]" />'),
        (rb'"<input name=\"pin\" value=\"1234\">"', rb'"<input name=\"pin\" value=\"[masked:pin]\">"'),
    ],
)  # fmt: skip
def test_the_value_of_a_telling_field_is_masked(text: bytes, masked: bytes) -> None:
    assert mask_bytes(text, NOTHING) == masked
    assert mask_bytes(b"x" * 70_000 + text, NOTHING) == b"x" * 70_000 + masked


@pytest.mark.parametrize(
    "text",
    [
        b'<input name="quantity" value="12"><meta name="description" content="tea">',
        b'<input name="card" value="Visa">',
        b'<input name="pin" value="">',
        b'<input name="pin" value=" ">',
        b'<input name="pin"><b value="12">',
        b'<inputs name="qty" value="12">',
    ],
)
def test_another_field_keeps_its_value(text: bytes) -> None:
    assert mask_bytes(text, NOTHING) == text
