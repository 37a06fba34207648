"""Every call on a socket fails once: nothing is raised, nothing is lost, and `not-sent` is never said wrongly."""

from __future__ import annotations

import errno
import socket
import threading
from dataclasses import dataclass
from typing import Any

import pytest

from smoke.model.exchange import Delivery, ErrorKind
from tests.support.transport import plain, send
from tests.support.wire_server import Peer, WireServer


@dataclass
class Plan:
    """Fail the call of this number, counted in the test's own thread."""

    fail: int
    number: int
    seen: int = 0
    failed: str = ""

    def call(self, name: str) -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        if self.seen == self.fail:
            self.failed = name
            self.seen += 1
            raise OSError(self.number, "planted")
        self.seen += 1


def faulty(plan: Plan) -> type[socket.socket]:
    """A socket class whose calls ask the plan first."""

    class Faulty(socket.socket):
        def connect(self, address: Any) -> None:
            plan.call("connect")
            super().connect(address)

        def send(self, data: Any, flags: int = 0) -> int:
            plan.call("send")
            return super().send(data, flags)

        def recv(self, size: int, flags: int = 0) -> bytes:
            plan.call("recv")
            return super().recv(size, flags)

        def getpeername(self) -> Any:
            plan.call("getpeername")
            return super().getpeername()

        def getsockopt(self, *arguments: Any) -> Any:
            plan.call("getsockopt")
            return super().getsockopt(*arguments)

    return Faulty


@pytest.mark.parametrize(
    "number", [errno.ECONNRESET, errno.EIO, errno.ENOBUFS], ids=errno.errorcode.get
)
def test_every_call_may_fail_once(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def script(peer: Peer) -> None:
        peer.send(b"HTTP/1.1 500 Oops\r\nContent-Length: 8\r\n\r\nhalf")
        peer.drip(b"half")

    failed = set()
    for fail in range(100):
        plan = Plan(fail, number)
        with WireServer(script) as server, monkeypatch.context() as patch:
            patch.setattr(socket, "socket", faulty(plan))
            exchange = send(server.url, method="POST", body=b"order", timeout=30)
        if not plan.failed:
            break
        failed.add(plan.failed)
        error, response = exchange.error, exchange.response
        assert error is not None or response is not None
        if error is not None and error.delivery is Delivery.NOT_SENT:
            assert server.requests == []
        if response is not None:
            assert response.body.window.head == b"halfhalf"[: response.body.window.size]
        # a connection that broke is not waited for until the deadline
        assert error is None or error.kind is not ErrorKind.TIMEOUT
        if error is None:
            assert response is not None
            assert response.body.window.head == b"halfhalf"
    assert {"connect", "send", "recv"} <= failed


def test_an_honest_answer_needs_few_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Speed is a feature: a small exchange takes a handful of system calls."""
    plan = Plan(-1, 0)
    with WireServer(lambda peer: peer.send(plain(b"ok"))) as server, monkeypatch.context() as patch:
        patch.setattr(socket, "socket", faulty(plan))
        assert send(server.url).error is None
    assert plan.seen <= 10
