"""The facts about a step that did not pass, in the order in which a person wants them: the source of every report.

Texts in here are as they came: each writer makes them safe for its own format.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, repeat

from smoke.facts.compared import compared_facts
from smoke.facts.differences import difference_lines, difference_text
from smoke.facts.evidence import (
    Evidence,
    answer,
    completeness,
    duration,
    excerpt,
    place,
    size_of,
    telling_headers,
)
from smoke.facts.finding import finding_facts
from smoke.facts.not_asked import not_asked
from smoke.facts.since import since_of, since_words
from smoke.model import numbers
from smoke.model.correlation import sent_with, trace_and_span
from smoke.model.exchange import Body, Delivery, ErrorKind, Exchange
from smoke.model.fact import LONGEST_LABEL, Fact
from smoke.model.finding import Finding, Severity
from smoke.model.run import Attempt, JsonValue, Mismatch, Run, ScenarioResult, StepResult
from smoke.text import plural, safe_line, shorten

_MOST_NAMED = 4
"""Hops of a request whose names are told; the trace finds them all."""


def last_attempt(step: StepResult) -> Attempt | None:
    """The attempt that decided."""
    return step.attempts[-1] if step.attempts else None


def serious(attempt: Attempt | None) -> tuple[Finding, ...]:
    """The findings of an attempt that speak against it: not notes and possible causes."""
    findings = attempt.findings if attempt is not None else ()
    return tuple(finding for finding in findings if finding.severity is Severity.ERROR)


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
    for finding in serious(last_attempt(step)):
        return finding.title
    return step.message or step.outcome.value


def mismatch_text(mismatch: Mismatch, limit: int = 300) -> str:
    """What was expected and what came, in one sentence."""
    if mismatch.unevaluated:
        return f"{mismatch.path}: not evaluated: {mismatch.unevaluated}"
    if mismatch.differences:
        more = len(mismatch.differences) - 1 + mismatch.more_differences
        others = f" (and {plural(more, 'more place')})" if more else ""
        return f"{mismatch.path}: {difference_text(mismatch.differences[0])}{others}"
    if mismatch.message:
        return f"{mismatch.path}: {mismatch.message}"
    return f"{mismatch.path}: expected {json_text(mismatch.expected, limit)}, got {json_text(mismatch.actual, limit)}"


def json_text(value: JsonValue, limit: int = 300) -> str:
    """A JSON value on one line, cut at `limit` characters."""
    try:
        text = numbers.json_text(value, spaced=True)
    except (ValueError, RecursionError):
        text = "(a value that is nested too deeply)"
    return shorten(text, limit)


def where(mismatch: Mismatch) -> str:
    """`file:line:column` of the expectation; empty when it stands nowhere."""
    if not mismatch.source:
        return ""
    return f"{mismatch.source}:{mismatch.line}:{mismatch.column}"


def request_facts(exchange: Exchange, folder: str = "") -> Iterator[Fact]:
    """Method, URL, answer and time; `folder` is the run's."""
    yield Fact("request", request_line(exchange))
    yield Fact("answer", f"{answer(exchange)} in {duration(exchange.timing.total)}")
    if exchange.received:
        yield Fact("received", "a call from the shop; the answer is smoke's")
    remark = completeness(exchange, folder)
    if remark:
        yield Fact("body", remark)


def evidence_facts(run: Run, exchange: Exchange, evidence: Evidence, limit: int) -> Iterator[Fact]:
    """Telling headers, where the whole body lies, and its first lines."""
    response = exchange.telling
    if response is not None:
        for name, value in telling_headers(response.headers):
            yield Fact("header", f"{name}: {value}")
        body = response.body
        if body.file:
            yield Fact("body file" if body.path else "kept in", place(run, body.file))
            yield Fact("", f"{size_of(body.size)}, sha256 {body.sha256}")
        yield from _body_facts(body, evidence, limit)
        if body.wire_path:
            yield Fact("as sent", f"{place(run, body.wire_path)}, sha256 {body.wire_sha256}")
    for label, part in (("raw bytes", exchange.undecoded), ("left over", exchange.leftover)):
        if part is not None and part.path:
            yield Fact(label, f"{place(run, part.path)} ({size_of(part.size)})")
    if exchange.redaction_count:
        yield Fact("masked", plural(exchange.redaction_count, "secret value"))
    for note in exchange.notes:
        yield Fact("note", note)


