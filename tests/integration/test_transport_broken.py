"""Answers that break off or break the rules: named, and every byte of them kept."""

from __future__ import annotations

import socket
from dataclasses import dataclass

import pytest

from smoke.model.exchange import Completeness, Delivery, ErrorKind, Phase
from smoke.transport import Options
from tests.support.transport import answer_of, body_of, chunked, error_of, plain, send
from tests.support.wire_server import Peer, WireServer, sends

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


def test_a_closed_port_was_sent_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    exchange = send(f"http://127.0.0.1:{port}/", method="POST", body=b"order")
    error = error_of(exchange)
    assert (error.kind, error.phase, error.delivery) == (
        ErrorKind.CONNECTION_REFUSED,
        Phase.CONNECT,
        Delivery.NOT_SENT,
    )
    assert f"127.0.0.1:{port}" in error.message
    assert "no request was sent" in error.message


def test_an_unknown_name_was_sent_nothing() -> None:
    # RFC 6761 6.4: names below .invalid never resolve
    error = error_of(send("http://shop.invalid/"))
    assert (error.kind, error.phase, error.delivery) == (
        ErrorKind.RESOLVE,
        Phase.RESOLVE,
        Delivery.NOT_SENT,
    )
    assert "shop.invalid" in error.message


def test_a_name_with_two_addresses_is_tried_at_both() -> None:
    """`localhost` is often ::1 first, and the server on 127.0.0.1."""
    with WireServer(sends(plain(b"ok"))) as server:
        assert body_of(send(f"http://localhost:{server.port}/")) == b"ok"


@dataclass(frozen=True)
class NoAnswer:
    """What a server does in place of an answer, and what is known then."""

    data: bytes
    kind: ErrorKind
    reset: bool = False


NO_ANSWERS = {
    "close": NoAnswer(b"", ErrorKind.DISCONNECTED),
    "reset": NoAnswer(b"", ErrorKind.RESET, reset=True),
    "close within the head": NoAnswer(OK + b"X-A", ErrorKind.TRUNCATED),
    "reset within the head": NoAnswer(OK + b"X-A", ErrorKind.RESET, reset=True),
    "close after 100": NoAnswer(b"HTTP/1.1 100 Continue\r\n\r\n", ErrorKind.TRUNCATED),
    "SSH": NoAnswer(b"SSH-2.0-OpenSSH_9.6\r\n", ErrorKind.PROTOCOL),
    "HTTP/0.9": NoAnswer(b"<html>hello</html>", ErrorKind.PROTOCOL),
    "binary": NoAnswer(b"\x00\x01\xff" * 50, ErrorKind.PROTOCOL),
    "one byte": NoAnswer(b"x", ErrorKind.PROTOCOL),
    "HTTP/2": NoAnswer(b"\x00\x00\x00\x04\x00\x00\x00\x00\x00", ErrorKind.PROTOCOL),
    "TLS alert": NoAnswer(b"\x15\x03\x01\x00\x02\x02\x28", ErrorKind.PROTOCOL),
    "mail": NoAnswer(b"220 mail.example ESMTP\r\n", ErrorKind.PROTOCOL),
    "lower-case version": NoAnswer(b"http/1.1 200 OK\r\n\r\n", ErrorKind.PROTOCOL),
    "status of letters": NoAnswer(b"HTTP/1.1 abc OK\r\n\r\nhi", ErrorKind.PROTOCOL),
}


@pytest.mark.parametrize("case", NO_ANSWERS.values(), ids=NO_ANSWERS.keys())
def test_what_is_no_answer_leaves_the_delivery_open(case: NoAnswer) -> None:
    """The request left and no status line came: the order may have been placed. All bytes are kept."""
    with WireServer(sends(case.data, reset=case.reset)) as server:
        exchange = send(server.url, method="POST", body=b"order")
    error = error_of(exchange)
    assert (error.kind, error.delivery) == (case.kind, Delivery.MAYBE_SENT)
    assert exchange.response is None
    assert exchange.undecoded == case.data
    assert "may have carried" in error.message


def test_a_foreign_server_that_stays_is_not_waited_for() -> None:
    """An SSH server says its line and waits: the total time is not spent on it."""
    with WireServer(sends(b"SSH-2.0-OpenSSH_9.6\r\n", hold=True)) as server:
        exchange = send(server.url, timeout=30)
    error = error_of(exchange)
    assert error.kind is ErrorKind.PROTOCOL
    assert "SSH" in error.message
    assert exchange.timing.total < 10


