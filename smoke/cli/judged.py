"""What `smoke judge` prints: what is judged otherwise now, then the run as `smoke show` does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from smoke.app.judging import Change, Judged, named
from smoke.app.reporting import write_reports
from smoke.cli.layout import Sheet
from smoke.cli.summary import render_run
from smoke.cli.terminal import stderr, stdout
from smoke.model.finding import IN_RESPONSE, Finding, Severity
from smoke.model.numbers import json_text
from smoke.model.verdict import exit_status
from smoke.report.json import report as json_report
from smoke.store import RunFolder
from smoke.text import plural, safe_line
from smoke.version import __version__

_MOST = 50


def tell(
    judged: Judged,
    folder: RunFolder,
    reports: Sequence[tuple[str, Path]],
    *,
    as_json: bool,
    verbose: bool,
) -> int:
    """Print it and write the reports; the exit status."""
    terminal = stdout()
    problems = write_reports(judged.run, folder, reports)
    run = replace(judged.run, problems=(*judged.run.problems, *problems))
    if as_json:
        terminal.write(json_text(_as_json(replace(judged, run=run)), ascii_only=True, indent=1))
    else:
        sheet = Sheet(width=terminal.width, color=terminal.color, unicode=terminal.unicode)
        _head(sheet, judged)
        terminal.write(sheet.render())
        terminal.write("")
        terminal.write(
            render_run(
                run,
                folder,
                width=terminal.width,
                color=terminal.color,
                unicode=terminal.unicode,
                verbose=verbose,
            )
        )
    for problem in problems:
        stderr().write(safe_line(f"smoke: {problem}"))
    return exit_status(run).value


def _head(sheet: Sheet, judged: Judged) -> None:
    then, now = judged.then, judged.run
    sheet.field("run", f"{then.id}, judged again; nothing is sent", indent=0)
    version = "" if then.smoke_version == __version__ else f" by smoke {then.smoke_version}"
    sheet.field("then", f"{then.outcome.value}{version}", indent=0)
    sheet.field("now", now.outcome.value, indent=0)
    for problem in now.problems[len(then.problems) :]:
        sheet.field("but", problem, indent=0)
    if not judged.changes:
        sheet.field("changed", "nothing: every answer shows what it showed then", indent=0)
    else:
        sheet.field(
            "changed",
            plural(len(judged.changes), "answer is", "answers are") + " judged otherwise",
            indent=0,
        )
    for change in judged.changes[:_MOST]:
        sheet.blank()
        number = f", attempt {change.attempt}" if change.attempt > 1 else ""
        sheet.line(safe_line(f"{change.scenario}: {change.called}{number}"), "bold")
        for label, findings in (("then", change.then), ("now", change.now)):
            for text in _words(findings):
                sheet.field(label, text)
    if len(judged.changes) > _MOST:
        sheet.field("and", f"{len(judged.changes) - _MOST} more", indent=0)


def _words(findings: Sequence[Finding]) -> Iterator[str]:
    if not findings:
        yield "no finding"
    for finding in findings:
        weight = "" if finding.severity is Severity.ERROR else f"{finding.severity.value}: "
        source = f", found in the {finding.found_in}" if finding.found_in != IN_RESPONSE else ""
        error = finding.database_error
        columns = f" ({', '.join(error.columns)})" if error is not None and error.columns else ""
        # what the answer itself leaves out may have been learnt elsewhere
        places = dict.fromkeys(field.where for field in finding.sources)
        completed = f", completed from the {' and the '.join(places)}" if places else ""
        yield f"{weight}{finding.code}: {finding.title}{columns}{source}{completed}"
        for possible in finding.possible:
            yield f"possible cause: {' '.join(named(possible.error))}"


def _as_json(judged: Judged) -> dict[str, Any]:
    then, now = judged.then, judged.run
    return {
        "format": "smoke-judgement",
        "schema": 1,
        "run_id": then.id,
        "then": _side(then.smoke_version, then.outcome.value, exit_status(then).value),
        "now": _side(__version__, now.outcome.value, exit_status(now).value),
        "changes": [_change(change) for change in judged.changes],
        "report": json_report(now),
    }


def _side(version: str, outcome: str, status: int) -> dict[str, Any]:
    return {"smoke_version": version, "outcome": outcome, "exit_status": status}


def _change(change: Change) -> dict[str, Any]:
    return {
        "scenario": change.scenario,
        "step": change.step,
        "attempt": change.attempt,
        "then": [_finding(finding) for finding in change.then],
        "now": [_finding(finding) for finding in change.now],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    error = finding.database_error
    return {
        "code": finding.code,
        "title": finding.title,
        "severity": finding.severity.value,
        "sqlstate": error.sqlstate if error is not None else None,
        "constraint": error.constraint_name if error is not None else None,
        "table": error.table_name if error is not None else None,
        "found_in": finding.found_in,
        "exchange_id": finding.exchange_id,
    }
