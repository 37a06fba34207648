"""Which other databases of the server have something: perhaps the deployment means one of them."""

from __future__ import annotations

import time

from smoke.database.elsewhere import databases_beside
from smoke.database.session import Database, Limits
from smoke.diagnostic import SmokeError

_PATIENCE = 6.0
"""Seconds for all of them."""
_LIMITS = Limits(connect=2, statement=2.0, lock=1.0)


def databases_with(database: Database, sql: str, *parameters: object) -> tuple[str, ...]:
    """Those in which a question about the catalogue has a row; one that cannot be asked is passed over.

    Raises SmokeError when not even their names can be known.
    """
    found: list[str] = []
    end = time.monotonic() + _PATIENCE
    for name in databases_beside(database):
        if time.monotonic() > end:
            break
        try:
            with database.beside(name, _LIMITS) as other:
                if other.row(sql, *parameters) is not None:
                    found.append(name)
        except SmokeError:
            continue  # a pooler that serves only one database, or a right that is missing
    return tuple(found)
