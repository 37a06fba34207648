"""Proxies that speak TLS, that want a password, that are left out for some hosts; what fails at one is told as its own."""

from __future__ import annotations

import base64
import re
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from msgspec.structs import replace

from smoke.app.late_teardown import as_asked
from smoke.app.options import RunOptions
from smoke.diagnostic import SmokeError
from smoke.model.exchange import Delivery, ErrorKind
from smoke.model.run import Outcome
from smoke.transport import Options
from smoke.transport.exempt import read_exempt
from tests.support.authority import TestAuthority
from tests.support.proxy import forwards
from tests.support.running import run_text
from tests.support.scripted import Shop, scripted
from tests.support.transport import body_of, error_of, plain, send
from tests.support.wire_server import Peer, WireServer, sends

SCENARIO = "name: a\nsteps:\n  - {name: x, request: GET /x, expect: {status: 200}}\n"
PASSWORD = "pr0xy-p@ss/word"


@pytest.fixture
def authority(tmp_path: Path) -> TestAuthority:
    return TestAuthority(tmp_path)


@pytest.fixture
def shop() -> Iterator[Shop]:
    with scripted() as running:
        running.on("GET /x", body={})
        yield running


def written(folder: Path) -> bytes:
    return b"".join(p.read_bytes() for p in (folder / "runs").rglob("*") if p.is_file())


@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
def test_https_goes_through_a_proxy_that_speaks_tls(
    authority: TestAuthority, *, secure: bool
) -> None:
    """TLS within TLS: a body larger than any buffer goes both ways, whole."""
    body = bytes(range(256)) * 4_096

    def echo(peer: Peer) -> None:
        peer.send(plain(peer.request.partition(b"\r\n\r\n")[2]))

    tls = authority.server("127.0.0.1") if secure else None
    with (
        WireServer(echo, tls=tls) as server,
        WireServer(forwards("ann:secret"), tls=authority.server("127.0.0.1")) as proxy,
    ):
        options = Options(
            ca_file=authority.file,
            proxy=proxy.url.replace("://", "://ann@"),
            proxy_password="secret",
        )
        exchange = send(server.url, method="POST", body=body, options=options)
    assert exchange.error is None
    assert body_of(exchange) == body
    assert (exchange.certificate_until is not None) is secure  # the server's, not the proxy's
    assert len(proxy.requests) == len(server.requests) == 1
    assert (proxy.requests[0].startswith(b"CONNECT ")) is secure
    assert b"Proxy-Authorization" not in server.requests[0]


def test_a_cut_within_tls_within_tls_is_a_cut(authority: TestAuthority) -> None:
    def script(peer: Peer) -> None:
        peer.send(b"HTTP/1.1 500 Oops\r\n\r\nhalf of it")

    tls = authority.server("127.0.0.1")
    with WireServer(script, tls=tls) as server, WireServer(forwards(), tls=tls) as proxy:
        exchange = send(server.url, options=Options(ca_file=authority.file, proxy=proxy.url))
    assert error_of(exchange).kind is ErrorKind.TRUNCATED
    assert body_of(exchange) == b"half of it"


def test_a_tls_fault_of_the_proxy_is_the_proxys(authority: TestAuthority) -> None:
    stranger = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(stranger)
    with WireServer(forwards(), tls=stranger) as proxy:
        exchange = send(
            "https://shop.example/", options=Options(ca_file=authority.file, proxy=proxy.url)
        )
    error = error_of(exchange)
    assert (error.kind, error.delivery) == (ErrorKind.TLS, Delivery.NOT_SENT)
    assert error.message.startswith("the proxy is not reached: the certificate of 127.0.0.1")


def test_a_proxy_that_closes_or_is_silent_is_named() -> None:
    for script, words in ((sends(b"", reset=True), "the proxy"), (Peer.hold, "in time")):
        with WireServer(script) as proxy:
            options = Options(proxy=proxy.url, connect_timeout=0.5)
            error = error_of(send("https://shop.example/", options=options))
        assert error.delivery is Delivery.NOT_SENT
        assert words in error.message
        assert f"127.0.0.1:{proxy.port}" in error.message


