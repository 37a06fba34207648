"""A WebSocket for one exchange (RFC 6455): its handshake, the messages that are sent, and those that come.

Its frames are written and read by wsproto, which does no I/O and is loaded here only; no extension is offered, so that what
is kept is what came.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Iterator
from typing import TYPE_CHECKING

from smoke.model.event_stream import MOST, SentEvent, StreamEnd
from smoke.model.exchange import ErrorKind, Headers
from smoke.model.messages import closing_line, line_of, message_of
from smoke.text import safe_line, shorten
from smoke.transport.fault import Fault
from smoke.transport.record import ExchangeRecord
from smoke.transport.stream import Stream

if TYPE_CHECKING:
    from wsproto.frame_protocol import Frame, FrameProtocol

    from smoke.transport.prepare import Outgoing

_READ = 64 * 1024
_MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_PATIENCE = 1.0
"""Seconds that a server may take to answer that the WebSocket is closed."""


def handshake() -> list[tuple[bytes, bytes]]:
    """The headers that ask for a WebSocket (RFC 6455, 4.1)."""
    return [
        (b"Upgrade", b"websocket"),
        (b"Connection", b"Upgrade"),
        (b"Sec-WebSocket-Key", base64.b64encode(secrets.token_bytes(16))),
        (b"Sec-WebSocket-Version", b"13"),
    ]


def accepted(request: Outgoing, headers: Headers) -> None:
    """Raises Fault when a 101 is no answer to this handshake (RFC 6455, 4.1 and 4.2.2)."""
    asked = _first(tuple(request.headers), b"sec-websocket-key")
    digest = hashlib.sha1(asked + _MAGIC, usedforsecurity=False).digest()
    if _first(headers, b"upgrade").lower() != b"websocket":
        raise Fault(ErrorKind.PROTOCOL, "the server switched to something else than a WebSocket")
    if _first(headers, b"sec-websocket-accept") != base64.b64encode(digest):
        raise Fault(ErrorKind.PROTOCOL, "Sec-WebSocket-Accept is not what the key asks for")
    if _first(headers, b"sec-websocket-extensions"):
        raise Fault(ErrorKind.PROTOCOL, "the server uses an extension that was not offered")


def _first(headers: Headers, name: bytes) -> bytes:
    return next((value.strip() for key, value in headers if key.lower() == name), b"")


def received(
    start: bytes, headers: Headers, stream: Stream, request: Outgoing, record: ExchangeRecord
) -> Iterator[bytes]:
    """Send the messages, and give the lines of those that come, until there are enough. Raises Fault."""
    from wsproto.frame_protocol import FrameProtocol

    accepted(request, headers)
    talk = _Talk(FrameProtocol(client=True, extensions=[]), stream, request, record)
    record.stream = StreamEnd(0, met=False)
    for message in request.messages or ():
        if not stream.write(bytes(talk.frames.send_data(message))):
            break  # what the server said before it stopped reading can still be there
    if not request.events and request.until is None:
        talk.close()
    yield from talk.lines(start)


class _Talk:
    def __init__(
        self, frames: FrameProtocol, stream: Stream, request: Outgoing, record: ExchangeRecord
    ) -> None:
        self.frames = frames
        self._stream = stream
        self._request = request
        self._record = record
        self._parts: list[str | bytes] = []
        self._size = 0
        self._is_over = self._is_closing = False
        self._closed_at = 0.0

    def lines(self, data: bytes) -> Iterator[bytes]:
        """What comes, a line for each message, and one for how the server closed."""
        from wsproto.frame_protocol import ParseFailed

        while True:
            try:
                self.frames.receive_bytes(data)
                for frame in self.frames.received_frames():
                    line = self._take(frame)
                    if line:
                        yield line.encode("utf-8", "surrogatepass") + b"\n"
                    if self._is_over:
                        return
            except ParseFailed as error:
                words = shorten(safe_line(str(error)), 200)
                message = f"the server's frames break the rules of WebSocket: {words}"
                raise Fault(ErrorKind.PROTOCOL, message) from error
            data = self._more()
            if not data:
                if self._is_closing:
                    return
                message = "the server cut the connection without closing the WebSocket"
                raise Fault(ErrorKind.TRUNCATED, message)

    def _more(self) -> bytes:
        """The next bytes; none at the end, and when the server takes too long to close. Raises Fault."""
        if not self._is_closing:
            return self._stream.read(_READ)
        left = self._closed_at + _PATIENCE - self._record.deadline.elapsed()
        return self._stream.read(_READ, left) if left > 0 else b""

    def close(self) -> None:
        """Say that nothing more is wanted; the server's own word for it is waited for a little."""
        self._stream.write(bytes(self.frames.close(1000)))
        self._is_closing, self._closed_at = True, self._record.deadline.elapsed()

    def _take(self, frame: Frame) -> str:
        """The line that a frame ends; empty where it ends none."""
        from wsproto.frame_protocol import Opcode

        if frame.opcode is Opcode.CLOSE:
            self._is_over = True
            code, reason = frame.payload if isinstance(frame.payload, tuple) else (1005, "")
            if not self._is_closing:
                self._stream.write(bytes(self.frames.close(1000)))
            return closing_line(int(code), str(reason))
        if frame.opcode is Opcode.PING:
            assert isinstance(frame.payload, (bytes, bytearray))
            self._stream.write(bytes(self.frames.pong(bytes(frame.payload))))
        if frame.opcode.iscontrol() or self._is_closing:
            return ""
        return self._message(frame)

    def _message(self, frame: Frame) -> str:
        payload = frame.payload
        assert isinstance(payload, (str, bytes, bytearray))
        self._parts.append(payload if isinstance(payload, str) else bytes(payload))
        self._size += len(payload)
        if self._size > MOST:
            raise Fault(ErrorKind.TOO_LARGE, f"a message of more than {MOST:,} bytes")
        if not frame.message_finished:
            return ""
        parts, self._parts, self._size = self._parts, [], 0
        whole = (
            "".join(part for part in parts if isinstance(part, str))
            if isinstance(parts[0], str)
            else b"".join(part for part in parts if isinstance(part, bytes))
        )
        line = line_of(whole)
        self._count(message_of(line) or "")
        return line

    def _count(self, message: str) -> None:
        record, request = self._record, self._request
        count = record.stream.events + 1 if record.stream is not None else 1
        event = SentEvent(message, "", may_be_text=True)
        met = request.until is not None and request.until.is_met_by(event)
        record.stream = StreamEnd(count, met)
        if met or count == request.events:
            record.ended_by_close = self._is_over = True
            self.close()
