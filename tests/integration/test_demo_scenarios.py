"""The scenarios that ship, carried out on the demo shop."""

from __future__ import annotations

from pathlib import Path

import pytest

import smoke
from smoke.app.options import RunOptions
from smoke.model.run import Outcome, Run
from tests.support.demo import ShopFactory

FOLDER = Path(__file__).parents[2] / "scenarios"
SHIPPED = sorted(
    path.stem for path in FOLDER.glob("*.yaml") if not path.stem.startswith("repeat-customer-")
)
FAIL_ON_BROKEN = {"repeat-customer", "concurrent-orders"}


def run(url: str, out: Path, *names: str, workers: int = 1) -> Run:
    paths = tuple(str(FOLDER / f"{name}.yaml") for name in names)
    return smoke.run(options=RunOptions(selectors=paths, url=url, out=out, workers=workers))


def problems(done: Run) -> list[str]:
    """Why it did not pass, readable in a failing test."""
    return [
        f"{scenario.name}: {step.name}: {step.message} {attempt.mismatches} {attempt.error}"
        for scenario in done.scenarios
        for step in scenario.steps
        for attempt in step.attempts
        if step.outcome not in {Outcome.PASSED, Outcome.SKIPPED}
    ]


def test_seven_ship_for_the_rest_face() -> None:
    assert SHIPPED == [
        "cancel-order",
        "concurrent-orders",
        "declined-card",
        "double-submit",
        "first-order",
        "invalid-cart",
        "repeat-customer",
    ]


def test_all_pass_on_the_fixed_shop_and_leave_nothing(shop: ShopFactory, tmp_path: Path) -> None:
    """Several at once, as a deployment's check runs them; every order that was placed is cancelled."""
    fixed = shop("fixed")
    done = run(fixed.url, tmp_path, *SHIPPED, workers=3)
    assert problems(done) == []
    assert {scenario.name: scenario.outcome for scenario in done.scenarios} == dict.fromkeys(
        SHIPPED, Outcome.PASSED
    )
    assert done.outcome is Outcome.PASSED
    assert done.findings == ()
    assert done.orders_left_behind == ()
    assert {(order["status"], order["dispatch_jobs"]) for order in fixed.orders()} == {
        ("cancelled", 0)
    }
    answers = fixed.stats()["answers"]
    assert "500" not in answers


@pytest.mark.parametrize("name", SHIPPED)
def test_what_each_says_of_the_broken_shop(shop: ShopFactory, tmp_path: Path, name: str) -> None:
    """Two of them find the incident, by SQLSTATE, constraint, table and columns; the others pass."""
    broken = shop("broken")
    done = run(broken.url, tmp_path, name)
    if name not in FAIL_ON_BROKEN:
        assert problems(done) == []
        assert done.outcome is Outcome.PASSED
        assert done.orders_left_behind == ()
        return
    assert done.outcome is Outcome.FAILED
    error = done.findings[0].database_error
    assert error is not None
    assert error.sqlstate == "23505"
    assert error.condition_name == "unique_violation"
    assert error.constraint_name == "h2s_dispatch_jobs_recipient_step_uq"
    assert error.table_name == "h2s_dispatch_jobs"
    assert error.columns == ("recipient_id", "step_id")
    assert {order["status"] for order in broken.orders()} == {"cancelled"}


def test_the_fix_that_a_scenario_names_makes_it_pass(shop: ShopFactory, tmp_path: Path) -> None:
    """The same shop, before and after."""
    broken = shop("broken")
    before = run(broken.url, tmp_path, "repeat-customer")
    broken.apply_fix()
    after = run(broken.url, tmp_path, "repeat-customer")
    assert (before.outcome, after.outcome) == (Outcome.FAILED, Outcome.PASSED)
    (scenario,) = after.scenarios
    assert scenario.passed_message == "Repeat customers can place multiple orders"
    assert [step.name for step in scenario.steps if not step.teardown] == ["Order 1", "Order 2"]
    assert Path(scenario.fix).name == "0007_one_dispatch_job_per_order.sql"


def test_masked_is_a_failure_without_a_database_error(shop: ShopFactory, tmp_path: Path) -> None:
    done = run(shop("masked").url, tmp_path, "repeat-customer")
    assert done.outcome is Outcome.FAILED
    assert [finding.database_error for finding in done.findings if finding.database_error] == []
