"""Claims on owners and privileges: GRANT, REVOKE, ALTER DEFAULT PRIVILEGES, role membership."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Any

import msgspec

from smoke.database.catalogue.snapshot import ObjectKind
from smoke.database.migration.claims import Facet, Finding, Thing, Wanted
from smoke.database.migration.functions import find_routine, routine
from smoke.database.migration.planner import Planned, Planner, Unjudged
from smoke.database.migration.references import PLAIN, find
from smoke.database.migration.sight import Sight, called, no_object
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


def claim_owner(planner: Planner, thing: Thing, role: str) -> None:
    """The thing belongs to that role."""
    planner.world.claim(thing, Facet.OWNER, OwnedBy(role))


class OwnedBy(Wanted, frozen=True):
    """Something belongs to that role."""

    role: str

    def _judge(self, sight: Sight, thing: Thing) -> Finding:
        """Whether it does; of whoever ran the script it can be told only when that role asks."""
        there = find(sight, thing)
        if there is None or there.owner is None:
            return Finding(False, f"there is no {called(thing)} in this database")
        words = f"{called(thing)} belongs to {identifier(there.owner)}"
        if self.role == WHO_RAN:
            own = there.owner == sight.catalog.user
            return Finding(own or None, words if own else f"{words}; who ran it is not known")
        same = there.owner == self.role
        return Finding(same, words + ("" if same else f", not {identifier(self.role)}"))


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
_CODES = {
    "TABLE": "r",
    "SEQUENCE": "S",
    "SCHEMA": "n",
    "DATABASE": "d",
    "LANGUAGE": "l",
    "FDW": "W",
    "FOREIGN_SERVER": "V",
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
            code, thing = _CODES[kind], planner.relation(range_name(item.range_var))
        elif kind in ("FUNCTION", "PROCEDURE", "ROUTINE"):
            code, thing = "f", routine(planner, item.object_with_args)
        elif kind in ("TYPE", "DOMAIN"):
            code, thing = "T", planner.typed(name_of(item.list.items))
        elif kind in _CODES:
            code, thing = _CODES[kind], planner.world.get(PLAIN[kind], item.string.sval)
        else:
            return Unjudged(f"smoke does not know how to look up privileges on a {kind.lower()}")
        _claims(planner, node, thing, code, roles)
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
    world = planner.world
    for role in roles:
        for privilege, columns in privileges(node, code):
            of = (code, role, privilege)
            right = right_of(node, role, privilege)
            for column in columns:
                part, value = planner.part("column", column, thing), HasRight(right, code)
                world.claim(part, Facet.RIGHT, value, of)
            if columns:
                continue
            # REVOKE on a table takes the rights to its columns too
            takes = not node.is_grant
            value = HasRight(right, code, world.statement if takes and code == "r" else None)
            world.claim(thing, Facet.RIGHT, value, of)
            if takes:
                world.overrule(thing.parts, Facet.RIGHT, of)


Entry = tuple[str, str, bool]
"""Role (empty for PUBLIC), privilege, and whether it may be passed on."""


class Right(msgspec.Struct, frozen=True):
    """A role has a privilege, or not; or only its option to pass it on is spoken of."""

    role: str
    privilege: str
    granted: bool
    option: bool

    def among(self, sight: Sight, known: Sequence[Entry], place: str) -> Finding:
        """Whether an access list's entries are so; if whoever ran the script does not ask, nothing can be told."""
        if self.role != WHO_RAN:
            return self._of(known, self.role, place)
        found = self._of(known, sight.catalog.user, place)
        return found if found.holds else Finding(None, f"{found.words}; who ran it is not known")

    def _of(self, known: Sequence[Entry], role: str, place: str) -> Finding:
        privilege, who = self.privilege, identifier(role) if role else "PUBLIC"
        has = any(entry[:2] == (role, privilege) for entry in known)
        passes = (role, privilege, True) in known
        if self.granted:
            holds = has and (passes or not self.option)
            words = "has" if has else "does not have"
            also = "" if holds == has else ", without GRANT OPTION"
            return Finding(holds, f"{who} {words} {privilege} on {place}{also}")
        if self.option:
            words = "may" if passes else "may not"
            return Finding(not passes, f"{who} {words} pass on {privilege} on {place}")
        public = not has and role and any(entry[:2] == ("", privilege) for entry in known)
        also = ", but PUBLIC has it" if public else ""
        words = "still has" if has else "does not have"
        return Finding(not has, f"{who} {words} {privilege} on {place}{also}", weak=True)


