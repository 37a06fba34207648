"""Claims on owners and privileges: GRANT, REVOKE, ALTER DEFAULT PRIVILEGES, role membership."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from smoke.database.migration.planner import Planned, Planner, Unjudged, called
from smoke.database.migration.tree import enum_name, name_of, range_name, strings
from smoke.database.migration.world import Finding, Thing
from smoke.sql import identifier

_ALL = {
    "r": ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"],
    "S": ["USAGE", "SELECT", "UPDATE"],
    "n": ["USAGE", "CREATE"],
    "f": ["EXECUTE"],
    "T": ["USAGE"],
    "d": ["CREATE", "TEMPORARY", "CONNECT"],
    "l": ["USAGE"],
    "W": ["USAGE"],
    "V": ["USAGE"],
}


_OF_COLUMNS = ["SELECT", "INSERT", "UPDATE", "REFERENCES"]


def role_name(planner: Planner, role: Any) -> str:
    """The role's name; empty for PUBLIC."""
    match enum_name(role, "roletype"):
        case "ROLESPEC_PUBLIC":
            return ""
        case "ROLESPEC_CSTRING":
            return str(role.rolename)
        case _:
            return planner.catalog.user


def claim_owner(planner: Planner, thing: Thing, role: str, owner: Callable[[], str | None]) -> None:
    """The thing belongs to that role."""

    def judge() -> Finding:
        found = owner()
        if found is None:
            return Finding(False, f"there is no {called(thing)} in this database")
        words = f"{called(thing)} belongs to {identifier(found)}"
        return Finding(
            found == role, words + ("" if found == role else f", not {identifier(role)}")
        )

    planner.world.claim(thing, "owner", judge)


# catalogue, name of the row, and its ACL with PostgreSQL's defaults filled in
_ACL = {
    "r": "SELECT coalesce(c.relacl, acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::\"char\", c.relowner))"
    " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = %s AND c.relname = %s",
    "n": "SELECT coalesce(nspacl, acldefault('n', nspowner)) FROM pg_namespace WHERE %s = '' AND nspname = %s",
    "T": "SELECT coalesce(t.typacl, acldefault('T', t.typowner)) FROM pg_type t"
    " JOIN pg_namespace n ON n.oid = t.typnamespace WHERE n.nspname = %s AND t.typname = %s",
    "d": "SELECT coalesce(datacl, acldefault('d', datdba)) FROM pg_database WHERE %s = '' AND datname = %s",
    "l": "SELECT coalesce(lanacl, acldefault('l', lanowner)) FROM pg_language WHERE %s = '' AND lanname = %s",
    "W": "SELECT coalesce(fdwacl, acldefault('F', fdwowner)) FROM pg_foreign_data_wrapper"
    " WHERE %s = '' AND fdwname = %s",
    "V": "SELECT coalesce(srvacl, acldefault('S', srvowner)) FROM pg_foreign_server"
    " WHERE %s = '' AND srvname = %s",
    "f": "SELECT coalesce(proacl, acldefault('f', proowner)) FROM pg_proc WHERE %s = '' AND oid = %s::oid",
}
_PLAIN = {
    "SCHEMA": ("n", "schema"),
    "DATABASE": ("d", "database"),
    "LANGUAGE": ("l", "language"),
    "FDW": ("W", "foreign data wrapper"),
    "FOREIGN_SERVER": ("V", "server"),
}
EXPLODED = (
    "SELECT coalesce(r.rolname, ''), x.privilege_type, x.is_grantable FROM ({acl}) AS a(acl),"
    " aclexplode(CASE WHEN cardinality(a.acl) > 0 THEN a.acl END) x LEFT JOIN pg_roles r ON r.oid = x.grantee"
)


def grant(planner: Planner, node: Any) -> Planned:
    """GRANT and REVOKE on objects: each privilege of each role on each object is one claim."""
    target = enum_name(node, "targtype")
    kind = enum_name(node, "objtype").removeprefix("OBJECT_")
    roles = [role_name(planner, n.role_spec) for n in node.grantees]
    if target == "ACL_TARGET_ALL_IN_SCHEMA":
        for name in strings(node.objects):
            _all_in_schema(planner, node, kind, name, roles)
        return None
    for item in node.objects:
        if kind in ("TABLE", "SEQUENCE"):
            thing = planner.relation(range_name(item.range_var))
            _claims(planner, node, thing, "S" if kind == "SEQUENCE" else "r", roles)
        elif kind in ("FUNCTION", "PROCEDURE", "ROUTINE"):
            from smoke.database.migration.functions import routine

            _claims(planner, node, routine(planner, item.object_with_args), "f", roles)
        elif kind in _PLAIN:
            code, word = _PLAIN[kind]
            thing = planner.world.get(word, item.string.sval)
            _claims(planner, node, thing, code, roles)
        elif kind in ("TYPE", "DOMAIN"):
            _claims(planner, node, planner.typed(name_of(item.list.items)), "T", roles)
        else:
            return Unjudged(f"smoke does not know how to look up privileges on a {kind.lower()}")
    return None


