"""What makes one shop differ from another. Imports no driver, so that a command line can name the choices."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ErrorStyle(StrEnum):
    """What the answer to a database error looks like."""

    JSON = "json"
    """500, and the driver's error fields under node-postgres' names."""
    TEXT = "text"
    """500, and the last words of a traceback."""
    HTML = "html"
    """500, and a framework's debug page."""
    GRAPHQL = "graphql"
    """200, with `errors`."""
    NOTHING = "nothing"
    """500, and no body."""


@dataclass(frozen=True, slots=True)
class Settings:
    """`masked` hides database errors as production builds do; `version` is the build's."""

    state: str
    version: str
    database: str
    error_style: ErrorStyle = ErrorStyle.JSON
    masked: bool = False
