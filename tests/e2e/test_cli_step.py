"""`smoke run --step`: each request is shown before it leaves, and only what somebody says is sent."""

from __future__ import annotations

import json
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from smoke.model.exchange import Exchange
from smoke.model.run import ByHand, Outcome, Removal, Run
from smoke.store import resolve
from tests.support.cli import smoke
from tests.support.scripted import Answer, Shop, scripted
from tests.support.sitting import Sitting, at_a_terminal, let_go, ordering

pytestmark = at_a_terminal

SCENARIO = """\
name: order
secrets: [SHOP_TOKEN]
steps:
  - name: Log in
    request: {url: /login, json: {user: ann}}
    capture: {cart: $.cart}
  - name: Order
    request:
      url: /orders
      headers: {Authorization: "Bearer {{ secrets.SHOP_TOKEN }}", X-Note: one}
      json: {cart: "{{ cart }}", token: "{{ secrets.SHOP_TOKEN }}", sku: tea}
    capture: {order_id: $.id}
    places_order: {id: $.id}
    expect: {status: 201}
  - name: Look
    request: GET /orders/{{ order_id }}
teardown:
  - name: Cancel
    for_each: "{{ orders }}"
    request: "DELETE /orders/{{ item.id }}"
    removes_order: "{{ item.key }}"
"""
TOKEN = "shop-token-4711-abcdef"
ASKED = b"q quit\r\n> "
HOSTILE = "c-\x1b[2J\x1b]0;x\x07\u202e1"


@pytest.fixture
def shop() -> Iterator[Shop]:
    with scripted() as made:
        made.on("POST /login", body={"cart": "c-1"}, Set_Cookie="sid=s3cr3t-c00kie-77; Path=/")
        made.on("POST /orders", 201, {"id": "o-1"})
        made.on("GET /orders/o-1", body={"id": "o-1"})
        made.on("DELETE /orders/o-1", 204, b"")
        yield made


@pytest.fixture
def run(tmp_path: Path, shop: Shop) -> Iterator[Callable[..., Sitting]]:
    """Starts `smoke run order.yaml --step` at a terminal."""
    with ordering(tmp_path, SCENARIO, shop.url, "--step", SHOP_TOKEN=TOKEN) as start:
        yield start


def stored(folder: Path) -> Run:
    return resolve(folder / ".smoke/runs").run()


def sent(run: Run, step: str) -> Exchange:
    (found,) = (each for each in run.scenarios[0].steps if each.name == step)
    return found.attempts[-1].exchanges[-1]


def test_what_is_shown_once_and_let_go_is_sent_once_and_is_plain_green(
    run: Callable[..., Sitting], shop: Shop, tmp_path: Path
) -> None:
    at = run()
    at.until(b"POST " + shop.url.encode() + b"/login", ASKED)
    assert shop.paths() == []
    at.press(b"\n", ASKED)  # a bare Enter says nothing
    assert shop.paths() == []
    order = at.press(b"s\n", b"it places an order", b"X-Note: one", ASKED)
    assert shop.paths() == ["POST /login"]
    assert b"Bearer [masked" in order
    assert b'"sku":"tea"' in order.replace(b" ", b"")
    at.press(b"send\n", b"/orders/o-1", ASKED)
    at.press(b"s\n", b"of the teardown", ASKED)
    assert shop.paths() == ["POST /login", "POST /orders", "GET /orders/o-1"]
    at.press(b"s\n", b"passed")
    status, shown = at.ended()
    assert status == 0, shown
    assert shop.paths()[3:] == ["DELETE /orders/o-1"]
    assert TOKEN not in shown
    assert "s3cr3t" not in shown
    assert not stored(tmp_path).by_hand


def test_a_skipped_order_is_not_sent_stands_in_no_ledger_and_gives_no_verdict(
    run: Callable[..., Sitting], shop: Shop, tmp_path: Path
) -> None:
    at = run()
    at.until(ASKED)
    at.press(b"s\n", b"places an order", ASKED)
    at.press(b"k\n", b"it needs 'order_id' from 'Order', which was not sent")
    status, shown = at.ended()
    assert status == 3, shown
    assert shop.paths() == ["POST /login"]
    found = stored(tmp_path)
    assert found.orders == ()
    outcomes = [(each.outcome, each.by_hand) for each in found.scenarios[0].steps]
    assert outcomes[1] == (Outcome.SKIPPED, ByHand.SKIPPED)
    assert "'Order' was skipped by hand" in found.scenarios[0].message
    assert "'Order' was skipped by hand" in " ".join(shown.split())
    for words in (["history"], ["history", "--import", ".smoke/runs"]):
        assert found.id not in smoke(words, tmp_path).stdout


