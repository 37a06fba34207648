"""Why a step failed, as a short name that is the same for the same cause: in every run, order, round and (where it can be known) scenario.

Of a database error the rule that refused is the cause, whichever scenario met it. So is a wall, and a host that does
not answer. What is only known by what was expected is a cause of its own at each step: two wrong answers may be two faults.
No id, time, order number or value goes into it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from msgspec import Struct

from smoke.facts.evidence import answer
from smoke.facts.step import headline, last_attempt, last_exchange, serious
from smoke.model.exchange import ErrorKind, Exchange, TransportError
from smoke.model.finding import POSSIBLE_CAUSE, Finding
from smoke.model.run import Attempt, Mismatch, Outcome, Run, ScenarioResult, StepResult

LENGTH = 16
"""Hexadecimal digits of a fingerprint."""
_WALL = "auth-wall"
_UNREACHED = frozenset(
    {
        ErrorKind.RESOLVE,
        ErrorKind.CONNECTION_REFUSED,
        ErrorKind.CONNECT_TIMEOUT,
        ErrorKind.CONNECT,
        ErrorKind.TLS,
    }
)
"""Errors before a request was sent: they are the host's, not the endpoint's."""

_VOLATILE = (
    r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b"
    r"|[^\s\"'<>@]{1,64}@[^\s\"'<>@]{1,255}"
    r"|(?<=: )\"[^\"\n]{0,1000}\""
    r"|\b[0-9a-zA-Z]{0,200}[0-9][0-9a-zA-Z]{0,200}\b"
)
"""What differs from run to run in a sentence: UUIDs, addresses, a quoted value at its end, whatever has a digit.
A run that passes has no such sentence, and does not compile it."""
_ROUND = re.compile(r"#[0-9]{1,9}")
_PLACE_OF_ITEM = re.compile(r"\[[0-9]{1,9}\]")


class Failure(Struct, frozen=True):
    """One step that did not pass, or a scenario without such a step (`step` is None) that has no verdict."""

    fingerprint: str
    """The cause's name: 16 hexadecimal digits."""
    code: str
    """Its kind: a finding's code, `timeout`, `status`, `json $.ok` …"""
    title: str
    """The cause in one sentence, as reports tell it."""
    scenario: ScenarioResult
    """The scenario that it struck."""
    step: StepResult | None = None
    """The step that failed."""
    brief: str = ""
    """The cause without a value of any answer: what may be kept where bodies may not."""

    @property
    def where(self) -> str:
        """The step without numbers of rounds; empty where there is none."""
        return without_rounds(self.step.id) if self.step is not None else ""


class Cause(Struct, frozen=True):
    """One cause, and everything in a run that it struck, in the order of the run."""

    fingerprint: str
    failures: tuple[Failure, ...]

    @property
    def title(self) -> str:
        """The cause in one sentence."""
        return self.failures[0].title

    @property
    def scenarios(self) -> tuple[str, ...]:
        """The names of the scenarios that it struck."""
        return tuple(dict.fromkeys(each.scenario.name for each in self.failures))


def causes_of(run: Run) -> tuple[Cause, ...]:
    """The causes of everything that did not pass, in the order in which a run met them."""
    found: dict[str, list[Failure]] = {}
    for scenario in run.scenarios:
        for failure in failures_of(scenario):
            found.setdefault(failure.fingerprint, []).append(failure)
    return tuple(Cause(name, tuple(failures)) for name, failures in found.items())


def failures_of(scenario: ScenarioResult) -> Iterator[Failure]:
    """What did not pass of a scenario: each step of it, or that it has no verdict as a whole."""
    stopped = [step for step in scenario.steps if step.outcome.bad]
    for step in stopped:
        yield _failure(scenario, step)
    if scenario.outcome.bad and not stopped:
        words = scenario.message or scenario.outcome.value
        parts = ("scenario", scenario.name, scenario.outcome.value, steady(words))
        yield Failure(_digest(*parts), scenario.outcome.value, words, scenario, brief=steady(words))


def fingerprint(scenario: ScenarioResult, step: StepResult) -> str:
    """The name of what made a step fail (or left it without a verdict); empty for one that passed or was skipped."""
    return _failure(scenario, step).fingerprint if step.outcome.bad else ""


def without_rounds(step: str) -> str:
    """A step's id without the numbers of the rounds that it was in."""
    return _ROUND.sub("", step)


