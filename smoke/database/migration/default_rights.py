"""Claims of ALTER DEFAULT PRIVILEGES."""

from __future__ import annotations

from typing import Any

from smoke.database.migration.planner import Planned, Planner, Unjudged
from smoke.database.migration.rights import EXPLODED, judge_right, privileges, role_name
from smoke.database.migration.tree import enum_name, inner, options
from smoke.database.migration.world import Finding

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
                for privilege, _ in privileges(action, code):
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
        rows = planner.catalog.rows(EXPLODED.replace("{acl}", acl), *parameters)
        known = [(r[0], r[1], r[2]) for r in rows]
        place = f"what {owner} makes" + (f" in schema {schema}" if schema else "")
        return judge_right(action, known, role, privilege, place)

    planner.world.claim(thing, f"right {role} {privilege}", judge)