def test_the_password_comes_from_the_environment_and_is_written_nowhere(
    shop: Shop, tmp_path: Path
) -> None:
    def echoes(peer: Peer) -> None:
        peer.send(plain(peer.request))

    credentials = f"ann:{PASSWORD}"
    with WireServer(forwards(credentials)) as proxy, WireServer(echoes) as chatty:
        options = RunOptions(
            proxy=proxy.url.replace("://", "://ann@"), proxy_password_env="PROXY_PASSWORD"
        )
        environ = {"PROXY_PASSWORD": PASSWORD}
        text = SCENARIO + f'  - {{name: y, request: "GET {chatty.url}/y"}}\n'
        options = replace(options, allow_hosts=(chatty.url,))
        run = run_text(tmp_path, shop.url, text, options=options, environ=environ)
    assert run.outcome is Outcome.PASSED
    assert len(proxy.requests) == 2
    kept = written(tmp_path)
    token = base64.b64encode(credentials.encode())
    assert token in proxy.requests[0]
    assert token not in kept
    assert PASSWORD.encode() not in kept
    again = as_asked(run, RunOptions())
    assert (again.proxy, again.proxy_password_env) == (options.proxy, "PROXY_PASSWORD")


def test_a_password_in_the_url_is_written_nowhere_either(shop: Shop, tmp_path: Path) -> None:
    def echoes(peer: Peer) -> None:
        peer.send(plain(peer.request))

    with WireServer(echoes) as proxy:
        url = proxy.url.replace("://", "://ann:gh45secret@")
        run = run_text(tmp_path, "http://shop.example", SCENARIO, options=RunOptions(proxy=url))
    assert run.target.proxy == proxy.url
    kept = written(tmp_path)
    assert b"gh45secret" not in kept
    assert base64.b64encode(b"ann:gh45secret") not in kept
    assert run.asked is not None
    assert "--proxy" in run.asked.left_out


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_wants_a_password_is_named_and_is_no_verdict(
    scheme: str, tmp_path: Path
) -> None:
    with WireServer(forwards("ann:secret")) as proxy:
        options = RunOptions(proxy=proxy.url)
        run = run_text(tmp_path, f"{scheme}://shop.example", SCENARIO, options=options)
    (exchange,) = run.scenarios[0].steps[0].attempts[0].exchanges
    assert run.outcome is Outcome.ERRORED
    assert exchange.error is not None
    assert f"the proxy 127.0.0.1:{proxy.port}" in exchange.error.message
    assert "407" in exchange.error.message
    assert "--proxy-password-env NAME" in exchange.error.message
    assert b"who are you?" in written(tmp_path)


def test_hosts_that_are_exempt_are_reached_without_it(shop: Shop, tmp_path: Path) -> None:
    with WireServer(forwards()) as proxy, scripted() as other:
        other.on("GET /y", body={})
        text = SCENARIO + f'  - {{name: y, request: "GET {other.url}/y"}}\n'
        port = shop.url.rpartition(":")[2]
        options = RunOptions(
            proxy=proxy.url, no_proxy=(f"127.0.0.1:{port}, .internal",), allow_hosts=(other.url,)
        )
        assert run_text(tmp_path, shop.url, text, options=options).outcome is Outcome.PASSED
    (only,) = proxy.requests
    assert only.startswith(f"GET {other.url}/y ".encode())


COVERED: list[tuple[str, str, int, bool]] = [
    ("shop.example", "shop.example", 443, True),
    ("shop.example", "api.shop.example", 443, True),
    ("shop.example", "myshop.example", 443, False),
    ("SHOP.example.", "shop.EXAMPLE", 443, True),
    (".shop.example", "shop.example", 443, False),
    ("*.shop.example", "api.shop.example", 443, True),
    ("*.shop.example", "shop.example", 443, False),
    ("shop.example:8443", "shop.example", 8443, True),
    ("shop.example:8443", "shop.example", 443, False),
    ("10.0.0.0/8", "10.1.2.3", 80, True),
    ("10.0.0.0/8", "11.1.2.3", 80, False),
    ("10.0.0.0/8", "ten.example", 80, False),
    ("10.0.0.7", "10.0.0.7", 80, True),
    ("10.0.0.7:81", "10.0.0.7", 80, False),
    ("::1", "::1", 80, True),
    ("[::1]:8080", "::1", 8080, True),
    ("[::1]:8080", "::1", 80, False),
    ("fd00::/8", "fd12::1", 80, True),
    ("fd00::/8", "10.0.0.1", 80, False),
    ("*", "anything", 80, True),
    ("*:80", "anything", 81, False),
    ("a.example, 10.0.0.0/8 b.example", "b.example", 80, True),
    ("localhost", "localhost", 80, True),
]


