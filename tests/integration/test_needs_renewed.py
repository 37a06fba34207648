"""`renew_on`: a login that runs out in the middle is carried out again, once for all, and nothing is ordered twice."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from smoke.app.options import RunOptions
from smoke.app.running import run
from smoke.diagnostic import SmokeError
from smoke.model.events import OrderIntended, OrderSettled
from smoke.model.run import OrderState, Outcome, Run, StepResult
from smoke.scenario.load import load_scenario
from smoke.store import RunFolder
from tests.integration.test_receivers import call
from tests.support.session_shop import PASSWORD, Asked, SessionShop, http
from tests.support.wire_server import WireServer

LOGIN = """
name: login
secrets: [SHOP_PASSWORD]
steps:
  - name: Sign in
    request: {url: /login, json: {password: "{{ secrets.SHOP_PASSWORD }}"}}
    capture: {token: {json: $.token, secret: true}}
teardown:
  - {name: Sign out, request: {method: POST, url: /logout, bearer: "{{ token }}"}}
"""
ORDER = """
name: NAME
needs: {file: login.yaml, renew_on: RENEW_ON}
steps:
  - {name: Look, request: {url: /look, bearer: "{{ token }}"}}
  - name: Order
    request:
      url: /orders
      bearer: "{{ token }}"
      multipart: {email: "{{ fake.email }}", id: "{{ fake.uuid }}", at: "{{ now }}"}
      KEY
    places_order: {id: $.id}
  - {name: Look again, request: {url: /look, bearer: "{{ token }}"}}
