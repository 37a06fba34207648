"""Calls from the shop to a receiver on the loopback: real sockets, callers that mean well and others."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import smoke
from smoke.app.options import RunOptions
from smoke.diagnostic import SmokeError
from smoke.model.call import CallAnswer
from smoke.model.run import Outcome, Run
from smoke.transport import receiver as limits
from smoke.transport.receiver import LoopbackReceiver
from tests.support.cli import command, environment
from tests.support.cli import smoke as cli
from tests.support.documents import ROOT, blocks_of
from tests.support.processes import with_signals
from tests.support.running import run_text
from tests.support.scripted import Answer, Shop, scripted

CARD = "4242424242424242"
PAGE = ROOT / "docs" / "how-to" / "webhooks.md"


def call(url: str, body: object = None, method: str = "POST", **headers: str) -> tuple[int, bytes]:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(url, data=data, headers=names, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


@pytest.fixture
def shop() -> Iterator[Shop]:
    with scripted() as running:
        yield running


def calling(shop: Shop, calls: Callable[[str], object]) -> None:
    """At `POST /order` the shop does `calls` with the callback's URL, behind its answer."""

    def order(body: bytes) -> Answer:
        url = json.loads(body)["callback"]
        threading.Thread(target=calls, args=(url,)).start()
        return 201, {}, b'{"id": "o-1"}'

    shop.routes["POST /order"] = order


SCENARIO = """
name: called
secrets: [TOLD]
steps:
  - name: Open
    receiver: {as: hook, answer: {status: 202, json: {told: "{{ secrets.TOLD }}"}, headers: {X-Kind: test}}}
  - name: Order
    request: {url: /order, json: {callback: "{{ hook }}"}}
  - name: Called
    listen: {at: "{{ hook }}", method: POST, path: /confirmed, within: WITHIN}
    expect: {json: {$.order: ORDER}, headers: {x-event: confirmed}}
    capture: {order: $.order, token: $.access_token, secret: {regex: 'mail": "([^"]+)', secret: true}}
  - name: Use
    request: GET /orders/{{ order }}?t={{ token }}&s={{ secret }}
"""


def ran(shop: Shop, folder: Path, within: str = "5s", order: str = "o-1", **options: int) -> Run:
    text = SCENARIO.replace("WITHIN", within).replace("ORDER", order)
    chosen = RunOptions(**options) if options else None  # type: ignore[arg-type]  # numbers, all of them
    return run_text(folder, shop.url, text, environ={"TOLD": "told-secret-1"}, options=chosen)


def kept(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in (folder / "runs").rglob("*") if path.is_file())


def test_what_the_shop_sent_is_judged_captured_and_kept_masked(shop: Shop, tmp_path: Path) -> None:
    answers: list[tuple[int, bytes]] = []
    body = {"order": "o-1", "access_token": "tok-1234567", "mail": "a-private-thing", "card": CARD}

    def calls(url: str) -> None:
        answers.append(call(f"{url}/other", body, Cookie="sid=c-123456"))
        answers.append(
            call(
                f"{url}/confirmed?n=1",
                body,
                X_Event="confirmed",
                Authorization="Bearer hunter2-hunter2",
            )
        )

    calling(shop, calls)
    shop.on("GET /orders/o-1", 200, {})
    run = ran(shop, tmp_path)
    assert run.outcome is Outcome.PASSED, [step.message for step in run.scenarios[0].steps]
    assert shop.seen[-1][1] == "/orders/o-1?t=tok-1234567&s=a-private-thing"
    assert answers == [(202, b'{"told":"told-secret-1"}')] * 2
    called = run.scenarios[0].steps[2]
    exchange = called.attempts[0].exchanges[0]
    assert (exchange.request.method, exchange.response and exchange.response.status) == (
        "POST",
        202,
    )
    assert exchange.request.url.endswith("/confirmed?n=1")
    assert exchange.received
    assert called.checked[0].startswith("received POST /")
    written = kept(tmp_path)
    assert b"424242******4242" in written
    for secret in (CARD, "tok-1234567", "a-private-thing", "hunter2", "told-secret-1"):
        assert secret.encode() not in written, secret


def test_one_that_is_not_as_expected_fails_with_its_place(shop: Shop, tmp_path: Path) -> None:
    body = {"order": "o-2", "access_token": "t", "mail": "m"}
    calling(shop, lambda url: call(f"{url}/confirmed", body, X_Event="confirmed"))
    run = ran(shop, tmp_path)
    step = run.scenarios[0].steps[2]
    assert step.outcome is Outcome.FAILED
    assert step.message == 'json.$.order: expected "o-1", got "o-2"'
    (mismatch,) = step.attempts[0].mismatches
    assert mismatch.line == 11
    assert b"o-2" in kept(tmp_path)


