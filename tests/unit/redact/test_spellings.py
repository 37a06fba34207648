"""Declared secrets are found in every form in which a server may write them back."""

from __future__ import annotations

import base64
import html
import json
import random
import re
import string
from collections.abc import Callable, Iterator
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smoke.redact import Secrets, mask_bytes, mask_text

TOKEN = "tok_demo_51f0c2d9e8a74b36"
AWKWARD = "a b&=+%/\"\\<ü>'€z9q"


def batched(data: bytes) -> Iterator[tuple[int, int]]:
    return zip(data[::2], data[1::2], strict=True)


def _entities(text: str, form: str) -> str:
    return "".join(form.format(ord(char)) for char in text)


FORMS: dict[str, Callable[[str], str]] = {
    "plain": lambda s: s,
    "json": lambda s: json.dumps(s)[1:-1],
    "json, characters kept": lambda s: json.dumps(s, ensure_ascii=False)[1:-1],
    "json twice": lambda s: json.dumps(json.dumps(s)),
    "json three times": lambda s: json.dumps(json.dumps(json.dumps(s))),
    "json with slashes escaped": lambda s: json.dumps(s)[1:-1].replace("/", "\\/"),
    "json in capitals": lambda s: re.sub(
        r"\\u[0-9a-f]{4}", lambda found: "\\u" + found[0][2:].upper(), json.dumps(s)[1:-1]
    ),
    "every character as \\u": lambda s: "".join(
        f"\\u{high:02x}{low:02x}" for high, low in batched(s.encode("utf-16-be"))
    ),
    "percent": lambda s: quote(s, safe=""),
    "percent, slash kept": quote,
    "percent in small letters": lambda s: "".join(
        f"%{byte:02x}" if chr(byte) not in string.ascii_letters + string.digits else chr(byte)
        for byte in s.encode()
    ),
    "percent twice": lambda s: quote(quote(s, safe=""), safe=""),
    "every byte percent-encoded": lambda s: "".join(f"%{byte:02X}" for byte in s.encode()),
    "form": quote_plus,
    "html": html.escape,
    "html, quotes kept": lambda s: html.escape(s, quote=False),
    "html, decimal": lambda s: _entities(s, "&#{};"),
    "html, hexadecimal": lambda s: _entities(s, "&#x{:x};"),
    "html twice": lambda s: html.escape(html.escape(s)),
    "html of json": lambda s: html.escape(json.dumps(s)),
    "json of html": lambda s: json.dumps(html.escape(s)),
    "percent of json": lambda s: quote(json.dumps(s), safe=""),
    "hex": lambda s: s.encode().hex(),
    "hex in capitals": lambda s: s.encode().hex().upper(),
    "capitals": str.upper,
    "small letters": str.lower,
}


@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize("secret", [TOKEN, AWKWARD, "pin-4711", "Grüße-Straße", "päßwörd123"])
def test_a_secret_is_masked_in_each_form_and_its_surroundings_stay(form: str, secret: str) -> None:
    if secret.upper().lower() != secret.lower() and form == "capitals":
        pytest.skip("ß has no single capital")
    written = FORMS[form](secret)
    if form in {"capitals", "small letters"} and not written.isascii():
        pytest.skip("only ASCII letters change")
    masked = mask_text(f"BEFORE {written} AFTER", Secrets.of({"KEY": secret}))
    assert masked.startswith("BEFORE ")
    assert masked.endswith(" AFTER")
    # quotes that belong to the form may stand around the mask
    assert re.fullmatch(r"[\\\"&;a-z%0-9C]*\[masked:KEY\][\\\"&;a-z%0-9C]*", masked[7:-6])


