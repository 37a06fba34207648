"""What an honest exchange keeps: everything that was sent and everything that came."""

from __future__ import annotations

import gzip
import socket
import threading
from pathlib import Path

import pytest

from smoke.model.exchange import Completeness, Delivery, ErrorKind, Phase, Request
from smoke.transport import Client, Options
from tests.support.transport import Spills, answer_of, body_of, chunked, error_of, plain, send
from tests.support.wire_server import Peer, WireServer, sends


def test_the_request_is_kept_as_it_was_sent() -> None:
    """The recorded headers are the sent ones, in their order, with what was added."""
    with WireServer(sends(plain(b"ok"))) as server:
        exchange = send(
            f"{server.url}/a b?q=1#part",
            method="POST",
            headers=((b"X-One", b"1"), (b"x-one", b"2"), (b"Cookie", b"a=\xe9")),
            body=b"{}",
        )
    lines = server.requests[0].partition(b"\r\n\r\n")[0].split(b"\r\n")
    assert lines[0] == b"POST /a%20b?q=1 HTTP/1.1"
    assert [
        (name, value.strip()) for name, _, value in (line.partition(b":") for line in lines[1:])
    ] == list(exchange.request.headers)
    assert server.requests[0].endswith(b"\r\n\r\n{}")
    names = [name for name, _ in exchange.request.headers]
    assert names[0] == b"Host"
    assert names.index(b"X-One") + 1 == names.index(b"x-one")
    assert {b"Content-Length", b"User-Agent", b"Accept", b"Accept-Encoding"} <= set(names)
    assert exchange.request.body == b"{}"


def test_given_headers_are_not_replaced() -> None:
    """A header of the scenario stands against our default, whatever its case."""
    given = (
        (b"user-agent", b"mine"),
        (b"ACCEPT", b"text/plain"),
        (b"Accept-Encoding", b"identity"),
        (b"Host", b"shop.example"),
        (b"connection", b"keep-alive"),
    )
    with WireServer(sends(plain(b"ok"))) as server:
        exchange = send(server.url, headers=given)
    assert sorted(exchange.request.headers) == sorted(given)
    assert exchange.request.headers[0] == (b"Host", b"shop.example")


def test_the_response_is_kept_as_it_came() -> None:
    """Order, case, repeats and raw bytes of headers and reason are evidence."""
    raw = plain(
        b"body",
        b"X-Id: one",
        b"x-id: two",
        b"X-Note: d\xe9j\xe0 \x1b[31m",
        status=b"500 \x1b]0;Oops",
    )
    with WireServer(sends(raw)) as server:
        exchange = send(server.url)
    response = answer_of(exchange)
    assert exchange.error is None
    assert (response.status, response.reason, response.http_version) == (
        500,
        b"\x1b]0;Oops",
        "HTTP/1.1",
    )
    assert response.headers == (
        (b"X-Id", b"one"),
        (b"x-id", b"two"),
        (b"X-Note", b"d\xe9j\xe0 \x1b[31m"),
        (b"Content-Length", b"4"),
    )
    assert response.body.completeness is Completeness.COMPLETE
    assert (response.body.wire_size, response.body.declared_size) == (4, 4)
    assert exchange.peer == f"127.0.0.1:{server.port}"
    timing = exchange.timing
    assert timing.resolve is not None
    assert timing.connect is not None
    assert timing.sent is not None
    assert timing.first_byte is not None
    assert 0 < timing.resolve <= timing.connect <= timing.sent <= timing.first_byte <= timing.total


def test_interim_answers_and_trailers_are_kept() -> None:
    """103 before the answer and fields behind its last chunk are part of the evidence."""
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"
    with WireServer(
        sends(early + chunked(b"hello ", b"world", trailers=b"X-Sum: 7\r\n"))
    ) as server:
        exchange = send(server.url)
    response = answer_of(exchange)
    assert exchange.error is None
    assert response.interim == ((103, ((b"Link", b"</a.css>"),)),)
    assert response.trailers == ((b"X-Sum", b"7"),)
    assert body_of(exchange) == b"hello world"


def test_each_exchange_has_a_connection_of_its_own() -> None:
    """What a server sends behind an answer is reported, and never becomes the next answer (T1)."""
    poison = plain(b"first") + plain(b'{"ok":true}')
    with WireServer(sends(poison)) as server, Client() as client:
        exchanges = [
            client.send(Request("GET", server.url), exchange_id=str(n), timeout=5, spill=Spills())
            for n in range(2)
        ]
    assert [body_of(exchange) for exchange in exchanges] == [b"first", b"first"]
    assert exchanges[0].leftover == plain(b'{"ok":true}')
    assert server.connections == 2


@pytest.mark.parametrize("status", [204, 304])
def test_a_body_where_none_may_be_is_leftover(status: int) -> None:
    raw = b"HTTP/1.1 %d No\r\nContent-Length: 5\r\n\r\nhello" % status
    with WireServer(sends(raw)) as server:
        exchange = send(server.url)
    assert answer_of(exchange).status == status
    assert body_of(exchange) == b""
    assert exchange.leftover == b"hello"
    assert exchange.error is None


