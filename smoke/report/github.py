"""The job summary of GitHub Actions, in Markdown."""

from collections.abc import Iterator
from typing import BinaryIO

from smoke.facts.advice import step_advice
from smoke.facts.evidence import Evidence
from smoke.facts.fingerprints import causes_of
from smoke.facts.issues import broken_steps
from smoke.facts.orders import UNKNOWN, left_orders
from smoke.facts.since import cause_since
from smoke.facts.step import headline, step_facts
from smoke.model.run import Outcome, Run, ScenarioResult, StepResult
from smoke.model.verdict import exit_status, meaning_of
from smoke.report._markdown import block, inline, prose, row
from smoke.text import plural

SUFFIX = ".md"
LARGEST = 900_000
"""Bytes of the summary: GitHub refuses one above 1 MiB as a whole."""

_MOST_CAUSES = 5
"""Causes whose beginning the head tells; the steps below tell that of every one."""


def write(run: Run, evidence: Evidence, out: BinaryIO) -> None:
    """Write the job summary."""
    out.write(job_summary(run, evidence).encode("utf-8", "backslashreplace"))


def job_summary(run: Run, evidence: Evidence, largest: int = LARGEST) -> str:
    """The summary as Markdown, below so many bytes; foreign text is code and nothing else."""
    parts = [_head(run)]
    room = largest - len(parts[0].encode("utf-8", "backslashreplace"))
    left = 0
    for part in _parts(run, evidence):
        size = len(part.encode("utf-8", "backslashreplace"))
        if left or size > room:
            left += 1
            continue
        room -= size
        parts.append(part)
    if left:
        parts.append(f"\n**{plural(left, 'more section')}** did not fit: see the evidence.\n")
    return "".join(parts).encode("utf-8", "backslashreplace").decode()


def sentence(text: str) -> str:
    """Words with foreign ones among them, as Markdown that is nothing but text."""
    return prose(text, 1000)


_SIGNS = {
    Outcome.PASSED: "✅ passed",
    Outcome.FAILED: "❌ failed",
    Outcome.ERRORED: "❗ no verdict",
    Outcome.SKIPPED: "⚪ skipped",
    Outcome.UNFINISHED: "❗ unfinished",
}


def _head(run: Run) -> str:
    status = exit_status(run)
    target = run.target
    build = f", build {inline(target.version)}" if target.version else ""
    insecure = "\n**Certificates were not checked** (`--insecure`).\n" if target.insecure else ""
    lines = [
        f"## smoke: {_SIGNS[run.outcome]}\n",
        f"Target {inline(target.url)}{build}, run {inline(run.id)}, exit status {status.value}: {meaning_of(run)}.",
        insecure,
    ]
    if target.detours:
        lines.append(f"Connected as {', '.join(map(inline, target.detours))} says.\n")
    if not run.scenarios and run.readiness:
        lines.append(f"{inline(run.readiness)}\n")
    lines += [f"- {inline(problem)}" for problem in run.problems[:20]]
    for cause in causes_of(run)[:_MOST_CAUSES] if run.since else ():
        if since := cause_since(run, cause):
            lines.append(f"- {inline(cause.title)}: {inline(since)}")
    if run.folder:
        lines.append(f"\nEvidence: {inline(run.folder)}\n")
    return "\n".join(lines)


def _parts(run: Run, evidence: Evidence) -> Iterator[str]:
    left = left_orders(run)
    if left.orders:
        yield f"\n### {left.heading}\n\n| order | state | step | why | remove |\n| --- | --- | --- | --- | --- |\n"
        for order in left.orders:
            yield row(
                order.name if order.name == UNKNOWN else inline(order.name),
                order.state,
                inline(f"{order.scenario}: {order.placed_by}"),
                inline(order.why),
                inline(order.to_do),
            )
        if left.more:
            yield f"\nand {left.more} more, which the last command lists\n"
        yield f"\n{block(chr(10).join(left.next), 'sh')}\n"
        if left.needs:
            yield f"\nneeds too: {inline(left.needs)}\n"
        if left.when_done:
            yield f"\nWhen done:\n\n{block(chr(10).join(left.when_done), 'sh')}\n"
    yield "\n| scenario | outcome | steps | why |\n| --- | --- | --- | --- |\n"
    for scenario in run.scenarios:
        worst = max(scenario.steps, key=lambda step: step.outcome.rank, default=None)
        bad = worst is not None and worst.outcome.stops
        why = (
            f"{worst.called}: {headline(worst)}" if bad and worst is not None else scenario.message
        )
        flaky = [step.called for step in scenario.steps if step.flaky]
        why = why or (f"flaky: {', '.join(flaky)}" if flaky else scenario.passed_message)
        yield row(
            inline(scenario.name), _SIGNS[scenario.outcome], str(len(scenario.steps)), inline(why)
        )
    for scenario, step in broken_steps(run):
        yield _failure(run, scenario, step, evidence)


def _failure(run: Run, scenario: ScenarioResult, step: StepResult, evidence: Evidence) -> str:
    """One step: its facts as a list, its body, the SQL and the commands in fences."""
    lines = [f"\n### {inline(f'{scenario.name}: {step.called}')}\n"]
    for fact in step_facts(run, scenario, step, evidence, limit=4096):
        if fact.block:
            lines.append(f"\n{prose(fact.label)}:\n\n{block(fact.value)}\n")
        else:
            lines.append(f"- {prose(fact.label) or 'and'}: {inline(fact.value)}")
    told = step_advice(run, scenario, step)
    for advice in told.findings:
        lines.append(f"\n{prose(advice.meaning)}\n" if advice.meaning else "")
        if advice.verify:
            lines.append(f"Verify (reads only):\n\n{block(chr(10).join(advice.verify), 'sql')}\n")
        if advice.remedies:
            mending = block(chr(10).join(advice.remedies), "sql")
            lines.append(f"Could mend it (writes; smoke never runs it):\n\n{mending}\n")
    if told.left:
        lines.append(f"\nand {plural(told.left, 'more finding')}\n")
    if told.next:
        lines.append(f"Next:\n\n{block(chr(10).join(told.next), 'sh')}\n")
    return "\n".join(lines) + "\n"
