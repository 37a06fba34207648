"""A block of bytes as the searches share it."""

from __future__ import annotations

import re
from functools import cached_property


class SearchedBlock:
    """A block of bytes with what the searches share: its lower case, and which forms it can hold at all."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.lower = data.lower()  # every search needs it

    @cached_property
    def has_nul(self) -> bool:
        return b"\0" in self.data

    @cached_property
    def is_escaped(self) -> bool:
        r"""Whether letters and digits may be written as escapes (`&#116;`, `\u0074`, `\x74`, `%74`)."""
        lower = self.lower
        return (
            (b"&" in lower and b"&#" in lower)
            or (b"\\" in lower and (b"\\u00" in lower or b"\\x" in lower))
            or (b"%" in lower and _ENCODED_LETTER.search(lower) is not None)
        )

    def may_spell(self, word: bytes) -> bool:
        """Whether letters and digits (in lower case) may stand in an escaped text, however each of them is written."""
        return word in self.lower or word in self._unescaped

    @cached_property
    def _unescaped(self) -> bytes:
        """The text in lower case with its letters, digits and backslashes unescaped, one time for all secrets."""
        return unescaped(self.lower)

    @cached_property
    def has_wrapped_lines(self) -> bool:
        """Whether there may be Base64 text in lines (RFC 2045 6.8 and RFC 7468 3 write 76 and 64 characters)."""
        if b"\n" not in self.data and b"\\n" not in self.data and b"%0" not in self.data:
            return False
        return _LINE in self._runs

    @cached_property
    def _runs(self) -> bytes:
        return self.data.translate(_BASE64)

    @cached_property
    def has_long_words(self) -> bool:
        """Whether any run of Base64 characters is long enough for the coded form of a secret of usual length."""
        return LONG_WORD in self._runs


_BASE64 = bytes(
    ord("a") if (chr(byte).isalnum() and byte < 0x80) or byte in b"+/=-_" else 32
    for byte in range(256)
)
_LINE = b"a" * 40
LONG_WORD = b"a" * 16


# letters and digits percent-encoded, which no encoder needs to do
_ENCODED_LETTER = re.compile(rb"%(?:25){0,3}(?:3[0-9]|[46][1-9a-f]|[57][0-9a])")
# as smoke.redact.patterns writes a character below U+0080 that is escaped
_BY_CODE = re.compile(
    rb"%(?:25){0,3}([0-7][0-9a-f])|&(?:amp;){0,3}(?:#0{0,5}([0-9]{1,3})|#x0{0,5}([0-7]?[0-9a-f]));"
)
_BY_BACKSLASH = re.compile(rb"\\{1,16}+(?:u00|x)([0-7][0-9a-f])")


def unescaped(lower: bytes) -> bytes:
    """A text in lower case with its escaped ASCII characters as they are."""
    return _BY_BACKSLASH.sub(_character, _BY_CODE.sub(_character, lower))


def _character(found: re.Match[bytes]) -> bytes:
    digits = found[found.lastindex or 0]
    code = int(digits, 10 if found.lastindex == 2 else 16)
    # a sign may have to stay as it is written: no word that is looked for has one in it
    return bytes([code]).lower() if code < 0x80 else b" "
