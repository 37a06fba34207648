"""What the server's log and the database told of a finding stands in every report."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from types import ModuleType

import pytest

from smoke.cli.live import event_line
from smoke.cli.summary import render_run
from smoke.codec import dump_event, load_event
from smoke.model.events import FindingsExamined
from smoke.model.finding import Finding, Statement
from smoke.model.fold import Fold
from smoke.model.run import Run
from smoke.report import github, html, junit
from smoke.report import json as json_report
from tests.support.samples import AT, NASTY, Sample, failing

LINE = "still there: unique constraint jobs_uq on public.jobs"
REMEDY = Statement(
    f"ends the rule; takes an ACCESS EXCLUSIVE lock {NASTY}", "ALTER TABLE jobs DROP", writes=True
)


def examined() -> tuple[Sample, Run, Finding]:
    """The incident, with its error from the log and what the database said."""
    sample = failing()
    found = sample.run.findings[0]
    assert found.database_error is not None
    told = replace(
        found,
        found_in="log",
        database_error=replace(found.database_error, dialect="log", citations=()),
        database=(LINE, f"hostile {NASTY}"),
        remedies=(REMEDY,),
    )
    step = next(s for s in sample.run.scenarios[0].steps if found in s.attempts[-1].findings)
    event = FindingsExamined(
        AT, sample.run.scenarios[0].name, step.id, step.attempts[-1].number, (told,)
    )
    stored = load_event(dump_event(event))
    assert stored is not None
    folding = Fold(sample.run.folder)
    for each in (*sample.events, stored):
        folding.add(each)
    run = folding.run()
    assert run is not None
    return sample, run, told


def test_what_was_examined_replaces_the_findings_of_its_attempt() -> None:
    sample, run, told = examined()
    assert told in run.findings
    assert len(run.findings) == len(sample.run.findings)


@pytest.mark.parametrize("report", [github, html, json_report, junit], ids=lambda m: m.__name__)
def test_a_report_tells_it(report: ModuleType) -> None:
    sample, run, _ = examined()
    out = io.BytesIO()
    report.write(run, sample.evidence, out)
    text = out.getvalue().decode()
    for words in ("jobs_uq on public.jobs", "ACCESS EXCLUSIVE", "ALTER TABLE jobs DROP"):
        assert words in text, words
    assert "\x1b" not in text
    assert "<script>alert" not in text or report in (json_report, github)  # github: in a fence


def test_the_json_report_has_it_as_data() -> None:
    sample, run, _ = examined()
    out = io.BytesIO()
    json_report.write(run, sample.evidence, out)
    finding = json.loads(out.getvalue())["findings"][0]
    assert finding["found_in"] == "log"
    assert finding["database"][0] == LINE
    assert finding["remedies"][0]["writes"] is True
    assert finding["advice"]["remedies"] == finding["remedies"]


def test_the_summary_and_the_live_lines_tell_it() -> None:
    sample, run, told = examined()
    text = render_run(run, sample.evidence, width=200, color=False, unicode=True)
    for words in (LINE, "the PostgreSQL server's log, not from the response", "ALTER TABLE jobs"):
        assert words in text, words
    assert "\x1b" not in text
    line = event_line(FindingsExamined(AT, "s", "Order 2", 1, (told,)))
    assert line == f"s: Order 2: the server's log says {told.title}"
    assert event_line(FindingsExamined(AT, "s", "Order 2", 1, ())) == ""
