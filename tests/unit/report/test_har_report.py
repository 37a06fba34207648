"""HAR: valid by its specification, and nothing of an exchange is lost or changed in it."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smoke.model.exchange import Headers
from smoke.model.run import Outcome
from smoke.report import har
from tests.support import samples
from tests.support.samples import SAMPLES, Sample, Teller
from tests.support.snapshots import check_snapshot

SCHEMA = json.loads(
    (Path(__file__).resolve().parents[2] / "support" / "har.schema.json").read_text(
        encoding="utf-8"
    )
)
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def written(sample: Sample) -> bytes:
    out = io.BytesIO()
    har.write(sample.run, sample.evidence, out)
    return out.getvalue()


def entries(sample: Sample) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(written(sample))["log"]["entries"]
    return found


def one(body: bytes, headers: Headers = ()) -> dict[str, Any]:
    teller = Teller()
    teller.scenario()
    teller.step("One", [teller.exchange(status=200, body=body, headers=headers)])
    (entry,) = entries(teller.done(Outcome.PASSED))
    return entry


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_valid_for_the_schema(name: str) -> None:
    data = written(SAMPLES[name]())
    assert data.isascii()
    VALIDATOR.validate(json.loads(data))


def test_incident() -> None:
    check_snapshot("har/failing.har", written(samples.failing()))


@given(st.binary(min_size=1, max_size=200))
def test_every_byte_of_a_body_comes_back(body: bytes) -> None:
    """A body is its text, or base64 where it is none."""
    content = one(body)["response"]["content"]
    text = content["text"]
    encoded = content.get("encoding") == "base64"
    assert (base64.b64decode(text) if encoded else text.encode()) == body


def test_headers_keep_order_case_and_repeats() -> None:
    headers = (
        (b"X-B", b"1"),
        (b"x-a", b"2"),
        (b"X-B", b"caf\xe9"),
        (b"Set-Cookie", b"[masked:cookie]"),
    )
    found = [(item["name"], item["value"]) for item in one(b"", headers)["response"]["headers"]]
    assert found[1:] == [
        ("X-B", "1"),
        ("x-a", "2"),
        ("X-B", "café"),
        ("Set-Cookie", "[masked:cookie]"),
    ]


def test_a_large_body_is_named_not_copied() -> None:
    content = one(b"x" * (har.MOST_BODY + 1))["response"]["content"]
    assert "text" not in content
    assert content["size"] == har.MOST_BODY + 1
    assert f"{samples.FOLDER}/bodies/1.response" in content["comment"]
    assert "sha256" in content["comment"]


def test_a_transport_error_has_an_entry_with_its_reason() -> None:
    (entry,) = entries(samples.errored())
    assert entry["response"]["status"] == 0
    assert entry["_error"]["kind"] == "connection-refused"
    assert entry["_error"]["delivery"] == "not-sent"


def test_every_attempt_has_an_entry_with_its_place() -> None:
    flaky = entries(samples.flaky())
    assert [
        (entry["_smoke"]["step"], entry["_smoke"]["attempt"], entry["response"]["status"])
        for entry in flaky
    ] == [("Order 1", 1, 503), ("Order 1", 2, 201), ("Cancel the orders", 1, 200)]


def test_times_add_up() -> None:
    for entry in entries(samples.failing()):
        timings = entry["timings"]
        parts = (timings[name] for name in ("blocked", "dns", "connect", "send", "wait", "receive"))
        assert entry["time"] == pytest.approx(sum(part for part in parts if part > 0))
    assert entries(samples.failing())[1]["time"] == pytest.approx(52.1)
