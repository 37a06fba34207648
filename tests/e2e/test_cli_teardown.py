"""`smoke teardown` after a kill -9: signs in, removes what the run left, and says of the rest why it is there."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from smoke.model.run import Outcome, Run
from smoke.store import list_runs, resolve
from tests.support.cli import command, environment, smoke
from tests.support.login_shop import LOOKS_FOR_THE_REST, PASSWORD, SCENARIO, LoginShop
from tests.support.scripted import scripted
from tests.support.wire_server import WireServer

SECRET = {"SHOP_PASSWORD": PASSWORD}


@contextmanager
def killed(folder: Path, scenario: str, at: int) -> Iterator[tuple[LoginShop, str]]:
    """The shop, and its address, of a run that was killed at its `at`-th moment (two for each request)."""
    (folder / "signed-in.yaml").write_text(scenario, encoding="utf-8")
    seen: list[int] = []

    def moment() -> None:
        seen.append(1)
        if len(seen) == at:
            process.kill()
            process.wait()

    shop = LoginShop(moment)
    with WireServer(shop) as server:
        process = subprocess.Popen(
            command("run", "signed-in.yaml", "--url", server.url),
            cwd=folder,
            env=environment(SECRET),
            stdout=subprocess.DEVNULL,
        )
        assert process.wait(60) == -9
        while shop.busy:
            time.sleep(0.01)
        yield shop, server.url


def stored(folder: Path) -> Run:
    return resolve(folder / ".smoke" / "runs").run()


def test_it_signs_in_and_removes_what_a_killed_run_left(tmp_path: Path) -> None:
    with killed(tmp_path, SCENARIO.replace("ORDERS", "2"), 5) as (shop, _):
        # the third request was a second order: sent, taken and never answered
        assert shop.orders == {"ord-00001", "ord-00002"}
        done = smoke(["teardown"], tmp_path, env=SECRET)
        assert shop.orders == {"ord-00002"}
    assert done.returncode == 1, done.stdout + done.stderr
    assert "VALIDATION PASSED" not in done.stdout
    assert "its id is not known" in done.stdout
    run = stored(tmp_path)
    late = run.scenarios[-1]
    assert (late.teardown_of, late.passed_message) == ("signed-in", "")
    assert late.outcome is Outcome.ERRORED
    ids = [x.id for s in run.scenarios for t in s.steps for a in t.attempts for x in a.exchanges]
    assert len(ids) == len(set(ids))
    shown = smoke(["show"], tmp_path)
    assert "VALIDATION PASSED" not in shown.stdout
    assert "not all orders of signed-in were removed" in shown.stdout


def test_an_order_whose_id_never_came_is_looked_for(tmp_path: Path) -> None:
    scenario = SCENARIO.replace("ORDERS", "2") + LOOKS_FOR_THE_REST
    with killed(tmp_path, scenario, 5) as (shop, _):
        assert len(shop.orders) == 2
        done = smoke(["teardown"], tmp_path, env=SECRET)
        assert shop.orders == set()
    assert done.returncode == 0, done.stdout + done.stderr
    assert stored(tmp_path).orders_left_behind == ()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ((', bearer: "{{ token }}"}\n    removes', "}\n    removes"), "status 401"),
        (
            (
                "  - name: Cancel\n",
                "  - name: Cancel\n    when: {value: 1, equals: 2}\n",
            ),
            "'Cancel, round 1' was skipped: its condition (when) does not hold",
        ),
        (
            ('    removes_order: "{{ item.key }}"', ""),
            "not known whether it is gone: no step of the teardown says that it removes it (removes_order)",
        ),
        (
            ("again, like: Sign in}", "again, like: Sign in, when: false}"),
            "not tried: 'Cancel, round 1' ",
        ),
    ],
    ids=["refused", "skipped", "undeclared", "not signed in"],
)
def test_it_says_why_an_order_could_not_be_removed(
    tmp_path: Path, change: tuple[str, str], reason: str
) -> None:
    scenario = SCENARIO.replace("ORDERS", "2")
    assert change[0] in scenario
    with killed(tmp_path, scenario.replace(*change), 5) as (shop, _):
        done = smoke(["teardown"], tmp_path, env=SECRET)
        assert ("ord-00001" in shop.orders) is ("removes_order" not in reason)
    assert done.returncode == 1
    told = " ".join(done.stdout.split())
    assert reason in told
    if reason.startswith("not known"):
        assert "not tried" not in told


def test_what_was_dealt_with_by_hand_is_forgotten_with_its_reason(tmp_path: Path) -> None:
    with killed(tmp_path, SCENARIO.replace("ORDERS", "2"), 5):
        pass
    run = stored(tmp_path).id
    before = smoke(["orders", "--left"], tmp_path).stdout
    for words in ("id ord-00001  left behind", "id unknown  may exist", "just now", run):
        assert words in before

    def forget(*words: str) -> subprocess.CompletedProcess[str]:
        return smoke(["orders", "forget", run, *words], tmp_path)

    assert forget("signed-in/Order#1").returncode == 2  # without a reason
    mistaken = forget("signed-in/Ordr", "--why", "x")
    assert mistaken.returncode == 2
    assert "signed-in/Order" in mistaken.stderr
    assert len(stored(tmp_path).orders_left_behind) == 2
    assert forget("signed-in/Order#1", "--why", "the shop's own clean-up took it").returncode == 0
    listed = smoke(["orders"], tmp_path).stdout
    assert "id ord-00001  forgotten: the shop's own clean-up took it" in listed
    assert listed.count("may exist") == 1
    assert "LEFT BEHIND" not in smoke(["show"], tmp_path).stdout
    assert forget("--why", "looked for, not there").returncode == 0
    assert smoke(["orders", "--left"], tmp_path).stdout == "no orders left behind\n"
    assert smoke(["teardown"], tmp_path).returncode == 0
    assert forget("--why", "x").returncode == 2


TARGETS = """
targets:
  one: {url: URL1, headers: {x-key: "{{ secrets.KEY }}"}, secrets: [KEY]}
  two: {url: URL2}
