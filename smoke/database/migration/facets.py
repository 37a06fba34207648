"""Facets of tables that are read from their row as they are: a value and its sentence for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from smoke.database.catalogue.records import Relation
from smoke.database.migration.claims import Facet, Finding, Thing
from smoke.database.migration.planner import Planner
from smoke.database.migration.sight import OfRelation, Sight, called

Told = tuple[object, str]
"""What there is, and that in words."""


def claim_is(planner: Planner, table: Thing, facet: Facet, value: object) -> None:
    """A facet of a relation has that value."""
    planner.world.claim(table, facet, RelationIs(facet, value))


class RelationIs(OfRelation, frozen=True):
    """A facet of a relation has that value."""

    facet: Facet
    value: object

    def _found(self, sight: Sight, thing: Thing, relation: Relation) -> Finding:
        found, words = _FACETS[self.facet](sight, relation, called(thing))
        return Finding(found == self.value, words)


def _persistence(_: Sight, table: Relation, name: str) -> Told:
    words = "unlogged" if table.persistence == "u" else "logged"
    return table.persistence, f"{name} is {words}"


def _tablespace(_: Sight, table: Relation, name: str) -> Told:
    found = table.tablespace or "pg_default"
    return found, f"{name} lies in tablespace {found}"


def _access_method(_: Sight, table: Relation, name: str) -> Told:
    return (
        table.access_method or "heap",
        f"{name} has access method {table.access_method or 'heap'}",
    )


def _row_security(_: Sight, table: Relation, name: str) -> Told:
    on = table.row_security
    return on, f"row-level security of {name} is {'on' if on else 'off'}"


def _owners_row_security(_: Sight, table: Relation, name: str) -> Told:
    on = table.force_row_security
    return on, f"row-level security for the owner of {name} is {'on' if on else 'off'}"


def _clustered(sight: Sight, table: Relation, name: str) -> Told:
    found = next((index.name for index in sight.catalog.indexes(table) if index.clustered), "")
    return found, f"{name} clusters on {found or 'no index'}"


def _replica_identity(sight: Sight, table: Relation, name: str) -> Told:
    """A letter of the catalogue, for i with the index's name."""
    indexes = sight.catalog.indexes(table) if table.replica_identity == "i" else ()
    found = next((index.name for index in indexes if index.replica_identity), "")
    words = _IDENTITIES.get(table.replica_identity) or f"index {found or 'none'}"
    return (table.replica_identity, found), f"replica identity of {name} is {words}"


_IDENTITIES = {"d": "the primary key", "n": "nothing", "f": "the full row"}
_FACETS: Mapping[Facet, Callable[[Sight, Any, str], Told]] = {
    Facet.PERSISTENCE: _persistence,
    Facet.TABLESPACE: _tablespace,
    Facet.ACCESS_METHOD: _access_method,
    Facet.ROW_SECURITY: _row_security,
    Facet.OWNERS_ROW_SECURITY: _owners_row_security,
    Facet.CLUSTER: _clustered,
    Facet.REPLICA_IDENTITY: _replica_identity,
}
