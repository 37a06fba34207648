"""One total deadline holds for every way to be slow, and a cancelled exchange ends at once with what came."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from smoke.model.exchange import Completeness, Delivery, ErrorKind, Phase
from smoke.transport import Options
from tests.support.transport import answer_of, body_of, error_of, plain, send
from tests.support.wire_server import Peer, WireServer, sends

HEAD = b"HTTP/1.1 500 Oops\r\nContent-Length: 1000\r\n\r\n"
CHUNKED = b"HTTP/1.1 500 Oops\r\nTransfer-Encoding: chunked\r\n\r\n"


def _interim_for_ever(peer: Peer) -> None:
    while True:
        peer.drip(b"HTTP/1.1 102 Processing\r\n\r\n", pause=0.005)


def _drip_body(peer: Peer) -> None:
    peer.send(HEAD)
    peer.drip(b"x" * 1000)


def _drip_chunks(peer: Peer) -> None:
    peer.send(CHUNKED)
    while True:
        peer.drip(b"1\r\nx\r\n", pause=0.01)


def _drip_to_close(peer: Peer) -> None:
    peer.send(b"HTTP/1.1 500 Oops\r\n\r\n")
    peer.drip(b"x" * 1000)


@pytest.mark.parametrize(
    "script",
    [Peer.hold, lambda peer: peer.drip(HEAD * 10), _interim_for_ever],
    ids=["silence", "head", "interim"],
)
def test_no_answer_in_time_leaves_the_delivery_open(script: Callable[[Peer], None]) -> None:
    """Each single read is quick in two of these; only a total deadline ends them (T2)."""
    with WireServer(script) as server:
        exchange = send(server.url, method="POST", body=b"order", timeout=0.5)
    error = error_of(exchange)
    assert (error.kind, error.phase, error.delivery) == (
        ErrorKind.TIMEOUT,
        Phase.WAIT,
        Delivery.MAYBE_SENT,
    )
    assert "0.5 s" in error.message


@pytest.mark.parametrize(
    "script",
    [_drip_body, _drip_chunks, _drip_to_close, sends(HEAD + b"xxxx", hold=True)],
    ids=["length", "chunks", "close", "half then silence"],
)
def test_a_slow_body_is_kept_as_far_as_it_came(script: Callable[[Peer], None]) -> None:
    with WireServer(script) as server:
        exchange = send(server.url, timeout=1)
    error = error_of(exchange)
    assert (error.kind, error.phase, error.delivery) == (
        ErrorKind.TIMEOUT,
        Phase.RECEIVE,
        Delivery.SENT,
    )
    body = body_of(exchange)
    assert body == b"x" * len(body)
    assert body
    assert answer_of(exchange).body.completeness is Completeness.TIMEOUT


def test_a_request_that_nobody_reads_may_be_half_delivered() -> None:
    with WireServer(Peer.wait_for_end, read=False) as server:
        exchange = send(server.url, method="POST", body=b"x" * 20_000_000, timeout=0.7)
    error = error_of(exchange)
    assert (error.kind, error.phase, error.delivery) == (
        ErrorKind.TIMEOUT,
        Phase.SEND,
        Delivery.MAYBE_SENT,
    )


@pytest.fixture
def full_port() -> Iterator[int]:
    """A port whose queue of connections is full: connecting to it never completes."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        port = listener.getsockname()[1]
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
        yield port
        for filler in fillers:
            filler.close()


def test_a_connection_that_never_completes_was_sent_nothing(full_port: int) -> None:
    exchange = send(f"http://127.0.0.1:{full_port}/", options=Options(connect_timeout=0.2))
    error = error_of(exchange)
    assert (error.kind, error.phase, error.delivery) == (
        ErrorKind.CONNECT_TIMEOUT,
        Phase.CONNECT,
        Delivery.NOT_SENT,
    )
    assert f"127.0.0.1:{full_port}" in error.message
    assert "0.2 s" in error.message


def test_the_total_time_bounds_connecting_too(full_port: int) -> None:
    exchange = send(f"http://127.0.0.1:{full_port}/", timeout=0.2)
    assert error_of(exchange).kind is ErrorKind.TIMEOUT
    assert error_of(exchange).delivery is Delivery.NOT_SENT


def test_no_time_at_all_sends_nothing() -> None:
    with WireServer(sends(plain(b"ok"))) as server:
        exchange = send(server.url, timeout=0)
    assert error_of(exchange).kind is ErrorKind.TIMEOUT
    assert error_of(exchange).delivery is Delivery.NOT_SENT
    assert server.connections == 0


def test_a_cancelled_exchange_keeps_what_came() -> None:
    """Ctrl-C does not wait for the deadline, and loses nothing."""
    cancelled = threading.Event()

    def script(peer: Peer) -> None:
        peer.send(HEAD + b"half")
        cancelled.set()
        peer.hold()

    with WireServer(script) as server:
        exchange = send(server.url, timeout=60, cancelled=cancelled)
    error = error_of(exchange)
    assert (error.kind, error.delivery) in (
        (ErrorKind.INTERRUPTED, Delivery.SENT),
        # the event may be seen before the first byte
        (ErrorKind.INTERRUPTED, Delivery.MAYBE_SENT),
    )
    if exchange.response is not None:
        assert answer_of(exchange).body.completeness is Completeness.INTERRUPTED
    assert exchange.timing.total < 30


def test_a_cancelled_wait_ends() -> None:
    cancelled = threading.Event()

    def script(peer: Peer) -> None:
        cancelled.set()
        peer.hold()

    with WireServer(script) as server:
        exchange = send(server.url, method="POST", body=b"order", timeout=60, cancelled=cancelled)
    error = error_of(exchange)
    assert (error.kind, error.delivery) == (ErrorKind.INTERRUPTED, Delivery.MAYBE_SENT)


def test_a_cancelled_run_connects_to_nobody(full_port: int) -> None:
    """An exchange that begins after the Ctrl-C is over before it connects; one that connects stops."""
    cancelled = threading.Event()
    timer = threading.Timer(0.05, cancelled.set)
    timer.start()
    exchange = send(f"http://127.0.0.1:{full_port}/", timeout=60, cancelled=cancelled)
    timer.join()
    assert error_of(exchange).kind is ErrorKind.INTERRUPTED
    assert error_of(exchange).delivery is Delivery.NOT_SENT


def test_a_resolver_that_hangs_does_not_hold_the_exchange(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's resolver cannot be interrupted; a slow name server cannot be had on loopback, so it is played."""
    release = threading.Event()

    def hang(*_: object, **__: object) -> list[object]:
        release.wait(10)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    exchange = send("http://shop.example/", timeout=0.2)
    release.set()
    error = error_of(exchange)
    assert (error.kind, error.phase, error.delivery) == (
        ErrorKind.TIMEOUT,
        Phase.RESOLVE,
        Delivery.NOT_SENT,
    )
