"""Claims of ALTER TABLE (and ALTER INDEX, VIEW, SEQUENCE where they share its grammar), one for each subcommand."""

from __future__ import annotations

from typing import Any

from smoke.database.catalogue.records import Relation
from smoke.database.migration.alter_column import COLUMN_RULES, Command, definition_of
from smoke.database.migration.claims import Facet, Finding, Thing, Told
from smoke.database.migration.constraints import (
    claim_constraint,
    claim_validated,
    drop_constraint,
)
from smoke.database.migration.create_table import (
    OfRowType,
    TableOption,
    claim_options,
    claim_parent,
)
from smoke.database.migration.enabling import (
    RULE_STATES,
    TRIGGER_STATES,
    rule_state,
    trigger_state,
)
from smoke.database.migration.facets import claim_is
from smoke.database.migration.partitions import claim_bound
from smoke.database.migration.planner import Planned, Planner, Unjudged
from smoke.database.migration.rights import claim_owner, role_name
from smoke.database.migration.sight import OfRelation, Sight, called
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
        planner.world.claim(table, Facet.ABSENT, Told(words, drops))
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
        planner.world.claim(table, Facet.UNSEEN, Told(words), f"{planner.world.statement}")
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
    drop_constraint(planner, table, command.name)


def _validate(planner: Planner, table: Thing, command: Any) -> None:
    claim_validated(planner, table, command.name)


def _alter_constraint(planner: Planner, table: Thing, command: Any) -> None:
    changed = definition_of(command)
    values: tuple[bool, ...]
    if changed.alter_enforceability:
        facet, values = Facet.ENFORCED, (changed.is_enforced,)
    elif changed.alter_inheritability:
        facet, values = Facet.INHERIT, (changed.noinherit,)
    else:
        facet, values = Facet.DEFERRABLE, (changed.deferrable, changed.initdeferred)
    planner.world.claim(
        planner.part("constraint", changed.conname, table), facet, Altered(facet, values)
    )


class Altered(OfRelation, frozen=True):
    """A facet of a constraint is as ALTER CONSTRAINT makes it."""

    facet: Facet
    values: tuple[bool, ...]

    def _found(self, sight: Sight, thing: Thing, relation: Relation) -> Finding:
        assert thing.parent is not None
        for con in sight.catalog.constraints(relation):
            if con.name == thing.name:
                has = {
                    Facet.ENFORCED: (con.enforced,),
                    Facet.INHERIT: (con.no_inherit,),
                    Facet.DEFERRABLE: (con.deferrable, con.deferred),
                }[self.facet]
                return Finding(
                    has == self.values, f"constraint {called(thing)} is {con.definition}"
                )
        return Finding(False, f"there is no constraint {called(thing)} on {called(thing.parent)}")


def _owner(planner: Planner, table: Thing, command: Any) -> None:
    claim_owner(planner, table, role_name(command.newowner))


def _options(planner: Planner, table: Thing, command: Any) -> None:
    resets = enum_name(command, "subtype") == "AT_ResetRelOptions"
    claim_options(planner, table, getattr(command, "def").list.items, resets=resets)


def _tablespace(planner: Planner, table: Thing, command: Any) -> None:
    claim_is(planner, table, Facet.TABLESPACE, command.name)


def _logged(planner: Planner, table: Thing, command: Any) -> None:
    wanted = "p" if enum_name(command, "subtype") == "AT_SetLogged" else "u"
    claim_is(planner, table, Facet.PERSISTENCE, wanted)


_SECURITY = {
    "AT_EnableRowSecurity": (Facet.ROW_SECURITY, True),
    "AT_DisableRowSecurity": (Facet.ROW_SECURITY, False),
    "AT_ForceRowSecurity": (Facet.OWNERS_ROW_SECURITY, True),
    "AT_NoForceRowSecurity": (Facet.OWNERS_ROW_SECURITY, False),
}


def _security(planner: Planner, table: Thing, command: Any) -> None:
    claim_is(planner, table, *_SECURITY[enum_name(command, "subtype")])


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
    value = wanted.identity_type or "d", wanted.name
    claim_is(planner, table, Facet.REPLICA_IDENTITY, value)


def _cluster(planner: Planner, table: Thing, command: Any) -> None:
    index = command.name if enum_name(command, "subtype") == "AT_ClusterOn" else ""
    claim_is(planner, table, Facet.CLUSTER, index)


def _of_type(planner: Planner, table: Thing, command: Any) -> None:
    kind = planner.type_thing(definition_of(command)) if command.HasField("def") else None
    planner.world.claim(table, Facet.TYPE, OfRowType(kind))


def _nothing(planner: Planner, table: Thing, command: Any) -> None:
    """SET WITHOUT OIDS: what every table is since PostgreSQL 12."""
    del command
    planner.world.claim(table, Facet.OPTION, TableOption("oids", None), "oids")


def _access_method(planner: Planner, table: Thing, command: Any) -> None:
    claim_is(planner, table, Facet.ACCESS_METHOD, command.name or "heap")


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
