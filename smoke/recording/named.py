"""What a recording calls by name: its variables as the scenario's, as captures, as made-up data, or as secrets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct

from smoke.model.numbers import loads
from smoke.recording.records import RecordedRequest, StandIn
from smoke.recording.typed import kind_of
from smoke.recording.yaml_text import Said
from smoke.redact.keys import sensitive, words

_RESERVED = {
    "env",
    "fake",
    "now",
    "run",
    "secrets",
    "target",
    "orders",
    "orders_without_id",
    "item",
    "loop",
}
_KINDS = {"email": "ann@shop.example", "phone": "+1 555 0100"}
"""Values that look like what a variable's name announces, where the recording has none."""


class Surroundings(Struct, frozen=True):
    """Where a value stands: the key that it has, the keys beside it, whether an account is made there, whether it is a credential."""

    name: str = ""
    beside: tuple[str, ...] = ()
    signing_up: bool = False
    credential: bool = False


class NamedValues:
    """The variables of a recording, by the letters that stand for them. `now` is the request that is looked at."""

    def __init__(self, requests: Sequence[RecordedRequest]) -> None:
        found = {each.text: each for request in requests for each in request.stand_ins}
        self._stand_ins = found
        letters = sorted(map(re.escape, found), key=len, reverse=True)
        self._pattern = re.compile("|".join(letters)) if letters else None
        self._first: dict[str, int] = {}
        self._names: dict[str, str] = {}
        self.captures: dict[int, dict[str, Any]] = {}
        """By request, what its writer captured."""
        for index, request in enumerate(requests):
            for name, spec in request.captures:
                self._first.setdefault(name, index)
                masked, why = _masked(name, spec), request.guessed.get(name)
                said = masked if why is None else Said(masked, why)
                self.captures.setdefault(index, {})[self.name(name)] = said
        for each in found.values():
            if each.name:
                self.name(each.name)
        self._typed = {each.name for each in found.values() if each.typed and _is_typed(each.value)}
        self.now = 0

    def inside(self, text: str) -> list[tuple[int, int, StandIn]]:
        """Where variables stand in a text."""
        if self._pattern is None:
            return []
        return [
            (at.start(), at.end(), self._stand_ins[at[0]]) for at in self._pattern.finditer(text)
        ]

    def captured(self, each: StandIn) -> str:
        """The capture that gives a variable its value by now; empty without one."""
        first = self._first.get(each.name)
        return self.name(each.name) if first is not None and first < self.now else ""

    def name(self, name: str, value: str = "") -> str:
        """A variable's name in the scenario; with a `value` another one, for a variable that has several in turn."""
        key = f"{name}\0{value}" if value else name
        if key not in self._names:
            self._names[key] = free_name("_".join(words(name)) or "value", self.taken)
        return self._names[key]

    @property
    def taken(self) -> set[str]:
        return set(self._names.values())

    def value_of(self, each: StandIn) -> Any:
        """What a variable is in the scenario: a number where it is used as one."""
        if each.name in self._typed and _is_typed(each.value):
            return loads(each.value or "")
        return each.value or ""

    def filtered(self, each: StandIn) -> str:
        """The filter that makes a text of what is a number elsewhere."""
        return " | string" if each.name in self._typed and not each.typed else ""


def kind_of_variable(each: StandIn, place: Surroundings) -> str:
    """The kind of `fake` for a variable: by its value, or by the name of its field or its own."""
    for name in (place.name, each.name):
        ends = words(name)[-1:]
        value = each.value or _KINDS.get(ends[0] if ends else "", "x")
        kind = kind_of(name, value, place.beside)
        if kind:
            return kind
    return ""


def is_secret(each: StandIn, place: Surroundings) -> bool:
    """Whether a variable holds a secret, by its own name or by that of its place."""
    return bool(place.credential or each.secret or sensitive(each.name) or sensitive(place.name))


def free_name(name: str, taken: Iterable[str]) -> str:
    """A name for a variable or a capture that nothing else has."""
    base = name if re.match(r"[a-z_]", name) and name not in _RESERVED else f"value_{name}"
    made, count, used = base[:40], 1, set(taken)
    while made in used:
        count += 1
        made = f"{base[:40]}_{count}"
    return made


def _masked(name: str, spec: Any) -> Any:
    """A capture whose name tells of a secret is masked everywhere."""
    if sensitive(name) is None or (isinstance(spec, dict) and "cookie" in spec):
        return spec
    return {**(spec if isinstance(spec, dict) else {"json": spec}), "secret": True}


def _is_typed(value: str | None) -> bool:
    """Whether a text is a number, a truth value or null of JSON."""
    if value is None or not re.fullmatch(r"-?[0-9]{1,40}(?:\.[0-9]{1,40})?|true|false|null", value):
        return False
    try:
        loads(value)
    except ValueError:
        return False
    return True
