"""A connected socket that never waits beyond the deadline and notes every byte it reads."""

from __future__ import annotations

import contextlib
import socket
from typing import TYPE_CHECKING

from smoke.model.exchange import ErrorKind
from smoke.system import READABLE, WRITABLE
from smoke.transport.fault import NO_ANSWER, Fault, transfer_fault
from smoke.transport.record import ExchangeRecord

if TYPE_CHECKING:  # loading TLS takes 4 ms, which http:// can do without
    import ssl

    from smoke.transport.layered_tls import LayeredTls

_EARLY_LIMIT = 1024 * 1024
_EARLY_PATIENCE = 0.5
"""Seconds that a server which has answered already may leave the rest of a request unread, and that an answer may
take to a request which could not be sent whole."""
_LEFTOVER_LIMIT = 64 * 1024


class Stream:
    """The connection of one exchange, plain or TLS. The socket is non-blocking; waits go through the deadline."""

    def __init__(self, sock: socket.socket, record: ExchangeRecord) -> None:
        self._sock: socket.socket | LayeredTls = sock
        self._plain = sock
        self._secured: ssl.SSLSocket | LayeredTls | None = None
        self._record = record
        self._early = bytearray()
        self._early_end = False
        self._write_error: OSError | None = None

    @property
    def sock(self) -> socket.socket:
        """The socket of the connection as it was made, for the TLS handshake."""
        return self._plain

    @property
    def secured(self) -> ssl.SSLSocket | LayeredTls | None:
        """The TLS that is spoken over it, if any."""
        return self._secured

    def secure(self, sock: ssl.SSLSocket | LayeredTls) -> None:
        """Go on over TLS."""
        self._sock = self._secured = sock

    def beside(self, record: ExchangeRecord) -> Stream:
        """The same connection with a record of its own: what is said to a proxy before the exchange."""
        made = Stream(self._plain, record)
        if self._secured is not None:
            made.secure(self._secured)
        return made

    def read(self, limit: int, within: float | None = None) -> bytes:
        """The next bytes, at least one; b"" at the end, and when nothing came `within` these seconds. Raises Fault."""
        if self._early:
            data = bytes(self._early)
            self._early.clear()
            return data
        if self._early_end:
            return b""
        return self._receive(limit, within)

    def _receive(self, limit: int, within: float | None) -> bytes:
        while True:
            self._record.deadline.left()
            try:
                data = self._sock.recv(limit)
            except OSError as error:
                wanted = self._wanted(error, READABLE)
                if not wanted:
                    raise self._broken(error) from error
                if not self._await(wanted, within):
                    return b""
            else:
                if data:
                    self._record.tap(data)
                elif self._write_error is not None:
                    raise transfer_fault(self._write_error, "the request was being sent")
                return data

    def _wanted(self, error: OSError, events: int) -> int:
        """What the socket has to be ready for before it can be tried again; nothing for an error that ends it.

        `events` are those for which it said that it would block; TLS may want to write where we read.
        """
        if isinstance(error, BlockingIOError):
            return events
        if self._secured is None:
            return 0
        import ssl

        if isinstance(error, ssl.SSLWantWriteError):
            return WRITABLE
        return READABLE if isinstance(error, ssl.SSLWantReadError) else 0

    def _broken(self, error: OSError) -> Fault:
        """The fault of an error that ended the connection while an answer was awaited."""
        if self._secured is not None:
            import ssl

            if isinstance(error, ssl.SSLError):
                return self._broken_tls(error)
        return transfer_fault(error, "the answer was awaited")

    def _broken_tls(self, error: ssl.SSLError) -> Fault:
        from smoke.transport.tls_fault import alert, is_cut

        if not is_cut(error):
            return alert(error)
        if not self._record.read_size:
            return Fault(ErrorKind.DISCONNECTED, NO_ANSWER)
        return Fault(
            ErrorKind.TRUNCATED,
            "the TLS connection was cut without close_notify: more may have been on its way",
        )

    def _await(self, events: int, within: float | None) -> bool:
        """Wait for the socket; not for long when the request could not be sent and nobody has answered."""
        descriptor, deadline = self._sock.fileno(), self._record.deadline
        if within is not None:
            return bool(deadline.wait_at_most(descriptor, events, within))
        if self._write_error is None or self._record.read_size:
            deadline.wait(descriptor, events)
        elif not deadline.wait_at_most(descriptor, events, _EARLY_PATIENCE):
            raise transfer_fault(self._write_error, "the request was being sent")
        return True

    def write(self, data: bytes | memoryview) -> bool:
        """Whether all was written; False when the server stopped reading (its answer may be there to be read)."""
        view = memoryview(data)
        encrypted = self._secured is not None
        while view:
            self._record.deadline.left()
            try:
                # what a TLS layer took before it failed cannot be known
                self._record.written = self._record.written or encrypted
                count = self._sock.send(view)
            except OSError as error:
                if not self._wanted(error, WRITABLE):
                    # an answer that came before the reset can still be read
                    self._write_error = error
                    return False
                if not self._may_go_on():
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
        except OSError as error:
            if self._wanted(error, READABLE):
                return True
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
        if self._secured is not None:
            with contextlib.suppress(OSError, ValueError):
                self._secured.unwrap()
        self._sock.close()


def _is_answer(early: bytearray) -> bool:
    """Whether bytes begin a final answer of HTTP/1; an interim one (1xx) or HTTP/2 frames ask for the rest."""
    return early.startswith(b"HTTP/") and early[8:10] != b" 1"
