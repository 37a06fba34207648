"""Patterns mean the same on every Python that is supported: `re` of 3.11.2 ends possessive groups at wrong places."""

from __future__ import annotations

import importlib
import pkgutil
import random
import re
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
import regex

import smoke

ROOMS = ("smoke.redact", "smoke.classify", "smoke.scenario", "smoke.transport", "smoke.model", "smoke.text",
         "smoke.database", "smoke.report", "smoke.cli", "smoke.advice", "smoke.steps", "smoke.engine", "smoke.app", "smoke.importers", "smoke.recording")  # fmt: skip
LETTERS = "ab1\"'\\\\%%26d3bB&;=:.,<> {}()[]@/?$_-#+!*|~u0Zn\n\t\r"
# a repeat whose rounds are not given back: the only construct that the versions differ in
POSSESSIVE = re.compile(r"(?:[*+?]|[0-9,]\})\+|\(\?>")


def patterns() -> dict[tuple[Any, int], str]:
    """Every compiled pattern with such a repeat that a module holds, and its place."""
    found: dict[tuple[Any, int], str] = {}
    for module in pkgutil.walk_packages(smoke.__path__, "smoke."):
        if module.name.startswith(ROOMS):
            for name, value in vars(importlib.import_module(module.name)).items():
                for pattern in _patterns_in(value):
                    text = pattern.pattern
                    text = text if isinstance(text, str) else text.decode("latin-1")
                    if POSSESSIVE.search(text):
                        key = (pattern.pattern, pattern.flags)
                        found.setdefault(key, f"{module.name}.{name}")
    return found


def _patterns_in(value: object, depth: int = 0) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, (list, tuple, set, frozenset)) and depth < 4:
        for item in value:
            yield from _patterns_in(item, depth + 1)
    elif isinstance(value, dict) and depth < 4:
        yield from _patterns_in(list(value.values()), depth + 1)
    elif type(value).__module__.startswith("smoke") and depth < 4:
        names: Sequence[str] = getattr(type(value), "__slots__", ())
        yield from _patterns_in([getattr(value, name, None) for name in names], depth + 1)


PATTERNS = patterns()
_FLAGS: dict[int, int] = {
    re.IGNORECASE: regex.I,
    re.MULTILINE: regex.M,
    re.DOTALL: regex.S,
    re.VERBOSE: regex.X,
}


def test_the_patterns_are_found() -> None:
    places = set(PATTERNS.values())
    assert {"smoke.redact.places._TO_LINE_END", "smoke.classify.unwrap.escapes._PERCENT"} <= places
    assert len(PATTERNS) > 20


@pytest.mark.parametrize(("pattern", "flags"), PATTERNS, ids=list(PATTERNS.values()))
def test_a_possessive_pattern_means_what_another_engine_says(pattern: Any, flags: int) -> None:
    ours: re.Pattern[Any] = re.compile(pattern, flags)
    wanted: int = sum(theirs for own, theirs in _FLAGS.items() if flags & own)
    if flags & re.ASCII and isinstance(pattern, str):
        wanted |= regex.A
    other: Any = regex.compile(pattern, wanted | regex.V0)
    text = pattern if isinstance(pattern, str) else pattern.decode("latin-1")
    words = re.findall(r"[A-Za-z%]{2,}", text)[:200] or [""]
    chance = random.Random(1)
    for _ in range(2000):
        parts = [
            chance.choice(LETTERS) if chance.random() < 0.8 else chance.choice(words)
            for _ in range(chance.randint(0, 24))
        ]
        said: Any = "".join(parts)
        if isinstance(pattern, bytes):
            said = said.encode("ascii")
        found = [(match.span(), match.groups()) for match in ours.finditer(said)]
        assert found == [(match.span(), match.groups()) for match in other.finditer(said)], said
