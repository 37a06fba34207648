"""Claims on range types."""

from __future__ import annotations

from typing import Any

from smoke.database.catalogue.snapshot import ObjectKind
from smoke.database.migration.claims import Finding
from smoke.database.migration.planner import Planned, Planner
from smoke.database.migration.sight import called
from smoke.database.migration.tree import options
from smoke.database.migration.types import new_type, no_type

_RANGES = ObjectKind("SELECT rngtypid::int8, rngsubtype::int8 FROM pg_range")


def create_range(planner: Planner, node: Any) -> Planned:
    """CREATE TYPE … AS RANGE: of that subtype."""
    thing = new_type(planner, node.type_name)
    given = options(node.params)
    subtype = given.get("subtype")

    def judge() -> Finding:
        row = planner.type_row(thing.schema, thing.name)
        if row is None or row[1] != "r":
            return no_type(planner, thing)
        found = planner.catalog.one(_RANGES, row[0])
        wanted = planner.type_id(subtype.type_name) if subtype is not None else None
        same = found is not None and wanted is not None and found[0] == wanted[0]
        return Finding(same, f"range type {called(thing)} is there")

    claim = planner.world.claim(thing, "there", judge)
    planner.world.made(thing, claim)
    return None
