"""The demo shop's faces for tests: which there are, which scenario belongs to each, and what their app log says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SCENARIOS = {
    "rest": "repeat-customer",
    "session": "repeat-customer-session",
}
"""By face, the scenario that lets one customer order twice."""


def errors_in(app_log: Path) -> list[dict[str, Any]]:
    """The `err` of each pino line that has one."""
    lines = [json.loads(line) for line in app_log.read_text(encoding="utf-8").splitlines()]
    return [line["err"] for line in lines if "err" in line]
