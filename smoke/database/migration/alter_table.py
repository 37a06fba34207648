"""Claims of ALTER TABLE (and ALTER INDEX, VIEW, SEQUENCE where they share its grammar), one for each subcommand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from smoke.database.catalogue.records import Constraint, Relation
from smoke.database.migration.alter_column import COLUMN_RULES, Command, definition_of
from smoke.database.migration.claims import Finding, Thing
from smoke.database.migration.constraints import (
    claim_constraint,
    claim_validated,
    drop_constraint,
)
from smoke.database.migration.create_table import (
    claim_options,
    claim_parent,
    claim_persistence,
    claim_tablespace,
)
from smoke.database.migration.enabling import (
    RULE_STATES,
    TRIGGER_STATES,
    rule_state,
    trigger_state,
)
from smoke.database.migration.partitions import claim_bound
from smoke.database.migration.planner import Planned, Planner, Unjudged
from smoke.database.migration.rights import claim_owner, role_name
from smoke.database.migration.sight import called
from smoke.database.migration.tree import (
    enum_name,
    range_name,
)


def alter_table(planner: Planner, node: Any) -> Planned:
    """Every subcommand's claims; one that cannot be looked up makes the statement one that cannot be told."""
    if enum_name(node, "objtype") == "OBJECT_TYPE":
        from smoke.database.migration.types import alter_composite

        return alter_composite(planner, node)
    table = planner.relation(range_name(node.relation))
    if node.missing_ok and planner.here(table) is None and not _mentioned(planner, table):
        drops = all(enum_name(n.alter_table_cmd, "subtype") in _TAKES_AWAY for n in node.cmds)
        words = f"there is no table {called(table)}; with IF EXISTS the statement passes and does nothing"
        planner.world.claim(table, "absent", lambda: Finding(drops, words))
        return None
    unknown: list[str] = []
    for item in node.cmds:
        command = item.alter_table_cmd
        name = enum_name(command, "subtype")
        rule = _RULES.get(name)
        if rule is None:
            unknown.append(name.removeprefix("AT_"))
        else:
            rule(planner, table, command)
    if unknown:
        words = f"smoke does not know how to look up {', '.join(unknown)}"
        planner.world.claim(
            table, f"unknown {planner.world.statement}", lambda: Finding(None, words)
        )
    if not node.cmds:
        return Unjudged("nothing is altered", no_effect=True)
    return None


_TAKES_AWAY = ("AT_DropColumn", "AT_DropConstraint")


def _mentioned(planner: Planner, table: Thing) -> bool:
    del planner
    return any(part.claims for part in table.with_parts())


def _add_constraint(planner: Planner, table: Thing, command: Any) -> None:
    claim_constraint(planner, table, definition_of(command))


def _drop_constraint(planner: Planner, table: Thing, command: Any) -> None:
    drop_constraint(planner, table, command.name, table_may_lack=False)


def _validate(planner: Planner, table: Thing, command: Any) -> None:
    claim_validated(planner, table, command.name)


def _alter_constraint(planner: Planner, table: Thing, command: Any) -> None:
    changed = definition_of(command)
    thing = planner.part("constraint", changed.conname, table)

    def judge() -> Finding:
        relation = planner.here(table)
        if relation is None:
            return planner.no_relation(table)
        for con in planner.catalog.constraints(relation):
            if con.name == thing.name:
                same = wanted(con)
                return Finding(same, f"constraint {called(thing)} is {con.definition}")
        return Finding(False, f"there is no constraint {called(thing)} on {called(table)}")

    def wanted(con: Constraint) -> bool:
        if changed.alter_enforceability:
            return bool(con.enforced == changed.is_enforced)
        if changed.alter_inheritability:
            return bool(con.no_inherit == changed.noinherit)
        return (con.deferrable, con.deferred) == (changed.deferrable, changed.initdeferred)

    facet = "enforced" if changed.alter_enforceability else "deferrable"
    planner.world.claim(thing, "inherit" if changed.alter_inheritability else facet, judge)


def _owner(planner: Planner, table: Thing, command: Any) -> None:
    role = role_name(command.newowner)

    def owner() -> str | None:
        relation = planner.here(table)
        return relation.owner if relation else None

    claim_owner(planner, table, role, owner)


def _options(planner: Planner, table: Thing, command: Any) -> None:
    resets = enum_name(command, "subtype") == "AT_ResetRelOptions"
    claim_options(planner, table, getattr(command, "def").list.items, resets=resets)


def _tablespace(planner: Planner, table: Thing, command: Any) -> None:
    claim_tablespace(planner, table, command.name)


def _logged(planner: Planner, table: Thing, command: Any) -> None:
    wanted = "p" if enum_name(command, "subtype") == "AT_SetLogged" else "u"
    claim_persistence(planner, table, wanted)


_SECURITY = {
    "AT_EnableRowSecurity": ("row_security", True, "row-level security"),
    "AT_DisableRowSecurity": ("row_security", False, "row-level security"),
    "AT_ForceRowSecurity": ("force_row_security", True, "row-level security for the owner"),
    "AT_NoForceRowSecurity": ("force_row_security", False, "row-level security for the owner"),
}


