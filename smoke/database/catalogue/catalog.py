"""Questions about one object, answered from the snapshot."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from smoke.database.catalogue import records
from smoke.database.catalogue.records import Constraint, Index, Relation, RelationColumn
from smoke.database.catalogue.snapshot import ObjectKind, Row, Snapshot
from smoke.database.session import Database

T = TypeVar("T")


class Catalog:
    """Facts by name; `names` are all that may be asked about, so that no more than these is read."""

    def __init__(self, database: Database, names: Iterable[str] = ()) -> None:
        self.database = database
        row = database.row(
            "SELECT current_setting('server_version_num')::int, current_user, current_schemas(false)::text[],"
            " ARRAY(SELECT nspname::text FROM pg_namespace)"
        )
        assert row is not None
        self.version: int = row[0]
        self.user: str = row[1]
        self.path: tuple[str, ...] = tuple(row[2])
        self.schemas: frozenset[str] = frozenset(row[3])
        self.qualified = False
        """Whether the server prints every name with its schema: a script with a search path of its own needs it."""
        self.snapshot = Snapshot(database, names, (*self.path, "public"), self.schemas)
        self._made: dict[tuple[Any, ...], Any] = {}
        self._columns: dict[tuple[str, str], dict[str, RelationColumn]] = {}

    def once(self, key: tuple[Any, ...], make: Callable[[], T]) -> T:
        """A value that is made the first time only."""
        if key not in self._made:
            self._made[key] = make()
        found: T = self._made[key]
        return found

    def rows(self, kind: ObjectKind, *key: Any) -> list[Any]:
        """What there is of that kind and key."""
        return self.snapshot.rows(kind, *key)

    def one(self, kind: ObjectKind, *key: Any) -> Any:
        """The first of them; None where there is none."""
        return self.snapshot.one(kind, *key)

    def only_servers(self, function: str) -> bool:
        """Whether only the server itself has functions of that name."""
        found = self.rows(records.ROUTINE_NAMES, function)
        return bool(found) and all(row[0] == "pg_catalog" for row in found)

    def schema_exists(self, name: str) -> bool:
        """Whether the schema is there."""
        return name in self.schemas

    def relation(self, schema: str, name: str) -> Relation | None:
        """The table, view, index or sequence of that name."""
        found: Relation | None = self.one(records.RELATIONS, schema, name)
        return found

    def columns(self, relation: Relation) -> dict[str, RelationColumn]:
        """The columns by name, in order."""
        key = (relation.schema, relation.name)
        if key not in self._columns:
            self._columns[key] = {found.name: found for found in self.rows(records.COLUMNS, *key)}
        return self._columns[key]

    def column_types(self, relation: Relation) -> dict[str, str]:
        """The columns' types by their names; the same mapping each time."""

        def read() -> dict[str, str]:
            return {column.name: column.type for column in self.columns(relation).values()}

        return self.once(("types", relation.schema, relation.name), read)

    def constraints(self, relation: Relation) -> list[Constraint]:
        """The constraints of a table, in the order of their names."""
        return self.rows(records.CONSTRAINTS, relation.schema, relation.name)

    def domain_constraints(self, type_oid: int) -> list[Constraint]:
        """The constraints of a domain."""
        return self.rows(records.DOMAIN_CONSTRAINTS, type_oid)

    def indexes(self, relation: Relation) -> list[Index]:
        """The indexes of a table."""
        return self.rows(records.INDEXES_OF_TABLES, relation.schema, relation.name)

    def index(self, schema: str, name: str) -> Index | None:
        """The index of that name."""
        found: Index | None = self.one(records.INDEXES, schema, name)
        return found

    def elsewhere(self, name: str, schema: str) -> tuple[str, ...]:
        """Other schemas that have a relation of that name."""
        row = self.one(records.ELSEWHERE, name)
        return tuple(other for other in row[0] if other != schema)[:5] if row else ()

    def type_row(self, schema: str, name: str) -> Row | None:
        """Oid, typtype, owner, relation's oid, array's oid and printed name of a type."""
        found: Row | None = self.one(records.TYPES, schema, name)
        return found

    def base_type(self, oid: int) -> int:
        """What a domain is over; any other type is its own."""
        row = self.one(records.DOMAINS, oid)
        return self.base_type(row[0]) if row and row[0] else oid