def test_what_came_is_shown_and_the_answer_of_ones_own_is_never_judged(
    shop: Shop, tmp_path: Path
) -> None:
    """A receiver that is down on purpose, and a call that is not as expected: told by what the shop sent."""
    calling(shop, lambda url: call(f"{url}/confirmed", {"order": "o-2", "text": "pay me"}))
    text = """
    name: down
    steps:
      - {name: Open, receiver: {as: hook, answer: {status: 500, json: {error: duplicate key value violates unique constraint "a"}}}}
      - {name: Order, request: {url: /order, json: {callback: "{{ hook }}"}}}
      - {name: Called, listen: {at: "{{ hook }}"}, expect: {json: {$.order: ORDER}}}
    """
    (tmp_path / "bad").mkdir()
    run = run_text(tmp_path, shop.url, text.replace("ORDER", "o-2"))
    assert run.outcome is Outcome.PASSED, [step.message for step in run.scenarios[0].steps]
    judged = smoke.judge(run.id, out=tmp_path / "runs")
    assert judged.run.outcome is Outcome.PASSED
    assert judged.changes == ()
    run = run_text(tmp_path / "bad", shop.url, text.replace("ORDER", "o-1"))
    told = cli(["show", "latest", "Called", "--out", "runs"], tmp_path / "bad").stdout
    assert 'expected "o-1", got "o-2"' in told
    assert "a call from the shop; the answer is smoke's" in told
    assert "pay me" in told
    body = cli(["show", "latest", "Called", "--body", "--out", "runs"], tmp_path / "bad").stdout
    assert json.loads(body) == {"order": "o-2", "text": "pay me"}


def test_when_none_comes_it_is_told_what_else_came(shop: Shop, tmp_path: Path) -> None:
    def calls(url: str) -> None:
        call(f"{url}/elsewhere", {})
        call(url.rpartition("/")[0] + "/guessed", {})
        call(f"{url}/confirmed", b"x", Content_Encoding="gzip")

    calling(shop, calls)
    step = ran(shop, tmp_path, within="1s").scenarios[0].steps[2]
    assert step.outcome is Outcome.FAILED
    assert step.message == "a POST to /confirmed did not come within 1 s; 1 other call came"
    assert {fact.label: fact.value for fact in step.facts} == {
        "other calls": "POST /elsewhere",
        "refused calls": "1: a content coding, which is not taken off\n1: not at the receiver's URL",
    }


def test_several_workers_have_a_port_each_and_all_are_free_afterwards(tmp_path: Path) -> None:
    urls: list[str] = []
    with scripted() as shop:

        def calls(url: str) -> None:
            urls.append(url)
            body = {"order": "o-1", "access_token": "t", "mail": "m"}
            call(f"{url}/confirmed", body, X_Event="confirmed")

        calling(shop, calls)
        shop.on("GET /orders/o-1", 200, {})
        texts = [
            SCENARIO.replace("WITHIN", "5s")
            .replace("ORDER", "o-1")
            .replace("called", f"called-{n}", 1)
            for n in range(4)
        ]
        run = run_text(
            tmp_path, shop.url, *texts, environ={"TOLD": "x-told"}, options=RunOptions(workers=4)
        )
    assert run.outcome is Outcome.PASSED, [s.steps for s in run.scenarios]
    assert len({url.split("/")[2] for url in urls}) == 4
    assert not [url for url in urls if is_open(url)]
    assert not [each for each in threading.enumerate() if each.name == "smoke receiver"]


def is_open(url: str) -> bool:
    host, _, port = url.split("/")[2].partition(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) == 0


def test_an_interruption_ends_the_wait_and_frees_the_port(shop: Shop, tmp_path: Path) -> None:
    """As `--max-time` and Ctrl-C do: there is no verdict, and the port is free."""
    urls: list[str] = []
    calling(shop, urls.append)
    run = ran(shop, tmp_path, within="60s", max_time=1)
    step = run.scenarios[0].steps[2]
    assert (step.outcome, step.message) == (
        Outcome.ERRORED,
        "the time for the run (--max-time) is used up",
    )
    assert not is_open(urls[0])


