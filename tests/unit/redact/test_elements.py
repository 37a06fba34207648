"""Elements of XML with a telling name: their text is masked however the markup is written, and what is none stays."""

from __future__ import annotations

from itertools import pairwise
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smoke.redact import Masker, Secrets, mask_bytes

NOTHING = Secrets()
MASK = b"[masked:password]"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (b"<password>hunter22</password>", b"<password>%b</password>" % MASK),
        (b"<o:Password xsi:type='s' >x & \"y\"</o:Password>", b"<o:Password xsi:type='s' >%b</o:Password>" % MASK),
        (b"<password>\n hunter22\n</password >", b"<password>%b</password >" % MASK),
        (b"<password><![CDATA[a<b>]]></password>", b"<password><![CDATA[%b]]></password>" % MASK),
        (b"<password>a<!-- b -->c<![CDATA[d]]></password>", b"<password>%b<!-- b -->%b<![CDATA[%b]]></password>" % ((MASK,) * 3)),
        (b"<password><![CDATA[d]]><b/></password>", b"<password><![CDATA[%b]]><b/></password>" % MASK),
        (b"&lt;password&gt;a&amp;b&lt;/password&gt;", b"&lt;password&gt;%b&lt;/password&gt;" % MASK),
        (rb'{"x":"<password>a b<\/password>"}', rb'{"x":"<password>%b<\/password>"}' % MASK),
        (rb'"\u003cpassword\u003Ea\nb\u003c/password\u003e"', rb'"\u003cpassword\u003E%b\u003c/password\u003e"' % MASK),
        (b"x=%3Cpassword%3Ehunter22%3C%2Fpassword%3E&y=1", b"x=%%3Cpassword%%3E%b%%3C%%2Fpassword%%3E&y=1" % MASK),
        (b"<password>abc<b/>def</password>", b"<password>%b<b/>%b</password>" % (MASK, MASK)),
        (b"<password>a<b>c</b>d</password> e", b"<password>%b<b>%b</b>%b</password> e" % (MASK, MASK, MASK)),
        (b"<password><b>x</b> q</password>", b"<password><b>%b</b>%b</password>" % (MASK, MASK)),
        (b"<password>a<br>b<br>c</password>", b"<password>%b<br>%b<br>%b</password>" % (MASK, MASK, MASK)),
        (b"<password><b>c</b><![CDATA[d]]></password>", b"<password><b>%b</b><![CDATA[%b]]></password>" % (MASK, MASK)),
        (b"<password>a<!-- <c> --><d/>f</password>", b"<password>%b<!-- <c> --><d/>%b</password>" % (MASK, MASK)),
        (
            b"<password>a<password>b</password>c</password>d",
            b"<password>%b<password>%b</password>%b</password>d" % (MASK, MASK, MASK),
        ),
        (b"&lt;password&gt;a&lt;b/&gt;c&lt;/password&gt;", b"&lt;password&gt;%b&lt;b/&gt;%b&lt;/password&gt;" % (MASK, MASK)),
        (b"x=%3Cpassword%3Ea%3Cb%2F%3Ec%3C%2Fpassword%3E", b"x=%%3Cpassword%%3E%b%%3Cb%%2F%%3E%b%%3C%%2Fpassword%%3E" % (MASK, MASK)),
        (
            rb'"\u003cpassword\u003ea\u003cb\u003ec\u003c/b\u003e\u003c/password\u003e"',
            rb'"\u003cpassword\u003e%b\u003cb\u003e%b\u003c/b\u003e\u003c/password\u003e"' % (MASK, MASK),
        ),
        (b"<!-- x --><password>a<!-- b -->c</password>", b"<!-- x --><password>%b<!-- b -->%b</password>" % (MASK, MASK)),
        (b"<password>cut o", b"<password>" + MASK),
        (b"<password><![CDATA[cut o", b"<password><![CDATA[" + MASK),
        (b"<c:cardNumber>4111111111111112</c:cardNumber>", b"<c:cardNumber>411111******1112</c:cardNumber>"),
        (b"<a password='hunter22' cvv=\"123\"/>", b"<a password='%b' cvv=\"[masked:cvv]\"/>" % MASK),
        (b"<a><verificationCode>77</verificationCode></a>", b"<a><verificationCode>[masked:verification_code]</verificationCode></a>"),
    ],
)  # fmt: skip
def test_the_text_of_a_telling_element_is_masked(text: bytes, masked: bytes) -> None:
    assert mask_bytes(text, NOTHING) == masked


@pytest.mark.parametrize(
    "text",
    [
        b"<password></password><sku>tea</sku>",
        b"<password/><sku>tea</sku>",
        b"<password a='b' /><sku>tea</sku>",
        b"<session>\n  <id>5</id>\n</session>",
        b"<session>\n  <id>5</id>\n  <!-- x -->\n  <at>6</at>\n</session>",
        b"<session>" + b"<id>5</id>" * 40 + b"</session>",
        b"<p>Use <token> here, or <b>none</b> at all</p>",
        b"<pin>" + b"<b/>" * 31 + b"</pin> 5",
        b"<tokenType>x</tokenType><tokens>5</tokens>",
        b'{"hint": "Use <token> here", "id": 7}',
        b"<p>Use <token> here</p>",
        b"Optional<Token> next()\n at a.B.c(D.java:7)\n",
        b"<card>Visa</card>",
        b"<pin><!-- no end",
        b"<pin><a>",
        b"<pin" + b" a" * 3000 + b">12</pin>",
        b"&lt;pin&gt;&lt;b&gt;1",
    ],
)
def test_what_is_no_secret_stays(text: bytes) -> None:
    assert mask_bytes(text, NOTHING) == text


