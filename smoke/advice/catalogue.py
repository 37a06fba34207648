"""The table of an error, as the statements find it in the catalogue: by its name, in all schemas."""

from __future__ import annotations

from smoke.advice.subject import Subject
from smoke.sql import literal

NO_TABLE = (
    "no rows",
    "this database has no such table: it is not the one that the shop uses",
)
SEVERAL = ("several rows", "a table in each schema: the shop's search_path decides which is meant")

OR_VIEW = "'r', 'p', 'f', 'v', 'm', 'S'"
"""The kinds of `is_table` where a view or a sequence may be meant."""

TABLE = "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"


def is_table(s: Subject, kinds: str = "'r', 'p', 'f'") -> str:
    """That `c` (in `n`) is the table of the error: by its name, and its schema where that is known."""
    schema = f"n.nspname = {literal(s.schema)} AND " if s.schema else ""
    return f"{schema}c.relname = {literal(s.table)} AND c.relkind IN ({kinds})"
