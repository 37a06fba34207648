"""What is masked by its place is masked to its end: beside others, over them, and where a stream is divided."""

from __future__ import annotations

import pytest

from smoke.redact import Masker, Secrets, mask_text

NONE = Secrets()
TELLING = (
    ('{"password":"', '"}', "password"),
    (r'"{\"password\":\"', r'\"}"', "password"),
    ("&quot;pin&quot;:&quot;", "&quot;", "pin"),
    ("password: ", "\nnext", "password"),
    ("x=1&token=", "&y=2", "token"),
    ("x%3D1%26token%3D", "%26y%3D2", "token"),
    ("Authorization: Bearer ", "\r\nnext", "authorization"),
)


def in_pieces(data: bytes, secrets: Secrets, block: int, ahead: int) -> bytes:
    masker = Masker(secrets, block=block, ahead=ahead)
    parts = [masker.feed(data[at : at + 97]) for at in range(0, len(data), 97)]
    return b"".join([*parts, masker.finish()])


@pytest.mark.parametrize(("before", "behind", "name"), TELLING)
@pytest.mark.parametrize("size", [250, 900, 3000])
def test_a_value_that_is_longer_than_what_is_in_view_is_masked_to_its_end(
    before: str, behind: str, name: str, size: int
) -> None:
    data = f"{before}{'k7' * size}{behind}".encode()
    masked = f"{before}[masked:{name}]{behind}".encode()
    assert in_pieces(data, NONE, 128, 256) == masked
    # and what stands behind it is looked at again
    assert in_pieces(data * 3, NONE, 128, 256) == masked * 3


@pytest.mark.parametrize(("before", "behind", "name"), TELLING)
def test_a_value_that_begins_at_any_byte_of_a_block_is_masked(
    before: str, behind: str, name: str
) -> None:
    for place in range(128):
        data = f"{'.' * place}\n{before}hunter22{behind} {'.' * 300}".encode()
        assert b"hunter22" not in in_pieces(data, NONE, 64, 128), place


def test_behind_a_name_inside_a_masked_value_others_are_masked_still() -> None:
    text = '{"password":"a&token=b&pin=c","sku":"tea","cvv":"123"}'
    assert (
        mask_text(text, NONE) == '{"password":"[masked:password]","sku":"tea","cvv":"[masked:cvv]"}'
    )


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (r'{"pin":"1\"2","a":"b"}', '{"pin":"[masked:pin]","a":"b"}'),
        (r'{"pin":"12\\","a":"b"}', '{"pin":"[masked:pin]","a":"b"}'),
        (r'{"pin":"\"\"12\"","a":"b"}', '{"pin":"[masked:pin]","a":"b"}'),
        (r'"{\"pin\":\"1\\\"2\",\"a\":1}"', r'"{\"pin\":\"[masked:pin]\",\"a\":1}"'),
        (r'"{\"pin\":\"12\"}","a":"b"', r'"{\"pin\":\"[masked:pin]\"}","a":"b"'),
        ("&quot;pin&quot;:&quot;a\\&quot;,&quot;b&quot;", "&quot;pin&quot;:&quot;[masked:pin]&quot;,&quot;b&quot;"),
        ('{"pin":"12\t ","a":"b"}', '{"pin":"[masked:pin]\t ","a":"b"}'),
        ('{"pin":"12 ","a":"b"}', '{"pin":"[masked:pin] ","a":"b"}'),
        ('{"card":"order_1234567890123","n":1}', '{"card":"order_1234567890123","n":1}'),
        ('{"cardNumber":"12345678901","n":1}', '{"cardNumber":"12345678901","n":1}'),
        ('{"authorization":"hunter22+","n":1}', '{"authorization":"[masked:authorization]","n":1}'),
        ('{"cardNumber":["5105 1051 0510 5101"]}', '{"cardNumber":["510510******5101"]}'),
        ('{"pin":"  ","a":"b"}', '{"pin":"  ","a":"b"}'),
    ],
)  # fmt: skip
def test_a_quoted_value_ends_where_its_quote_does(text: str, masked: str) -> None:
    assert mask_text(text, NONE) == masked


LONG = Secrets.of({"ONE": "abcdefgh-12345678", "TWO": "12345678-ijklmnop-qrs", "IN": "fgh-1234"})


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("<abcdefgh-12345678-ijklmnop-qrs>", "<[masked:TWO]>"),
        ("<abcdefgh-12345678>", "<[masked:ONE]>"),
        ("<abcdefgh-1234567812345678-ijklmnop-qrs>", "<[masked:ONE][masked:TWO]>"),
    ],
)
def test_secrets_that_overlap_are_masked_from_the_first_byte_to_the_last(
    text: str, masked: str
) -> None:
    assert mask_text(text, LONG) == masked


def test_a_secret_at_the_beginning_of_a_value_does_not_end_its_mask() -> None:
    secrets = Secrets.of({"KEY": "tok_demo_51f0c2d9"})
    data = f'{{"password":"tok_demo_51f0c2d9{"k7" * 900}"}} and more'.encode()
    assert in_pieces(data, secrets, 128, 256) == b'{"password":"[masked:password]"} and more'
