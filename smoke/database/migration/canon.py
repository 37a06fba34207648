"""Expressions and queries as the server itself prints them, so that two ways of writing the same are the same.

The server canonicalises by planning (`EXPLAIN VERBOSE`), which reads nothing and writes nothing: both texts get the
casts, the qualified names and the folded constants that PostgreSQL gives them. Expressions over a table's columns
are planned over a function with columns of the same names and types, so no right on the table is needed.

Hundreds of expressions are planned as one query. For that, what is wanted is gathered first: while `gathering`, a form
that is not known yet is told as None and counted in `missed`, and `fetch` asks for all of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from smoke.database.catalogue import records
from smoke.database.catalogue.catalog import Catalog
from smoke.database.migration.alike import Alike, bare
from smoke.database.migration.ingredients import ingredients
from smoke.database.migration.planned import (
    Columns,
    Expression,
    explained,
    form,
    planned_apart,
    slotted,
    together,
)
from smoke.database.migration.tree import parse_expression, parse_one
from smoke.database.migration.unseen import same_unseen
from smoke.database.session import Refusal
from smoke.sql import identifier

Described = list[tuple[str, int, int]]
Path = tuple[str, ...]


class Canon:
    """Canonical forms, by the server that is asked."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.gathering = False
        self.missed = 0
        self._trees: dict[str, Any] = {}
        self._slotted: dict[tuple[object, ...], tuple[Expression | None, object]] = {}
        self._same: dict[tuple[object, ...], tuple[bool | None, object]] = {}
        self._plans: dict[tuple[str, Path], str | None] = {}
        self._described: dict[tuple[str, Path], Described | None] = {}
        self._expressions: dict[tuple[str, Path], str | None] = {}
        self._wanted_plans: dict[tuple[str, Path], None] = {}
        self._wanted_columns: dict[tuple[str, Path], None] = {}
        self._wanted_expressions: dict[tuple[str, Path], Expression] = {}

    def expression(
        self, sql: str, sources: Mapping[str, Columns], *, cast: str = "", path: Path = ()
    ) -> str | None:
        """The canonical form of an expression; None when the server refuses it.

        `sources` are the tables that it may name, by alias.
        """
        known = (sql, cast, *((alias, id(columns)) for alias, columns in sources.items()))
        if known not in self._slotted:
            # what is kept with it keeps its address
            self._slotted[known] = slotted(sql, sources, cast), sources
        made = self._slotted[known][0]
        if made is None:
            return self.query(planned_apart(sql, sources, cast), path)
        key = (made.sql, path)
        if key not in self._expressions:
            self._wanted_expressions[key] = made
            if self.gathering:
                self.missed += 1
                return None
            self.fetch()
        found = self._expressions[key]
        return None if found is None else made.named(found)

    def query(self, sql: str, path: Path = ()) -> str | None:
        """The canonical form of a query; None when the server refuses it."""
        key = (sql, path)
        if key not in self._plans:
            self._wanted_plans[key] = None
            if self.gathering:
                self.missed += 1
                return None
            self.fetch()
        return self._plans[key]

    def described(self, sql: str, path: Path = ()) -> Described | None:
        """Name, type's oid and modifier of each column of a query; None when the server refuses it."""
        key = (sql, path)
        if key not in self._described:
            self._wanted_columns[key] = None
            if self.gathering:
                self.missed += 1
                return None
            self.fetch()
        return self._described[key]

    def type_id(self, sql: str, path: Path) -> tuple[int, int] | None:
        """Oid and modifier of a type's name as the server reads it; None when it knows no such type."""
        return self.catalog.once(("type", sql, path), lambda: self._type_id(sql, path))

    def _type_id(self, sql: str, path: Path) -> tuple[int, int] | None:
        database = self.catalog.database
        with database.savepoint():
            if path:
                self.set_path(path)
            asked = database.attempt("SELECT to_regtype(%s)::oid::int8", sql)
            known = asked[0][0] if not isinstance(asked, Refusal) and asked else None
            described = database.describe(f"SELECT NULL::{sql} AS t")
        if isinstance(described, Refusal):  # of a pseudo-type there are no values
            return (known, -1) if known else None
        oid = known or described[0][1]
        # of a domain the protocol describes the base type, whose modifier is not the column's
        return oid, described[0][2] if oid == described[0][1] else -1

    def type_name(self, oid: int, modifier: int = -1) -> str:
        """A type's name as the server prints it."""

        def ask() -> str:
            row = self.catalog.database.row("SELECT format_type(%s::oid, %s)", oid, modifier)
            return str(row[0]) if row else ""

        return self.catalog.once(("type's name", oid, modifier), ask)

    def fetch(self) -> None:
        """Ask for all that was wanted, in few messages."""
        paths = {
            path
            for wanted in (self._wanted_plans, self._wanted_columns, self._wanted_expressions)
            for _, path in wanted
        }
        for path in sorted(paths):
            with self.catalog.database.savepoint():
                if path:
                    self.set_path(path)
                self._fetch(path)
        self._wanted_plans, self._wanted_columns, self._wanted_expressions = {}, {}, {}

    def _fetch(self, path: Path) -> None:
        database = self.catalog.database
        made = [e for (_, under), e in self._wanted_expressions.items() if under == path]
        for expression, printed in together(database, made).items():
            self._expressions[expression, path] = printed
        plans = [sql for sql, under in self._wanted_plans if under == path]
        for sql, rows in zip(
            plans, database.untrusted_many([explained(sql) for sql in plans]), strict=True
        ):
            self._plans[sql, path] = None if isinstance(rows, Refusal) else form(rows)
        columns = [sql for sql, under in self._wanted_columns if under == path]
        for sql, found in zip(columns, database.describe_many(columns), strict=True):
            self._described[sql, path] = None if isinstance(found, Refusal) else found

    def set_path(self, path: Path) -> None:
        """For the rest of the savepoint, unqualified names mean these schemas."""
        self.catalog.database.rows(
            "SET LOCAL search_path = " + ", ".join(identifier(schema) for schema in path)
        )

    def plainly(self, wanted: Any, found: str, kind: str) -> bool:
        """Whether a tree and what the server printed are plainly the same value of a type, without asking."""
        if found not in self._trees:
            self._trees[found] = parse_expression(found)
        return Alike({}, self.catalog.only_servers).same(wanted, self._trees[found], bare(kind))

    def same(
        self,
        wanted: str,
        found: str,
        sources: Mapping[str, Columns],
        *,
        cast: str = "",
        path: Path = (),
    ) -> bool | None:
        """Whether two expressions are the same; None when the server can say of neither.

        `wanted` is read under the script's search path, `found` is what the server printed.
        """
        if wanted == found:
            return True
        known = (wanted, found, cast, path, *((a, id(columns)) for a, columns in sources.items()))
        if known not in self._same:
            missed = self.missed
            # both are printed under one search path, or two functions of one name would look the same
            under = path if self.catalog.qualified else ()
            here = self.expression(found, sources, cast=cast, path=under)
            there = self.expression(wanted, sources, cast=cast, path=path)
            if self.missed > missed:
                return None
            self._same[known] = self._compared(wanted, found, here, there), sources
        return self._same[known][0]

    def _compared(
        self, wanted: str, found: str, here: str | None, there: str | None
    ) -> bool | None:
        if here is None or there is None:
            return _same_text(wanted, found)
        return here == there and self.made_of_the_same(f"SELECT {wanted}", f"SELECT {found}", here)

    def made_of_the_same(self, wanted: str, found: str, plan: str) -> bool | None:
        """Whether two texts of one plan are the same; None where the plan has lost what could tell them apart."""
        mine, theirs = parse_one(wanted), parse_one(found)
        a, b = ingredients(mine), ingredients(theirs)
        if a.relations != b.relations or self._own(a.functions) != self._own(b.functions):
            return False
        kept = set(re.findall(r"\w+", plan))
        lost = [
            name
            for name in (*b.columns, *b.relations, *self._own(b.functions))
            if not set(re.findall(r"\w+", name)) <= kept
        ]
        seen = True if not lost or a.same(b) else None
        unseen = same_unseen(mine, theirs, self.catalog.version)
        return False if unseen is False else (seen and unseen)

    def _own(self, names: set[str]) -> frozenset[str]:
        """Functions that are not the server's own: only they are put in line."""
        return frozenset(
            name
            for name in names
            if all(row[0] != "pg_catalog" for row in self.catalog.rows(records.ROUTINE_NAMES, name))
        )


def _same_text(first: str, second: str) -> bool | None:
    """True when two texts are the same tree but for places, casts of constants and qualification; else None."""
    import postgast

    from smoke.database.migration.plain_tree import plain

    try:
        trees = [plain(postgast.parse(f"SELECT {sql}").stmts[0].stmt) for sql in (first, second)]
    except postgast.PgQueryError:
        return None
    return True if trees[0] == trees[1] else None
