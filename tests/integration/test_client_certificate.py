"""A client's certificate: shown to the target's origin only, its password masked, and every fault of its files told first."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import pytest
import trustme

from smoke.app.late_teardown import as_asked
from smoke.app.options import RunOptions
from smoke.diagnostic import SmokeError
from smoke.model.exchange import ErrorKind
from smoke.model.run import Outcome
from smoke.transport import Options
from tests.support.authority import TestAuthority
from tests.support.running import run_text
from tests.support.transport import body_of, error_of, plain, send
from tests.support.wire_server import Peer, WireServer, sends

SCENARIO = "name: a\nsteps:\n  - {name: x, request: GET /x, expect: {status: 200}}\n"
PASSWORD = "a-pass-phrase-of-the-test"


@pytest.fixture
def authority(tmp_path: Path) -> TestAuthority:
    """With the files of a client: certificate, key, the same encrypted, both in one, and the key of somebody else."""
    made = TestAuthority(tmp_path)
    made.client(PASSWORD)
    (tmp_path / "client.pem").rename(tmp_path / "closed.pem")
    (tmp_path / "client.key").rename(tmp_path / "closed.key")
    made.client()
    other = made.ca.issue_cert("other@shop.example")
    (tmp_path / "other.key").write_bytes(other.private_key_pem.bytes())
    (tmp_path / "no.pem").write_text("no certificate")
    return made


def who_is_there(peer: Peer) -> None:
    """Answers with the name that the client's certificate is made out to."""
    assert isinstance(peer.sock, ssl.SSLSocket)
    shown: Any = peer.sock.getpeercert() or {}
    names = [value for _, value in shown.get("subjectAltName", ())]
    peer.send(plain(" ".join(names or ["nobody"]).encode()))


def test_it_is_shown_and_its_password_is_written_nowhere(
    authority: TestAuthority, tmp_path: Path
) -> None:
    options = RunOptions(
        ca_file=authority.file,
        client_cert=str(tmp_path / "closed.pem"),
        client_key=str(tmp_path / "closed.key"),
        client_key_password_env="KEY_PASSWORD",
    )
    scenario = SCENARIO.replace("200}", "200, text: client@shop.example}")
    with WireServer(who_is_there, tls=authority.server("127.0.0.1", clients=True)) as server:
        environ = {"KEY_PASSWORD": PASSWORD}
        run = run_text(tmp_path, server.url, scenario, options=options, environ=environ)
    assert run.outcome is Outcome.PASSED, run
    assert run.target.client_cert == str(tmp_path / "closed.pem")
    written = b"".join(p.read_bytes() for p in (tmp_path / "runs").rglob("*") if p.is_file())
    assert PASSWORD.encode() not in written
    again = as_asked(run, RunOptions())
    assert (again.client_cert, again.client_key) == (options.client_cert, options.client_key)
    assert again.client_key_password_env == "KEY_PASSWORD"
    assert as_asked(run, RunOptions(url="https://other.example")).client_cert == ""


def test_certificate_and_key_may_be_in_one_file(authority: TestAuthority, tmp_path: Path) -> None:
    options = Options(ca_file=authority.file, client_cert=str(tmp_path / "both.pem"))
    with WireServer(who_is_there, tls=authority.server("127.0.0.1", clients=True)) as server:
        assert body_of(send(server.url, options=options)) == b"client@shop.example"


def test_nobody_but_the_targets_origin_is_shown_it(
    authority: TestAuthority, tmp_path: Path
) -> None:
    tls = authority.server("127.0.0.1")
    tls.verify_mode = ssl.CERT_OPTIONAL
    authority.ca.configure_trust(tls)
    with WireServer(who_is_there, tls=tls) as shop, WireServer(who_is_there, tls=tls) as other:
        text = (
            "name: a\nsteps:\n"
            "  - {name: x, request: GET /x, expect: {text: client@shop.example}}\n"
            f'  - {{name: y, request: "GET {other.url}/y", expect: {{text: nobody}}}}\n'
        )
        options = RunOptions(
            ca_file=authority.file,
            client_cert=str(tmp_path / "both.pem"),
            allow_hosts=(other.url,),
        )
        run = run_text(tmp_path, shop.url, text, options=options)
    assert run.outcome is Outcome.PASSED


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_what_the_server_says_against_it_is_told(
    authority: TestAuthority, tmp_path: Path, version: ssl.TLSVersion
) -> None:
    stranger = trustme.CA().issue_cert("stranger@shop.example")
    (tmp_path / "stranger.pem").write_bytes(stranger.private_key_and_cert_chain_pem.bytes())
    tls = authority.server("127.0.0.1", clients=True)
    tls.maximum_version = version
    options = Options(ca_file=authority.file, client_cert=str(tmp_path / "stranger.pem"))
    with WireServer(sends(plain(b"ok")), tls=tls) as server:
        error = error_of(send(server.url, options=options))
    assert error.kind is ErrorKind.TLS
    assert (
        "refused the client certificate: it comes from an authority that it does not know"
        in error.message
    )


KEY = {"client_key_password_env": "KEY_PASSWORD"}
BAD: list[tuple[dict[str, str], str]] = [
    ({"client_cert": "gone.pem"}, "--client-cert: 'gone.pem' cannot be used: No such file"),
    ({"client_cert": "no.pem"}, "'no.pem' holds no certificate in PEM form"),
    ({"client_cert": "client.pem"}, "--client-key FILE names the file of its private key"),
    ({"client_cert": "client.pem", "client_key": "gone"}, "--client-key: 'gone' cannot be used"),
    ({"client_cert": "client.pem", "client_key": "no.pem"}, "'no.pem' holds no private key"),
    ({"client_cert": "client.pem", "client_key": "other.key"}, "is not that of the certificate"),
    ({"client_cert": "closed.pem", "client_key": "closed.key"}, "is encrypted"),
    ({"client_cert": "closed.pem", "client_key": "closed.key", **KEY}, "does not open"),
    ({"client_key": "client.key"}, "--client-key is the key of a --client-cert"),
    (KEY, "--client-key-password-env is for the key of a --client-cert"),
    ({"client_cert": "both.pem", "url": "http://shop.example"}, "is shown over https only"),
    ({"client_cert": "both.pem", "client_key_password_env": "KEY_PASSWORT"}, "did you mean"),
]


@pytest.mark.parametrize(("given", "words"), BAD, ids=[words for _, words in BAD])
def test_a_fault_of_its_files_is_told_before_anything_is_sent(
    given: dict[str, str],
    words: str,
    authority: TestAuthority,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    url = given.get("url", "https://shop.example")
    options = RunOptions(**{name: value for name, value in given.items() if name != "url"})  # type: ignore[arg-type]  # texts all
    with pytest.raises(SmokeError) as refused:
        run_text(tmp_path, url, SCENARIO, options=options, environ={"KEY_PASSWORD": "wrong-one"})
    (only,) = refused.value.diagnostics
    told = [only.message, only.label, *(note.message for note in only.notes)]
    assert words in " ".join(told)
    assert "wrong-one" not in " ".join(told)
    assert not (tmp_path / "runs").exists()
