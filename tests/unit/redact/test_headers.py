"""What a header gives away by its name alone, and values that are masked whole."""

from __future__ import annotations

import pytest

from smoke.redact import Secrets, mask_value
from smoke.redact.headers import is_credential, learned, mask_headers
from smoke.redact.values import decoded

TOKEN = b"a1b2c3d4e5f6g7h8"


@pytest.mark.parametrize(
    ("name", "value", "masked"),
    [
        (b"Set-Cookie", b"sid=a1b2c3d4; Path=/", b"sid=[masked:cookie]; Path=/"),
        (b"Set-Cookie", b"a1b2c3d4; Path=/", b"[masked:cookie]; Path=/"),
        (b"Cookie", b"a=first1; b=second", b"a=[masked:cookie]; b=[masked:cookie]"),
        (b"Cookie", b"only-a-value", b"[masked:cookie]"),
        (b"Authorization", b"Bearer a1b2c3d4", b"Bearer [masked:authorization]"),
        (b"X-Api-Key", b"a1b2c3d4", b"[masked:api_key]"),
    ],
)
def test_a_telling_header_keeps_its_form_alone(name: bytes, value: bytes, masked: bytes) -> None:
    ((shown_name, shown),), redactions, count = mask_headers(((name, value),), Secrets(), "header")
    assert (shown_name, shown) == (name, masked)
    assert count == len(redactions) == masked.count(b"[masked:")
    assert redactions[0].part == f"header:{name.decode()}"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (b"Set-Cookie", b"sid=; Path=/"),
        (b"Set-Cookie", b" "),
        (b"Authorization", b" "),
        (b"X-Shop", b"open"),
    ],
)
def test_what_holds_nothing_is_left_as_it_is(name: bytes, value: bytes) -> None:
    assert mask_headers(((name, value),), Secrets(), "header") == (((name, value),), [], 0)
    assert mask_headers((), Secrets(), "header") == ((), [], 0)


def test_what_is_masked_in_several_headers_is_told_with_its_place() -> None:
    told: list[tuple[str, bytes]] = []
    headers = ((b"X-tok_demo_51f0", b"5"), (b"X-Pin", b"1234"), (b"X-Shop", b"a tok_demo_51f0"))
    secrets = Secrets.of({"KEY": "tok_demo_51f0"})
    kept, redactions, count = mask_headers(
        headers, secrets, "header", lambda name, value: told.append((name, value))
    )
    assert kept == (
        *((b"X-[masked:KEY]", b"5"), (b"X-Pin", b"[masked:pin]"), (b"X-Shop", b"a [masked:KEY]")),
    )
    assert count == 3
    assert [each.part for each in redactions] == ["header", "header:X-Pin", "header:X-Shop"]
    assert told == [("KEY", b"tok_demo_51f0"), ("pin", b"1234"), ("KEY", b"tok_demo_51f0")]


@pytest.mark.parametrize("letter", [b"a", b"z", b"A", b"Z"])
@pytest.mark.parametrize("digit", [b"0", b"9"])
def test_a_credential_has_a_dozen_characters_a_letter_and_a_digit(
    letter: bytes, digit: bytes
) -> None:
    assert is_credential(letter + digit + b"-" * 10)
    assert not is_credential(letter + digit + b"-" * 9)
    assert not any(is_credential(letter + sign + b"-" * 10) for sign in (b"/", b":"))
    assert not any(is_credential(sign + digit + b"-" * 10) for sign in (b"@", b"[", b"`", b"{"))


def test_what_headers_carry_is_learned_where_it_can_only_be_a_credential() -> None:
    headers = (
        (b"Authorization", b"Bearer abcdefgh"),
        (b"Authorization", b"Bearer short"),
        (b"Authorization", b'Bearer "quoted-9"'),
        (b"Cookie", b"a=" + TOKEN + b"; b=ordinary-words-only"),
    )
    assert [value for _, value in learned(headers)] == ["abcdefgh", "quoted-9", TOKEN.decode()]
    assert [is_credential(text) for text in (TOKEN, b"a1", b"1" * 20, b"a" * 20)] == [
        *(True, False, False, False)
    ]


def test_a_number_of_any_length_can_be_shown() -> None:
    huge = 1 << 20_000
    assert mask_value(huge, Secrets()) == "[a number of 20001 bits]"
    assert mask_value({"n": huge}, Secrets()) == {"n": "[a number of 20001 bits]"}


def test_the_rest_of_a_character_that_a_mask_cut_is_shown_as_damage() -> None:
    assert decoded("ä\ud800".encode("utf-8", "surrogatepass")) == "ä\ud800"
    assert decoded(b"a\xa4[masked]") == "a\ufffd[masked]"
