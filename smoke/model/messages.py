r"""Messages of a WebSocket (RFC 6455) as they are kept: one a line, as it is where it is a JSON object or list on one line. Pure.

What cannot stand so is a JSON string, what came as no text `{"binary": STRING}`, and how the server closed `{"closed": [CODE, REASON]}`.
That string is the bytes as UTF-8, a byte XX that is none as `\udcXX` (as PEP 383 has it): nothing is lost, and secrets in it can be
seen. In Base64 nobody would find a card number.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

WEBSOCKET = "WEBSOCKET"
"""Stands as the method of such a request: it is no GET, which could be sent again without a thought."""
_SURROGATE = re.compile("[\udc80-\udcff]")
_MARKS = ('{"binary"', '{"closed"')


def line_of(message: str | bytes) -> str:
    """A message as the line that is kept of it."""
    if isinstance(message, bytes):
        text = json.dumps(message.decode("utf-8", "surrogateescape"), ensure_ascii=False)
        return '{"binary": ' + _SURROGATE.sub(_escaped, text) + "}"
    plain = message.startswith(("{", "[")) and not message.startswith(_MARKS)
    return message if plain and "\n" not in message else json.dumps(message, ensure_ascii=False)


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"


def closing_line(code: int, reason: str) -> str:
    """The line that says how the other side closed."""
    return '{"closed": ' + json.dumps([code, reason], ensure_ascii=False) + "}"


def message_of(line: str) -> str | None:
    """The text that a line stands for: of a binary message the line itself; None for how it was closed."""
    if line.startswith('{"closed"'):
        return None
    return str(json.loads(line)) if line.startswith('"') else line


def body_of(messages: Iterable[str]) -> bytes:
    """Messages that are to be sent, as a body."""
    return "".join(f"{line_of(each)}\n" for each in messages).encode()


def messages_of(text: str) -> list[str]:
    """The messages in a body."""
    found = (message_of(line) for line in text.split("\n") if line)
    return [each for each in found if each is not None]
