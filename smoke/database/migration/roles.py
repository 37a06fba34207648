"""Claims on roles: there, with these options, members of others, with these settings."""

from __future__ import annotations

from typing import Any

from smoke.database.catalogue.snapshot import ObjectKind
from smoke.database.migration.claims import Finding, Thing
from smoke.database.migration.planner import Planned, Planner, Unjudged
from smoke.database.migration.references import claim_there
from smoke.database.migration.rights import WHO_RAN, role_name
from smoke.database.migration.sight import called
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
    thing = claim_there(planner, "ROLE", node.role)
    given = options(node.options)
    if enum_name(node, "stmt_type") == "ROLESTMT_USER" and "canlogin" not in given:
        _claim_role_option(planner, thing, "canlogin", "true")
    _claim_role_options(planner, thing, given)
    return None


def alter_role(planner: Planner, node: Any) -> Planned:
    """ALTER ROLE … options."""
    role = role_name(node.role)
    if role == WHO_RAN:
        return Unjudged("it speaks of the role that ran it, which is not known")
    thing = planner.world.get("role", role)
    _claim_role_options(planner, thing, options(node.options), wanted=node.action >= 0)
    return None


def _claim_role_options(
    planner: Planner, thing: Thing, given: dict[str, Any], *, wanted: bool = True
) -> None:
    for option, value in given.items():
        if option in ("rolemembers", "addroleto"):  # ALTER GROUP, CREATE ROLE … ROLE, … IN ROLE
            for item in inner(value)[1].items:
                other = role_name(item.role_spec)
                role, group = (
                    (other, thing.name) if option == "rolemembers" else (thing.name, other)
                )
                _claim_member(planner, role, group, wanted=wanted)
        elif option == "adminmembers":
            for item in inner(value)[1].items:
                other = role_name(item.role_spec)
                _claim_member(planner, other, thing.name, wanted=True)
                _claim_membership_option(planner, other, thing.name, "admin", "true")
        elif option == "validUntil":
            _claim_valid_until(planner, thing, scalar(value) or "infinity")
        elif option in _ROLE_OPTIONS:
            _claim_role_option(planner, thing, option, scalar(value) or "true")
        elif option == "password":
            planner.world.claim(
                thing,
                "password",
                lambda: Finding(None, f"the password of {called(thing)} cannot be seen"),
            )


def _claim_valid_until(planner: Planner, thing: Thing, wanted: str) -> None:
    def judge() -> Finding:
        row = planner.catalog.one(_ROLES, thing.name)
        same = row is not None and planner.canon.same(
            literal(wanted), literal(row[0]["rolvaliduntil"] or "infinity"), {}, cast="timestamptz"
        )
        return Finding(
            same, f"role {called(thing)} {'is' if same else 'is not'} valid until {wanted}"
        )

    planner.world.claim(thing, "valid until", judge)


def _claim_role_option(planner: Planner, thing: Thing, option: str, wanted: str) -> None:
    def judge() -> Finding:
        row = planner.catalog.one(_ROLES, thing.name)
        if row is None:
            return Finding(False, f"there is no role {called(thing)} in this database")
        found = str(row[0][_ROLE_OPTIONS[option]]).lower()
        return Finding(found == wanted, f"role {called(thing)} has {option} {found}")

    planner.world.claim(thing, f"option {option}", judge)


def alter_settings(planner: Planner, node: Any) -> Planned:
    """ALTER ROLE … SET, ALTER DATABASE … SET."""
    from smoke.database.migration.functions import setting_text

    statement = node.setstmt
    is_role = node.DESCRIPTOR.name == "AlterRoleSetStmt"
    role = role_name(node.role) if is_role and node.HasField("role") else ""
    if role == WHO_RAN:
        return Unjudged("it speaks of the role that ran it, which is not known")
    database = node.database if is_role else node.dbname
    name = statement.name.lower()
    thing = planner.world.get("settings", f"{role} {database}")
    kind = enum_name(statement, "kind")
    wanted = setting_text(statement) if kind == "VAR_SET_VALUE" else None

    def judge() -> Finding:
        row = planner.catalog.one(_SETTINGS, role, database)
        values = dict(item.partition("=")[::2] for item in (row[0] if row else []))
        found = {key.lower(): value for key, value in values.items()}.get(name)
        words = f"{name} of {role or database} is {found if found is not None else 'not set'}"
        if kind in ("VAR_RESET", "VAR_SET_DEFAULT"):
            return Finding(found is None, words)
        if kind != "VAR_SET_VALUE":
            return Finding(None, f"{words}; what it should be depends on the session that set it")
        return Finding(_bare(found) == _bare(wanted), words)

    planner.world.claim(thing, name, judge)
    return None


def _bare(value: str | None) -> str | None:
    return None if value is None else value.replace('"', "").replace("'", "").replace(" ", "")


_MEMBERSHIPS = {"admin": "admin_option", "inherit": "inherit_option", "set": "set_option"}


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
            role = role_name(member.role_spec)
            if node.is_grant or not given:
                _claim_member(planner, role, group, wanted=node.is_grant)
            for name, value in given.items():
                # REVOKE … OPTION FOR takes the option and leaves the membership
                said = value if node.is_grant else "false"
                _claim_membership_option(planner, role, group, name, said)
    return None


def _claim_member(planner: Planner, role: str, group: str, *, wanted: bool) -> None:
    thing = planner.world.get("role", role)

    def judge() -> Finding:
        row = _membership(planner, thing.name, group)
        words = "is a member of" if row is not None else "is not a member of"
        return Finding((row is not None) == wanted, f"{thing.name} {words} {group}")

    planner.world.claim(thing, f"member of {group}", judge)


def _claim_membership_option(
    planner: Planner, role: str, group: str, name: str, wanted: str
) -> None:
    thing = planner.world.get("role", role)

    def judge() -> Finding:
        row = _membership(planner, thing.name, group)
        if row is None:
            return Finding(wanted == "false", f"{thing.name} is not a member of {group}")
        found = row.get(_MEMBERSHIPS.get(name, ""))
        if found is None:  # before PostgreSQL 16 only ADMIN is kept for each member
            return Finding(
                None, f"whether {name} is on for {thing.name} is not kept by this server"
            )
        truths = {"on": "true", "off": "false", "yes": "true", "no": "false"}
        same = truths.get(wanted, wanted) == ("true" if found else "false")
        return Finding(same, f"{thing.name} is a member of {group}: {name} is {found}")

    planner.world.claim(thing, f"member of {group}: {name}", judge)


def _membership(planner: Planner, role: str, group: str) -> dict[str, Any] | None:
    """The options of a membership, whoever granted it; None when there is none."""
    rows = planner.catalog.rows(_MEMBERS, group, role)
    if not rows:
        return None
    known = [row[0] for row in rows]
    return {
        option: any(entry[option] for entry in known)
        for option in _MEMBERSHIPS.values()
        if option in known[0]
    }
