"""Claims on whether triggers and rules of a table are enabled."""

from __future__ import annotations

from typing import Any

from smoke.database.catalogue.records import RULES, TRIGGERS, Relation
from smoke.database.migration.claims import Facet, Finding, Thing
from smoke.database.migration.planner import Planner
from smoke.database.migration.sight import OfRelation, Sight, called
from smoke.database.migration.tree import enum_name
from smoke.sql import identifier

TRIGGER_STATES = {
    "AT_EnableTrig": "O",
    "AT_EnableAlwaysTrig": "A",
    "AT_EnableReplicaTrig": "R",
    "AT_DisableTrig": "D",
    "AT_EnableTrigAll": "O",
    "AT_DisableTrigAll": "D",
    "AT_EnableTrigUser": "O",
    "AT_DisableTrigUser": "D",
}


def trigger_state(planner: Planner, table: Thing, command: Any) -> None:
    """ENABLE and DISABLE TRIGGER: one, or all that no later statement speaks of."""
    wanted = TRIGGER_STATES[enum_name(command, "subtype")]
    name = command.name
    thing = planner.part("trigger", name, table) if name else table
    made = tuple(
        part
        for part in table.parts
        if part.kind == "trigger" and any(claim.facet == Facet.THERE for claim in part.claims)
    )
    value = TriggersEnabled(wanted, not name, made, planner.world.statement)
    planner.world.claim(thing, Facet.ENABLED, value)
    if not name:
        planner.world.overrule(table.parts, Facet.ENABLED)


class TriggersEnabled(OfRelation, frozen=True):
    """A trigger, or all of a table that no later statement speaks of, fires as a letter of the catalogue says."""

    letter: str
    all: bool
    made: tuple[Thing, ...]
    statement: int

    def _found(self, sight: Sight, thing: Thing, relation: Relation) -> Finding:
        table = thing if self.all else thing.parent
        assert table is not None
        since = sight.world.spoken_of_since(table, Facet.ENABLED, self.statement)
        later = {part.name for part in since if self.all}
        states = {
            row[0]: row[1]
            for row in sight.catalog.rows(TRIGGERS, relation.schema, relation.name)
            if (row[0] not in later if self.all else row[0] == thing.name)
        }
        if not self.all and not states:
            return Finding(False, f"there is no trigger {called(thing)} on {called(table)}")
        gone = [other for other in self.made if other.alive and other.name not in {*states, *later}]
        if gone and self.all:
            return Finding(False, f"there is no trigger {called(gone[0])} on {called(table)}")
        other = [trigger for trigger, state in states.items() if state != self.letter]
        words = "disabled" if self.letter == "D" else "enabled"
        if other:
            return Finding(False, f"trigger {identifier(other[0])} is not {words} in that way")
        return Finding(True, f"the triggers of {called(table)} are {words}")


RULE_STATES = {
    "AT_EnableRule": "O",
    "AT_EnableAlwaysRule": "A",
    "AT_EnableReplicaRule": "R",
    "AT_DisableRule": "D",
}


def rule_state(planner: Planner, table: Thing, command: Any) -> None:
    """ENABLE and DISABLE RULE."""
    wanted = RULE_STATES[enum_name(command, "subtype")]
    thing = planner.part("rule", command.name, table)
    planner.world.claim(thing, Facet.ENABLED, RuleEnabled(wanted))


class RuleEnabled(OfRelation, frozen=True):
    """A rule works as a letter of the catalogue says."""

    letter: str

    def _found(self, sight: Sight, thing: Thing, relation: Relation) -> Finding:
        row = sight.catalog.one(RULES, relation.schema, relation.name, thing.name)
        if row is None:
            assert thing.parent is not None
            return Finding(False, f"there is no rule {called(thing)} on {called(thing.parent)}")
        words = "disabled" if row[1] == "D" else "enabled"
        return Finding(row[1] == self.letter, f"rule {called(thing)} is {words}")
