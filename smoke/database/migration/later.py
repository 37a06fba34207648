"""What a later part of a script may have changed without showing it: blocks and functions that name an object.

A verdict of "not applied" on something that such a part names cannot be trusted: the part may have renamed, dropped or
altered it after the statement ran.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from smoke.database.catalogue.records import ROUTINE_NAMES
from smoke.database.migration.claims import Thing
from smoke.database.migration.planner import Planner, Unjudged
from smoke.database.migration.script import Statement
from smoke.database.migration.tree import name_of, strings
from smoke.database.migration.verdict import Decisions

_WORD = re.compile(r"[^\W\d][\w$]*")
_QUOTED = re.compile(r'"((?:[^"]|"")+)"')
_CHANGES = frozenset(["alter", "drop", "create", "rename", "execute", "grant", "revoke", "comment"])
_KINDS = ("do_stmt", "call_stmt", "select_stmt", "execute_stmt")


@dataclass(frozen=True, slots=True)
class Later:
    """A statement whose code is not looked into, and every name in it."""

    number: int
    place: str
    names: frozenset[str]


def words(texts: Iterable[str]) -> frozenset[str]:
    """Every name that statements may speak of: their words and quoted names."""
    found: set[str] = set()
    for text in texts:
        found.update(_WORD.findall(text))
        found.update(name.replace('""', '"') for name in _QUOTED.findall(text))
    return frozenset(found) | {word.lower() for word in found}


def later_changes(
    planner: Planner, statements: Sequence[Statement], unjudged: Sequence[Unjudged | None]
) -> list[Later]:
    """The statements that may have changed what came before them."""
    bodies = {
        name_of(statement.node.funcname)[1]: statement.sql
        for statement in statements
        if statement.kind == "create_function_stmt"
    }
    found: list[Later] = []
    for number, (statement, why) in enumerate(zip(statements, unjudged, strict=True)):
        if why is None or why.no_effect or statement.kind not in _KINDS:
            continue
        known, texts = set[str](), [statement.sql]
        names = words(texts)
        while called := (names & bodies.keys()) - known:
            known |= called
            texts += [bodies[name] for name in called]
            names = words(texts)
        for own in {strings(call.funcname)[-1] for call in _calls(statement.node)} & known:
            if own not in words(text for text in texts[1:] if text is not bodies[own]):
                names -= {own}  # who only calls a function changes nothing of it
        if names & _CHANGES or _calls_others(planner, statement, known):
            found.append(Later(number, f"{statement.file}:{statement.line}", names))
    return found


def _calls_others(planner: Planner, statement: Statement, known: set[str]) -> bool:
    """Whether a query calls a function that is neither the script's nor the server's own."""
    for call in _calls(statement.node):
        name = strings(call.funcname)[-1]
        schemas = {row[0] for row in planner.catalog.rows(ROUTINE_NAMES, name)}
        if name not in known and "pg_catalog" not in schemas:
            return True
    return False


def _calls(message: Any) -> Iterator[Any]:
    if message.DESCRIPTOR.name == "FuncCall":
        yield message
    for descriptor, value in message.ListFields():
        if descriptor.message_type is not None:
            for item in value if descriptor.is_repeated else [value]:
                yield from _calls(item)


def changed_by(decisions: Decisions, number: int, later: Sequence[Later]) -> str:
    """The place of a later statement that names all that speaks against this one; empty if there is none."""
    after = [change for change in later if change.number > number]
    if not after:
        return ""
    against = [c.thing for c in decisions.claims(number) if decisions.finding(c).holds is False]
    for change in after if against else ():
        if all(_named(thing, change.names) for thing in against):
            return change.place
    return ""


def _named(thing: Thing, names: frozenset[str]) -> bool:
    """Whether a thing is named, a part with its table: others have columns of that name too."""
    known = {thing.name, *(name for _, name in thing.former)}
    return bool(known & names) and (thing.parent is None or _named(thing.parent, names))
