"""A receiver of calls on a loopback port: whoever calls is a stranger, so all that one can send or hold is bounded."""

from __future__ import annotations

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from http import HTTPStatus

import h11

from smoke.engine.ports import Matches
from smoke.model.call import CallAnswer, ReceivedCall
from smoke.model.exchange import Request
from smoke.transport.http1 import BLANKS, has_blanks

HOST = "127.0.0.1"
MOST_CALLS = 100
MOST_BODY = 1024 * 1024
MOST_HEAD = 16 * 1024
MOST_AT_ONCE = 16
PATIENCE = 10.0
"""Seconds that one connection may take in all."""
_KEPT_BYTES = 16 * MOST_BODY
_READ = 64 * 1024
_DRAIN = 4 * MOST_BODY
_TICK = 0.1

Refusals = Counter[str]
"""Why calls were refused, and how many."""


class _RefusedCallError(Exception):
    """A call that is not taken: the status that it is answered with, and why in words."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class LoopbackReceiver:
    """Takes calls below its URL until it is closed. Threads of its own read them; any thread may wait for one."""

    def __init__(
        self, answer: CallAnswer, *, port: int, token: str, now: Callable[[], str]
    ) -> None:
        """`port` 0 is any free one; `token` is the first segment of every path that is taken, empty for none.

        Raises OSError when the port cannot be had.
        """
        self._answer = answer
        self._now = now
        self._socket = socket.create_server((HOST, port), backlog=MOST_AT_ONCE)
        self._socket.settimeout(_TICK)
        self._prefix = f"/{token}" if token else ""
        self.url = f"http://{HOST}:{self._socket.getsockname()[1]}{self._prefix}"
        self._changed = threading.Condition()
        self._calls: list[ReceivedCall] = []
        self._taken = 0
        self._bytes = 0
        self._refused: Refusals = Counter()
        self._open: set[socket.socket] = set()
        self._closed = False
        self._thread = threading.Thread(target=self._accept, name="smoke receiver", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> tuple[ReceivedCall, ...]:
        """The calls that nobody took yet, in the order in which they came."""
        with self._changed:
            return tuple(self._calls)

    @property
    def refused(self) -> Refusals:
        """Why calls were refused so far, and how many."""
        with self._changed:
            return Counter(self._refused)

    def take(self, matches: Matches, seconds: float) -> ReceivedCall | None:
        """The first call that matches and that nobody took; None when none came within `seconds`."""
        until = time.monotonic() + seconds
        with self._changed:
            while True:
                for number, call in enumerate(self._calls):
                    if matches(call):
                        return self._calls.pop(number)
                left = until - time.monotonic()
                if left <= 0 or self._closed:
                    return None
                self._changed.wait(left)

    def close(self) -> None:
        """Give the port back, and cut what is still connected."""
        with self._changed:
            self._closed = True
            connected = list(self._open)
            self._changed.notify_all()
        for connection in connected:
            _cut(connection)
        self._thread.join()

    def _accept(self) -> None:
        with self._socket:
            while not self._closed:
                try:
                    connection, address = self._socket.accept()
                except TimeoutError:
                    continue
                except OSError:  # a caller that was gone before it was let in
                    continue
                self._let_in(connection, f"{address[0]}:{address[1]}")

    def _let_in(self, connection: socket.socket, peer: str) -> None:
        with self._changed:
            full = len(self._open) >= MOST_AT_ONCE
            if full:
                self._refused[f"more than {MOST_AT_ONCE} connections at once"] += 1
            elif not self._closed:
                self._open.add(connection)
        if full or self._closed:
            connection.close()
            return
        work = threading.Thread(target=self._serve, args=(connection, peer), daemon=True)
        work.start()

    def _serve(self, connection: socket.socket, peer: str) -> None:
        begun, at = time.monotonic(), self._now()
        caller = _Caller(connection, begun + PATIENCE)
        try:
            request, path = self._request(caller)
            self._keep(request)
            caller.answer(self._answer, request.method)
            seconds = time.monotonic() - begun
            call = ReceivedCall(request, path, self._answer, at, seconds, peer, caller.version)
            with self._changed:
                self._calls.append(call)
                self._changed.notify_all()
        except _RefusedCallError as refused:
            with self._changed:
                self._refused[str(refused)] += 1
            caller.refuse(refused.status)
        except OSError as error:
            with self._changed:
                self._refused[f"it broke off ({type(error).__name__})"] += 1
        finally:
            with self._changed:
                self._open.discard(connection)
            connection.close()

    def _request(self, caller: _Caller) -> tuple[Request, str]:
        head, body = caller.read()
        target = head.target.decode("latin-1")
        path = target.partition("?")[0]
        below = path.removeprefix(self._prefix)
        if (
            not path.startswith("/")
            or (self._prefix and below == path)
            or below[:1] not in ("", "/")
        ):
            raise _RefusedCallError(404, "not at the receiver's URL")
        request = Request(
            method=head.method.decode("ascii"),
            url=self.url.removesuffix(self._prefix) + target,
            headers=tuple(head.headers.raw_items()),
            body=body,
        )
        return request, below

    def _keep(self, request: Request) -> None:
        """Make room for a call, before it is answered: what is answered is kept."""
        with self._changed:
            if self._taken >= MOST_CALLS or self._bytes + len(request.body) > _KEPT_BYTES:
                raise _RefusedCallError(503, f"more than {MOST_CALLS} calls, or 16 MiB of them")
            self._taken += 1
            self._bytes += len(request.body)


class _Caller:
    """One connection: its request is read, and it is answered, before its time is over."""

    def __init__(self, connection: socket.socket, until: float) -> None:
        self._connection = connection
        self._until = until
        self._h11 = h11.Connection(h11.SERVER, max_incomplete_event_size=MOST_HEAD)
        self._head_room = MOST_HEAD + 1
        """Bytes that the head may still have: h11 takes one of any size that comes at once. 0 behind it."""
        self._behind = b""
        self._watched = True
        self.version = "HTTP/1.1"

    def read(self) -> tuple[h11.Request, bytes]:
        """The head and the body of the request. Raises _RefusedCallError and OSError."""
        head: h11.Request | None = None
        body = bytearray()
        try:
            while True:
                event = self._h11.next_event()
                if event is h11.NEED_DATA:
                    self._more()
                elif isinstance(event, h11.Request):
                    head = event
                    self._refuse_early(event)
                elif isinstance(event, h11.Data):
                    body += event.data
                    if len(body) > MOST_BODY:
                        raise _RefusedCallError(413, "a body of more than 1 MiB")
                elif isinstance(event, h11.EndOfMessage) and head is not None:
                    return head, bytes(body)
                else:
                    raise _RefusedCallError(400, "it broke off")
        except h11.RemoteProtocolError as error:
            raise _RefusedCallError(error.error_status_hint, "not HTTP") from error

    def _refuse_early(self, head: h11.Request) -> None:
        self._head_room = 0
        names = {name.lower(): value for name, value in head.headers}
        self.version = f"HTTP/{head.http_version.decode('ascii', 'replace')}"
        coding = names.get(b"content-encoding", b"identity").strip().lower()
        if coding not in (b"", b"identity"):  # what is packed cannot be masked
            raise _RefusedCallError(415, "a content coding, which is not taken off")
        size = names.get(b"content-length", b"0")
        if int(size) > MOST_BODY:
            raise _RefusedCallError(413, "a body of more than 1 MiB")
        self._watched = b"transfer-encoding" in names

    def _more(self) -> None:
        if self._h11.they_are_waiting_for_100_continue:
            self._send(self._h11.send(h11.InformationalResponse(status_code=100, headers=[])))
        data = self._receive()
        if self._watched:
            self._behind = (self._behind + data)[-len(BLANKS) - len(data) :]
            if has_blanks(self._behind):
                raise _RefusedCallError(400, "not HTTP")
        self._head_room = max(0, self._head_room - len(data))
        self._h11.receive_data(data)

    def _receive(self) -> bytes:
        self._connection.settimeout(self._left())
        try:
            return self._connection.recv(self._head_room or _READ)
        except TimeoutError:
            raise _RefusedCallError(408, f"not whole within {PATIENCE:g} s") from None

    def _left(self) -> float:
        left = self._until - time.monotonic()
        if left <= 0:
            raise _RefusedCallError(408, f"not whole within {PATIENCE:g} s")
        return left

    def _send(self, data: bytes | None) -> None:
        self._connection.settimeout(self._left())
        self._connection.sendall(data or b"")

    def answer(self, answer: CallAnswer, method: str) -> None:
        """Answer, and say that nothing follows. A caller that does not wait for it has called all the same."""
        bodiless = answer.status in (204, 304)
        length = [] if bodiless else [(b"Content-Length", str(len(answer.body)).encode())]
        headers = [*length, (b"Connection", b"close"), *answer.headers]
        reason = _reason(answer.status).encode()
        head = h11.Response(status_code=answer.status, reason=reason, headers=headers)
        data = self._h11.send(head) or b""
        if answer.body and not bodiless and method != "HEAD":
            data += self._h11.send(h11.Data(data=answer.body)) or b""
        try:
            self._send(data)
            self._connection.shutdown(socket.SHUT_WR)
        except (OSError, _RefusedCallError):
            return

    def refuse(self, status: int) -> None:
        """Say so, as far as the caller lets us; what it still sends is read for a moment, so that it sees the answer."""
        line = (
            f"HTTP/1.1 {status} {_reason(status)}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )
        self._until = (
            min(self._until, time.monotonic() + 1) if status != 408 else time.monotonic() + 1
        )
        try:
            self._send(line.encode("ascii"))
            self._connection.shutdown(socket.SHUT_WR)
            drained = 0
            while drained < _DRAIN and (data := self._receive()):
                drained += len(data)
        except (OSError, _RefusedCallError):
            return  # it was told, or does not listen


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _cut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it is gone already
