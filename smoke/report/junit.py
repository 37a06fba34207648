r"""JUnit XML, as CI servers read it: a suite per scenario, a test case per step.

`<failure>` is an expectation that was not met or a database error, `<error>` everything that prevented a verdict.
What JUnit has no place for (flaky steps, orders left behind) is in properties and in `system-out`. The text is XML
1.0 whatever a server sent: characters that XML does not allow are written visibly (`\x1b`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import BinaryIO
from xml.etree import ElementTree as ET

from smoke.facts.cases import RUN, ReportCase, case_lines, run_cases, scenario_cases
from smoke.facts.evidence import Evidence, answer, answered, gap, place
from smoke.facts.fact import plain
from smoke.facts.orders import left_orders
from smoke.facts.step import own_facts, request_line
from smoke.model.run import Outcome, Run, ScenarioResult, StepResult
from smoke.model.verdict import exit_status
from smoke.report import TargetRun
from smoke.text import safe, safe_line, shorten

SUFFIX = ".xml"
LONGEST_TEXT = 16_000
"""Characters of one text node: CI servers hold all of them in memory. The evidence has the rest."""


def write(run: Run, evidence: Evidence, out: BinaryIO) -> None:
    """Write the report. A run without a verdict has an `<error>`, never just nothing."""
    _write(_suites(run, evidence), run.seconds, out)


def write_all(runs: Sequence[TargetRun], out: BinaryIO) -> None:
    """Write one report of runs at several targets: a suite for each target and scenario, named after both.

    A target that has no run has an `<error>`.
    """
    suites: list[ET.Element] = []
    for each in runs:
        if each.run is None or each.evidence is None:
            found = [_without_run(each)]
        else:
            found = _suites(each.run, each.evidence)
        for suite in found:
            suite.set("name", _attribute(f"{each.target}: {suite.get('name', '')}"))
            for case in suite.iter("testcase"):
                case.set("classname", _attribute(f"{each.target}: {case.get('classname', '')}"))
        suites += found
    _write(suites, sum(each.run.seconds for each in runs if each.run is not None), out)


def _without_run(target: TargetRun) -> ET.Element:
    suite = ET.Element(
        "testsuite", {"name": RUN, "tests": "1", "failures": "0", "errors": "1", "skipped": "0"}
    )
    case = ET.SubElement(suite, "testcase", {"name": RUN, "classname": "run", "time": "0.000"})
    ET.SubElement(case, "error", {"type": "no-verdict", "message": _attribute(target.why_not)})
    return suite


def _suites(run: Run, evidence: Evidence) -> list[ET.Element]:
    suites = [_suite(run, scenario, evidence) for scenario in run.scenarios]
    own = _own_suite(run, evidence)
    return suites if own is None else [*suites, own]


def _write(suites: Sequence[ET.Element], seconds: float, out: BinaryIO) -> None:
    root = ET.Element("testsuites", {"name": "smoke", "time": f"{seconds:.3f}"})
    for key in ("tests", "failures", "errors", "skipped"):
        root.set(key, str(sum(int(suite.get(key, "0")) for suite in suites)))
    root.extend(suites)
    ET.indent(root)
    out.write(b'<?xml version="1.0" encoding="UTF-8"?>\n')
    out.write(ET.tostring(root, encoding="utf-8", xml_declaration=False))
    out.write(b"\n")


def _suite(run: Run, scenario: ScenarioResult, evidence: Evidence) -> ET.Element:
    cases = [_case(run, case, evidence) for case in scenario_cases(scenario)]
    suite = _of_cases(scenario.name, cases, scenario.seconds, run)
    properties = {"source": scenario.source, "outcome": scenario.outcome.value}
    flaky = [step.called for step in scenario.steps if step.flaky]
    if flaky:
        properties["flaky"] = ", ".join(flaky)
    left = [order for order in run.orders_left_behind if order.scenario == scenario.name]
    if left:
        properties["orders-left-behind"] = str(len(left))
    _properties(suite, run, properties)
    lines = [f"flaky: {name}" for name in flaky]
    lines += _left(run, scenario) if left else []
    if lines:
        _text(ET.SubElement(suite, "system-out"), "\n".join(safe_line(line) for line in lines))
    return suite


def _left(run: Run, scenario: ScenarioResult) -> Iterator[str]:
    """The orders that a scenario left, and what to type about those of the whole run."""
    left = left_orders(run, most=len(run.orders_left_behind))
    for order in left.orders:
        if order.scenario != scenario.name:
            continue
        yield f"order {order.state}: {order.name}, by '{order.placed_by}'"
        for word, told in (
            ("why", order.why),
            ("remove", order.remove),
            ("look for", order.look_for),
        ):
            if told:
                yield f"  {word}: {told}"
    yield from (f"  {line}" for line in left.next)
    if left.needs:
        yield f"  needs too: {left.needs}"
    yield from (f"  when done: {line}" for line in left.when_done)


def _own_suite(run: Run, evidence: Evidence) -> ET.Element | None:
    """What went wrong with the run itself and belongs to no scenario."""
    cases = [_case(run, case, evidence) for case in run_cases(run)]
    if not cases:
        return None
    suite = _of_cases(RUN, cases, 0.0, run)
    _properties(suite, run, {"outcome": run.outcome.value})
    return suite


def _of_cases(name: str, cases: Sequence[ET.Element], seconds: float, run: Run) -> ET.Element:
    suite = ET.Element(
        "testsuite",
        {
            "name": _attribute(name),
            "tests": str(len(cases)),
            "failures": str(sum(_has(case, "failure") for case in cases)),
            "errors": str(sum(_has(case, "error") for case in cases)),
            "skipped": str(sum(_has(case, "skipped") for case in cases)),
            "time": f"{seconds:.3f}",
            "timestamp": run.started_at.partition(".")[0].partition("+")[0],
        },
    )
    ET.SubElement(suite, "properties")
    suite.extend(cases)
    return suite


def _properties(suite: ET.Element, run: Run, more: dict[str, str]) -> None:
    known = {
        "target": run.target.url,
        "build": run.target.version,
        "run": run.id,
        "evidence": run.folder,
        "exit-status": str(exit_status(run).value),
        **more,
    }
    parent = suite.find("properties")
    assert parent is not None
    for name, value in known.items():
        if value:
            ET.SubElement(parent, "property", {"name": name, "value": _attribute(value)})


def _case(run: Run, case: ReportCase, evidence: Evidence) -> ET.Element:
    element = ET.Element(
        "testcase",
        {
            "name": _attribute(case.name),
            "classname": _attribute(case.suite if case.scenario is not None else "run"),
            "time": f"{case.seconds:.3f}",
        },
    )
    tag = _TAGS.get(case.outcome, "")
    if tag:
        told = {"message": _attribute(case.reason)}
        if tag != "skipped":
            told = {"type": _attribute(case.code), **told}
        problem = ET.SubElement(element, tag, told)
        if case.step is not None and case.outcome.stops:
            _text(problem, "\n".join(case_lines(run, case, evidence)))
    if case.step is not None:
        _text(ET.SubElement(element, "system-out"), "\n".join(_said(run, case.step)))
    return element


_TAGS = {
    Outcome.FAILED: "failure",
    Outcome.ERRORED: "error",
    Outcome.UNFINISHED: "error",
    Outcome.SKIPPED: "skipped",
}


def _said(run: Run, step: StepResult) -> list[str]:
    """Each exchange in a line, also of a step that passed; and that it was flaky."""
    lines = []
    if step.flaky:
        lines.append(f"FLAKY: it took {len(step.attempts)} attempts")
    for attempt in step.attempts:
        for exchange in attempt.exchanges:
            line = f"attempt {attempt.number}: {request_line(exchange)} -> {answer(exchange)}"
            if exchange.response is not None and exchange.response.body.path:
                line += f", body {place(run, exchange.response.body.path)}"
            if exchange.response is not None and (lost := gap(run.folder, exchange.response.body)):
                line += f", {lost}"
            lines.append(safe_line(line))
    if not step.outcome.stops:  # else they stand in the problem
        lines += [plain(fact) for fact in own_facts(step)]
    if step.checked and answered(step):
        lines.append(safe_line(f"checked: {'; '.join(step.checked)}"))
    return lines


def _has(case: ET.Element, *tags: str) -> bool:
    return any(case.find(tag) is not None for tag in tags)


def _attribute(text: str) -> str:
    return shorten(safe_line(text), 500)


def _text(element: ET.Element, text: str) -> None:
    element.text = shorten(safe(text), LONGEST_TEXT)
