"""Workflow commands of GitHub Actions: how text gets into them, and how foreign text stays out.

Escapes as the runner reads them: `%`, CR and LF in the message; in properties also `:` and `,`.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from smoke.text import safe, safe_line, shorten, without_commands

_LONGEST = 4000


def command(name: str, message: str, properties: Mapping[str, str | int] | None = None) -> str:
    """One line `::name key=value,…::message`. Foreign text is made safe and cannot end or add anything."""
    given = ",".join(
        f"{key}={_property(str(value))}" for key, value in (properties or {}).items() if value
    )
    return f"::{name}{' ' if given else ''}{given}::{_data(without_commands(shorten(safe(message), _LONGEST)))}"


def fenced(text: str, token: str = "") -> str:
    """Foreign text for a log, between `stop-commands` and a token of 128 random bits that it cannot know."""
    token = token or secrets.token_hex(16)
    end = "" if text.endswith("\n") else "\n"
    return f"::stop-commands::{token}\n{text}{end}::{token}::\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return (
        _data(without_commands(shorten(safe_line(text), 500)))
        .replace(":", "%3A")
        .replace(",", "%2C")
    )