def steady(text: str, made: tuple[str, ...] = ()) -> str:
    """A sentence without what differs from run to run: ids, numbers, addresses, and the values that a run made up."""
    for value in sorted(made, key=len, reverse=True):
        if len(value) > 3:
            text = text.replace(value, "…")
    return re.sub(_VOLATILE, "…", text)


def _failure(scenario: ScenarioResult, step: StepResult) -> Failure:
    code, brief, parts = _told(step, (scenario.name, without_rounds(step.id)))
    return Failure(_digest(*parts), code, headline(step), scenario, step, brief)


def _told(step: StepResult, here: tuple[str, str]) -> tuple[str, str, tuple[str, ...]]:
    """Of a step that did not pass the kind of its cause, the cause without values, and what its name is made of."""
    attempt, exchange = last_attempt(step), last_exchange(step)
    if step.outcome is Outcome.UNFINISHED:
        return "unfinished", "the step never ended", ("unfinished", *here)
    finding = _first(attempt)
    if finding is not None and finding.database_error is not None:
        return finding.code, finding.title, _of_error(finding, attempt)
    if finding is not None and finding.code == _WALL:
        return finding.code, finding.title, (_WALL, steady(finding.title))
    if exchange is not None and exchange.error is not None and exchange.response is None:
        return _of_transport(exchange, exchange.error, attempt)
    answered = answer(exchange).partition(" ")[0] if exchange is not None else ""
    wrong = _mismatched(attempt)
    if finding is not None:
        parts = (finding.code, finding.hiding, answered, *here, *wrong)
        return finding.code, f"{finding.title} (status {answered})", parts
    if wrong:
        first = _first_path(attempt)
        got = f": the status is {answered}" if answered else ""
        return first, f"{first} is not as expected{got}", ("expected", answered, *here, *wrong)
    words = steady(step.message)
    return step.outcome.value, words, (step.outcome.value, answered, *here, words)


def _of_transport(
    exchange: Exchange, error: TransportError, attempt: Attempt | None
) -> tuple[str, str, tuple[str, ...]]:
    place = () if error.kind in _UNREACHED else _endpoint(exchange, attempt)
    brief = f"{error.kind.value} in phase {error.phase.value}"
    return error.kind.value, brief, ("no-answer", error.kind.value, error.phase.value, *place)


def _first(attempt: Attempt | None) -> Finding | None:
    """The finding that a step's failure is told by: a database error before all others."""
    found = [each for each in serious(attempt) if each.code != POSSIBLE_CAUSE]
    known = [each for each in found if each.database_error is not None]
    return next(iter(known or found), None)


def _of_error(finding: Finding, attempt: Attempt | None) -> tuple[str, ...]:
    """What stays of a database error: its rule, else the names in it, else its message. Where it was read does not count.

    A rule's name is enough: whether its table and schema are told, too, is a matter of the stack and of the log.
    """
    error = finding.database_error
    assert error is not None
    code = error.sqlstate or finding.code
    if error.constraint_name:
        return ("rule", code, error.constraint_name)
    columns = error.columns or ((error.column_name,) if error.column_name else ())
    if error.table_name or columns:
        return ("names", code, error.table_name or "", *sorted(columns))
    made = attempt.made if attempt is not None else ()
    return ("message", code, steady(error.message_primary or "", made))


def _mismatched(attempt: Attempt | None) -> tuple[str, ...]:
    """Which expectations were not met, without values: a text that came in place of a number is told, not which."""
    return tuple(sorted({_kind(each) for each in attempt.mismatches})) if attempt else ()


def _kind(mismatch: Mismatch) -> str:
    if mismatch.unevaluated:
        return f"{mismatch.path} not evaluated"
    actual = type(mismatch.actual).__name__
    return f"{_PLACE_OF_ITEM.sub('[]', mismatch.path)} {actual.replace('float', 'int')}"


def _first_path(attempt: Attempt | None) -> str:
    first = attempt.mismatches[0].path if attempt is not None and attempt.mismatches else ""
    return first.split("\n", 1)[0][:80]


def _endpoint(exchange: Exchange, attempt: Attempt | None) -> tuple[str, str]:
    """Method and path of a request, without what differs from run to run."""
    made = attempt.made if attempt is not None else ()
    return exchange.request.method, steady(urlsplit(exchange.request.url).path, made)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:LENGTH]
