"""Reads the values of options as they are written, on the command line or in a project's file; each mistake is a diagnostic."""

from __future__ import annotations

from smoke.diagnostic import SmokeError


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


def given(text: str | None, option: str) -> str:
    """The text of an option that may be left out; refused when it is given and empty, as of a variable that is not set."""
    if text is not None and not text.strip():
        raise SmokeError.of(
            "bad-option", f"{option} is empty", notes=["is the variable set that it comes from?"]
        )
    return text or ""


def pair(text: str, option: str) -> tuple[str, str]:
    """Name and value of `NAME=VALUE`."""
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise SmokeError.of("bad-option", f"{option} takes NAME=VALUE, not '{text}'")
    return name.strip(), value


def header(text: str, option: str = "--header") -> tuple[str, str]:
    """Name and value of `NAME: VALUE`; what is wrong never repeats the value, which may be a secret after all."""
    from smoke.scenario.values import header_problem

    name, colon, value = text.partition(":")
    name = name.strip(" \t")
    problem = header_problem(name, value) if colon else ""
    if not colon or problem:
        notes = [problem] if problem else []
        raise SmokeError.of("bad-option", f"{option} takes 'NAME: VALUE'", notes=notes)
    return name, value.strip()
