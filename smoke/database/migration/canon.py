"""Expressions and queries as the server itself prints them, so that two ways of writing the same are the same.

The server canonicalises by planning (`EXPLAIN VERBOSE`), which reads nothing and writes nothing: both texts get the
casts, the qualified names and the folded constants that PostgreSQL gives them. Expressions over a table's columns
are planned over a function with columns of the same names and types, so no right on the table is needed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from smoke.database.migration.catalog import Catalog
from smoke.database.migration.ingredients import ingredients
from smoke.database.migration.unseen import same_unseen
from smoke.database.session import Refusal
from smoke.sql import identifier

Columns = Mapping[str, str]
"""Names of columns with their types as SQL."""


class Canon:
    """Canonical forms, by the server that is asked."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog

    def expression(
        self,
        sql: str,
        sources: Mapping[str, Columns],
        *,
        cast: str = "",
        path: tuple[str, ...] = (),
    ) -> str | None:
        """The canonical form of an expression; None when the server refuses it.

        `sources` are the tables that it may name, by alias.
        """
        tables = ", ".join(_table(alias, columns) for alias, columns in sources.items())
        wanted = f"({sql})::{cast}" if cast else f"({sql})"
        return self.query(f"SELECT {wanted}{' FROM ' if tables else ''}{tables}", path)  # noqa: S608  (planned only)

    def query(self, sql: str, path: tuple[str, ...] = ()) -> str | None:
        """The canonical form of a query; None when the server refuses it."""
        return self.catalog.once(("plan", sql, path), lambda: self._plan(sql, path))

    def _plan(self, sql: str, path: tuple[str, ...]) -> str | None:
        with self.catalog.database.savepoint():
            if path:
                self.set_path(path)
            found = self.catalog.database.untrusted(
                f"EXPLAIN (VERBOSE, COSTS OFF, FORMAT JSON) {sql}"
            )
        if isinstance(found, Refusal):
            return None
        return json.dumps(_bare(json.loads(found[0][0] or "null")), sort_keys=True)

    def set_path(self, path: tuple[str, ...]) -> None:
        """For the rest of the savepoint, unqualified names mean these schemas."""
        self.catalog.database.rows(
            "SET LOCAL search_path = " + ", ".join(identifier(schema) for schema in path)
        )

    def same(
        self,
        wanted: str,
        found: str,
        sources: Mapping[str, Columns],
        *,
        cast: str = "",
        path: tuple[str, ...] = (),
    ) -> bool | None:
        """Whether two expressions are the same; None when the server can say of neither.

        `wanted` is read under the script's search path, `found` is what the server printed.
        """
        if wanted == found:
            return True
        # both are printed under one search path, or two functions of one name would look the same
        under = path if self.catalog.qualified else ()
        here = self.expression(found, sources, cast=cast, path=under)
        there = self.expression(wanted, sources, cast=cast, path=path)
        if here is None or there is None:
            return _same_text(wanted, found)
        return here == there and self.made_of_the_same(f"SELECT {wanted}", f"SELECT {found}", here)

    def made_of_the_same(self, wanted: str, found: str, plan: str) -> bool | None:
        """Whether two texts of one plan are the same; None where the plan has lost what could tell them apart."""
        a, b = ingredients(wanted), ingredients(found)
        if a.relations != b.relations or self._own(a.functions) != self._own(b.functions):
            return False
        kept = set(re.findall(r"\w+", plan))
        lost = [
            name
            for name in (*b.columns, *b.relations, *self._own(b.functions))
            if not set(re.findall(r"\w+", name)) <= kept
        ]
        seen = True if not lost or a.same(b) else None
        unseen = same_unseen(wanted, found, self.catalog.version)
        return False if unseen is False else (seen and unseen)

    def _own(self, names: set[str]) -> frozenset[str]:
        """Functions that are not the server's own: only they are put in line."""
        rows = self.catalog.rows(
            "SELECT f::text FROM unnest(%s::text[]) u(f) WHERE NOT EXISTS (SELECT FROM pg_proc p"
            " JOIN pg_namespace n ON n.oid = p.pronamespace WHERE p.proname = f AND n.nspname = 'pg_catalog')",
            array_text(sorted(names)),
        )
        return frozenset(str(row[0]) for row in rows)


def array_text(names: Iterable[str]) -> str:
    """Names as the text of a PostgreSQL array, so that a question can be kept by its parameters."""
    quoted = (name.replace("\\", "\\\\").replace('"', '\\"') for name in names)
    return "{" + ",".join(f'"{name}"' for name in quoted) + "}"


def _table(alias: str, columns: Columns) -> str:
    if not columns:
        return f"(SELECT) AS {identifier(alias)}"
    typed = ", ".join(f"{identifier(name)} {kind}" for name, kind in columns.items())
    return f"json_to_recordset('[]') AS {identifier(alias)}({typed})"


def _bare(plan: Any) -> Any:
    """A plan without what changes from plan to plan of the same query."""
    if isinstance(plan, dict):
        return {
            name: _bare(value)
            for name, value in plan.items()
            if name not in ("Planning", "Query Identifier", "Settings", "Disabled", "Async Capable")
        }
    return [_bare(item) for item in plan] if isinstance(plan, list) else plan


def _same_text(first: str, second: str) -> bool | None:
    """True when two texts are the same tree but for places, casts of constants and qualification; else None."""
    import postgast

    from smoke.database.migration.plain_tree import plain

    try:
        trees = [plain(postgast.parse(f"SELECT {sql}").stmts[0].stmt) for sql in (first, second)]
    except postgast.PgQueryError:
        return None
    return True if trees[0] == trees[1] else None
