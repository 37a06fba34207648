"""How a cause was found, where the time went, and what explains it: said of what the evidence holds, and of nothing else."""

from __future__ import annotations

import shlex
from dataclasses import replace
from itertools import pairwise

import pytest
from msgspec import structs

from smoke.advice.orders import Comparison, Difference
from smoke.facts.chain import chain_of
from smoke.facts.compared import comparison_of
from smoke.facts.curl import as_curl
from smoke.facts.finding import proof
from smoke.facts.key_values import key_of, key_sentence
from smoke.facts.phases import spans
from smoke.model.asked import Asked
from smoke.model.dberror import DatabaseError
from smoke.model.events import FindingsExamined
from smoke.model.exchange import (
    Body,
    Delivery,
    ErrorKind,
    Exchange,
    Phase,
    StoredRequest,
    Timing,
    TransportError,
)
from smoke.model.finding import Finding, Known, Source
from smoke.model.fold import fold
from smoke.model.run import Run, ScenarioResult, StepResult
from tests.support import samples
from tests.support.samples import AT, SAMPLES, Sample

KEY = "Key (recipient_id, step_id)=(5b1f6f2e-8d0c-4f6e-9a53-0c1d7d3f2a10, step-1) already exists."


def broken(run: Run) -> tuple[ScenarioResult, StepResult]:
    return next((s, step) for s in run.scenarios for step in s.steps if step.outcome.bad)


def found_as(finding: Finding, sample: Sample) -> tuple[Run, ScenarioResult, StepResult]:
    """A sample whose broken step has this finding."""
    scenario, step = broken(sample.run)
    event = FindingsExamined(AT, scenario.name, step.id, step.attempts[-1].number, (finding,))
    run = fold((*sample.events, event), sample.evidence.folder)
    assert run is not None
    return run, *broken(run)


def drawn(finding: Finding, asked: Asked | None = None) -> dict[str, tuple[str, bool]]:
    run, scenario, step = found_as(finding, samples.failing())
    links = chain_of(structs.replace(run, asked=asked), scenario, step)
    return {
        link.name: (" | ".join([link.by, link.title, *link.lines]), link.known) for link in links
    }


def test_a_chain_of_what_the_answer_names() -> None:
    finding = samples.failing().run.findings[0]
    chain = drawn(finding)
    assert list(chain) == ["request", "answer", "constraint", "row", "migration"]
    assert "names its error" in chain["answer"][0]
    assert "public.h2s_dispatch_jobs (recipient_id, step_id)" in chain["constraint"][0]
    assert chain["row"] == (f" | not looked up: no database was at hand | {KEY}", False)
    assert chain["migration"][0].startswith(" | 0007_one_dispatch_job_per_order.sql | not known")
    asked = drawn(finding, Asked(database=True))
    assert asked["row"][0].startswith(" | not known")
    assert asked["migration"] == (
        " | 0007_one_dispatch_job_per_order.sql | not known whether it is applied",
        False,
    )


def test_a_chain_begins_with_the_ids_that_a_request_carried() -> None:
    run = samples.failing().run
    scenario, step = broken(run)
    sent = step.attempts[0].exchanges[0]
    trace = "00-e9d69d34a927c4a7770f78719089c5c3-f5dec37821c958ba-01"
    headers = ((b"traceparent", trace.encode()), (b"X-Request-Id", b"req-7"))
    sent = structs.replace(sent, request=structs.replace(sent.request, headers=headers))
    step = structs.replace(step, attempts=(structs.replace(step.attempts[0], exchanges=(sent,)),))
    first = chain_of(run, scenario, step)[0]
    assert first.lines == ("X-Request-Id req-7", "trace e9d69d34a927c4a7770f78719089c5c3")


def test_a_chain_through_a_log_to_the_row_and_its_migration() -> None:
    finding = samples.failing().run.findings[0]
    known = Known(rows=1, made_by=("repeat-customer/Order 1",), fix="not applied")
    chain = drawn(replace(finding, found_in="application log", reason="found by id 7", known=known))
    assert list(chain) == ["request", "answer", "log line", "constraint", "row", "migration"]
    assert "does not show its error" in chain["answer"][0]
    assert chain["log line"][0].startswith("found by id 7 | the application's log | duplicate key")
    assert chain["row"] == (
        "asked of the database | 1 row has that key | made by repeat-customer/Order 1",
        True,
    )
    assert chain["migration"][0].endswith("0007_one_dispatch_job_per_order.sql | not applied")
    none = drawn(replace(finding, known=Known(rows=0)))
    assert "no row has that key now" in none["row"][0]
    learnt = replace(finding, sources=(Source("constraint_name", "log", "request id 7"),))
    assert drawn(learnt)["log line"] == ("request id 7 | PostgreSQL's log", True)


