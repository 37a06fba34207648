"""What is new, fixed, failing still, flaky or slower, and what may be said of it."""

from msgspec.structs import replace

from smoke.cli.compared import tell_since
from smoke.cli.layout import Sheet
from smoke.history.comparing import Basis, Became, RunComparison, compare
from smoke.history.rows import RunRecord, StepRow
from smoke.history.speed import chance, needed, slower
from tests.support.past import OTHER, failure, ran


def told(comparison: RunComparison) -> list[tuple[str, str, str]]:
    return [(each.kind.value, each.where, each.note) for each in comparison.changes]


GOOD, BROKEN = ran(1, "v1"), ran(2, "v2", failure())


def test_three_deploys_and_a_fourth_with_the_old_failure() -> None:
    fixed, back = ran(3, "v3"), ran(4, "v4", failure())
    assert told(compare(GOOD, [])) == []
    assert told(compare(BROKEN, [GOOD])) == [("new", "order 'Order'", "")]
    assert told(compare(fixed, [BROKEN, GOOD])) == [("fixed", "order 'Order'", "")]
    again = compare(back, [fixed, BROKEN, GOOD])
    assert told(again) == [("new", "order 'Order'", "it is back: last seen on v2")]
    assert again.last_good is not None
    assert again.last_good.version == "v3"
    assert (again.basis, again.against) == (Basis.BUILD, fixed.run)


def test_since_when_it_fails_is_counted_over_runs_with_a_verdict() -> None:
    no_verdict = ran(3, "v3", order="errored")
    (change,) = compare(ran(4, "v4", failure()), [no_verdict, BROKEN, GOOD]).changes
    assert (change.kind, change.runs) == (Became.STILL, 2)
    assert change.since == BROKEN.run


def test_a_run_of_the_same_build_is_not_what_is_compared_with() -> None:
    again = compare(ran(3, "v2", failure()), [BROKEN, GOOD])
    assert again.against == GOOD.run
    assert told(again) == [("new", "order 'Order'", "seen on this build since run run-0002")]


def test_what_passed_on_this_build_meanwhile_is_not_failing_still() -> None:
    passed = ran(3, "v3")
    (change,) = compare(ran(4, "v3", failure()), [passed, BROKEN, GOOD]).changes
    assert (change.kind, change.note) == (Became.NEW, "it is back: last seen on v2")
    (kept,) = compare(ran(5, "v3", failure()), [ran(4, "v3", failure()), BROKEN, GOOD]).changes
    assert (kept.kind, kept.runs) == (Became.STILL, 3)


def test_a_run_whose_build_is_not_known_is_compared_with_the_one_before() -> None:
    comparison = compare(ran(3, "", failure()), [BROKEN, GOOD])
    assert comparison.basis is Basis.RUN
    assert [each.kind for each in comparison.changes] == [Became.STILL]
    assert compare(ran(3, "v3", failure()), [ran(2, "", failure())]).basis is Basis.NONE


def test_what_is_named_is_what_is_compared_with() -> None:
    comparison = compare(ran(3, "v3", failure()), [BROKEN, GOOD], [GOOD])
    assert (comparison.basis, comparison.against) == (Basis.GIVEN, GOOD.run)
    assert told(comparison) == [("new", "order 'Order'", "it fails so since v2 (2 runs)")]
    assert compare(ran(3, "v3"), [BROKEN], []).basis is Basis.NONE


def test_a_cause_at_another_step_or_another_cause_is_new() -> None:
    assert told(compare(ran(3, "v3", failure(step="Pay")), [BROKEN])) == [
        ("new", "order 'Pay'", "the same cause struck order 'Order' before"),
        ("not judged", "order 'Order'", "not reached this time"),
    ]
    assert told(compare(ran(3, "v3", failure(OTHER)), [BROKEN])) == [
        ("new", "order 'Order'", "the scenario failed before, by another cause")
    ]


def test_a_later_failure_says_that_the_step_before_is_fixed() -> None:
    steps = (StepRow("order", "Order", "passed", 0.1), StepRow("order", "Pay", "failed", 0.1))
    now = ran(3, "v3", failure(OTHER, "Pay"), steps=steps)
    assert [each.kind for each in compare(now, [BROKEN]).changes] == [Became.NEW, Became.FIXED]


def test_a_scenario_as_a_whole_is_fixed_when_it_passes() -> None:
    whole = ran(1, "v1", failure(step=""))
    assert [each.kind for each in compare(ran(2, "v2"), [whole]).changes] == [Became.FIXED]


def test_what_has_no_verdict_is_neither_new_nor_fixed() -> None:
    errored = ran(3, "v3", failure(outcome="errored"))
    assert told(compare(errored, [BROKEN])) == [("not judged", "order", "no verdict (errored)")]
    skipped = ran(3, "v3", order="skipped")
    assert told(compare(skipped, [GOOD])) == [("not judged", "order", "not run")]


