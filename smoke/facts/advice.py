"""What to do about a step that did not pass, once for every report: meaning, SQL, commands, as values to lay out.

Texts in here are as they came: each writer makes them safe for its own format.
"""

from __future__ import annotations

from msgspec import Struct

from smoke.advice import advise_in
from smoke.facts.step import last_attempt, last_exchange
from smoke.facts.typed import typed
from smoke.model.finding import Advice, Finding, Statement
from smoke.model.run import Run, ScenarioResult, StepResult
from smoke.text import plural, safe_line

MOST = 20
"""Findings of one step that advice is given for: an answer that holds more was made to."""


class FindingAdvice(Struct, frozen=True):
    """The advice for one finding.

    `verify` and `remedies` are lines of SQL to be pasted as they are: the one reads only, and says so to the database,
    the other may write. `more` says how much SQL is left out, empty where all is there; `next` what to type.
    """

    meaning: str = ""
    verify: tuple[str, ...] = ()
    remedies: tuple[str, ...] = ()
    more: str = ""
    next: tuple[str, ...] = ()


class StepAdvice(Struct, frozen=True):
    """The advice for one step.

    `next` has each command once, `show` is the one that tells all, `left` counts the findings that have no advice here.
    """

    findings: tuple[FindingAdvice, ...] = ()
    next: tuple[str, ...] = ()
    show: str = ""
    left: int = 0


def whole_advice(run: Run, finding: Finding) -> Advice:
    """The advice for a finding of `run` as data, with commands that are begun as this smoke was started."""
    return advise_in(run, finding, typed(run))


def finding_advice(run: Run, finding: Finding, *, brief: bool = False) -> FindingAdvice:
    """The advice for one finding of `run`.

    `brief` has the first question to the database, and of the remedies only the first of those that the database itself
    told: that is worth more lines than what may be done anywhere.
    """
    advice = whole_advice(run, finding)
    asked = advice.verify[:1] if brief else advice.verify
    mending = advice.remedies
    if brief:
        mending = mending[:1] if finding.remedies else ()
    return FindingAdvice(
        advice.explanation,
        _reading(asked),
        _commented(mending),
        _more(len(advice.verify) - len(asked), len(advice.remedies) - len(mending)),
        advice.next,
    )


def step_advice(
    run: Run, scenario: ScenarioResult, step: StepResult, *, brief: bool = False
) -> StepAdvice:
    """The advice for all findings of a step's last attempt; without one, the command that shows what was sent and came."""
    attempt = last_attempt(step)
    findings = attempt.findings if attempt is not None else ()
    told = tuple(finding_advice(run, finding, brief=brief) for finding in findings[:MOST])
    lines = [line for advice in told for line in advice.next]
    if not lines and any(attempt.exchanges for attempt in step.attempts):
        lines = [look(run, scenario, step)]
    show = typed(run).show(step.id, scenario=scenario.name)
    return StepAdvice(told, tuple(dict.fromkeys(lines)), show, len(findings) - len(told))


def look(run: Run, scenario: ScenarioResult, step: StepResult) -> str:
    """The command that shows a step's answer, or its request where no answer came."""
    exchange = last_exchange(step)
    answered = exchange is not None and exchange.response is not None
    option = "--body" if answered else "--request"
    return typed(run).show(step.id, option, scenario=scenario.name)


def commented(statement: Statement) -> tuple[str, ...]:
    """SQL with its purpose and the results to expect as comments, so that all of it can be pasted."""
    # a name in them may hold a line feed, which would end the comment
    return (
        f"-- {safe_line(statement.purpose)}",
        *(safe_line(f"--   {case}: {result}") for case, result in statement.expect),
        *statement.sql.split("\n"),
    )


def _commented(statements: tuple[Statement, ...]) -> tuple[str, ...]:
    return tuple(line for statement in statements for line in commented(statement))


def _reading(statements: tuple[Statement, ...]) -> tuple[str, ...]:
    """Questions in a transaction that lets nothing be written, whatever is pasted with them."""
    return ("BEGIN READ ONLY;", *_commented(statements), "ROLLBACK;") if statements else ()


def _more(questions: int, ways: int) -> str:
    words = [
        plural(questions, "more question") if questions else "",
        plural(ways, "way to mend it", "ways to mend it") if ways else "",
    ]
    return " and ".join(word for word in words if word)
