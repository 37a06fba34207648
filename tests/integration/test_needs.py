"""`needs`: one login for many scenarios, in one worker and in four; what it gives, when it fails, when it ends."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from smoke.app.dry_run import plan
from smoke.app.late_teardown import teardown
from smoke.app.options import RunOptions
from smoke.app.running import run
from smoke.diagnostic import SmokeError
from smoke.model.events import Event, StepFinished
from smoke.model.run import Outcome, Run
from smoke.scenario.load import load_scenario
from smoke.store import RunFolder
from tests.support.documents import ROOT, blocks_of
from tests.support.login_shop import PASSWORD, LoginShop
from tests.support.wire_server import WireServer

PAGE = ROOT / "docs" / "how-to" / "logins.md"
ENVIRON = {"SHOP_PASSWORD": PASSWORD}
LOGIN = """
name: login
secrets: [SHOP_PASSWORD]
steps:
  - name: Sign in
    request: {url: /login, json: {password: "{{ secrets.SHOP_PASSWORD }}"}}
    expect: {status: 200}
    capture: {token: {json: $.token, secret: true}}
teardown:
  - {name: Sign out, request: {url: /orders, bearer: "{{ token }}"}}
"""
ORDER = """
name: NAME
needs: login.yaml
steps:
  - name: Order
    request: {url: /orders, bearer: "{{ token }}", json: {n: 1}}
    places_order: {id: $.id}
    expect: {status: 201}
  - {name: Leave, clear_cookies: "*"}
teardown:
  - name: Cancel
    for_each: "{{ orders }}"
    when: "{{ env.CANCEL | default('') }}"
    request: {method: DELETE, url: "/orders/{{ item.id }}", bearer: "{{ token }}"}
    removes_order: "{{ item.key }}"
