"""`smoke eval`: what a rule of a capture or an expectation takes from an answer that is there already. Sends nothing."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from msgspec import Struct

from smoke.app.saved import Saved, parse, read_saved
from smoke.diagnostic import SmokeError
from smoke.model.exchange import (
    Completeness,
    Exchange,
    Headers,
    RawBody,
    RawExchange,
    RawResponse,
    Request,
    Response,
    Window,
)
from smoke.model.run import JsonValue, Mismatch, Run, ScenarioResult, StepResult
from smoke.redact import Secrets, mask_text, mask_value
from smoke.scenario.answer import StepAnswer, UnreadableError
from smoke.scenario.expect import mismatches_of
from smoke.scenario.expectations import Expect
from smoke.scenario.extract import CaptureFailed, extract
from smoke.scenario.inserted import xpath_with
from smoke.scenario.nearby import Nearby, nearby
from smoke.scenario.rule_text import RuleText
from smoke.scenario.scope import Scope, TemplateError
from smoke.scenario.template import render
from smoke.store import RunFolder


class LookedAt(Struct, frozen=True):
    """What a rule is tried on: the answer, the customer's cookies, and the names that a template sees there."""

    answer: StepAnswer
    cookies: Mapping[str, str]
    scope: Scope


class Evaluated(Struct, frozen=True):
    """What a rule came to. `reason` says why it took nothing, `nearby` what is there in its place.

    `mismatches` are of the expectation, where there was one.
    """

    found: bool
    value: JsonValue = None
    reason: str = ""
    nearby: Nearby = Nearby()
    mismatches: tuple[Mismatch, ...] = ()


def evaluated(rule: RuleText, looked: LookedAt, expect: Expect | None) -> Evaluated:
    """The value that a rule takes, exactly as a scenario would, or why it takes none; and whether it is as expected."""
    missed: tuple[Mismatch, ...] = ()
    if expect is not None:
        missed = tuple(mismatches_of(expect, looked.answer, looked.scope))
    try:
        value = _taken(rule, looked)
    except CaptureFailed as failure:
        near = nearby(rule, looked.answer, looked.cookies, looked.scope)
        return Evaluated(found=False, reason=str(failure), nearby=near, mismatches=missed)
    return Evaluated(found=True, value=value, mismatches=missed)


def _taken(rule: RuleText, looked: LookedAt) -> JsonValue:
    """Raises CaptureFailed."""
    if rule.capture is not None:
        return extract(rule.capture, looked.answer, looked.cookies, looked.scope)
    try:
        if rule.source == "template":
            return render(rule.text, looked.scope)
        if rule.source == "text":
            return looked.answer.text
        from smoke.scenario.xpath import value_at

        path = xpath_with(rule.text, looked.scope)
        there, value = value_at(path, looked.answer.xml, rule.namespaces)
    except (TemplateError, UnreadableError, ValueError) as error:
        raise CaptureFailed(str(error)) from error
    if not there:
        raise CaptureFailed(f"the XPath {rule.text} finds nothing")
    return value


def stored(
    run: Run,
    scenario: ScenarioResult,
    step: StepResult,
    exchange: Exchange,
    folder: RunFolder,
    variables: Mapping[str, str],
    environ: Mapping[str, str],
) -> LookedAt:
    """The answer of a stored exchange (of a call, the call) as the step saw it, but for what is masked in it.

    A template sees what the steps up to this one captured, as it was written down, `--var` of the run and of now.
    """
    names: dict[str, JsonValue] = dict(run.asked.variables) if run.asked is not None else {}
    for each in scenario.steps:
        names |= {capture.name: capture.value for capture in each.captures}
        if each is step:
            break
    scope = Scope(
        seed=run.seed,
        run_id=run.id,
        started=run.started_at,
        target_url=run.target.url,
        environ=environ,
        names={**names, **variables},
        now=lambda: _answered_at(exchange),
    )
    answer = StepAnswer(_as_raw(exchange, folder), elapsed=exchange.timing.total)
    return LookedAt(answer, _cookies(exchange.request.headers), scope)


def _answered_at(exchange: Exchange) -> datetime:
    """When the answer was there: what `now` meant where it was held against something."""
    began = datetime.fromisoformat(exchange.started_at)
    return began.astimezone(UTC) + timedelta(seconds=exchange.timing.total or 0.0)


def _as_raw(exchange: Exchange, folder: RunFolder) -> RawExchange:
    sent = exchange.request
    request = Request(sent.method, sent.url, sent.headers)
    if exchange.received:
        data = folder.read(sent.body)
        return _raw(exchange.id, request, 200, sent.headers, RawBody(window=Window(data)))
    told = exchange.response
    if told is None:
        why = exchange.error.message if exchange.error is not None else "there is none"
        raise SmokeError.of("no-exchange", f"there is no answer to look at: {why}")
    return _raw(exchange.id, request, told.status, told.headers, _raw_body(told, folder))


def _raw_body(told: Response, folder: RunFolder) -> RawBody:
    body = told.body
    return RawBody(
        window=folder.window(body),
        decode_error=body.decode_error,
        decoded=body.decoded,
        completeness=told.completeness if body.kept else Completeness.TRUNCATED,
    )


def _raw(
    identity: str, request: Request, status: int, headers: Headers, body: RawBody
) -> RawExchange:
    return RawExchange(identity, request, RawResponse(status, headers=headers, body=body))


def _cookies(headers: Headers) -> dict[str, str]:
    """The cookies that a request carried."""
    found: dict[str, str] = {}
    for name, value in headers:
        if name.lower() == b"cookie":
            for pair in value.decode("utf-8", "replace").split(";"):
                key, equals, text = pair.strip().partition("=")
                if equals:
                    found[key] = text
    return found


def saved_answer(word: str, variables: Mapping[str, str], environ: Mapping[str, str]) -> LookedAt:
    """The one answer in a file (`-`: standard input): a raw body, `curl -i` output or a HAR file. Raises SmokeError."""
    found: list[Saved] = list(
        parse(sys.stdin.buffer.read(), "standard input") if word == "-" else read_saved(Path(word))
    )
    if len(found) != 1:
        raise SmokeError.of(
            "several-answers", f"{word} holds {len(found)} answers, and one can be looked at"
        )
    (saved,) = found
    headers = tuple(
        (name.encode("utf-8", "replace"), value.encode("utf-8", "replace"))
        for name, value in saved.headers
    )
    body = RawBody(window=Window(saved.body))
    raw = _raw("1", Request("GET", ""), saved.status, headers, body)
    names: dict[str, JsonValue] = dict(variables)
    return LookedAt(StepAnswer(raw, elapsed=0.0), {}, Scope(environ=environ, names=names))


def shown(value: JsonValue) -> JsonValue:
    """A value as it may be printed: what looks like a secret is masked in it, whatever it was read from."""
    return mask_value(value, Secrets.of({}))


def shown_text(text: str) -> str:
    """A message as it may be printed."""
    return mask_text(text, Secrets.of({}))
