"""A server's end of WebSockets, for a WireServer."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator

from wsproto.frame_protocol import CloseReason, FrameProtocol, Opcode

from tests.support.wire_server import Peer, Script


class Talk:
    """The shop's end of a WebSocket, by the same library's other half."""

    def __init__(self, peer: Peer) -> None:
        self.peer = peer
        self.frames = FrameProtocol(client=False, extensions=[])
        self.parts: list[str | bytes] = []

    def say(self, message: str | bytes) -> None:
        self.peer.send(bytes(self.frames.send_data(message)))

    def close(self, code: int = 1000, reason: str = "") -> None:
        self.peer.send(bytes(self.frames.close(CloseReason(code), reason)))

    def hear(self) -> Iterator[str]:
        """Each message that comes, until the other side closes."""
        while data := self.peer.sock.recv(65536):
            self.frames.receive_bytes(data)
            for frame in self.frames.received_frames():
                if frame.opcode is Opcode.CLOSE:
                    return
                if frame.opcode is Opcode.PONG:
                    yield "pong"
                elif frame.message_finished:
                    yield str(frame.payload)


def opened(talk: Callable[[Talk], None]) -> Script:
    """A server that opens a WebSocket as RFC 6455 wants it, and then talks."""

    def script(peer: Peer) -> None:
        head = peer.request.decode()
        key = next(
            line.split(": ", 1)[1]
            for line in head.split("\r\n")
            if line.startswith("Sec-WebSocket-Key")
        )
        assert head.startswith("GET /live HTTP/1.1\r\nHost: ")
        assert "Content-Length" not in head
        digest = hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()
        accept = base64.b64encode(digest).decode()
        peer.send(
            f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n".encode()
        )
        talk(Talk(peer))

    return script