def test_quitting_after_the_order_removes_it_and_ends_as_an_interrupted_run(
    run: Callable[..., Sitting], shop: Shop, tmp_path: Path
) -> None:
    at = run()
    let_go(at, ASKED, 2)
    at.until(b"GET ", ASKED)
    at.press(b"q\n")
    status, shown = at.ended()
    assert status == 130, shown
    assert shop.paths() == ["POST /login", "POST /orders", "DELETE /orders/o-1"]
    found = stored(tmp_path)
    assert [order.removed for order in found.orders] == [Removal.YES]
    assert found.interrupted_by == "the person at the terminal"
    assert "SIGINT" not in shown


LOGIN = """\
name: login
steps:
  - {name: Sign in, request: POST /login, capture: {token: {json: $.token, secret: true}}}
"""
RENEWED = """\
name: order
needs: {file: login.yaml, renew_on: 401}
steps:
  - {name: Order, request: {method: POST, url: /orders, bearer: "{{ token }}"}, places_order: {id: $.id}}
  - {name: Look, request: {url: /look, bearer: "{{ token }}"}}
teardown:
  - name: Cancel
    for_each: "{{ orders }}"
    request: {method: DELETE, url: "/orders/{{ item.id }}", bearer: "{{ token }}"}
    removes_order: "{{ item.key }}"
"""


def test_a_teardown_behind_a_quit_may_log_in_again(
    run: Callable[..., Sitting], shop: Shop, tmp_path: Path
) -> None:
    tokens = iter(["token-aaaa-1111", "token-bbbb-2222"])
    statuses = iter([401, 200])
    shop.routes["POST /login"] = lambda _: (200, {}, json.dumps({"token": next(tokens)}).encode())
    shop.routes["DELETE /orders/o-1"] = lambda _: (next(statuses), {}, b"{}")
    (tmp_path / "login.yaml").write_text(LOGIN, encoding="utf-8")
    (tmp_path / "order.yaml").write_text(RENEWED, encoding="utf-8")
    at = run()
    at.until(ASKED)
    at.press(b"s\n", b"places an order", ASKED)
    at.press(b"s\n", b"/look", ASKED)
    at.press(b"q\n")
    status, shown = at.ended()
    assert status == 130, shown
    assert shop.paths()[2:] == ["DELETE /orders/o-1", "POST /login", "DELETE /orders/o-1"]
    assert stored(tmp_path).orders_left_behind == ()


@pytest.mark.parametrize("how", ["ctrl-c", "ctrl-d"])
def test_ctrl_c_and_ctrl_d_at_the_question_are_a_quit(
    how: str, run: Callable[..., Sitting], shop: Shop, tmp_path: Path
) -> None:
    at = run()
    at.until(ASKED)
    at.press(b"s\n", b"places an order", ASKED)
    if how == "ctrl-c":
        at.process.send_signal(signal.SIGINT)
    else:
        at.press(b"s\x04\x04")  # what was not sent off by Enter is no word
    status, shown = at.ended()
    assert status == 130, shown
    assert shop.paths() == ["POST /login"]
    assert stored(tmp_path).orders == ()


EDITOR = """\
import os, pathlib, sys
file = pathlib.Path(sys.argv[1])
text = file.read_text(encoding="utf-8")
seen = pathlib.Path("seen.txt")
seen.write_text(oct(file.stat().st_mode) + str(file) + "\\n" + text, encoding="utf-8")
for old, new in {changes!r}:
    assert old in text, text
    text = text.replace(old, new)
file.write_text(text, encoding="utf-8")
"""


def edited(at: Sitting, folder: Path, *changes: tuple[str, str]) -> None:
    """Edit the request that is asked about."""
    (folder / "editor.py").write_text(EDITOR.format(changes=changes), encoding="utf-8")
    at.press(b"e\n", ASKED)


