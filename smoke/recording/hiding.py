"""Secrets of a recording: each has a name of the environment, and its value goes into no file."""

from __future__ import annotations

import re
from collections.abc import Iterable

from smoke.redact.cards import find_cards
from smoke.redact.keys import words
from smoke.redact.shapes import find_shapes

_REFERENCE = re.compile(
    r"\$(?:env:)?\{?([A-Za-z_][A-Za-z0-9_]{0,63})\}?\Z|%([A-Za-z_][A-Za-z0-9_]{0,63})%\Z"
)
_LONG = 5
"""Characters from which a secret is looked for inside of other texts too."""


class Hidden:
    """The secrets that were met, by value. Names are of environment variables."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._asked: dict[str, str] = {}

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys([*self._names.values(), *self._asked.values()]))

    @property
    def values(self) -> tuple[str, ...]:
        return tuple(self._names)

    def name(self, value: str, wanted: str) -> str:
        """The name of a secret: the one that it has, the variable that a command line named, or a new one."""
        if value not in self._names:
            reference = _REFERENCE.match(value)
            if reference:
                self._names[value] = reference[1] or reference[2]
            else:
                self._names[value] = _free(wanted, set(self.names))
        return self._names[value]

    def ask(self, variable: str) -> str:
        """The name of a secret of which the recording has only the variable, and no value."""
        if variable not in self._asked:
            self._asked[variable] = _free(variable_name(variable), set(self.names))
        return self._asked[variable]

    def also(self, value: str, written: str) -> None:
        """A secret stands in a text in another way too, as with escapes: that is the same one."""
        if value in self._names:
            self._names.setdefault(written, self._names[value])

    def template(self, value: str, wanted: str) -> str:
        return "{{ secrets." + self.name(value, wanted) + " }}"

    def inside(self, text: str) -> Iterable[tuple[int, int, str]]:
        """Start, end and template of every secret in a text, in order: known ones, shapes of keys, card numbers."""
        found = [
            (at.start(), at.end(), self.template(value, ""))
            for value in self._names
            if (len(value) >= _LONG or value == text) and value
            for at in re.finditer(re.escape(value), text)
        ]
        # a byte for a character, so that offsets are the same
        raw = "".join(char if ord(char) < 128 else "\x00" for char in text).encode("ascii")
        for match in (*find_shapes(raw, 0, len(raw)), *find_cards(raw, 0, len(raw))):
            value = text[match.start : match.end]
            wanted = "CARD_NUMBER" if match.kind == "card" else f"SHOP_{match.name}"
            found.append((match.start, match.end, self.template(value, wanted)))
        return apart(found)


def apart(found: Iterable[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Places and their templates in order, none within another: the first of those that begin together counts."""
    kept: list[tuple[int, int, str]] = []
    for each in sorted(found, key=lambda item: (item[0], -item[1])):
        if not kept or each[0] >= kept[-1][1]:
            kept.append(each)
        else:  # two that overlap become one, so that nothing of either is left
            kept[-1] = (kept[-1][0], max(kept[-1][1], each[1]), kept[-1][2])
    return kept


def variable_name(word: str) -> str:
    """A field's name as the name of an environment variable of the shop."""
    parts = [part for part in words(word) if part != "x"] or ["secret"]
    return "_".join(("SHOP", *parts)).upper()[:60]


def _free(wanted: str, taken: set[str]) -> str:
    base = re.sub(r"[^A-Z0-9_]", "_", wanted.upper()) or "SHOP_SECRET"
    name, count = base, 1
    while name in taken:
        count += 1
        name = f"{base}_{count}"
    return name
