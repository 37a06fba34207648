"""TLS: verified, and a refusal says what is wrong with the certificate, and that nothing was sent."""

from __future__ import annotations

import ssl
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from smoke.diagnostic import SmokeError
from smoke.model.exchange import Completeness, Delivery, ErrorKind, Phase, RawExchange
from smoke.transport import Client, Options
from smoke.transport.tls import make_context
from tests.support.transport import answer_of, body_of, error_of, plain, send
from tests.support.wire_server import Peer, WireServer, sends

DAY = timedelta(days=1)
NOW = datetime.now(UTC)


@dataclass(frozen=True)
class Authority:
    """A test authority and the file that names it."""

    ca: trustme.CA
    file: str

    def server(
        self, *names: str, not_before: datetime | None = None, not_after: datetime | None = None
    ) -> ssl.SSLContext:
        """A server's context with a certificate for these names."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.ca.issue_cert(
            *(names or ("127.0.0.1", "localhost")), not_before=not_before, not_after=not_after
        ).configure_cert(context)
        return context


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    ca = trustme.CA(organization_name="smoke tests")
    file = tmp_path_factory.mktemp("tls") / "ca.pem"
    ca.cert_pem.write_to_path(str(file))
    return Authority(ca, str(file))


def refused(exchange: RawExchange, *words: str) -> None:
    """The exchange ended in the handshake, with these words, and nothing was sent."""
    error = error_of(exchange)
    assert (error.kind, error.phase, error.delivery) == (
        ErrorKind.TLS,
        Phase.TLS,
        Delivery.NOT_SENT,
    )
    for word in (*words, "no request was sent"):
        assert word in error.message
    assert exchange.response is None


def test_a_good_certificate_is_accepted(authority: Authority) -> None:
    with WireServer(sends(plain(b"ok")), tls=authority.server()) as server:
        for host in ("127.0.0.1", "localhost"):
            exchange = send(
                f"https://{host}:{server.port}/", options=Options(ca_file=authority.file)
            )
            assert exchange.error is None
            assert body_of(exchange) == b"ok"
            assert exchange.timing.tls is not None


def test_an_unknown_authority_is_named(authority: Authority) -> None:
    with WireServer(sends(plain(b"ok")), tls=authority.server()) as server:
        refused(send(server.url), "authority", "unknown")
    assert server.requests == []


def test_an_expired_certificate_is_named_with_its_date(authority: Authority) -> None:
    end = NOW - 2 * DAY
    tls = authority.server(not_before=NOW - 9 * DAY, not_after=end)
    with WireServer(sends(plain(b"ok")), tls=tls) as server:
        refused(
            send(server.url, options=Options(ca_file=authority.file)), "expired", f"{end:%Y-%m-%d}"
        )


def test_a_certificate_of_the_future_is_named_with_its_date(authority: Authority) -> None:
    start = NOW + 2 * DAY
    tls = authority.server(not_before=start, not_after=NOW + 9 * DAY)
    with WireServer(sends(plain(b"ok")), tls=tls) as server:
        refused(
            send(server.url, options=Options(ca_file=authority.file)),
            "not valid",
            f"{start:%Y-%m-%d}",
        )


def test_another_name_is_named(authority: Authority) -> None:
    tls = authority.server("shop.example", "*.shop.example", "192.0.2.7")
    with WireServer(sends(plain(b"ok")), tls=tls) as server:
        refused(
            send(server.url, options=Options(ca_file=authority.file)),
            "shop.example, *.shop.example, 192.0.2.7",
            "127.0.0.1",
        )


def test_a_self_signed_certificate_is_named(tmp_path: Path) -> None:
    own = trustme.CA()
    own.private_key_pem.write_to_path(str(tmp_path / "both.pem"))
    own.cert_pem.write_to_path(str(tmp_path / "both.pem"), append=True)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(tmp_path / "both.pem")
    with WireServer(sends(plain(b"ok")), tls=tls) as server:
        refused(send(server.url), "self-signed")


def test_checks_can_be_switched_off(authority: Authority) -> None:
    tls = authority.server("shop.example", not_before=NOW - 9 * DAY, not_after=NOW - 2 * DAY)
    with WireServer(sends(plain(b"ok")), tls=tls) as server:
        assert body_of(send(server.url, options=Options(verify=False))) == b"ok"


def test_a_server_that_speaks_only_old_tls_is_named(authority: Authority) -> None:
    tls = authority.server()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        tls.set_ciphers("ALL:@SECLEVEL=0")
        tls.minimum_version = ssl.TLSVersion.TLSv1
        tls.maximum_version = ssl.TLSVersion.TLSv1_1
    with WireServer(sends(plain(b"ok")), tls=tls) as server:
        refused(send(server.url, options=Options(ca_file=authority.file)), "older than 1.2")


def test_a_server_that_wants_a_client_certificate_is_named(authority: Authority) -> None:
    tls = authority.server()
    tls.verify_mode = ssl.CERT_REQUIRED
    authority.ca.configure_trust(tls)
    tls.maximum_version = ssl.TLSVersion.TLSv1_2
    with WireServer(sends(plain(b"ok")), tls=tls) as server:
        refused(send(server.url, options=Options(ca_file=authority.file)), "client certificate")


def test_tls_1_3_asks_for_a_client_certificate_after_the_request(authority: Authority) -> None:
    """There the client learns of it only when its request has left, so the delivery stays open."""
    tls = authority.server()
    tls.verify_mode = ssl.CERT_REQUIRED
    authority.ca.configure_trust(tls)
    tls.minimum_version = ssl.TLSVersion.TLSv1_3
    with WireServer(sends(plain(b"ok")), tls=tls) as server:
        exchange = send(server.url, options=Options(ca_file=authority.file))
    error = error_of(exchange)
    assert error.kind is ErrorKind.TLS
    assert "client certificate" in error.message
    assert exchange.response is None


@pytest.mark.parametrize(
    "junk", [b"HTTP/1.1 400 Bad Request\r\n\r\nno TLS", b"SSH-2.0-x\r\n", b"\0" * 100], ids=repr
)
def test_what_is_no_tls_is_named(junk: bytes) -> None:
    def script(peer: Peer) -> None:
        peer.sock.recv(65536)
        peer.send(junk)

    with WireServer(script, read=False) as server:
        refused(send(server.url.replace("http:", "https:")), "no TLS")


def test_a_handshake_that_breaks_off_was_sent_nothing() -> None:
    def close(peer: Peer) -> None:
        peer.sock.recv(65536)

    def reset(peer: Peer) -> None:
        peer.sock.recv(65536)
        peer.reset()

    for script in (close, reset):
        with WireServer(script, read=False) as server:
            refused(send(server.url.replace("http:", "https:")), "handshake")


def test_a_handshake_that_hangs_ends_in_time() -> None:
    with WireServer(Peer.hold, read=False) as server:
        exchange = send(server.url.replace("http:", "https:"), options=Options(connect_timeout=0.5))
    error = error_of(exchange)
    assert (error.kind, error.phase, error.delivery) == (
        ErrorKind.CONNECT_TIMEOUT,
        Phase.TLS,
        Delivery.NOT_SENT,
    )
    assert "handshake" in error.message


def test_plain_http_to_a_tls_port_is_named(authority: Authority) -> None:
    """Python's server closes on it; the answer is an alert, or nothing."""
    with WireServer(sends(plain(b"ok")), tls=authority.server()) as server:
        error = error_of(send(server.url.replace("https:", "http:")))
    assert error.kind in (ErrorKind.PROTOCOL, ErrorKind.DISCONNECTED, ErrorKind.RESET)


