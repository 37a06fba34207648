"""A server that sends what frameworks refuse to send: bytes by a script, on real sockets."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self


class Peer:
    """The server's end of one connection. `request` is what the client sent, its body included."""

    def __init__(self, sock: socket.socket, stop: threading.Event) -> None:
        self.sock = sock
        self.request = b""
        self._stop = stop

    def read_head(self) -> bytes:
        """The request up to its blank line."""
        while b"\r\n\r\n" not in self.request and (data := self.sock.recv(65536)):
            self.request += data
        return self.request

    def read_request(self) -> bytes:
        """The whole request, by its Content-Length."""
        head, _, body = self.read_head().partition(b"\r\n\r\n")
        length = 0
        for line in head.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        size = len(head) + 4 + length
        while len(self.request) < size and (data := self.sock.recv(65536)):
            self.request += data
        del body
        return self.request

    def send(self, data: bytes) -> None:
        """Send all of it."""
        self.sock.sendall(data)

    def drip(self, data: bytes, pause: float = 0.02) -> None:
        """Send a byte at a time. Raises OSError when the test is over."""
        for index in range(len(data)):
            if self._stop.wait(pause):
                raise OSError("the test is over")
            self.sock.sendall(data[index : index + 1])

    def hold(self) -> None:
        """Keep the connection open, silent, until the client goes or the test is over."""
        with contextlib.suppress(OSError):
            while self.sock.recv(65536):
                pass

    def wait_for_end(self) -> None:
        """Keep the connection open without reading from it until the test is over, 5 s at most."""
        self._stop.wait(5)

    def reset(self) -> None:
        """End with a reset in place of a close; lets what was sent arrive first."""
        # a moment for the client to read what came, since a reset may overtake it
        self._stop.wait(0.05)
        plain = self.sock
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        plain.close()


Script = Callable[[Peer], None]


class WireServer:
    """Listens on loopback while it is entered; each connection runs the script in a thread of its own."""

    def __init__(
        self,
        script: Script,
        *,
        tls: ssl.SSLContext | None = None,
        read: bool = True,
        host: str = "127.0.0.1",
    ) -> None:
        """`read` says whether the request is read before the script begins."""
        self._script = script
        self._tls = tls
        self._read = read
        self._host = host
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._socks: list[socket.socket] = []
        self._lock = threading.Lock()
        self.requests: list[bytes] = []
        self.connections = 0

    def __enter__(self) -> Self:
        self._listener = socket.create_server(
            (self._host, 0), family=socket.AF_INET6 if ":" in self._host else socket.AF_INET
        )
        self.port: int = self._listener.getsockname()[1]
        scheme = "http" if self._tls is None else "https"
        self.url = f"{scheme}://127.0.0.1:{self.port}"
        self._start(self._accept)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            socks = list(self._socks)
        for sock in socks:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)

    def _start(self, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._stop.is_set():
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self.connections += 1
                self._socks.append(sock)
            self._start(self._talk, sock)

    def _talk(self, sock: socket.socket) -> None:
        try:
            if self._tls is not None:
                sock = self._tls.wrap_socket(sock, server_side=True)
                with self._lock:
                    self._socks.append(sock)
            peer = Peer(sock, self._stop)
            if self._read:
                request = peer.read_request()
                if request:
                    self.requests.append(request)
            self._script(peer)
        except OSError:
            pass  # the client went first: that is what many tests are about
        finally:
            with contextlib.suppress(OSError):
                sock.close()


def sends(data: bytes, *, hold: bool = False, reset: bool = False) -> Script:
    """A script that sends bytes and closes, holds or resets the connection."""

    def script(peer: Peer) -> None:
        peer.send(data)
        if hold:
            peer.hold()
        if reset:
            peer.reset()

    return script
