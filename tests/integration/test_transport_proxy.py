"""A proxy is used when an option names it, and what it refuses was sent to nobody."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading

import pytest
import trustme

from smoke.diagnostic import SmokeError
from smoke.model.exchange import Delivery, ErrorKind, Phase
from smoke.transport import Client, Options
from tests.support.transport import body_of, error_of, plain, send
from tests.support.wire_server import Peer, WireServer, sends


def test_a_plain_request_goes_to_the_proxy_whole() -> None:
    with WireServer(sends(plain(b"from the proxy"))) as proxy:
        exchange = send(
            "http://shop.example/a?b=1",
            options=Options(proxy=proxy.url.replace("://", "://user:p%40ss@")),
        )
    assert body_of(exchange) == b"from the proxy"
    lines = proxy.requests[0].split(b"\r\n")
    assert lines[0] == b"GET http://shop.example/a?b=1 HTTP/1.1"
    assert b"Proxy-Authorization: Basic dXNlcjpwQHNz" in lines
    assert (b"Proxy-Authorization", b"Basic dXNlcjpwQHNz") in exchange.request.headers
    assert exchange.peer == f"127.0.0.1:{proxy.port}"


def relay(peer: Peer) -> None:
    """What a proxy does for CONNECT."""
    target = peer.request.split(b" ")[1].decode()
    host, _, port = target.rpartition(":")
    with socket.create_connection((host, int(port))) as upstream:
        peer.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
        back = threading.Thread(target=_copy, args=(upstream, peer.sock))
        back.start()
        _copy(peer.sock, upstream)
        back.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


def test_https_goes_through_a_tunnel() -> None:
    """The proxy sees the host's name and nothing of the request."""
    ca = trustme.CA()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("127.0.0.1").configure_cert(tls)
    with (
        ca.cert_pem.tempfile() as file,
        WireServer(sends(plain(b"secret answer")), tls=tls) as server,
        WireServer(relay) as proxy,
    ):
        exchange = send(
            server.url,
            headers=((b"Authorization", b"Bearer x"),),
            options=Options(ca_file=file, proxy=proxy.url.replace("://", "://u:p@")),
        )
    assert exchange.error is None
    assert body_of(exchange) == b"secret answer"
    assert proxy.requests[0].startswith(b"CONNECT 127.0.0.1:%d HTTP/1.1\r\n" % server.port)
    assert b"Proxy-Authorization: Basic dTpw" in proxy.requests[0]
    assert b"Bearer" not in proxy.requests[0]
    assert b"Proxy-Authorization" not in server.requests[0]


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n", "407"),
        (b"HTTP/1.1 502 Bad Gateway\r\n\r\n", "502"),
        (b"SSH-2.0-x\r\n", "not HTTP"),
        (b"", "not HTTP"),
    ],
)
def test_a_proxy_that_refuses_is_named(answer: bytes, word: str) -> None:
    with WireServer(sends(answer)) as proxy:
        exchange = send(
            "https://shop.example/",
            method="POST",
            body=b"order",
            options=Options(proxy=proxy.url),
        )
    error = error_of(exchange)
    assert (error.kind, error.phase, error.delivery) == (
        ErrorKind.CONNECT,
        Phase.CONNECT,
        Delivery.NOT_SENT,
    )
    assert "proxy" in error.message
    assert word in error.message
    assert exchange.undecoded == answer


def test_a_proxy_that_is_not_there_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    exchange = send("http://shop.example/", options=Options(proxy=f"http://127.0.0.1:{port}"))
    error = error_of(exchange)
    assert (error.kind, error.delivery) == (ErrorKind.CONNECTION_REFUSED, Delivery.NOT_SENT)
    assert "the proxy" in error.message


@pytest.mark.parametrize("url", ["https://p:0", "socks5://p:1", "p:1", "http://", "http://[::"])
def test_a_proxy_that_cannot_be_used_is_a_diagnostic(url: str) -> None:
    with pytest.raises(SmokeError) as caught:
        Client(Options(proxy=url))
    assert caught.value.diagnostics[0].code == "bad-proxy"
