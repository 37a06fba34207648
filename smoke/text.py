"""Foreign text on its way to a terminal, a log or a report.

Everything that came from a server, a file or the environment passes through `safe` before it is printed.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

# C0 but newline and tab, DEL, C1, zero-width and bidirectional controls, line separators, the byte order mark
# and lone surrogates: each can move the cursor, hide text or start a line that a CI log would take for a command
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff"
    "\ufff9-\uffff\ud800-\udfff\U000e0000-\U000e0fff]"
)

# GitHub and Azure take `##[command]` and `##vso[command]` anywhere in a line, and `::command::` at its start, also
# behind blanks; TeamCity takes `##teamcity[`
_NUMBERED = re.compile(r"#(?=#[a-zA-Z]{0,20}\[)")
_COLONS = re.compile(r"(?m)^((?:[ \t]|\x1b\[[0-9;]{0,20}m)*):(?=:)")

TEXT_ENCODINGS = frozenset(
    {
        "ascii",
        "utf-8",
        "iso8859-1",
        "iso8859-15",
        "cp1250",
        "cp1251",
        "cp1252",
        "utf-16",
        "utf-16-le",
        "utf-16-be",
    }
    | {"shift_jis", "euc_jp", "euc_kr", "gb2312", "gbk", "gb18030", "big5", "koi8-r"}
)
"""Names (Python's) of the charsets that are believed. Others can make ESC or markup of harmless bytes (`utf-7`,
`unicode_escape`), are no charsets at all (`zlib_codec`, `rot13`), or take quadratic time (`punycode`, `idna`)."""


def _visible(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def safe(text: str) -> str:
    r"""The text with every control, bidirectional and invisible character made visible (`\x1b`, `\u202e`).

    Newlines and tabs stay. The result still has to be printed without markup.
    """
    return _UNSAFE.sub(_visible, text)


def safe_line(text: str) -> str:
    """As `safe`, on one line: newlines and tabs are made visible too."""
    return safe(text).replace("\n", "\\n").replace("\t", "\\t")


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters; what was cut is counted in the text itself."""
    if len(text) <= limit:
        return text
    return f"{text[:limit]}… (+{len(text) - limit} characters)"


def plural(count: int, word: str, many: str = "") -> str:
    """`1 order`, `2 orders`, `3 bodies`; every number that is printed with a word comes from here."""
    return f"{count} {word if count == 1 else many or f'{word}s'}"


def without_commands(text: str) -> str:
    r"""Text of any number of lines in which no CI log finds a command: `::error::` becomes `\x3a:error::`.

    For the last step before a log; text that is wrapped or indented afterwards would have to pass again.
    """
    return _COLONS.sub(r"\1\\x3a", _NUMBERED.sub(r"\\x23", text))


@dataclass(frozen=True, slots=True)
class Decoded:
    """Bytes as text: in which encoding, and whether some bytes were not text in it (they are escaped)."""

    text: str
    encoding: str
    lossy: bool


def as_text(data: bytes, charset: str = "") -> Decoded:
    """The text of bytes in the charset that a response names, if it is one of TEXT_ENCODINGS, else in UTF-8."""
    encoding = "utf-8"
    if charset and len(charset) <= 40:
        try:
            name = codecs.lookup(charset).name
        except (LookupError, ValueError):
            name = ""
        if name in TEXT_ENCODINGS:
            encoding = name
    try:
        return Decoded(data.decode(encoding), encoding, lossy=False)
    except UnicodeError:
        return Decoded(data.decode(encoding, errors="backslashreplace"), encoding, lossy=True)
