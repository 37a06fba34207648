"""Commands that go on from a run ask for all that it was asked to do, and for nothing that would do nothing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from smoke.advice.commands import Commands
from smoke.advice.leftovers import age, by_hand, heading, label, look_for, reason
from smoke.model.asked import Asked, Target
from smoke.model.run import (
    OrderState,
    Outcome,
    PlacedOrder,
    Removal,
    Run,
    ScenarioResult,
    StepResult,
)

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def scenario(name: str, outcome: Outcome = Outcome.FAILED, **more: object) -> ScenarioResult:
    steps = (StepResult("Pay", "Pay", "request", outcome),)
    made = ScenarioResult(name, "", f"scenarios/{name}.yaml", outcome, steps)
    return replace(made, **more)


def run(*scenarios: ScenarioResult, asked: Asked | None = None, target: str = "") -> Run:
    where = Target(target, "https://shop.example")
    return Run("r1", 2, "0", where, "", scenarios=scenarios, asked=asked, folder="kept/r1")


def order(
    state: OrderState = OrderState.PLACED, order_id: str = "A", **more: object
) -> PlacedOrder:
    return replace(PlacedOrder("s/Pay", "s", "Pay", state, order_id), **more)


def test_without_a_run_there_is_little_to_type() -> None:
    commands = Commands()
    assert (commands.again(), commands.teardown(), commands.forget()) == ("", "", "")
    assert commands.show("Pay") == "smoke show"
    assert commands.orders() == "smoke orders"
    assert commands.constraint("a_uq") == "smoke db constraint a_uq"
    assert not commands.can_remove(order())


OUT = " --out kept"
URL = " --url https://shop.example"
AGAIN: list[tuple[Run, str]] = [
    (run(scenario("s")), f"smoke run scenarios/s.yaml{URL}{OUT}"),
    (run(scenario("s", Outcome.PASSED)), ""),
    (run(scenario("s", teardown_of="x")), ""),
    (run(*(scenario(f"s{n}") for n in range(6))), ""),
    (run(asked=Asked(selectors=("tag",))), f"smoke run tag{OUT}"),
    (
        run(*(scenario(f"s{n}") for n in range(6)), asked=Asked(selectors=("tag",), url="https://a.example")),
        f"smoke run tag --url https://a.example{OUT}",
    ),
    (
        run(scenario("s"), asked=Asked(selectors=("first", "./scenarios/")), target="t"),
        f"smoke run scenarios/s.yaml --target t{OUT}",
    ),
    (
        run(
            scenario("s"),
            asked=Asked(
                selectors=("s",),
                targets_file="t.yaml",
                variables=(("a", "b"),),
                headers=(("X-A", "b"),),
                allow_hosts=("https://pay.example",),
                options=("--insecure",),
            ),
            target="t",
        ),
        ("smoke run s --target t --targets t.yaml --var a=b --header 'X-A: b' "
        f"--allow-host https://pay.example --insecure{OUT}"),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("given", "line"), AGAIN)
def test_again(given: Run, line: str) -> None:
    expected = line
    if given.asked is not None and not given.target.name and "--url" not in line:
        expected = line.replace(OUT, f"{URL}{OUT}")
    assert Commands(given).again() == expected


def test_a_step_is_shown_by_its_scenario_where_another_has_one_of_that_id() -> None:
    alone, both = run(scenario("s")), run(scenario("s"), scenario("t"))
    assert Commands(alone).show("Pay", scenario="s") == f"smoke show r1 Pay{OUT}"
    assert Commands(both).show("Pay", scenario="s") == f"smoke show r1 s/Pay{OUT}"
    assert Commands(both).show("-x") == "smoke show --out kept -- r1 -x"


@pytest.mark.parametrize(
    ("asked", "target", "line"),
    [
        (Asked(), "", ""),
        (Asked(database=True), "", "smoke db constraint a_uq"),
        (Asked(database=True, dsn_env="DSN"), "t", "smoke db constraint a_uq --dsn-env DSN"),
        (Asked(database=True), "t", "smoke db constraint a_uq --target t"),
        (
            Asked(database=True, targets_file="t.yaml"),
            "t",
            "smoke db constraint a_uq --target t --targets t.yaml",
        ),
    ],
)
def test_a_constraint_is_asked_for_where_a_database_was_at_hand(
    asked: Asked, target: str, line: str
) -> None:
    assert Commands(run(asked=asked, target=target)).constraint("a_uq") == line


def left(*orders: PlacedOrder, removes: bool = True, looks: bool = False) -> Run:
    return replace(run(scenario("s", removes=removes, looks=looks)), orders=orders)


@pytest.mark.parametrize(
    ("given", "teardown", "hand"),
    [
        (left(), "", []),
        (left(order()), f"smoke teardown r1{OUT}", []),
        (
            left(order(), removes=False),
            "",
            [f"smoke orders forget r1 --why 'removed by hand'{OUT}"],
        ),
        (left(order(OrderState.MAY_EXIST, ""), looks=True), f"smoke teardown r1{OUT}", []),
        (
            left(order(), order(removed=Removal.FAILED, key="s/Two")),
            f"smoke teardown r1{OUT}",
            [f"smoke orders forget r1 s/Two --why 'removed by hand'{OUT}"],
        ),
        (
            left(order(), *(order(removed=Removal.FAILED, key=str(n)) for n in range(4))),
            f"smoke teardown r1{OUT}",
            [],
        ),
    ],
)
def test_what_is_left_is_removed_or_forgotten(given: Run, teardown: str, hand: list[str]) -> None:
    commands = Commands(given)
    assert commands.teardown() == teardown
    assert list(by_hand(given, commands)) == hand


def test_orders_that_are_left_in_words() -> None:
    may = order(
        OrderState.MAY_EXIST,
        "",
        idempotency_key="k",
        intended_at="10:00",
        step_title="Pay, round 2",
    )
    assert (label(order()), label(may)) == ("left behind", "may exist")
    assert heading([]) == ""
    assert heading([order(), order(), may]) == "2 orders left behind, 1 may exist"
    assert heading([may]) == "1 order may exist"
    assert reason(order(removed=Removal.FAILED, removal_note="status 500")) == (
        "removing it failed: status 500"
    )
    assert reason(order(removed=Removal.FAILED)) == "removing it failed"
    assert reason(order(removal_note="not reached")) == "not reached"
    assert look_for(order()) == ""
    assert look_for(may) == (
        "in the shop, an order that 'Pay, round 2' asked for at 10:00, its Idempotency-Key was k"
    )
    assert look_for(order(order_id="")) == "in the shop, an order that 'Pay' asked for"


@pytest.mark.parametrize(
    ("then", "told"),
    [
        ("2026-11-21T11:00:00+00:00", "2 d ago"),
        ("2026-11-23T09:00:00+00:00", "3 h ago"),
        ("2026-11-23T11:58:30+00:00", "1 min ago"),
        ("2026-11-23T11:59:30+00:00", "just now"),
        ("2026-11-23T11:59:30", ""),
        ("soon", ""),
    ],
)
def test_how_long_ago(then: str, told: str) -> None:
    assert age(then, NOW) == told