@pytest.mark.parametrize(("rules", "host", "port", "covered"), COVERED)
def test_the_rules_of_no_proxy(rules: str, host: str, port: int, *, covered: bool) -> None:
    assert any(rule.covers(host, port) for rule in read_exempt((rules,))) is covered


BAD: list[tuple[dict[str, Any], str]] = [
    ({"proxy": "htps://proxy"}, "did you mean 'https://'?"),
    ({"proxy": "https://proxy/path"}, "is not the http:// or https:// URL of a host"),
    ({"proxy": "proxy.example:3128"}, "a proxy is named as http://host:port"),
    ({"proxy_password_env": "PW"}, "is for the user of a --proxy, and none is given"),
    ({"proxy": "http://proxy", "proxy_password_env": "PW"}, "the proxy's URL names no user"),
    ({"proxy": "http://a:b@proxy", "proxy_password_env": "PW"}, "has a password already"),
    ({"proxy": "http://a@proxy", "proxy_password_env": "PVV"}, "the environment has no PVV"),
    ({"proxy": "http://p", "no_proxy": ("http://shop.example/x",)}, "did you mean 'shop.example'?"),
    ({"proxy": "http://p", "no_proxy": ("10.0.0.1/8",)}, "did you mean '10.0.0.0/8'?"),
    ({"proxy": "http://p", "no_proxy": ("*shop.example",)}, "below a domain: .shop.example"),
]


@pytest.mark.parametrize(("given", "words"), BAD, ids=[words for _, words in BAD])
def test_what_is_no_proxy_is_told_before_anything_is_sent(
    given: dict[str, Any], words: str, tmp_path: Path
) -> None:
    with pytest.raises(SmokeError) as refused:
        run_text(
            tmp_path,
            "https://shop.example",
            SCENARIO,
            options=RunOptions(**given),
            environ={"PW": "gh45secret"},
        )
    (only,) = refused.value.diagnostics
    told = " ".join([only.message, only.label, *(note.message for note in only.notes)])
    assert words in told
    assert "gh45secret" not in told
    assert not (tmp_path / "runs").exists()


def test_a_targets_file_holds_no_password_of_a_proxy(tmp_path: Path) -> None:
    path = tmp_path / "targets.yaml"
    path.write_text(
        "targets:\n  t:\n    url: http://shop.example\n    proxy: http://ann:gh45secret@proxy:3128\n"
    )
    with pytest.raises(SmokeError) as refused:
        run_text(tmp_path, "", SCENARIO, options=RunOptions(target="t", targets_file=path))
    (only,) = refused.value.diagnostics
    assert only.span is not None
    assert only.span.line == 4
    assert "proxy_password_env names the variable" in only.message
    assert not re.search("gh45secret", str(only))


def test_a_target_has_its_proxy_and_a_teardown_asks_the_target_again(
    shop: Shop, tmp_path: Path
) -> None:
    path = tmp_path / "targets.yaml"
    with WireServer(forwards(f"ann:{PASSWORD}")) as proxy:
        url = proxy.url.replace("://", "://ann@")
        path.write_text(
            f"targets:\n  t: {{url: '{shop.url}', proxy: '{url}', proxy_password_env: PW}}\n"
        )
        options = RunOptions(target="t", targets_file=path)
        run = run_text(tmp_path, "", SCENARIO, options=options, environ={"PW": PASSWORD})
    assert run.outcome is Outcome.PASSED
    assert len(proxy.requests) == 1
    assert run.target.proxy == proxy.url
    assert as_asked(run, RunOptions()).proxy == ""