def test_a_chain_that_ends_where_nobody_looked() -> None:
    hidden = replace(samples.failing().run.findings[0], database_error=None, code="error-hidden")
    chain = drawn(hidden, Asked())
    assert chain["log line"] == (" | not looked for: no log was given", False)
    assert chain["constraint"] == (" | not known", False)
    assert "row" not in chain
    given = drawn(hidden, Asked(log=True))
    assert given["log line"] == (" | no entry of the log is tied to this request", False)
    named = replace(hidden, database_error=DatabaseError(sqlstate="42P01", column_name="a"))
    assert drawn(named)["error"] == ("inferred, not read | 42P01 | (a)", True)
    assert proof(hidden) == ""


def test_no_chain_where_nothing_was_found_or_sent() -> None:
    for name in ("maybe-sent", "unfinished"):
        run = SAMPLES[name]().run
        assert chain_of(run, *broken(run)) == ()


def test_a_chain_of_no_answer() -> None:
    run, scenario, step = found_as(samples.failing().run.findings[0], samples.maybe_sent())
    links = chain_of(structs.replace(run), structs.replace(scenario, fix=""), step)
    assert links[1].title == "no answer (reset) in 1.5 s"
    assert "migration" not in [link.name for link in links]


def compared(sample: Sample) -> tuple[Run, ScenarioResult, StepResult, Finding, Comparison]:
    run = sample.run
    scenario, step = broken(run)
    comparison = comparison_of(run, scenario, step, sample.evidence)
    assert comparison is not None
    return run, scenario, scenario.steps[0], run.findings[0], comparison


def said(known: Known = Known(), detail: str = KEY, **changed: object) -> str:
    run, scenario, before, finding, comparison = compared(samples.failing())
    assert finding.database_error is not None
    error = replace(finding.database_error, message_detail=detail, columns=())
    comparison = structs.replace(comparison, **changed)
    return key_sentence(
        run, scenario, before, replace(finding, database_error=error, known=known), comparison
    )


MADE = Known(rows=1, made_by=("repeat-customer/Order 1",))
MAIL = ("$.customer.email", "ada.king@example.com")


def test_a_key_that_the_shop_filled_in_is_told_where_the_database_knows_whose_row_it_is() -> None:
    text = said(MADE)
    assert text.startswith(
        "Neither order sent a part of the key (recipient_id, step_id) = (5b1f6f2e"
    )
    assert "(as far as they are not masked): the shop filled it in." in text
    assert "'Order 2' has the key of the row that 'Order 1' made" in text
    bare = said(MADE, shared=(MAIL,))
    assert "masked" not in bare


@pytest.mark.parametrize(
    ("known", "changed"),
    [
        (Known(), {}),
        (Known(rows=1, made_by=("repeat-customer/Order 0",)), {}),
        (MADE, {"unknown": ("$.token",)}),
        (MADE, {"bodies_compared": False}),
        (MADE, {"detail": "Key is not told"}),
        (MADE, {"shared": (("$.step", "this is step-1 of two"),)}),
        (MADE, {"differences": (Difference("$.a", "5b1f6f2e-8d0c-4f6e-9a53-0c1d7d3f2a10", None),)}),
    ],
)
def test_nothing_is_told_where_the_evidence_does_not_hold_it(
    known: Known, changed: dict[str, object]
) -> None:
    assert said(known, **changed) == ""  # type: ignore[arg-type]  # `detail` among the others


def test_a_key_that_both_orders_sent() -> None:
    text = said(detail="Key (email)=(ada.king@example.com) already exists.")
    assert text == (
        "Both orders sent the same values for the key (email = $.customer.email), and "
        "h2s_dispatch_jobs_recipient_step_uq allows one row for each (email)."
    )
    detail = "Key (email, step)=(ada.king@example.com, step-1) already exists."
    assert said(detail=detail) == ""
    text = said(MADE, detail=detail)
    assert text.startswith(
        "Both orders sent the same email = $.customer.email; step is the shop's own."
    )
    # one character is met by chance
    assert said(detail="Key (quantity)=(1) already exists.") == ""


def test_other_rules_are_not_explained_by_a_key() -> None:
    run, scenario, before, finding, comparison = compared(samples.failing())
    assert finding.database_error is not None
    for error in (None, replace(finding.database_error, sqlstate="23503")):
        other = replace(finding, database_error=error, known=MADE)
        assert key_sentence(run, scenario, before, other, comparison) == ""


