"""The JSON report: complete, strict, and the same from a run that was read back."""

from __future__ import annotations

import json

import jsonschema
import pytest

from smoke import codec, plugins
from smoke.model.fold import fold
from smoke.model.verdict import exit_status
from smoke.report.json import report_schema
from tests.support import reports, samples
from tests.support.samples import SAMPLES, Sample
from tests.support.snapshots import check_snapshot

VALIDATOR = jsonschema.Draft202012Validator(report_schema())


def written(sample: Sample, name: str = "json") -> bytes:
    return reports.written(name, sample)


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_strict_json(name: str) -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    data = written(SAMPLES[name]())
    assert data.isascii()
    report = json.loads(data, parse_constant=refuse)
    assert (report["format"], report["schema"]) == ("smoke-report", 1)


def test_incident() -> None:
    check_snapshot("json/failing.json", written(samples.failing()))


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_exit_status_is_the_process_s(name: str) -> None:
    sample = SAMPLES[name]()
    assert json.loads(written(sample))["exit_status"] == exit_status(sample.run)


@pytest.mark.parametrize("report", sorted(plugins.find("reporters", third_party=False)))
@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_a_run_read_back_from_its_events_gives_the_same_bytes(name: str, report: str) -> None:
    sample = SAMPLES[name]()
    events = [codec.load_event(codec.dump_event(event)) for event in sample.events]
    again = Sample(tuple(event for event in events if event is not None), sample.evidence)
    assert fold(again.events) is not None
    assert written(sample, report) == written(again, report)


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_valid_for_its_own_schema(name: str) -> None:
    VALIDATOR.validate(json.loads(written(SAMPLES[name]())))


def test_schema_is_a_promise_that_changes_are_seen_in() -> None:
    jsonschema.Draft202012Validator.check_schema(report_schema())
    check_snapshot("json/report.schema.json", json.dumps(report_schema(), indent=1) + "\n")


def test_a_report_without_a_promised_field_is_not_valid() -> None:
    report = json.loads(written(samples.failing()))
    del report["run"]["scenarios"][0]["steps"][0]["flaky"]
    assert not VALIDATOR.is_valid(report)


def test_whole_run_is_in_it() -> None:
    report = json.loads(written(samples.failing()))
    run = samples.failing().run
    assert codec.decode(type(run), report["run"]) == run
    assert report["findings"][0]["advice"]["verify"][0]["sql"].startswith("SELECT conname")
    assert report["counts"]["orders_left_behind"] == 1
