"""What a check answers."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict


class CheckSpec(BaseModel):
    """A check's specification: unknown keys are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Whether what was expected holds, in one sentence, and what was found."""

    ok: bool
    message: str
    details: tuple[str, ...] = ()
