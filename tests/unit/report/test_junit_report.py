"""JUnit XML that CI servers take, whatever the server under test said."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import xmlschema

from smoke.report import junit
from tests.support import samples
from tests.support.samples import SAMPLES, Sample
from tests.support.snapshots import check_snapshot

XSD = Path(__file__).resolve().parents[2] / "support" / "junit.xsd"


@cache
def schema() -> xmlschema.XMLSchema:
    return xmlschema.XMLSchema(XSD)


def written(sample: Sample) -> bytes:
    out = io.BytesIO()
    junit.write(sample.run, sample.evidence, out)
    return out.getvalue()


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_valid_for_the_schema(name: str) -> None:
    data = written(SAMPLES[name]())
    schema().validate(data.decode().partition("?>")[2].strip())
    check_snapshot(f"junit/{name}.xml", data)


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_counts_are_right(name: str) -> None:
    root = ET.fromstring(written(SAMPLES[name]()))  # our own file
    for holder in (root, *root.findall("testsuite")):
        for attribute, tag in (
            ("tests", "testcase"),
            ("failures", "failure"),
            ("errors", "error"),
            ("skipped", "skipped"),
        ):
            assert int(holder.get(attribute, "-1")) == len(list(holder.iter(tag)))


@pytest.mark.parametrize("name", sorted(set(SAMPLES) - {"passing", "flaky", "several"}))
def test_what_is_not_green_is_never_green_here(name: str) -> None:
    root = ET.fromstring(written(SAMPLES[name]()))
    assert int(root.get("failures", "0")) + int(root.get("errors", "0")) > 0


def test_failure_and_error_are_told_apart() -> None:
    failing = ET.fromstring(written(samples.failing()))
    assert [element.get("type") for element in failing.iter("failure")] == ["unique-violation"]
    assert list(failing.iter("error")) == []
    errored = ET.fromstring(written(samples.errored()))
    assert [element.get("type") for element in errored.iter("error")] == ["connection-refused"]
    assert list(errored.iter("failure")) == []


def test_flaky_and_left_behind_are_said() -> None:
    flaky = written(samples.flaky()).decode()
    assert '<property name="flaky" value="Order 1" />' in flaky
    assert "FLAKY: it took 2 attempts" in flaky
    left = written(samples.left_behind()).decode()
    assert '<property name="orders-left-behind" value="2" />' in left
    assert "order left behind: ORD-AAA" in left
