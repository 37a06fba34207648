"""A block of bytes as the searches share it."""

from __future__ import annotations

import re
from functools import cached_property


class Text:
    """A block of bytes with what the searches share: its lower case, and which forms it can hold at all."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.lower = data.lower()  # every search needs it

    @cached_property
    def lower_characters(self) -> str:
        """The lower case with each byte as one character, as sieves look at them."""
        return self.lower.decode("latin-1")

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
