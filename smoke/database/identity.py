"""Which database this is: enough facts to tell it from every other, in one line."""

from __future__ import annotations

import re
from dataclasses import dataclass

from smoke.database.session import Database, Refusal


@dataclass(frozen=True, slots=True)
class Identity:
    """A database's identity.

    `system_identifier` belongs to one cluster (its replicas share it); `fingerprint` changes with every change of
    the schema, and is the same for two databases with the same one.
    """

    server: str
    port: int
    database: str
    user: str
    version: str
    version_num: int
    system_identifier: str = ""
    supabase_ref: str = ""
    fingerprint: str = ""
    search_path: str = ""
    replica: bool = False
    tls: bool = False
    server_address: str = ""
    source: str = ""

    def line(self) -> str:
        """One line that says which database was asked."""
        where = f"{self.server}:{self.port}"
        if self.server_address and self.server_address != self.server:
            where += f" (server {self.server_address})"
        facts = [
            f"database {self.database} at {where}",
            f"user {self.user}",
            f"PostgreSQL {self.version}" + (" replica" if self.replica else ""),
            f"system {self.system_identifier}" if self.system_identifier else "",
            f"Supabase project {self.supabase_ref}" if self.supabase_ref else "",
            f"schema {self.fingerprint}" if self.fingerprint else "",
        ]
        return ", ".join(fact for fact in facts if fact)


def supabase_ref(host: str, user: str) -> str:
    """The project ref that Supabase puts into a direct host (db.REF.supabase.co) or a pooler's user (name.REF)."""
    direct = re.fullmatch(r"(?:db\.)?([a-z0-9]{16,24})\.supabase\.(?:co|red|in)", host)
    if direct:
        return direct[1]
    pooled = re.fullmatch(r"[^.]{1,63}\.([a-z0-9]{16,24})", user)
    return pooled[1] if pooled and host.endswith((".pooler.supabase.com", ".supabase.co")) else ""


def identify(database: Database) -> Identity:
    """The identity of the database that is connected."""
    end = database.endpoint
    found = database.row(
        "SELECT current_database(), current_user, host(inet_server_addr()), inet_server_port(),"
        " current_setting('server_version'), current_setting('server_version_num')::int,"
        " pg_is_in_recovery(), current_setting('search_path')"
    )
    assert found is not None
    name, user, address, port, version, number, replica, path = found
    # granted to everybody by default, but not on every managed service
    control = database.attempt("SELECT system_identifier::text FROM pg_control_system()")
    return Identity(
        server=end.host,
        port=end.port or port or 0,
        database=name,
        user=user,
        version=version.split(" ")[0],
        version_num=number,
        system_identifier="" if isinstance(control, Refusal) or not control else control[0][0],
        supabase_ref=supabase_ref(end.host, end.user),
        fingerprint=fingerprint(database),
        search_path=path,
        replica=replica,
        tls=end.tls,
        server_address=address or "",
        source=end.source,
    )


# names, not oids, and no search path: two databases with the same schema have the same lines
_LINES = r"""
WITH spaces AS (
    SELECT oid, nspname FROM pg_namespace
    WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
), lines AS (
    SELECT concat_ws(' ', 'column', nspname, relname, relkind, attname,
                     format_type(atttypid, atttypmod), attnotnull, attidentity, attgenerated,
                     pg_get_expr(adbin, adrelid)) AS line
    FROM pg_attribute
    JOIN pg_class c ON c.oid = attrelid JOIN spaces s ON s.oid = relnamespace
    LEFT JOIN pg_attrdef d ON d.adrelid = attrelid AND d.adnum = attnum
    WHERE attnum > 0 AND NOT attisdropped AND relkind IN ('r', 'p', 'v', 'm', 'f')
    UNION ALL
    SELECT concat_ws(' ', 'constraint', nspname, conrelid::regclass, conname, pg_get_constraintdef(c.oid))
    FROM pg_constraint c JOIN spaces s ON s.oid = connamespace WHERE contype <> 'n'
    UNION ALL
    SELECT concat_ws(' ', 'index', pg_get_indexdef(indexrelid), indisvalid)
    FROM pg_index JOIN pg_class c ON c.oid = indexrelid JOIN spaces s ON s.oid = relnamespace
    UNION ALL
    SELECT concat_ws(' ', 'value', nspname, typname, enumlabel)
    FROM pg_enum JOIN pg_type t ON t.oid = enumtypid JOIN spaces s ON s.oid = typnamespace
    UNION ALL
    SELECT concat_ws(' ', 'function', p.oid::regprocedure, md5(prosrc))
    FROM pg_proc p JOIN spaces s ON s.oid = pronamespace
    UNION ALL
    SELECT concat_ws(' ', 'policy', polrelid::regclass, polname, polcmd, pg_get_expr(polqual, polrelid),
                     pg_get_expr(polwithcheck, polrelid))
    FROM pg_policy
    UNION ALL
    SELECT concat_ws(' ', 'trigger', pg_get_triggerdef(oid)) FROM pg_trigger WHERE NOT tgisinternal
)
SELECT left(encode(sha256(convert_to(coalesce(string_agg(line, E'\n' ORDER BY line COLLATE "C"), ''), 'UTF8')),
                   'hex'), 12)
FROM lines
"""


def fingerprint(database: Database) -> str:
    """Twelve hexadecimal digits over the schema; empty where the role may not read the catalogue."""
    with database.savepoint():
        database.rows("SET LOCAL search_path = ''")
        found = database.attempt(_LINES)
        return "" if isinstance(found, Refusal) else str(found[0][0])