def test_scenarios_that_are_left_out_and_those_without_a_past_are_told() -> None:
    before = ran(1, "v1", order="passed", pay="passed")
    assert told(compare(ran(2, "v2"), [before])) == [
        ("not judged", "pay", "not among the scenarios of this run")
    ]
    first = compare(ran(2, "v2", failure(scenario="pay"), pay="failed"), [GOOD])
    assert told(first)[0] == (
        "new",
        "pay 'Order'",
        "the scenario has no earlier verdict to compare with",
    )
    assert first.last_good is None


def test_both_on_one_build_is_flaky_and_a_step_that_was_tried_again() -> None:
    comparison = compare(ran(3, "v2"), [BROKEN, GOOD])
    assert [(each.scenario, each.note) for each in comparison.flaky] == [
        ("order", "passed in 1 of 2 runs on v2")
    ]
    retried = ran(3, "v3", steps=(StepRow("order", "Order", "passed", 0.1, 1),))
    assert [each.step for each in compare(retried, [GOOD]).flaky] == ["Order"]
    assert compare(ran(3, ""), [ran(2, "", failure())]).flaky == ()


def timed(minute: int, version: str, *seconds: float) -> RunRecord:
    steps = tuple(StepRow("order", f"s{at}", "passed", each) for at, each in enumerate(seconds))
    return ran(minute, version, steps=steps)


def test_nothing_is_called_slower_by_few_passes() -> None:
    few = [timed(at, "v1", 0.1) for at in range(18)]
    comparison = compare(timed(60, "v2", 5.0), few)
    assert (comparison.slower, comparison.passes, comparison.needed) == ((), 18, 19)
    (slow,) = compare(timed(60, "v2", 5.0), [timed(20, "v1", 0.1), *few]).slower
    assert (slow.step, slow.passes, slow.runs, slow.p) == ("s0", 19, 1, 0.05)
    assert (slow.now, slow.before) == (5.0, 0.1)


def test_more_steps_need_more_passes_and_more_runs_fewer() -> None:
    past = [timed(at, "v1", 0.1, 0.1) for at in range(38)]
    assert compare(timed(60, "v2", 5.0, 0.1), past).slower == ()
    assert needed(2) == 39
    again = [timed(59, "v2", 5.0, 0.1), *past[:20]]
    (slow,) = compare(timed(60, "v2", 5.0, 0.1), again).slower
    assert (slow.step, slow.runs, slow.passes) == ("s0", 2, 20)


def test_a_little_slower_and_equal_times_are_not_slower() -> None:
    before = [0.1] * 100
    assert slower("order", "Order", [0.12], before, 1) is None
    assert slower("order", "Order", [0.14], before, 1) is None
    assert slower("order", "Order", [0.2], [0.1, 0.2] * 50, 1) is None
    assert slower("order", "Order", [], before, 1) is None
    assert slower("order", "Order", [0.2, 0.3, 0.1, 0.2], before, 1) is not None


def test_the_rank_test_is_exact() -> None:
    assert chance([2], [1]) == 0.5
    assert chance([3, 4], [1, 2]) == 1 / 6
    assert chance([1], [1, 1]) == 1.0
    assert chance([1, 5], [2, 3]) == 4 / 6


def test_a_failure_that_was_forgotten_in_a_record_without_steps_is_not_fixed() -> None:
    now = replace(ran(3, "v3"), steps=())
    assert [each.kind for each in compare(now, [BROKEN]).changes] == [Became.UNKNOWN]


def since(comparison: RunComparison) -> str:
    sheet = Sheet(width=200, color=False, unicode=True)
    tell_since(sheet, comparison)
    return sheet.render().strip()


def test_it_is_told_of_a_run_that_carried_the_scenario_out_and_of_no_other() -> None:
    other = ran(3, "v3", browse="passed")
    told_of = compare(ran(4, "v4", failure()), [other, GOOD])
    assert since(told_of) == "history     it did not fail so in v1"
    assert told_of.against == GOOD.run
    alone = compare(ran(4, "v4", failure()), [other])
    assert (since(alone), alone.basis) == ("", Basis.NONE)
    # on v2 it failed so; the last run, of this build, passed
    back = compare(ran(4, "v4", failure()), [ran(3, "v4"), BROKEN, GOOD])
    assert since(back) == "history     it did not fail so in v4"


def test_where_the_history_begins_with_the_failure_it_may_last_longer() -> None:
    lasts = compare(ran(4, "v4", failure()), [ran(3, "v3", failure()), ran(2, "v2", failure())])
    assert since(lasts) == "history     it fails so at least since v2 (3 runs in a row)"


def test_of_failures_that_last_differently_it_is_said_of_which_it_speaks() -> None:
    now = ran(4, "v4", failure(), failure(OTHER, "Pay"))
    before = [ran(3, "v3", failure(), failure(OTHER, "Pay")), BROKEN, GOOD]
    assert (
        since(compare(now, before))
        == "history     order 'Order' fails so since v2 (3 runs in a row)"
    )
    mixed = ran(4, "v4", failure(), failure(scenario="pay"), order="failed", pay="failed")
    past = [ran(3, "v3", pay="passed"), ran(2, "v2")]
    assert since(compare(mixed, past)) == "history     order 'Order' did not fail so in v2"
