"""The base of pydantic models of what is written in a file: every key known, every type exact."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class StrictModel(BaseModel):
    """Refuses unknown keys and values of another type."""

    # T17: pydantic's own message would show the value, which may be a secret
    # a model's validator is built when it is first used: a short run uses few of them
    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, strict=True, defer_build=True
    )
