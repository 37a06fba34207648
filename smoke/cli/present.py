"""One step of a run for `smoke show`: its facts, and on demand every header, the request, the whole body."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from smoke.cli.layout import Sheet
from smoke.cli.summary_failure import tell_failure
from smoke.facts.causes import Same
from smoke.facts.evidence import Evidence, answer, excerpt, gap, place, size_of, timing
from smoke.facts.step import request_line, step_facts
from smoke.model.exchange import Body, Exchange, Headers
from smoke.model.run import Attempt, Run, ScenarioResult, StepResult

BODY_LIMIT = 1024 * 1024
"""Bytes of a body that are printed; the file has all of them."""


class ShownParts(Struct, frozen=True):
    """What is asked for beside the facts; nothing of it means the facts alone."""

    headers: bool = False
    body: bool = False
    request: bool = False

    @property
    def some(self) -> bool:
        return self.headers or self.body or self.request


def render_step(
    run: Run,
    scenario: ScenarioResult,
    step: StepResult,
    evidence: Evidence,
    *,
    parts: ShownParts = ShownParts(),
    width: int,
    color: bool,
    unicode: bool,
) -> str:
    """A step as text. With parts: only those of every exchange; else its facts and what to do."""
    sheet = Sheet(width=width, color=color, unicode=unicode)
    sheet.field("run", f"{run.id} at {run.target.url}", indent=0)
    sheet.field("step", f"{scenario.name}: {step.called} ({step.word})", indent=0)
    if not parts.some:
        sheet.blank()
        _facts(sheet, run, scenario, step, evidence)
        return sheet.render()
    for title, exchange in titled(step):
        sheet.blank()
        sheet.line(title, "bold")
        _exchange(sheet, run, exchange, evidence, parts)
    if not any(attempt.exchanges for attempt in step.attempts):
        sheet.field("note", step.message or "nothing was sent", indent=0)
    return sheet.render()


def _facts(
    sheet: Sheet, run: Run, scenario: ScenarioResult, step: StepResult, evidence: Evidence
) -> None:
    if step.outcome.stops:
        tell_failure(sheet, run, scenario, step, evidence, Same({}), verbose=True)
        return
    for fact in step_facts(run, scenario, step, evidence, limit=4096):
        sheet.fact(fact, most=20)
    for capture in step.captures:
        sheet.field(
            "captured", f"{capture.name} = {'(secret)' if capture.secret else capture.value}"
        )
    if step.checked:
        sheet.field("checked", "; ".join(step.checked))
    if step.message:
        sheet.field("note", step.message)


def titled(step: StepResult) -> Iterator[tuple[str, Exchange]]:
    """Every exchange of a step in order, with which of them it is."""
    for attempt in step.attempts:
        for number, exchange in enumerate(attempt.exchanges, 1):
            yield _title(step, attempt, number, exchange), exchange


def _title(step: StepResult, attempt: Attempt, number: int, exchange: Exchange) -> str:
    hop = f", hop {number} of {len(attempt.exchanges)}" if len(attempt.exchanges) > 1 else ""
    tries = f"attempt {attempt.number} of {len(step.attempts)}{hop}"
    return f"{tries}: {request_line(exchange)} -> {answer(exchange)}"


def _exchange(
    sheet: Sheet, run: Run, exchange: Exchange, evidence: Evidence, parts: ShownParts
) -> None:
    response = exchange.response
    if parts.request:
        sheet.verbatim([f"{exchange.request.method} {exchange.request.url}"], indent=0, style="")
        _headers(sheet, exchange.request.headers)
        _body(sheet, run, exchange.request.body, evidence)
    if parts.headers:
        if exchange.error is not None:
            sheet.field(
                "broke", f"{exchange.error.message} (phase {exchange.error.phase.value})", indent=0
            )
        sheet.field("timing", timing(exchange), indent=0)
        if exchange.peer:
            sheet.field("peer", exchange.peer, indent=0)
        if response is not None:
            for status, headers in response.interim:
                sheet.verbatim([f"{response.http_version} {status}"], indent=0, style="")
                _headers(sheet, headers)
            sheet.verbatim([f"{response.http_version} {answer(exchange)}"], indent=0, style="")
            _headers(sheet, response.headers)
            if response.trailers:
                sheet.field("trailers", "", indent=0)
                _headers(sheet, response.trailers)
    if parts.body:
        if response is not None:
            _body(sheet, run, response.body, evidence)
        for label, part in (("raw bytes", exchange.undecoded), ("left over", exchange.leftover)):
            if part is not None:
                sheet.field(label, "", indent=0)
                _body(sheet, run, part, evidence)


def _headers(sheet: Sheet, headers: Headers) -> None:
    """As received: order, case and repeats."""
    sheet.verbatim(
        (f"{name.decode('latin-1')}: {value.decode('latin-1')}" for name, value in headers),
        indent=0,
        style="",
    )


def _body(sheet: Sheet, run: Run, body: Body, evidence: Evidence) -> None:
    """The body's text, unchanged but for what could act on a terminal, and where its bytes are."""
    sheet.blank()
    shown = excerpt(evidence, body, BODY_LIMIT)
    if shown.missing:
        sheet.field("body", shown.missing, indent=0)
    elif shown.binary:
        sheet.field("body", f"binary ({body.media_type or 'no media type'})", indent=0)
    elif shown.text:
        sheet.raw(shown.text)
    else:
        sheet.field("body", "empty (0 bytes)", indent=0)
    sheet.blank()
    lost = gap(run.folder, body)
    if lost and body.path:
        sheet.field("body", lost, indent=0, style="bold yellow")
    if body.file:
        cut = f"; the first {size_of(BODY_LIMIT)} are shown" if shown.cut else ""
        sheet.commands("file" if body.path else "kept in", [place(run, body.file)], indent=0)
        sheet.commands("", [f"{size_of(body.size)}, sha256 {body.sha256}{cut}"], indent=0)
        if shown.lossy:
            sheet.field(
                "charset", f"some bytes are not {shown.encoding}: they stand escaped", indent=0
            )
