"""Values of the scenario language that have several spellings: how they are read, and their JSON Schema."""

from __future__ import annotations

from typing import Annotated, Any

from smoke.scenario.base import ReadAs
from smoke.scenario.values import (
    LOGIN_STATUSES,
    duration,
    login_statuses,
    retry_rules,
    statuses,
)

DURATION_SCHEMA: dict[str, Any] = {
    "anyOf": [
        {"type": "number", "minimum": 0},
        {"type": "string", "pattern": r"^[0-9]{1,9}(\.[0-9]{1,6})? ?(ms|s|m|h)?$"},
    ]
}
_ONE_STATUS: dict[str, Any] = {
    "anyOf": [
        {"type": "integer", "minimum": 100, "maximum": 999},
        {"type": "string", "pattern": "^[1-9]([0-9]{2}|xx)$"},
    ]
}
_ONE_RULE: dict[str, Any] = {"anyOf": [{"const": "transport"}, *_ONE_STATUS["anyOf"]]}


def _one_or_more(item: dict[str, Any]) -> dict[str, Any]:
    several = {"type": "array", "items": item, "minItems": 1}
    return {"anyOf": [*item["anyOf"], several]}


Duration = Annotated[float, ReadAs(duration, DURATION_SCHEMA)]
Statuses = Annotated[tuple[str, ...], ReadAs(statuses, _one_or_more(_ONE_STATUS))]
_ONE_OF_A_LOGIN: dict[str, Any] = {
    "anyOf": [{"enum": [*map(int, LOGIN_STATUSES)]}, {"enum": [*LOGIN_STATUSES]}]
}
LoginStatuses = Annotated[tuple[str, ...], ReadAs(login_statuses, _one_or_more(_ONE_OF_A_LOGIN))]
RetryRules = Annotated[tuple[str, ...], ReadAs(retry_rules, _one_or_more(_ONE_RULE))]
MARK = "x-matchers"
ONE: dict[str, Any] = {MARK: "one"}
"""`json_schema_extra` of a field that takes a matcher."""
EACH: dict[str, Any] = {MARK: "each"}
"""… and of one whose values are matchers, by name."""
