"""The facts about a step that did not pass, in the order in which a person wants them: the source of every report.

Texts in here are as they came: each writer makes them safe for its own format.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from smoke.model.dberror import Certainty, DatabaseError
from smoke.model.exchange import Delivery, Exchange
from smoke.model.finding import Finding, Statement
from smoke.model.run import Attempt, JsonValue, Mismatch, Outcome, StepResult
from smoke.report._evidence import (
    Evidence,
    answer,
    completeness,
    duration,
    excerpt,
    place,
    size_of,
    telling_headers,
)
from smoke.text import safe_line, shorten


@dataclass(frozen=True, slots=True)
class Fact:
    """One labelled value. `block` ones are several lines that are shown as they are (a body)."""

    label: str
    value: str
    block: bool = False


def last_attempt(step: StepResult) -> Attempt | None:
    """The attempt that decided."""
    return step.attempts[-1] if step.attempts else None


def last_exchange(step: StepResult) -> Exchange | None:
    """The exchange that decided: the last hop of the last attempt."""
    for attempt in reversed(step.attempts):
        if attempt.exchanges:
            return attempt.exchanges[-1]
    return None


def request_line(exchange: Exchange) -> str:
    """`POST https://shop.example/api/shop`."""
    return f"{exchange.request.method} {exchange.request.url}"


def headline(step: StepResult) -> str:
    """The reason in one sentence: the first error finding's title, else the step's own message."""
    attempt = last_attempt(step)
    findings = attempt.findings if attempt is not None else ()
    for finding in findings:
        if finding.severity.value == "error":
            return finding.title
    return step.message or step.outcome.value


def mismatch_text(mismatch: Mismatch, limit: int = 300) -> str:
    """What was expected and what came, in one sentence."""
    if mismatch.unevaluated:
        return f"{mismatch.path}: not evaluated: {mismatch.unevaluated}"
    if mismatch.message:
        return f"{mismatch.path}: {mismatch.message}"
    return f"{mismatch.path}: expected {json_text(mismatch.expected, limit)}, got {json_text(mismatch.actual, limit)}"


def json_text(value: JsonValue, limit: int = 300) -> str:
    """A JSON value on one line, cut at `limit` characters."""
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (ValueError, RecursionError):
        text = "(a value that is nested too deeply)"
    return shorten(text, limit)


def where(mismatch: Mismatch) -> str:
    """`file:line:column` of the expectation; empty when it stands nowhere."""
    if not mismatch.source:
        return ""
    return f"{mismatch.source}:{mismatch.line}:{mismatch.column}"


def request_facts(exchange: Exchange) -> Iterator[Fact]:
    """Method, URL, answer and time."""
    yield Fact("request", request_line(exchange))
    yield Fact("answer", f"{answer(exchange)} in {duration(exchange.timing.total)}")
    remark = completeness(exchange)
    if remark:
        yield Fact("body", remark)


def database_facts(error: DatabaseError) -> Iterator[Fact]:
    """What is known of a database error, with the proof."""
    name = f" {error.condition_name}" if error.condition_name else ""
    if error.sqlstate:
        yield Fact("SQLSTATE", f"{error.sqlstate}{name}")
    elif name:
        yield Fact("condition", name.strip())
    if error.constraint_name:
        yield Fact("constraint", error.constraint_name)
    columns = error.columns or ((error.column_name,) if error.column_name else ())
    if error.table_name:
        schema = f"{error.schema_name}." if error.schema_name else ""
        yield Fact(
            "table", f"{schema}{error.table_name}" + (f" ({', '.join(columns)})" if columns else "")
        )
    elif columns:
        yield Fact("columns", ", ".join(columns))
    if error.datatype_name:
        yield Fact("data type", error.datatype_name)
    for label, value in (
        ("message", error.message_primary),
        ("detail", error.message_detail),
        ("hint", error.message_hint),
    ):
        if value:
            yield Fact(label, shorten(value, 600))
    yield Fact("read from", _proof(error))


_HOW = {
    Certainty.FIELD: "labelled field",
    Certainty.TEXT: "text of a message",
    Certainty.INFERRED: "inferred, not read",
}


def _proof(error: DatabaseError) -> str:
    how = (
        f"{_HOW[error.certainty]}, dialect {error.dialect}"
        if error.dialect
        else _HOW[error.certainty]
    )
    for wanted in ("sqlstate", "constraint_name", ""):
        for citation in error.citations:
            if wanted in ("", citation.field):
                through = f" through {' > '.join(citation.through)}" if citation.through else ""
                part = citation.part.replace("header:", "header ")
                return f"{part} bytes {citation.start}-{citation.end}{through} ({how})"
    return how


def finding_facts(finding: Finding) -> Iterator[Fact]:
    """A finding: its database error, or that there is none and why."""
    if finding.database_error is not None:
        yield from database_facts(finding.database_error)
    else:
        yield Fact("finding", f"{finding.title} ({finding.code})")
        if finding.hiding:
            yield Fact("hidden by", finding.hiding)
    for other in finding.ambiguous:
        yield Fact("ambiguous", f"another reading says {_short(other)}")
    for other in finding.consequences:
        yield Fact("then", f"{_short(other)}, a consequence")
    for note in finding.notes:
        yield Fact("note", note)


def _short(error: DatabaseError) -> str:
    words = (error.sqlstate, error.condition_name, error.constraint_name)
    return " ".join(word for word in words if word) or "something else"


def evidence_facts(exchange: Exchange, evidence: Evidence, limit: int) -> Iterator[Fact]:
    """Telling headers, the first lines of the body, and where the whole lies."""
    response = exchange.response
    if response is not None:
        headers = telling_headers(response.headers)
        for name, value in headers:
            yield Fact("header", f"{name}: {value}")
        body = response.body
        yield from _body_facts(exchange, evidence, limit)
        if body.path:
            yield Fact("whole body", place(evidence, body))
            yield Fact("", f"{size_of(body.size)}, sha256 {body.sha256}")
            if body.wire_path:
                yield Fact("as sent", f"undecoded: {body.wire_path}, sha256 {body.wire_sha256}")
    for label, part in (("raw bytes", exchange.undecoded), ("left over", exchange.leftover)):
        if part is not None and part.path:
            yield Fact(label, f"{place(evidence, part)} ({size_of(part.size)})")
    if exchange.redaction_count:
        yield Fact("masked", f"{exchange.redaction_count} secret values")
    for note in exchange.notes:
        yield Fact("note", note)


def _body_facts(exchange: Exchange, evidence: Evidence, limit: int) -> Iterator[Fact]:
    assert exchange.response is not None
    body = exchange.response.body
    if not body.size:
        yield Fact("body", "empty (0 bytes)")
        return
    shown = excerpt(evidence, body, limit)
    if shown.missing:
        yield Fact("body", shown.missing)
    elif shown.binary:
        yield Fact("body", f"binary ({body.media_type or 'no media type'})")
    else:
        yield Fact("body", shown.text, block=True)
    if body.decode_error:
        yield Fact("decoding", body.decode_error)
    if shown.lossy:
        yield Fact("charset", f"some bytes are not {shown.encoding}: they stand as \\xNN")


def retry_fact(step: StepResult) -> Fact | None:
    """Whether and why the request was sent again, or not."""
    attempt = last_attempt(step)
    if attempt is None or attempt.decision is None:
        return None
    tries = f"{len(step.attempts)} attempts; " if len(step.attempts) > 1 else ""
    return Fact("retry", f"{tries}{attempt.decision.reason}")


def error_facts(exchange: Exchange, *, orders: bool) -> Iterator[Fact]:
    """What broke, when, and whether the request may have arrived. `orders`: it was to place an order."""
    error = exchange.error
    if error is None:
        return
    yield Fact("broke", f"{error.message} ({error.kind.value}, phase {error.phase.value})")
    what = {
        Delivery.NOT_SENT: ("nothing was sent", "no order was placed"),
        Delivery.MAYBE_SENT: ("the request may have arrived", "an order MAY exist"),
        Delivery.SENT: ("the request was sent whole", "an order MAY exist"),
    }[error.delivery]
    if exchange.response is not None and error.delivery is not Delivery.NOT_SENT:
        what = ("the answer began to arrive", "an order MAY exist")
    yield Fact("delivery", f"{what[0]}: {what[1]}" if orders else what[0])


def step_facts(
    step: StepResult, evidence: Evidence, *, orders: bool, limit: int = 1024
) -> tuple[Fact, ...]:
    """Everything about a step that did not pass, the most telling first."""
    exchange = last_exchange(step)
    attempt = last_attempt(step)
    facts: list[Fact] = []
    if exchange is not None:
        facts += request_facts(exchange)
    for mismatch in attempt.mismatches[:10] if attempt is not None else ():
        at = where(mismatch)
        facts.append(Fact("expected", mismatch_text(mismatch) + (f" ({at})" if at else "")))
    if attempt is not None and len(attempt.mismatches) > 10:
        facts.append(
            Fact("", f"and {len(attempt.mismatches) - 10} more expectations that were not met")
        )
    if exchange is None and step.message:
        facts.append(Fact("reason", step.message))
    for finding in attempt.findings if attempt is not None else ():
        facts += finding_facts(finding)
    if exchange is not None:
        facts += error_facts(exchange, orders=orders)
        facts += evidence_facts(exchange, evidence, limit)
    retry = retry_fact(step)
    if retry is not None and step.outcome in (Outcome.FAILED, Outcome.ERRORED):
        facts.append(retry)
    return tuple(facts)


def plain(fact: Fact) -> str:
    """A fact as text lines without any layout, safe to print."""
    if not fact.block:
        return (
            f"{fact.label}: {safe_line(fact.value)}" if fact.label else f"  {safe_line(fact.value)}"
        )
    lines = [f"  | {safe_line(line)}" for line in fact.value.split("\n")]
    return "\n".join([f"{fact.label}:", *lines])


def commented(statement: Statement) -> list[str]:
    """SQL with its purpose and the results to expect as comments, so that all of it can be pasted."""
    lines = [f"-- {statement.purpose}"]
    lines += [f"--   {case}: {result}" for case, result in statement.expect]
    return [*lines, *statement.sql.split("\n")]