def privileges(node: Any, code: str) -> list[tuple[str, tuple[str, ...]]]:
    """Privileges with the columns they are for."""
    if not node.privileges:
        return [(name, ()) for name in _ALL[code]]
    found: list[tuple[str, tuple[str, ...]]] = []
    for item in node.privileges:
        given = item.access_priv
        columns = strings(given.cols)
        names = [given.priv_name.upper()] if given.priv_name else _OF_COLUMNS
        found += [("TEMPORARY" if name == "TEMP" else name, columns) for name in names]
    return found


def _claims(planner: Planner, node: Any, thing: Thing, code: str, roles: list[str]) -> None:
    for role in roles:
        for privilege, columns in privileges(node, code):
            for column in columns or ("",):
                _claim(planner, node, thing, code, role, privilege, column)


def _claim(
    planner: Planner, node: Any, thing: Thing, code: str, role: str, privilege: str, column: str
) -> None:
    statement = planner.world.statement

    def judge() -> Finding:
        known = entries(planner, thing, code, column)
        if known is None:
            return Finding(False, f"there is no {called(thing)} in this database")
        if code == "r" and not column and not node.is_grant:  # REVOKE takes those of columns too
            later = _columns_since(planner, thing, role, privilege, statement)
            known = known + _of_columns(planner, thing, later)
        return judge_right(
            node, known, role, privilege, called(thing) + (f" ({column})" if column else "")
        )

    facet = f"right {code} {role} {privilege} "
    if column:
        planner.world.claim(planner.part("column", column, thing), facet, judge)
        return
    made = planner.world.claim(thing, facet, judge)
    if not node.is_grant:
        for earlier in planner.world.claims:
            if earlier.by is None and earlier.thing.parent is thing and earlier.facet == facet:
                earlier.by = made


Entry = tuple[str, str, bool]


def judge_right(node: Any, known: list[Entry], role: str, privilege: str, place: str) -> Finding:
    """Whether a privilege is granted or revoked as the statement wants, in the ACL's entries."""
    who = identifier(role) if role else "PUBLIC"
    has = any((name, right) == (role, privilege) for name, right, _ in known)
    passes = any(entry == (role, privilege, True) for entry in known)
    if node.is_grant:
        holds = has and (passes or not node.grant_option)
        words = "has" if has else "does not have"
        return Finding(
            holds,
            f"{who} {words} {privilege} on {place}"
            + ("" if holds == has else ", without GRANT OPTION"),
        )
    if node.grant_option:
        return Finding(
            not passes, f"{who} {'may' if passes else 'may not'} pass on {privilege} on {place}"
        )
    also = ""
    if not has and role and any((n, r) == ("", privilege) for n, r, _ in known):
        also = ", but PUBLIC has it"
    words = "still has" if has else "does not have"
    return Finding(not has, f"{who} {words} {privilege} on {place}{also}", weak=True)


def entries(planner: Planner, thing: Thing, code: str, column: str = "") -> list[Entry] | None:
    """Role (empty for PUBLIC), privilege and whether it may be passed on; None when the object is not there."""
    if column:
        relation = planner.here(thing)
        if relation is None:
            return None
        rows = planner.catalog.rows(
            EXPLODED.format(
                acl="SELECT attacl FROM pg_attribute WHERE attrelid = %s AND attname = %s"
            ),
            relation.oid,
            column,
        )
        return [*[(r[0], r[1], r[2]) for r in rows], *(entries(planner, thing, "r") or [])]
    key: tuple[object, object]
    if code == "f":
        from smoke.database.migration.functions import find_routine

        found = find_routine(planner, thing)
        if found is None:
            return None
        key = ("", found.oid)
    else:
        key = ("" if code in "ndlWV" else thing.schema, thing.name)
    acl = _ACL["r" if code == "S" else code]
    if planner.catalog.one(f"SELECT 1 FROM ({acl}) AS a", *key) is None:  # noqa: S608  (our own text)
        return None
    return [(r[0], r[1], r[2]) for r in planner.catalog.rows(EXPLODED.format(acl=acl), *key)]