@dataclass(frozen=True)
class BadHead:
    """A head that HTTP forbids, and the status and body that can be read all the same."""

    head: bytes
    status: int = 500
    word: str = ""
    kind: ErrorKind = ErrorKind.PROTOCOL


S500 = b"HTTP/1.1 500 Oops\r\n"
BAD_HEADS = {
    "NUL": BadHead(S500 + b"X-A: a\x00b\r\nContent-Length: 4\r\n\r\n", word="X-A"),
    "bare CR": BadHead(S500 + b"X-A: a\rInjected: b\r\nContent-Length: 4\r\n\r\n", word="X-A"),
    "no colon": BadHead(S500 + b"what is this\r\nContent-Length: 4\r\n\r\n", word="what is this"),
    "blank before colon": BadHead(S500 + b"X-A : b\r\nContent-Length: 4\r\n\r\n", word="X-A"),
    "no name": BadHead(S500 + b": b\r\nContent-Length: 4\r\n\r\n"),
    "two lengths": BadHead(
        S500 + b"Content-Length: 4\r\nContent-Length: 9\r\n\r\n", word="ontent-"
    ),
    "negative length": BadHead(S500 + b"Content-Length: -4\r\n\r\n", word="ontent-"),
    "length of letters": BadHead(S500 + b"Content-Length: four\r\n\r\n", word="ontent-"),
    "endless length": BadHead(S500 + b"Content-Length: " + b"9" * 300 + b"\r\n\r\n"),
    "unknown transfer coding": BadHead(S500 + b"Transfer-Encoding: gzip, chunked\r\n\r\n"),
    "status 99": BadHead(b"HTTP/1.1 99 Low\r\nContent-Length: 4\r\n\r\n", status=99, word="99"),
    "status 099": BadHead(b"HTTP/1.1 099 Low\r\nContent-Length: 4\r\n\r\n", status=99, word="99"),
    "status 1000": BadHead(
        b"HTTP/1.1 1000 High\r\nContent-Length: 4\r\n\r\n", status=1000, word="1000"
    ),
    "two blanks": BadHead(b"HTTP/1.1  500 Oops\r\nContent-Length: 4\r\n\r\n"),
    "101 unasked": BadHead(
        b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        status=101,
        word="101",
    ),
    "blanks and NUL": BadHead(
        S500 + b"X-A:" + b" " * 100_000 + b"\x00\r\nContent-Length: 4\r\n\r\n", word="blanks"
    ),
    "folds and NUL": BadHead(
        S500 + b"X-A:\r\n" + b"  \r\n" * 50_000 + b" \x00\r\nContent-Length: 4\r\n\r\n",
        word="blanks",
    ),
    "tabs and NUL": BadHead(
        S500 + b"X-A:" + b"\t" * 100_000 + b"\x00\r\nContent-Length: 4\r\n\r\n", word="blanks"
    ),
}


@pytest.mark.parametrize("case", BAD_HEADS.values(), ids=BAD_HEADS.keys())
def test_a_bad_head_does_not_hide_the_answer(case: BadHead) -> None:
    """Status, headers and body are shown, marked as a protocol error; the raw bytes are kept beside them."""
    raw = case.head + b"body"
    with WireServer(sends(raw)) as server:
        exchange = send(server.url)
    error = error_of(exchange)
    assert (error.kind, error.delivery) == (case.kind, Delivery.SENT)
    assert case.word in error.message
    assert len(error.message) < 500
    assert answer_of(exchange).status == case.status
    assert body_of(exchange) == b"body"
    assert answer_of(exchange).body.completeness is Completeness.PROTOCOL
    assert exchange.undecoded == raw[: 64 * 1024]


def test_chunks_behind_a_bad_head_are_undone() -> None:
    head = S500 + b"X-A: a\x00b\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"
    with WireServer(sends(head + b"4\r\nbody\r\n0\r\n\r\n", hold=True)) as server:
        exchange = send(server.url)
    assert error_of(exchange).kind is ErrorKind.PROTOCOL
    assert body_of(exchange) == b"body"


