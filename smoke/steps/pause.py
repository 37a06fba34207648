"""Waits: `pause: 500ms`."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field, RootModel, WithJsonSchema

from smoke.model.run import Outcome
from smoke.scenario.value_types import DURATION_SCHEMA
from smoke.scenario.values import duration
from smoke.steps._session import Done, Session

_Pause = Annotated[
    float,
    BeforeValidator(duration),
    Field(gt=0, le=3600),
    WithJsonSchema(DURATION_SCHEMA),
]


class Spec(RootModel[_Pause]):
    """The time to wait, such as 500ms or 2s."""


def perform(spec: Spec, session: Session) -> Done:
    """Wait; cut short, it has no verdict."""
    if session.sleep(spec.root):
        return Done(Outcome.PASSED)
    return Done(Outcome.ERRORED, "the pause was cut short")
