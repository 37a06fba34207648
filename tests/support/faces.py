"""The demo shop's faces for tests: which there are, which scenario belongs to each, and what their app log says."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCENARIOS = {
    "rest": "repeat-customer",
    "session": "repeat-customer-session",
    "html": "repeat-customer-html",
    "graphql": "repeat-customer-graphql",
}
"""By face, the scenario that lets one customer order twice."""


def errors_in(app_log: Path) -> list[dict[str, Any]]:
    """The `err` of each pino line that has one."""
    lines = [json.loads(line) for line in app_log.read_text(encoding="utf-8").splitlines()]
    return [line["err"] for line in lines if "err" in line]


@dataclass(frozen=True)
class Truth:
    """What PostgreSQL says of an error; no constraint is an empty one."""

    sqlstate: str
    constraint: str = ""


INCIDENT = Truth("23505", "h2s_dispatch_jobs_recipient_step_uq")
"""What goes wrong in a shop that is not fixed and has no fault."""
FAULT_TRUTH = {
    "unique-index": Truth("23505", "h2s_dispatch_jobs_recipient_step_idx"),
    "foreign-key": Truth("23503", "h2s_dispatch_jobs_step_id_fkey"),
    "check": Truth("23514", "products_stock_not_negative"),
    "not-null": Truth("23502"),
    "undefined-table": Truth("42P01"),
    "undefined-column": Truth("42703"),
    "permission": Truth("42501"),
    "row-security": Truth("42501"),
    "deadlock": Truth("40P01"),
    "lock-timeout": Truth("55P03"),
    "statement-timeout": Truth("57014"),
    "too-many-connections": Truth("53300"),
}
