"""Markdown for a comment in GitLab, Bitbucket and the like: what failed, why, and what to type, in at most 30,000 characters.

No tables, no HTML and no escapes, which each forge reads in its own way: lists and code only, and all foreign text is code.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from smoke.facts.advice import step_advice
from smoke.facts.causes import Same
from smoke.facts.evidence import Evidence, duration
from smoke.facts.issues import broken_steps
from smoke.facts.orders import left_orders
from smoke.facts.step import headline, step_facts
from smoke.model.run import Outcome, Run, ScenarioResult, StepResult
from smoke.model.verdict import exit_status, meaning_of
from smoke.report._plain_markdown import code, fenced
from smoke.text import plural

SUFFIX = ".md"
LARGEST = 30_000
"""Characters: Bitbucket takes 32,768 of a comment."""
SIGNED = {
    Outcome.PASSED: "✅ passed",
    Outcome.FAILED: "❌ failed",
    Outcome.ERRORED: "❗ no verdict",
    Outcome.SKIPPED: "⚪ skipped",
    Outcome.UNFINISHED: "❗ unfinished",
}


def write(run: Run, evidence: Evidence, out: BinaryIO) -> None:
    """Write the comment."""
    out.write(comment(run, evidence).encode("utf-8", "backslashreplace"))


def comment(run: Run, evidence: Evidence) -> str:
    """The comment, below LARGEST characters: sections that do not fit are counted."""
    parts: list[str] = []
    room = LARGEST - 200
    left = 0
    for part in _parts(run, evidence):
        if left or len(part) > room:
            left += 1
            continue
        room -= len(part)
        parts.append(part)
    if left:
        parts.append(f"{plural(left, 'more section')} did not fit: see the evidence.\n")
    return "\n".join(parts)


def _parts(run: Run, evidence: Evidence) -> Iterator[str]:
    """Verdict, cause and place first; what failed before what passed."""
    yield _head(run)
    same = Same.of(run)
    for scenario, step in broken_steps(run):
        yield _failure(run, scenario, step, evidence, same)
    if left := _left(run):
        yield left
    yield "\n".join(_scenarios(run))


def _head(run: Run) -> str:
    status = exit_status(run)
    build = f", build {code(run.target.version)}" if run.target.version else ""
    lines = [f"## smoke: {SIGNED[run.outcome]}", ""]
    first = next(broken_steps(run), None)
    if first is not None:
        lines += [f"**{code(headline(first[1]))}** at {_called(*first)}", ""]
    elif not run.scenarios and run.readiness:
        lines += [f"**{code(run.readiness)}**", ""]
    status_told = f"exit status {status.value}: {meaning_of(run)}"
    lines.append(
        f"Target {code(run.target.url)}{build}, run {code(run.id)}, {duration(run.seconds)}, {status_told}.\n"
    )
    if run.target.insecure:
        lines += ["**Certificates were not checked** (`--insecure`).", ""]
    if run.target.detours:
        lines += [f"Connected as {', '.join(map(code, run.target.detours))} says.", ""]
    lines += [f"- {code(problem)}" for problem in run.problems[:20]]
    if run.folder:
        lines += ["", f"Evidence: {code(run.folder)}", ""]
    return "\n".join(lines)


def _called(scenario: ScenarioResult, step: StepResult) -> str:
    return code(f"{scenario.name}: {step.called}")


def _failure(
    run: Run, scenario: ScenarioResult, step: StepResult, evidence: Evidence, same: Same
) -> str:
    """One step: its facts as a list, its body, the SQL and the commands in fences. One cause is explained once."""
    lines = [f"### {_called(scenario, step)}", ""]
    before = same.told_before(step)
    if before is not None:
        return "\n".join([*lines, f"The same cause as {_called(*before)}.", ""])
    blocks = []
    for fact in step_facts(run, scenario, step, evidence, limit=1024, brief=True):
        if fact.block:
            blocks += ["", f"{code(fact.label)}:", "", fenced(fact.value)]
        else:
            lines.append(f"- {code(fact.label) if fact.label else 'and'}: {code(fact.value)}")
    told = step_advice(run, scenario, step, brief=True)
    lines += blocks
    for advice in told.findings:
        lines += ["", code(advice.meaning, 2000)] if advice.meaning else []
        if advice.verify:
            lines += ["", "Verify (reads only):", "", fenced("\n".join(advice.verify), "sql")]
    if told.next:
        lines += ["", "Next:", "", fenced("\n".join(told.next), "sh")]
    return "\n".join([*lines, ""])


def _left(run: Run) -> str:
    left = left_orders(run, 20)
    if not left.orders:
        return ""
    lines = [f"### {left.heading}", ""]
    for order in left.orders:
        by = code(f"{order.scenario}: {order.placed_by}")
        to_do = f"; {code(order.to_do)}" if order.to_do else ""
        lines.append(f"- {code(order.name)} ({order.state}), by {by}: {code(order.why)}{to_do}")
    if left.more:
        lines.append(f"- and {left.more} more, which the last command lists")
    lines += ["", fenced("\n".join(left.next), "sh")]
    if left.needs:
        lines += ["", f"needs too: {code(left.needs)}"]
    if left.when_done:
        lines += ["", "When done:", "", fenced("\n".join(left.when_done), "sh")]
    return "\n".join([*lines, ""])


def _scenarios(run: Run) -> Iterator[str]:
    """A line for each scenario, those that did not pass first."""
    for scenario in sorted(run.scenarios, key=lambda each: -each.outcome.rank):
        flaky = [step.called for step in scenario.steps if step.flaky]
        why = f"flaky: {', '.join(flaky)}" if flaky else scenario.message or scenario.passed_message
        told = f": {code(why)}" if why and not scenario.outcome.stops else ""
        steps = plural(len(scenario.steps), "step")
        yield f"- {SIGNED[scenario.outcome]} {code(scenario.name)} ({steps}){told}"
    yield ""
