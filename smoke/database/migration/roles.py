"""Claims on roles: there, with these options, members of others, with these settings."""

from __future__ import annotations

from typing import Any

from smoke.database.catalogue.records import options_of
from smoke.database.catalogue.snapshot import ObjectKind, Row
from smoke.database.migration.claims import Facet, Finding, Thing, Told, Wanted
from smoke.database.migration.functions import setting_text
from smoke.database.migration.planner import Planned, Planner, Unjudged
from smoke.database.migration.references import claim_there
from smoke.database.migration.rights import WHO_RAN, role_name
from smoke.database.migration.sight import OfRow, Sight, called
from smoke.database.migration.tree import enum_name, inner, options, scalar
from smoke.sql import literal

_ROLE_OPTIONS = {
    "superuser": "rolsuper",
    "createdb": "rolcreatedb",
    "createrole": "rolcreaterole",
    "inherit": "rolinherit",
    "canlogin": "rolcanlogin",
    "isreplication": "rolreplication",
    "bypassrls": "rolbypassrls",
    "connectionlimit": "rolconnlimit",
}


_ROLES = ObjectKind("SELECT rolname, to_jsonb(r) FROM pg_roles r")
_SETTINGS = ObjectKind(
    "SELECT coalesce(r.rolname, ''), coalesce(d.datname, ''), s.setconfig FROM pg_db_role_setting s"
    " LEFT JOIN pg_roles r ON r.oid = s.setrole LEFT JOIN pg_database d ON d.oid = s.setdatabase",
    key=2,
)
_MEMBERS = ObjectKind(
    "SELECT g.rolname, r.rolname, to_jsonb(m) FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid"
    " JOIN pg_roles r ON r.oid = m.member",
    key=2,
)


def create_role(planner: Planner, node: Any) -> Planned:
    """CREATE ROLE, USER."""
    thing = claim_there(planner, "role", node.role)
    given = options(node.options)
    if enum_name(node, "stmt_type") == "ROLESTMT_USER" and "canlogin" not in given:
        planner.world.claim(thing, Facet.OPTION, RoleOption("canlogin", "true"), "canlogin")
    _claim_options(planner, thing, given)
    return None


def alter_role(planner: Planner, node: Any) -> Planned:
    """ALTER ROLE … options."""
    role = role_name(node.role)
    if role == WHO_RAN:
        return Unjudged("it speaks of the role that ran it, which is not known")
    thing = planner.world.get("role", role)
    _claim_options(planner, thing, options(node.options), wanted=node.action >= 0)
    return None


def _claim_options(
    planner: Planner, thing: Thing, given: dict[str, Any], *, wanted: bool = True
) -> None:
    world = planner.world
    for option, value in given.items():
        if option in ("rolemembers", "addroleto", "adminmembers"):
            # ALTER GROUP, CREATE ROLE … ROLE, … ADMIN, … IN ROLE
            for item in inner(value)[1].items:
                other = world.get("role", role_name(item.role_spec))
                role, group = (thing, other) if option == "addroleto" else (other, thing)
                admin = option == "adminmembers"
                _claim_member(planner, role, group.name, wanted=wanted or admin)
                if admin:
                    _claim_member(planner, role, group.name, "admin", wanted=True)
        elif option == "validUntil":
            value_of = ValidUntil(scalar(value) or "infinity")
            world.claim(thing, Facet.OPTION, value_of, option)
        elif option in _ROLE_OPTIONS:
            world.claim(thing, Facet.OPTION, RoleOption(option, scalar(value) or "true"), option)
        elif option == "password":
            words = f"the password of {called(thing)} cannot be seen"
            world.claim(thing, Facet.UNSEEN, Told(words), option)


class ValidUntil(Wanted, frozen=True):
    """A role may log in until that time."""

    time: str

    def _judge(self, sight: Sight, thing: Thing) -> Finding:
        row = sight.catalog.one(_ROLES, thing.name)
        same = row is not None and sight.canon.same(
            literal(self.time),
            literal(row[0]["rolvaliduntil"] or "infinity"),
            {},
            cast="timestamptz",
        )
        words = f"role {called(thing)} {'is' if same else 'is not'} valid until {self.time}"
        return Finding(same, words)


