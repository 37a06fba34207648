"""Which statement makes which claims: one entry for each kind of PostgreSQL's parse tree."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from smoke.database.migration import (
    blocks,
    event_triggers,
    foreign,
    objects,
    others,
    publications,
    rights,
    roles,
)
from smoke.database.migration.alter_table import alter_table
from smoke.database.migration.conversions import create_conversion
from smoke.database.migration.create_table import create_table
from smoke.database.migration.default_rights import default_privileges
from smoke.database.migration.defined import create_cast, define
from smoke.database.migration.domains import alter_domain, create_domain
from smoke.database.migration.function_changes import alter_function
from smoke.database.migration.functions import create_function
from smoke.database.migration.indexes import create_index
from smoke.database.migration.planner import Planned, Planner, Unjudged
from smoke.database.migration.sequences import alter_sequence, create_sequence
from smoke.database.migration.statistics import alter_statistics, create_statistics
from smoke.database.migration.table_parts import (
    alter_policy,
    create_policy,
    create_rule,
    create_trigger,
)
from smoke.database.migration.tree import enum_name, name_of
from smoke.database.migration.types import (
    alter_enum,
    create_composite,
    create_enum,
    create_range,
)
from smoke.database.migration.views import create_table_as, create_view

Rule = Callable[[Planner, Any], Planned]

RULES: dict[str, Rule] = {
    "alter_table_stmt": alter_table,
    "create_stmt": create_table,
    "index_stmt": create_index,
    "drop_stmt": objects.drop,
    "rename_stmt": objects.rename,
    "alter_object_schema_stmt": objects.set_schema,
    "alter_owner_stmt": objects.alter_owner,
    "comment_stmt": objects.comment,
    "drop_role_stmt": objects.drop_roles,
    "create_function_stmt": create_function,
    "alter_function_stmt": alter_function,
    "create_trig_stmt": create_trigger,
    "create_policy_stmt": create_policy,
    "alter_policy_stmt": alter_policy,
    "rule_stmt": create_rule,
    "create_stats_stmt": create_statistics,
    "alter_stats_stmt": alter_statistics,
    "create_enum_stmt": create_enum,
    "alter_enum_stmt": alter_enum,
    "composite_type_stmt": create_composite,
    "create_range_stmt": create_range,
    "create_domain_stmt": create_domain,
    "alter_domain_stmt": alter_domain,
    "view_stmt": create_view,
    "create_table_as_stmt": create_table_as,
    "create_seq_stmt": create_sequence,
    "alter_seq_stmt": alter_sequence,
    "create_schema_stmt": lambda planner, node: others.create_schema(planner, node, plan_statement),
    "do_stmt": lambda planner, node: blocks.plan_do(planner, node, plan_statement),
    "create_extension_stmt": others.create_extension,
    "alter_extension_stmt": others.alter_extension,
    "create_role_stmt": roles.create_role,
    "alter_role_stmt": roles.alter_role,
    "alter_role_set_stmt": roles.alter_settings,
    "alter_database_set_stmt": roles.alter_settings,
    "create_publication_stmt": publications.create_publication,
    "create_event_trig_stmt": event_triggers.create_event_trigger,
    "alter_publication_stmt": publications.alter_publication,
    "alter_event_trig_stmt": event_triggers.alter_event_trigger,
    "create_fdw_stmt": foreign.create_wrapper,
    "alter_fdw_stmt": foreign.alter_wrapper,
    "alter_foreign_server_stmt": foreign.alter_server,
    "create_user_mapping_stmt": foreign.user_mapping,
    "alter_user_mapping_stmt": foreign.user_mapping,
    "drop_user_mapping_stmt": foreign.drop_user_mapping,
    "define_stmt": define,
    "create_cast_stmt": create_cast,
    "create_conversion_stmt": create_conversion,
    "variable_set_stmt": others.set_variable,
    "transaction_stmt": others.transaction,
    "create_foreign_server_stmt": foreign.create_server,
    "create_foreign_table_stmt": lambda planner, node: create_table(planner, node.base_stmt),
    "select_stmt": others.select,
    "grant_stmt": rights.grant,
    "grant_role_stmt": roles.grant_role,
    "alter_default_privileges_stmt": default_privileges,
}

_DATA = "a data statement: which rows it changed cannot be seen any more"
CANNOT: dict[str, str] = {
    "insert_stmt": _DATA,
    "update_stmt": _DATA,
    "delete_stmt": _DATA,
    "merge_stmt": _DATA,
    "copy_stmt": _DATA,
    "truncate_stmt": _DATA,
    "refresh_mat_view_stmt": "when a materialized view was last read anew cannot be seen",
    "reindex_stmt": "whether an index was built anew cannot be seen",
    "cluster_stmt": "whether rows were put in order cannot be seen",
    "call_stmt": "a procedure call: what its code did cannot be seen from outside",
    "execute_stmt": "a prepared statement: what it did cannot be seen from outside",
}
NO_EFFECT: dict[str, str] = {
    "variable_show_stmt": "only shows a setting",
    "lock_stmt": "a lock ends with its transaction",
    "vacuum_stmt": "tidies up and changes nothing that is defined",
    "explain_stmt": "only explains",
    "check_point_stmt": "only writes what was changed",
    "discard_stmt": "of the session only",
    "constraints_set_stmt": "of the transaction only",
    "notify_stmt": "a message to other sessions",
    "listen_stmt": "of the session only",
    "unlisten_stmt": "of the session only",
    "load_stmt": "of the session only",
    "prepare_stmt": "of the session only",
    "deallocate_stmt": "of the session only",
}


def _relations(kind: str, node: Any) -> list[Any]:
    """What a statement works on, where that is a table or the like."""
    if kind == "drop_stmt":
        return [_range(item.list.items) for item in node.objects if item.HasField("list")]
    if kind == "comment_stmt":
        items = node.object.list.items
        column = enum_name(node, "objtype") == "OBJECT_COLUMN"
        return [_range(items[:-1] if column else items)] if items else []
    fields = ("relation", "table", "sequence")
    known = [name for name in fields if name in node.DESCRIPTOR.fields_by_name]
    return [getattr(node, name) for name in known if node.HasField(name)]


def _range(names: Any) -> Any:
    from postgast import pg_query_pb2 as pb

    schema, name = name_of(names)
    return pb.RangeVar(schemaname=schema or "", relname=name)


_MAKES = ("create_stmt", "create_seq_stmt")


def _of_temporary(planner: Planner, kind: str, node: Any) -> bool:
    """Whether a statement works on temporary tables only, which hide others of their names."""
    relations = [] if kind in _MAKES else _relations(kind, node)
    return bool(relations) and all(
        relation.relname in planner.temporaries and relation.schemaname in ("", "pg_temp")
        for relation in relations
    )


def plan_statement(planner: Planner, kind: str, node: Any) -> Planned:
    """Make the claims of one statement, or say why there are none."""
    rule = RULES.get(kind)
    if planner.temporaries and _of_temporary(planner, kind, node):
        names = [relation.relname for relation in _relations(kind, node)]
        why = planner.temporary(names[0])
        if kind == "drop_stmt":  # others of these names are no longer hidden
            planner.temporaries.difference_update(names)
        return why
    if rule is not None:
        return rule(planner, node)
    if kind in CANNOT:
        return Unjudged(CANNOT[kind])
    if kind in NO_EFFECT:
        return Unjudged(NO_EFFECT[kind], no_effect=True)
    words = kind.removesuffix("_stmt").replace("_", " ")
    return Unjudged(f"smoke does not know how to look up this kind of statement ({words})")
