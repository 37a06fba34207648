"""What stored evidence leaves out means what it meant: the defaults of every record never change."""

from __future__ import annotations

import enum
import inspect
import json
import typing
from collections.abc import Iterator
from pathlib import Path

from msgspec import NODEFAULT

from smoke import codec
from smoke.model.events import EVENT_TYPES
from smoke.model.fields import fields_of
from smoke.model.run import Run

FROZEN = Path(__file__).with_name("frozen_defaults.txt")
"""One line for each field of a record, with its default as JSON, and for each value of an enumeration."""


def _kinds(kind: typing.Any, seen: set[typing.Any]) -> None:
    """Every record and enumeration that a stored value of this type may hold."""
    for argument in typing.get_args(kind):
        _kinds(argument, seen)
    if kind in seen or not inspect.isclass(kind):
        return
    record: typing.Any = kind
    if issubclass(kind, enum.Enum):
        seen.add(kind)
    elif (fields := fields_of(record)) is not None:
        seen.add(kind)
        hints = typing.get_type_hints(kind, localns={"JsonValue": object})
        for field in fields:
            _kinds(hints[field.name], seen)


def _lines() -> Iterator[str]:
    seen: set[typing.Any] = set()
    for kind in (*EVENT_TYPES.values(), Run):
        _kinds(kind, seen)
    for kind in sorted(seen, key=lambda each: each.__name__):
        if issubclass(kind, enum.Enum):
            yield from (f"{kind.__name__} has {member.value!r}" for member in kind)
            continue
        for name, _, default in fields_of(kind) or ():
            if default is NODEFAULT:
                yield f"{kind.__name__}.{name} is always there"
            else:
                yield f"{kind.__name__}.{name} = {json.dumps(codec.encode(default))}"


def test_no_default_and_no_stored_word_has_changed_its_meaning() -> None:
    frozen = FROZEN.read_text(encoding="utf-8").splitlines()
    now = list(_lines())
    gone = [line for line in frozen if line not in now]
    assert not gone, (
        "runs are stored without what is at its default: with these changed, old evidence would mean something else;"
        " give a new field a new name instead, or raise SCHEMA and teach smoke.model.earlier the old shape"
    )
    new = [line for line in now if line not in frozen]
    assert not [line for line in new if line.endswith("is always there")], (
        "runs of before do not have them: a new field needs a default, in which it means what was meant without it"
    )
    assert not new, f"new ones are frozen too: write them into {FROZEN.name}"
