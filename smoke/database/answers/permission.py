"""A privilege that is missing, or a policy that refused the row: who may do what, and which policies there are.

The response does not tell which role the deployment uses: the DSN's role may be another one, and that is said.
Tables and policies are the catalogue's; who may do what at the moment is asked here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from smoke.database.answers.question import DatabaseAnswer, Question
from smoke.database.catalogue.records import POLICIES, RELATIONS, Relation
from smoke.database.catalogue.snapshot import narrowed
from smoke.database.lookup import meant_tables, split_name
from smoke.database.session import Database
from smoke.model.dberror import DatabaseError
from smoke.sql import identifier, relation
from smoke.text import shorten

_MOST = 6
_LONGEST = 300
_OF = re.compile(
    r"permission denied for (?:large )?(?P<kind>schema|sequence|function|procedure|routine|type|database) (?P<name>[^\n]{1,200})"
)
_TABLE = ("SELECT", "INSERT", "UPDATE", "DELETE")
_COMMANDS = {"r": "SELECT", "a": "INSERT", "w": "UPDATE", "d": "DELETE", "*": "ALL"}


@dataclass(frozen=True, slots=True)
class _Object:
    """What a privilege is needed for: how it is called, and the queries of its rights; `table` where it is one."""

    shown: str
    oid: int
    owner: str
    kind: str
    privileges: tuple[str, ...]
    schema: str = ""
    table: Relation | None = None


def tell(question: Question) -> DatabaseAnswer:
    """Of a statement that was refused for want of a privilege, or by a policy."""
    return DatabaseAnswer(
        lines=tuple(question.part("the privileges", lambda: _told(question)) or ())
    )


def _told(question: Question) -> list[str]:
    error, database = question.error, question.database
    lines: list[str] = []
    for found in _objects(database, error)[:_MOST]:
        policies = _policies(database, found.table) if found.table is not None else []
        by_policy = "row-level" in (error.message_primary or "") or bool(policies)
        rights = [*_granted(database, found), *_lacking(database, found, by_policy=by_policy)]
        lines += [*policies, *rights] if by_policy else [*rights, *policies]
    return lines


def _objects(database: Database, error: DatabaseError) -> list[_Object]:
    told = _OF.search((error.message_primary or "")[:2000])
    kind = (
        told["kind"]
        if told
        else ("schema" if error.schema_name and not error.table_name else "table")
    )
    name = told["name"].strip() if told else (error.table_name or error.schema_name or "")
    if not name:
        return []
    if kind == "table":
        place = relation(name, error.schema_name) if error.schema_name else identifier(name)
        rows = [
            row
            for at in meant_tables(database, place)
            for row in _relations(database, *at, kinds="rpvmf")
        ]
        return [
            _Object(relation(r.name, r.schema), r.oid, r.owner, "table", _TABLE, r.schema, r)
            for r in rows
        ]
    schema, bare = split_name(name)
    if kind == "sequence":
        return [
            _Object(
                f"the sequence {relation(r.name, r.schema)}",
                *(r.oid, r.owner, "sequence", ("USAGE",), r.schema),
            )
            for r in _relations(database, schema, bare, kinds="S")
        ]
    if kind == "schema":
        found = database.rows(
            "SELECT oid::bigint, pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = %s",
            bare,
        )
        return [
            _Object(f"the schema {identifier(bare)}", oid, owner, "schema", ("USAGE", "CREATE"))
            for oid, owner in found
        ]
    if kind in ("function", "procedure", "routine"):
        found = database.rows(
            "SELECT p.oid::bigint, pg_get_userbyid(p.proowner), p.oid::regprocedure::text FROM pg_proc p"
            " JOIN pg_namespace n ON n.oid = p.pronamespace WHERE p.proname = %s AND n.nspname !~ '^pg_' ORDER BY 3 LIMIT 5",
            bare,
        )
        return [
            _Object(f"the function {shown}", oid, owner, "function", ("EXECUTE",))
            for oid, owner, shown in found
        ]
    return []


def _relations(database: Database, schema: str | None, name: str, *, kinds: str) -> list[Relation]:
    rows = narrowed(
        database,
        RELATIONS,
        {
            "n.nspname !~ '^pg_'": (),
            "c.relname = %s": name,
            "n.nspname = %s": schema,
            "c.relkind::text = ANY (%s::text[])": list(kinds),
        },
        most=5,
    )
    return [has for _, has in rows]


_ACL = {
    "table": "SELECT coalesce(relacl, acldefault('r', relowner)) FROM pg_class WHERE oid = %s",
    "sequence": "SELECT coalesce(relacl, acldefault('s', relowner)) FROM pg_class WHERE oid = %s",
    "schema": "SELECT coalesce(nspacl, acldefault('n', nspowner)) FROM pg_namespace WHERE oid = %s",
    "function": "SELECT coalesce(proacl, acldefault('f', proowner)) FROM pg_proc WHERE oid = %s",
}
_HAS = {
    "table": "(has_table_privilege(r.oid, %s::oid, p) OR (p <> 'DELETE' AND has_any_column_privilege(r.oid, %s::oid, p)))",
    "sequence": "(has_sequence_privilege(r.oid, %s::oid, p) OR has_sequence_privilege(r.oid, %s::oid, 'UPDATE'))",
    "schema": "(has_schema_privilege(r.oid, %s::oid, p) OR %s::oid IS NULL)",
    "function": "(has_function_privilege(r.oid, %s::oid, p) OR %s::oid IS NULL)",
}


def _granted(database: Database, of: _Object) -> list[str]:
    """Who was granted what."""
    rows = database.rows(
        "SELECT CASE a.grantee WHEN 0 THEN 'everybody' ELSE pg_get_userbyid(a.grantee) END,"  # noqa: S608  (our own texts)
        f" string_agg(DISTINCT a.privilege_type, ', ') FROM aclexplode(({_ACL[of.kind]})) a"
        " WHERE pg_get_userbyid(a.grantee) <> %s GROUP BY 1 ORDER BY 1 LIMIT 20",
        of.oid,
        of.owner,
    )
    granted = [f"{role}: {privileges}" for role, privileges in rows]
    if of.kind == "table":
        columns = database.rows(
            "SELECT CASE x.grantee WHEN 0 THEN 'everybody' ELSE pg_get_userbyid(x.grantee) END, x.privilege_type,"
            " string_agg(a.attname, ', ' ORDER BY a.attnum) FROM pg_attribute a CROSS JOIN aclexplode(a.attacl) x"
            " WHERE a.attrelid = %s::oid AND a.attacl IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2 LIMIT 20",
            of.oid,
        )
        granted += [f"{role}: {privilege} ({names})" for role, privilege, names in columns]
    return [
        f"{of.shown} belongs to {of.owner}; granted: {'; '.join(granted) or 'nothing to anybody else'}"
    ]


def _lacking(database: Database, of: _Object, *, by_policy: bool) -> list[str]:
    """What the roles lack that are connected now, and the one that asks."""
    user = database.endpoint.user
    rows = database.rows(
        # of the privileges, those that the role has not; a superuser has all
        "SELECT r.rolname, ARRAY(SELECT p FROM unnest(%s::text[]) p"  # noqa: S608  (our own texts)
        f" WHERE NOT {_HAS[of.kind]}),"
        " NOT (%s = '' OR has_schema_privilege(r.oid, (SELECT oid FROM pg_namespace WHERE nspname = %s), 'USAGE')),"
        " r.rolname = current_user"
        " FROM pg_roles r WHERE r.rolname = current_user OR r.oid IN (SELECT usesysid FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()) ORDER BY 4, 1 LIMIT 20",
        list(of.privileges),
        of.oid,
        of.oid,
        of.schema,
        of.schema,
    )
    lines: list[str] = []
    for role, lacks, no_schema, asks in rows:
        missing = [f"{', '.join(lacks)} on {of.shown}"] if lacks else []
        if no_schema:
            missing.append(f"USAGE on the schema {identifier(of.schema)}")
        told = f"lacks {' and '.join(missing)}" if missing else f"lacks nothing on {of.shown}"
        if asks and not missing and not by_policy:
            told += ": the deployment uses another role or database, or it was granted since"
        whose = "the role of this DSN" if asks else "connected now"
        lines.append(f"{role} ({whose}) {told}")
    if all(asks for *_, asks in rows):
        lines[-1:] = [
            f"{lines[-1]}; which role the deployment uses is not known, no other is connected now"
        ]
    elif any(asks and role != user for role, *_, asks in rows):
        lines.append(f"this connection is made as {user}")
    return lines


def _policies(database: Database, table: Relation) -> list[str]:
    """The row-level security of a table: whether it is on, and each policy with its roles and expressions."""
    asked = {"n.nspname = %s": table.schema, "c.relname = %s": table.name}
    rows = [(key[2], *value[1:]) for key, value in narrowed(database, POLICIES, asked, most=50)]
    shown = relation(table.name, table.schema)
    if not table.row_security:
        return [f"row-level security is off on {shown}, though it has policies"] if rows else []
    forced = table.force_row_security
    free = "roles with BYPASSRLS" if forced else "its owner and roles with BYPASSRLS"
    lines = [f"row-level security is on for {shown}; only {free} are free of it"]
    if not rows:
        return [f"{lines[0]}, and there is no policy: every row is refused"]
    for name, command, permissive, using, check, roles in rows[:_MOST]:
        kind = "" if permissive else "restrictive "
        to = ", ".join(role or "everybody" for role in roles)
        told = [f"USING ({_cut(using)})"] if using else []
        told += [f"WITH CHECK ({_cut(check)})"] if check else []
        lines.append(
            f"{kind}policy {identifier(name)} for {_COMMANDS.get(command, command)} to {to}: {' '.join(told)}"
        )
    if len(rows) > _MOST:
        lines.append(f"and {len(rows) - _MOST} policies more")
    without = _uncovered((command, permissive) for _, command, permissive, *_ in rows)
    if without:
        lines.append(f"no policy allows {', '.join(without)}: every such row is refused")
    return lines


def _uncovered(policies: Iterable[tuple[str, bool]]) -> list[str]:
    """The commands that no permissive policy is for. Pure."""
    allowed = {_COMMANDS.get(command, "") for command, permissive in policies if permissive}
    return [] if "ALL" in allowed else [command for command in _TABLE if command not in allowed]


def _cut(expression: object) -> str:
    return shorten(" ".join(str(expression).split()), _LONGEST).removeprefix("(").removesuffix(")")