"""
KEYED = "idempotency_key: true"


@pytest.fixture
def shop() -> SessionShop:
    """One whose sessions are over when the first order comes."""
    return SessionShop()


@pytest.fixture
def url(shop: SessionShop) -> Iterator[str]:
    with WireServer(shop) as server:
        yield server.url


def revoke_at(shop: SessionShop, line: str) -> None:
    """All sessions are over directly before the first request of that line."""
    todo = [line]

    def before(asked: Asked) -> None:
        if asked.line in todo:
            todo.remove(asked.line)
            shop.revoke()

    shop.before = before


def ran(folder: Path, url: str, *texts: str, login: str = LOGIN, workers: int = 1) -> Run:
    (folder / "login.yaml").write_text(login, "utf-8")
    paths = []
    for number, text in enumerate(texts):
        path = folder / f"s{number}.yaml"
        path.write_text(text.replace("NAME", f"s{number}"), "utf-8")
        paths.append(str(path))
    options = RunOptions(selectors=tuple(paths), url=url, out=folder / "runs", workers=workers)
    return run(options=options, environ={"SHOP_PASSWORD": PASSWORD})


def order(renew_on: str = "401", key: str = KEYED) -> str:
    return ORDER.replace("RENEW_ON", renew_on).replace("KEY", key)


def step_of(told: Run, scenario: str, name: str) -> StepResult:
    (found,) = (
        step
        for each in told.scenarios
        if each.name == scenario
        for step in each.steps
        if step.id == name
    )
    return found


def reason(step: StepResult, attempt: int = 0) -> str:
    decision = step.attempts[attempt].decision
    assert decision is not None
    return decision.reason


def test_an_order_is_sent_once_more_as_it_was_with_the_new_token(
    shop: SessionShop, url: str, tmp_path: Path
) -> None:
    revoke_at(shop, "POST /orders")
    told = ran(tmp_path, url, order())
    assert told.outcome is Outcome.PASSED
    first, second = shop.of("POST /orders")
    assert first.body == second.body
    for name in ("idempotency-key", "content-type"):
        assert first.headers[name] == second.headers[name]
    assert first.headers["authorization"] != second.headers["authorization"]
    assert first.headers["cookie"] != second.headers["cookie"]
    assert len(shop.orders) == 1
    # the steps behind it go by the new token
    assert shop.lines()[-2:] == ["GET /look", "POST /logout"]
    assert shop.logins == 2
    assert len(shop.of("POST /logout")) == 1


def test_both_attempts_and_both_logins_are_evidence(
    shop: SessionShop, url: str, tmp_path: Path
) -> None:
    revoke_at(shop, "POST /orders")
    told = ran(tmp_path, url, order())
    step = step_of(told, "s0", "Order")
    assert [
        each.response.status
        for attempt in step.attempts
        for each in attempt.exchanges
        if each.response
    ] == [401, 201]
    assert "'login' was carried out again" in reason(step)
    assert not step.flaky
    login = next(each for each in told.scenarios if each.name == "login")
    assert [each.id for each in login.steps] == ["Sign in", "Sign in~2", "Sign out"]
    (placed,) = told.orders
    assert (placed.state, placed.order_id) == (OrderState.PLACED, "ord-1")
    events = list(RunFolder(tmp_path / "runs" / told.id).events())
    assert [each.state for each in events if isinstance(each, OrderSettled)] == [
        OrderState.NOT_PLACED,
        OrderState.PLACED,
    ]
    digests = [each.order.payload_digest for each in events if isinstance(each, OrderIntended)]
    assert len(digests) == 2
    assert len(set(digests)) == 1
    stored = (tmp_path / "runs" / told.id / "events.jsonl").read_text("utf-8")
    assert "tok-01-0123456789abcdef" not in stored
    assert "tok-02-0123456789abcdef" not in stored


@pytest.mark.parametrize(
    ("renew_on", "status", "key", "again"),
    [
        ("401", 401, "", True),
        ("[401, 419]", 401, "", False),
        ("419", 419, "", False),
        ("419", 419, KEYED, True),
        ("[401, 403]", 403, KEYED, True),
        ("419", 401, KEYED, False),
    ],
)
def test_an_order_without_a_key_is_repeated_only_after_a_401_that_is_named_alone(
    renew_on: str,
    status: int,
    key: str,
    again: bool,
    shop: SessionShop,
    url: str,
    tmp_path: Path,
) -> None:
    shop.status = status
    revoke_at(shop, "POST /orders")
    told = ran(tmp_path, url, order(renew_on, key))
    assert len(shop.of("POST /orders")) == (2 if again else 1)
    assert shop.logins == (2 if again else 1)
    assert step_of(told, "s0", "Order").outcome is (Outcome.PASSED if again else Outcome.FAILED)


def test_a_request_that_only_reads_is_repeated_after_each_named_status(
    shop: SessionShop, url: str, tmp_path: Path
) -> None:
    shop.status = 440
    revoke_at(shop, "GET /look")
    told = ran(tmp_path, url, order("[401, 440]"))
    assert told.outcome is Outcome.PASSED
    assert shop.lines()[:4] == ["POST /login", "GET /look", "POST /login", "GET /look"]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(http(401, {"id": "ord-9", "error": "sign in"}), id="it names an order"),
        pytest.param(http(401, {"error": "sign in"}, more=20), id="it broke off"),
        pytest.param(
            b'HTTP/1.1 401 Status\r\nContent-Type: application/json\r\n\r\n{"error": "sign in"}',
            id="nothing proves it whole",
        ),
        pytest.param(
            http(401, {"code": "23505", "message": 'duplicate key value violates "orders_pkey"'}),
            id="the database was asked",
        ),
    ],
)
def test_a_401_that_does_not_say_for_sure_that_nothing_was_done_is_not_repeated(
    answer: bytes, shop: SessionShop, url: str, tmp_path: Path
) -> None:
    shop.refuse = lambda _: answer
    revoke_at(shop, "POST /orders")
    told = ran(tmp_path, url, order(key=""))
    assert len(shop.of("POST /orders")) == 1
    assert shop.logins == 1
    step = step_of(told, "s0", "Order")
    assert step.outcome is Outcome.FAILED
    assert "does not say for sure that nothing was carried out" in reason(step)


def test_a_wall_that_refuses_says_nothing_of_the_login(
    shop: SessionShop, url: str, tmp_path: Path
) -> None:
    page = "<html><head><title>Authentication Required</title></head><h1>Vercel Authentication</h1></html>"
    head = f"HTTP/1.1 401 Status\r\nContent-Type: text/html\r\nContent-Length: {len(page)}\r\n\r\n"
    shop.refuse = lambda _: (head + page).encode()
    revoke_at(shop, "POST /orders")
    told = ran(tmp_path, url, order())
    assert len(shop.of("POST /orders")) == 1
    assert shop.logins == 1
    assert told.outcome is Outcome.ERRORED
    assert "a wall before the deployment answered" in reason(step_of(told, "s0", "Order"))


FOLLOWED = """
name: NAME
needs: {file: login.yaml, renew_on: 401}
steps:
  - {name: Pay, request: {method: POST, url: /pay, bearer: "{{ token }}", follow_redirects: true}}
