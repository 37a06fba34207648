"""Is a migration applied in another database of the same server? Then it was run in the wrong one."""

from __future__ import annotations

import difflib
from pathlib import Path

from smoke.database.dsn import Dsn
from smoke.database.migration.applied import applied_files
from smoke.database.migration.verdict import Judged, Verdict
from smoke.database.session import Database, Limits, connect
from smoke.diagnostic import SmokeError

MOST = 10


def databases_beside(database: Database) -> list[str]:
    """Other databases of the server that this role may connect to, those with the most similar names first."""
    rows = database.rows(
        "SELECT datname FROM pg_database WHERE NOT datistemplate AND datallowconn AND datname <> current_database()"
        " AND has_database_privilege(oid, 'CONNECT') ORDER BY 1 LIMIT 500"
    )
    own = database.endpoint.database
    names = sorted(
        (str(row[0]) for row in rows),
        key=lambda name: (-difflib.SequenceMatcher(None, name, own).ratio(), name),
    )
    return names[:MOST]


def _made(statement: Judged) -> bool:
    """Whether a statement shows that it was run there: what only has to be absent is absent in most databases."""
    word = statement.sql.split(None, 1)[0].lower() if statement.sql.strip() else ""
    return statement.verdict is Verdict.APPLIED and word not in ("drop", "revoke")


def applied_in(dsn: Dsn, names: list[str], path: Path) -> tuple[str, ...]:
    """Those databases in which all of the migration is applied; one that cannot be asked is passed over."""
    from psycopg import conninfo

    found: list[str] = []
    for name in names:
        other = Dsn(conninfo.make_conninfo(dsn.conninfo, dbname=name), dsn.source, dsn.search_path)
        try:
            with connect(other, Limits(connect=3, statement=5.0)) as database:
                answer = applied_files(database, path)
                if answer.overall is Verdict.APPLIED and any(map(_made, answer.statements)):
                    found.append(name)
        except SmokeError:
            continue  # a pooler that serves only one database, or a right that is missing
    return tuple(found)