def _security(planner: Planner, table: Thing, command: Any) -> None:
    field, wanted, words = _SECURITY[enum_name(command, "subtype")]

    def judge(relation: Relation) -> Finding:
        found = bool(getattr(relation, field))
        return Finding(found == wanted, f"{words} of {called(table)} is {'on' if found else 'off'}")

    _of_relation(planner, table, field, judge)


def _of_relation(
    planner: Planner, table: Thing, facet: str, judge: Callable[[Relation], Finding]
) -> None:
    def look() -> Finding:
        relation = planner.here(table)
        return planner.no_relation(table) if relation is None else judge(relation)

    planner.world.claim(table, facet, look)


def _inherit(planner: Planner, table: Thing, command: Any) -> None:
    parent = planner.relation(range_name(definition_of(command)))
    wanted = enum_name(command, "subtype") == "AT_AddInherit"
    claim_parent(planner, table, parent, wanted=wanted)


def _partition(planner: Planner, table: Thing, command: Any) -> None:
    definition = definition_of(command)
    part = planner.relation(range_name(definition.name))
    attached = enum_name(command, "subtype") == "AT_AttachPartition"
    claim_parent(planner, part, table, wanted=attached)
    if attached and definition.HasField("bound"):
        claim_bound(planner, part, table, definition.bound)


def _replica_identity(planner: Planner, table: Thing, command: Any) -> None:
    wanted = definition_of(command)
    kind = wanted.identity_type or "d"

    def judge(relation: Relation) -> Finding:
        if relation.replica_identity != kind:
            return Finding(
                False, f"replica identity of {called(table)} is {relation.replica_identity}"
            )
        if kind != "i":
            return Finding(True, f"replica identity of {called(table)} is as wanted")
        indexes = planner.catalog.indexes(relation)
        found = next((index.name for index in indexes if index.replica_identity), "none")
        return Finding(
            found == wanted.name, f"replica identity of {called(table)} is index {found}"
        )

    _of_relation(planner, table, "replica identity", judge)


def _cluster(planner: Planner, table: Thing, command: Any) -> None:
    wanted = command.name if enum_name(command, "subtype") == "AT_ClusterOn" else None

    def judge(relation: Relation) -> Finding:
        indexes = planner.catalog.indexes(relation)
        found = next((index.name for index in indexes if index.clustered), None)
        return Finding(found == wanted, f"{called(table)} clusters on {found or 'no index'}")

    _of_relation(planner, table, "cluster", judge)


def _of_type(planner: Planner, table: Thing, command: Any) -> None:
    wanted = command.HasField("def")
    kind = planner.type_thing(definition_of(command)) if wanted else None

    def judge(relation: Relation) -> Finding:
        found = relation.of_type
        last = f"{kind.schema}.{kind.name}" if kind else ""
        return Finding(
            found == last, f"{called(table)} is " + (f"of type {found}" if found else "of no type")
        )

    _of_relation(planner, table, "type", judge)


def _nothing(planner: Planner, table: Thing, command: Any) -> None:
    """SET WITHOUT OIDS: what every table is since PostgreSQL 12."""
    del command
    _of_relation(planner, table, "oids", lambda _: Finding(True, f"{called(table)} has no oids"))


def _access_method(planner: Planner, table: Thing, command: Any) -> None:
    _of_relation(
        planner,
        table,
        "access method",
        lambda r: Finding(
            r.access_method == command.name if command.name else r.access_method in ("", "heap"),
            f"{called(table)} has access method {r.access_method or 'default'}",
        ),
    )


_RULES: dict[str, Command] = {
    **COLUMN_RULES,
    "AT_AddConstraint": _add_constraint,
    "AT_AddIndexConstraint": _add_constraint,
    "AT_DropConstraint": _drop_constraint,
    "AT_ValidateConstraint": _validate,
    "AT_AlterConstraint": _alter_constraint,
    "AT_ChangeOwner": _owner,
    "AT_SetRelOptions": _options,
    "AT_ResetRelOptions": _options,
    "AT_SetTableSpace": _tablespace,
    "AT_SetLogged": _logged,
    "AT_SetUnLogged": _logged,
    **dict.fromkeys(_SECURITY, _security),
    **dict.fromkeys(TRIGGER_STATES, trigger_state),
    **dict.fromkeys(RULE_STATES, rule_state),
    "AT_AddOf": _of_type,
    "AT_DropOf": _of_type,
    "AT_DropOids": _nothing,
    "AT_AddInherit": _inherit,
    "AT_DropInherit": _inherit,
    "AT_AttachPartition": _partition,
    "AT_DetachPartition": _partition,
    "AT_DetachPartitionFinalize": _partition,
    "AT_ReplicaIdentity": _replica_identity,
    "AT_ClusterOn": _cluster,
    "AT_DropCluster": _cluster,
    "AT_SetAccessMethod": _access_method,
}
