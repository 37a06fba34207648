"""One step that did not pass, told so that somebody can act on it without asking back.

The first ten lines say what failed, why, where the answer is kept and what to type; what proves and explains it is
below, in short. `--verbose` and `smoke show` tell all of it.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from smoke.advice import advise_in
from smoke.advice.commands import Commands
from smoke.cli.layout import Sheet
from smoke.facts.evidence import Evidence
from smoke.facts.fact import Fact
from smoke.facts.finding import cause
from smoke.facts.step import commented, last_attempt, last_exchange, step_facts
from smoke.facts.typed import typed
from smoke.model.finding import POSSIBLE_CAUSE, Advice, Finding
from smoke.model.run import Run, ScenarioResult, StepResult
from smoke.text import plural

WHOLE = 1024
"""Characters of a body that the summary shows whole."""
WHOLE_ROWS = 40
BODY_ROWS = 4
"""Rows of a larger one; with --verbose more."""

_FIRST = ("request", "answer", "expected", "broke", "delivery", "evidence", "reason")
_KEPT = "body file"


class Same(Struct):
    """Where each cause is told, and every step that it stopped, in the order of the run."""

    steps: dict[str, list[tuple[ScenarioResult, StepResult]]]

    @classmethod
    def of(cls, run: Run) -> Same:
        found: dict[str, list[tuple[ScenarioResult, StepResult]]] = {}
        for scenario in run.scenarios:
            for step in scenario.steps:
                if step.outcome.stops:
                    for key in causes(step):
                        found.setdefault(key, []).append((scenario, step))
        return cls(found)

    def told_before(self, step: StepResult) -> tuple[ScenarioResult, StepResult] | None:
        """The step that tells all that stopped this one, when that is another before it."""
        keys = causes(step)
        first = [self.steps[key][0] for key in keys if key in self.steps]
        if not keys or len(first) < len(keys) or any(other is step for _, other in first):
            return None
        return first[0]

    def also_in(self, scenario: ScenarioResult, step: StepResult) -> list[str]:
        """The other steps that are told with this one, by their names."""
        found: list[str] = []
        for key in causes(step):
            first, *others = self.steps.get(key, [(scenario, step)])
            if first[1] is not step:
                continue
            found += [
                f"'{other.called}'" if its is scenario else f"{its.name} ('{other.called}')"
                for its, other in others
                if self.told_before(other) is not None
            ]
        return list(dict.fromkeys(found))


def causes(step: StepResult) -> tuple[str, ...]:
    """Keys that two steps share when they failed by one cause: its findings', or the way the connection broke."""
    attempt = last_attempt(step)
    findings = attempt.findings if attempt is not None else ()
    keys = [cause(finding) for finding in findings if finding.code != POSSIBLE_CAUSE]
    exchange = last_exchange(step)
    if not keys and exchange is not None and exchange.error is not None:
        error = exchange.error
        keys = [f"{error.kind.value}\n{error.phase.value}\n{error.message}"]
    return tuple(keys)


def tell_failure(
    sheet: Sheet,
    run: Run,
    scenario: ScenarioResult,
    step: StepResult,
    evidence: Evidence,
    same: Same,
    *,
    verbose: bool,
) -> None:
    """The facts of a step, what differs from the order that worked, and what to do.

    `same` tells which steps share a cause: it is explained at the first of them.
    """
    limit = 64 * 1024 if verbose else 4096
    facts = step_facts(run, scenario, step, evidence, limit=limit, brief=not verbose)
    first, kept, rest = _parted(facts)
    commands = typed(run)
    attempt = last_attempt(step)
    findings = attempt.findings if attempt is not None else ()
    before = None if verbose else same.told_before(step)
    told = [] if before else [(f, advise_in(run, f, commands)) for f in findings]
    _fields(sheet, [*first, *kept[:1]])
    if before is not None:
        where = "" if before[0] is scenario else f" of {before[0].name}"
        sheet.field("see", f"the same cause as in '{before[1].called}'{where} above")
        sheet.commands("next", [_look(commands, scenario, step)])
        for finding in findings:
            _differs(sheet, run, finding, before[1])
        return
    sheet.commands("next", _next(commands, scenario, step, [advice for _, advice in told]))
    if also := same.also_in(scenario, step):
        sheet.field("also in", ", ".join(also[:20]) + ("…" if len(also) > 20 else ""))
    sheet.blank()
    size = [Fact("size", fact.value) for fact in kept[1:2]]
    for fact in rest:
        if fact.block:
            _fields(sheet, size)
            size = []
            small = len(fact.value) <= WHOLE and not verbose
            rows = 200 if verbose else (WHOLE_ROWS if small else BODY_ROWS)
            sheet.block(fact.label, fact.value, most=rows)
        else:
            sheet.field(fact.label, fact.value)
    _fields(sheet, size)
    for finding, advice in told:
        # what the database itself told is worth more lines than what may be done anywhere
        most = len(advice.remedies) if verbose else 1 if finding.remedies else 0
        show = commands.show(step.id, scenario=scenario.name)
        _advise(sheet, advice, show, remedies=most, verbose=verbose)