def _columns_since(
    planner: Planner, thing: Thing, role: str, privilege: str, statement: int
) -> set[str]:
    """The columns on which a later statement grants or revokes the same."""
    facet = f"right r {role} {privilege} "
    return planner.world.spoken_of_since(thing, facet, statement)


def _of_columns(planner: Planner, thing: Thing, but: set[str]) -> list[Entry]:
    """What is granted on the columns of a table, but for some."""
    relation = planner.here(thing)
    rows = planner.catalog.rows(
        "SELECT coalesce(r.rolname, ''), x.privilege_type, x.is_grantable, a.attname FROM pg_attribute a"
        " CROSS JOIN aclexplode(a.attacl) x LEFT JOIN pg_roles r ON r.oid = x.grantee WHERE a.attrelid = %s"
        " AND NOT a.attisdropped",
        relation.oid if relation else 0,
    )
    return [(row[0], row[1], row[2]) for row in rows if row[3] not in but]


_RELATIONS_IN = (
    "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE n.nspname = %s AND c.relkind = ANY ({kinds}) ORDER BY 1"
)
_ROUTINES_IN = (
    "SELECT p.oid::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
    " WHERE n.nspname = %s AND p.prokind = ANY ({kinds}) ORDER BY 1"
)
_IN_SCHEMA = {
    "TABLE": ("r", _RELATIONS_IN.format(kinds="'{r,p,v,m,f}'")),
    "SEQUENCE": ("S", _RELATIONS_IN.format(kinds="'{S}'")),
    "FUNCTION": ("f", _ROUTINES_IN.format(kinds="'{f,a,w}'")),
    "PROCEDURE": ("f", _ROUTINES_IN.format(kinds="'{p}'")),
    "ROUTINE": ("f", _ROUTINES_IN.format(kinds="'{f,a,w,p}'")),
}


def _all_in_schema(planner: Planner, node: Any, kind: str, schema: str, roles: list[str]) -> None:
    code, sql = _IN_SCHEMA[kind]
    thing = planner.world.get("schema", schema)
    statement = planner.world.statement

    def judge(role: str, privilege: str) -> Finding:
        if not planner.catalog.schema_exists(thing.name):
            return Finding(False, f"there is no schema {identifier(thing.name)} in this database")
        facet = f"right {code} {role} {privilege} "
        later = _spoken_of_since(planner, thing.name, facet, statement)
        names = [row[0] for row in planner.catalog.rows(sql, thing.name) if row[0] not in later]
        if not names:
            return Finding(None, f"schema {identifier(schema)} holds no {kind.lower()}")
        found = [
            (
                name,
                judge_right(
                    node, _entries_of(planner, code, thing.name, name), role, privilege, name
                ),
            )
            for name in names
        ]
        against = [finding for _, finding in found if not finding.holds]
        if against:
            return Finding(False, against[0].words, half=len(against) < len(found))
        return Finding(
            True,
            f"{identifier(role) or 'PUBLIC'}: {privilege} on all of schema {schema} is as wanted",
        )

    for role in roles:
        for privilege, _ in privileges(node, code):
            made = planner.world.claim(
                thing,
                f"all {kind} {role} {privilege}",
                partial(judge, role, privilege),
            )
            for earlier in planner.world.claims:
                if (
                    earlier.by is None
                    and earlier.thing.schema == schema
                    and earlier.facet == f"right {code} {role} {privilege} "
                ):
                    earlier.by = made


def _spoken_of_since(planner: Planner, schema: str, facet: str, statement: int) -> set[str]:
    """What later statements of the script make, or speak of by name: relations' names and functions' oids."""
    from smoke.database.migration.functions import find_routine

    found: set[str] = set()
    for claim in planner.world.claims:
        if claim.statement <= statement or claim.thing.schema != schema:
            continue
        if claim.facet not in ("there", facet):
            continue
        if claim.thing.kind == "function":
            routine = find_routine(planner, claim.thing)
            found |= {str(routine.oid)} if routine else set()
        else:
            found.add(claim.thing.name)
    return found


def _entries_of(planner: Planner, code: str, schema: str, name: str) -> list[Entry]:
    acl = _ACL["r" if code == "S" else code]
    key = ("", name) if code == "f" else (schema, name)
    return [(r[0], r[1], r[2]) for r in planner.catalog.rows(EXPLODED.format(acl=acl), *key)]