@pytest.mark.parametrize("before", range(7))
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
@pytest.mark.parametrize("secret", [TOKEN, AWKWARD, "pin-4711", "\xff\xfe\xfb\xef>>??~~"])
def test_base64_is_masked_at_each_alignment(
    before: int, encode: Callable[[bytes], bytes], secret: str
) -> None:
    text = encode(b"x" * before + secret.encode() + b"tail!")
    masked = mask_bytes(text, Secrets.of({"KEY": secret}))
    assert masked.count(b"[masked:KEY]") == 1
    head, _, tail = masked.partition(b"[masked:KEY]")
    assert text.startswith(head)
    assert text.endswith(tail)
    kept = base64.urlsafe_b64decode(
        head[: len(head) // 4 * 4].replace(b"+", b"-").replace(b"/", b"_")
    )
    assert (b"x" * before).startswith(kept)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\\n", "\\r\\n"])
@pytest.mark.parametrize("shift", range(0, 78, 5))
def test_base64_in_wrapped_lines_is_masked(end: str, shift: int) -> None:
    text = base64.b64encode(("." * shift + TOKEN + "," * 120).encode()).decode()
    lines = end.join(text[at : at + 76] for at in range(0, len(text), 76))
    masked = mask_text(lines, Secrets.of({"KEY": TOKEN}))
    assert masked.count("[masked:KEY]") == 1
    left = masked.replace(end, "").partition("[masked:KEY]")
    assert len(left[0]) <= (shift + 3) * 4 // 3
    assert len(left[2]) >= 150


def test_utf_16_is_masked() -> None:
    for coding in ("utf-16-le", "utf-16-be"):
        text = f"BEFORE {TOKEN} AFTER".encode(coding)
        masked = mask_bytes(text, Secrets.of({"KEY": TOKEN}))
        head, _, tail = masked.partition(b"[masked:KEY]")
        # the mask may take one zero byte that the two byte orders share
        assert "BEFORE ".encode(coding).startswith(head[:12])
        assert " AFTER".encode(coding).endswith(tail[-10:])
        assert len(head) + len(tail) >= 25


_SECRET = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=6, max_size=40)


@settings(max_examples=100, deadline=None)
@given(
    _SECRET, st.sampled_from(sorted(set(FORMS) - {"capitals", "small letters"})), st.integers(0, 2)
)
def test_no_form_of_any_secret_survives(secret: str, form: str, shift: int) -> None:
    secrets = Secrets.of({"KEY": secret})
    written = FORMS[form](secret)
    assert written not in mask_text(f"<{written}>", secrets)
    coded = base64.b64encode(b"." * shift + secret.encode()).decode()
    masked = mask_text(coded, secrets)
    assert "[masked:KEY]" in masked
    assert len(masked) <= len("[masked:KEY]") + 4


def test_overlapping_secrets_leave_nothing_and_the_longest_names_the_mask() -> None:
    secrets = Secrets.of({"SHORT": "cdefghij", "LONG": "fghijklmnopq"})
    assert mask_text("ab cdefghijklmnopq rs", secrets) == "ab [masked:LONG] rs"
    assert mask_text("ab cdefghij rs", secrets) == "ab [masked:SHORT] rs"
    within = Secrets.of({"INNER": "middle", "OUTER": "the-middle-of"})
    assert mask_text("<the-middle-of>", within) == "<[masked:OUTER]>"


def test_a_secret_beside_itself_is_masked_each_time() -> None:
    secrets = Secrets.of({"KEY": TOKEN})
    assert (
        mask_text(f"{TOKEN}{TOKEN} x{TOKEN}x", secrets) == "[masked:KEY][masked:KEY] x[masked:KEY]x"
    )


@pytest.mark.parametrize("size", range(8, len(TOKEN)))
def test_a_secret_that_is_cut_off_at_the_end_is_masked(size: int) -> None:
    secrets = Secrets.of({"KEY": TOKEN})
    assert mask_text("BEFORE " + TOKEN[:size], secrets) == "BEFORE [masked:KEY]"
    assert mask_text(f"BEFORE {TOKEN[:size]}.", secrets) == f"BEFORE {TOKEN[:size]}."


