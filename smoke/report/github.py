"""The job summary of GitHub Actions (Markdown), and the annotations that go with it."""

from collections.abc import Iterator
from typing import BinaryIO

from smoke.advice import advise
from smoke.model.run import Outcome, Run, ScenarioResult, StepResult
from smoke.model.verdict import exit_status, meaning
from smoke.report._commands import command
from smoke.report._evidence import Evidence
from smoke.report._facts import (
    commented,
    headline,
    last_attempt,
    mismatch_text,
    step_facts,
)
from smoke.report._markdown import block, inline, row

SUFFIX = ".md"
MOST_ANNOTATIONS = 10
"""GitHub takes ten errors of a step and drops the rest in silence."""
LARGEST = 900_000
"""Bytes of the summary: GitHub refuses one above 1 MiB as a whole."""


def write(run: Run, evidence: Evidence, out: BinaryIO) -> None:
    """Write the job summary."""
    out.write(job_summary(run, evidence).encode("utf-8", "backslashreplace"))


def annotations(run: Run) -> list[str]:
    """At most ten workflow commands, the most telling first; the last says how many are left out."""
    found = [
        *_findings(run),
        *_mismatches(run),
        *_rest(run),
    ]
    if len(found) <= MOST_ANNOTATIONS:
        return found
    left = len(found) - MOST_ANNOTATIONS + 1
    note = command(
        "error", f"{left} more problems: see the job summary and the evidence", {"title": "smoke"}
    )
    return [*found[: MOST_ANNOTATIONS - 1], note]


def _steps(run: Run) -> Iterator[tuple[ScenarioResult, StepResult]]:
    for scenario in run.scenarios:
        for step in scenario.steps:
            if step.outcome in (Outcome.FAILED, Outcome.ERRORED):
                yield scenario, step


def _at(source: str, line: int, column: int = 0) -> dict[str, str | int]:
    """Where in the repository; nothing for a file that is not in it (a scenario that ships with smoke)."""
    if not source or source.startswith(("/", "\\")) or ":" in source[:3]:
        return {}
    return {"file": source.removeprefix("./"), "line": line, "col": column}


def _findings(run: Run) -> Iterator[str]:
    """Steps with a database error, then those whose error is hidden."""
    told: set[str] = set()
    for named in (True, False):
        for scenario, step in _steps(run):
            attempt = last_attempt(step)
            for finding in attempt.findings if attempt is not None else ():
                if (
                    finding.database_error is not None
                ) is not named or finding.severity.value != "error":
                    continue
                key = finding.fingerprint or f"{finding.title}\n{step.id}"
                if key in told:
                    continue
                told.add(key)
                advice = advise(finding, run_id=run.id, fix=scenario.fix)
                yield command(
                    "error",
                    "\n".join([finding.title, advice.explanation, *advice.next]),
                    {**_at(step.source, step.line), "title": f"{scenario.name}: {step.name}"},
                )


def _mismatches(run: Run) -> Iterator[str]:
    """Steps that failed without a finding, on the line of the first expectation that was not met."""
    for scenario, step in _steps(run):
        attempt = last_attempt(step)
        if attempt is None or attempt.findings or not attempt.mismatches:
            continue
        first = attempt.mismatches[0]
        more = len(attempt.mismatches) - 1
        text = mismatch_text(first) + (
            f"\nand {more} more expectations that were not met" if more else ""
        )
        yield command(
            "error",
            text,
            {
                **_at(first.source, first.line, first.column),
                "title": f"{scenario.name}: {step.name}",
            },
        )


def _rest(run: Run) -> Iterator[str]:
    """What broke without an answer, what went wrong with the run itself, and orders left behind."""
    for scenario, step in _steps(run):
        attempt = last_attempt(step)
        if attempt is None or not (attempt.findings or attempt.mismatches):
            yield command(
                "error",
                headline(step),
                {**_at(step.source, step.line), "title": f"{scenario.name}: {step.name}"},
            )
    for problem in run.problems:
        yield command("error", problem, {"title": "smoke"})
    if not run.scenarios:
        yield command("error", run.readiness or "nothing was run", {"title": "smoke: no verdict"})
    if run.interrupted_by:
        yield command(
            "error", f"interrupted by {run.interrupted_by}", {"title": "smoke: no verdict"}
        )
    left = run.orders_left_behind
    if left:
        names = ", ".join(order.order_id or f"id unknown ({order.step})" for order in left[:10])
        yield command(
            "warning",
            f"left behind: {names}\nsmoke teardown {run.id}",
            {"title": f"smoke: {len(left)} orders left behind"},
        )