def test_an_end_without_close_notify_is_a_cut(authority: Authority) -> None:
    """Python hides it unless asked not to, and then a cut body looks whole (T23)."""

    def script(peer: Peer) -> None:
        peer.send(b"HTTP/1.1 500 Oops\r\n\r\nhalf of it")

    with WireServer(script, tls=authority.server()) as server:
        exchange = send(server.url, options=Options(ca_file=authority.file))
    assert error_of(exchange).kind is ErrorKind.TRUNCATED
    assert "close_notify" in error_of(exchange).message
    assert body_of(exchange) == b"half of it"
    assert answer_of(exchange).body.completeness is Completeness.TRUNCATED


def test_a_proper_end_of_tls_is_unproven_as_without_tls(authority: Authority) -> None:
    def script(peer: Peer) -> None:
        peer.send(b"HTTP/1.1 500 Oops\r\n\r\nall of it?")
        assert isinstance(peer.sock, ssl.SSLSocket)
        peer.sock.unwrap()

    with WireServer(script, tls=authority.server()) as server:
        exchange = send(server.url, options=Options(ca_file=authority.file))
    assert exchange.error is None
    assert answer_of(exchange).body.completeness is Completeness.UNPROVEN


def test_large_bodies_pass_both_ways(authority: Authority) -> None:
    body = bytes(range(256)) * 4_096

    def echo(peer: Peer) -> None:
        peer.send(plain(peer.request.partition(b"\r\n\r\n")[2]))

    with WireServer(echo, tls=authority.server()) as server:
        exchange = send(
            server.url, method="POST", body=body, options=Options(ca_file=authority.file)
        )
    assert body_of(exchange) == body


@pytest.mark.parametrize("name", ["missing.pem", "empty.pem", "."])
def test_a_ca_file_that_cannot_be_used_is_a_diagnostic(name: str, tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("no certificate")
    with pytest.raises(SmokeError) as caught:
        Client(Options(ca_file=str(tmp_path / name)))
    assert caught.value.diagnostics[0].code == "bad-ca-file"


def test_a_ca_file_is_trusted_beside_the_usual_authorities(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = trustme.CA()
    own.cert_pem.write_to_path(str(tmp_path / "own.pem"))
    monkeypatch.setattr("certifi.where", lambda: authority.file)  # a usual authority, for once
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.issue_cert("127.0.0.1").configure_cert(context)
    options = Options(ca_file=str(tmp_path / "own.pem"))
    for tls in (authority.server(), context):
        with WireServer(sends(plain(b"ok")), tls=tls) as server:
            assert body_of(send(server.url, options=options)) == b"ok"


def test_the_authorities_of_the_machine_are_trusted_beside_the_public_ones(
    authority: Authority, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    here = ssl.get_default_verify_paths()
    none = here._replace(openssl_cafile=str(tmp_path / "none"), openssl_capath=str(tmp_path))
    found = here._replace(openssl_cafile=authority.file, openssl_capath="")
    with WireServer(sends(plain(b"ok")), tls=authority.server()) as server:
        monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: none)
        refused(send(server.url), "unknown")
        monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: found)
        assert body_of(send(server.url)) == b"ok"


def test_an_authority_without_a_key_identifier_is_taken_on_every_python() -> None:
    assert not make_context(Options()).verify_flags & ssl.VERIFY_X509_STRICT


def test_the_environment_names_no_authorities(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", authority.file)
    with WireServer(sends(plain(b"ok")), tls=authority.server()) as server:
        refused(send(server.url), "unknown")
