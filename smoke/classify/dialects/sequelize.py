"""Sequelize: its own error classes; the server's error is their `parent` and `original`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from smoke.classify.text.view import View
from smoke.model.dberror import DatabaseError

MARKS: tuple[str, ...] = (
    "Sequelize",
    "node_modules/sequelize",
)
SYMBOLS: Mapping[str, str] = {
    "SequelizeUniqueConstraintError": "23505",
    "SequelizeForeignKeyConstraintError": "23503",
    "SequelizeExclusionConstraintError": "23P01",
    "SequelizeUnknownConstraintError": "42704",
}


def read(view: View) -> Iterable[DatabaseError]:
    """Nothing: the common readers know the fields and texts it shows."""
    del view
    return ()