def job_summary(run: Run, evidence: Evidence) -> str:
    """The summary as Markdown, below LARGEST bytes; foreign text is code and nothing else."""
    parts = [_head(run)]
    room = LARGEST - len(parts[0].encode("utf-8", "backslashreplace"))
    left = 0
    for part in _parts(run, evidence):
        size = len(part.encode("utf-8", "backslashreplace"))
        if left or size > room:
            left += 1
            continue
        room -= size
        parts.append(part)
    if left:
        parts.append(f"\n**{left} more sections** did not fit: see the evidence.\n")
    return "".join(parts).encode("utf-8", "backslashreplace").decode()


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
        f"Target {inline(target.url)}{build}, run {inline(run.id)}, exit status {status.value}: {meaning(status)}.",
        insecure,
    ]
    if not run.scenarios and run.readiness:
        lines.append(f"{inline(run.readiness)}\n")
    lines += [f"- {inline(problem)}" for problem in run.problems[:20]]
    if run.folder:
        lines.append(f"\nEvidence: {inline(run.folder)}\n")
    return "\n".join(lines)


def _parts(run: Run, evidence: Evidence) -> Iterator[str]:
    left = run.orders_left_behind
    if left:
        yield f"\n### {len(left)} orders left behind\n\n| order | state | step | remove |\n| --- | --- | --- | --- |\n"
        for order in left[:200]:
            yield row(
                order.order_id or "id unknown",
                order.state.value,
                order.step,
                order.remove_hint or "-",
            )
        yield f"\n`smoke teardown {run.id}`\n"
    yield "\n| scenario | outcome | steps | why |\n| --- | --- | --- | --- |\n"
    for scenario in run.scenarios:
        worst = max(scenario.steps, key=lambda step: step.outcome.rank, default=None)
        bad = worst is not None and worst.outcome in (Outcome.FAILED, Outcome.ERRORED)
        why = f"{worst.name}: {headline(worst)}" if bad and worst is not None else scenario.message
        flaky = [step.name for step in scenario.steps if step.flaky]
        why = why or (f"flaky: {', '.join(flaky)}" if flaky else scenario.passed_message)
        yield row(scenario.name, _SIGNS[scenario.outcome], str(len(scenario.steps)), why or "-")
    orders = {(order.scenario, order.step) for order in run.orders}
    for scenario, step in _steps(run):
        yield _failure(run, scenario, step, evidence, orders=(scenario.name, step.id) in orders)


def _failure(
    run: Run, scenario: ScenarioResult, step: StepResult, evidence: Evidence, *, orders: bool
) -> str:
    """One step: its facts as a list, its body, the SQL and the commands in fences."""
    lines = [f"\n### {inline(f'{scenario.name}: {step.name}')}\n"]
    for fact in step_facts(step, evidence, orders=orders, limit=4096):
        if fact.block:
            lines.append(f"\n{fact.label}:\n\n{block(fact.value)}\n")
        else:
            lines.append(f"- {fact.label or 'and'}: {inline(fact.value)}")
    attempt = last_attempt(step)
    for finding in (attempt.findings if attempt is not None else ())[:3]:
        advice = advise(finding, run_id=run.id, fix=scenario.fix)
        lines.append(f"\n{inline(advice.explanation)}\n" if advice.explanation else "")
        if advice.verify:
            sql = [
                "BEGIN READ ONLY;",
                *(line for s in advice.verify for line in commented(s)),
                "ROLLBACK;",
            ]
            lines.append(f"Verify (reads only):\n\n{block(chr(10).join(sql), 'sql')}\n")
        if advice.next:
            lines.append(f"Next:\n\n{block(chr(10).join(advice.next), 'sh')}\n")
    return "\n".join(lines) + "\n"
