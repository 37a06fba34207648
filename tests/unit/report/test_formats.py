"""Each format as a program that is not ours reads it: valid, complete, and with the same cause in the same words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from allure_commons import model2 as allure
from google.protobuf import json_format
from haralyzer import HarParser
from junitparser import Error as JUnitError
from junitparser import Failure, JUnitXml
from markdown_it import MarkdownIt
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as Sarif
from tap.line import Plan, Result, Version
from tap.parser import Parser

from smoke.facts.cases import cases
from smoke.model.run import Outcome
from smoke.model.verdict import exit_status
from smoke.report import _plain_markdown, ndjson
from smoke.report import allure as allure_report
from tests.support import samples
from tests.support.reports import made, written
from tests.support.samples import SAMPLES, Sample

CTRF = jsonschema.Draft7Validator(
    json.loads((Path(__file__).parents[2] / "support" / "ctrf.schema.json").read_text())
)
SORTED = sorted(SAMPLES)
every_sample = pytest.mark.parametrize("name", SORTED)


def bad_cases(sample: Sample) -> int:
    return sum(case.outcome.bad for case in cases(sample.run))


def strict(data: bytes) -> Any:
    """JSON as the strictest reader takes it: no NaN, and every text one that UTF-8 can hold."""

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    found = json.loads(data, parse_constant=refuse)
    json.dumps(found, ensure_ascii=False).encode()
    return found


@every_sample
def test_tap_is_read_by_a_parser_of_tap(name: str) -> None:
    sample = SAMPLES[name]()
    text = written("tap", sample).decode()
    lines = list(Parser().parse_text(text))
    assert isinstance(lines[0], Version)
    assert lines[0].version == 14
    results = [line for line in lines if isinstance(line, Result)]
    plans = [line for line in lines if isinstance(line, Plan)]
    told = list(cases(sample.run))
    assert [plan.expected_tests for plan in plans] == [len(told)] == [len(results)]
    assert [result.ok for result in results] == [not case.outcome.bad for case in told]
    for result, case in zip(results, told, strict=True):
        assert bool(result.skip) is (case.outcome is Outcome.SKIPPED)
        assert not result.todo
        block = result.yaml_block
        assert (block is not None) is case.outcome.bad
    assert not any(line.category in ("unknown", "bail") for line in lines)
    assert (exit_status(sample.run) == 0) is (not any(case.outcome.bad for case in told))


def test_a_failure_stays_one_whatever_the_shop_calls_it() -> None:
    for called in ("Pay # SKIP", "Pay #\ttodo later", "a\nok 2 - b", "1..0", "x \\# SKIP"):
        sample = samples.hostile(called)
        results = [
            line
            for line in Parser().parse_text(written("tap", sample).decode())
            if isinstance(line, Result)
        ]
        assert len(results) == len(list(cases(sample.run)))
        failures = [each for each in results if not each.ok]
        assert failures
        assert not any(each.skip or each.todo for each in failures)
    assert "not ok" in written("tap", samples.interrupted()).decode()


@every_sample
def test_ctrf_is_valid_and_counts_right(name: str) -> None:
    sample = SAMPLES[name]()
    report = strict(written("ctrf", sample))
    CTRF.validate(report)
    summary, tests = report["results"]["summary"], report["results"]["tests"]
    assert (
        summary["tests"]
        == len(tests)
        == sum(summary[word] for word in ("passed", "failed", "skipped", "pending", "other"))
    )
    assert summary["failed"] == bad_cases(sample)
    assert summary["start"] <= summary["stop"]
    for test in tests:
        assert summary["start"] <= test.get("start", summary["start"])
        assert test.get("stop", summary["stop"]) <= summary["stop"]


@every_sample
def test_sarif_is_valid_and_stands_at_the_scenarios_lines(name: str) -> None:
    sample = SAMPLES[name]()
    log = strict(written("sarif", sample))
    read = Sarif.model_validate(log).runs[0]
    errors = [each for each in read.results or [] if each.level and each.level.value == "error"]
    assert len(errors) == sum(
        case.outcome.bad for case in cases(sample.run) if case.scenario is not None
    )
    for result in log["runs"][0]["results"]:
        rules = log["runs"][0]["tool"]["driver"]["rules"]
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    if name == "failing":
        place = errors[0].locations[0].physicalLocation
        assert place is not None
        assert place.artifactLocation is not None
        assert place.artifactLocation.uri == samples.SOURCE
        assert place.region is not None
        assert place.region.startLine == 38
        assert errors[0].ruleId == "unique-violation"


def test_a_cause_has_one_fingerprint_in_every_run() -> None:
    def prints(sample: Sample) -> set[str]:
        results = json.loads(written("sarif", sample))["runs"][0]["results"]
        return {
            each["partialFingerprints"]["smokeCause/v1"]
            for each in results
            if each["ruleId"] == "unique-violation"
        }

    assert len(prints(samples.failing())) == 1
    assert prints(samples.failing()) == prints(samples.same_cause())


@every_sample
def test_allure_takes_every_file(name: str) -> None:
    sample = SAMPLES[name]()
    files = made(allure_report, sample).files
    results = [strict(data) for file, data in files.items() if file.endswith("-result.json")]
    assert len(results) >= max(1, len(sample.run.scenarios))
    statuses = {"passed", "failed", "broken", "skipped"}
    used = set()
    for result in results:
        allure.TestResult(**result)  # raises for a key that it does not know
        assert result["start"] <= result["stop"]
        waiting = [*result["steps"]]
        assert result["status"] in statuses
        used |= {each["source"] for each in result["attachments"]}
        while waiting:
            step = waiting.pop()
            allure.TestStepResult(**{key: value for key, value in step.items() if key != "uuid"})
            assert step["status"] in statuses
            assert step["start"] <= step["stop"]
            used |= {each["source"] for each in step["attachments"]}
            for each in step["attachments"]:
                allure.Attachment(**each)
                assert each["type"] in (
                    "application/json",
                    "text/plain",
                    "application/octet-stream",
                )
            waiting += step["steps"]
    assert used == {file for file in files if "-attachment" in file}
    assert files["environment.properties"].isascii()
    green = all(result["status"] in ("passed", "skipped") for result in results)
    assert green is (exit_status(sample.run) in (0, 5))


@every_sample
def test_otlp_is_a_request_of_the_protocol(name: str) -> None:
    sample = SAMPLES[name]()
    report = strict(written("otlp", sample))
    spans = report["resourceSpans"][0]["scopeSpans"][0]["spans"]
    for span in (*spans, *(link for each in spans for link in each.get("links", []))):
        # OTLP writes ids in hexadecimal where JSON of protobuf would have Base64
        bytes.fromhex(span["traceId"] + span["spanId"] + span.get("parentSpanId", ""))
        assert len(span["traceId"]) == 32
        assert len(span["spanId"]) == 16
    parsed = json_format.ParseDict(report, ExportTraceServiceRequest())
    read = parsed.resource_spans[0].scope_spans[0].spans
    ids = {span["spanId"]: span for span in spans}
    assert len(ids) == len(spans) == len(read)
    assert [span for span in spans if "parentSpanId" not in span] == spans[:1]
    for span in spans[1:]:
        above = ids[span["parentSpanId"]]
        assert int(above["startTimeUnixNano"]) <= int(span["startTimeUnixNano"])
        assert int(span["endTimeUnixNano"]) <= int(above["endTimeUnixNano"])
    assert (spans[0]["status"]["code"] == 2) is (exit_status(sample.run) != 0)


@every_sample
def test_ndjson_has_a_line_for_everything(name: str) -> None:
    sample = SAMPLES[name]()
    data = written("ndjson", sample)
    assert data.isascii()
    lines = [strict(line) for line in data.splitlines()]
    assert all(line["schema"] == ndjson.SCHEMA and line["run"] == sample.run.id for line in lines)
    assert [line["type"] for line in lines].count("run") == 1
    assert lines[-1]["exit_status"] == exit_status(sample.run)
    assert sum(line["type"] == "finding" for line in lines) == len(sample.run.findings)
    assert sum(line["type"] == "step" for line in lines) == sum(
        len(scenario.steps) for scenario in sample.run.scenarios
    )


def elements(text: str) -> Iterator[str]:
    """Every element that a reader of Markdown makes of a text, with links, images and HTML."""
    for token in MarkdownIt("gfm-like", {"html": True, "linkify": False}).parse(text):
        yield token.type
        for child in token.children or []:
            yield child.type


@every_sample
def test_markdown_has_no_markup_of_theirs(name: str) -> None:
    text = written("markdown", SAMPLES[name]()).decode()
    assert len(text) <= 32_768
    found = set(elements(text))
    assert not found & {"link_open", "image", "html_block", "html_inline", "table_open", "hr"}


@pytest.mark.parametrize(
    "text",
    [
        "`",
        "``a`",
        "a|b",
        "a\n/close",
        "![x](y)",
        "<b>",
        "``````",
        " ",
        "",
        "@all",
        "a\x1b[2J",
        "~~~",
    ],
)
def test_foreign_text_ends_no_code(text: str) -> None:
    (token,) = [
        child
        for token in MarkdownIt("gfm-like", {"linkify": False}).parse(
            f"- {_plain_markdown.code(text)}"
        )
        for child in token.children or []
    ]
    assert token.type == "code_inline"
    (fence,) = MarkdownIt("gfm-like", {"linkify": False}).parse(_plain_markdown.fenced(text))
    assert fence.type == "fence"
    assert fence.content.strip("\n") == text.replace("\x1b", "\\x1b").strip("\n")


@every_sample
def test_junit_and_har_are_read_by_others(name: str) -> None:
    sample = SAMPLES[name]()
    suites = list(JUnitXml.fromstring(written("junit", sample)))
    problems = [
        each
        for suite in suites
        for case in suite
        for each in case.result
        if isinstance(each, (Failure, JUnitError))
    ]
    assert len(problems) == bad_cases(sample)
    entries = HarParser(json.loads(written("har", sample))).har_data["entries"]
    sent = sum(
        len(attempt.exchanges)
        for scenario in sample.run.scenarios
        for step in scenario.steps
        for attempt in step.attempts
    )
    assert len(entries) == sent + (sample.run.readiness_exchange is not None)


@pytest.mark.parametrize("name", sorted(set(SAMPLES) - {"hostile"}))
@pytest.mark.parametrize(
    "form", ["junit", "tap", "ctrf", "sarif", "allure", "markdown", "ndjson", "otlp", "html"]
)
def test_every_format_tells_the_same_cause_in_the_same_words(form: str, name: str) -> None:
    sample = SAMPLES[name]()
    text = written(form, sample).decode()
    for case in cases(sample.run):
        if case.outcome.stops and case.step is not None:
            shown = json.dumps(case.reason)[1:-1]
            known = (case.reason, shown, case.reason.replace("'", "&#x27;").replace('"', "&quot;"))
            assert any(words in text for words in known), case.reason
