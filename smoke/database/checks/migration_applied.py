"""Passes when every statement of a migration that can be judged is applied in this database."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from smoke.database.checks._result import CheckResult, CheckSpec
from smoke.database.migration.applied import applied_files
from smoke.database.migration.verdict import Verdict, summary
from smoke.database.session import Database


class Spec(CheckSpec):
    """Which file or folder."""

    file: Path = Field(
        description="A migration file, or a folder of them", examples=["../migrations"]
    )


def run(spec: Spec, connection: Database) -> CheckResult:
    """The answer: what cannot be told is not passed."""
    answer = applied_files(connection, spec.file)
    details = tuple(
        f"{s.verdict.value}, line {s.line}: {s.reason}"
        for s in answer.statements
        if s.verdict is not Verdict.NO_EFFECT
    )
    said = summary(statement.verdict for statement in answer.statements)
    claims = "; ".join(claim.sentence for claim in answer.claimed)
    return CheckResult(
        ok=answer.overall is Verdict.APPLIED,
        message=f"{spec.file.name}: {said}" + (f" ({claims})" if claims else ""),
        details=details,
    )
