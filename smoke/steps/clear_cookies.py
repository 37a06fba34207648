"""Empties a customer's cookie jar: `clear_cookies: alice`, or "*" for all."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, RootModel

from smoke.model.run import Outcome
from smoke.steps._session import Done, Session


class Spec(RootModel[Annotated[str, Field(min_length=1, max_length=100)]]):
    """Name of the customer whose cookies are forgotten, or "*"."""


def perform(spec: Spec, session: Session) -> Done:
    """The customer comes back as a guest."""
    session.clear_cookies(spec.root)
    return Done(Outcome.PASSED)
