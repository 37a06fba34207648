"""TLS with the server within TLS with the proxy. Python's sockets cannot be wrapped twice, its memory buffers can."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")
_READ = 64 * 1024


class LayeredTls:
    """The inner connection, in the shape of the non-blocking socket that a Stream reads and writes."""

    def __init__(self, outer: ssl.SSLSocket, context: ssl.SSLContext, host: str) -> None:
        """Raises ssl.SSLError or ValueError for a host that TLS cannot ask for."""
        self._outer = outer
        self._came, self._goes = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._came, self._goes, server_hostname=host)
        self._pending = bytearray()

    def do_handshake(self) -> None:
        self._step(self._tls.do_handshake)

    def recv(self, limit: int) -> bytes:
        return self._step(lambda: self._tls.read(limit))

    def send(self, data: memoryview) -> int:
        """How many bytes were taken: what the proxy does not take yet goes before whatever is done next."""
        count = self._step(lambda: self._tls.write(data[:_READ]))
        with contextlib.suppress(ssl.SSLWantReadError, ssl.SSLWantWriteError):
            self._flush()
        return count

    def _step(self, action: Callable[[], T]) -> T:
        """Do something that may need bytes of the other side, or have some for it. Raises what a socket would."""
        self._flush()
        while True:
            try:
                return action()
            except ssl.SSLWantReadError:
                self._flush()
                data = self._outer.recv(_READ)
                if data:
                    self._came.write(data)
                else:
                    self._came.write_eof()

    def _flush(self) -> None:
        self._pending += self._goes.read()
        while self._pending:
            del self._pending[: self._outer.send(self._pending)]

    def fileno(self) -> int:
        return self._outer.fileno()

    def getpeername(self) -> Any:
        return self._outer.getpeername()

    def getpeercert(self, binary_form: bool = False) -> Any:
        return self._tls.getpeercert(binary_form)

    def selected_alpn_protocol(self) -> str | None:
        return self._tls.selected_alpn_protocol()

    def unwrap(self) -> None:
        """Say goodbye on both layers, without waiting for the other side."""
        with contextlib.suppress(OSError, ValueError):
            self._step(self._tls.unwrap)
        with contextlib.suppress(OSError, ValueError):
            self._flush()
        self._outer.unwrap()

    def close(self) -> None:
        self._outer.close()
