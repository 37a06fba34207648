"""The whole flows of the manual, against little shops that answer as theirs would."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from smoke.model.run import Outcome
from tests.support.documents import ROOT, blocks_of
from tests.support.little_shops import LittleShops, little_shops
from tests.support.running import run_text

FLOWS = {
    Path(block.title).stem: block.text
    for block in blocks_of(ROOT / "docs" / "how-to" / "flows.md")
    if block.title
}


@pytest.fixture(scope="module")
def shops() -> Iterator[LittleShops]:
    with little_shops() as running:
        yield running


def test_the_flows_of_the_manual_pass_and_leave_nothing(shops: LittleShops, tmp_path: Path) -> None:
    run = run_text(tmp_path, shops.url, *FLOWS.values(), environ={"ANN_TOKEN": "token-of-ann"})
    assert {it.name: it.outcome for it in run.scenarios} == dict.fromkeys(FLOWS, Outcome.PASSED)
    assert len(FLOWS) == 3
    assert not shops.marketplace.checkouts
    assert not shops.collect.parcels
    assert {it["status"] for it in shops.subscriptions.subscriptions.values()} == {"cancelled"}


def test_a_seller_does_not_see_the_order_of_another_under_his_own_name(
    shops: LittleShops, tmp_path: Path
) -> None:
    own = "/sellers/ann/orders/{{ bob_order }}"
    text = FLOWS["marketplace"].replace("/sellers/bob/orders/{{ bob_order }}", own)
    assert own in text
    run = run_text(tmp_path, shops.url, text, environ={"ANN_TOKEN": "token-of-ann"})
    assert run.scenarios[0].outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("name", "right", "wrong", "step"),
    [
        ("marketplace", "fee: 960", "fee: 961", "Check out"),
        ("marketplace", '$.order.id: "{{ bob_order }}"', '$.order.id: "{{ ann_order }}"', "Bob is called"),
        ("subscription", 'total: "19.90"', 'total: "0.00"', "The first invoice"),
        ("collect", "$.error.code: slot_taken", "$.error.code: not_found", "A slot that is taken"),
    ],
    ids=["a fee", "whose order", "an invoice", "a conflict"],
)  # fmt: skip
def test_a_shop_that_does_otherwise_fails_the_flow(
    shops: LittleShops, tmp_path: Path, name: str, right: str, wrong: str, step: str
) -> None:
    assert right in FLOWS[name]
    text = FLOWS[name].replace(right, wrong)
    run = run_text(tmp_path, shops.url, text, environ={"ANN_TOKEN": "token-of-ann"})
    failed = [it.name for it in run.scenarios[0].steps if it.outcome is Outcome.FAILED]
    assert [name.rpartition(" › ")[2] for name in failed] == [step]


BUGS = {
    "fee of all": ("marketplace", "Check out"),
    "calls crossed": ("marketplace", "Ann is called"),
    "open door": ("marketplace", "Ann does not see Bob's"),
    "cart stays": ("marketplace", "The cart is not sold twice"),
    "any card": ("subscription", "A declined card"),
    "due at once": ("subscription", "The first invoice"),
    "trials for ever": ("subscription", "No second trial"),
    "goes on": ("subscription", "It ends"),
    "overbooked": ("collect", "A slot that is taken"),
    "another slot": ("collect", "Order"),
    "another code": ("collect", "The customer is called"),
}
"""What a shop did after a deploy: the flow that finds it, and the step that says so."""


@pytest.mark.parametrize("bug", BUGS)
def test_a_bug_of_a_shop_is_found_where_it_is_and_what_was_ordered_goes_away(
    shops: LittleShops, tmp_path: Path, bug: str
) -> None:
    name, step = BUGS[bug]
    for shop in shops.all:
        shop.bugs = {bug}
    try:
        run = run_text(tmp_path, shops.url, FLOWS[name], environ={"ANN_TOKEN": "token-of-ann"})
    finally:
        for shop in shops.all:
            shop.bugs = set()
    assert run.outcome is Outcome.FAILED
    (failed,) = [it for it in run.scenarios[0].steps if it.outcome is Outcome.FAILED][-1:]
    assert failed.name.rpartition(" › ")[2] == step
    assert not run.orders_left_behind
    assert not shops.marketplace.checkouts
    assert not shops.collect.parcels
