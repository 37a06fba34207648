"""The `oauth` step: what leaves for the token endpoint (RFC 6749), what its answer must hold, and that nothing of it is written down."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from smoke.app.options import RunOptions
from smoke.app.running import run
from smoke.diagnostic import SmokeError
from smoke.model.run import Outcome, Run
from smoke.scenario.load import load_scenario
from tests.support.documents import ROOT, blocks_of
from tests.support.running import run_text
from tests.support.scripted import Shop, scripted

PAGE = ROOT / "docs" / "how-to" / "logins.md"
SECRET = "s3cr3t:with +and%20more"
TOKEN = "at-9f8e7d6c5b4a3210ffeeddcc"
REFRESH = "rt-0123456789abcdef01234567"
ANSWER = {
    "access_token": TOKEN,
    "token_type": "Bearer",
    "expires_in": 3600,
    "refresh_token": REFRESH,
}


@pytest.fixture
def shop() -> Iterator[Shop]:
    with scripted() as running:
        running.on("POST /oauth/token", body=ANSWER)
        running.on("GET /api/orders", body=[])
        yield running


def text(keys: str) -> str:
    return f"""
name: s
secrets: [CLIENT_SECRET]
steps:
  - name: Token
    oauth: {{token_url: /oauth/token, client_id: "a b", client_secret: "{{{{ secrets.CLIENT_SECRET }}}}"{keys}}}
    capture: {{token: $.access_token, refresh: $.refresh_token, lasts: $.expires_in}}
  - {{name: Orders, request: {{url: /api/orders, bearer: "{{{{ token }}}}"}}}}
  - name: Again
    oauth: {{token_url: /oauth/token, client_id: "a b", client_auth: body, refresh_token: "{{{{ refresh }}}}"}}
"""


def ran(folder: Path, shop: Shop, keys: str = "") -> Run:
    return run_text(folder, shop.url, text(keys), environ={"CLIENT_SECRET": SECRET})


def assert_nothing_leaked(folder: Path) -> None:
    for path in (folder / "runs").rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            for secret in (SECRET, TOKEN, REFRESH, "s3cr3t%3Awith+%2Band%2520more"):
                assert secret.encode() not in data, path.name


def test_a_token_is_asked_for_with_basic_and_refreshed(shop: Shop, tmp_path: Path) -> None:
    told = ran(tmp_path, shop, ', scope: "orders:read orders:write", audience: "https://api"')
    assert told.outcome is Outcome.PASSED
    first, orders, again = shop.seen
    # RFC 6749, 2.3.1: encoded as in a form before they are put together
    pair = base64.b64decode(first[2]["Authorization"].removeprefix("Basic "))
    assert pair == b"a+b:s3cr3t%3Awith+%2Band%2520more"
    assert first[2]["Content-Type"] == "application/x-www-form-urlencoded"
    assert parse_qsl(first[3].decode()) == [
        ("grant_type", "client_credentials"),
        ("scope", "orders:read orders:write"),
        ("audience", "https://api"),
    ]
    assert orders[2]["Authorization"] == f"Bearer {TOKEN}"
    assert "Authorization" not in again[2]
    assert parse_qsl(again[3].decode()) == [
        ("grant_type", "refresh_token"),
        ("refresh_token", REFRESH),
        ("client_id", "a b"),
    ]
    assert_nothing_leaked(tmp_path)


def test_the_secret_may_stand_in_the_body(shop: Shop, tmp_path: Path) -> None:
    assert ran(tmp_path, shop, ", client_auth: body").outcome is Outcome.PASSED
    assert "Authorization" not in shop.seen[0][2]
    assert parse_qsl(shop.seen[0][3].decode())[1:] == [
        ("client_id", "a b"),
        ("client_secret", SECRET),
    ]
    assert_nothing_leaked(tmp_path)


ANSWERS = {
    "an error of RFC 6749, 5.2": (401, {"error": "invalid_client"}, "401"),
    "no token": (200, {"token_type": "bearer"}, "no access_token"),
    "a list": (200, [1], "no access_token"),
    "another type": (200, {**ANSWER, "token_type": "mac"}, "not of the type bearer"),
    "no JSON": (200, b"<html>Sign in</html>", "no JSON"),
}


@pytest.mark.parametrize("case", ANSWERS)
def test_an_answer_without_a_token_fails_and_ends_the_scenario(
    case: str, shop: Shop, tmp_path: Path
) -> None:
    status, body, words = ANSWERS[case]
    shop.on("POST /oauth/token", status, body)
    told = ran(tmp_path, shop)
    assert told.outcome is Outcome.FAILED
    assert words in told.scenarios[0].steps[0].message
    assert shop.paths() == ["POST /oauth/token"]


FAULTS = {
    "token_url: /t, client_id: a": ("missing-key", None),
    "token_url: /t, client_id: a, client_secret: plain-text": ("bad-value", None),
    'token_url: /t, client_id: a, client_secrt: "{{ secrets.S }}"': (
        "unknown-key",
        "client_secret",
    ),
    'token_url: /t, client_id: a, client_auth: header, client_secret: "{{ secrets.S }}"': (
        "bad-value",
        None,
    ),
    'token_url: "ftp://x/t", client_id: a, client_secret: "{{ secrets.S }}"': ("bad-url", None),
    'token_url: /t, client_id: a, client_auth: basic, refresh_token: "{{ secrets.S }}"': (
        "bad-value",
        None,
    ),
    "token_url: /t, client_id: a, refresh_token: rt-1": ("bad-value", None),
}


@pytest.mark.parametrize("keys", FAULTS)
def test_faults_are_told_with_their_place(keys: str, tmp_path: Path) -> None:
    code, suggestion = FAULTS[keys]
    path = tmp_path / "s.yaml"
    path.write_text(f"name: s\nsecrets: [S]\nsteps:\n  - name: T\n    oauth: {{{keys}}}\n", "utf-8")
    with pytest.raises(SmokeError) as raised:
        load_scenario(path)
    told = {each.code: each for each in raised.value.diagnostics}
    assert told[code].suggestion == suggestion
    span = told[code].span
    assert span is not None
    assert span.line >= 4


def test_the_example_of_the_manual_does_what_it_says(shop: Shop, tmp_path: Path) -> None:
    (token,) = (b.text for b in blocks_of(PAGE) if "name: token" in b.text)
    token = token.replace("https://login.example", shop.url)
    (tmp_path / "token.yaml").write_text(token, "utf-8")
    step = 'steps: [{name: A, request: {url: /api/orders, bearer: "{{ token }}"}}]'
    paths = []
    for name in ("one", "two"):
        paths.append(str(tmp_path / f"{name}.yaml"))
        Path(paths[-1]).write_text(f"name: {name}\nneeds: token.yaml\n{step}\n", "utf-8")
    options = RunOptions(selectors=tuple(paths), url=shop.url, out=tmp_path / "runs", workers=4)
    told = run(options=options, environ={"SHOP_CLIENT_SECRET": SECRET})
    assert told.outcome is Outcome.PASSED
    assert shop.paths() == ["POST /oauth/token", "GET /api/orders", "GET /api/orders"]
    assert_nothing_leaked(tmp_path)
