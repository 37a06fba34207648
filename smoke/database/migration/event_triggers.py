"""Claims on event triggers."""

from __future__ import annotations

from typing import Any

from smoke.database.catalogue.snapshot import ObjectKind
from smoke.database.migration.claims import Finding, Thing
from smoke.database.migration.planner import Planned, Planner
from smoke.database.migration.references import claim_there
from smoke.database.migration.sight import called
from smoke.database.migration.tree import inner, strings


def create_event_trigger(planner: Planner, node: Any) -> Planned:
    """CREATE EVENT TRIGGER: on that event, for these tags, with that function, and enabled."""
    thing = claim_there(planner, "EVENT_TRIGGER", node.trigname)
    tags: list[str] = []
    for item in node.whenclause:
        tags += strings(inner(item.def_elem.arg)[1].items)

    def judge() -> Finding:
        row = _row(planner, thing)
        if row is None:
            return Finding(False, f"there is no event trigger {called(thing)} in this database")
        event, function, found = row[0], row[1], sorted(row[2] or [])
        same = (
            event == node.eventname
            and function == strings(node.funcname)[-1]
            and found == sorted(tag.upper() for tag in tags)
        )
        return Finding(
            same,
            f"event trigger {called(thing)} is on {event} ({', '.join(found) or 'any'}) with {function}",
        )

    planner.world.claim(thing, "definition", judge)
    _claim_enabled(planner, thing, "O")
    return None


def alter_event_trigger(planner: Planner, node: Any) -> Planned:
    """ALTER EVENT TRIGGER … ENABLE, DISABLE."""
    _claim_enabled(planner, planner.world.get("event trigger", node.trigname), node.tgenabled)
    return None


def _row(planner: Planner, thing: Thing) -> tuple[Any, ...] | None:
    return planner.catalog.one(_EVENT_TRIGGERS, thing.name)


_EVENT_TRIGGERS = ObjectKind(
    "SELECT evtname, evtevent, p.proname, evttags, evtenabled::text FROM pg_event_trigger e"
    " JOIN pg_proc p ON p.oid = e.evtfoid"
)


def _claim_enabled(planner: Planner, thing: Thing, wanted: str) -> None:
    words = {"O": "enabled", "D": "disabled", "R": "enabled for replicas", "A": "always enabled"}

    def judge() -> Finding:
        row = _row(planner, thing)
        if row is None:
            return Finding(False, f"there is no event trigger {called(thing)} in this database")
        return Finding(row[3] == wanted, f"event trigger {called(thing)} is {words[row[3]]}")

    planner.world.claim(thing, "enabled", judge)
