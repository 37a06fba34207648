"""Moments and severities as application logs write them, as text or as numbers. Pure."""

from __future__ import annotations

import re
from typing import Any

from smoke.logs.zones import Stamp, of_number, stamp

_ACCESS = re.compile(
    r"(\d\d)/([A-Z][a-z]{2})/(\d{4})[: ](\d\d:\d\d:\d\d)(?:\.(\d{1,6})\d*)?(?: ([+-]\d{4}))?"
)
_MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec"
_WORDS = {
    "FATAL": ("fatal", "critical", "crit", "panic", "dpanic", "alert", "emerg", "emergency", "f"),
    "ERROR": ("error", "err", "eror", "severe", "fail", "failed", "e"),
    "WARNING": ("warning", "warn", "wrn", "w"),
    "INFO": ("info", "information", "inf", "notice", "i", "log", "default", "stdout"),
    "DEBUG": (
        "debug",
        "dbg",
        "trace",
        "verbose",
        "silly",
        "fine",
        "finer",
        "finest",
        "d",
        "t",
        "v",
    ),
}
_SEVERITY = {word: severity for severity, words in _WORDS.items() for word in words}


def when(value: Any) -> Stamp | None:
    """A moment of a text, or of a number of seconds, milli-, micro- or nanoseconds since 1970."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, dict):  # log4j2's `instant`
        seconds, nanos = value.get("epochSecond"), value.get("nanoOfSecond", 0)
        value = (
            f"{seconds}.{nanos:09}" if isinstance(seconds, int) and isinstance(nanos, int) else ""
        )
    text = str(value)[:64].strip()
    if re.fullmatch(r"\d{10,19}(?:\.\d{1,9})?", text):
        at = of_number(text)
        return Stamp(at, at.replace(tzinfo=None), "UTC", exact=True) if at is not None else None
    return stamp(text) or access_time(text)


def access_time(text: str) -> Stamp | None:
    """The time of an access log (`20/Nov/2026:12:00:00 +0000`) that a text holds."""
    match = _ACCESS.search(text)
    if match is None or match[2] not in _MONTHS:
        return None
    month = _MONTHS.index(match[2]) // 3 + 1
    fraction = f".{match[5]}" if match[5] else ""
    return stamp(f"{match[3]}-{month:02}-{match[1]} {match[4]}{fraction}{match[6] or ''}")


def severity(value: Any, name: str = "") -> str:
    """A severity as PostgreSQL has it (FATAL, ERROR, WARNING, INFO, DEBUG); empty for what is none.

    Numbers: pino and bunyan (50 is error), Python's levelno (40 is), monolog (400), Google Cloud (500), OpenTelemetry
    (17 to 20), syslog and GELF (3).
    """
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, dict):
        return severity(value.get("name") or value.get("level"), name)
    text = str(value).strip().lower()[:20]
    if not text.isdigit():
        return _SEVERITY.get(text.strip("[]:"), "")
    number = int(text)
    if name in ("levelno", "severitynumber"):
        limits = (17, 21) if name == "severitynumber" else (40, 50)
        return "FATAL" if number >= limits[1] else "ERROR" if number >= limits[0] else "INFO"
    if number <= 7:
        return (
            "FATAL"
            if number <= 2
            else "ERROR"
            if number == 3
            else "WARNING"
            if number == 4
            else "INFO"
        )
    if number >= 100:
        fatal, error = (600, 500) if name == "severity" else (500, 400)
    else:
        fatal, error = 60, 50
    return "FATAL" if number >= fatal else "ERROR" if number >= error else "INFO"