"""


def test_a_401_behind_a_redirect_says_nothing_of_the_request_before_it(
    shop: SessionShop, url: str, tmp_path: Path
) -> None:
    def refuse(asked: Asked) -> bytes:
        on = b"HTTP/1.1 303 Status\r\nLocation: /paid\r\nContent-Length: 0\r\n\r\n"
        return on if asked.line == "POST /pay" else http(401, {"error": "sign in"})

    shop.refuse = refuse
    revoke_at(shop, "POST /pay")
    told = ran(tmp_path, url, FOLLOWED)
    assert shop.lines()[:3] == ["POST /login", "POST /pay", "GET /paid"]
    assert len(shop.of("POST /pay")) == 1
    assert "does not say for sure" in reason(step_of(told, "s0", "Pay"))


def test_a_key_that_comes_of_the_login_is_another_order_and_not_sent(
    shop: SessionShop, url: str, tmp_path: Path
) -> None:
    revoke_at(shop, "POST /orders")
    told = ran(tmp_path, url, order(key='idempotency_key: "{{ token }}-1"'))
    assert len(shop.of("POST /orders")) == 1
    assert "it would be another order" in reason(step_of(told, "s0", "Order"))


CALLED = """
name: login
secrets: [SHOP_PASSWORD]
steps:
  - {name: Open, receiver: {as: hook}}
  - name: Sign in
    request: {url: /login, json: {password: "{{ secrets.SHOP_PASSWORD }}", user: "{{ hook }}"}}
    capture: {token: {json: $.token, secret: true}}
"""


def test_calls_for_the_first_login_are_told_after_the_second(
    shop: SessionShop, url: str, tmp_path: Path
) -> None:
    def before(asked: Asked) -> None:
        if asked.line == "POST /login":
            call(f"{json.loads(asked.body)['user']}/{shop.logins + 1}", {})
        if asked.line == "POST /orders" and shop.logins == 1:
            shop.revoke()

    shop.before = before
    told = ran(tmp_path, url, order(), login=CALLED)
    assert shop.logins == 2
    (login,) = (each for each in told.scenarios if each.name == "login")
    last = login.steps[-1]
    assert [fact.value for fact in last.facts] == ["POST /1\nPOST /2"]
    assert len(last.attempts) == 2


def test_it_is_done_once_for_a_request(shop: SessionShop, url: str, tmp_path: Path) -> None:
    shop.forbids = frozenset({"POST /orders"})
    told = ran(tmp_path, url, order())
    assert len(shop.of("POST /orders")) == 2
    assert shop.logins == 2
    step = step_of(told, "s0", "Order")
    assert step.outcome is Outcome.FAILED
    assert "401" in step.message
    assert not told.orders_left_behind


@pytest.mark.parametrize("workers", [1, 4])
def test_a_login_that_fails_is_not_tried_again(
    workers: int, shop: SessionShop, url: str, tmp_path: Path
) -> None:
    meet = threading.Barrier(workers)

    def before(asked: Asked) -> None:
        if asked.line == "POST /orders":
            if workers > 1:
                meet.wait(30)
            shop.revoke()

    shop.before, shop.login_fails_from = before, 2
    told = ran(tmp_path, url, *[order()] * 4, workers=workers)
    assert shop.logins == 2
    assert told.outcome is Outcome.FAILED
    assert len(shop.of("POST /orders")) == workers
    assert not shop.orders
    assert "there is no new login: 'login' did not pass" in reason(step_of(told, "s0", "Order"))
    started = [each for each in told.scenarios if each.steps and each.name != "login"]
    assert len(started) == workers


def test_many_workers_renew_a_shared_login_once(
    shop: SessionShop, url: str, tmp_path: Path
) -> None:
    meet = threading.Barrier(4)
    revoked: list[Asked] = []

    def before(asked: Asked) -> None:
        if asked.line == "POST /orders":
            with shop.lock:
                first = len(revoked) < 4
                revoked.append(asked)
            if first:  # all four have a token when it runs out
                meet.wait(30)
                with shop.lock:
                    shop.valid.discard("tok-01-0123456789abcdef")

    shop.before = before
    told = ran(tmp_path, url, *[order()] * 4, workers=4)
    assert told.outcome is Outcome.PASSED
    assert shop.logins == 2
    assert len(shop.of("POST /orders")) == 8
    assert len(shop.orders) == 4


SIDE_BY_SIDE = """
name: NAME
needs: {file: login.yaml, renew_on: 401}
steps:
  - name: Both
    together:
      - name: One
        request: {url: /orders, bearer: "{{ token }}", json: {n: 1}, idempotency_key: true}
        places_order: {id: $.id}
      - name: Two
        request: {url: /orders, bearer: "{{ token }}", json: {n: 2}, idempotency_key: true}
        places_order: {id: $.id}
  - {name: Look, request: {url: /look, bearer: "{{ token }}"}}
