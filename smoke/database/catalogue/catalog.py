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
            "SELECT current_setting('server_version_num')::int, current_user, current_schemas(false)::text[]"
        )
        assert row is not None
        self.version: int = row[0]
        self.user: str = row[1]
        self.path: tuple[str, ...] = tuple(row[2])
        self.qualified = False
        """Whether the server prints every name with its schema: a script with a search path of its own needs it."""
        self.snapshot = Snapshot(database, names, (*self.path, "public"))
        self._made: dict[tuple[Any, ...], Any] = {}
        self._relations: dict[tuple[str, str], Relation | None] = {}
        self._columns: dict[tuple[str, str], dict[str, RelationColumn]] = {}

    def once(self, key: tuple[Any, ...], make: Callable[[], T]) -> T:
        """A value that is made the first time only."""
        if key not in self._made:
            self._made[key] = make()
        found: T = self._made[key]
        return found

    def rows(self, kind: ObjectKind, *key: Any) -> list[Row]:
        """The rows of that kind and key, without the key."""
        return self.snapshot.rows(kind, *key)

    def one(self, kind: ObjectKind, *key: Any) -> Row | None:
        """The first of the rows."""
        return self.snapshot.one(kind, *key)

    def only_servers(self, function: str) -> bool:
        """Whether only the server itself has functions of that name."""
        found = self.rows(records.ROUTINE_NAMES, function)
        return bool(found) and all(row[0] == "pg_catalog" for row in found)

    def schema_exists(self, name: str) -> bool:
        """Whether the schema is there."""
        return self.one(records.SCHEMAS, name) is not None

    def relation(self, schema: str, name: str) -> Relation | None:
        """The table, view, index or sequence of that name."""
        key = (schema, name)
        if key not in self._relations:
            row = self.one(records.RELATIONS, schema, name)
            self._relations[key] = None if row is None else records.relation_of(row)
        return self._relations[key]

    def columns(self, relation: Relation) -> dict[str, RelationColumn]:
        """The columns by name, in order."""
        key = (relation.schema, relation.name)
        if key not in self._columns:
            rows = self.rows(records.COLUMNS, *key)
            self._columns[key] = {row[0]: records.column_of(row) for row in rows}
        return self._columns[key]

    def column_types(self, relation: Relation) -> dict[str, str]:
        """The columns' types by their names; the same mapping each time."""

        def read() -> dict[str, str]:
            return {column.name: column.type for column in self.columns(relation).values()}

        return self.once(("types", relation.schema, relation.name), read)

    def constraints(self, relation: Relation) -> tuple[Constraint, ...]:
        """The constraints of a table, in the order of their names."""

        def read() -> tuple[Constraint, ...]:
            rows = self.rows(records.CONSTRAINTS, relation.schema, relation.name)
            return tuple(map(records.constraint_of, rows))

        return self.once(("constraints", relation.schema, relation.name), read)

    def domain_constraints(self, type_oid: int) -> tuple[Constraint, ...]:
        """The constraints of a domain."""
        return tuple(map(records.constraint_of, self.rows(records.DOMAIN_CONSTRAINTS, type_oid)))

    def indexes(self, relation: Relation) -> tuple[Index, ...]:
        """The indexes of a table."""
        rows = self.rows(records.INDEXES_OF_TABLES, relation.schema, relation.name)
        return tuple(map(records.index_of, rows))

    def index(self, schema: str, name: str) -> Index | None:
        """The index of that name."""
        row = self.one(records.INDEXES, schema, name)
        return None if row is None else records.index_of(row)

    def elsewhere(self, name: str, schema: str) -> tuple[str, ...]:
        """Other schemas that have a relation of that name."""
        row = self.one(records.ELSEWHERE, name)
        return tuple(other for other in row[0] if other != schema)[:5] if row else ()

    def type_row(self, schema: str, name: str) -> Row | None:
        """Oid, typtype, owner, relation's oid, array's oid and printed name of a type."""
        return self.one(records.TYPES, schema, name)

    def base_type(self, oid: int) -> int:
        """What a domain is over; any other type is its own."""
        row = self.one(records.DOMAINS, oid)
        return self.base_type(row[0]) if row and row[0] else oid
