"""The demo shop's faults: each is the server's own error, in its log and in the shop's, at the second order alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from smoke.demo.look import FAULTS, Look
from tests.support.demo import ShopFactory
from tests.support.faces import FAULT_TRUTH, errors_in
from tests.support.shop_client import order, post


def test_every_fault_has_its_truth() -> None:
    assert set(FAULT_TRUTH) == set(FAULTS)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("state", ["broken", "fixed"])
def test_a_fault_is_the_servers_own_error(
    shop: ShopFactory, tmp_path: Path, state: str, fault: str
) -> None:
    log = tmp_path / "app.log"
    running = shop(state, look=Look(fault=fault, app_log=log))
    first = post(running.url, order())
    assert first.status == 201
    assert running.log_path is not None
    before = running.log_path.stat().st_size
    assert post(running.url, order()).status == 500
    truth = FAULT_TRUTH[fault]
    written = running.log_path.read_bytes()[before:].decode()
    # the name of a connection that is refused is not known yet, in any PostgreSQL
    who = "[unknown]" if fault == "too-many-connections" else "demo-shop req_"
    mine = [line for line in written.splitlines() if f"@{running.database} {who}" in line]
    assert f"  {truth.sqlstate}: " in next(
        line for line in mine if "ERROR:" in line or "FATAL:" in line
    )
    assert truth.constraint in written
    (error,) = errors_in(log)
    assert error["code"] == truth.sqlstate
    assert error.get("constraint", "") == truth.constraint
    assert error["message"] in written
    # nothing of the second order stayed, and the first one can be cancelled: no lock is in its way
    (placed,) = running.orders()
    cancelled = post(running.url, {"action": "cancel_order", "order_id": placed["id"]})
    assert cancelled.json["order"]["status"] == "cancelled"
    assert post(running.url, order("ben@shop.example")).status == 201
