"""What a step's last attempt means: an outcome and its reason in words. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from smoke.engine.retry import parse_retry_after
from smoke.model.exchange import ErrorKind, RawExchange
from smoke.model.finding import Finding, Severity
from smoke.model.run import Mismatch, Outcome
from smoke.model.semantics import TOO_MANY_REQUESTS
from smoke.scenario.expectations import Expect
from smoke.scenario.model import Step, ordering

_MOST_NAMED = 5


class VerdictInput(Struct, frozen=True):
    """What the verdict of an attempt is drawn from."""

    final: RawExchange
    mismatches: tuple[Mismatch, ...]
    findings: tuple[Finding, ...]
    passed: bool
    wall: str = ""
    """Which wall before the deployment answered, if one did."""


def verdict(judged: VerdictInput, expect: Expect, now: datetime) -> tuple[Outcome, str]:
    """The outcome of a step that ended so, and why in one sentence (empty when it passed).

    Without an answer there is no verdict, nor when a wall before the deployment gave it. Neither is there one after a 429 that the scenario does not expect: it
    says that the run asked faster than it may (RFC 6585, 4), and nothing of what was to be checked. Nor is there one
    when nothing but values of the scenario's own kept it from being judged. A database error is one in any answer.
    """
    if judged.passed:
        return Outcome.PASSED, ""
    response = judged.final.response
    error = judged.final.error
    if response is None:
        return Outcome.ERRORED, error.message if error is not None else "no answer"
    if judged.wall:
        return Outcome.ERRORED, judged.wall
    serious = [each for each in judged.findings if each.severity is Severity.ERROR]
    limited = response.status == TOO_MANY_REQUESTS and not expect.names_status(response.status)
    if (
        error is not None
        and error.kind is ErrorKind.NOT_KEPT
        and not (serious or judged.mismatches)
    ):
        return Outcome.ERRORED, error.message  # a full disk says nothing about the answer
    if limited and not serious:
        return Outcome.ERRORED, _rate_limited(header(judged.final, b"retry-after"), now)
    if judged.mismatches and not serious and all(each.own for each in judged.mismatches):
        first = judged.mismatches[0]
        place = f" ({first.source}:{first.line}:{first.column})" if first.source else ""
        return Outcome.ERRORED, f"{first.path}: {first.message}{place}"
    return Outcome.FAILED, _first_reason(judged)


def header(raw: RawExchange, wanted: bytes) -> str | None:
    """The first value of a header of the response; `wanted` is in lower case."""
    for name, value in raw.response.headers if raw.response is not None else ():
        if name.lower() == wanted:
            return value.decode("latin-1")
    return None


def _rate_limited(retry_after: str | None, now: datetime) -> str:
    asked = parse_retry_after(retry_after, now)
    wait = "without saying for how long" if asked is None else f"for {asked:.0f} s (Retry-After)"
    return (
        f"rate limited: 429 asks to wait {wait}. The run asked faster than it may: "
        "that is no failure of the shop's"
    )


def _first_reason(judged: VerdictInput) -> str:
    if judged.findings:
        return judged.findings[0].title
    first = judged.mismatches[0]
    kind, _, name = first.path.partition(".")
    if kind == "capture":  # behind `csrf:` or `token:` the reason would be taken for a secret
        return f"capture {name} took nothing: {first.message}"
    return f"{first.path}: {first.message}"


class Ordering:
    """Whether the ordering steps of one scenario ordered, and where they did not, why."""

    def __init__(self, steps: Iterable[Step]) -> None:
        self._declared = {step.path: " › ".join(step.path) for step in ordering(steps)}
        self._why: dict[tuple[str, ...], str] = {}
        self._may_exist = False

    def skipped(self, step: Step, why: str) -> None:
        """A step was not carried out, nor was any below it."""
        for each in ordering((step,)):
            self._why.setdefault(each.path, f"was skipped: {why}")

    def carried_out(self, step: Step, status: int | None, *, ordered: bool) -> None:
        """A step came to its end with this status. `ordered`: its order was placed, or may have been."""
        if step.places_order is None:
            return
        if ordered:
            self._may_exist = True
        elif not (step.places_order.may_place_none or _expects_refusal(step.expect)):
            self._why.setdefault(step.path, f"was refused (status {status})")
        else:
            self._why[step.path] = ""

    def why_none(self) -> str:
        """Why nothing was ordered where it should have been; empty when all is as the scenario says.

        A step that expects its refusal (a 4xx and nothing else), or may place none, and got it did what it is there for.
        """
        if self._may_exist:
            return ""
        idle = [
            f"'{name}' {why}"
            for path, name in self._declared.items()
            if (why := self._why.get(path, "was not reached"))
        ]
        if not idle:
            return ""
        more = f", and {len(idle) - _MOST_NAMED} more" if len(idle) > _MOST_NAMED else ""
        return (
            f"no order was placed: {'; '.join(idle[:_MOST_NAMED])}{more}. "
            "`may_place_none: true` in the scenario says when that is right"
        )


def _expects_refusal(expect: Expect) -> bool:
    """Whether the scenario wants the order to be turned down: every status that it names is a 4xx."""
    return expect.status is not None and all(rule.startswith("4") for rule in expect.status)