def test_an_interim_answer_does_not_stop_a_request_that_is_being_sent() -> None:
    """Only a final answer says that nobody reads the rest any more."""

    def script(peer: Peer) -> None:
        peer.read_head()
        peer.send(b"HTTP/1.1 102 Processing\r\n\r\n")
        peer.drip(b"HTTP/1.1 102 Processing\r\n\r\n" * 2)
        peer.read_request()
        peer.send(plain(b"%d" % len(peer.request)))

    with WireServer(script, read=False) as server:
        exchange = send(server.url, method="POST", body=b"x" * 20_000_000, timeout=60)
    assert exchange.error is None
    assert int(body_of(exchange)) > 20_000_000
    assert len(answer_of(exchange).interim) == 3


def test_many_blanks_in_a_body_are_no_fault() -> None:
    """The guard against h11's quadratic pattern looks at heads only."""
    body = b"[" + b" " * 20_000 + b"]"
    with WireServer(sends(plain(body))) as server:
        exchange = send(server.url)
    assert exchange.error is None
    assert body_of(exchange) == body


def test_large_headers_within_the_limit_are_whole() -> None:
    value = b"a" * 65_536
    with WireServer(sends(plain(b"ok", b"X-Big: " + value))) as server:
        exchange = send(server.url)
    assert exchange.error is None
    assert (b"X-Big", value) in answer_of(exchange).headers


def test_headers_beyond_the_limit_are_named() -> None:
    fields = [b"X-%05d: %s" % (number, b"v" * 8_000) for number in range(2_000)]
    with WireServer(sends(plain(b"ok", *fields, status=b"500 Oops"))) as server:
        exchange = send(server.url)
    error = error_of(exchange)
    assert (error.kind, error.delivery) == (ErrorKind.HEADERS_TOO_LARGE, Delivery.SENT)
    assert "headers are too large" in error.message
    assert answer_of(exchange).status == 500
    assert len(exchange.undecoded) == 64 * 1024


def test_the_limit_of_headers_is_an_option() -> None:
    with WireServer(sends(plain(b"ok", b"X-Big: " + b"a" * 200_000))) as server:
        exchange = send(server.url, options=Options(max_head=1_000))
    assert error_of(exchange).kind is ErrorKind.HEADERS_TOO_LARGE


def test_a_flood_of_interim_answers_ends() -> None:
    def flood(peer: Peer) -> None:
        while True:
            peer.send(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)

    with WireServer(flood) as server:
        exchange = send(server.url)
    error = error_of(exchange)
    assert error.kind is ErrorKind.PROTOCOL
    assert "interim" in error.message


@dataclass(frozen=True)
class Cut:
    """A body that breaks off: what came of it, and how that is called."""

    data: bytes
    body: bytes
    kind: ErrorKind
    completeness: Completeness
    reset: bool = False
    declared: int | None = None


LENGTH = OK + b"Content-Length: 10\r\n\r\n"
CUTS = {
    "length": Cut(
        LENGTH + b"four", b"four", ErrorKind.TRUNCATED, Completeness.TRUNCATED, declared=10
    ),
    "length, nothing": Cut(LENGTH, b"", ErrorKind.TRUNCATED, Completeness.TRUNCATED, declared=10),
    "length, reset": Cut(
        LENGTH + b"four", b"four", ErrorKind.RESET, Completeness.RESET, reset=True, declared=10
    ),
    "no last chunk": Cut(
        CHUNKED + b"4\r\nfour\r\n", b"four", ErrorKind.TRUNCATED, Completeness.TRUNCATED
    ),
    "within a chunk": Cut(
        CHUNKED + b"a\r\nfour", b"four", ErrorKind.TRUNCATED, Completeness.TRUNCATED
    ),
    "within a chunk size": Cut(
        CHUNKED + b"4\r\nfour\r\n1", b"four", ErrorKind.TRUNCATED, Completeness.TRUNCATED
    ),
    "within the trailers": Cut(
        CHUNKED + b"4\r\nfour\r\n0\r\nX-A: b", b"four", ErrorKind.TRUNCATED, Completeness.TRUNCATED
    ),
    "bad chunk size": Cut(
        CHUNKED + b"4\r\nfour\r\nzz\r\nmore", b"four", ErrorKind.PROTOCOL, Completeness.PROTOCOL
    ),
    "negative chunk size": Cut(
        CHUNKED + b"4\r\nfour\r\n-5\r\nmore", b"four", ErrorKind.PROTOCOL, Completeness.PROTOCOL
    ),
    "endless chunk size": Cut(
        CHUNKED + b"4\r\nfour\r\n" + b"f" * 50 + b"\r\n",
        b"four",
        ErrorKind.PROTOCOL,
        Completeness.PROTOCOL,
    ),
    "endless chunk line": Cut(
        CHUNKED + b"4\r\nfour\r\n1;" + b"x" * 50_000,
        b"four",
        ErrorKind.PROTOCOL,
        Completeness.PROTOCOL,
    ),
    "chunk longer than it says": Cut(
        CHUNKED + b"4\r\nfourteen\r\n0\r\n\r\n", b"four", ErrorKind.PROTOCOL, Completeness.PROTOCOL
    ),
    "bare LF": Cut(CHUNKED + b"4\nfour\n0\n\n", b"", ErrorKind.PROTOCOL, Completeness.PROTOCOL),
    "nameless trailer": Cut(
        CHUNKED + b"4\r\nfour\r\n0\r\nno name\r\n\r\n",
        b"four",
        ErrorKind.PROTOCOL,
        Completeness.PROTOCOL,
    ),
    "endless trailers": Cut(
        CHUNKED + b"4\r\nfour\r\n0\r\n" + b"X-A: b\r\n" * 20_000,
        b"four",
        ErrorKind.HEADERS_TOO_LARGE,
        Completeness.PROTOCOL,
    ),
}


