"""Since when a failure lasts: only what runs with a verdict tell, and only where they tell it."""

import pytest
from msgspec.structs import replace

from smoke.facts.fingerprints import causes_of
from smoke.facts.since import cause_since, since_words
from smoke.history.lasting import lasting
from smoke.history.recording import record_of
from smoke.history.rows import RunRecord
from smoke.model.run import Outcome, Run
from tests.support import samples

RUN = samples.failing().run
RECORD = record_of(RUN)
(FAILURE,) = RECORD.failures


def before(minute: int, build: str, outcome: str = "failed", *, other: bool = False) -> RunRecord:
    """An earlier run of the same scenario."""
    scenarios = tuple(replace(row, outcome=outcome) for row in RECORD.scenarios)
    steps = tuple(replace(row, outcome=outcome) for row in RECORD.steps)
    broken = replace(FAILURE, fingerprint="b" * 16 if other else FAILURE.fingerprint)
    run = replace(
        RECORD.run,
        id=f"run-{minute}",
        version=build,
        started=f"2026-11-20T10:{minute:02}:00.000+00:00",
        outcome=outcome,
    )
    return RunRecord(run, scenarios, steps, (broken,) if outcome == "failed" else ())


def told(run: Run, *past: RunRecord) -> list[str]:
    return [since_words(each) for each in lasting(run, RECORD.run, past)]


GOOD = before(1, "v1", "passed")
BAD = before(2, "v2")
SINCE_V2 = "since build v2 (2 runs, 2026-11-20 10:02 UTC)"


@pytest.mark.parametrize(
    ("past", "words"),
    [
        ((), []),
        ((GOOD,), ["new: passed on build v1 (2026-11-20 10:01 UTC)"]),
        ((before(1, "", "passed"),), ["new: passed in run run-1 (2026-11-20 10:01 UTC)"]),
        ((BAD, GOOD), [SINCE_V2]),
        ((BAD,), [f"at least {SINCE_V2}"]),
        ((before(3, "v3", "errored"), BAD, GOOD), [SINCE_V2]),
        ((before(3, "v3", "skipped"), GOOD), ["new: passed on build v1 (2026-11-20 10:01 UTC)"]),
        ((before(3, "v3", other=True), GOOD), []),
        ((before(3, "v3", "errored"),), []),
    ],
)
def test_what_the_runs_before_tell(past: tuple[RunRecord, ...], words: list[str]) -> None:
    assert told(RUN, *past) == words


def test_of_a_step_without_a_verdict_nothing_is_told() -> None:
    run = samples.errored().run
    record = record_of(run)
    earlier = RunRecord(replace(record.run, id="run-1"), record.scenarios, (), record.failures)
    judged = replace(
        earlier, scenarios=tuple(replace(row, outcome="failed") for row in record.scenarios)
    )
    assert run.scenarios[0].outcome is Outcome.ERRORED
    assert list(lasting(run, record.run, [judged])) == []


def test_a_cause_that_does_not_last_as_long_everywhere_names_the_place() -> None:
    run = samples.same_cause().run
    (cause,) = [each for each in causes_of(run) if len(each.failures) > 1]
    assert cause_since(run, cause) == ""
    record = record_of(run)
    first = record.failures[0]
    steps = tuple(replace(row, outcome="passed") for row in record.steps)
    passed = tuple(replace(row, outcome="passed") for row in record.scenarios)
    failed = tuple(replace(row, outcome="failed") for row in record.scenarios)
    good = RunRecord(replace(record.run, id="run-1", version="v1"), passed, steps)
    bad = RunRecord(replace(record.run, id="run-2", version="v2"), failed, steps, (first,))
    when = f"{record.run.started[:16].replace('T', ' ')} UTC"

    some = replace(run, since=tuple(lasting(run, record.run, [bad, good])))
    words = cause_since(some, cause)
    assert words.endswith(f"': since build v2 (2 runs, {when})")
    assert words.startswith(f"{cause.failures[0].scenario.name} '")

    everywhere = replace(bad, failures=record.failures)
    all_of_it = replace(run, since=tuple(lasting(run, record.run, [everywhere, good])))
    assert cause_since(all_of_it, cause) == f"since build v2 (2 runs, {when})"
