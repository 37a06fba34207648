"""What is masked in a short text is masked in a large one too, where a sieve looks first."""

from __future__ import annotations

import base64
import html
import json
from urllib.parse import quote

import pytest

from smoke.redact import Secrets, mask_bytes
from smoke.redact.keys import endings, qualifiers
from smoke.redact.shapes import SHAPES, Shape
from smoke.redact.sieve import LARGE

VALUES = {
    "token": "tok_demo_51f0c2d9e8a74b36",
    "short": "pin-4711",
    "signs": "p@ss w0rd&=+%/end",
    "accents": "naïve-Ünï-pass",
    "no letters": "-----!!!!!",
    "long": "x7" * 90,
    "slashes": "q1/w2+e3/r4+t5",
}
FORMS = (
    '{{"{0}":"v4lue77"}}', '{{"{0}" : 12345}}', "?{0}=v4lue77", "%26{0}%3Dv4lue77%26", "\n{0}: v4lue77\n",
    "&quot;{0}&quot;: &quot;v4lue77&quot;", '{{\\"{0}\\":\\"v4lue77\\"}}', "'{0}' => 'v4lue77'", "a[{0}]=v4lue77",
    "user%5B{0}%5D=v4lue77", "%22{0}%22:%22v4lue77%22", "&#34;{0}&#34;:&#34;v4&#34;", "&#39;{0}&#39;=&#39;v4&#39;",
    '<add key="{0}" value="v4lue77"/>', "<a:param name='{0}'>v4lue77</a:param>", "<key>{0}</key><string>v4lue77</string>",
    "<{0}>v4lue77</{0}>", "<a:{0} b='c'>v4lue77</a:{0}>", "&lt;{0}&gt;v4lue77&lt;/{0}&gt;",
)  # fmt: skip
FILLER = b"plain words, and more of them\n" * 2200


def _assert_same(piece: bytes, secrets: Secrets) -> bool:
    """Whether something was masked in the piece, alone and in a large text alike."""
    short = b"here: (" + piece + b") it is\n"
    masked = mask_bytes(short, secrets)
    assert mask_bytes(FILLER + short + FILLER, secrets) == FILLER + masked + FILLER
    return masked != short


def _spelled(value: str) -> list[bytes]:
    raw = value.encode()
    coded = [base64.b64encode(before + raw + b"yyy") for before in (b"", b"x", b"xx")]
    wrapped = base64.encodebytes(b"z" * 40 + raw + b"w" * 60)
    escaped = [
        "".join(f"&#{ord(char)};" for char in value).encode(),
        "".join(f"\\u{ord(char):04x}" for char in value).encode(),
        "".join(f"%{byte:02X}" for byte in raw).encode(),
    ]
    return [
        *(raw, raw.upper(), raw.hex().encode(), raw.hex().upper().encode(), wrapped),
        *coded,
        *(code.translate(bytes.maketrans(b"+/", b"-_")) for code in coded),
        *(quote(value, safe="").encode(), json.dumps(value).encode(), html.escape(value).encode()),
        *(value.encode("utf-16-le"), value.encode("utf-16-be")),
        *escaped,
    ]


def test_the_text_around_is_large_enough_for_the_sieve_and_has_nothing_to_mask() -> None:
    assert len(FILLER) > LARGE
    assert mask_bytes(FILLER, Secrets.of(VALUES)) == FILLER


@pytest.mark.parametrize("name", VALUES)
def test_every_spelling_of_a_secret_comes_through(name: str) -> None:
    secrets = Secrets.of({name: VALUES[name]})
    for piece in _spelled(VALUES[name]):
        assert _assert_same(piece, secrets), piece


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.example[:16])
@pytest.mark.parametrize("before", [b"", b"=", b"_", b"A", b"\\n", b"%3D"])
def test_every_shape_comes_through(shape: Shape, before: bytes) -> None:
    was_masked = _assert_same(before + shape.example.encode(), Secrets())
    assert was_masked or (shape.behind and before in (b"_", b"A"))


@pytest.mark.parametrize(("turn", "form"), list(enumerate(FORMS)))
def test_every_telling_name_comes_through(turn: int, form: str) -> None:
    found = 0
    for number, ending in enumerate(endings()):
        more = qualifiers()[number % len(qualifiers())]
        # each name in each form, and by turns with each sign
        sign = ("_", "-", ".", "")[(number + turn) % 4]
        name = ending.replace(" ", sign) + (sign + more if sign in "_-" else "")
        found += _assert_same(form.format(name).encode(), Secrets())
    assert found


GAPS = (
    *("", " ", ".", "-", "+", "%20", "%2D", "%2d", "%2B", "\xa0", "&nbsp;", "&#160;", "&#xA0;", "\\u00a0", "\\u00A0", "%C2%A0"),
    *("\u202f", "\\u202f", "&#8239;", "%E2%80%AF", "\u2011", "\\u2011", "\u2013", "\\u2013", "&ndash;", "&#8211;"),
    *("  ", "%20%20", " - ", " \u2013 ", "&nbsp;&nbsp;", " &nbsp;", "-\xa0", "&#45;", "&#x2D;", "&#32;", "\\u002d", "\\u0020-"),
    *("&#x202f;", "&#8209;", "&#x2011;", "&#x2013;", "%E2%80%91", "%e2%80%93"),
)  # fmt: skip
CARDS = ("4111 1111 1111 1111", "3782 822463 10005", "6304 9000 1774 0292 441")


@pytest.mark.parametrize("gap", GAPS, ids=ascii)
@pytest.mark.parametrize("digits", CARDS)
@pytest.mark.parametrize("behind", ["", "12", "123"])
def test_every_card_number_comes_through(gap: str, digits: str, behind: str) -> None:
    number = gap.join([*digits.split(), *([behind] if gap and behind else [])])
    assert _assert_same(number.encode(), Secrets())
    assert b"*****" in mask_bytes(number.encode(), Secrets())
    if "\xa0" in gap:
        assert _assert_same(number.encode("latin-1"), Secrets())
