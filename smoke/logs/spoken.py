"""Whether an answer speaks of an error of a log: by its code and rule, or of its table in words. Pure."""

from __future__ import annotations

import re

from smoke.logs.entry import LogEntry
from smoke.logs.error import errors_of
from smoke.logs.unite import is_same
from smoke.logs.wanted import Wanted
from smoke.model.dberror import DatabaseError

_IDENTIFIER = re.compile(r"[^\W_]+")


def is_spoken_of(entry: LogEntry, wanted: Wanted) -> bool:
    """Whether the answer speaks of this very error: of its rule or table beside its code, or of its table in words."""
    errors = errors_of(entry)
    if not errors:
        return False
    error = errors[0]
    if wanted.sqlstate:
        named = wanted.constraint or wanted.tables
        same = error.sqlstate == wanted.sqlstate
        rule = not wanted.constraint or error.constraint_name == wanted.constraint
        spoken = error.table_name or ""
        table = not wanted.tables or any(is_same(spoken, name) for name in wanted.tables)
        return bool(named) and same and rule and table
    if wanted.constraint:
        return error.constraint_name == wanted.constraint
    return _in_words(error, wanted.said)


def _in_words(error: DatabaseError, said: str) -> bool:
    """Whether words speak of the error's rule, its table of two words, or its table and all of its columns."""
    if not said:
        return False
    rule = error.constraint_name or ""
    if "_" in rule and _phrase(rule) in said:
        return True
    if not error.table_name:
        return False
    table = _phrase(error.table_name)
    if table not in said and f"{table.rstrip().removesuffix('s')} " not in said:
        return False
    if table.count(" ") > 2:
        return True
    # a table of one word stands in many a page (`order`, `name`): only beside all columns of its rule, one of them of two words
    columns = error.columns or ((error.column_name,) if error.column_name else ())
    telling = any("_" in column for column in columns)
    return telling and all(_phrase(column) in said for column in columns)


def _phrase(name: str) -> str:
    """A name as the words of `Wanted.said` are: ` h2s dispatch jobs `."""
    return f" {' '.join(_IDENTIFIER.findall(name.lower()))} "
