"""A login for each customer: `needs` with values and a customer's name; one each in a run, whoever needs it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from smoke.app.dry_run import plan
from smoke.app.late_teardown import teardown
from smoke.app.options import RunOptions
from smoke.app.running import run
from smoke.diagnostic import SmokeError
from smoke.model.run import Outcome, Run
from smoke.scenario.load import load_scenario
from smoke.store import RunFolder
from tests.support.session_shop import SessionShop
from tests.support.wire_server import WireServer

LOGIN = """
name: login
variables: {user: nobody, password: none}
steps:
  - name: Sign in
    request: {url: /login, json: {user: "{{ user }}", password: "{{ password }}"}}
    capture: {token: {json: $.token, secret: true}, user_id: $.user}
"""
BOTH = """
name: NAME
secrets: [ADA, BOB]
needs:
  - {file: login.yaml, customer: ada, with: {user: ada, password: "{{ secrets.ADA }}"}, renew_on: 401}
  - {file: login.yaml, customer: bob, with: {user: bob, password: "{{ secrets.BOB }}"}, renew_on: 401}
steps:
  - name: Ada orders
    request: {url: /orders, customer: ada, bearer: "{{ ada.token }}", json: {of: "{{ ada.user_id }}"}, idempotency_key: true}
    places_order: {id: $.id}
  - name: Bob looks
    request: {url: "/look/{{ bob.user_id }}", customer: bob, bearer: "{{ bob.token }}"}
teardown:
  - name: Cancel
    for_each: "{{ orders }}"
    when: "{{ env.CANCEL | default('') }}"
    request: {method: DELETE, url: "/orders/{{ item.id }}", customer: ada, bearer: "{{ ada.token }}"}
    removes_order: "{{ item.key }}"