NAMES = st.sampled_from(["sku", "password", "apiKey", "s:cvv", "order", "client_secret"])
VALUES = st.text(st.sampled_from("äQZ<>&\"'\n \\%=:;"), min_size=1, max_size=30)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(NAMES, VALUES, st.booleans()), max_size=20), st.lists(st.integers(0, 999))
)
def test_no_value_of_a_telling_element_is_left(
    items: list[tuple[str, str, bool]], cuts: list[int]
) -> None:
    text = ["<all>"]
    for number, (name, value, section) in enumerate(items):
        marked = f"q{number}Q{value}Q{number}q"
        inner = f"<![CDATA[{marked}]]>" if section else escape(marked)
        text.append(f"<{name} n='{number}'>{inner}</{name}>")
    data = "".join([*text, "</all>"]).encode()
    masked = mask_bytes(data, NOTHING).decode()
    for number, (name, _, _) in enumerate(items):
        kept = name in ("sku", "order")
        assert (f"q{number}Q" in masked, f"Q{number}q" in masked) == (kept, kept)
    masker = Masker(NOTHING, block=500, ahead=2000)
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    pieces = [masker.feed(data[a:b]) for a, b in pairwise(places)]
    assert b"".join([*pieces, masker.finish()]).decode() == masked


def test_a_value_that_is_longer_than_what_is_in_view_is_masked_to_its_end() -> None:
    data = b"<a><password>" + b"x" * 5000 + b"</password><b>y</b></a>"
    masker = Masker(NOTHING, block=300, ahead=600)
    parts = [masker.feed(data[at : at + 100]) for at in range(0, len(data), 100)]
    assert b"".join([*parts, masker.finish()]) == b"<a><password>%b</password><b>y</b></a>" % MASK


@pytest.mark.parametrize(
    "piece",
    [
        b"<pin><!--",
        b"<pin><![CDATA[",
        b"&lt;pin ",
        b"<pin>x",
        b"<pin>x<a>",
        b"<pin><![CDATA[as long as a mask]]>",
    ],
)
def test_a_hostile_text_takes_no_longer_than_its_size(piece: bytes) -> None:
    data = piece * 40_000  # minutes, if each were looked at to the end
    assert len(mask_bytes(data, NOTHING)) <= len(data) + 100


@pytest.mark.parametrize("count", [1, 30, 31, 32, 33, 200])
@pytest.mark.parametrize("tag", [b"<b/>", b"<b>hunter22</b>", b"&lt;b/&gt;"])
def test_nothing_of_a_value_with_very_many_elements_stays(count: int, tag: bytes) -> None:
    less, more = (b"&lt;", b"&gt;") if tag.startswith(b"&") else (b"<", b">")
    data = (
        less
        + b"password"
        + more
        + b"hunter22"
        + tag * count
        + b"hunter22"
        + less
        + b"/password"
        + more
        + b" and <b>y</b>"
    )
    masked = mask_bytes(data, NOTHING)
    assert b"hunter22" not in masked
    assert masked.endswith(less + b"/password" + more + b" and <b>y</b>")


@pytest.mark.parametrize("count", [1, 40])
def test_an_end_tag_whose_name_only_begins_so_ends_no_value(count: int) -> None:
    data = b"<password>hunter22" + b"<b/>" * 40 + b"x</passwordHash>" * count + b"hunter22"
    masked = mask_bytes(data + b"</password> and more", NOTHING)
    assert b"hunter22" not in masked
    assert count > 1 or masked.endswith(b"</password> and more")


@pytest.mark.parametrize("count", [98, 99, 100, 101, 150])
@pytest.mark.parametrize(
    ("piece", "last"),
    [
        (b"hunter22<!-- -->", b"hunter22"),
        (b"<![CDATA[hunter22]]>", b""),
        (b"<!-- -->", b"hunter22"),
        (b"<![CDATA[x]]>", b"hunter22<![CDATA[hunter22]]>"),
    ],
)
def test_nothing_of_a_value_in_very_many_pieces_stays(
    count: int, piece: bytes, last: bytes
) -> None:
    data = b"<a><password>" + piece * count + last + b"</password><b>y</b></a>"
    masked = mask_bytes(data, NOTHING)
    assert b"hunter22" not in masked
    assert masked.endswith(b"</password><b>y</b></a>")
    masker = Masker(NOTHING, block=300, ahead=1500)
    parts = [masker.feed(data[at : at + 100]) for at in range(0, len(data), 100)]
    assert b"hunter22" not in b"".join([*parts, masker.finish()])
