"""The scenarios that ship, against the demo shop on a real PostgreSQL, through the library."""

from __future__ import annotations

from pathlib import Path

import pytest

from smoke.app.options import RunOptions
from smoke.app.running import run
from smoke.model.run import Outcome, Run
from tests.support.demo import ShopFactory

SHIPPED = (
    "cancel-order",
    "concurrent-orders",
    "declined-card",
    "double-submit",
    "first-order",
    "invalid-cart",
    "repeat-customer",
)


def go(*names: str, url: str, out: Path, workers: int = 1) -> Run:
    return run(options=RunOptions(selectors=names, url=url, out=out, workers=workers), environ={})


def test_all_pass_on_the_fixed_shop_and_leave_nothing_behind(
    shop: ShopFactory, tmp_path: Path
) -> None:
    fixed = shop("fixed")
    finished = go(*SHIPPED, url=fixed.url, out=tmp_path)
    assert {s.name: s.outcome for s in finished.scenarios} == dict.fromkeys(SHIPPED, Outcome.PASSED)
    assert finished.outcome is Outcome.PASSED
    assert finished.orders_left_behind == ()
    assert all(order["status"] == "cancelled" for order in fixed.orders())


def test_side_by_side_they_come_to_the_same(shop: ShopFactory, tmp_path: Path) -> None:
    finished = go(*SHIPPED, url=shop("fixed").url, out=tmp_path, workers=4)
    assert finished.outcome is Outcome.PASSED
    assert len(finished.scenarios) == len(SHIPPED)


@pytest.mark.parametrize("name", ["repeat-customer", "concurrent-orders"])
@pytest.mark.parametrize("style", ["json", "text", "html", "graphql"])
def test_the_incident_is_named_however_the_shop_shows_it(
    shop: ShopFactory, tmp_path: Path, name: str, style: str
) -> None:
    finished = go(name, url=shop("broken", style).url, out=tmp_path)
    assert finished.outcome is Outcome.FAILED
    errors = [f.database_error for f in finished.findings if f.database_error is not None]
    assert errors
    for error in errors:
        assert error.sqlstate == "23505"
        assert error.condition_name == "unique_violation"
        assert error.constraint_name == "h2s_dispatch_jobs_recipient_step_uq"


def test_the_finding_has_table_and_columns(shop: ShopFactory, tmp_path: Path) -> None:
    finished = go("repeat-customer", url=shop("broken").url, out=tmp_path)
    error = finished.findings[0].database_error
    assert error is not None
    assert error.table_name == "h2s_dispatch_jobs"
    assert error.columns == ("recipient_id", "step_id")


@pytest.mark.parametrize("state", ["fix-not-applied", "wrong-database"])
def test_a_fix_that_did_not_reach_the_database_is_no_fix(
    shop: ShopFactory, tmp_path: Path, state: str
) -> None:
    finished = go("repeat-customer", url=shop(state).url, out=tmp_path)
    assert finished.outcome is Outcome.FAILED


def test_a_masked_error_is_not_guessed_and_keeps_its_request_id(
    shop: ShopFactory, tmp_path: Path
) -> None:
    finished = go("repeat-customer", url=shop("masked").url, out=tmp_path)
    assert finished.outcome is Outcome.FAILED
    finding = finished.findings[0]
    assert finding.database_error is None
    assert finding.code == "error-hidden"
    assert any("request-id" in item.name.lower() for item in finding.correlations)


def test_a_second_order_that_failed_is_listed_as_one_that_may_exist(
    shop: ShopFactory, tmp_path: Path
) -> None:
    finished = go("repeat-customer", url=shop("broken").url, out=tmp_path)
    first, second = finished.orders
    assert (first.state.value, first.removed.value) == ("placed", "yes")
    assert second.state.value == "may-exist"
    assert [order.step for order in finished.orders_left_behind] == ["Order 2"]
