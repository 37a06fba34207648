"""`smoke run` as it is written in a CI job, read without typer, which takes a seventh of a short run to load.

What is plainly right is read here: words, and declared options by their full names. Whatever is not (`-h`, a variable of
the environment, a mistake) goes to typer, which words the
fault; for a plain line it gives what this gives.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from smoke.app.declared import Option, Takes
from smoke.cli.option_values import as_text
from smoke.cli.run_as_asked import in_order

_MANY = frozenset({Takes.TEXTS, Takes.PAIRS, Takes.HEADERS})
_COUNT = re.compile(r"[1-9][0-9]{0,8}")
_EXPANDED = re.compile(r"[*?\[~$%]")
"""What typer puts files and variables in the place of, on Windows."""
_COMPLETION = "_SMOKE_COMPLETE"


class Place(Struct, frozen=True):
    """Where a value came from."""

    name: str


class PlainLine(Struct, frozen=True):
    """The values by the names of typer's parameters, and which of them were written."""

    values: Mapping[str, Any]
    written: frozenset[str]

    def get_parameter_source(self, name: str, /) -> Place:
        """Where the value of a parameter came from."""
        return Place("COMMANDLINE" if name in self.written else "DEFAULT")


def plain_run(words: Sequence[str], environment: Mapping[str, str]) -> PlainLine | None:
    """What stands behind `smoke run`; None when it is not all plain."""
    options = in_order()
    if _COMPLETION in environment or any(map(_EXPANDED.search, words)):
        return None
    if any(item.option.environment in environment for item in options if item.option.environment):
        return None
    (selectors,) = (item for item in options if item.option.takes is Takes.WORDS)
    by_name = {name: item for item in options if item is not selectors for name in item.names}
    scenarios: list[str] = []
    given: dict[str, Any] = {}
    rest = iter(words)
    for word in rest:
        if not word.startswith("-"):
            scenarios.append(word)
            continue
        name, equals, text = word.partition("=")
        item = by_name.get(name)
        if item is None or (item.word in given and item.option.takes not in _MANY):
            return None
        if item.option.takes is Takes.FLAG:
            value = None if equals else True
        else:
            value = _value(text if equals else next(rest, "-"), item.option)
        if value is None:
            return None
        if item.option.takes in _MANY:
            given.setdefault(item.word, []).append(value)
        else:
            given[item.word] = value
    if not scenarios:
        return None
    found = {item.word: given.get(item.word, as_text(item)[0]) for item in options}
    found[selectors.word] = scenarios
    return PlainLine(found, frozenset({*given, selectors.word}))


def _value(text: str, option: Option) -> Any:
    """A value as typer gives it; None for one that has to be looked at."""
    if text.startswith("-"):
        return None
    if option.takes is Takes.PATH:
        unreadable = Path(text).exists() and not os.access(text, os.R_OK)
        return None if unreadable else Path(text)
    if option.takes is not Takes.NUMBER:
        return text
    count = int(text) if _COUNT.fullmatch(text) else None
    if count is None or count < (option.at_least or 0) or count > (option.at_most or count):
        return None
    return count
