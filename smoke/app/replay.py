"""What a migration would still change: it is carried out in a copy of the schema that is thrown away."""

from __future__ import annotations

import os
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from smoke.app.databases import WhichDatabase, connected, dsn_of
from smoke.database.identity import Identity, identify

if TYPE_CHECKING:
    from smoke.database.migration.script import Statement
    from smoke.demo.postgres import EmbeddedServer

_UNSEEN = [
    "grant_stmt",
    "grant_role_stmt",
    "alter_owner_stmt",
    "alter_default_privileges_stmt",
    "create_role_stmt",
    "alter_role_stmt",
    "drop_role_stmt",
    "comment_stmt",
    "sec_label_stmt",
    "select_stmt",
    "insert_stmt",
    "update_stmt",
    "delete_stmt",
    "merge_stmt",
    "copy_stmt",
    "do_stmt",
    "call_stmt",
    "truncate_stmt",
    "refresh_mat_view_stmt",
    "create_subscription_stmt",
    "alter_subscription_stmt",
]
"""Kinds whose effect the copy does not show: rows, owners, privileges and comments are not in it."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A statement that the copy's server refused, and with which words."""

    place: str
    sql: str
    message: str
    already: bool
    """Because what it makes is there already, or what it drops is gone."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a migration changed in a copy of the schema. `incomplete`: what of the schema could not be copied.

    `exit_status`: 0 it changes nothing, 1 it still changes something, 3 what it does cannot be told from a schema.
    """

    added: tuple[str, ...]
    removed: tuple[str, ...]
    refused: tuple[Refused, ...]
    unseen: tuple[str, ...]
    incomplete: tuple[str, ...]
    database: Identity

    @property
    def exit_status(self) -> int:
        """0, 1 or 3."""
        if self.added or self.removed:
            return 1
        told = not (self.unseen or self.incomplete) and all(each.already for each in self.refused)
        return 0 if told else 3


def db_replay(
    path: str | os.PathLike[str],
    *,
    server: EmbeddedServer | None = None,
    **asked: Unpack[WhichDatabase],
) -> Replayed:
    """Carry out a migration (a file, or a folder) in a copy of the schema; the database itself is only read.

    The copy is made by pg_dump on a PostgreSQL of the extra `demo` that ends with the call (or on `server`). For the
    keywords and errors see `db_which`.
    """
    from smoke.database.layouts.reading import read_files
    from smoke.database.migration.script import read_script
    from smoke.database.migration.split import split
    from smoke.demo.postgres import EmbeddedServer
    from smoke.demo.replica import Replica, dump_schema

    statements = [s for name, text in read_files(Path(path)) for s in read_script(text, name)]
    with connected(asked) as database:
        identity = identify(database)
    schema = dump_schema(dsn_of(asked).conninfo)
    with ExitStack() as stack:
        replica = Replica(server or stack.enter_context(EmbeddedServer()))
        stack.callback(replica.close)
        lost = [replica.run(piece.sql) for piece in split(schema) if not piece.aside]
        replica.settle(identity.search_path)
        before = _statements(replica.dump())
        refused = []
        unseen = []
        for statement in statements:
            if statement.idle or statement.kind in ("psql", "transaction_stmt"):
                continue
            if said := replica.run(statement.sql):
                already = _already(statement, said.sqlstate)
                refused.append(Refused(_place(statement), statement.sql, said.message, already))
            elif statement.kind in _UNSEEN:
                unseen.append(_place(statement))
        after = _statements(replica.dump())
    return Replayed(
        added=tuple((after - before).elements()),
        removed=tuple((before - after).elements()),
        refused=tuple(refused),
        unseen=tuple(unseen),
        incomplete=tuple(refusal.message for refusal in lost if refusal),
        database=identity,
    )


_THERE = frozenset(["42P04", "42P06", "42P07", "42701", "42710", "42723"])
_GONE = frozenset(["42703", "42704"])
_UNKNOWN = frozenset(["42P01", "42883", "3F000"])


def _already(statement: Statement, sqlstate: str) -> bool:
    """Whether the server refused it because its effect is there: a duplicate, or nothing left to drop or rename."""
    if sqlstate in _THERE:
        return True
    drops = statement.kind == "drop_stmt"
    alters = statement.kind in ("alter_table_stmt", "rename_stmt")
    removes = alters and (
        statement.kind == "rename_stmt" or " drop " in f" {statement.sql.lower()} "
    )
    return (drops and sqlstate in _GONE | _UNKNOWN) or (removes and sqlstate in _GONE)


def _statements(dump: str) -> Counter[str]:
    """The statements of a dump, but for its settings."""
    from smoke.database.migration.split import split

    found = (" ".join(piece.sql.split()) for piece in split(dump) if not piece.aside)
    return Counter(sql for sql in found if not sql.startswith(("SET ", "SELECT pg_catalog.")))


def _place(statement: Statement) -> str:
    return f"{statement.file}:{statement.line}"
