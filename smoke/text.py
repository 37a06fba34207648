"""Foreign text on its way to a terminal, a log or a report.

Everything that came from a server, a file or the environment passes through `safe` before it is printed.
"""

from __future__ import annotations

import re

# C0 but newline and tab, DEL, C1, zero-width and bidirectional controls, line separators, the byte order mark
# and lone surrogates: each can move the cursor, hide text or start a line that a CI log would take for a command
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff"
    "\ufff9-\uffff\ud800-\udfff\U000e0000-\U000e0fff]"
)


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
