"""A database that is only its catalogue's rows, in memory: what a claim is judged by, without a server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from smoke.database.catalogue.records import COLUMNS, RELATIONS, TYPES
from smoke.database.catalogue.snapshot import ObjectKind
from smoke.database.migration.applied import applied
from smoke.database.migration.references import PARTS_OF_TABLES
from smoke.database.session import Database, Endpoint

Rows = Mapping[ObjectKind | str, Sequence[tuple[Any, ...]]]
"""Rows by their kind, or by what is in its query alone (`FROM pg_roles r`)."""
_BASE = {"int4": (23, "integer"), "int8": (20, "bigint"), "text": (25, "text")}


class Memory:
    """Answers with the rows of a kind and nothing else: any other question fails the test."""

    endpoint = Endpoint("memory", 0, "shop", "postgres", tls=False, pooled=False, source="")

    def __init__(self, rows: Rows) -> None:
        base = [
            ("pg_catalog", name, oid, "b", "postgres", 0, 0, words)
            for name, (oid, words) in _BASE.items()
        ]
        numbers = [(*row[:3], number) for number, row in enumerate(rows.get(COLUMNS, ()), 1)]
        self._rows: dict[ObjectKind | str, Sequence[tuple[Any, ...]]] = {
            PARTS_OF_TABLES["column"]: numbers,
            **rows,
            TYPES: [*base, *rows.get(TYPES, ())],
        }

    def row(self, sql: str, *parameters: object) -> tuple[Any, ...]:
        if "format_type" in sql:
            return (dict(_BASE.values())[int(str(parameters[0]))],)
        assert "server_version_num" in sql
        return 170000, "postgres", ["public"], ["public", "pg_catalog"]

    def rows(self, sql: str, *_: object) -> list[tuple[Any, ...]]:
        for kind, rows in self._rows.items():
            said = kind if isinstance(kind, str) else kind.sql.partition("{where}")[0]
            if said in sql:
                return list(rows)
        return []


def told(rows: Rows, script: str) -> list[tuple[str, str]]:
    """Verdict and words for each statement of a script."""
    database = cast("Database", Memory(rows))
    answer = applied(database, [("memory.sql", script)])
    return [(item.verdict.value, item.reason) for item in answer.statements]


def table(name: str, *columns: tuple[Any, ...], **values: Any) -> Rows:
    """A table of the schema public with its columns."""
    return {RELATIONS: [relation(name, **values)], COLUMNS: list(columns)}


def relation(name: str, **values: Any) -> tuple[Any, ...]:
    """A row of a relation; `values` are what is not as usual."""
    usual: dict[str, Any] = {
        "oid": 1000,
        "schema": "public",
        "name": name,
        "kind": "r",
        "owner": "postgres",
        "persistence": "p",
        "row_security": False,
        "force_row_security": False,
        "options": None,
        "bound": "",
        "partition_key": "",
        "tablespace": "",
        "replica_identity": "d",
        "access_method": "heap",
        "parents": [],
        "of_type": "",
        "toast": False,
        "toast_options": None,
    }
    assert values.keys() <= usual.keys()
    row = {**usual, **values}
    return row["schema"], name, *row.values()


def column(of: str, name: str, kind: str = "int4", **values: Any) -> tuple[Any, ...]:
    """A row of a column; `values` are what is not as usual."""
    oid, words = _BASE[kind]
    usual: dict[str, Any] = {
        "type": words,
        "type_oid": oid,
        "typmod": -1,
        "not_null": False,
        "default": None,
        "identity": "",
        "generated": "",
        "collation": "",
        "storage": "p",
        "statistics": -1,
        "options": None,
        "sequence": "",
        "local": True,
        "compression": "",
        "usual_storage": "p",
        "checked": True,
    }
    assert values.keys() <= usual.keys()
    return "public", of, name, *{**usual, **values}.values()
