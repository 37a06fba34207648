"""Foreign text made safe: nothing acts, nothing is lost, and a CI log finds no command."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smoke.text import as_text, safe, safe_line, shorten, without_commands

ANY = st.text(st.characters(exclude_categories=[]))


@given(ANY)
def test_nothing_that_acts_is_left(text: str) -> None:
    """No control but newline and tab, no format, bidirectional or private surrogate character passes."""
    for character in safe(text):
        assert character in "\n\t" or unicodedata.category(character) not in (
            "Cc",
            "Cs",
            "Zl",
            "Zp",
        )
        assert unicodedata.bidirectional(character) not in (
            "LRE",
            "RLE",
            "PDF",
            "LRO",
            "RLO",
            "LRI",
            "RLI",
            "FSI",
            "PDI",
        )
    assert safe_line(text).isprintable() or not set(safe_line(text)) & set("\n\t\r\x1b")


@given(ANY)
def test_safe_is_idempotent(text: str) -> None:
    assert safe(safe(text)) == safe(text)
    assert safe_line(safe_line(text)) == safe_line(text)
    assert without_commands(without_commands(text)) == without_commands(text)


@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"])))
def test_plain_text_is_unchanged(text: str) -> None:
    assert safe_line(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31m", "\\x1b[31m"),
        ("\x9b31m", "\\x9b31m"),
        ("a\rb", "a\\x0db"),
        ("\u202e", "\\u202e"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\U000e0041"),
        ("a\u2028b", "a\\u2028b"),
        ("ok é 値 😀", "ok é 値 😀"),
    ],
)
def test_shown(text: str, shown: str) -> None:
    assert safe(text) == shown


PIECES = st.lists(
    st.sampled_from(
        ["::", ":", "#", "##[", "##vso[", "##teamcity[", "error", " ", "\t", "\n", "\x1b[31m", "x"]
    )
).map("".join)


@given(PIECES)
def test_no_log_finds_a_command(text: str) -> None:
    """As runners read a log: `::` first in a trimmed line, `##[` or `##word[` anywhere in it."""
    result = without_commands(text)
    for line in result.split("\n"):
        assert not re.sub(r"^(\s|\x1b\[[0-9;]*m)+", "", line).startswith("::")
        assert re.search(r"##\w*\[", line) is None


def test_what_is_no_command_is_unchanged() -> None:
    text = "fra1::iad1::abc 'x'::regclass # title ## title :: a:b"
    assert without_commands(text) == text


def test_shorten_counts_what_it_cuts() -> None:
    assert shorten("abc", 3) == "abc"
    assert shorten("abcde", 3) == "abc… (+2 characters)"


@pytest.mark.parametrize(
    ("data", "charset", "text", "encoding", "lossy"),
    [
        (b"caf\xc3\xa9", "utf-8", "café", "utf-8", False),
        (b"caf\xe9", "ISO-8859-1", "café", "iso8859-1", False),
        (b"caf\xe9", "", "caf\\xe9", "utf-8", True),
        (b"\x93a\x94", "windows-1252", "“a”", "cp1252", False),
        (b"+ADw-script+AD4-", "utf-7", "+ADw-script+AD4-", "utf-8", False),
        (b"\\x1b[31m", "unicode_escape", "\\x1b[31m", "utf-8", False),
        (b"uryyb", "rot13", "uryyb", "utf-8", False),
        (b"6869", "hex", "6869", "utf-8", False),
        (b"x", "zlib_codec", "x", "utf-8", False),
        (b"x", "no-such-charset", "x", "utf-8", False),
        (b"x", "../../etc/passwd", "x", "utf-8", False),
        (b"x", "a\0b", "x", "utf-8", False),
        (b"x", "u" * 1000, "x", "utf-8", False),
    ],
)
def test_charsets_that_lie(
    data: bytes, charset: str, text: str, encoding: str, lossy: bool
) -> None:
    decoded = as_text(data, charset)
    assert (decoded.text, decoded.encoding, decoded.lossy) == (text, encoding, lossy)


@given(st.binary(), ANY)
def test_any_bytes_in_any_charset_are_text(data: bytes, charset: str) -> None:
    assert isinstance(as_text(data, charset).text, str)
