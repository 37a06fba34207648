"""A request as text for an editor: what nobody touched is the same request, and what they wrote is what is sent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from smoke.app.edited_request import LARGEST, EditedText, EditError
from smoke.model.exchange import Request
from smoke.redact import Secrets

TOKEN = "shop-token-4711"
SECRETS = Secrets.of({"SHOP_TOKEN": TOKEN})
OWN = Request(
    "POST",
    f"https://shop.example/orders?key={TOKEN}",
    ((b"Authorization", f"Bearer {TOKEN}".encode()), (b"X-A", b"1"), (b"x-a", b"2")),
    b'{"sku":"tea"}',
)
ADDED = ((b"X-Target", b"t"), (b"Cookie", b"sid=abc"))
SHOWN = replace(OWN, headers=(*OWN.headers, *ADDED))

bodies = st.one_of(
    st.binary(max_size=40),
    st.text(max_size=40).map(str.encode),
    st.sampled_from(
        [
            b"",
            b"\n",
            b"a\n\n",
            b"\n\na",
            b"# a\r\nb",
            b"{{ body }}",
            TOKEN.encode(),
            b"x" * (LARGEST + 1),
        ]
    ),
)
values = st.one_of(
    st.binary(max_size=20), st.sampled_from([b"", b" a ", b"#", b": ", TOKEN.encode()])
)


@given(bodies, st.lists(values, max_size=3))
def test_what_nobody_touched_is_the_same_request(body: bytes, headers: list[bytes]) -> None:
    own = replace(OWN, headers=tuple((b"X-B", value) for value in headers), body=body)
    shown = replace(own, headers=(*own.headers, *ADDED))
    given_text = EditedText.of(shown, SECRETS)
    assert TOKEN not in given_text.text
    assert given_text.read(given_text.text, own) == own
    if body.endswith(b"\n") is False:  # an editor that leaves the last line end out
        assert given_text.read(given_text.text.removesuffix("\n"), own) == own


def read(*changes: tuple[str, str]) -> Request:
    """The request with changes in its text."""
    found = EditedText.of(SHOWN, SECRETS)
    text = found.text
    for old, new in changes:
        assert old in text, text
        text = text.replace(old, new, 1)
    return found.read(text, OWN)


def test_what_was_written_is_what_is_sent() -> None:
    made = read(
        ("POST https://shop.example/orders", "PUT https://shop.example/carts"),
        ("X-A: 1\n", ""),
        ('"tea"', '"{{ SHOP_TOKEN }}"'),
    )
    assert (made.method, made.url) == ("PUT", f"https://shop.example/carts?key={TOKEN}")
    assert made.headers == (OWN.headers[0], OWN.headers[2])
    assert made.body == f'{{"sku":"{TOKEN}"}}'.encode()
    assert made.without == ()


def test_what_goes_along_by_itself_becomes_the_steps_own_only_where_it_was_changed() -> None:
    assert read(("X-Target: t", "X-Target: u")).headers == (*OWN.headers, (b"X-Target", b"u"))
    gone = read(("X-Target: t\n", ""), ("Cookie", "X-Cookie"))
    assert gone.without == (b"cookie", b"x-target")
    assert gone.headers[-1] == (b"X-Cookie", b"sid=abc")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("POST https", "https", "the first line is to be METHOD URL"),
        ("POST ", "PO(ST ", "the first line is to be METHOD URL"),
        ("/orders", "/or ders", "the URL has a space, a control character or a backslash"),
        ("X-A: 1", "X-A 1", "a header is to be NAME: VALUE, not 'X-A 1'"),
        ("X-A: 1", "X A: 1", "a header is to be NAME: VALUE"),
        ("X-A: 1", "X-A: 1\x1b[2J", "a header is to be NAME: VALUE"),
        (
            "{{ SHOP_TOKEN }}",
            "{{ SHOP_TOKN }}",
            r"nothing is called \{\{ SHOP_TOKN \}\}; the names are",
        ),
    ],
)
def test_what_is_no_request_is_told(old: str, new: str, told: str) -> None:
    with pytest.raises(EditError, match=told):
        read((old, new))
