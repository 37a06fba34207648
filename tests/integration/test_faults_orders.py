"""The double-order trap: whatever breaks after the commit, no order is placed twice, and each is on the list."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from smoke.app import wiring
from smoke.app.options import RunOptions
from smoke.model.finding import Finding
from smoke.model.run import OrderState, Outcome, Run
from smoke.store import resolve
from tests.support.checkout import AFTER_COMMIT, BEFORE_COMMIT, GOOD, CountingShop
from tests.support.running import run_text
from tests.support.scripted import scripted
from tests.support.wire_server import WireServer

RUNS = int(os.environ.get("SMOKE_TRAP_RUNS", "40"))
"""Runs of the trap in all; 200 are asked for before a release."""

SCENARIO = """
name: trap
steps:
  - name: Order
    request: {method: POST, url: /orders, json: {n: 1}}
    places_order: {id: $.id}
    retry: {attempts: 4, on: [429, 5xx, transport], wait: 1ms}
    expect: {status: 201}
    capture: {id: $.id}
"""
TWO = """
name: two
steps:
  - {name: Order 1, request: {url: /orders, json: {n: 1}}, places_order: {id: $.id}}
  - {name: Order 2, request: {url: /orders, json: {n: 2}}, places_order: {id: $.id}}
teardown:
  - name: Cancel
    for_each: "{{ orders }}"
    request: {method: DELETE, url: "/orders/{{ item.id }}"}
    removes_order: "{{ item.key }}"
"""
KEYED = SCENARIO.replace("json: {n: 1}", "json: {n: 1}, idempotency_key: true")
DECLARED = SCENARIO.replace("wait: 1ms", "wait: 1ms, idempotent: true")


def traced(folder: Path, shop: CountingShop, scenario: str = SCENARIO) -> Run:
    folder.mkdir(exist_ok=True)
    with WireServer(shop) as server:
        return run_text(folder, server.url, scenario, options=RunOptions(timeout=0.25))


@pytest.mark.parametrize("way", AFTER_COMMIT)
def test_an_order_that_was_committed_is_not_placed_again(tmp_path: Path, way: str) -> None:
    for number in range(max(1, RUNS // len(AFTER_COMMIT))):
        shop = CountingShop(lambda _: way)
        run = traced(tmp_path / str(number), shop)
        assert shop.posts == 1
        assert len(shop.orders) == 1
        assert run.outcome is not Outcome.PASSED
        (order,) = run.orders_left_behind
        assert order.state is OrderState.MAY_EXIST


@pytest.mark.parametrize(
    ("answered", "named"),
    [("7", "7"), ("12345678901234567890", "12345678901234567890"), ('"a b"', "a b")],
)
def test_an_id_of_any_type_is_named_as_json_writes_it(
    tmp_path: Path, answered: str, named: str
) -> None:
    with scripted() as shop:
        shop.routes["POST /orders"] = lambda _: (201, {}, f'{{"id": {answered}}}'.encode())
        run = run_text(tmp_path, shop.url, SCENARIO)
    assert [order.order_id for order in run.orders] == [named]


def test_a_fault_of_our_own_does_not_leave_orders_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A classifier that breaks on the second answer: the first order is removed, the second is on the list."""
    calls: list[int] = []

    def broken(*_: object, **__: object) -> tuple[Finding, ...]:
        calls.append(1)
        if len(calls) == 2:
            raise RecursionError
        return ()

    monkeypatch.setattr(wiring, "classify", broken)
    shop = CountingShop()
    with WireServer(shop) as server, pytest.raises(RecursionError):
        run_text(tmp_path, server.url, TWO)
    assert shop.removed == {"ord-00001"}
    run = resolve(tmp_path / "runs").run()
    assert run.outcome is Outcome.UNFINISHED
    assert [order.order_id for order in run.orders_left_behind] == ["ord-00002"]


WAYS = st.lists(st.sampled_from((GOOD, *AFTER_COMMIT, *BEFORE_COMMIT)), min_size=1, max_size=6)


@settings(max_examples=60, deadline=None)
@given(ways=WAYS, keyed=st.booleans())
@example(ways=["early-429"], keyed=False)
def test_orders_made_are_never_more_than_orders_intended(ways: list[str], keyed: bool) -> None:
    shop = CountingShop(lambda number: ways[number] if number < len(ways) else GOOD)
    with tempfile.TemporaryDirectory() as folder:
        run = traced(Path(folder), shop, KEYED if keyed else SCENARIO)
    assert len(shop.orders) <= 1
    if (
        not keyed
    ):  # nothing that may have been carried out is sent again; `on` names 429 among other answers
        assert shop.posts == 1
    # whatever the shop has is on the list; nothing is called green that was not answered as it should be
    assert len(run.orders) == 1
    listed = {order.order_id for order in run.orders_left_behind}
    assert shop.answered <= listed | {""}
    if shop.orders:
        assert len(run.orders_left_behind) == 1
    assert (run.outcome is Outcome.PASSED) <= bool(shop.answered)


@pytest.mark.parametrize("way", ["reset", "502", "truncated"])
def test_a_declared_promise_is_what_allows_a_repeat(tmp_path: Path, way: str) -> None:
    """Where the scenario says that the endpoint takes it as one order, it is sent again: that is its author's word."""
    shop = CountingShop(lambda number: way if number == 0 else GOOD)
    run = traced(tmp_path, shop, DECLARED)
    assert shop.posts == (1 if way == "truncated" else 2)  # a 201 is no answer to repeat after
    assert len(run.scenarios[0].steps[0].attempts) == shop.posts