"""
SECRETS = {"ADA": "ada-pass-5f3a9c1e", "BOB": "bob-pass-77b0d2e4"}


@pytest.fixture
def shop() -> SessionShop:
    return SessionShop()


@pytest.fixture
def url(shop: SessionShop) -> Iterator[str]:
    with WireServer(shop) as server:
        yield server.url


def written(folder: Path, *names: str) -> tuple[str, ...]:
    (folder / "login.yaml").write_text(LOGIN, "utf-8")
    for name in names:
        (folder / f"{name}.yaml").write_text(BOTH.replace("NAME", name), "utf-8")
    return tuple(str(folder / f"{name}.yaml") for name in names)


def ran(folder: Path, url: str, paths: tuple[str, ...], workers: int = 1) -> Run:
    options = RunOptions(selectors=paths, url=url, out=folder / "runs", workers=workers)
    return run(options=options, environ=SECRETS)


def users(shop: SessionShop) -> list[tuple[str, str]]:
    """Who signed in, and with which password."""
    bodies = [json.loads(each.body) for each in shop.of("POST /login")]
    return [(each["user"], each["password"]) for each in bodies]


@pytest.mark.parametrize("workers", [1, 4])
def test_each_customer_signs_in_once_for_all_scenarios(
    workers: int, shop: SessionShop, url: str, tmp_path: Path
) -> None:
    told = ran(tmp_path, url, written(tmp_path, "a", "b", "c", "d"), workers)
    assert told.outcome is Outcome.PASSED
    assert sorted(users(shop)) == [("ada", SECRETS["ADA"]), ("bob", SECRETS["BOB"])]
    assert {each.name for each in told.scenarios} == {"login (ada)", "login (bob)", *"abcd"}
    tokens = {json.loads(each.body)["user"]: n for n, each in enumerate(shop.of("POST /login"), 1)}
    for who, line in (("ada", "POST /orders"), ("bob", "GET /look/bob")):
        for each in shop.of(line):  # the cookies and the captures of a customer are that one's
            token = f"tok-{tokens[who]:02}-0123456789abcdef"
            assert each.headers["authorization"] == f"Bearer {token}"
            assert each.headers["cookie"] == f"sid={token}"
    assert [json.loads(each.body) for each in shop.of("POST /orders")] == [{"of": "ada"}] * 4
    stored = (tmp_path / "runs" / told.id / "events.jsonl").read_text("utf-8")
    assert not any(secret in stored for secret in SECRETS.values())


def test_only_the_login_that_ran_out_is_renewed(
    shop: SessionShop, url: str, tmp_path: Path
) -> None:
    shop.before = lambda asked: (
        shop.valid.discard("tok-01-0123456789abcdef") if asked.line == "POST /orders" else None
    )
    told = ran(tmp_path, url, written(tmp_path, "a"))
    assert told.outcome is Outcome.PASSED
    assert [who for who, _ in users(shop)] == ["ada", "bob", "ada"]
    assert len(shop.orders) == 1


def test_a_later_teardown_signs_in_each_again(shop: SessionShop, url: str, tmp_path: Path) -> None:
    told = ran(tmp_path, url, written(tmp_path, "a"))
    assert told.orders_left_behind
    folder = RunFolder(tmp_path / "runs" / told.id)
    done = teardown(folder, RunOptions(), environ={**SECRETS, "CANCEL": "1"})
    assert not done.left
    assert sorted(who for who, _ in users(shop)) == ["ada", "ada", "bob", "bob"]
    assert shop.asked[-1].headers["authorization"] == f"Bearer tok-{3:02}-0123456789abcdef"


def test_the_values_go_before_those_of_the_command_line(
    shop: SessionShop, url: str, tmp_path: Path
) -> None:
    options = RunOptions(
        selectors=written(tmp_path, "a"), url=url, out=tmp_path / "runs", variables={"user": "eve"}
    )
    assert run(options=options, environ=SECRETS).outcome is Outcome.PASSED
    assert sorted(who for who, _ in users(shop)) == ["ada", "bob"]


def test_a_dry_run_shows_both(url: str, tmp_path: Path) -> None:
    options = RunOptions(selectors=written(tmp_path, "a"), url=url)
    told = [(each.scenario, each.step) for each in plan(options=options, environ=SECRETS)]
    assert told[:3] == [
        ("login (ada)", "Sign in"),
        ("login (bob)", "Sign in"),
        ("a", "Ada orders"),
    ]


def test_a_secret_that_is_not_set_is_told_before_anything_is_sent(
    shop: SessionShop, url: str, tmp_path: Path
) -> None:
    options = RunOptions(selectors=written(tmp_path, "a"), url=url, out=tmp_path / "runs")
    with pytest.raises(SmokeError) as raised:
        run(options=options, environ={"ADA": SECRETS["ADA"]})
    assert {each.code for each in raised.value.diagnostics} == {"missing-secret"}
    assert not shop.asked


FAULTS = {
    "{file: login.yaml, with: {usr: ada}}": ("unknown-variable", "user"),
    '{file: login.yaml, with: {user: "{{ secrets.AD }}"}}': ("unknown-name", "ADA"),
    '{file: login.yaml, with: {user: "{{ email }}"}}': ("unknown-name", None),
    "{file: login.yaml, with: [ada]}": ("bad-value", None),
    "{file: login.yaml, customer: a b}": ("bad-value", None),
    "{file: login.yaml, customer: secrets}": ("bad-name", None),
    "{file: login.yaml, custmer: ada}": ("unknown-key", "customer"),
    "[{file: login.yaml, customer: ada}, {file: login.yaml, customer: ada}]": ("name-taken", None),
}


@pytest.mark.parametrize("needs", FAULTS)
def test_faults_are_told_with_their_place(needs: str, tmp_path: Path) -> None:
    code, suggestion = FAULTS[needs]
    written(tmp_path)
    step = "steps: [{name: A, request: GET /}]"
    (tmp_path / "s.yaml").write_text(f"name: s\nsecrets: [ADA]\nneeds: {needs}\n{step}\n", "utf-8")
    with pytest.raises(SmokeError) as raised:
        load_scenario(tmp_path / "s.yaml")
    (told,) = raised.value.diagnostics
    assert (told.code, told.suggestion) == (code, suggestion)
    assert told.span is not None
    assert told.span.line == 3


@pytest.mark.parametrize(
    ("name", "suggestion"), [("ada.tokn", "token"), ("token", None), ("adda.token", "ada")]
)
def test_a_name_that_the_customer_does_not_have_is_told(
    name: str, suggestion: str | None, tmp_path: Path
) -> None:
    written(tmp_path)
    text = f'name: s\nneeds: {{file: login.yaml, customer: ada}}\nsteps: [{{name: A, request: "GET /{{{{ {name} }}}}"}}]\n'
    (tmp_path / "s.yaml").write_text(text, "utf-8")
    with pytest.raises(SmokeError) as raised:
        load_scenario(tmp_path / "s.yaml")
    assert [(each.code, each.suggestion) for each in raised.value.diagnostics] == [
        ("unknown-name", suggestion)
    ]


def test_a_variable_of_the_customers_name_is_refused(tmp_path: Path) -> None:
    written(tmp_path)
    text = "name: s\nneeds: {file: login.yaml, customer: ada}\nvariables: {ada: 1}\nsteps: [{name: A, request: GET /}]\n"
    (tmp_path / "s.yaml").write_text(text, "utf-8")
    with pytest.raises(SmokeError) as raised:
        load_scenario(tmp_path / "s.yaml")
    assert [each.code for each in raised.value.diagnostics] == ["name-taken"]


def test_a_login_that_orders_nothing_has_no_late_teardown_to_be_warned_of(tmp_path: Path) -> None:
    out = '\nteardown:\n  - {name: Sign out, request: {url: /logout, bearer: "{{ token }}"}}\n'
    (tmp_path / "login.yaml").write_text(LOGIN.rstrip() + out, "utf-8")
    assert not load_scenario(tmp_path / "login.yaml").warnings


def test_what_a_login_gives_is_not_tried_out_before_it_gave_it(
    shop: SessionShop, url: str, tmp_path: Path
) -> None:
    written(tmp_path)
    login = LOGIN.replace("user: nobody", "user: '2026-03-01T00:00:00Z'")
    (tmp_path / "login.yaml").write_text(login, "utf-8")
    text = """
name: s
needs: login.yaml
steps:
  - {name: A, request: {url: "/{{ user_id | date('%Y') }}", bearer: "{{ token }}"}}
"""
    (tmp_path / "s.yaml").write_text(text, "utf-8")
    told = ran(tmp_path, url, (str(tmp_path / "s.yaml"),))
    assert told.outcome is Outcome.PASSED
    assert shop.lines()[-1] == "GET /2026"
