"""What speaks against an answer, whatever its step expects of it: pure."""

from __future__ import annotations

from smoke.engine.sender import Sent
from smoke.model.exchange import Completeness, ErrorKind, RawExchange
from smoke.model.run import JsonValue, Mismatch
from smoke.scenario.answer import StepAnswer
from smoke.scenario.graphql_errors import PATH, asks_graphql, graphql_errors, speaks_of_errors
from smoke.scenario.model import Step


def blocked(step: Step, sent: Sent) -> tuple[Mismatch, ...]:
    """A redirect that leads where no request may go."""
    if sent.blocked is None:
        return ()
    reason = f"not followed: {sent.blocked.reason}"
    wanted = "a redirect that may be followed"
    return (_mismatch(step, "redirect", wanted, sent.blocked.kind, reason),)


def incomplete(step: Step, final: RawExchange) -> tuple[Mismatch, ...]:
    """An answer that broke off is never good, whatever was asked of it: nobody knows what the rest said."""
    if final.error is None or final.response is None or final.error.kind is ErrorKind.NOT_KEPT:
        return ()  # a full disk says nothing about the answer, which came whole
    body = final.response.body
    declared = "" if body.declared_size is None else f" of {body.declared_size}"
    message = f"it broke off after {body.wire_size}{declared} bytes: {final.error.message}"
    whole = Completeness.COMPLETE.value
    return (_mismatch(step, "response", whole, body.completeness.value, message),)


def refused_in_words(step: Step, answer: StepAnswer) -> tuple[Mismatch, ...]:
    """Errors of a GraphQL answer of which `expect` says nothing: such a step did not do what it is there for.

    A request with a document that is no `graphql` of the scenario is judged so only where it removes an order, or looks for one.
    """
    if speaks_of_errors(step.expect):
        return ()
    sends = step.traits.sends
    asked = sends is not None and sends.graphql
    if not asked and step.removes_order is None:
        return ()
    told = graphql_errors(answer)
    if not told or not (asked or asks_graphql(answer.first)):
        return ()
    return (_mismatch(step, PATH, "none", told, told),)


def _mismatch(
    step: Step, path: str, expected: JsonValue, actual: JsonValue, message: str
) -> Mismatch:
    span = step.span
    return Mismatch(
        path=path,
        expected=expected,
        actual=actual,
        message=message,
        source=span.source,
        line=span.line,
        column=span.column,
    )
