"""A run in the history: what is shown of that behind its summary, and the exit status that a gate makes of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from smoke.cli.layout import Sheet
from smoke.cli.terminal import Terminal, stderr
from smoke.diagnostic import Diagnostic
from smoke.model.status import ExitStatus
from smoke.store.files import replace_file
from smoke.text import safe_line

if TYPE_CHECKING:
    from smoke.app.remembering import JudgedRun, Remembered, Wish


def told_and_gated(
    terminal: Terminal, remembered: Remembered | None, wish: Wish, status: int
) -> int:
    """Show what the history says of a run, write the verdict where it is asked for; the exit status that is left."""
    if remembered is None:
        return status
    tell_problems((), remembered.problems)
    judged = remembered.judged
    if judged is None:
        return status
    gated = judged.verdict.status if wish.only_new else status
    problems = write_verdict(judged, wish.verdict) if wish.verdict is not None else ()
    if problems and gated == ExitStatus.PASSED:
        gated = ExitStatus.NO_VERDICT  # whoever reads the file would take an old one
    terminal.try_to_write(_shown(terminal, judged, wish, gated))
    tell_problems(judged.remarks, problems)
    return gated


def tell_problems(remarks: Sequence[Diagnostic], problems: Sequence[str]) -> None:
    """Say on standard error what is to be said of the known failures, and what went wrong."""
    if remarks:
        stderr().diagnostics(remarks)
    for problem in problems:
        stderr().try_to_write(safe_line(f"smoke: {problem}"))


def _shown(terminal: Terminal, judged: JudgedRun, wish: Wish, status: int) -> str:
    from smoke.cli.compared import tell_comparison, tell_since, tell_verdict

    sheet = Sheet(width=terminal.width, color=terminal.color, unicode=terminal.unicode)
    if wish.compares:
        tell_comparison(sheet, judged.comparison, judged.listed)
        tell_verdict(sheet, judged.verdict, judged.comparison, gate=wish.only_new, status=status)
    else:
        tell_since(sheet, judged.comparison)
    text = sheet.render()
    return f"\n{text}" if text else ""


def verdict_text(judged: JudgedRun) -> str:
    """The verdict and what led to it as JSON."""
    from smoke.history.document import verdict_document

    document = verdict_document(judged.comparison, judged.verdict, judged.listed)
    return json.dumps(document, indent=2)


def write_verdict(judged: JudgedRun, path: Path) -> Sequence[str]:
    """Write the verdict as JSON, whole or not at all; what went wrong, in words."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, f"{verdict_text(judged)}\n".encode())
    except OSError as error:
        return [f"the verdict {path} could not be written: {error.strerror or error}"]
    return []
