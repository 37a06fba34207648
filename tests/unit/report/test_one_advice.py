"""What to do about a step, and about orders left behind, is said alike wherever it is read: the terminal, the page, the job summary and the JUnit report."""

from __future__ import annotations

import html
import io
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from msgspec import structs

from smoke import plugins
from smoke.advice import advise_in
from smoke.advice.commands import Commands
from smoke.advice.leftovers import by_hand, look_for, reason
from smoke.cli.summary import render_run
from smoke.facts.advice import MOST, commented
from smoke.model.asked import Asked
from smoke.model.events import FindingsExamined
from smoke.model.finding import Finding, Statement
from smoke.model.fold import fold
from smoke.model.run import Run, StepResult
from tests.support.samples import AT, SAMPLES, Sample, failing


def report(name: str) -> Callable[[Run, Sample], str]:
    def write(run: Run, sample: Sample) -> str:
        out = io.BytesIO()
        plugins.load("reporters", name).write(run, sample.evidence, out)
        return html.unescape(html.unescape(out.getvalue().decode()))

    return write


def terminal(run: Run, sample: Sample) -> str:
    return render_run(
        run, sample.evidence, width=10_000, color=False, unicode=True, verbose=True, quiet=False
    )


PEOPLE = {
    "terminal": terminal,
    "html": report("html"),
    "github": report("github"),
    "junit": report("junit"),
}


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n")]


def broken(run: Run) -> Iterator[StepResult]:
    return (s for scenario in run.scenarios for s in scenario.steps if s.outcome.stops)


def with_findings(*found: Finding) -> tuple[Run, Sample]:
    """The incident, whose second order has these findings."""
    sample = failing()
    scenario = sample.run.scenarios[0]
    step = next(broken(sample.run))
    event = FindingsExamined(AT, scenario.name, step.id, step.attempts[-1].number, found)
    run = fold((*sample.events, event))
    assert run is not None
    return run, sample


@pytest.mark.parametrize("name", sorted(set(SAMPLES) - {"hostile"}))
@pytest.mark.parametrize("where", sorted(PEOPLE))
def test_all_that_is_advised_is_said_everywhere(where: str, name: str) -> None:
    sample = SAMPLES[name]()
    said = PEOPLE[where](sample.run, sample)
    for finding in [f for step in broken(sample.run) for f in step.attempts[-1].findings]:
        advice = advise_in(sample.run, finding, Commands(sample.run))
        assert advice.explanation in said
        for command in advice.next:
            assert command in said
        for statement in (*advice.verify, *advice.remedies):
            for line in commented(statement):
                assert line.strip() in said


@pytest.mark.parametrize("where", sorted(PEOPLE))
def test_a_question_to_the_database_stands_in_a_transaction_that_only_reads(where: str) -> None:
    sample = failing()
    said = lines(PEOPLE[where](sample.run, sample))
    question = commented(advise_in(sample.run, sample.run.findings[0]).verify[0])[-1].strip()
    at = next(number for number, line in enumerate(said) if line.endswith(question))
    before = [line for line in said[:at] if "BEGIN READ ONLY;" in line or "ROLLBACK;" in line]
    assert before[-1].endswith("BEGIN READ ONLY;")
    assert any("ROLLBACK;" in line for line in said[at:])


@pytest.mark.parametrize("where", sorted(PEOPLE))
def test_where_nothing_was_found_the_command_that_shows_the_request_is_given(where: str) -> None:
    sample = SAMPLES["maybe-sent"]()
    step = next(broken(sample.run))
    assert not step.attempts[-1].findings
    wanted = f"smoke show {sample.run.id} 'Order 1' --request"
    assert wanted in PEOPLE[where](sample.run, sample)


@pytest.mark.parametrize("where", sorted(PEOPLE))
def test_a_command_for_several_findings_is_given_once(where: str) -> None:
    first = failing().run.findings[0]
    remedy = Statement("as the database told", "DROP TABLE jobs_other;", writes=True)
    run, sample = with_findings(first, replace(first, remedies=(remedy,)))
    said = lines(PEOPLE[where](run, sample))
    assert sum("explain 23505" in line for line in said) == 1
    assert any("DROP TABLE jobs_other;" in line for line in said)
    assert any("DROP CONSTRAINT" in line for line in said)


@pytest.mark.parametrize("where", sorted(PEOPLE))
def test_findings_without_advice_are_counted(where: str) -> None:
    first = failing().run.findings[0]
    many = [
        replace(first, remedies=(Statement(f"remedy {number}", f"SELECT {number};"),))
        for number in range(MOST + 3)
    ]
    run, sample = with_findings(*many)
    said = PEOPLE[where](run, sample)
    assert "3 more findings" in said or where == "junit"  # there the text is cut before
    assert f"remedy {MOST}" not in said


@pytest.mark.parametrize("name", sorted(set(SAMPLES) - {"hostile"}))
@pytest.mark.parametrize("where", sorted(PEOPLE))
def test_an_order_left_behind_is_told_with_all_that_a_person_needs(where: str, name: str) -> None:
    sample = SAMPLES[name]()
    run = sample.run
    said = PEOPLE[where](run, sample)
    commands = Commands(run)
    for order in run.orders_left_behind:
        needed = [order.order_id or "id unknown", order.scenario, order.placed_by, reason(order)]
        if not order.remove_hint and not commands.can_remove(order):
            needed.append(look_for(order))
        for words in needed:
            assert words in said
    if run.orders_left_behind:
        for command in (commands.teardown(), commands.orders(), *by_hand(run, commands)):
            assert command in said


@pytest.mark.parametrize("where", sorted(PEOPLE))
def test_secrets_that_a_removal_needs_are_named(where: str) -> None:
    sample = SAMPLES["left-behind"]()
    asked = Asked(left_out=("--var token",))
    said = PEOPLE[where](structs.replace(sample.run, asked=asked), sample)
    assert Commands(sample.run).teardown()
    assert "--var token (secret, so not kept)" in said
