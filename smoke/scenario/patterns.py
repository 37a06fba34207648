"""Regular expressions of scenario files: checked when loaded, and stopped when a text makes them run for ever."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import regex

TIMEOUT = 2.0
MAX_TEXT = 8 * 1024 * 1024


class PatternError(ValueError):
    """The pattern cannot be used on this text."""


@functools.lru_cache(maxsize=512)
def _compile(pattern: str) -> regex.Pattern[str]:
    # imported when it is used: most scenarios have no regular expression
    import regex

    try:
        return regex.compile(pattern)
    except (regex.error, RecursionError) as error:
        raise PatternError(f"not a regular expression: {error}") from error


def check_pattern(pattern: str) -> str:
    """What is wrong with a pattern; empty when nothing is."""
    try:
        _compile(pattern)
    except PatternError as error:
        return str(error)
    return ""


def groups(pattern: str) -> tuple[int, tuple[str, ...]]:
    """How many groups a pattern has, and the names of those that have one. Raises PatternError."""
    compiled = _compile(pattern)
    return compiled.groups, tuple(compiled.groupindex)


def search(pattern: str, text: str) -> regex.Match[str] | None:
    """The first match. Raises PatternError for a bad pattern, a text that is too long, or after two seconds."""
    if len(text) > MAX_TEXT:
        raise PatternError(
            f"the text has {len(text):,} characters, too many for a regular expression"
        )
    try:
        # the re module has no time limit, and a pattern that backtracks would hold up the teardown
        return _compile(pattern).search(text, timeout=TIMEOUT)
    except TimeoutError as error:
        raise PatternError(
            f"the regular expression took more than {TIMEOUT:g} s on this text"
        ) from error
