"""Is a migration applied in another database of the same server? Then it was run in the wrong one.

The others are asked for what is missing here only, and for the statements that have to do with that.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from smoke.database.dsn import Dsn
from smoke.database.migration.applied import applied, applied_files
from smoke.database.migration.later import words
from smoke.database.migration.verdict import Judged, Verdict, overall
from smoke.database.session import Database, Limits, connect
from smoke.diagnostic import SmokeError

MOST = 10
_FEW = 100
"""Statements of a migration that is small enough to be judged as a whole."""
_RARE = 20
"""Statements that a word may be in to tell that two of them have to do with each other."""


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


def others(dsn: Dsn, names: Sequence[str]) -> Iterator[tuple[str, Dsn]]:
    """Each of those databases, and how to reach it."""
    from psycopg import conninfo

    for name in names:
        changed = conninfo.make_conninfo(dsn.conninfo, dbname=name)
        yield name, Dsn(changed, dsn.source, dsn.search_path)


LIMITS = Limits(connect=3, statement=5.0)


def _made(statement: Judged) -> bool:
    """Whether a statement shows that it was run there: what only has to be absent is absent in most databases."""
    word = statement.sql.split(None, 1)[0].lower() if statement.sql.strip() else ""
    return statement.verdict is Verdict.APPLIED and word not in ("drop", "revoke")


def applied_in(
    dsn: Dsn, names: Sequence[str], path: Path, here: Sequence[Judged]
) -> tuple[str, ...]:
    """Those databases in which what is missing is applied; one that cannot be asked is passed over.

    `here` is what was judged of all statements of the migration in this database.
    """
    scripts = _concerned(here)
    lacking = {statement.sql for statement in here if statement.verdict in _LACKING}
    found: list[str] = []
    for name, other in others(dsn, names):
        try:
            with connect(other, LIMITS) as database:
                small = len(here) <= _FEW
                answer = applied_files(database, path) if small else applied(database, scripts)
                told = [s for s in answer.statements if small or s.sql in lacking]
                whole = overall(statement.verdict for statement in told) is Verdict.APPLIED
                if whole and any(map(_made, told)):
                    found.append(name)
        except SmokeError:
            continue  # a pooler that serves only one database, or a right that is missing
    return tuple(found)


_LACKING = (Verdict.NOT_APPLIED, Verdict.PARTLY)


def _concerned(here: Sequence[Judged]) -> list[tuple[str, str]]:
    """As scripts by file: what is not applied here, and what shares a name with it that few statements have."""
    told = [
        statement
        for statement in here
        if statement.verdict in (Verdict.APPLIED, *_LACKING)
        or statement.sql.lower().startswith(("set ", "select "))  # perhaps the search path
    ]
    said = [words([statement.sql]) for statement in told]
    count = Counter(word for each in said for word in each)
    lacking = {
        word
        for statement, each in zip(told, said, strict=True)
        if statement.verdict in _LACKING
        for word in each
        if count[word] <= _RARE
    }
    texts: dict[str, str] = {}
    for statement, each in zip(told, said, strict=True):
        idle = statement.verdict is Verdict.NO_EFFECT
        if idle or statement.verdict in _LACKING or not lacking.isdisjoint(each):
            texts[statement.file] = texts.get(statement.file, "") + statement.sql + "\n;\n"
    return list(texts.items())
