"""WebSockets: what is sent, what is taken and kept, what is no success, and that nothing is sent twice."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from smoke.app.options import RunOptions
from smoke.diagnostic import SmokeError
from smoke.model.exchange import Completeness
from smoke.model.run import Outcome, Run
from smoke.store import RunFolder
from tests.support.authority import TestAuthority
from tests.support.proxy import forwards
from tests.support.running import run_text
from tests.support.transport import plain
from tests.support.websockets import Talk, opened
from tests.support.wire_server import Script, WireServer

TOKEN = "tr0ub4dor-of-a-customer"


def scenario(rest: str, step: str = "") -> str:
    return f"name: a\nsecrets: [TOKEN]\nsteps:\n  - name: Live\n    websocket: {{url: /live, timeout: 5s, {rest}}}\n{step}"


def ran(folder: Path, script: Script, text: str) -> tuple[Run, str, WireServer]:
    with WireServer(script) as server:
        run = run_text(folder, server.url, text, environ={"TOKEN": TOKEN})
    (attempt,) = run.scenarios[0].steps[0].attempts
    response = attempt.exchanges[0].response
    kept = b"" if response is None else RunFolder.open(folder / "runs" / run.id).read(response.body)
    return run, kept.decode(), server


def test_messages_are_sent_taken_and_kept_with_secrets_masked(tmp_path: Path) -> None:
    heard: list[str] = []

    def talk(shop: Talk) -> None:
        for message in shop.hear():
            heard.append(message)
            if message.startswith("{"):
                shop.say("hello\nyou")
                shop.peer.send(bytes(shop.frames.ping(b"?")))
            elif message == "pong":
                shop.say(json.dumps({"type": "order", "id": "o-7", "token": TOKEN}))
                shop.say("never looked at")

    text = scenario(
        'send: ["just text", {subscribe: orders, auth: "{{ secrets.TOKEN }}"}], take_until: {$.type: order}',
        "    expect: {json: {'$[0]': \"hello\\nyou\", '$[1].id': o-7}}\n    capture: {order: '$[-1].id'}\n",
    )
    run, kept, _ = ran(tmp_path, opened(talk), text)
    assert run.outcome is Outcome.PASSED, run.scenarios[0].steps[0].message
    assert heard == [
        "just text",
        json.dumps({"subscribe": "orders", "auth": TOKEN}).replace(" ", ""),
        "pong",
    ]
    first, second = kept.splitlines()
    assert json.loads(first) == "hello\nyou"
    assert json.loads(second)["id"] == "o-7"
    everything = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"just text" in everything
    assert TOKEN.encode() not in everything
    (exchange,) = run.scenarios[0].steps[0].attempts[0].exchanges
    assert exchange.request.method == "WEBSOCKET"
    assert run.scenarios[0].steps[0].checked[0] == "WebSocket opened"
    assert exchange.response is not None
    assert exchange.response.completeness is Completeness.UNPROVEN


def test_what_came_as_bytes_is_masked_as_texts_are(tmp_path: Path) -> None:
    said = json.dumps({"token": TOKEN, "card": "4111 1111 1111 1111", "name": "Zoë"})

    def talk(shop: Talk) -> None:
        shop.say(b"\x93\xff" + said.encode())
        shop.peer.hold()

    run, kept, _ = ran(tmp_path, opened(talk), scenario(""))
    assert run.outcome is Outcome.PASSED
    came = json.loads(kept)["binary"].encode("utf-8", "surrogateescape")
    assert came.startswith(b'\x93\xff{"token": "[masked')
    assert b"411111******1111" in came
    assert TOKEN not in kept


def silent(shop: Talk) -> None:
    list(shop.hear())


def closes(shop: Talk) -> None:
    shop.say("{}")
    shop.close(1008, "not you")
    shop.peer.hold()


def cut(shop: Talk) -> None:
    next(shop.hear())  # what lies unread would reset the connection
    shop.say('{"n": 1}')


def masked(shop: Talk) -> None:
    shop.peer.send(b"\x81\x85abcd00000")  # a server's frames are never masked (RFC 6455, 5.1)
    shop.peer.hold()


def huge(shop: Talk) -> None:
    try:
        for _ in range(40):
            shop.peer.send(bytes(shop.frames.send_data("x" * 65536, fin=False)))
        shop.peer.hold()
    except OSError:
        pass


@pytest.mark.parametrize(
    ("talk", "rest", "words", "kept"),
    [
        (silent, "timeout: 1s", "1 s", ""),
        (closes, "take_messages: 2", "the server closed the WebSocket after 1 of 2 messages", '{}\n{"closed": [1008, "not you"]}\n'),
        (closes, "take_until: {$.n: 1}", "one message came, none as expected", '{}\n{"closed": [1008, "not you"]}\n'),
        (cut, "take_messages: 2", "cut the connection without closing", '{"n": 1}\n'),
        (masked, "", "break the rules of WebSocket", ""),
        (huge, "", "a message of more than", ""),
    ],
    ids=["silent", "closed early", "none like it", "cut", "masked frames", "a huge message"],
)  # fmt: skip
def test_what_is_no_success_is_told_and_what_came_is_kept(
    talk: Callable[[Talk], None], rest: str, words: str, kept: str, tmp_path: Path
) -> None:
    text = scenario("send: [{order: tea}], " + rest).replace("timeout: 5s, ", "" if "timeout" in rest else "timeout: 5s, ")  # fmt: skip
    retry = "    retry: {attempts: 3, wait: 0, on: [transport, 5xx]}\n"
    run, came, server = ran(tmp_path, opened(talk), text + retry)
    step = run.scenarios[0].steps[0]
    assert step.outcome is not Outcome.PASSED
    told = [step.message, *(each.message for each in step.attempts[0].mismatches)]
    assert any(words in each for each in told), told
    assert came == kept
    assert len(server.requests) == 1, "it may have ordered"


def test_what_is_no_websocket_is_an_answer_like_others(tmp_path: Path) -> None:
    text = scenario("", "    expect: {status: 403, json: {$.error: closed}}\n")
    answer = plain(
        b'{"error": "closed"}', b"Content-Type: application/json", status=b"403 Forbidden"
    )
    run, _, _ = ran(tmp_path, lambda peer: peer.send(answer), text)
    assert run.outcome is Outcome.PASSED
    run, _, _ = ran(tmp_path, lambda peer: peer.send(answer), scenario(""))
    assert run.outcome is Outcome.FAILED
    failing = plain(b"{}", status=b"500 Internal Server Error")
    again = scenario("", "    retry: {attempts: 3, wait: 0, on: [5xx]}\n")
    _, _, server = ran(tmp_path, lambda peer: peer.send(failing), again)
    assert len(server.requests) == 1, "it is no GET, which may be sent again"
    bad = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n"
    run, _, _ = ran(tmp_path, lambda peer: peer.send(bad), scenario(""))
    assert run.outcome is not Outcome.PASSED
    assert "Sec-WebSocket-Accept" in run.scenarios[0].steps[0].message


@pytest.mark.parametrize(
    "answer",
    [
        plain(b"<h1>Shop</h1>", b"Content-Type: text/html"),
        plain(b"", b"Location: /shop", status=b"302 Found"),
        plain(b"", status=b"206 Partial Content"),
    ],
    ids=["a page", "a redirect", "a part"],
)
def test_an_answer_that_opens_no_websocket_is_no_success(answer: bytes, tmp_path: Path) -> None:
    for number, rest in enumerate(("send: [hi]", "take_messages: 0", "take_until: {$.n: 1}")):
        (folder := tmp_path / str(number)).mkdir()
        run, _, _ = ran(folder, lambda peer: peer.send(answer), scenario(rest))
        step = run.scenarios[0].steps[0]
        assert step.outcome is Outcome.FAILED
        assert "expected 101" in step.message
        assert "the WebSocket was not opened" in step.message


def test_an_order_that_no_message_names_is_not_green_and_is_listed(tmp_path: Path) -> None:
    def talk(shop: Talk) -> None:
        next(shop.hear())
        shop.say('{"status": "queued"}')
        shop.peer.hold()

    order = "    places_order: {id: '$[0].id', remove: by hand}\n"
    run, _, _ = ran(tmp_path, opened(talk), scenario("send: [{order: tea}]", order))
    assert run.outcome is Outcome.FAILED
    assert run.scenarios[0].steps[0].message.startswith("places_order.id: ")
    assert len(run.orders_left_behind) == 1


def test_a_server_that_never_closes_is_not_waited_for_long(tmp_path: Path) -> None:
    """The step's own time is not spent on a word that nobody needs."""

    def talk(shop: Talk) -> None:
        list(shop.hear())
        shop.peer.hold()

    text = scenario("send: [one], take_messages: 0").replace("timeout: 5s", "timeout: 1h")
    run, kept, _ = ran(tmp_path, opened(talk), text)
    assert run.outcome is Outcome.PASSED
    assert kept == ""


