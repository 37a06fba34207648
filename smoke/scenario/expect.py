"""Holds a response against a step's expectations: pure. What cannot be evaluated is not met."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from smoke.diagnostic import Span
from smoke.model.messages import WEBSOCKET
from smoke.model.run import JsonValue, Mismatch
from smoke.scenario.answer import StepAnswer, UnreadableError
from smoke.scenario.blame import from_response
from smoke.scenario.capture_spec import CaptureSpec
from smoke.scenario.contracts import Contracts, broken_contracts
from smoke.scenario.expectations import Expect
from smoke.scenario.graphql_errors import PATH as GRAPHQL_ERRORS
from smoke.scenario.graphql_errors import speaks_of_errors
from smoke.scenario.inserted import matcher_with, path_with, selector_with, xpath_with
from smoke.scenario.jsonpath import steps_of, value_at
from smoke.scenario.matcher import MISSING, Missing, is_matcher, is_number, of_text, unmet
from smoke.scenario.patterns import PatternError
from smoke.scenario.scope import Scope, TemplateError
from smoke.scenario.shown import listed, short, words
from smoke.scenario.success import event_that_did_not_come, not_successful
from smoke.scenario.traits import Sends
from smoke.scenario.values import status_matches


def evaluate(
    expect: Expect,
    answer: StepAnswer,
    scope: Scope,
    lines: Mapping[str, Span] | None = None,
    captures: Iterable[CaptureSpec] = (),
    contracts: Contracts | None = None,
) -> tuple[Mismatch, ...]:
    """Every expectation that is not met, those that go without saying included.

    `captures` is what the step takes, `contracts` what was read of the files that `expect` names. `lines` says where each stands in the scenario, by its path. That no database error shows is checked by the
    classifier, not here.
    """
    found = (
        *mismatches_of(expect, answer, scope),
        *broken_contracts(contracts or Contracts(), answer, scope),
        *not_successful(expect, answer, captures),
        *event_that_did_not_come(answer),
    )
    return tuple(_located(mismatch, lines or {}) for mismatch in most_telling_first(found))


def most_telling_first(mismatches: Iterable[Mismatch]) -> tuple[Mismatch, ...]:
    """The mismatches, the one that explains most of the others at the head.

    A redirect that was not followed, the status, a body that broke off; what was in the answer; how long it took.
    """
    return tuple(sorted(mismatches, key=_rank))


def _rank(mismatch: Mismatch) -> int:
    whole = _RANKS.get(mismatch.path)
    return _RANKS.get(mismatch.path.partition(".")[0], 3) if whole is None else whole


_RANKS = {
    "redirect": 0,
    "status": 1,
    "openapi.status": 1,
    GRAPHQL_ERRORS: 2,
    "take_until": 2,
    "response": 2,
    "certificate": 4,
    "time": 5,
    "phases": 6,
}


def mismatches_of(expect: Expect, answer: StepAnswer, scope: Scope) -> Iterator[Mismatch]:
    """What of that which is written is not met, in the order of `expect`; contracts and what goes without saying apart."""
    yield from _status(expect, answer)
    if expect.time is not None or expect.phases is not None or expect.certificate is not None:
        from smoke.scenario.measured import expiring, too_slow

        yield from too_slow(expect, answer)
        yield from expiring(expect, answer)
    if expect.url is not None:
        yield from _one("url", expect.url, lambda: answer.url, answer, scope)
    for name, spec in expect.headers.items():
        yield from _one(
            f"headers.{name}", spec, lambda name=name: _header(answer, name), answer, scope
        )
    for path, spec in expect.json_.items():
        yield from _one(
            f"json.{path}",
            spec,
            lambda path=path: _json(answer, path_with(path, scope)),
            answer,
            scope,
        )
    if expect.text is not None:
        yield from _one("text", expect.text, lambda: answer.text, answer, scope, plain="contains")
    if expect.xpath:
        yield from _of_xml(expect, answer, scope)
    if expect.html:
        for selector, spec in expect.html.items():
            yield from _one(
                f"html.{selector}",
                spec,
                lambda selector=selector: _html(answer, selector_with(selector, scope)),
                answer,
                scope,
            )


def _of_xml(expect: Expect, answer: StepAnswer, scope: Scope) -> Iterator[Mismatch]:
    from smoke.scenario.xpath import namespaces_of, value_at

    declared = namespaces_of(expect.namespaces)

    def at(path: str) -> JsonValue | Missing:
        there, value = value_at(xpath_with(path, scope), answer.xml, declared)
        return value if there else MISSING

    for path, spec in expect.xpath.items():
        yield from _one(f"xpath.{path}", spec, lambda path=path: at(path), answer, scope)


def _status(expect: Expect, answer: StepAnswer) -> Iterator[Mismatch]:
    if expect.status is not None and not status_matches(expect.status, answer.status):
        wanted: JsonValue = _number(expect.status[0])
        if len(expect.status) > 1:
            wanted = [_number(rule) for rule in expect.status]
        either = " or ".join(expect.status)
        yield Mismatch("status", wanted, answer.status, f"expected {either}, got {answer.status}")


def _number(rule: str) -> JsonValue:
    return int(rule) if rule.isdigit() else rule


def _header(answer: StepAnswer, name: str) -> JsonValue | Missing:
    values = answer.headers(name)
    return ", ".join(values) if values else MISSING


def _json(answer: StepAnswer, path: str) -> JsonValue | Missing:
    there, value = value_at(path, answer.json)
    return value if there else MISSING


def _html(answer: StepAnswer, selector: str) -> JsonValue | Missing:
    from smoke.scenario.html import with_attribute

    value = answer.page.first(*with_attribute(selector))
    return MISSING if value is None else value


def _one(
    path: str, spec: Any, get: Any, answer: StepAnswer, scope: Scope, *, plain: str = "equals"
) -> Iterator[Mismatch]:
    """Compare one value; everything that keeps it from being compared is a mismatch too."""
    try:
        wanted = matcher_with(spec, scope)
        actual = get()
        if not path.startswith("json.") and not is_number(actual):  # an XPath may count
            wanted = of_text(wanted)
        missed = unmet(wanted, actual, plain=plain)
    except (UnreadableError, TemplateError, PatternError, ValueError) as error:
        own = not isinstance(error, UnreadableError) and not from_response([path, spec], scope)
        yield Mismatch(path, short(spec, answer), None, str(error), unevaluated=str(error), own=own)
        return
    if missed is None:
        return
    shown = None if isinstance(actual, Missing) else short(actual, answer)
    got = "nothing" if isinstance(actual, Missing) else words(actual, answer)
    remark = f" ({missed.message})" if missed.message else ""
    message = f"expected {_rule(wanted, plain, answer)}, got {got}{remark}"
    from smoke.scenario.diff import differences

    places, more = differences(wanted, actual, _root(path))
    if places:
        message = f"it differs at {listed(places, more, answer)}{remark}"
    yield Mismatch(
        path, short(wanted, answer), shown, message, differences=places, more_differences=more
    )


def _root(path: str) -> str:
    """Where a value begins, for the paths within: the JSONPath when it leads to one place."""
    json_path = path.removeprefix("json.")
    return json_path if steps_of(json_path) is not None else "$"


def _rule(spec: Any, plain: str, answer: StepAnswer) -> str:
    if is_matcher(spec):
        return " and ".join(f"{name} {words(value, answer)}" for name, value in spec.items())
    return words(spec, answer) if plain == "equals" else f"{plain} {words(spec, answer)}"


def _located(mismatch: Mismatch, lines: Mapping[str, Span]) -> Mismatch:
    from msgspec.structs import replace

    span = lines.get(mismatch.path) or lines.get(mismatch.path.partition(".")[0]) or lines.get("")
    if span is None:
        return mismatch
    return replace(mismatch, source=span.source, line=span.line, column=span.column)


def described(expect: Expect, sends: Sends | None = None) -> tuple[str, ...]:
    """What is checked of the answer to a request, in words, for a report of what a pass means."""
    certificate = expect.certificate
    good = "WebSocket opened" if sends is not None and sends.method == WEBSOCKET else "status 2xx"
    said = [f"status {' or '.join(expect.status)}" if expect.status else good]
    said += [f"json {path}" for path in expect.json_]
    said += [f"header {name}" for name in expect.headers]
    said += [f"xpath {path}" for path in expect.xpath]
    said += [f"html {selector}" for selector in expect.html]
    said += ["text"] if expect.text is not None else []
    said += [f"schema {expect.schema_}"] if expect.schema_ is not None else []
    said += [f"as in {expect.openapi}"] if expect.openapi is not None else []
    said += ["final URL"] if expect.url is not None else []
    said += [f"within {expect.time:g} s"] if expect.time is not None else []
    said += ["each phase's time"] if expect.phases is not None else []
    said += [f"certificate for {certificate.days_left} days"] if certificate is not None else []
    if sends is not None and sends.graphql and not speaks_of_errors(expect):
        said.append("no GraphQL errors")
    if not expect.database_error_allowed:
        said.append("no database error")
    return tuple(said)
