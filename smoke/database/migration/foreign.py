"""Claims on foreign data wrappers, servers and user mappings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from smoke.database.catalogue.records import options_of
from smoke.database.catalogue.snapshot import ObjectKind
from smoke.database.migration.claims import Finding, Thing
from smoke.database.migration.planner import Planned, Planner
from smoke.database.migration.references import claim_there
from smoke.database.migration.rights import WHO_RAN, role_name
from smoke.database.migration.sight import called
from smoke.database.migration.tree import enum_name, scalar

_WRAPPERS = ObjectKind("SELECT fdwname, fdwoptions FROM pg_foreign_data_wrapper")
_SERVERS = ObjectKind(
    "SELECT s.srvname, w.fdwname, s.srvversion, s.srvoptions FROM pg_foreign_server s"
    " JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw"
)
_MAPPINGS = ObjectKind("SELECT usename, srvname, umoptions FROM pg_user_mappings", key=2)
Look = Callable[[], dict[str, str] | None]
_SECRET = ("password", "passwd", "secret", "key", "token", "api_key")


def create_wrapper(planner: Planner, node: Any) -> Planned:
    """CREATE FOREIGN DATA WRAPPER: there, with these options."""
    thing = claim_there(planner, "FDW", node.fdwname)
    _claim_options(planner, thing, _of_wrapper(planner, thing), node.options)
    return None


def alter_wrapper(planner: Planner, node: Any) -> Planned:
    """ALTER FOREIGN DATA WRAPPER … OPTIONS."""
    thing = planner.world.get("foreign data wrapper", node.fdwname)
    _claim_options(planner, thing, _of_wrapper(planner, thing), node.options)
    if node.func_options:
        planner.world.claim(
            thing,
            "functions",
            lambda: Finding(None, "smoke does not look up a wrapper's functions"),
        )
    return None


def _of_wrapper(planner: Planner, thing: Thing) -> Look:
    def look() -> dict[str, str] | None:
        row = planner.catalog.one(_WRAPPERS, thing.name)
        return options_of(row[0]) if row else None

    return look


def create_server(planner: Planner, node: Any) -> Planned:
    """CREATE SERVER: there, of that wrapper, with these options."""
    thing = claim_there(planner, "FOREIGN_SERVER", node.servername)

    def judge() -> Finding:
        row = planner.catalog.one(_SERVERS, thing.name)
        found = row[0] if row else None
        return Finding(found == node.fdwname, f"server {called(thing)} is of wrapper {found}")

    planner.world.claim(thing, "wrapper", judge)
    _claim_options(planner, thing, _of_server(planner, thing), node.options)
    return None


def alter_server(planner: Planner, node: Any) -> Planned:
    """ALTER SERVER … OPTIONS, VERSION."""
    thing = planner.world.get("server", node.servername)
    _claim_options(planner, thing, _of_server(planner, thing), node.options)
    if node.has_version:

        def judge() -> Finding:
            row = planner.catalog.one(_SERVERS, thing.name)
            return Finding(
                row is not None and (row[1] or "") == node.version,
                f"server {called(thing)} has version {row[1] if row else 'none'}",
            )

        planner.world.claim(thing, "version", judge)
    return None


def _of_server(planner: Planner, thing: Thing) -> Look:
    def look() -> dict[str, str] | None:
        row = planner.catalog.one(_SERVERS, thing.name)
        return options_of(row[2]) if row else None

    return look


def user_mapping(planner: Planner, node: Any) -> Planned:
    """CREATE, ALTER USER MAPPING: there, with these options where this role may see them."""
    thing = _mapping(planner, node)

    def judge() -> Finding:
        there = _has_mapping(planner, thing)
        words = "there is a" if there else "there is no"
        return Finding(there, f"{words} user mapping {thing.name}")

    claim = planner.world.claim(thing, "there", judge)
    planner.world.made(thing, claim)

    def look() -> dict[str, str] | None:
        user, _, server = thing.name.partition(" at ")
        row = planner.catalog.one(_MAPPINGS, user, server)
        return options_of(row[0]) if row and row[0] is not None else {} if row else None

    _claim_options(planner, thing, look, node.options, hidden=True)
    return None


def drop_user_mapping(planner: Planner, node: Any) -> Planned:
    """DROP USER MAPPING."""
    thing = _mapping(planner, node)

    def judge() -> Finding:
        there = _has_mapping(planner, thing)
        return Finding(
            not there, f"user mapping {thing.name} is {'still' if there else 'not'} there"
        )

    planner.world.drop(thing, judge)
    return None


def _mapping(planner: Planner, node: Any) -> Thing:
    user = role_name(node.user) or "public"
    user = planner.catalog.user if user == WHO_RAN else user
    return planner.world.get("user mapping", f"{user} at {node.servername}")


def _has_mapping(planner: Planner, thing: Thing) -> bool:
    user, _, server = thing.name.partition(" at ")
    return planner.catalog.one(_MAPPINGS, user, server) is not None


def _claim_options(
    planner: Planner, thing: Thing, look: Look, nodes: Any, *, hidden: bool = False
) -> None:
    for item in nodes:
        element = item.def_elem
        drops = enum_name(element, "defaction") == "DEFELEM_DROP"
        wanted = None if drops else scalar(element.arg)
        _claim_option(planner, thing, look, element.defname, wanted, hidden=hidden)


def _claim_option(
    planner: Planner, thing: Thing, look: Look, name: str, wanted: str | None, *, hidden: bool
) -> None:
    def judge() -> Finding:
        known = look()
        if known is None:
            return Finding(False, f"there is no {thing.kind} {called(thing)} in this database")
        found = known.get(name)
        if hidden and not known and wanted is not None:
            return Finding(None, f"the options of {thing.kind} {called(thing)} cannot be seen")
        shown = "set" if found and name.lower() in _SECRET else found or "not set"
        return Finding(found == wanted, f"{thing.kind} {called(thing)} has {name} {shown}")

    planner.world.claim(thing, f"option {name}", judge)