def test_head_has_no_body() -> None:
    with WireServer(
        sends(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Encoding: gzip\r\n\r\n")
    ) as server:
        exchange = send(server.url, method="HEAD")
    assert exchange.error is None
    assert answer_of(exchange).body.declared_size == 5
    assert answer_of(exchange).body.completeness is Completeness.COMPLETE


def test_a_body_that_the_close_ends_is_unproven() -> None:
    with WireServer(sends(b"HTTP/1.0 200 OK\r\n\r\nall of it?")) as server:
        exchange = send(server.url)
    response = answer_of(exchange)
    assert exchange.error is None
    assert response.http_version == "HTTP/1.0"
    assert body_of(exchange) == b"all of it?"
    assert response.body.completeness is Completeness.UNPROVEN


@pytest.mark.parametrize("status", [b"599 Odd", b"999 Odd", b"200"])
def test_odd_but_legal_status_lines(status: bytes) -> None:
    with WireServer(sends(plain(b"x", status=status))) as server:
        exchange = send(server.url)
    assert exchange.error is None
    assert answer_of(exchange).status == int(status[:3])


@pytest.mark.parametrize(
    "location",
    [b"javascript:alert(1)", b"http://[::bad", b"\\\\evil\\x", b"http://x:99999999/", b"\xff"],
)
def test_a_bad_location_hides_nothing(location: bytes) -> None:
    """A redirect is an answer like others; nobody here reads its Location (T6)."""
    with WireServer(
        sends(plain(b"moved", b"Location: " + location, status=b"302 Found"))
    ) as server:
        exchange = send(server.url)
    assert exchange.error is None
    assert answer_of(exchange).status == 302
    assert body_of(exchange) == b"moved"
    assert server.connections == 1


def test_credentials_of_the_url_become_a_header() -> None:
    with WireServer(sends(plain(b"ok"))) as server:
        exchange = send(server.url.replace("://", "://user:p%40ss@"))
    assert (b"Authorization", b"Basic dXNlcjpwQHNz") in exchange.request.headers
    assert "p%40ss" not in exchange.request.url


def test_the_environment_names_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """HTTP_PROXY would send a request for loopback to a proxy, with its credentials (T9)."""
    with WireServer(sends(plain(b"proxy"))) as trap, WireServer(sends(plain(b"shop"))) as server:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, trap.url)
        exchange = send(server.url)
    assert body_of(exchange) == b"shop"
    assert trap.connections == 0


@pytest.mark.parametrize(
    ("url", "headers", "word"),
    [
        ("ftp://127.0.0.1/", (), "only http and https"),
        ("file:///etc/passwd", (), "only http and https"),
        ("//no.scheme/", (), "only http and https"),
        ("http://", (), "no host"),
        ("http://[::bad/", (), "URL"),
        ("http://127.0.0.1:99999/", (), "port"),
        ("http://127.0.0.1:0/", (), "port"),
        ("http://127.0.0.1:1/\n", (), "URL"),
        ("http://127.0.0.1:1/", ((b"X-A", b"b\r\nX-Injected: c"),), "cannot be sent"),
        ("http://127.0.0.1:1/", ((b"X A", b"b"),), "cannot be sent"),
    ],
)
def test_what_cannot_be_sent_is_refused_before_a_connection(
    url: str, headers: tuple[tuple[bytes, bytes], ...], word: str
) -> None:
    exchange = send(url, headers=headers)
    error = error_of(exchange)
    assert (error.kind, error.phase, error.delivery) == (
        ErrorKind.BLOCKED,
        Phase.PREPARE,
        Delivery.NOT_SENT,
    )
    assert word in error.message


def test_many_threads_share_one_client() -> None:
    """Each thread gets the answers to its own requests."""

    def echo(peer: Peer) -> None:
        path = peer.request.split(b" ", 2)[1]
        peer.send(plain(gzip.compress(path), b"Content-Encoding: gzip"))

    wrong: list[tuple[bytes, bytes]] = []
    with WireServer(echo) as server, Client(Options()) as client:

        def work(name: str) -> None:
            for number in range(10):
                path = f"/{name}/{number}"
                exchange = client.send(
                    Request("GET", server.url + path), exchange_id=path, timeout=10, spill=Spills()
                )
                if body_of(exchange) != path.encode():
                    wrong.append((body_of(exchange), path.encode()))

        threads = [threading.Thread(target=work, args=(f"t{n}",)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert server.connections == 80
    assert wrong == []


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts descriptors in /proc")
def test_descriptors_do_not_grow() -> None:
    """Neither whole exchanges nor broken ones leave a socket behind (H9)."""
    folder = Path("/proc/self/fd")

    def odd(peer: Peer) -> None:
        path = peer.request.split(b" ", 2)[1]
        answers = {b"/0": plain(b"ok"), b"/1": b"junk", b"/2": plain(b"half")[:-2], b"/3": b""}
        peer.send(answers[path])

    with WireServer(odd) as server, Client() as client:
        before = len(list(folder.iterdir()))
        for number in range(100):
            url = f"{server.url}/{number % 4}" if number % 5 else "http://127.0.0.1:1/"
            client.send(Request("GET", url), exchange_id="x", timeout=5, spill=Spills())
        # the server's own sockets close a moment later
        growth = len(list(folder.iterdir())) - before
    assert growth < 20


def test_an_address_of_ipv6_is_reached() -> None:
    if not socket.has_dualstack_ipv6():
        pytest.skip("no IPv6 here")
    with WireServer(sends(plain(b"ok")), host="::1") as server:
        exchange = send(f"http://[::1]:{server.port}/")
    assert body_of(exchange) == b"ok"
    assert exchange.peer == f"[::1]:{server.port}"
    assert exchange.request.headers[0] == (b"Host", b"[::1]:%d" % server.port)
