"""One line of a log as its writer wrote it, apart from what carried it. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from smoke.logs.zones import Stamp

LONGEST_LINE = 256 * 1024
"""Characters of a line, or of what stands in a record, that are looked at."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line of a log, or a record of a document that holds records.

    `text` is what the program wrote. The carrier adds `at`, when it took the line; `source`, of which container, service
    or stream it is; `session`, the process that wrote it; and `part`, where it numbers the parts of one entry (syslog's
    `[5-2]` is the second). `fields` is the JSON object that the line holds, whole, when it is one.
    """

    number: int
    text: str
    at: datetime | None = None
    source: str = ""
    session: str = ""
    part: int = 0
    fields: Mapping[str, Any] | None = None
    stamp: Stamp | None = None
    """When the carrier took it, where it does not say in which zone."""


def json_object(text: str) -> Mapping[str, Any] | None:
    """The JSON object that a text is; None for a torn one, or any other text."""
    if not text.startswith("{") or not text.rstrip().endswith("}"):
        return None
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return fields if isinstance(fields, dict) else None
