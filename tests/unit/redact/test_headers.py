"""What a header gives away by its name alone, and values that are masked whole."""

from __future__ import annotations

import pytest

from smoke.redact import Secrets, mask_value
from smoke.redact.headers import is_credential, learned, mask_headers
from smoke.redact.values import decoded

TOKEN = b"a1b2c3d4e5f6g7h8"


@pytest.mark.parametrize(
    ("name", "value", "hidden", "kept"),
    [
        (b"Set-Cookie", b"sid=a1b2c3d4; Path=/", b"a1b2c3d4", b"; Path=/"),
        (b"Set-Cookie", b"a1b2c3d4; Path=/", b"a1b2c3d4", b"; Path=/"),
        (b"Cookie", b"a=first1; b=second", b"first1", b"a="),
        (b"Cookie", b"only-a-value", b"only-a-value", b""),
        (b"Authorization", b"Bearer a1b2c3d4", b"a1b2c3d4", b"Bearer "),
        (b"X-Api-Key", b"a1b2c3d4", b"a1b2c3d4", b""),
    ],
)
def test_a_telling_header_keeps_its_form_alone(
    name: bytes, value: bytes, hidden: bytes, kept: bytes
) -> None:
    ((shown_name, shown),), redactions, count = mask_headers(((name, value),), Secrets(), "header")
    assert shown_name == name
    assert hidden not in shown
    assert kept in shown
    assert count == len(redactions) > 0
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


def test_what_headers_carry_is_learned_where_it_can_only_be_a_credential() -> None:
    headers = (
        (b"Authorization", b"Bearer abcdefgh"),
        (b"Authorization", b"Bearer short"),
        (b"Cookie", b"a=" + TOKEN + b"; b=ordinary-words-only"),
    )
    assert [value for _, value in learned(headers)] == ["abcdefgh", TOKEN.decode()]
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
