"""A connected socket that never waits beyond the deadline and notes every byte it reads."""

from __future__ import annotations

import contextlib
import socket
import ssl

from smoke.model.exchange import ErrorKind
from smoke.system import READABLE, WRITABLE
from smoke.transport.fault import NO_ANSWER, Fault, transfer_fault
from smoke.transport.record import ExchangeRecord

_EARLY_LIMIT = 1024 * 1024
_EARLY_PATIENCE = 0.5
"""Seconds that a server which has answered already may leave the rest of a request unread, and that an answer may
take to a request which could not be sent whole."""
_LEFTOVER_LIMIT = 64 * 1024


class Stream:
    """The connection of one exchange, plain or TLS. The socket is non-blocking; waits go through the deadline."""

    def __init__(self, sock: socket.socket, record: ExchangeRecord) -> None:
        self._sock = sock
        self._record = record
        self._early = bytearray()
        self._early_end = False
        self._write_error: OSError | None = None

    @property
    def sock(self) -> socket.socket:
        """The socket, for the TLS handshake."""
        return self._sock

    def secure(self, sock: ssl.SSLSocket) -> None:
        """Go on over TLS."""
        self._sock = sock

    def read(self, limit: int) -> bytes:
        """The next bytes, at least one; b"" at the end. Raises Fault."""
        if self._early:
            data = bytes(self._early)
            self._early.clear()
            return data
        if self._early_end:
            return b""
        return self._receive(limit)

    def _receive(self, limit: int) -> bytes:
        while True:
            self._record.deadline.left()
            try:
                data = self._sock.recv(limit)
            except (BlockingIOError, ssl.SSLWantReadError):
                self._await(READABLE)
            except ssl.SSLWantWriteError:
                self._await(WRITABLE)
            except ssl.SSLError as error:
                if not _is_cut(error):
                    raise _alert(error) from error
                if not self._record.read_size:
                    raise Fault(ErrorKind.DISCONNECTED, NO_ANSWER) from error
                raise Fault(
                    ErrorKind.TRUNCATED,
                    "the TLS connection was cut without close_notify: more may have been on its way",
                ) from error
            except OSError as error:
                raise transfer_fault(error, "the answer was awaited") from error
            else:
                if data:
                    self._record.tap(data)
                elif self._write_error is not None:
                    raise transfer_fault(self._write_error, "the request was being sent")
                return data

    def _await(self, events: int) -> None:
        """Wait for the socket; not for long when the request could not be sent and nobody has answered."""
        descriptor = self._sock.fileno()
        if self._write_error is None or self._record.read_size:
            self._record.deadline.wait(descriptor, events)
        elif not self._record.deadline.wait_at_most(descriptor, events, _EARLY_PATIENCE):
            raise transfer_fault(self._write_error, "the request was being sent")

    def write(self, data: bytes | memoryview) -> bool:
        """Whether all was written; False when the server stopped reading (its answer may be there to be read)."""
        view = memoryview(data)
        encrypted = isinstance(self._sock, ssl.SSLSocket)
        while view:
            self._record.deadline.left()
            try:
                # what a TLS layer took before it failed cannot be known
                self._record.written = self._record.written or encrypted
                count = self._sock.send(view)
            except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                if not self._may_go_on():
                    return False
            except OSError as error:
                # an answer that came before the reset can still be read
                self._write_error = error
                return False
            else:
                self._record.written = True
                view = view[count:]
        return True

    def _may_go_on(self) -> bool:
        """Wait until the socket takes more, reading what the server says meanwhile; False when it has stopped."""
        descriptor = self._sock.fileno()
        wanted = READABLE | WRITABLE if len(self._early) < _EARLY_LIMIT else WRITABLE
        try:
            if _is_answer(self._early):
                ready = self._record.deadline.wait_at_most(descriptor, wanted, _EARLY_PATIENCE)
            else:
                ready = self._record.deadline.wait(descriptor, wanted)
        except Fault:
            if self._early:
                return False  # what came is read first; the deadline is met again behind it
            raise
        if ready & READABLE and wanted & READABLE:
            return self._read_early()
        return ready != 0

    def _read_early(self) -> bool:
        try:
            data = self._sock.recv(64 * 1024)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return True
        except OSError as error:
            self._write_error = error
            return False
        if not data:
            self._early_end = True
            return False
        self._record.tap(data)
        self._early += data
        return True

    def leftover(self) -> bytes:
        """Bytes that are there to be read now, without waiting for any; at most 64 KiB."""
        taken = bytearray(self._early)
        self._early.clear()
        with contextlib.suppress(OSError):
            while len(taken) < _LEFTOVER_LIMIT and (data := self._sock.recv(_LEFTOVER_LIMIT)):
                taken += data
        return bytes(taken[:_LEFTOVER_LIMIT])

    def close(self) -> None:
        """Close the connection; TLS says goodbye first, without waiting for the other side."""
        if isinstance(self._sock, ssl.SSLSocket):
            with contextlib.suppress(OSError, ValueError):
                self._sock.unwrap()
        self._sock.close()


def _is_answer(early: bytearray) -> bool:
    """Whether bytes begin a final answer of HTTP/1; an interim one (1xx) or HTTP/2 frames ask for the rest."""
    return early.startswith(b"HTTP/") and early[8:10] != b" 1"


def _is_cut(error: ssl.SSLError) -> bool:
    """Whether the connection ended without close_notify; Python 3.11.2 has no class of its own for OpenSSL 3's word."""
    return isinstance(error, ssl.SSLEOFError) or error.reason == "UNEXPECTED_EOF_WHILE_READING"


def _alert(error: ssl.SSLError) -> Fault:
    """The fault of a TLS connection that broke after its handshake."""
    reason = (error.reason or str(error)).lower().replace("_", " ")
    if "certificate required" in reason or "bad certificate" in reason:
        # TLS 1.3 servers refuse a missing client certificate only after the client thinks it is connected
        return Fault(ErrorKind.TLS, "the server wants a client certificate")
    return Fault(ErrorKind.TLS, f"the TLS connection broke: {reason}")
