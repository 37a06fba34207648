"""Annotations and the job summary: readable, bounded, and nothing in them obeys a server."""

from __future__ import annotations

import re

import msgspec
import pytest
from markdown_it import MarkdownIt

from smoke.ci.github import command, issue
from smoke.facts.issues import issues
from smoke.model.run import Mismatch, Outcome, Run
from smoke.report._markdown import block, inline, prose
from smoke.report.github import LARGEST, job_summary
from tests.support import samples
from tests.support.samples import NASTY, SAMPLES, Sample, Teller
from tests.support.snapshots import check_snapshot


def annotated(run: Run) -> list[str]:
    return [issue(each) for each in issues(run)]


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_annotations_and_summary(name: str) -> None:
    sample = SAMPLES[name]()
    check_snapshot(f"github/{name}.txt", "".join(f"{line}\n" for line in annotated(sample.run)))
    check_snapshot(f"github/{name}.md", job_summary(sample.run, sample.evidence))


def many_failures(count: int) -> Sample:
    teller = Teller()
    for number in range(count):
        name = f"scenario-{number}"
        teller.scenario(name)
        teller.step(
            "Order 1",
            [teller.exchange(sent=samples.ORDER, status=500, body=b"x" * 4000)],
            Outcome.FAILED,
            scenario=name,
            mismatches=(
                Mismatch("status", 201, 500, source=f"scenarios/{name}.yaml", line=9, column=3),
            ),
        )
        teller.end(Outcome.FAILED, name)
    return teller.done(Outcome.FAILED)


def test_at_most_ten_annotations_and_the_last_counts_the_rest() -> None:
    lines = annotated(many_failures(30).run)
    assert len(lines) == 10
    assert lines[0].startswith(
        "::error file=scenarios/scenario-0.yaml,line=9,col=3,title=scenario-0%3A Order 1::"
    )
    assert "21 more problems" in lines[-1]


def test_most_telling_annotation_comes_first() -> None:
    lines = annotated(samples.left_behind().run)
    assert "unique_violation" in lines[0]
    assert "does not show" in lines[1]
    assert lines[-1].startswith("::warning title=smoke%3A 1 order left behind%2C 1 may exist::")


def test_a_passing_run_has_no_annotation() -> None:
    assert annotated(samples.passing().run) == []


def test_a_shipped_scenario_is_no_file_of_the_repository() -> None:
    sample = samples.failing()
    scenario = sample.run.scenarios[0]
    steps = tuple(
        msgspec.structs.replace(step, source="/opt/lib/smoke/x.yaml") for step in scenario.steps
    )
    run = msgspec.structs.replace(
        sample.run, scenarios=(msgspec.structs.replace(scenario, steps=steps),)
    )
    assert annotated(run)[0].startswith("::error title=")


def test_summary_stays_below_the_limit() -> None:
    sample = many_failures(400)
    text = job_summary(sample.run, sample.evidence)
    assert LARGEST // 2 < len(text.encode()) < 1_000_000
    assert re.search(r"\*\*\d+ more sections\*\* did not fit", text)


def test_every_annotation_is_one_line_and_one_command() -> None:
    for line in annotated(samples.hostile().run):
        assert len(line.splitlines()) == 1
        assert re.match(r"::(error|warning) [a-z]", line)
        assert "##[" not in line


def test_properties_and_message_are_escaped() -> None:
    assert command("error", "100%\r\nx", {"title": "a:b,c%", "line": 0}) == (
        "::error title=a%3Ab%2Cc%25::100%25\\x0d%0Ax"
    )


MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable("table")


@pytest.mark.parametrize(
    "text",
    [
        NASTY,
        "a|b",
        "\\|",
        "``x``",
        "*a* _b_ ~~c~~ [d](e) <img src=x>",
        "</code><script>",
        "$x$ :tada:",
    ],
)
def test_foreign_text_is_text_in_markdown(text: str) -> None:
    """Rendered by an implementation of CommonMark, a cell holds one code element with exactly the text."""
    table = f"| a | b |\n| --- | --- |\n| {inline(text)} | second |\n"
    rendered = MARKDOWN.render(table)
    assert rendered.count("<td>") == 2
    assert rendered.count("<code>") == 1
    assert "<script" not in rendered
    assert "<img" not in rendered
    assert "<em>" not in rendered
    assert "<a " not in rendered
    assert "@everyone" not in prose(NASTY)


def test_fence_is_longer_than_any_in_the_text() -> None:
    rendered = MARKDOWN.render(block("a\n````\n<script>x</script>\n```"))
    assert rendered.count("<pre>") == 1
    assert "<script" not in rendered
