"""HTTP/2 where ALPN chooses it: the same evidence, deadlines and words."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Callable, Iterator

import pytest
import trustme

from smoke.model.exchange import Completeness, Delivery, ErrorKind
from smoke.transport import Options
from tests.support.transport import answer_of, body_of, error_of, plain, send
from tests.support.wire_server import Peer, WireServer, sends

h2 = pytest.importorskip("h2", reason="the http2 extra is not installed")

from h2.config import H2Configuration  # noqa: E402 # only where h2 is
from h2.connection import H2Connection  # noqa: E402
from h2.events import RequestReceived, StreamEnded  # noqa: E402

Answer = Callable[[H2Connection, int], None]


@pytest.fixture(scope="module")
def tls() -> Iterator[tuple[ssl.SSLContext, Options]]:
    """A server's context that offers h2 only, and the options of a client that trusts it."""
    ca = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("127.0.0.1").configure_cert(context)
    context.set_alpn_protocols(["h2"])
    with ca.cert_pem.tempfile() as file:
        yield context, Options(ca_file=file, http2=True)


class Server2:
    """Speaks HTTP/2: notes the request's headers and answers its stream when it has ended."""

    def __init__(self, answer: Answer, *, hold: bool = False) -> None:
        self._answer = answer
        self._hold = hold
        self.headers: list[tuple[bytes, bytes]] = []

    def __call__(self, peer: Peer) -> None:
        connection = H2Connection(H2Configuration(client_side=False, header_encoding=None))
        connection.initiate_connection()
        peer.send(connection.data_to_send())
        while data := peer.sock.recv(65536):
            for event in connection.receive_data(data):
                if isinstance(event, RequestReceived):
                    self.headers = [(bytes(name), bytes(value)) for name, value in event.headers]
                if isinstance(event, StreamEnded):
                    self._answer(connection, event.stream_id)
                    peer.send(connection.data_to_send())
                    if not self._hold:
                        # a close with bytes unread would be a reset
                        peer.sock.shutdown(socket.SHUT_WR)
            with contextlib.suppress(OSError):
                peer.send(connection.data_to_send())


def _ok(connection: H2Connection, stream: int) -> None:
    connection.send_headers(stream, [(b":status", b"500"), (b"x-a", b"1"), (b"x-a", b"2")])
    connection.send_data(stream, b"hello", end_stream=True)


def _half(connection: H2Connection, stream: int) -> None:
    connection.send_headers(stream, [(b":status", b"500")])
    connection.send_data(stream, b"half")


def _reset(connection: H2Connection, stream: int) -> None:
    connection.send_headers(stream, [(b":status", b"500")])
    connection.send_data(stream, b"half")
    connection.reset_stream(stream, 2)


def test_an_exchange_over_http2(tls: tuple[ssl.SSLContext, Options]) -> None:
    script = Server2(_ok)
    with WireServer(script, tls=tls[0], read=False) as server:
        exchange = send(
            f"{server.url}/orders",
            method="POST",
            body=b"order",
            headers=((b"X-B", b"3"),),
            options=tls[1],
        )
    response = answer_of(exchange)
    assert exchange.error is None
    assert (response.status, response.http_version) == (500, "HTTP/2")
    assert response.headers == ((b"x-a", b"1"), (b"x-a", b"2"))
    assert body_of(exchange) == b"hello"
    assert response.body.completeness is Completeness.COMPLETE
    assert (b":path", b"/orders") in script.headers
    assert (b"x-b", b"3") in script.headers
    assert b"connection" not in {name for name, _ in script.headers}
    assert b"connection" not in {name.lower() for name, _ in exchange.request.headers}
    assert exchange.timing.first_byte is not None


@pytest.mark.parametrize(
    ("answer", "hold", "kind"),
    [
        (_half, True, ErrorKind.TIMEOUT),
        (_half, False, ErrorKind.TRUNCATED),
        (_reset, True, ErrorKind.RESET),
    ],
    ids=["silence", "close", "reset"],
)
def test_a_body_that_breaks_off_is_kept(
    tls: tuple[ssl.SSLContext, Options], answer: Answer, hold: bool, kind: ErrorKind
) -> None:
    with WireServer(Server2(answer, hold=hold), tls=tls[0], read=False) as server:
        exchange = send(server.url, options=tls[1], timeout=1.5)
    error = error_of(exchange)
    assert (error.kind, error.delivery) == (kind, Delivery.SENT)
    assert body_of(exchange) == b"half"


def test_a_large_body_over_http2(tls: tuple[ssl.SSLContext, Options]) -> None:
    """Flow control is served while the body comes, and while one is sent."""
    body = bytes(range(256)) * 200

    def answer(connection: H2Connection, stream: int) -> None:
        connection.send_headers(stream, [(b":status", b"200")])
        for start in range(0, len(body), 16_000):
            connection.send_data(stream, body[start : start + 16_000])
        connection.end_stream(stream)

    with WireServer(Server2(answer), tls=tls[0], read=False) as server:
        exchange = send(server.url, method="POST", body=body, options=tls[1])
    assert exchange.error is None
    assert body_of(exchange) == body


def test_no_answer_over_http2_leaves_the_delivery_open(tls: tuple[ssl.SSLContext, Options]) -> None:
    with WireServer(Server2(lambda _connection, _stream: None), tls=tls[0], read=False) as server:
        exchange = send(server.url, method="POST", body=b"order", options=tls[1])
    error = error_of(exchange)
    assert (error.kind, error.delivery) == (ErrorKind.DISCONNECTED, Delivery.MAYBE_SENT)


def test_junk_in_place_of_frames_is_a_protocol_error(tls: tuple[ssl.SSLContext, Options]) -> None:
    def script(peer: Peer) -> None:
        peer.send(b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n" * 10)
        peer.hold()

    with WireServer(script, tls=tls[0], read=False) as server:
        exchange = send(server.url, options=tls[1])
    assert error_of(exchange).kind is ErrorKind.PROTOCOL
    assert exchange.undecoded.startswith(b"HTTP/1.1 500 Oops")


def test_http2_is_not_forced_on_a_server_without_it() -> None:
    ca = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("127.0.0.1").configure_cert(context)
    with ca.cert_pem.tempfile() as file, WireServer(sends(plain(b"ok")), tls=context) as server:
        exchange = send(server.url, options=Options(ca_file=file, http2=True))
    assert body_of(exchange) == b"ok"
    assert answer_of(exchange).http_version == "HTTP/1.1"
