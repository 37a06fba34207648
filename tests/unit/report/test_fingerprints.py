"""A cause has one name: in every run, and in every scenario that it struck."""

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from msgspec import structs

from smoke.facts.fingerprints import causes_of, failures_of, fingerprint, steady
from smoke.model.dberror import DatabaseError
from smoke.model.exchange import Delivery, ErrorKind, Phase, TransportError
from smoke.model.finding import Finding
from smoke.model.run import Mismatch, Outcome, Run
from tests.support import samples


def only(run: Run) -> str:
    (cause,) = causes_of(run)
    return cause.fingerprint


def failed_by(
    *mismatches: Mismatch, scenario: str = "shop", step: str = "Order", **more: Any
) -> Run:
    teller = samples.Teller()
    teller.scenario(scenario)
    finding = more.pop("finding", None)
    exchange = teller.exchange(**more)
    teller.step(
        step,
        [exchange],
        Outcome.FAILED if exchange.response is not None else Outcome.ERRORED,
        scenario=scenario,
        mismatches=mismatches,
        findings=(finding,) if isinstance(finding, Finding) else (),
        message="it failed",
    )
    teller.end(Outcome.FAILED, scenario)
    return teller.done(Outcome.FAILED).run


def database_error(**known: object) -> Finding:
    error = DatabaseError(**{"sqlstate": "23505", **known})  # type: ignore[arg-type]  # fields of any type
    return Finding("unique-violation", "unique_violation", database_error=error)


def test_one_rule_in_three_scenarios_is_one_cause() -> None:
    (cause,) = causes_of(samples.same_cause().run)
    assert cause.scenarios == ("repeat-customer", "second", "third")
    assert [each.where for each in cause.failures] == ["Order 2"] * 3
    assert cause.fingerprint == only(samples.failing().run) == only(samples.large().run)


def test_a_run_that_passed_has_no_cause() -> None:
    run = samples.passing().run
    assert causes_of(run) == ()
    assert {
        fingerprint(scenario, step) for scenario in run.scenarios for step in scenario.steps
    } == {""}


@pytest.mark.parametrize(
    "more",
    [
        {"table_name": "jobs", "schema_name": "public"},
        {"message_detail": "Key (id)=(7) already exists.", "columns": ("id",)},
        {"message_primary": 'Schlüsselwert verletzt "jobs_uq"'},
    ],
)
def test_what_else_is_told_of_a_rule_makes_no_other_cause(more: dict[str, object]) -> None:
    bare = failed_by(finding=database_error(constraint_name="jobs_uq"), status=500)
    full = failed_by(
        finding=database_error(constraint_name="jobs_uq", **more), status=500, step="Other"
    )
    assert only(bare) == only(full)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('invalid input syntax for type uuid: "abc"', 'invalid input syntax for type uuid: "d-1"'),
        ("value 17 is out of range", "value 4711 is out of range"),
        ("no row for ada.king@example.com", "no row for b@example.org"),
    ],
)
def test_values_in_a_message_make_no_other_cause(one: str, other: str) -> None:
    first, second = (
        only(failed_by(finding=database_error(sqlstate="22P02", message_primary=text), status=500))
        for text in (one, other)
    )
    assert first == second
    third = only(
        failed_by(finding=database_error(sqlstate="22P02", message_primary="else"), status=500)
    )
    assert third != first


def wrong(path: str, actual: object) -> Mismatch:
    return Mismatch(path, True, actual)  # type: ignore[arg-type]  # JSON