def test_what_was_edited_is_what_is_sent_and_kept_and_its_secrets_were_never_in_the_file(
    run: Callable[..., Sitting], shop: Shop, tmp_path: Path
) -> None:
    at = run(VISUAL=f"{sys.executable} editor.py")
    at.until(ASKED)
    at.press(b"s\n", b"places an order", ASKED)
    edited(
        at,
        tmp_path,
        ('"tea"', '"coffee"'),
        ("X-Note: one", "X-Note: two"),
        ("/orders", "/orders?a=1"),
    )
    mode, seen = (tmp_path / "seen.txt").read_text(encoding="utf-8").split("/", 1)
    assert mode == "0o100600"
    assert not Path("/" + seen.partition("\n")[0]).exists()
    assert TOKEN not in seen
    assert "s3cr3t" not in seen
    assert b"edited by hand" in at.seen
    assert shop.paths() == ["POST /login"]
    at.press(b"s\n", b"GET ", ASKED)
    at.press(b"g\n")
    status, shown = at.ended()
    assert status == 3, shown
    _, path, headers, body = shop.seen[1]
    assert path == "/orders?a=1"
    assert json.loads(body) == {"cart": "c-1", "token": TOKEN, "sku": "coffee"}
    assert headers["Authorization"] == f"Bearer {TOKEN}"
    assert (headers["X-Note"], headers["Cookie"]) == ("two", "sid=s3cr3t-c00kie-77")
    found = stored(tmp_path)
    kept = sent(found, "Order").request
    assert kept.url.endswith("/orders?a=1")
    assert (b"X-Note", b"two") in kept.headers
    assert not any(TOKEN in file.read_text() for file in Path(found.folder).rglob("*.jsonl"))
    assert found.outcome is Outcome.ERRORED
    assert "'Order' was edited by hand" in found.scenarios[0].message


def test_a_secret_that_was_moved_is_masked_where_it_is_then(
    run: Callable[..., Sitting], shop: Shop, tmp_path: Path
) -> None:
    body = "sku: tea, password: hunter2-hunter2, cvv: '739', sum: 1739"
    (tmp_path / "order.yaml").write_text(SCENARIO.replace("sku: tea", body), encoding="utf-8")
    at = run(VISUAL=f"{sys.executable} editor.py")
    at.until(ASKED)
    at.press(b"s\n", b"places an order", ASKED)
    edited(at, tmp_path, ('"cvv":"{{ cvv }}"', '"when":"{{ cvv }}"'))
    assert b"it could be seen where it is now: cvv" in at.seen
    edited(
        at,
        tmp_path,
        ('"when":"{{ cvv }}"', '"cvv":"{{ cvv }}"'),
        ('"password"', '"note"'),
        ("Cookie: sid=", "X-Other: "),
    )
    at.press(b"g\n")
    status, shown = at.ended()
    assert status == 3, shown
    _, _, headers, data = shop.seen[1]
    assert (headers["X-Other"], json.loads(data)["note"]) == ("s3cr3t-c00kie-77", "hunter2-hunter2")
    kept = b"".join(each.read_bytes() for each in tmp_path.rglob(".smoke/**/*") if each.is_file())
    for word in ("s3cr3t-c00kie-77", "hunter2-hunter2"):
        assert word not in shown
        assert word.encode() not in kept


def test_a_request_that_was_edited_is_never_sent_again_blindly(
    run: Callable[..., Sitting], shop: Shop, tmp_path: Path
) -> None:
    text = SCENARIO.replace(
        "    expect: {status: 201}",
        "    retry: {attempts: 3, on: [5xx], wait: 0, idempotent: true}\n    expect: {status: 201}",
    )
    (tmp_path / "order.yaml").write_text(text, encoding="utf-8")
    shop.on("POST /orders", 503, {"error": "busy"})
    at = run(VISUAL=f"{sys.executable} editor.py")
    at.until(ASKED)
    at.press(b"s\n", b"places an order", ASKED)
    edited(at, tmp_path, ('"tea"', '"coffee"'))
    at.press(b"g\n")
    status, shown = at.ended()
    assert status == 1, shown
    assert shop.paths() == ["POST /login", "POST /orders"]


def test_an_edit_that_is_no_request_or_leaves_the_shop_is_told_and_kept_for_the_next_try(
    run: Callable[..., Sitting], shop: Shop, tmp_path: Path
) -> None:
    at = run(VISUAL=f"{sys.executable} editor.py")
    at.until(ASKED)
    for changes, told in (
        ((f"POST {shop.url}", "POST http://elsewhere.example"), b"neither the target nor allowed"),
        (("POST http://elsewhere.example", "POST"), b"not taken"),
        (("POST/login", f"POST {shop.url}/login\nno header"), b"a header is to be NAME: VALUE"),
        (("no header", "X-A: {{ nothing }}"), b"nothing is called"),
        (
            (f"POST {shop.url}/login\nX-A: {{{{ nothing }}}}", "POST http://[127/login"),
            b"no host can be read from the URL",
        ),
        (("[127/", "127.0.0.1\\@elsewhere/"), b"a backslash in it"),
        (("127.0.0.1\\", "ann:some-word"), b"a URL with credentials in it is not sent"),
    ):
        edited(at, tmp_path, changes)
        assert told in at.seen, at.seen.decode()
    at.press(b"q\n")
    assert at.ended()[0] == 130
    assert shop.paths() == []