@pytest.mark.parametrize("case", CUTS.values(), ids=CUTS.keys())
def test_what_came_of_a_broken_body_is_kept(case: Cut) -> None:
    """A body that breaks off is kept, counted and never called whole."""
    with WireServer(sends(case.data, reset=case.reset)) as server:
        exchange = send(server.url, method="POST", body=b"order")
    error = error_of(exchange)
    body = answer_of(exchange).body
    assert (error.kind, error.phase, error.delivery) == (case.kind, Phase.RECEIVE, Delivery.SENT)
    assert body_of(exchange) == case.body
    assert body.completeness is case.completeness
    assert (body.wire_size, body.declared_size) == (len(case.body), case.declared)


def test_the_bytes_at_a_broken_chunk_are_kept() -> None:
    """What stands where chunking broke is what explains it."""
    with WireServer(sends(CHUNKED + b"4\r\nfour\r\nFatal error: out of memory\r\n")) as server:
        exchange = send(server.url)
    assert exchange.leftover.startswith(b"Fatal error")
    assert exchange.undecoded.startswith(CHUNKED)


def test_bytes_behind_the_last_chunk_are_leftover() -> None:
    with WireServer(sends(chunked(b"ok") + b"EXTRA")) as server:
        exchange = send(server.url)
    assert exchange.error is None
    assert exchange.leftover == b"EXTRA"


@pytest.mark.parametrize("close", [True, False], ids=["closes", "stays"])
def test_an_answer_before_the_request_is_read_is_kept(close: bool) -> None:
    """A server that answers 413 or 500 and stops reading breaks the pipe; its answer is the evidence."""

    def script(peer: Peer) -> None:
        peer.read_head()
        peer.send(plain(b"too much", status=b"500 Oops"))
        if not close:
            # reads nothing more, and keeps the connection open until the client is gone
            peer.wait_for_end()

    with WireServer(script, read=False) as server:
        exchange = send(server.url, method="POST", body=b"x" * 20_000_000, timeout=10)
    assert answer_of(exchange).status == 500
    assert body_of(exchange) == b"too much"
    assert exchange.error is None


def test_a_reset_while_sending_may_have_been_delivered() -> None:
    def script(peer: Peer) -> None:
        peer.read_head()
        peer.reset()

    with WireServer(script, read=False) as server:
        exchange = send(server.url, method="POST", body=b"x" * 20_000_000)
    error = error_of(exchange)
    assert (error.kind, error.delivery) == (ErrorKind.RESET, Delivery.MAYBE_SENT)


def test_accept_then_close_was_perhaps_delivered() -> None:
    """The bytes left this machine: nobody knows what became of them."""

    def script(peer: Peer) -> None:
        peer.sock.close()

    with WireServer(script, read=False) as server:
        exchange = send(server.url, method="POST", body=b"order")
    error = error_of(exchange)
    assert error.kind in (ErrorKind.DISCONNECTED, ErrorKind.RESET)
    assert error.delivery is Delivery.MAYBE_SENT