"""
KEPT = """
name: kept
variables: {customer: nobody}
steps:
  - {name: Order, request: {url: /orders, json: {n: 1}}, places_order: {id: $.id}}
teardown:
  - name: Cancel
    for_each: "{{ orders }}"
    request: {method: DELETE, url: "/orders/{{ item.id }}", headers: {x-customer: "{{ customer }}"}}
    removes_order: "{{ item.key }}"
"""


def test_without_a_run_it_takes_all_that_left_orders_each_at_its_own_target(tmp_path: Path) -> None:
    """Two shops refuse to cancel at first, so that three runs leave an order; each run has options of its own."""
    env = {"KEY": "a-key-of-the-first-target"}
    (tmp_path / "kept.yaml").write_text(KEPT, encoding="utf-8")
    with scripted() as one, scripted() as two:
        for shop in (one, two):
            shop.on("POST /orders", 201, {"id": "o1"})
            shop.on("DELETE /orders/o1", 503, {})
        text = TARGETS.replace("URL1", one.url).replace("URL2", two.url)
        (tmp_path / "smoke-targets.yaml").write_text(text, encoding="utf-8")
        for options in (
            ["--target", "one", "--var", "customer=ann", "--header", "x-more: yes"],
            ["--target", "two"],
            ["--url", two.url, "--header", "authorization: Bearer abcdefgh"],
        ):
            assert smoke(["run", "kept.yaml", *options], tmp_path, env=env).returncode == 1
        runs = [stored.id for stored in reversed(list_runs(tmp_path / ".smoke" / "runs"))]
        one.seen.clear()
        two.seen.clear()

        only = smoke(["teardown", "--target", "two"], tmp_path, env=env)
        assert only.returncode == 1
        assert "removing it failed: status 503" in only.stdout
        assert [runs[1] in only.stdout, runs[0] in only.stdout, one.paths()] == [True, False, []]

        for shop in (one, two):
            shop.on("DELETE /orders/o1", 200, {})
        told = smoke(["teardown"], tmp_path, env=env)
        assert told.returncode == 0, told.stdout + told.stderr
        assert "3 runs: 3 orders removed" in told.stdout
        places = [told.stdout.index(f"run {run}") for run in runs]
        assert places[2] < places[0] < places[1]  # by target: the one without a name comes first
        (sent,) = [
            {name.lower(): value for name, value in headers.items()}
            for _, _, headers, _ in one.seen
        ]
        assert (sent["x-key"], sent["x-more"], sent["x-customer"]) == (env["KEY"], "yes", "ann")
        assert smoke(["teardown"], tmp_path, env=env).stdout == "no orders are left behind\n"
    journals = b"".join(path.read_bytes() for path in tmp_path.rglob("events.jsonl"))
    assert b"abcdefgh" not in journals
    assert env["KEY"].encode() not in journals