class RoleOption(OfRow, frozen=True):
    """A role has that option."""

    rows = _ROLES
    name: str
    value: str

    def _found(self, sight: Sight, thing: Thing, row: Row) -> Finding:
        del sight
        found = str(row[0][_ROLE_OPTIONS[self.name]]).lower()
        return Finding(found == self.value, f"role {called(thing)} has {self.name} {found}")


def alter_settings(planner: Planner, node: Any) -> Planned:
    """ALTER ROLE … SET, ALTER DATABASE … SET."""
    statement = node.setstmt
    is_role = node.DESCRIPTOR.name == "AlterRoleSetStmt"
    role = role_name(node.role) if is_role and node.HasField("role") else ""
    if role == WHO_RAN:
        return Unjudged("it speaks of the role that ran it, which is not known")
    database = node.database if is_role else node.dbname
    name, kind = statement.name.lower(), enum_name(statement, "kind")
    resets = kind in ("VAR_RESET", "VAR_SET_DEFAULT")
    wanted = setting_text(statement) if kind == "VAR_SET_VALUE" else None
    value = Setting(role, database, name, wanted, resets)
    planner.world.claim(
        planner.world.get("settings", ""), Facet.SETTING, value, (role, database, name)
    )
    return None


class Setting(Wanted, frozen=True):
    """A setting of a role, a database or both has that value (None: one that is not known), or is not set."""

    role: str
    database: str
    name: str
    value: str | None
    resets: bool

    def _judge(self, sight: Sight, thing: Thing) -> Finding:
        del thing
        row = sight.catalog.one(_SETTINGS, self.role, self.database)
        values = {key.lower(): value for key, value in options_of(row[0] if row else None).items()}
        found = values.get(self.name)
        said = found if found is not None else "not set"
        words = f"{self.name} of {self.role or self.database} is {said}"
        if self.resets:
            return Finding(found is None, words)
        if self.value is None:
            return Finding(None, f"{words}; what it should be depends on the session that set it")
        return Finding(found is not None and _bare(found) == _bare(self.value), words)


def _bare(value: str) -> str:
    return value.replace('"', "").replace("'", "").replace(" ", "")


def grant_role(planner: Planner, node: Any) -> Planned:
    """GRANT role TO role, and REVOKE."""
    if WHO_RAN in [role_name(member.role_spec) for member in node.grantee_roles]:
        return Unjudged("it speaks of the role that ran it, which is not known")
    given = {
        name.lower(): (scalar(value) or "true").lower() for name, value in options(node.opt).items()
    }
    for granted in node.granted_roles:
        for member in node.grantee_roles:
            group = granted.access_priv.priv_name
            role = planner.world.get("role", role_name(member.role_spec))
            if node.is_grant or not given:
                _claim_member(planner, role, group, wanted=node.is_grant)
            for name, value in given.items():
                # REVOKE … OPTION FOR takes the option and leaves the membership
                on = node.is_grant and value in ("true", "on", "yes")
                _claim_member(planner, role, group, name, wanted=on)
    return None


def _claim_member(
    planner: Planner, role: Thing, group: str, option: str = "", *, wanted: bool
) -> None:
    value = MemberOf(group, option, wanted)
    planner.world.claim(role, Facet.MEMBER, value, (group, option))


class MemberOf(Wanted, frozen=True):
    """A role is a member of another one, or its membership has an option."""

    group: str
    option: str
    wanted: bool

    def _judge(self, sight: Sight, thing: Thing) -> Finding:
        known = [row[0] for row in sight.catalog.rows(_MEMBERS, self.group, thing.name)]
        words = f"{thing.name} {'is' if known else 'is not'} a member of {self.group}"
        if not self.option or not known:
            return Finding(bool(known) == self.wanted, words)
        field = f"{self.option}_option"
        if field not in known[0]:  # before PostgreSQL 16 only ADMIN is kept for each member
            name = f"whether {self.option} is on for {thing.name}"
            return Finding(None, f"{name} is not kept by this server")
        found = any(entry[field] for entry in known)  # whoever granted it
        return Finding(found == self.wanted, f"{words}: {self.option} is {found}")
