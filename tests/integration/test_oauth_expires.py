"""`expires_in`: a token that ran out is asked for again before it is used, by the refresh token that was given last."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from smoke.app.options import RunOptions
from smoke.app.running import run
from smoke.model.run import Outcome, Run
from tests.support.scripted import Answer, Shop, scripted

SECRET = "s3cr3t-0f1e2d3c4b5a"
FIRST = "rt-first-0123456789abcdef"
TOKEN = """
name: token
secrets: [CLIENT_SECRET, REFRESH]
steps:
  - name: Token
    oauth: {token_url: /oauth/token, client_id: smoke, client_secret: "{{ secrets.CLIENT_SECRET }}"KEYS}
    capture: {token: $.access_token}
"""
ORDERS = """
name: NAME
needs: token.yaml
steps:
  - {name: One, request: {url: /one, bearer: "{{ token }}"}}
  - {name: Wait, pause: 1s}
  - {name: Open, request: /open}
  - {name: Two, request: {url: /two, bearer: "{{ token }}"}}
  - {name: Three, request: {url: /three, bearer: "{{ token }}"}}
"""


class TokenServer:
    """Gives tokens of these lifetimes, the last one for good; with each a refresh token that is good for one use."""

    def __init__(self, *lasts: object) -> None:
        self.lasts = list(lasts)
        self.forms: list[dict[str, list[str]]] = []
        self.refuses_from = 100

    def __call__(self, body: bytes) -> Answer:
        self.forms.append(parse_qs(body.decode()))
        number = len(self.forms)
        if number >= self.refuses_from:
            return 400, {}, b'{"error": "invalid_grant"}'
        lasts = self.lasts.pop(0) if len(self.lasts) > 1 else self.lasts[0]
        answer = {
            "access_token": f"at-{number:02}-9f8e7d6c5b4a3210",
            "token_type": "Bearer",
            "refresh_token": f"rt-{number:02}-0123456789abcdef",
        } | ({} if lasts is None else {"expires_in": lasts})
        return 200, {"Content-Type": "application/json"}, json.dumps(answer).encode()


@pytest.fixture
def shop() -> Iterator[Shop]:
    with scripted() as running:
        for name in ("one", "two", "three", "open"):
            running.on(f"GET /{name}", body={})
        yield running


def ran(
    folder: Path, shop: Shop, server: TokenServer, keys: str = "", *, orders: str = ORDERS
) -> Run:
    shop.routes["POST /oauth/token"] = server
    (folder / "token.yaml").write_text(TOKEN.replace("KEYS", keys), "utf-8")
    (folder / "s.yaml").write_text(orders.replace("NAME", "s"), "utf-8")
    options = RunOptions(selectors=(str(folder / "s.yaml"),), url=shop.url, out=folder / "runs")
    return run(options=options, environ={"CLIENT_SECRET": SECRET, "REFRESH": FIRST})


def test_a_token_that_ran_out_is_asked_for_before_it_is_used(shop: Shop, tmp_path: Path) -> None:
    told = ran(tmp_path, shop, TokenServer(1, 3600))
    assert told.outcome is Outcome.PASSED
    # what needs no token renews none
    assert shop.paths() == [
        "POST /oauth/token",
        "GET /one",
        "GET /open",
        "POST /oauth/token",
        "GET /two",
        "GET /three",
    ]
    sent = {path: headers.get("Authorization") for _, path, headers, _ in shop.seen}
    assert sent["/one"] == "Bearer at-01-9f8e7d6c5b4a3210"
    assert sent["/two"] == sent["/three"] == "Bearer at-02-9f8e7d6c5b4a3210"
    (token,) = (each for each in told.scenarios if each.name == "token")
    assert [each.id for each in token.steps] == ["Token", "Token~2"]
    assert all(
        len(step.attempts) == 1 for each in told.scenarios for step in each.steps if step.attempts
    )


@pytest.mark.parametrize("lasts", [3600, "3600", 10**12, None, "soon", True, [1]])
def test_a_token_that_is_good_still_is_not(lasts: object, shop: Shop, tmp_path: Path) -> None:
    told = ran(tmp_path, shop, TokenServer(lasts))
    assert told.outcome is Outcome.PASSED
    assert shop.paths().count("POST /oauth/token") == 1


def test_the_refresh_token_that_was_given_last_asks(shop: Shop, tmp_path: Path) -> None:
    server = TokenServer("1", 1, 3600)
    steps = '  - {name: Wait 2, pause: 1s}\n  - {name: Four, request: {url: /one, bearer: "{{ token }}"}}\n'
    keys = ', refresh_token: "{{ secrets.REFRESH }}"'
    told = ran(tmp_path, shop, server, keys, orders=ORDERS + steps)
    assert told.outcome is Outcome.PASSED
    assert [each["refresh_token"] for each in server.forms] == [
        [FIRST],
        ["rt-01-0123456789abcdef"],
        ["rt-02-0123456789abcdef"],
    ]
    for path in (tmp_path / "runs").rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            for secret in (SECRET, FIRST, b"rt-01-".decode(), "rt-02-", "at-01-", "at-02-"):
                assert secret.encode() not in data, path.name


def test_client_credentials_ask_as_they_are_written(shop: Shop, tmp_path: Path) -> None:
    server = TokenServer(1, 3600)
    ran(tmp_path, shop, server)
    assert [each["grant_type"] for each in server.forms] == [["client_credentials"]] * 2


def test_without_a_new_token_nothing_is_sent(shop: Shop, tmp_path: Path) -> None:
    server = TokenServer(1)
    server.refuses_from = 2
    told = ran(tmp_path, shop, server)
    assert told.outcome is Outcome.FAILED
    assert shop.paths() == ["POST /oauth/token", "GET /one", "GET /open", "POST /oauth/token"]
    (scenario,) = (each for each in told.scenarios if each.name == "s")
    two = next(step for step in scenario.steps if step.id == "Two")
    assert two.outcome is Outcome.ERRORED
    assert "there is no new one: 'token' did not pass" in two.message
