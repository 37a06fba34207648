"""Claims of statements with a rule of their own: schemas, extensions, settings, roles, publications."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from smoke.database.catalogue.records import EXTENSIONS, ROUTINE_NAMES
from smoke.database.catalogue.snapshot import Row
from smoke.database.migration.claims import Facet, Finding, Thing
from smoke.database.migration.planner import Planned, Planner, Unjudged
from smoke.database.migration.references import claim_there
from smoke.database.migration.rights import WHO_RAN, claim_owner, role_name
from smoke.database.migration.sight import OfRow, Sight, called
from smoke.database.migration.tree import enum_name, inner, options, scalar, strings


def create_schema(
    planner: Planner, node: Any, plan: Callable[[Planner, str, Any], Planned]
) -> Planned:
    """CREATE SCHEMA; what it makes inside is judged with it, by `plan`."""
    role = role_name(node.authrole) if node.HasField("authrole") else ""
    name = node.schemaname or (planner.catalog.user if role == WHO_RAN else role)
    thing = claim_there(planner, "schema", name)
    if role:
        claim_owner(planner, thing, role)
    path = planner.path
    told = planner.path_is_scripts
    planner.path, planner.path_is_scripts = (name, *path), True
    for element in node.schema_elts:
        kind, inside = inner(element)
        plan(planner, kind, inside)
    planner.path, planner.path_is_scripts = path, told
    return None


class ExtensionIn(OfRow, frozen=True):
    """An extension is in that schema."""

    rows = EXTENSIONS
    schema: str

    def _found(self, sight: Sight, thing: Thing, row: Row) -> Finding:
        del sight
        return Finding(row[0] == self.schema, f"extension {called(thing)} is in schema {row[0]}")


class ExtensionVersion(OfRow, frozen=True):
    """An extension has that version; None: the newest that the server has."""

    rows = EXTENSIONS
    version: str | None

    def _found(self, sight: Sight, thing: Thing, row: Row) -> Finding:
        del sight
        wanted = row[2] if self.version is None else self.version
        also = "" if self.version is None else f", wanted {wanted}"
        return Finding(row[1] == wanted, f"extension {called(thing)} has version {row[1]}{also}")


def claim_extension_schema(planner: Planner, thing: Thing, schema: str) -> None:
    """Claim that an extension is in a schema."""
    planner.world.claim(thing, Facet.SCHEMA, ExtensionIn(schema))


def create_extension(planner: Planner, node: Any) -> Planned:
    """CREATE EXTENSION: there, in that version and schema when they are named."""
    thing = claim_there(planner, "extension", node.extname)
    given = options(node.options)
    if "new_version" in given:
        version = ExtensionVersion(scalar(given["new_version"]) or "")
        planner.world.claim(thing, Facet.VERSION, version)
    schema = scalar(given.get("schema"))
    if schema:
        claim_extension_schema(planner, thing, schema)
    return None


def alter_extension(planner: Planner, node: Any) -> Planned:
    """ALTER EXTENSION … UPDATE."""
    thing = planner.world.get("extension", node.extname)
    version = scalar(options(node.options).get("new_version"))
    planner.world.claim(thing, Facet.VERSION, ExtensionVersion(version))
    return None


def set_variable(planner: Planner, node: Any) -> Planned:
    """SET: no effect on the database, but search_path says what the next names mean."""
    if node.name == "search_path":
        if enum_name(node, "kind") == "VAR_SET_VALUE":
            planner.set_path([scalar(n) or "" for n in node.args], local=node.is_local)
        else:
            planner.reset_path()
    return Unjudged("a setting of the session", no_effect=True)


def transaction(planner: Planner, node: Any) -> Planned:
    """BEGIN, COMMIT …: what was set for the transaction ends with it."""
    if enum_name(node, "kind") in ("TRANS_STMT_COMMIT", "TRANS_STMT_ROLLBACK"):
        planner.end_local_path()
    return Unjudged("controls the transaction", no_effect=True)


def select(planner: Planner, node: Any) -> Planned:
    """SELECT: what its functions do cannot be looked up; set_config is a setting, as pg_dump writes it."""
    if len(node.target_list) == 1:
        kind, value = inner(node.target_list[0].res_target.val)
        if kind == "func_call" and strings(value.funcname)[-1] == "set_config":
            name, given, local = (scalar(n) for n in value.args[:3])
            if name == "search_path":
                parts = [part.strip().strip('"') for part in (given or "").split(",")]
                planner.set_path([part for part in parts if part], local=local == "true")
            return Unjudged("a setting of the session", no_effect=True)
    if node.HasField("into_clause"):
        return Unjudged("a query into a new table: smoke does not look it up")
    if only_reads(planner, node):
        return Unjudged("a query that only reads", no_effect=True)
    return Unjudged("a query: what its functions did cannot be looked up")


_WRITES = ("InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt", "LockingClause")


def only_reads(planner: Planner, message: Any) -> bool:
    """Whether a query changes nothing: no data statement within, no function but the server's own that keep still."""
    if message.DESCRIPTOR.name in _WRITES:
        return False
    if message.DESCRIPTOR.name == "FuncCall":
        known = planner.catalog.rows(ROUTINE_NAMES, strings(message.funcname)[-1])
        if not known or any(schema != "pg_catalog" or volatile for schema, volatile in known):
            return False
    return all(
        only_reads(planner, item)
        for field, value in message.ListFields()
        if field.message_type is not None
        for item in (value if field.is_repeated else [value])
    )
