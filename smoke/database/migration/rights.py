"""Claims on owners and privileges: GRANT, REVOKE, ALTER DEFAULT PRIVILEGES, role membership."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from smoke.database.catalogue.snapshot import ObjectKind
from smoke.database.migration.claims import Finding, Thing
from smoke.database.migration.planner import Planned, Planner, Unjudged
from smoke.database.migration.sight import called
from smoke.database.migration.tree import enum_name, name_of, range_name, strings
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


WHO_RAN = "\0"
"""In place of a role's name: the role that ran the script. No name holds this character."""


def role_name(role: Any) -> str:
    """The role's name; empty for PUBLIC, `WHO_RAN` for CURRENT_USER and the like."""
    match enum_name(role, "roletype"):
        case "ROLESPEC_PUBLIC":
            return ""
        case "ROLESPEC_CSTRING":
            return str(role.rolename)
        case _:  # CURRENT_USER: whoever ran it, not who asks
            return WHO_RAN


def claim_owner(planner: Planner, thing: Thing, role: str, owner: Callable[[], str | None]) -> None:
    """The thing belongs to that role."""

    def judge() -> Finding:
        found = owner()
        if found is None:
            return Finding(False, f"there is no {called(thing)} in this database")
        words = f"{called(thing)} belongs to {identifier(found)}"
        if role == WHO_RAN:
            own = found == planner.catalog.user
            return Finding(own or None, words if own else f"{words}; who ran it is not known")
        return Finding(
            found == role, words + ("" if found == role else f", not {identifier(role)}")
        )

    planner.world.claim(thing, "owner", judge)


def exploded(acl: str, tables: str, where: str = "", more: str = "") -> str:
    """The rest of a question after its keys: role (empty for PUBLIC), privilege, may be passed on.

    An object without any privilege has one row of nothing, so that it can be told from one that is not there.
    """
    return (
        f"coalesce(r.rolname, ''), x.privilege_type, x.is_grantable{more} FROM {tables}"
        f" LEFT JOIN LATERAL aclexplode(CASE WHEN cardinality({acl}) > 0 THEN {acl} END) x ON true"
        f" LEFT JOIN pg_roles r ON r.oid = x.grantee{where}"
    )


# whose privileges, with PostgreSQL's defaults filled in
_RELATIONS = ObjectKind(
    "SELECT n.nspname, c.relname, "
    + exploded(
        "coalesce(c.relacl, acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::\"char\", c.relowner))",
        "pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace",
        " WHERE {where}",
    ),
    key=2,
    schema="n.nspname",
    name="c.relname",
)
_COLUMNS = ObjectKind(
    "SELECT n.nspname, c.relname, "
    + exploded(
        "a.attacl",
        "pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attacl IS NOT NULL AND NOT a.attisdropped",
        " WHERE {where}",
        ", a.attname",
    ),
    key=2,
    schema="n.nspname",
    name="c.relname",
)
_TYPES = ObjectKind(
    "SELECT n.nspname, t.typname, "
    + exploded(
        "coalesce(t.typacl, acldefault('T', t.typowner))",
        "pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace",
        " WHERE {where}",
    ),
    key=2,
    schema="n.nspname",
    name="t.typname",
)
_ROUTINES = ObjectKind(
    "SELECT p.oid::text, "
    + exploded("coalesce(p.proacl, acldefault('f', p.proowner))", "pg_proc p")
)


def _plain_rights(catalogue: str, prefix: str, name: str, owner: str, code: str) -> ObjectKind:
    acl = f"coalesce(a.{prefix}acl, acldefault('{code}', a.{owner}))"
    return ObjectKind(f"SELECT a.{name}, {exploded(acl, f'{catalogue} a')}")


_RIGHTS = {
    "r": _RELATIONS,
    "S": _RELATIONS,
    "T": _TYPES,
    "f": _ROUTINES,
    "n": _plain_rights("pg_namespace", "nsp", "nspname", "nspowner", "n"),
    "d": _plain_rights("pg_database", "dat", "datname", "datdba", "d"),
    "l": _plain_rights("pg_language", "lan", "lanname", "lanowner", "l"),
    "W": _plain_rights("pg_foreign_data_wrapper", "fdw", "fdwname", "fdwowner", "F"),
    "V": _plain_rights("pg_foreign_server", "srv", "srvname", "srvowner", "S"),
}
_PLAIN = {
    "SCHEMA": ("n", "schema"),
    "DATABASE": ("d", "database"),
    "LANGUAGE": ("l", "language"),
    "FDW": ("W", "foreign data wrapper"),
    "FOREIGN_SERVER": ("V", "server"),
}


