"""Claims on publications."""

from __future__ import annotations

from typing import Any

from smoke.database.migration.planner import Planned, Planner, called
from smoke.database.migration.references import claim_there
from smoke.database.migration.tree import range_name, strings
from smoke.database.migration.world import Finding


def create_publication(planner: Planner, node: Any) -> Planned:
    """CREATE PUBLICATION: there, with these tables."""
    thing = claim_there(planner, "PUBLICATION", node.pubname)
    tables = [
        planner.relation(range_name(n.publication_obj_spec.pubtable.relation))
        for n in node.pubobjects
        if n.publication_obj_spec.HasField("pubtable")
    ]

    def judge() -> Finding:
        row = planner.catalog.one(
            "SELECT puballtables FROM pg_publication WHERE pubname = %s", thing.name
        )
        if row is None:
            return Finding(False, f"there is no publication {called(thing)} in this database")
        rows = planner.catalog.rows(
            "SELECT schemaname::text, tablename::text FROM pg_publication_tables WHERE pubname = %s",
            thing.name,
        )
        missing = [t for t in tables if (t.schema, t.name) not in {(r[0], r[1]) for r in rows}]
        if missing:
            return Finding(False, f"publication {called(thing)} lacks {called(missing[0])}")
        return Finding(
            row[0] == node.for_all_tables, f"publication {called(thing)} has these tables"
        )

    planner.world.claim(thing, "tables", judge)
    return None


def create_event_trigger(planner: Planner, node: Any) -> Planned:
    """CREATE EVENT TRIGGER: on that event with that function."""
    thing = claim_there(planner, "EVENT_TRIGGER", node.trigname)

    def judge() -> Finding:
        row = planner.catalog.one(
            "SELECT evtevent, p.proname FROM pg_event_trigger e JOIN pg_proc p ON p.oid = e.evtfoid WHERE evtname = %s",
            thing.name,
        )
        same = row is not None and row[0] == node.eventname and row[1] == strings(node.funcname)[-1]
        return Finding(same, f"event trigger {called(thing)} is {row[0] if row else 'not there'}")

    planner.world.claim(thing, "definition", judge)
    return None


def create_server(planner: Planner, node: Any) -> Planned:
    """CREATE SERVER."""
    claim_there(planner, "FOREIGN_SERVER", node.servername)
    return None
