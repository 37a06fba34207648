"""Claims on owners and privileges: GRANT, REVOKE, ALTER DEFAULT PRIVILEGES, role membership."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from smoke.advice.sql import identifier
from smoke.database.migration.planner import Planned, Planner, Unjudged, called
from smoke.database.migration.tree import enum_name, inner, name_of, options, range_name, strings
from smoke.database.migration.world import Finding, Thing

_ALL = {
    "r": ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"],
    "S": ["USAGE", "SELECT", "UPDATE"],
    "n": ["USAGE", "CREATE"],
    "f": ["EXECUTE"],
    "T": ["USAGE"],
    "d": ["CREATE", "TEMPORARY", "CONNECT"],
    "l": ["USAGE"],
}


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
    "f": "SELECT coalesce(proacl, acldefault('f', proowner)) FROM pg_proc WHERE %s = '' AND oid = %s::oid",
}
_EXPLODED = (
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
        elif kind in ("SCHEMA", "DATABASE", "LANGUAGE"):
            code = {"SCHEMA": "n", "DATABASE": "d", "LANGUAGE": "l"}[kind]
            thing = planner.world.get(kind.lower(), item.string.sval)
            _claims(planner, node, thing, code, roles)
        elif kind in ("TYPE", "DOMAIN"):
            _claims(planner, node, planner.typed(name_of(item.list.items)), "T", roles)
        else:
            return Unjudged(f"smoke does not know how to look up privileges on a {kind.lower()}")
    return None


def _privileges(node: Any, code: str) -> list[tuple[str, tuple[str, ...]]]:
    """Privileges with the columns they are for."""
    if not node.privileges:
        return [(name, ()) for name in _ALL[code]]
    found: list[tuple[str, tuple[str, ...]]] = []
    for item in node.privileges:
        given = item.access_priv
        columns = strings(given.cols)
        names = [given.priv_name.upper()] if given.priv_name else _ALL[code][:4]
        found += [("TEMPORARY" if name == "TEMP" else name, columns) for name in names]
    return found


def _claims(planner: Planner, node: Any, thing: Thing, code: str, roles: list[str]) -> None:
    for role in roles:
        for privilege, columns in _privileges(node, code):
            for column in columns or ("",):
                _claim(planner, node, thing, code, role, privilege, column)


def _claim(
    planner: Planner, node: Any, thing: Thing, code: str, role: str, privilege: str, column: str
) -> None:
    def judge() -> Finding:
        known = entries(planner, thing, code, column)
        if known is None:
            return Finding(False, f"there is no {called(thing)} in this database")
        return judge_right(
            node, known, role, privilege, called(thing) + (f" ({column})" if column else "")
        )

    planner.world.claim(thing, f"right {role} {privilege} {column}", judge)


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
            _EXPLODED.format(
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
        key = ("" if code in "ndl" else thing.schema, thing.name)
    acl = _ACL["r" if code == "S" else code]
    if planner.catalog.one(f"SELECT 1 FROM ({acl}) AS a", *key) is None:  # noqa: S608  (our own text)
        return None
    return [(r[0], r[1], r[2]) for r in planner.catalog.rows(_EXPLODED.format(acl=acl), *key)]


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

    def judge(role: str, privilege: str) -> Finding:
        if not planner.catalog.schema_exists(thing.name):
            return Finding(False, f"there is no schema {identifier(thing.name)} in this database")
        names = [row[0] for row in planner.catalog.rows(sql, thing.name)]
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
        for privilege, _ in _privileges(node, code):
            planner.world.claim(
                thing,
                f"all {kind} {role} {privilege}",
                partial(judge, role, privilege),
            )


def _entries_of(planner: Planner, code: str, schema: str, name: str) -> list[Entry]:
    acl = _ACL["r" if code == "S" else code]
    key = ("", name) if code == "f" else (schema, name)
    return [(r[0], r[1], r[2]) for r in planner.catalog.rows(_EXPLODED.format(acl=acl), *key)]


def grant_role(planner: Planner, node: Any) -> Planned:
    """GRANT role TO role, and REVOKE."""
    for granted in node.granted_roles:
        for member in node.grantee_roles:
            group, role = granted.access_priv.priv_name, role_name(planner, member.role_spec)
            thing = planner.world.get("role", role)

            def judge(group: str = group, role: str = role) -> Finding:
                row = planner.catalog.one(
                    "SELECT 1 FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid"
                    " JOIN pg_roles r ON r.oid = m.member WHERE g.rolname = %s AND r.rolname = %s",
                    group,
                    role,
                )
                words = "is a member of" if row else "is not a member of"
                return Finding((row is not None) == node.is_grant, f"{role} {words} {group}")

            planner.world.claim(thing, f"member of {group}", judge)
    return None


_DEFAULTS = {
    "TABLE": "r",
    "SEQUENCE": "S",
    "FUNCTION": "f",
    "ROUTINE": "f",
    "TYPE": "T",
    "SCHEMA": "n",
}


def default_privileges(planner: Planner, node: Any) -> Planned:
    """ALTER DEFAULT PRIVILEGES."""
    given = options(node.options)
    action = node.action
    code = _DEFAULTS.get(enum_name(action, "objtype").removeprefix("OBJECT_"))
    if code is None:
        return Unjudged("smoke does not know how to look up these default privileges")
    schemas = (
        [n.string.sval for n in inner(given["schemas"])[1].items] if "schemas" in given else [""]
    )
    owners = (
        [role_name(planner, n.role_spec) for n in inner(given["roles"])[1].items]
        if "roles" in given
        else [""]
    )
    for owner in owners:
        for schema in schemas:
            for role in (role_name(planner, n.role_spec) for n in action.grantees):
                for privilege, _ in _privileges(action, code):
                    _claim_default(planner, action, code, owner, schema, role, privilege)
    return None


_OWNER = "(SELECT oid FROM pg_roles WHERE rolname = %s)"
_DEFAULT_ACL = (
    "(SELECT defaclacl FROM pg_default_acl d JOIN pg_roles o ON o.oid = d.defaclrole"
    " LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace WHERE o.rolname = %s"
    " AND coalesce(n.nspname, '') = %s AND d.defaclobjtype::text = %s)"
)


def _claim_default(
    planner: Planner, action: Any, code: str, owner: str, schema: str, role: str, privilege: str
) -> None:
    thing = planner.world.get("default privileges", f"{owner} {schema} {code}")

    def judge() -> Finding:
        if owner:
            return judge_of(owner)
        # without FOR ROLE it holds for the role that ran it, which need not be the one that asks
        rows = planner.catalog.rows(
            "SELECT DISTINCT o.rolname FROM pg_default_acl d JOIN pg_roles o ON o.oid = d.defaclrole ORDER BY 1"
        )
        known = [planner.catalog.user, *(row[0] for row in rows)]
        found = [judge_of(name) for name in dict.fromkeys(known)]
        return next((finding for finding in found if finding.holds), found[0])

    def judge_of(owner: str) -> Finding:
        kind = code.lower() if code == "S" else code
        # without a row the built-in defaults hold; those of a schema only add to them
        built_in = "NULL" if schema else f"acldefault('{kind}', {_OWNER})"
        acl = f"SELECT coalesce({_DEFAULT_ACL}, {built_in})"
        parameters = (owner, schema, code) if schema else (owner, schema, code, owner)
        rows = planner.catalog.rows(_EXPLODED.replace("{acl}", acl), *parameters)
        known = [(r[0], r[1], r[2]) for r in rows]
        place = f"what {owner} makes" + (f" in schema {schema}" if schema else "")
        return judge_right(action, known, role, privilege, place)

    planner.world.claim(thing, f"right {role} {privilege}", judge)