DIFFERENT: list[Callable[[], Run]] = [
    lambda: failed_by(wrong("json $.ok", actual=False)),
    lambda: failed_by(wrong("json $.ok", actual=False), status=200),
    lambda: failed_by(wrong("json $.ok", "no")),
    lambda: failed_by(wrong("json $.id", actual=False)),
    lambda: failed_by(wrong("json $.ok", actual=False), wrong("json $.id", None)),
    lambda: failed_by(wrong("json $.ok", actual=False), step="Pay"),
    lambda: failed_by(wrong("json $.ok", actual=False), scenario="other"),
    lambda: failed_by(finding=Finding("error-hidden", "hidden", hiding="generic-page"), status=500),
    lambda: failed_by(finding=Finding("error-hidden", "hidden", hiding="generic-page"), status=502),
    lambda: failed_by(finding=Finding("auth-wall", "Cloudflare Access answered"), status=403),
    lambda: failed_by(finding=Finding("auth-wall", "Vercel answered"), status=403),
    lambda: failed_by(finding=database_error(constraint_name="jobs_uq"), status=500),
    lambda: failed_by(finding=database_error(constraint_name="orders_uq"), status=500),
    lambda: failed_by(
        finding=database_error(constraint_name="jobs_uq", sqlstate="23514"), status=500
    ),
    lambda: failed_by(finding=database_error(table_name="jobs"), status=500),
    lambda: broken(ErrorKind.TIMEOUT, Phase.WAIT),
    lambda: broken(ErrorKind.TIMEOUT, Phase.WAIT, url=f"{samples.URL}/api/pay"),
    lambda: broken(ErrorKind.RESET, Phase.WAIT),
    lambda: broken(ErrorKind.CONNECTION_REFUSED, Phase.CONNECT),
]


def broken(kind: ErrorKind, phase: Phase, **more: Any) -> Run:
    error = TransportError(kind, phase, Delivery.MAYBE_SENT, f"{kind.value} after 30.1 s")
    return failed_by(status=None, error=error, **more)


def test_different_causes_have_different_names_and_each_its_own_again() -> None:
    names = [only(make()) for make in DIFFERENT]
    assert len(set(names)) == len(names)
    assert [only(make()) for make in DIFFERENT] == names


def test_values_that_came_make_no_other_cause() -> None:
    first = only(failed_by(wrong("json $.items[0].total", 1250)))
    assert first == only(failed_by(wrong("json $.items[3].total", 99.5)))


@pytest.mark.parametrize("finding", ["auth-wall", "refused"])
def test_a_wall_and_a_host_that_is_not_there_are_one_cause_wherever_they_are_met(
    finding: str,
) -> None:
    def run(scenario: str, path: str) -> Run:
        url = f"{samples.URL}{path}"
        if finding == "refused":
            return broken(ErrorKind.CONNECTION_REFUSED, Phase.CONNECT, url=url, scenario=scenario)
        wall = Finding("auth-wall", "Vercel answered")
        return failed_by(finding=wall, status=401, url=url, scenario=scenario)

    assert only(run("first", "/api/shop")) == only(run("second", "/api/orders/17"))


def test_rounds_of_a_step_are_one_cause() -> None:
    names = {
        only(failed_by(wrong("json $.ok", None), step=step)) for step in ("A/B", "A#2/B", "A#17/B")
    }
    assert len(names) == 1


def test_a_scenario_without_a_verdict_is_told_too() -> None:
    run = samples.passing().run
    scenario = structs.replace(
        run.scenarios[0],
        outcome=Outcome.ERRORED,
        message="no order was placed: 'Order' was refused",
    )
    (failure,) = failures_of(scenario)
    assert (failure.step, failure.where, failure.title) == (None, "", scenario.message)
    assert len(failure.fingerprint) == 16


def test_a_possible_cause_is_none() -> None:
    possible = dataclasses.replace(database_error(constraint_name="jobs_uq"), code="possible-cause")
    assert only(failed_by(finding=possible, status=500)) != only(
        failed_by(finding=database_error(constraint_name="jobs_uq"), status=500)
    )


def test_a_sentence_without_its_values() -> None:
    assert steady("user qwerty has 3 orders", ("qwerty", "us")) == "user … has … orders"
    assert steady('relation "orders" does not exist') == 'relation "orders" does not exist'


def test_a_step_that_never_ended_and_one_that_failed_without_a_word() -> None:
    (cause,) = causes_of(samples.unfinished().run)
    assert cause.failures[0].code == "unfinished"
    (silent,) = causes_of(failed_by(status=429))
    assert (silent.title, silent.failures[0].code) == ("it failed", "failed")
    assert silent.failures[0].brief == "it failed"
    (whole,) = causes_of(
        failed_by(Mismatch("json $", None, None, unevaluated="no JSON"), status=200)
    )
    assert whole.failures[0].brief == "json $ is not as expected: the status is 200"


def test_a_failure_of_a_scenario_as_a_whole_has_no_step() -> None:
    run = samples.errored().run
    for cause in causes_of(run):
        assert all(len(each.fingerprint) == 16 for each in cause.failures)
