"""Claims on event triggers."""

from __future__ import annotations

from typing import Any

from smoke.database.catalogue.snapshot import ObjectKind, Row
from smoke.database.migration.claims import Facet, Finding, Thing
from smoke.database.migration.planner import Planned, Planner
from smoke.database.migration.references import claim_there
from smoke.database.migration.sight import OfRow, Sight, called
from smoke.database.migration.tree import inner, strings

_EVENT_TRIGGERS = ObjectKind(
    "SELECT evtname, evtevent, p.proname, coalesce(evttags, '{}'), evtenabled::text FROM pg_event_trigger e"
    " JOIN pg_proc p ON p.oid = e.evtfoid"
)


def create_event_trigger(planner: Planner, node: Any) -> Planned:
    """CREATE EVENT TRIGGER: on that event, for these tags, with that function, and enabled."""
    thing = claim_there(planner, "event trigger", node.trigname)
    tags = [strings(inner(item.def_elem.arg)[1].items) for item in node.whenclause]
    said = tuple(sorted(tag.upper() for some in tags for tag in some))
    value = FiresOn(node.eventname, strings(node.funcname)[-1], said)
    planner.world.claim(thing, Facet.DEFINITION, value)
    planner.world.claim(thing, Facet.ENABLED, Fires("O"))
    return None


def alter_event_trigger(planner: Planner, node: Any) -> Planned:
    """ALTER EVENT TRIGGER … ENABLE, DISABLE."""
    thing = planner.world.get("event trigger", node.trigname)
    planner.world.claim(thing, Facet.ENABLED, Fires(node.tgenabled))
    return None


class FiresOn(OfRow, frozen=True):
    """An event trigger is on that event, for these tags, with that function."""

    rows = _EVENT_TRIGGERS
    event: str
    function: str
    tags: tuple[str, ...]

    def _found(self, sight: Sight, thing: Thing, row: Row) -> Finding:
        del sight
        event, function, tags = row[0], row[1], tuple(sorted(row[2]))
        same = (event, function, tags) == (self.event, self.function, self.tags)
        of = ", ".join(tags) or "any"
        return Finding(same, f"event trigger {called(thing)} is on {event} ({of}) with {function}")


class Fires(OfRow, frozen=True):
    """An event trigger is enabled as a letter of the catalogue says."""

    rows = _EVENT_TRIGGERS
    letter: str

    def _found(self, sight: Sight, thing: Thing, row: Row) -> Finding:
        del sight
        return Finding(row[3] == self.letter, f"event trigger {called(thing)} is {_STATES[row[3]]}")


_STATES = {"O": "enabled", "D": "disabled", "R": "enabled for replicas", "A": "always enabled"}