def test_short_values_are_named_and_left_in_the_text() -> None:
    secrets = Secrets.of({"PIN": "4711", "WORD": "order", "KEY": TOKEN})
    assert secrets.too_short == ("PIN", "WORD")
    assert mask_text("order 4711 is placed", secrets) == "order 4711 is placed"


def test_secrets_show_their_names_only() -> None:
    secrets = Secrets.of({"KEY": TOKEN})
    assert repr(secrets) == "Secrets(KEY)"
    assert TOKEN not in repr(secrets.everywhere)


def test_adding_leaves_the_first_collection_as_it_was() -> None:
    first = Secrets.of({"A": "first-secret"})
    second = first.adding("B", "second-secret").adding("C", "")
    assert first.names == ("A",)
    assert second.names == ("A", "B")
    assert mask_text("first-secret second-secret", first) == "[masked:A] second-secret"


def test_a_thousand_random_secrets_leak_in_no_form() -> None:
    maker = random.Random(20261123)
    alphabet = string.ascii_letters + string.digits + "-_./+=&%\"'\\<> é"
    names = sorted(set(FORMS) - {"capitals", "small letters"})
    for number in range(1_000):
        secret = "".join(maker.choices(alphabet, k=maker.randint(8, 40)))
        form = names[number % len(names)]
        written = FORMS[form](secret)
        assert written not in mask_text(f"1 {written} 2", Secrets.of({"K": secret})), (secret, form)


def test_every_one_of_several_encoded_spellings_is_masked() -> None:
    value = "s7RbZ/L9p50DbfjhedeTgg=="  # its longest run of letters and digits is not its first
    coded = quote(value, safe="")
    text = f"/a/{coded}?q={coded}&r={value}&s={coded} {value} {coded}"
    assert mask_text(text, Secrets.of({"K": value})) == (
        "/a/[masked:K]?q=[masked:K]&r=[masked:K]&s=[masked:K] [masked:K] [masked:K]"
    )


@pytest.mark.parametrize("value", ["tok_demo_51f0c2d9e8a74b36", "%41cdefgh/x", "a&#65;bcd99"])
def test_a_secret_in_a_text_with_other_escapes_is_masked(value: str) -> None:
    secrets = Secrets.of({"K": value})
    escaped = [
        value,
        quote(value, safe=""),
        "".join(f"&#{ord(char)};" for char in value),
        "".join(f"&amp;#x{ord(char):X};" for char in value),
        "".join(f"\\u{ord(char):04x}" for char in value),
        "".join(f"\\\\u{ord(char):04X}" for char in value),
        "".join(f"%25{ord(char):02X}" for char in value),
        "".join(f"%5cx{ord(char):02x}" for char in value),
        value[:4] + "".join(f"%{ord(char):02x}" for char in value[4:]),
    ]
    for form in escaped:
        assert mask_text(f"it&#39;s %41 \\u0041 {form} .", secrets).endswith("[masked:K] ."), form


def test_a_private_key_is_masked_without_its_frame_too() -> None:
    lines = [
        "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC" * 2,
        "BKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj" * 2,
        "q3Zk=",
    ]
    pem = "\n".join(["-----BEGIN PRIVATE KEY-----", *lines, "-----END PRIVATE KEY-----"])
    for written in (pem, pem.replace("\n", "\\n")):
        secrets = Secrets.of({"KEY": written})
        for text in ("".join(lines), "\n".join(lines)):
            assert mask_text(f"a {text} b", secrets) == "a [masked:KEY] b"
        assert not any(line in mask_text(pem, secrets) for line in lines)
        assert len(list(secrets)) == 3


def test_what_was_found_clean_is_forgotten_after_very_many_texts_and_masks_go_on() -> None:
    secrets = Secrets.of({"KEY": TOKEN})
    for number in range(700):
        assert mask_text(f"order {number}", secrets) == f"order {number}"
        assert mask_text(f"order {number}: {TOKEN}", secrets) == f"order {number}: [masked:KEY]"
