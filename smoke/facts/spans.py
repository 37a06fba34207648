"""A run as spans of a trace (OpenTelemetry): the run, its scenarios, their steps, and each exchange as the request named itself.

A request carries a `traceparent`; the span of its exchange has the ids that stand in it, so what the shop recorded of the request
hangs below it. The other ids follow from the run's id: spans that are made again are the same. No header and no body is in them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from urllib.parse import urlsplit

from msgspec import Struct

from smoke.facts.cases import ReportCase, scenario_cases
from smoke.facts.evidence import answer
from smoke.facts.timeline import Period, Timeline, period_of, timeline
from smoke.model.correlation import sent_with, trace_and_span
from smoke.model.exchange import Exchange
from smoke.model.run import Outcome, Run
from smoke.model.verdict import exit_status, meaning_of
from smoke.text import safe_line, shorten

Attributes = dict[str, "str | int | float | bool"]
SCOPE = "smoke"
LONGEST = 1000


class SpanEvent(Struct, frozen=True):
    """What happened at one moment of a span."""

    name: str
    at: int
    attributes: Attributes


class TraceSpan(Struct, frozen=True):
    """One span. Ids are hexadecimal, times nanoseconds since 1970; `links` are the ids of other traces' spans."""

    trace: str
    id: str
    parent: str
    name: str
    start: int
    end: int
    client: bool
    failed: bool
    message: str
    attributes: Attributes
    events: tuple[SpanEvent, ...] = ()
    links: tuple[tuple[str, str], ...] = ()


def resource(run: Run) -> Attributes:
    """What the spans of a run are of."""
    return {
        "service.name": "smoke",
        "service.version": run.smoke_version,
        **_filled({"deployment.environment.name": run.target.name}),
    }


def spans(run: Run) -> tuple[TraceSpan, ...]:
    """The spans of a run, each behind its parent."""
    return tuple(_Trace(run).spans())


class _Trace:
    """The trace of one run, and the ids that are given."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._id = run.trace_id if _is_id(run.trace_id) else _hash(run.id)[:32]
        self._given: set[str] = set()

    def spans(self) -> Iterator[TraceSpan]:
        run = self._run
        times = timeline(run)
        status = exit_status(run)
        root = self._made("run")
        attributes = {
            "smoke.run.id": run.id,
            "smoke.outcome": run.outcome.value,
            "smoke.exit_status": status.value,
            "smoke.orders_left_behind": len(run.orders_left_behind),
            **_filled({"url.full": run.target.url, "service.version.tested": run.target.version}),
        }
        failed = status.value != 0
        yield self._span(
            root, "", "smoke run", times.run, attributes, meaning_of(run) if failed else ""
        )
        yield from self._scenarios(times, root)

    def _scenarios(self, times: Timeline, root: str) -> Iterator[TraceSpan]:
        for number, scenario in enumerate(self._run.scenarios):
            own = self._made(f"scenario/{number}")
            attributes: Attributes = {
                "test.suite.name": _line(scenario.name),
                "smoke.outcome": scenario.outcome.value,
            }
            why = scenario.message or scenario.outcome.value if scenario.outcome.bad else ""
            name = f"scenario {_line(scenario.name)}"
            yield self._span(own, root, name, times.scenarios[number], attributes, why)
            cases = scenario_cases(scenario)
            for place, (case, period) in enumerate(zip(cases, times.steps[number], strict=False)):
                yield from self._step(case, period, own, f"step/{number}/{place}")

    def _step(self, case: ReportCase, period: Period, parent: str, key: str) -> Iterator[TraceSpan]:
        step = case.step
        assert step is not None
        own = self._made(key)
        attributes: Attributes = {
            "test.suite.name": _line(case.suite),
            "test.case.name": _line(case.name),
            "smoke.step.kind": step.kind,
            "smoke.outcome": case.outcome.value,
            "smoke.attempts": len(step.attempts),
            **_filled({"error.type": case.code if case.outcome.bad else ""}),
            **_filled({"smoke.fingerprint": case.fingerprint, "code.file.path": case.source}),
        }
        if case.outcome in (Outcome.PASSED, Outcome.FAILED):
            attributes["test.case.result.status"] = "pass" if not case.outcome.bad else "fail"
        events = tuple(
            SpanEvent("finding", _nanoseconds(period.end), _of_finding(finding.code, finding.title))
            for attempt in step.attempts
            for finding in attempt.findings[:20]
        )
        why = case.reason if case.outcome.bad else ""
        yield self._span(own, parent, f"step {_line(case.name)}", period, attributes, why, events)
        for attempt in step.attempts:
            for exchange in attempt.exchanges:
                yield self._exchange(exchange, attempt.number, period, own)

    def _exchange(self, exchange: Exchange, attempt: int, around: Period, parent: str) -> TraceSpan:
        sent = sent_with(exchange.request.headers)
        pair = next((pair for item in sent if (pair := trace_and_span(item.value))), None)
        links: tuple[tuple[str, str], ...] = ()
        if pair is not None and pair[0] == self._id and pair[1] not in self._given:
            own = pair[1]
            self._given.add(own)
        else:  # whoever wrote the scenario named it: that trace is linked to
            own = self._made(f"exchange/{exchange.id}")
            links = (pair,) if pair is not None and pair[0] != self._id else ()
        response, error = exchange.response, exchange.error
        url = _line(exchange.request.url)
        attributes: Attributes = {
            "http.request.method": _line(exchange.request.method),
            "url.full": url,
            "smoke.exchange.id": exchange.id,
            **_filled({"server.address": _host(exchange.request.url)}),
            **({"http.request.resend_count": attempt - 1} if attempt > 1 else {}),
        }
        why = ""
        if response is not None:
            attributes["http.response.status_code"] = response.status
            if response.status >= 400:  # the HTTP conventions have these as errors of a client span
                attributes["error.type"] = str(response.status)
                why = answer(exchange)
        if error is not None:
            attributes["error.type"] = error.kind.value
            why = error.message
        name = _line(exchange.request.method)
        period = period_of(exchange, around.start)
        return self._span(own, parent, name, period, attributes, why, client=True, links=links)

    def _span(
        self,
        own: str,
        parent: str,
        name: str,
        period: Period,
        attributes: Attributes,
        why: str,
        events: tuple[SpanEvent, ...] = (),
        *,
        client: bool = False,
        links: tuple[tuple[str, str], ...] = (),
    ) -> TraceSpan:
        return TraceSpan(
            self._id,
            own,
            parent,
            name,
            _nanoseconds(period.start),
            _nanoseconds(period.end),
            client,
            bool(why),
            _line(why),
            attributes,
            events,
            links,
        )

    def _made(self, key: str) -> str:
        """An id that follows from the run's, and that no request has."""
        own = _hash(f"{self._run.id}/{key}")[:16]
        while own in self._given or not own.strip("0"):
            own = _hash(own)[:16]
        self._given.add(own)
        return own


def _of_finding(code: str, title: str) -> Attributes:
    return {"smoke.finding.code": _line(code), "smoke.finding.title": _line(title)}


def _nanoseconds(seconds: float) -> int:
    """A float holds microseconds of today, and no more."""
    return round(seconds * 1_000_000) * 1000


def _is_id(text: str) -> bool:
    return len(text) == 32 and not text.strip("0123456789abcdef") and bool(text.strip("0"))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _filled(texts: dict[str, str]) -> Attributes:
    return {name: _line(text) for name, text in texts.items() if text}


def _line(text: str) -> str:
    return shorten(safe_line(text), LONGEST)
