"""Reads the values of options; each mistake is a diagnostic."""

from __future__ import annotations

import re
from pathlib import Path

from smoke.diagnostic import Diagnostic, Note, SmokeError, nearest


def duration(text: str, option: str) -> float:
    """Seconds of `500ms`, `10s`, `2m`, `1h` or a plain number. Raises SmokeError for anything else, and for 0."""
    from smoke.scenario.values import duration as seconds_of

    try:
        seconds = seconds_of(float(text) if text.strip().isdigit() else text)
    except ValueError:
        seconds = 0.0
    if seconds <= 0:
        raise SmokeError.of(
            "bad-option",
            f"{option} takes a time above zero, not '{text}'",
            notes=["for example 500ms, 10s or 2m"],
        )
    return seconds


def pair(text: str, option: str) -> tuple[str, str]:
    """Name and value of `NAME=VALUE`."""
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise SmokeError.of("bad-option", f"{option} takes NAME=VALUE, not '{text}'")
    return name.strip(), value


def header(text: str) -> tuple[str, str]:
    """Name and value of `NAME: VALUE`."""
    name, colon, value = text.partition(":")
    if not colon or not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name.strip()):
        raise SmokeError.of("bad-option", f"--header takes 'NAME: VALUE', not '{text}'")
    if any(ord(character) < 0x20 or ord(character) == 0x7F for character in value):
        raise SmokeError.of(
            "bad-option", f"the value of --header {name.strip()} has a control character"
        )
    return name.strip(), value.strip()


def report_target(text: str) -> tuple[str, Path]:
    """Format and path of `FORMAT=PATH`; the format must be one that there is."""
    from smoke import plugins

    name, equals, path = text.partition("=")
    known = sorted(plugins.find("reporters"))
    if not equals or not path:
        raise SmokeError.of(
            "bad-option",
            f"--report takes FORMAT=PATH, not '{text}'",
            notes=[f"formats: {', '.join(known)}"],
        )
    if name not in known:
        raise SmokeError(
            [
                Diagnostic(
                    "unknown-format",
                    f"--report: there is no format '{name}'",
                    suggestion=nearest(name, known),
                    notes=(Note(f"formats: {', '.join(known)}"),),
                )
            ]
        )
    return name, Path(path)