def _differs(sheet: Sheet, run: Run, finding: Finding, before: StepResult) -> None:
    """What the run saw here, where that speaks for something else than it did at the first step of the cause."""
    attempt = last_attempt(before)
    others = attempt.findings if attempt is not None else ()
    told = [advise_in(run, other).explanation for other in others if cause(other) == cause(finding)]
    here = advise_in(run, finding).explanation
    if told and here not in told:
        sheet.field("but here", here)


def _parted(facts: Iterable[Fact]) -> tuple[list[Fact], list[Fact], list[Fact]]:
    """What failed and why; where it is kept; all else. A fact without a label goes with the one before it."""
    first: list[Fact] = []
    kept: list[Fact] = []
    rest: list[Fact] = []
    into = rest
    seen: set[str] = set()
    for fact in facts:
        if fact.label:
            once = fact.label in _FIRST and (fact.label == "expected" or fact.label not in seen)
            into = first if once else kept if fact.label == _KEPT else rest
            seen.add(fact.label)
        into.append(fact)
    return first, kept, rest


def _fields(sheet: Sheet, facts: Iterable[Fact]) -> None:
    for fact in facts:
        sheet.field(fact.label, fact.value)


def _next(
    commands: Commands, scenario: ScenarioResult, step: StepResult, told: list[Advice]
) -> list[str]:
    """What to type, each command once."""
    lines = [line for advice in told for line in advice.next]
    if not lines and any(attempt.exchanges for attempt in step.attempts):
        lines = [_look(commands, scenario, step)]
    return list(dict.fromkeys(lines))


def _look(commands: Commands, scenario: ScenarioResult, step: StepResult) -> str:
    exchange = last_exchange(step)
    answered = exchange is not None and exchange.response is not None
    option = "--body" if answered else "--request"
    return commands.show(step.id, option, scenario=scenario.name)


def _advise(sheet: Sheet, advice: Advice, show: str, *, remedies: int, verbose: bool) -> None:
    """The explanation, the first question to the database and so many remedies; `show` is the command that tells all."""
    if advice.explanation:
        sheet.blank()
        sheet.field("meaning", advice.explanation)
    asked = advice.verify if verbose else advice.verify[:1]
    if asked:
        sheet.blank()
        sheet.field("verify", "reads only; paste it into psql on the database that the shop uses:")
        sheet.verbatim(["BEGIN READ ONLY;"])
        for statement in asked:
            sheet.verbatim(commented(statement))
        sheet.verbatim(["ROLLBACK;"])
    mending = advice.remedies[:remedies]
    if mending:
        sheet.blank()
        sheet.field("remedies", "smoke never runs them; those that write are yours to judge:")
        for statement in mending:
            sheet.verbatim(commented(statement))
    left = (len(advice.verify) - len(asked), len(advice.remedies) - len(mending))
    more = [
        plural(left[0], "more question") if left[0] else "",
        plural(left[1], "way to mend it", "ways to mend it") if left[1] else "",
    ]
    if any(more):
        words = " and ".join(part for part in more if part)
        sheet.field("more", f"{words}, as SQL, with --verbose or:")
        sheet.commands("", [show])