def _body_facts(body: Body, evidence: Evidence, limit: int) -> Iterator[Fact]:
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
    if error.kind is ErrorKind.NOT_KEPT:  # nothing broke between smoke and the shop
        yield Fact("evidence", error.message)
        return
    yield Fact("broke", f"{error.message} ({error.kind.value}, phase {error.phase.value})")
    what = {
        Delivery.NOT_SENT: ("nothing was sent", "no order was placed"),
        Delivery.MAYBE_SENT: ("the request may have arrived", "an order MAY exist"),
        Delivery.SENT: ("the request was sent whole", "an order MAY exist"),
    }[error.delivery]
    if exchange.response is not None and error.delivery is not Delivery.NOT_SENT:
        what = ("the answer began to arrive", "an order MAY exist")
    # what was not sent is safe to say of any request; that one may have ordered, only of a request that was to
    certain = error.delivery is Delivery.NOT_SENT
    yield Fact("delivery", f"{what[0]}: {what[1]}" if orders or certain else what[0])


def own_facts(step: StepResult) -> tuple[Fact, ...]:
    """What the step's kind has to tell of it. Its labels are foreign, and shown beside ours."""
    return tuple(
        Fact(shorten(safe_line(fact.label), LONGEST_LABEL), fact.value, fact.block)
        for fact in step.facts
    )


def step_facts(
    run: Run,
    scenario: ScenarioResult,
    step: StepResult,
    evidence: Evidence,
    *,
    limit: int = 1024,
    brief: bool = False,
) -> tuple[Fact, ...]:
    """Everything about a step that did not pass, the most telling first.

    At most `limit` bytes of the body. `brief` counts the mismatches behind the first where a finding explains them.
    """
    exchange = last_exchange(step)
    attempt = last_attempt(step)
    findings = attempt.findings if attempt is not None else ()
    exchanges = next((each.exchanges for each in reversed(step.attempts) if each.exchanges), ())
    facts: list[Fact] = []
    if exchange is not None:
        facts += request_facts(exchange, run.folder)
    if attempt is not None:
        explained = any(finding.severity is Severity.ERROR for finding in findings)
        facts += _mismatch_facts(attempt, most=1 if brief and explained else 10)
    if exchange is None and step.message:
        facts.append(Fact("reason", step.message))
    since = since_of(run, scenario, step)
    if since is not None:
        facts.append(Fact("since", since_words(since).removeprefix("since ")))
    facts += own_facts(step)
    for finding in findings:
        facts += finding_facts(finding, _shown(exchanges))
    if exchange is not None:
        facts += not_asked(run, exchanges, findings)
    if exchange is not None:
        orders = any(
            order.scenario == scenario.name and order.step == step.id for order in run.orders
        )
        facts += error_facts(exchange, orders=orders)
        if step.outcome.stops:
            facts += name_facts(exchanges)
        facts += evidence_facts(run, exchange, evidence, limit)
    retry = retry_fact(step)
    if retry is not None and step.outcome.stops:
        facts.append(retry)
        facts += compared_facts(run, scenario, step, evidence)
    return tuple(facts)


def name_facts(exchanges: Sequence[Exchange]) -> Iterator[Fact]:
    """Under which names requests are found in the logs of whoever handled them; nothing where they carried none.

    Of a request that was redirected each hop has its own: the answer that failed may tell of what the first one did.
    """
    handled = [
        exchange
        for exchange in exchanges
        if exchange.error is None or exchange.error.delivery is not Delivery.NOT_SENT
    ]
    words: dict[str, None] = {}
    traces: dict[str, list[str]] = {}
    for exchange in handled[:_MOST_NAMED]:
        sent = sent_with(exchange.request.headers)
        which = f" ({exchange.request.method})" if len(handled) > 1 else ""
        for item in [item for item in sent if trace_and_span(item.value) is None][:3]:
            words[f"{item.name} {shorten(item.value, 100)}{which}"] = None
        for pair in [pair for item in sent if (pair := trace_and_span(item.value)) is not None][:1]:
            traces.setdefault(pair[0], []).append(pair[1])
    for trace, spans in traces.items():
        words[f"trace id {trace} ({'span' if len(spans) == 1 else 'spans'} {', '.join(spans)})"] = (
            None
        )
    if words:
        yield Fact("logs", f"search your logs for {', or for '.join(words)}")


def _shown(exchanges: Sequence[Exchange]) -> frozenset[str]:
    """Values of the ids that are shown anyway: those that were sent, and those of the last answer."""
    found = [item.value for each in exchanges for item in sent_with(each.request.headers)]
    response = exchanges[-1].response if exchanges else None
    if response is not None:
        found += [value for _, value in telling_headers(response.headers)]
    return frozenset(found)


def _mismatch_facts(attempt: Attempt, most: int) -> Iterator[Fact]:
    for mismatch in attempt.mismatches[:most]:
        at = where(mismatch)
        text = (
            f"{mismatch.path}: {mismatch.message}"
            if mismatch.differences
            else mismatch_text(mismatch)
        )
        yield Fact("expected", text + (f" ({at})" if at else ""))
        for label, line in zip(
            chain(("differs",), repeat("")), difference_lines(mismatch), strict=False
        ):
            yield Fact(label, line)
    left = len(attempt.mismatches) - most
    if left > 0:
        yield Fact("", f"and {plural(left, 'more expectation')} not met")
