"""Claims on whether triggers and rules of a table are enabled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from smoke.database.catalogue.records import RULES, TRIGGERS, Relation
from smoke.database.migration.claims import Finding, Thing
from smoke.database.migration.planner import Planner
from smoke.database.migration.sight import called
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
    statement = planner.world.statement
    made = [
        part
        for part in table.parts
        if part.kind == "trigger" and any(claim.facet == "there" for claim in part.claims)
    ]

    def judge(relation: Relation) -> Finding:
        later = set() if name else planner.world.spoken_of_since(table, "enabled", statement)
        states = {
            row[0]: row[1]
            for row in planner.catalog.rows(TRIGGERS, relation.schema, relation.name)
            if (row[0] == thing.name if name else row[0] not in later)
        }
        if name and not states:
            return Finding(False, f"there is no trigger {called(thing)} on {called(table)}")
        gone = [thing for thing in made if thing.alive and thing.name not in {*states, *later}]
        if gone and not name:
            return Finding(False, f"there is no trigger {called(gone[0])} on {called(table)}")
        other = [trigger for trigger, state in states.items() if state != wanted]
        words = "disabled" if wanted == "D" else "enabled"
        if other:
            return Finding(False, f"trigger {identifier(other[0])} is not {words} in that way")
        return Finding(True, f"the triggers of {called(table)} are {words}")

    _claim(planner, thing, table, "enabled", judge)
    if not name:
        planner.world.overrule(table, "enabled")


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

    def judge(relation: Relation) -> Finding:
        row = planner.catalog.one(RULES, relation.schema, relation.name, thing.name)
        if row is None:
            return Finding(False, f"there is no rule {called(thing)} on {called(table)}")
        words = "disabled" if row[1] == "D" else "enabled"
        return Finding(row[1] == wanted, f"rule {called(thing)} is {words}")

    _claim(planner, thing, table, "enabled", judge)


def _claim(
    planner: Planner,
    thing: Thing,
    table: Thing,
    facet: str,
    judge: Callable[[Relation], Finding],
) -> None:
    def look() -> Finding:
        relation = planner.here(table)
        return planner.no_relation(table) if relation is None else judge(relation)

    planner.world.claim(thing, facet, look)