def grant(planner: Planner, node: Any) -> Planned:
    """GRANT and REVOKE on objects: each privilege of each role on each object is one claim."""
    target = enum_name(node, "targtype")
    kind = enum_name(node, "objtype").removeprefix("OBJECT_")
    roles = [role_name(n.role_spec) for n in node.grantees]
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
        place = called(thing) + (f" ({column})" if column else "")
        return judge_for(planner, node, known, role, privilege, place)

    facet = f"right {code} {role} {privilege} "
    if column:
        planner.world.claim(planner.part("column", column, thing), facet, judge)
        return
    planner.world.claim(thing, facet, judge)
    if not node.is_grant:
        planner.world.overrule(thing, facet)


Entry = tuple[str, str, bool]


def judge_for(
    planner: Planner, node: Any, known: list[Entry], role: str, privilege: str, place: str
) -> Finding:
    """As `judge_right`, also for whoever ran the script: if it was not who asks, nothing can be told."""
    if role != WHO_RAN:
        return judge_right(node, known, role, privilege, place)
    found = judge_right(node, known, planner.catalog.user, privilege, place)
    return found if found.holds else Finding(None, f"{found.words}; who ran it is not known")


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
        rows = planner.catalog.rows(_COLUMNS, relation.schema, relation.name)
        of_column = [(r[0], r[1], r[2]) for r in rows if r[3] == column]
        return [*of_column, *(entries(planner, thing, "r") or [])]
    key: tuple[str, ...]
    if code == "f":
        from smoke.database.migration.functions import find_routine

        found = find_routine(planner, thing)
        if found is None:
            return None
        key = (str(found.oid),)
    else:
        key = (thing.name,) if code in "ndlWV" else (thing.schema, thing.name)
    return _entries(planner, code, key)


def _entries(planner: Planner, code: str, key: tuple[str, ...]) -> list[Entry] | None:
    rows = planner.catalog.rows(_RIGHTS[code], *key)
    return [(r[0], r[1], r[2]) for r in rows if r[1]] if rows else None


def _columns_since(
    planner: Planner, thing: Thing, role: str, privilege: str, statement: int
) -> set[str]:
    """The columns on which a later statement grants or revokes the same."""
    facet = f"right r {role} {privilege} "
    return planner.world.spoken_of_since(thing, facet, statement)


def _of_columns(planner: Planner, thing: Thing, but: set[str]) -> list[Entry]:
    """What is granted on the columns of a table, but for some."""
    relation = planner.here(thing)
    if relation is None:
        return []
    rows = planner.catalog.rows(_COLUMNS, relation.schema, relation.name)
    return [(row[0], row[1], row[2]) for row in rows if row[3] not in but]


_RELATIONS_IN = ObjectKind(
    "SELECT n.nspname, c.relname, c.relkind::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE {where} ORDER BY 2",
    name="n.nspname",
)
_ROUTINES_IN = ObjectKind(
    "SELECT n.nspname, p.oid::text, p.prokind::text, p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
    " WHERE {where} ORDER BY 2",
    name="n.nspname",
)
_IN_SCHEMA = {
    "TABLE": ("r", _RELATIONS_IN, "rpvmf"),
    "SEQUENCE": ("S", _RELATIONS_IN, "S"),
    "FUNCTION": ("f", _ROUTINES_IN, "faw"),
    "PROCEDURE": ("f", _ROUTINES_IN, "p"),
    "ROUTINE": ("f", _ROUTINES_IN, "fawp"),
}


def _all_in_schema(planner: Planner, node: Any, kind: str, schema: str, roles: list[str]) -> None:
    code, source, kinds = _IN_SCHEMA[kind]
    thing = planner.world.get("schema", schema)
    statement = planner.world.statement

    def judge(role: str, privilege: str) -> Finding:
        if not planner.catalog.schema_exists(thing.name):
            return Finding(False, f"there is no schema {identifier(thing.name)} in this database")
        facet = f"right {code} {role} {privilege} "
        later = _spoken_of_since(planner, thing.name, facet, statement)
        rows = planner.catalog.rows(source, thing.name)
        names = [name for name, kind, *_ in rows if kind in kinds and name not in later]
        if not names:
            return Finding(None, f"schema {identifier(schema)} holds no {kind.lower()}")
        found = [
            (
                name,
                judge_for(
                    planner,
                    node,
                    _entries_of(planner, code, thing.name, name),
                    role,
                    privilege,
                    name,
                ),
            )
            for name in names
        ]
        against = [(name, finding.words) for name, finding in found if not finding.holds]
        if against:
            key, told = against[0]
            # a routine is looked up by its number, which says nothing to a person
            shown = next((words for name, _, *more in rows for words in more if name == key), key)
            words = told.replace(f" on {key}", f" on {shown}")
            return Finding(False, words, half=len(against) < len(found))
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
    return _entries(planner, code, (name,) if code == "f" else (schema, name)) or []