def right_of(node: Any, role: str, privilege: str) -> Right:
    """What a GRANT or REVOKE (tree) says of a role and a privilege."""
    return Right(role, privilege, bool(node.is_grant), bool(node.grant_option))


class HasRight(Wanted, frozen=True):
    """A right to an object of that code; `with_columns`: nor to a column of which no later statement says it."""

    right: Right
    code: str
    with_columns: int | None = None

    def _judge(self, sight: Sight, thing: Thing) -> Finding:
        whole = thing.parent or thing
        known = entries(sight, whole, self.code)
        if known is None or (thing is not whole and sight.here(whole) is None):
            return Finding(False, f"there is no {called(whole)} in this database")
        place = called(whole)
        if thing is not whole:
            place += f" ({thing.name})"
            known = [*_of_columns(sight, thing.parent, {thing.name}), *known]
        elif self.with_columns is not None:
            of = (self.code, self.right.role, self.right.privilege)
            later = sight.world.spoken_of_since(thing, Facet.RIGHT, self.with_columns, of)
            but = {part.name for part in later}
            known = [*known, *_of_columns(sight, thing, None, but)]
        return self.right.among(sight, known, place)


def entries(sight: Sight, thing: Thing, code: str) -> list[Entry] | None:
    """The rights to a thing; None when it is not there."""
    if code == "f":
        found = find_routine(sight, thing)
        return None if found is None else _entries(sight, code, str(found.oid))
    return _entries(sight, code, *((thing.schema, thing.name)[-_RIGHTS[code].key :]))


def _entries(sight: Sight, code: str, *key: str) -> list[Entry] | None:
    rows = sight.catalog.rows(_RIGHTS[code], *key)
    return [(r[0], r[1], r[2]) for r in rows if r[1]] if rows else None


def _of_columns(
    sight: Sight, table: Thing | None, only: set[str] | None, but: AbstractSet[str] = frozenset()
) -> list[Entry]:
    """The rights to some columns of a table (None: all), but for others."""
    relation = sight.here(table) if table else None
    rows = sight.catalog.rows(_COLUMNS, relation.schema, relation.name) if relation else []
    return [
        (row[0], row[1], row[2])
        for row in rows
        if (only is None or row[3] in only) and row[3] not in but
    ]


_RELATIONS_IN = ObjectKind(
    "SELECT n.nspname, c.relname, c.relkind::text, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
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
    world, code = planner.world, _IN_SCHEMA[kind][0]
    thing = world.get("schema", schema)
    inside = [other for other in world.things if other.schema == schema]
    for role in roles:
        for privilege, _ in privileges(node, code):
            value = RightToAll(right_of(node, role, privilege), kind, world.statement)
            world.claim(thing, Facet.RIGHTS_OF_ALL, value, (kind, role, privilege))
            world.overrule(inside, Facet.RIGHT, (code, role, privilege))


class RightToAll(Wanted, frozen=True):
    """A right to all of a kind in a schema, but for what later statements make or speak of."""

    right: Right
    kind: str
    statement: int

    def _judge(self, sight: Sight, thing: Thing) -> Finding:
        if not sight.catalog.schema_exists(thing.name):
            return no_object(thing)
        code, source, kinds = _IN_SCHEMA[self.kind]
        role, privilege = self.right.role, self.right.privilege
        later = self._later(sight, thing.name, (code, role, privilege))
        rows = [
            row
            for row in sight.catalog.rows(source, thing.name)
            if row[1] in kinds and row[0] not in later
        ]
        if not rows:
            return Finding(None, f"schema {called(thing)} holds no {self.kind.lower()}")
        against: list[str] = []
        for name, _, shown in rows:
            known = _entries(sight, code, *((thing.name, name)[-_RIGHTS[code].key :])) or []
            found = self.right.among(sight, known, shown)
            against += [] if found.holds else [found.words]
        if against:
            return Finding(False, against[0], half=len(against) < len(rows))
        who = identifier(role) or "PUBLIC"
        return Finding(True, f"{who}: {privilege} on all of schema {thing.name} is as wanted")

    def _later(self, sight: Sight, schema: str, of: tuple[str, str, str]) -> set[str]:
        """Relations' names and functions' oids."""
        found: set[str] = set()
        for claim in sight.world.claims:
            other = claim.thing
            if claim.statement <= self.statement or other.schema != schema:
                continue
            right = claim.facet is Facet.RIGHT and claim.of == of
            if not right and claim.facet is not Facet.THERE:
                continue
            if other.kind == "function":
                routine = find_routine(sight, other)
                found |= {str(routine.oid)} if routine else set()
            else:
                found.add(other.name)
        return found
