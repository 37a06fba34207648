r"""TAP 14, the Test Anything Protocol: a line for each step, and in YAML why one is not ok.

What means something in TAP is escaped in names (`\\`, `\#`). Readers of TAP 13 know no escapes, and take `# SKIP` for a
directive wherever it stands: behind a `#` of a server's that would make a failure none, so there it is written as U+FF03.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from smoke.facts.cases import ReportCase, case_lines, cases
from smoke.facts.evidence import Evidence
from smoke.model.numbers import json_text
from smoke.model.run import Outcome, Run
from smoke.model.verdict import exit_status, meaning_of
from smoke.text import safe, safe_line, shorten

SUFFIX = ".tap"
MOST_LINES = 200
"""Lines that tell of one failure: the evidence has the rest."""

_DIRECTIVE = re.compile(r"#(?=\s{0,99}(?:skip|todo))", re.IGNORECASE)


def write(run: Run, evidence: Evidence, out: BinaryIO) -> None:
    """Write the report. A run without a verdict has a line that is not ok, never just nothing."""
    out.write("\n".join([*_lines(run, evidence), ""]).encode("utf-8", "backslashreplace"))


def _lines(run: Run, evidence: Evidence) -> Iterator[str]:
    found = list(cases(run))
    yield "TAP version 14"
    yield f"1..{len(found)}"
    status = exit_status(run)
    yield f"# {_text(f'smoke {run.smoke_version}, run {run.id}, target {run.target.url}')}"
    for number, case in enumerate(found, start=1):
        word = "not ok" if case.outcome.bad else "ok"
        directive = f" # SKIP {_text(case.reason)}" if case.outcome is Outcome.SKIPPED else ""
        yield f"{word} {number} - {_text(f'{case.suite}: {case.name}')}{directive}"
        if case.outcome.bad:
            yield from _why(run, case, evidence)
        elif case.step is not None and case.step.flaky:
            yield f"# flaky: it took {len(case.step.attempts)} attempts"
    yield f"# exit status {status.value}: {_text(meaning_of(run))}"


def _why(run: Run, case: ReportCase, evidence: Evidence) -> Iterator[str]:
    """A YAML block of plain keys with quoted texts."""
    yield "  ---"
    yield f"  message: {_quoted(case.reason)}"
    yield f"  severity: {'fail' if case.outcome is Outcome.FAILED else 'error'}"
    yield f"  code: {_quoted(case.code)}"
    if case.source:
        yield "  at:"
        yield f"    file: {_quoted(case.source)}"
        yield f"    line: {case.line}"
    lines = list(case_lines(run, case, evidence))
    if lines:
        yield "  details:"
        yield from (f"    - {_quoted(line)}" for line in lines[:MOST_LINES])
    if len(lines) > MOST_LINES:
        yield f"    - {_quoted(f'and {len(lines) - MOST_LINES} more lines')}"
    yield "  ..."


def _text(text: str) -> str:
    """A name on its line; nothing in it is a directive, whichever TAP is read."""
    shown = _DIRECTIVE.sub("\uff03", shorten(safe_line(text), 500).replace("\\", "\\\\"))
    return shown.replace("#", "\\#").strip() or "-"


def _quoted(text: str) -> str:
    """A text of YAML: one of JSON is one, where every character in it can be printed."""
    return json_text(shorten(safe(text), 4000))
