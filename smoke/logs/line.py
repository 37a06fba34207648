"""One line of a log as its writer wrote it, apart from what carried it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a log, or a record of a document that holds records.

    `text` is what the program wrote; `at` and `source` are what the carrier adds: when it took the line, and of which
    container, service or stream it is. `fields` is the JSON object that the line holds, whole, when it is one.
    """

    number: int
    text: str
    at: datetime | None = None
    source: str = ""
    fields: Mapping[str, Any] | None = None