WAITING = """\
import pathlib, signal, time
signal.signal(signal.SIGINT, lambda *_: None)
print("EDITING", flush=True)
while not pathlib.Path("close").exists():
    time.sleep(0.02)
"""


def test_ctrl_c_in_the_editor_is_the_editors_and_an_editor_that_fails_changes_nothing(
    run: Callable[..., Sitting], shop: Shop, tmp_path: Path
) -> None:
    (tmp_path / "editor.py").write_text(WAITING, encoding="utf-8")
    at = run(VISUAL="", EDITOR=f"{sys.executable} editor.py")
    at.until(ASKED)
    at.press(b"e\n", b"EDITING")
    at.process.send_signal(signal.SIGINT)
    (tmp_path / "close").touch()
    at.until(ASKED)
    (tmp_path / "editor.py").write_text("raise SystemExit(3)", encoding="utf-8")
    at.press(b"e\n", b"ended with status 3", ASKED)
    at.press(b"g\n")
    status, shown = at.ended()
    assert status == 0, shown
    assert len(shop.paths()) == 4


def test_a_narrow_terminal_without_colours_shows_hostile_text_and_nothing_acts_on_it(
    run: Callable[..., Sitting], shop: Shop
) -> None:
    shop.on("POST /login", body=json.dumps({"cart": HOSTILE}, ensure_ascii=False).encode())
    at = run(NO_COLOR="1", columns=40)
    at.until(ASKED)
    order = at.press(b"s\n", b"places an order", ASKED)
    assert b"\x1b" not in at.seen
    assert b"\x07" not in at.seen
    assert b"u202e" in order or b"\\u202e" in order
    at.press(b"q\n")
    assert at.ended()[0] == 130


def test_time_at_the_question_is_nobodys_deadline_and_one_scenario_goes_after_the_other(
    run: Callable[..., Sitting], shop: Shop
) -> None:
    at = run("--max-time", "2", "--workers", "4")
    at.until(b"one scenario after the other", ASKED)
    time.sleep(2.5)  # longer than the whole run may take
    at.press(b"s\n", ASKED)
    at.press(b"g\n")
    status, shown = at.ended()
    assert status == 0, shown


def test_a_removal_that_is_skipped_leaves_its_order_listed(
    run: Callable[..., Sitting], shop: Shop, tmp_path: Path
) -> None:
    at = run()
    let_go(at, ASKED, 3)
    at.until(b"of the teardown", ASKED)
    at.press(b"k\n")
    status, shown = at.ended()
    assert status == 3, shown
    (order,) = stored(tmp_path).orders_left_behind
    assert "skipped by hand" in order.removal_note
    assert "o-1" in shown.partition("NO VERDICT")[2]
    assert shop.paths()[-1] == "GET /orders/o-1"


def test_quitting_within_the_teardown_sends_the_rest_of_it_without_a_question(
    run: Callable[..., Sitting], shop: Shop, tmp_path: Path
) -> None:
    at = run()
    let_go(at, ASKED, 3)
    at.until(b"of the teardown", ASKED)
    at.press(b"q\n")
    status, shown = at.ended()
    assert status == 130, shown
    assert shop.paths()[3:] == ["DELETE /orders/o-1"]
    assert stored(tmp_path).orders_left_behind == ()


def test_a_poll_is_asked_about_once_and_its_answers_come_as_ever(
    run: Callable[..., Sitting], shop: Shop, tmp_path: Path
) -> None:
    states = iter(["new", "new", "paid"])

    def state(_: bytes) -> Answer:
        return 200, {"Content-Type": "application/json"}, json.dumps({"s": next(states)}).encode()

    shop.routes["GET /state"] = state
    (tmp_path / "order.yaml").write_text(
        "name: poll\nsteps:\n  - name: State\n    request: GET /state\n"
        "    until: {every: 0.05, deadline: 30}\n    expect: {json: {$.s: paid}}\n",
        encoding="utf-8",
    )
    at = run()
    at.until(ASKED)
    at.press(b"s\n")
    status, shown = at.ended()
    assert status == 0, shown
    assert shop.paths() == ["GET /state"] * 3
    assert shown.count("q quit") == 1


