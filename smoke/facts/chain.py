"""From the request to the migration: how one failure's cause was found, link by link, as values to be drawn.

A link that nobody asked for is there, too, and says how to ask: a picture with a hole is honest, one that closes over it is not.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from smoke.facts.evidence import answer, duration, telling_headers
from smoke.facts.finding import proof
from smoke.facts.step import last_attempt, last_exchange, request_line, serious
from smoke.model.correlation import sent_with, trace_and_span
from smoke.model.exchange import Exchange
from smoke.model.finding import IN_APPLICATION_LOG, IN_LOG, POSSIBLE_CAUSE, Finding
from smoke.model.run import Run, ScenarioResult, StepResult
from smoke.text import plural

_COLLIDES = frozenset({"23505", "23P01"})
"""SQLSTATEs of rules that a row broke because another row was there."""
_LOGS = {IN_LOG: "PostgreSQL's log", IN_APPLICATION_LOG: "the application's log"}


class Link(Struct, frozen=True):
    """One link: what it is, what it says, and by what it was reached from the one before. Not `known`: nobody looked."""

    name: str
    title: str
    lines: tuple[str, ...] = ()
    by: str = ""
    known: bool = True


def chain_of(run: Run, scenario: ScenarioResult, step: StepResult) -> tuple[Link, ...]:
    """The links of a step that failed; empty where nothing was sent, or where no finding says anything of it."""
    exchange = last_exchange(step)
    findings = [each for each in serious(last_attempt(step)) if each.code != POSSIBLE_CAUSE]
    named = [each for each in findings if each.database_error is not None]
    if exchange is None or not findings:
        return ()
    finding = (named or findings)[0]
    return (
        _request(exchange),
        _answer(exchange, finding),
        *_log(run, finding),
        *_constraint(finding),
        *_row(run, finding),
        *_migration(run, scenario, finding),
    )


def _request(exchange: Exchange) -> Link:
    ids = []
    for item in sent_with(exchange.request.headers)[:3]:
        pair = trace_and_span(item.value)
        ids.append(f"trace {pair[0]}" if pair else f"{item.name} {item.value}")
    return Link("request", request_line(exchange), tuple(ids))


def _answer(exchange: Exchange, finding: Finding) -> Link:
    title = f"{answer(exchange)} in {duration(exchange.timing.total)}"
    if exchange.response is None:
        return Link("answer", title, (), "sent to the shop")
    if finding.database_error is not None and finding.found_in not in _LOGS:
        says = "names its error"
    else:
        says = "does not show its error"
    ids = [f"{name} {value}" for name, value in telling_headers(exchange.response.headers, 2)]
    return Link("answer", title, (says, *ids), "sent to the shop")


def _log(run: Run, finding: Finding) -> Iterator[Link]:
    error = finding.database_error
    if finding.found_in in _LOGS and error is not None:
        lines = tuple(text for text in (error.message_primary, error.message_detail) if text)
        yield Link("log line", _LOGS[finding.found_in], lines, finding.reason or "read")
        return
    learnt = [source for source in finding.sources if source.where in _LOGS]
    if learnt:
        yield Link("log line", _LOGS[learnt[0].where], (), learnt[0].how)
    elif error is None and run.asked is not None:
        title = (
            "no entry of the log is tied to this request"
            if run.asked.log
            else "not looked for: no log was given"
        )
        yield Link("log line", title, known=False)


def _constraint(finding: Finding) -> Iterator[Link]:
    error = finding.database_error
    if error is None:
        yield Link("constraint", "not known", known=False)
        return
    code = " ".join(word for word in (error.sqlstate, error.condition_name) if word)
    table = ".".join(name for name in (error.schema_name, error.table_name) if name)
    columns = error.columns or ((error.column_name,) if error.column_name else ())
    at = table + (f" ({', '.join(columns)})" if columns else "")
    name = "constraint" if error.constraint_name else "error"
    lines = tuple(text for text in (code, at.strip()) if text)
    title = error.constraint_name or error.message_primary or code
    yield Link(name, title, lines if title != code else lines[1:], proof(finding))


def _row(run: Run, finding: Finding) -> Iterator[Link]:
    error = finding.database_error
    if error is None or error.sqlstate not in _COLLIDES:
        return
    known = finding.known
    if known.rows is None:
        asked = run.asked is not None and run.asked.database
        title = "not known" if asked else "not looked up: no database was at hand"
        yield Link("row", title, (error.message_detail,) if error.message_detail else (), "", False)
        return
    made = tuple(f"made by {name}" for name in known.made_by)
    if known.rows:
        title = plural(known.rows, "row has that key", "rows have that key")
    else:
        title = "no row has that key now"
    yield Link("row", title, made, "asked of the database")


def _migration(run: Run, scenario: ScenarioResult, finding: Finding) -> Iterator[Link]:
    if not scenario.fix:
        return
    name = scenario.fix.replace("\\", "/").rpartition("/")[2]
    if finding.known.fix:
        yield Link("migration", name, (finding.known.fix,), "is it applied there?")
    else:
        asked = run.asked is not None and run.asked.database
        why = "not known whether it is applied"
        yield Link(
            "migration", name, (why if asked else f"{why}: no database was at hand",), "", False
        )