@with_signals
def test_ctrl_c_ends_the_wait_and_the_port_is_free_while_the_teardown_ran(
    shop: Shop, tmp_path: Path
) -> None:
    urls: list[str] = []
    came = threading.Event()

    def order(body: bytes) -> Answer:
        urls.append(json.loads(body)["callback"])
        came.set()
        return 201, {}, b"{}"

    shop.routes["POST /order"] = order
    shop.on("POST /cancel", 200, {})
    text = SCENARIO.replace("WITHIN", "60s").replace("ORDER", "o-1")
    text += "teardown:\n  - {name: Cancel, request: POST /cancel}\n"
    (tmp_path / "it.yaml").write_text(text)
    process = subprocess.Popen(
        command("run", "it.yaml", "--url", shop.url),
        cwd=tmp_path,
        env=environment({"TOLD": "told-secret-1"}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    assert came.wait(30)
    assert is_open(urls[0])
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 130
    assert shop.paths() == ["POST /order", "POST /cancel"]
    assert not is_open(urls[0])


def test_a_port_of_ones_own_takes_every_path_and_one_in_use_is_told(
    shop: Shop, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        text = f"""
        name: fixed
        steps:
          - {{name: Open, receiver: {{as: hook, port: {port}}}}}
          - {{name: Order, request: {{url: /order, json: {{callback: "{{{{ hook }}}}"}}}}}}
          - {{name: Called, listen: {{at: "{{{{ hook }}}}", path: /any/where}}}}
        """
        step = run_text(tmp_path, shop.url, text).scenarios[0].steps[0]
        assert step.outcome is Outcome.ERRORED
        assert f"nothing can be received at 127.0.0.1:{port}: " in step.message
    calling(shop, lambda url: call(f"{url}/any/where", {}))
    again = tmp_path / "again"
    again.mkdir()
    run = run_text(again, shop.url, text)
    assert run.outcome is Outcome.PASSED, run.scenarios[0].steps[-1].message


# hostile callers


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackReceiver]:
    monkeypatch.setattr(limits, "PATIENCE", 1.0)
    opened = LoopbackReceiver(CallAnswer(), port=0, token="t0", now=lambda: "")
    yield opened
    opened.close()


def raw(receiver: LoopbackReceiver, data: bytes) -> bytes:
    """The first line that comes back; empty when it is hung up."""
    host, _, port = receiver.url.split("/")[2].partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        try:
            connection.sendall(data)
            return connection.makefile("rb").readline().strip()
        except OSError:
            return b""


HEAD = b"POST /t0/x HTTP/1.1\r\nHost: x\r\n"
HOSTILE = [
    (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 20 + b"\r\n\r\n", b"400"),
    (b"nonsense\r\n\r\n", b"400"),
    (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}", b"404"),
    (b"POST /t0x HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}", b"404"),
    (b"POST /t0/x HTTP/1.1\r\nContent-Length: 0\r\n\r\n", b"400"),  # HTTP/1.1 without Host
    (HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", b"400"),
    (HEAD + b"Content-Length: 99999999999999999999\r\n\r\n", b"413"),
    (HEAD + b"Transfer-Encoding: chunked\r\n\r\n100001\r\n" + b"x" * 0x100001 + b"\r\n", b"413"),
    (HEAD + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}", b"415"),
    (HEAD + b"X: " + b"y" * 20_000 + b"\r\n\r\n", b"431"),
    (HEAD + b"X: " + b" " * 8_000 + b"y\x00\r\n\r\n", b"400"),
    (HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\nX:" + b" " * 8_000 + b"\x00\r\n\r\n", b"400"),
    (HEAD + b"Content-Length: 10\r\n\r\n{}", b"408"),  # the rest never comes
    (HEAD, b"408"),
    (b"", b"408"),
]


def test_whoever_calls_is_bounded_and_the_shop_is_heard_all_the_same(
    receiver: LoopbackReceiver,
) -> None:
    with ThreadPoolExecutor(len(HOSTILE)) as pool:
        found = list(pool.map(lambda case: raw(receiver, case[0]), HOSTILE))
    assert [line.split(b" ")[1:2] for line in found] == [[status] for _, status in HOSTILE]
    assert call(f"{receiver.url}/x", {"order": "o-1"})[0] == 200
    taken = receiver.take(lambda each: True, 5)
    assert taken is not None
    assert (taken.path, taken.request.body) == ("/x", b'{"order": "o-1"}')
    assert receiver.waiting == ()
    assert sum(receiver.refused.values()) == len(HOSTILE)


def test_calls_and_connections_are_limited_in_number(receiver: LoopbackReceiver) -> None:
    host, _, port = receiver.url.split("/")[2].partition(":")
    held = [socket.create_connection((host, int(port))) for _ in range(limits.MOST_AT_ONCE)]
    assert raw(receiver, HEAD + b"Content-Length: 0\r\n\r\n") == b""
    for connection in held:
        connection.close()
    while not raw(receiver, HEAD + b"Content-Length: 0\r\n\r\n"):
        pass  # it has not seen yet that they are gone
    statuses = [call(f"{receiver.url}/x", {})[0] for _ in range(limits.MOST_CALLS)]
    assert statuses[-1] == 503
    assert statuses.count(200) == limits.MOST_CALLS - 1


def test_a_caller_that_waits_to_be_asked_for_its_body_and_one_that_asks_for_a_head(
    receiver: LoopbackReceiver,
) -> None:
    assert raw(receiver, HEAD + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n").startswith(
        b"HTTP/1.1 100"
    )
    assert raw(receiver, HEAD.replace(b"POST", b"HEAD") + b"\r\n").startswith(b"HTTP/1.1 200")


WRONG = [
    ("receiver: {as: 1hook}", 'listen: {at: "{{ hook }}"}', "'1hook' is no name"),
    ("receiver: {as: env}", 'listen: {at: "{{ hook }}"}', "has a meaning of its own"),
    ("receiver: {name: hook}", 'listen: {at: "{{ hook }}"}', "no key 'name'"),
    ("receiver: {as: hook, port: 80}", 'listen: {at: "{{ hook }}"}', "port"),
    ("receiver: {as: hook, answer: {status: 99}}", 'listen: {at: "{{ hook }}"}', "status"),
    ("receiver: {as: hook, answer: {json: 1, text: x}}", 'listen: {at: "{{ hook }}"}', "one body"),
    (
        "receiver: {as: hook, answer: {status: 204, text: x}}",
        'listen: {at: "{{ hook }}"}',
        "has no body",
    ),
    (
        "receiver: {as: hook, answer: {headers: {Connection: x}}}",
        'listen: {at: "{{ hook }}"}',
        "by smoke",
    ),
    ("receiver: {as: hook}", 'listen: {at: "{{ hok }}"}', "did you mean 'hook'?"),
    ("receiver: {as: hook}", "listen: {at: hook}", "at names a receiver"),
    ("receiver: {as: hook}", 'listen: {at: "{{ hook }}/x"}', "the path goes into `path: /x`"),
    ("receiver: {as: hook}", 'listen: {at: "{{ hook }}", path: x}', "a path begins with /"),
    ("receiver: {as: hook}", 'listen: {at: "{{ hook }}", method: "A B"}', "a method is one word"),
    ("receiver: {as: hook}", 'listen: {at: "{{ hook }}", within: 0s}', "above zero"),
    ("receiver: {as: hook}", 'listen: {at: "{{ hook }}", witin: 1s}', "did you mean 'within'?"),
    (
        "receiver: {as: hook}",
        'listen: {at: "{{ hook }}"}\n    expect: {status: 200}',
        "of an answer",
    ),
    (
        "receiver: {as: hook}",
        'listen: {at: "{{ hook }}"}\n    capture: {c: {cookie: s}}',
        "of an answer",
    ),
    (
        "receiver: {as: hook}",
        'listen: {at: "{{ hook }}"}\n    until: {every: 1s}',
        "a step that sends a request",
    ),
    (
        "receiver: {as: hook}",
        'listen: {at: "{{ hook }}"}\n    expect: {json: {$.a: {mathces: x}}}',
        "matches",
    ),
]


@pytest.mark.parametrize(("opens", "waits", "words"), WRONG)
def test_a_mistake_is_told_with_its_place_and_nothing_is_sent(
    opens: str, waits: str, words: str, shop: Shop, tmp_path: Path
) -> None:
    text = f"""\
name: wrong
steps:
  - name: Open
    {opens}
  - name: Order
    request: {{url: /order, json: {{}}}}
  - name: Called
    {waits}
"""
    path = tmp_path / "scenario-0.yaml"
    path.write_text(text)
    found = told(path)
    assert any(words in each for each in found), found
    if "mathces" not in waits:  # that one is a warning
        with pytest.raises(SmokeError):
            run_text(tmp_path, shop.url, text)
        assert shop.paths() == []


def told(path: Path) -> list[str]:
    """The line, the message and the label of all that is said of a scenario."""
    from smoke.scenario.load import load_scenario

    try:
        found = load_scenario(path).warnings
    except SmokeError as error:
        found = error.diagnostics
    assert all(each.span is not None and each.span.line >= 4 for each in found)
    return [f"{each.message} {each.label}" for each in found]


def test_the_scenario_of_the_manual_does_what_it_says(shop: Shop, tmp_path: Path) -> None:
    def order(body: bytes) -> Answer:
        url = json.loads(body)["callback"]
        sent = {"order": {"id": "o-1", "status": "confirmed"}, "ticket": "t-1"}
        threading.Thread(
            target=call, args=(url, sent), kwargs={"X_Signature": "sha256=abc"}
        ).start()
        return 201, {}, b'{"id": "o-1"}'

    shop.routes["POST /api/shop"] = order
    text = next(b.text for b in blocks_of(PAGE) if "name: order-is-confirmed" in b.text)
    run = run_text(tmp_path, shop.url, text)
    assert run.outcome is Outcome.PASSED, run.scenarios[0].steps[-1].message
