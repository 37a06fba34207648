"""Claims on foreign data wrappers, servers and user mappings."""

from __future__ import annotations

from typing import Any

from smoke.database.catalogue.records import options_of
from smoke.database.catalogue.snapshot import ObjectKind, Row
from smoke.database.migration.claims import Facet, Finding, Thing, Told, Wanted
from smoke.database.migration.planner import Planned, Planner
from smoke.database.migration.references import claim_there
from smoke.database.migration.rights import WHO_RAN, role_name
from smoke.database.migration.sight import OfRow, Sight, called
from smoke.database.migration.tree import enum_name, scalar

_WRAPPERS = ObjectKind("SELECT fdwname, fdwoptions FROM pg_foreign_data_wrapper")
_SERVERS = ObjectKind(
    "SELECT s.srvname, s.srvoptions, w.fdwname, s.srvversion FROM pg_foreign_server s"
    " JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw"
)
_MAPPINGS = ObjectKind("SELECT usename, srvname, umoptions FROM pg_user_mappings", key=2)
_SECRET = ("password", "passwd", "secret", "key", "token", "api_key")


def create_wrapper(planner: Planner, node: Any) -> Planned:
    """CREATE FOREIGN DATA WRAPPER: there, with these options."""
    thing = claim_there(planner, "foreign data wrapper", node.fdwname)
    _claim_options(planner, thing, node.options)
    return None


def alter_wrapper(planner: Planner, node: Any) -> Planned:
    """ALTER FOREIGN DATA WRAPPER … OPTIONS."""
    thing = planner.world.get("foreign data wrapper", node.fdwname)
    _claim_options(planner, thing, node.options)
    if node.func_options:
        words = "smoke does not look up a wrapper's functions"
        planner.world.claim(thing, Facet.UNSEEN, Told(words))
    return None


def create_server(planner: Planner, node: Any) -> Planned:
    """CREATE SERVER: there, of that wrapper, with these options."""
    thing = claim_there(planner, "server", node.servername)
    planner.world.claim(thing, Facet.TYPE, OfWrapper(node.fdwname))
    _claim_options(planner, thing, node.options)
    return None


class OfWrapper(OfRow, frozen=True):
    """A server is of that wrapper."""

    rows = _SERVERS
    wrapper: str

    def _found(self, sight: Sight, thing: Thing, row: Row) -> Finding:
        del sight
        return Finding(row[1] == self.wrapper, f"server {called(thing)} is of wrapper {row[1]}")


def alter_server(planner: Planner, node: Any) -> Planned:
    """ALTER SERVER … OPTIONS, VERSION."""
    thing = planner.world.get("server", node.servername)
    _claim_options(planner, thing, node.options)
    if node.has_version:
        planner.world.claim(thing, Facet.VERSION, OfVersion(node.version))
    return None


class OfVersion(OfRow, frozen=True):
    """A server has that version."""

    rows = _SERVERS
    version: str

    def _found(self, sight: Sight, thing: Thing, row: Row) -> Finding:
        del sight
        same = (row[2] or "") == self.version
        return Finding(same, f"server {called(thing)} has version {row[2] or 'none'}")


def user_mapping(planner: Planner, node: Any) -> Planned:
    """CREATE, ALTER USER MAPPING: there, with these options where this role may see them."""
    thing = planner.world.made_there(_mapping(planner, node), MappingThere(wanted=True))
    _claim_options(planner, thing, node.options)
    return None


def drop_user_mapping(planner: Planner, node: Any) -> Planned:
    """DROP USER MAPPING."""
    planner.world.drop(_mapping(planner, node), MappingThere(wanted=False))
    return None


def _mapping(planner: Planner, node: Any) -> Thing:
    user = role_name(node.user) or "public"
    user = planner.catalog.user if user == WHO_RAN else user
    server = planner.world.get("server", node.servername)
    return planner.part("user mapping", user, server)


def _mapped(thing: Thing) -> tuple[str, str]:
    assert thing.parent is not None
    return thing.name, thing.parent.name


class MappingThere(Wanted, frozen=True):
    """A user is mapped to another one of a server, or not."""

    wanted: bool

    def _judge(self, sight: Sight, thing: Thing) -> Finding:
        there = sight.catalog.one(_MAPPINGS, *_mapped(thing)) is not None
        name = " at ".join(_mapped(thing))
        if self.wanted:
            return Finding(there, f"there is {'a' if there else 'no'} user mapping {name}")
        return Finding(not there, f"user mapping {name} is {'still' if there else 'not'} there")


def _claim_options(planner: Planner, thing: Thing, nodes: Any) -> None:
    for item in nodes:
        element = item.def_elem
        drops = enum_name(element, "defaction") == "DEFELEM_DROP"
        value = ForeignOption(element.defname, None if drops else scalar(element.arg))
        planner.world.claim(thing, Facet.OPTION, value, element.defname)


class ForeignOption(Wanted, frozen=True):
    """An option of a wrapper, server or user mapping has that value; None: it is not set."""

    name: str
    value: str | None

    def _judge(self, sight: Sight, thing: Thing) -> Finding:
        """Whether it has; those of a mapping are seen by its user only."""
        rows = {"foreign data wrapper": _WRAPPERS, "server": _SERVERS}.get(thing.kind, _MAPPINGS)
        key = _mapped(thing) if rows is _MAPPINGS else (thing.name,)
        row, whole = sight.catalog.one(rows, *key), f"{thing.kind} {' at '.join(key)}"
        if row is None:
            return Finding(False, f"there is no {whole} in this database")
        if rows is _MAPPINGS and not row[0] and self.value is not None:
            return Finding(None, f"the options of {whole} cannot be seen")
        found = options_of(row[0]).get(self.name)
        shown = "set" if found and self.name.lower() in _SECRET else found or "not set"
        return Finding(found == self.value, f"{whole} has {self.name} {shown}")