def test_nothing_is_waited_for_and_all_was_heard(tmp_path: Path) -> None:
    heard: list[str] = []
    done = threading.Event()

    def talk(shop: Talk) -> None:
        heard.extend(shop.hear())
        shop.close()
        done.set()

    run, kept, _ = ran(tmp_path, opened(talk), scenario("send: [one, two], take_messages: 0"))
    assert run.outcome is Outcome.PASSED
    assert done.wait(5)
    assert heard == ["one", "two"]
    assert kept == '{"closed": [1000, ""]}\n'


def test_it_goes_the_way_of_all_requests(tmp_path: Path) -> None:
    """TLS by a company's authority, another address for the host, a tunnel through a proxy, HTTP/2 offered to others only."""
    authority = TestAuthority(tmp_path)
    heard: list[str] = []

    def talk(shop: Talk) -> None:
        heard.append(next(shop.hear()))
        shop.say("[1]")
        shop.peer.hold()

    with (
        WireServer(opened(talk), tls=authority.server("shop.example")) as shop,
        WireServer(forwards("", to=("127.0.0.1", shop.port))) as proxy,
    ):
        url = f"https://shop.example:{shop.port}"
        text = scenario("send: [hi]", "    expect: {json: {'$[0][0]': 1}}\n")
        text = text.replace("url: /live", f"url: 'wss://shop.example:{shop.port}/live'")
        here = (f"shop.example:{shop.port}:127.0.0.1",)
        given = RunOptions(ca_file=str(authority.file))
        ways = (
            replace(given, resolve=here),
            replace(given, proxy=f"http://127.0.0.1:{proxy.port}"),
            replace(given, resolve=here, http2=True),
        )
        for number, options in enumerate(ways):
            folder = tmp_path / str(number)
            folder.mkdir()
            run = run_text(folder, url, text, environ={"TOKEN": TOKEN}, options=options)
            assert run.outcome is Outcome.PASSED, run.scenarios[0].steps[0].message
        assert [request[:8] for request in proxy.requests] == [b"CONNECT "]
    assert heard == ["hi"] * 3


def test_a_package_that_is_not_there_is_named_before_anything_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "wsproto.frame_protocol", None)
    with WireServer(opened(silent)) as server, pytest.raises(SmokeError) as refused:
        run_text(tmp_path, server.url, scenario(""), environ={"TOKEN": TOKEN})
    assert server.requests == []
    (found,) = refused.value.diagnostics
    assert found.code == "websocket-missing"
    assert "python3 -m pip install" in found.message