"""


def test_steps_side_by_side_renew_once_and_go_on_with_the_new_one(
    shop: SessionShop, url: str, tmp_path: Path
) -> None:
    meet = threading.Barrier(2)
    seen: list[Asked] = []

    def before(asked: Asked) -> None:
        if asked.line == "POST /orders":
            with shop.lock:
                first = len(seen) < 2
                seen.append(asked)
            if first:
                meet.wait(30)
                with shop.lock:
                    shop.valid.discard("tok-01-0123456789abcdef")

    shop.before = before
    told = ran(tmp_path, url, SIDE_BY_SIDE)
    assert told.outcome is Outcome.PASSED
    assert shop.logins == 2
    assert len(shop.orders) == 2
    assert shop.lines()[-2:] == ["GET /look", "POST /logout"]


def test_a_session_that_is_a_cookie_is_renewed_too(
    shop: SessionShop, url: str, tmp_path: Path
) -> None:
    shop.with_cookie = True
    login = LOGIN.replace("    capture: {token: {json: $.token, secret: true}}\n", "").replace(
        ', bearer: "{{ token }}"', ""
    )
    revoke_at(shop, "POST /orders")
    told = ran(
        tmp_path, url, order().replace('bearer: "{{ token }}"', "headers: {x-a: b}"), login=login
    )
    assert shop.logins == 2
    assert told.outcome is Outcome.PASSED


def test_a_refusal_that_is_expected_renews_nothing(
    shop: SessionShop, url: str, tmp_path: Path
) -> None:
    text = """
name: NAME
needs: {file: login.yaml, renew_on: 401}
steps:
  - {name: No, request: {url: /look, bearer: "{{ token }}"}, expect: {status: 401}}
  - {name: Guest, request: {url: /look, customer: guest}, retry: {attempts: 2}}
"""
    shop.forbids = frozenset({"GET /look"})
    told = ran(tmp_path, url, text)
    assert shop.logins == 1
    assert step_of(told, "s0", "No").outcome is Outcome.PASSED
    assert len(step_of(told, "s0", "Guest").attempts) == 1


def test_included_steps_get_the_new_token(shop: SessionShop, url: str, tmp_path: Path) -> None:
    (tmp_path / "part.yaml").write_text(
        """
parameters: [key]
steps:
  - {name: A, request: {url: /a, bearer: "{{ key }}"}}
  - {name: B, request: {url: /b, bearer: "{{ key }}"}}
  - {name: C, request: {url: /c, bearer: "{{ key }}"}}
""",
        "utf-8",
    )
    text = """
name: NAME
needs: {file: login.yaml, renew_on: 401}
steps:
  - include: {file: part.yaml, with: {key: "{{ token }}"}}
"""
    revoke_at(shop, "GET /b")
    told = ran(tmp_path, url, text)
    assert told.outcome is Outcome.PASSED
    assert shop.lines()[:-1] == [
        "POST /login",
        "GET /a",
        "GET /b",
        "POST /login",
        "GET /b",
        "GET /c",
    ]


def test_a_teardown_renews_too(shop: SessionShop, url: str, tmp_path: Path) -> None:
    text = (
        order()
        + """
teardown:
  - name: Cancel
    for_each: "{{ orders }}"
    request: {method: DELETE, url: "/orders/{{ item.id }}", bearer: "{{ token }}"}
    removes_order: "{{ item.key }}"
"""
    )
    revoke_at(shop, "DELETE /orders/ord-1")
    told = ran(tmp_path, url, text)
    assert told.outcome is Outcome.PASSED
    assert not told.orders_left_behind
    assert len(shop.of("DELETE /orders/ord-1")) == 2


FAULTS = {
    "renew_on: 402": ("bad-value", None),
    "renew_on: 4xx": ("bad-value", None),
    "renew_on: []": ("bad-value", None),
    "renew_on: true": ("bad-value", None),
    "renew_on: [401, 500]": ("bad-value", None),
    "renewon: 401": ("unknown-key", "renew_on"),
    "renew-on: 401": ("unknown-key", "renew_on"),
}


@pytest.mark.parametrize("written", FAULTS)
def test_faults_are_told_with_their_place(written: str, tmp_path: Path) -> None:
    code, suggestion = FAULTS[written]
    (tmp_path / "login.yaml").write_text(LOGIN, "utf-8")
    step = 'steps: [{name: A, request: {url: /a, bearer: "{{ token }}"}}]'
    (tmp_path / "s.yaml").write_text(
        f"name: s\nneeds: {{file: login.yaml, {written}}}\n{step}\n", "utf-8"
    )
    with pytest.raises(SmokeError) as raised:
        load_scenario(tmp_path / "s.yaml")
    told = {each.code: each for each in raised.value.diagnostics}
    assert told[code].suggestion == suggestion
    span = told[code].span
    assert span is not None
    assert span.line == 2
    if code == "bad-value":
        assert "401, 403, 419, 440, 498" in told[code].message
