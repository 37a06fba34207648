"""A card number is told from a number by what stands around it, and a real one is never missed."""

from __future__ import annotations

import hashlib
import random
import zlib
from urllib.parse import quote

import pytest

from smoke.model.exchange import Body, RawBody, RawExchange, RawResponse, Request, Window
from smoke.redact import Secrets, mask_text, redact

CARD = "4242424242424242"


def _words(count: int, length: int, seed: int) -> list[str]:
    pick = random.Random(seed)
    return [f"{pick.getrandbits(4 * length):0{length}x}" for _ in range(count)]


@pytest.mark.parametrize("separator", [" ", "\n", ",", '","', "\\n", "  ", ":"])
def test_a_word_among_hexadecimal_words_is_none(separator: str) -> None:
    words = _words(12, 16, 1)
    for place in range(len(words) + 1):
        text = separator.join([*words[:place], CARD, *words[place:]])
        assert mask_text(text, Secrets()) == text


@pytest.mark.parametrize(
    "text",
    [
        f"a{CARD}", f"{CARD}f", f"id-3f{CARD}a0", f"0x{CARD}", f"9{CARD}", f"{CARD}0", f"0.{CARD}",
        "12345678-4242-4242-4242-424242424242", f"{'a1' * 10}{CARD}",
    ],
)  # fmt: skip
def test_a_part_of_a_longer_number_is_none(text: str) -> None:
    assert mask_text(f"x {text} y", Secrets()) == f"x {text} y"


@pytest.mark.parametrize(
    "card", [CARD, "4242 4242 4242 4242", "4242-4242-4242-4242", "378282246310005"]
)
@pytest.mark.parametrize(
    "form",
    [
        '{{"trace":"4bf92f3577b34da6","span":"00f067aa0ba902b7","note":"{0}"}}', '["{0}","{0}"]', "card {0} of a face",
        "<td>{0}</td><td>12/29</td>", "\\n{0}\\n", "\\b{0}\\f", "a=b&c={0}&d=3f", "Visa{0}", "No.{0}", "'{0}'", "{0}",
        "deadbeefdeadbeef {0}", "{0} 3f2a9c1b4d5e6f70 paid", "%0A{0}%0D",
    ],
)  # fmt: skip
def test_a_card_number_is_masked(card: str, form: str) -> None:
    assert card not in mask_text(form.format(card), Secrets())


@pytest.mark.parametrize("before", ["note=", "a b ", "=", "/", "\n", "abc:"])
def test_a_card_number_is_masked_in_a_url(before: str) -> None:
    assert CARD not in mask_text("x?q=" + quote(before + CARD, safe=""), Secrets())


def test_the_bytes_of_a_damaged_body_of_hexadecimal_words_are_kept() -> None:
    words = _words(400, 16, 2)
    words[200] = CARD
    text = " ".join(words).encode()
    wire = zlib.compress(text)[:-4] + b"\0\0\0\0"
    kept: dict[str, bytes] = {}

    def keep(part: str, data: bytes) -> Body:
        kept[part] = data
        return Body(len(data), hashlib.sha256(data).hexdigest(), f"bodies/{part}")

    body = RawBody(
        Window(text), wire=wire, decode_error="incorrect data check",
        content_encoding="deflate",
    )  # fmt: skip
    raw = RawExchange("1", Request("GET", "http://h/"), RawResponse(200, body=body))
    exchange = redact(raw, Secrets(), keep, started_at="")
    assert exchange.notes == ()
    assert kept["response"] == text
    assert kept["wire"] == wire
    assert exchange.redactions == ()