def test_steps_side_by_side_are_asked_about_in_turn_and_leave_at_once(
    run: Callable[..., Sitting], shop: Shop, tmp_path: Path
) -> None:
    both = threading.Barrier(2)

    def meeting(_: bytes) -> Answer:
        both.wait(timeout=30)
        return 200, {}, b"{}"

    shop.routes |= {"POST /a": meeting, "POST /b": meeting}
    (tmp_path / "order.yaml").write_text(
        "name: two\nsteps:\n  - name: Both\n    together:\n"
        "      - {name: A, request: POST /a}\n      - {name: B, request: POST /b}\n",
        encoding="utf-8",
    )
    at = run()
    at.until(ASKED)
    at.press(b"s\n", ASKED)
    assert shop.paths() == []
    at.press(b"s\n")
    status, shown = at.ended()
    assert status == 0, shown
    assert sorted(shop.paths()) == ["POST /a", "POST /b"]
    shop.seen.clear()
    shop.on("POST /a")
    shop.on("POST /b")
    again = run()
    again.until(ASKED)
    again.press(b"k\n", ASKED)
    again.press(b"s\n")
    status, shown = again.ended()
    assert status == 3, shown
    assert len(shop.paths()) == 1


SIDES = """\
name: order
needs: {file: login.yaml, renew_on: 401}
steps:
  - name: Both
    together:
      - name: Quick
        group: [{name: A, request: POST /a}, {name: C, request: POST /c}]
      - {name: B, request: {method: POST, url: /b, bearer: "{{ token }}"}, expect: {time: 0.3}}
"""


def test_time_at_the_question_is_no_time_that_the_shop_did_not_take(
    run: Callable[..., Sitting], shop: Shop, tmp_path: Path
) -> None:
    """The answer beside the question is as late as it is."""
    asked, answered = threading.Event(), threading.Event()

    def late(_: bytes) -> Answer:
        asked.wait(30)
        time.sleep(0.6)
        answered.set()
        return 200, {}, b"{}"

    shop.on("POST /a")
    shop.routes["POST /b"] = late
    shop.on("POST /c")
    shop.on("POST /login", body={"token": "token-aaaa-1111"})
    (tmp_path / "login.yaml").write_text(LOGIN, encoding="utf-8")
    (tmp_path / "order.yaml").write_text(SIDES, encoding="utf-8")
    at = run()
    let_go(at, ASKED, 3)
    at.until(b"/c", ASKED)
    asked.set()
    assert answered.wait(30)
    time.sleep(0.3)  # until the answer has come
    at.press(b"s\n")
    status, shown = at.ended()
    assert status == 1, shown
    assert "time: expected" in shown


def test_nobody_is_asked_two_questions_at_once(
    run: Callable[..., Sitting], shop: Shop, tmp_path: Path
) -> None:
    """A login that fails in one lane is looked at before the next request of another is asked about."""
    refused, waited = threading.Event(), threading.Event()
    logins: Iterator[Answer] = iter([(200, {}, b'{"token": "token-aaaa-1111"}'), (403, {}, b"{}")])

    def login(_: bytes) -> Answer:
        answer = next(logins)
        if answer[0] == 403:
            refused.set()
        return answer

    def late(_: bytes) -> Answer:
        refused.wait(30)
        time.sleep(1)  # until the login is looked at
        waited.set()
        return 200, {}, b"{}"

    shop.routes |= {"POST /login": login, "POST /a": late}
    shop.on("POST /b", 401, {})
    shop.on("POST /c")
    (tmp_path / "login.yaml").write_text(LOGIN, encoding="utf-8")
    (tmp_path / "order.yaml").write_text(SIDES, encoding="utf-8")
    at = run("--on-failure", "pause")
    let_go(at, ASKED, 4)
    at.until(b"Before the teardown of login", ASKED)
    assert waited.wait(30)
    time.sleep(0.5)  # until the other lane would ask
    at.press(b"r\n", b"/login", ASKED)
    assert b"/c\r\n" not in at.seen
    at.press(b"g\n", b"/c\r\n", ASKED)
    at.press(b"q\n")
    status, shown = at.ended()
    assert status == 130, shown


def test_where_nobody_is_nothing_is_sent(tmp_path: Path, shop: Shop) -> None:
    (tmp_path / "order.yaml").write_text(SCENARIO, encoding="utf-8")
    line = ["run", "order.yaml", "--url", shop.url]
    for words in (["--step"], ["--step", "--dry-run"]):
        done = smoke([*line, *words], tmp_path, env={"SHOP_TOKEN": TOKEN})
        assert done.returncode == 2, done.stdout + done.stderr
        assert "--step" in done.stderr
    assert shop.paths() == []