"""


@pytest.fixture
def shop() -> LoginShop:
    return LoginShop()


@pytest.fixture
def url(shop: LoginShop) -> Iterator[str]:
    with WireServer(shop) as server:
        yield server.url


def written(folder: Path, *names: str) -> tuple[str, ...]:
    (folder / "login.yaml").write_text(LOGIN, encoding="utf-8")
    paths = []
    for name in names:
        paths.append(str(folder / f"{name}.yaml"))
        Path(paths[-1]).write_text(ORDER.replace("NAME", name), encoding="utf-8")
    return tuple(paths)


def ran(folder: Path, url: str, paths: tuple[str, ...], workers: int, **environ: str) -> Run:
    options = RunOptions(selectors=paths, url=url, out=folder / "runs", workers=workers)
    return run(options=options, environ={**ENVIRON, **environ})


@pytest.mark.parametrize("workers", [1, 4])
def test_many_scenarios_sign_in_once_and_sign_out_behind_the_last(
    workers: int, shop: LoginShop, url: str, tmp_path: Path
) -> None:
    paths = written(tmp_path, "a", "b", "c", "d", "e")
    told = ran(tmp_path, url, paths, workers)
    # each clears its cookies: the others have theirs still
    assert told.outcome is Outcome.PASSED
    assert [each.name for each in told.scenarios].count("login") == 1
    assert shop.asked[0] == "POST /login"
    assert shop.asked[1:-1] == ["POST /orders"] * 5
    assert shop.asked[-1] == "GET /orders"
    assert PASSWORD not in (tmp_path / "runs" / told.id / "events.jsonl").read_text("utf-8")


@pytest.mark.parametrize("workers", [1, 4])
def test_when_the_login_fails_nothing_that_needs_it_is_sent(
    workers: int, shop: LoginShop, url: str, tmp_path: Path
) -> None:
    paths = written(tmp_path, "a", "b", "c")
    told = ran(tmp_path, url, paths, workers, SHOP_PASSWORD="wrong")
    assert shop.asked == ["POST /login"]
    assert told.outcome is Outcome.FAILED
    assert not told.orders
    others = [each for each in told.scenarios if each.name != "login"]
    assert len(others) == 3
    for each in others:
        assert each.outcome is Outcome.ERRORED
        assert each.message == "not started: it needs 'login', which did not pass"
        assert not each.steps


@pytest.mark.parametrize("workers", [1, 4])
def test_an_interruption_signs_out_once_and_starts_nothing_more(
    workers: int, shop: LoginShop, url: str, tmp_path: Path
) -> None:
    def listen(event: Event) -> None:
        if isinstance(event, StepFinished) and event.result.name == "Sign in":
            os.kill(os.getpid(), signal.SIGINT)

    options = RunOptions(
        selectors=written(tmp_path, "a", "b"), url=url, out=tmp_path / "runs", workers=workers
    )
    told = run(options=options, environ=ENVIRON, listener=listen)
    assert told.interrupted_by
    assert told.outcome is Outcome.ERRORED
    assert shop.asked[0] == "POST /login"
    assert shop.asked[-1] == "GET /orders"
    assert shop.asked.count("GET /orders") == shop.asked.count("POST /login") == 1


def test_a_later_teardown_signs_in_again(shop: LoginShop, url: str, tmp_path: Path) -> None:
    told = ran(tmp_path, url, written(tmp_path, "a"), 1)
    assert shop.orders
    folder = RunFolder(tmp_path / "runs" / told.id)
    done = teardown(folder, RunOptions(), environ={**ENVIRON, "CANCEL": "1"})
    assert not done.left
    assert not shop.orders
    assert shop.asked[-3:] == ["POST /login", "DELETE /orders/ord-00001", "GET /orders"]


def test_one_scenario_brings_what_it_needs(url: str, shop: LoginShop, tmp_path: Path) -> None:
    options = RunOptions(selectors=written(tmp_path, "a"), url=url)
    planned = list(plan(options=options, environ=ENVIRON))
    assert [(each.scenario, each.step) for each in planned][:3] == [
        ("login", "Sign in"),
        ("login", "Sign out"),
        ("a", "Order"),
    ]
    order = planned[2].request
    assert order is not None
    assert order.headers
    assert not shop.asked


FAULTS = {
    "needs: logn.yaml": ("file-not-found", "login.yaml"),
    "needs: {fil: login.yaml}": ("unknown-key", "file"),
    "needs: 7": ("wrong-type", ""),
    "needs: [login.yaml, ./login.yaml]": ("name-taken", ""),
    "needs: ../login.yaml": ("file-outside", ""),
    "needs: s.yaml": ("cyclic-need", ""),
    "needs: round.yaml": ("cyclic-need", ""),
    "needs: order.yaml": ("needs-order", ""),
    "needs: [login.yaml, other.yaml]": ("name-taken", ""),
    "variables: {token: t}\nneeds: login.yaml": ("name-taken", ""),
    "needs: broken.yaml": ("no-steps", ""),
}


@pytest.mark.parametrize("written_as", FAULTS)
def test_faults_are_told_with_their_place(written_as: str, tmp_path: Path) -> None:
    code, suggestion = FAULTS[written_as]
    step = "steps: [{name: A, request: GET /}]\n"
    written(tmp_path, "order")
    (tmp_path / "other.yaml").write_text(LOGIN.replace("name: login", "name: other"), "utf-8")
    (tmp_path / "round.yaml").write_text(f"name: round\nneeds: s.yaml\n{step}", "utf-8")
    (tmp_path / "broken.yaml").write_text("name: broken\n", "utf-8")
    (tmp_path / "s.yaml").write_text(f"name: s\n{written_as}\n{step}", "utf-8")
    with pytest.raises(SmokeError) as raised:
        load_scenario(tmp_path / "s.yaml")
    told = {each.code: each for each in raised.value.diagnostics}
    assert told[code].suggestion == (suggestion or None)
    assert told[code].span is not None
    assert len(told) == 1 or "missing-key" in told


def test_an_unknown_name_is_still_told(tmp_path: Path) -> None:
    written(tmp_path)
    text = 'name: s\nneeds: login.yaml\nsteps: [{name: A, request: "GET /{{ tokn }}"}]\n'
    (tmp_path / "s.yaml").write_text(text, "utf-8")
    with pytest.raises(SmokeError) as raised:
        load_scenario(tmp_path / "s.yaml")
    assert [(each.code, each.suggestion) for each in raised.value.diagnostics] == [
        ("unknown-name", "token")
    ]


def test_the_example_of_the_manual_does_what_it_says(
    shop: LoginShop, url: str, tmp_path: Path
) -> None:
    (login,) = (b.text for b in blocks_of(PAGE) if "name: login" in b.text)
    (order,) = (b.text for b in blocks_of(PAGE) if "needs: login.yaml" in b.text)
    (tmp_path / "login.yaml").write_text(login, encoding="utf-8")
    for name in ("one", "two"):
        text = order.replace("name: order-with-login", f"name: {name}")
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    paths = (str(tmp_path / "one.yaml"), str(tmp_path / "two.yaml"))
    told = ran(tmp_path, url, paths, 4)
    assert told.outcome is Outcome.PASSED
    assert shop.asked.count("POST /login") == 1
    assert not told.orders_left_behind
