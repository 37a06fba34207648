"""Claims of ALTER DEFAULT PRIVILEGES."""

from __future__ import annotations

from typing import Any

from smoke.database.catalogue.snapshot import ObjectKind
from smoke.database.migration.claims import Facet, Finding, Thing, Wanted
from smoke.database.migration.planner import Planned, Planner, Unjudged
from smoke.database.migration.rights import (
    WHO_RAN,
    Right,
    exploded,
    privileges,
    right_of,
    role_name,
)
from smoke.database.migration.sight import Sight
from smoke.database.migration.tree import enum_name, inner, options

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
        [_owner(n.role_spec) for n in inner(given["roles"])[1].items] if "roles" in given else [""]
    )
    for owner in owners:
        for schema in schemas:
            for role in (role_name(n.role_spec) for n in action.grantees):
                for privilege, _ in privileges(action, code):
                    value = RightByDefault(right_of(action, role, privilege), code, owner, schema)
                    of = (code, owner, schema, role, privilege)
                    thing = planner.world.get("default privileges", "")
                    planner.world.claim(thing, Facet.RIGHT, value, of)
    return None


def _owner(role: Any) -> str:
    name = role_name(role)
    return "" if name == WHO_RAN else name


_DEFAULT_RIGHTS = ObjectKind(
    "SELECT o.rolname, coalesce(n.nspname, ''), a.defaclobjtype::text, "
    + exploded(
        "a.defaclacl",
        "pg_default_acl a JOIN pg_roles o ON o.oid = a.defaclrole LEFT JOIN pg_namespace n ON n.oid = a.defaclnamespace",
    ),
    key=3,
)
_BUILT_IN = ObjectKind(
    "SELECT a.rolname, k.code, "
    + exploded(
        "acldefault((CASE k.code WHEN 'S' THEN 's' ELSE k.code END)::\"char\", a.oid)",
        "pg_roles a CROSS JOIN unnest('{r,S,f,T,n}'::text[]) k(code)",
    ),
    key=2,
)


class RightByDefault(Wanted, frozen=True):
    """A right to what a role makes in a schema (empty: anywhere).

    Without an owner it holds for the role that ran it, which need not be the one that asks.
    """

    right: Right
    code: str
    owner: str
    schema: str

    def _judge(self, sight: Sight, thing: Thing) -> Finding:
        del thing
        owners = [self.owner]
        if not self.owner:
            known = sorted({key[0] for key in sight.catalog.snapshot.all(_DEFAULT_RIGHTS)})
            owners = list(dict.fromkeys([sight.catalog.user, *known]))
        found = [self._of(sight, name) for name in owners]
        return next((finding for finding in found if finding.holds), found[0])

    def _of(self, sight: Sight, owner: str) -> Finding:
        rows = sight.catalog.rows(_DEFAULT_RIGHTS, owner, self.schema, self.code)
        if not rows and not self.schema:
            # the built-in defaults hold; those of a schema only add to them
            rows = sight.catalog.rows(_BUILT_IN, owner, self.code)
        place = f"what {owner} makes" + (f" in schema {self.schema}" if self.schema else "")
        return self.right.among(sight, [(r[0], r[1], r[2]) for r in rows if r[1]], place)