@pytest.mark.parametrize(
    ("detail", "key"),
    [
        (None, {}),
        ("", {}),
        ("Key (a)=(1) already exists.", {"a": "1"}),
        ("Key (a, b)=(1, x y) already exists.", {"a": "1", "b": "x y"}),
        ("Key (a, b)=(1, 2, 3) already exists.", {}),  # which comma is the value's?
        ("Key (lower(a), b)=(1, 2) already exists.", {"lower(a)": "1", "b": "2"}),
        ("Key (a, b, c, d, e)=(1, 2, 3, 4, 5) already exists.", {}),
    ],
)
def test_keys(detail: str | None, key: dict[str, str]) -> None:
    assert key_of(DatabaseError(message_detail=detail)) == key
    assert key_of(DatabaseError(message_detail=detail, columns=("other",))) == {}


def exchange(timing: Timing, error: TransportError | None = None) -> Exchange:
    return Exchange("1", StoredRequest("GET", "http://shop"), timing=timing, error=error)


def test_phases_follow_one_another() -> None:
    whole = spans(exchange(Timing(0.001, 0.003, 0.012, 0.013, 0.05, 0.06)))
    assert [span.name for span in whole] == ["resolve", "connect", "TLS", "send", "wait", "receive"]
    assert [round(span.seconds, 4) for span in whole] == [0.001, 0.002, 0.009, 0.001, 0.037, 0.01]
    assert all(left.end == right.start for left, right in pairwise(whole))


def test_the_phase_that_broke_has_the_rest_of_the_time() -> None:
    error = TransportError(ErrorKind.CONNECT_TIMEOUT, Phase.CONNECT, Delivery.NOT_SENT, "too long")
    told = spans(exchange(Timing(resolve=0.5, total=5.0), error))
    assert [(span.name, span.start, span.end, span.broke) for span in told] == [
        ("resolve", 0.0, 0.5, False),
        ("connect", 0.5, 5.0, True),
    ]
    # a clock that went wrong draws no bar to the left
    assert [span.seconds for span in spans(exchange(Timing(connect=0.5, total=0.1)))] == [0.5, 0.0]


def test_a_command_of_curl_holds_no_secret_and_no_name_of_the_request_that_was_sent() -> None:
    sample = samples.failing()
    _, step = broken(sample.run)
    sent = step.attempts[0].exchanges[0]
    lines = as_curl(sample.run, sent, sample.evidence)
    assert lines[0].startswith("# WARNING: this request places an order; ")
    assert lines[1] == "# set before: SECRET_AUTHORIZATION (masked in the evidence)"
    words = shlex.split(" ".join(line.rstrip("\\") for line in lines[2:]))
    assert words[:4] == ["curl", "--include", "--request", "POST"]
    assert "Authorization: $SECRET_AUTHORIZATION" in words
    assert not any(word.lower().startswith(("host:", "traceparent:")) for word in words)
    text = sample.evidence.read(sent.request.body).decode()
    assert words[-2:] == ["--data-binary", text]
    # the same where the body lies in its event
    body = structs.replace(sent.request.body, path="", text=text)
    sent = structs.replace(sent, request=structs.replace(sent.request, body=body))
    assert as_curl(sample.run, sent, sample.evidence) == lines


def test_a_command_of_curl_reads_a_body_that_no_line_can_hold() -> None:
    sample = samples.failing()
    body = sample.evidence.keep("odd", b"\x00\x01 'quoted'")
    request = StoredRequest(
        "PUT", "http://shop/?t=[masked]&u='x", ((b"X-Path", b"[masked:PATH]"),), body
    )
    lines = as_curl(sample.run, Exchange("1", request), sample.evidence)
    assert lines[0] == "# set before: SECRET, SECRET_PATH (masked in the evidence)"
    assert lines[-1] == f"  --data-binary '@{samples.FOLDER}/bodies/odd'" or lines[-1].endswith(
        f"@{samples.FOLDER}/bodies/odd"
    )
    assert as_curl(
        sample.run, Exchange("1", StoredRequest("GET", "http://shop", (), Body())), sample.evidence
    ) == (
        "curl --include \\",
        "  --request GET \\",
        "  http://shop",
    )


def test_a_command_of_curl_goes_where_the_request_went() -> None:
    """The body is kept as it was before it was compressed, and curl sends it so."""
    sample = samples.failing()
    target = structs.replace(
        sample.run.target,
        resolve=("shop.example:443:10.0.0.7",),
        connect_to=("shop.example:443:canary:8443",),
    )
    run = structs.replace(sample.run, target=target)
    body = structs.replace(sample.evidence.keep("plain", b"tea"), content_encoding="gzip")
    headers = ((b"Content-Encoding", b"gzip"), (b"X-A", b"b"))
    request = StoredRequest("POST", "https://shop.example/", headers, body)
    lines = as_curl(run, Exchange("1", request), sample.evidence)
    assert [line.strip(" \\") for line in lines[2:]] == [
        "https://shop.example/",
        "--resolve shop.example:443:10.0.0.7",
        "--connect-to shop.example:443:canary:8443",
        "--header 'X-A: b'",
        "--header Content-Type:",
        "--data-binary tea",
    ]
