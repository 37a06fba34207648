"""The catalogue, read once: one question for each kind of object, however many objects there are.

A kind is read when something of it is asked about for the first time, and then at once for all names that the caller
has to do with (a script's words). All questions are of one repeatable-read transaction, so they see one state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from smoke.database.session import Database
from smoke.diagnostic import SmokeError

Row = tuple[Any, ...]


def _as_it_is(row: Row) -> Any:
    return row


Key = tuple[Any, ...]

MOST_MISSES = 6
"""After so many names that were not foreseen, all of a kind is read."""


@dataclass(frozen=True, slots=True, eq=False)
class ObjectKind:
    """How the server describes one kind of object: rows that begin with their key.

    `schema` and `name` are the SQL of what names the object that a row belongs to, where the key begins with them
    (with the name alone if `schema` is empty): then only those that are spoken of are read. `sql` has `{where}` for it.
    `always` is a schema of which `sql` reads everything whatever is spoken of. `value` is what a row, without its key,
    is kept as.
    """

    sql: str
    key: int = 1
    name: str = ""
    schema: str = ""
    always: str = ""
    value: Callable[[Row], Any] = _as_it_is


@dataclass(slots=True)
class _Kept:
    rows: dict[Key, list[Any]] = field(default_factory=dict)
    whole: bool = False
    schemas: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    single: set[Key] = field(default_factory=set)
    refused: SmokeError | None = None


class Snapshot:
    """Rows of the catalogue by kind and key.

    `names` are spoken of, `path` are schemas in which they may lie as well as in those among them, `there` are all schemas.
    """

    def __init__(
        self, database: Database, names: Iterable[str], path: Iterable[str], there: frozenset[str]
    ) -> None:
        self.database = database
        self._names = frozenset(names)
        self._as_array = _array(self._names)
        self._there = there
        self._schemas = there & (self._names | {*path, "pg_catalog"})
        self._kept: dict[ObjectKind, _Kept] = {}

    def rows(self, kind: ObjectKind, *key: Any) -> list[Any]:
        """What there is of that key. Raises SmokeError when the role may not read this kind."""
        kept = self._kept.get(kind)
        if kept is None:
            kept = self._kept[kind] = _Kept()
        if key in kept.rows:  # what is there of a key is all of it
            return kept.rows[key]
        if not kept.whole and not self._covered(kind, kept, key):
            self._read(kind, kept, key)
        if kept.refused is not None:
            raise kept.refused
        return kept.rows.get(key, [])

    def one(self, kind: ObjectKind, *key: Any) -> Any:
        """The first of them; None where there is none."""
        found = self.rows(kind, *key)
        return found[0] if found else None

    def all(self, kind: ObjectKind) -> dict[Key, list[Any]]:
        """Everything of a kind that is read as a whole, by key."""
        assert not kind.name
        self.rows(kind)
        return self._kept[kind].rows

    def _read(self, kind: ObjectKind, kept: _Kept, key: Key) -> None:
        if not kind.name or len(kept.single) >= MOST_MISSES:
            kept.whole = True
            kept.rows = {}
            self._ask(kind, kept, "TRUE")
        elif not kept.names:
            own = key[1] if kind.schema else key[0]
            kept.names = self._names | {own}
            kept.schemas = self._schemas | {key[0]}
            known = self._as_array if own in self._names else _array(kept.names)
            self._ask(kind, kept, *_named(kind, kept.schemas, known))
        else:
            place = key[: 2 if kind.schema else 1]
            kept.single.add(place)
            self._ask(kind, kept, *_named(kind, [key[0]], _array([place[-1]])))

    def _covered(self, kind: ObjectKind, kept: _Kept, key: Key) -> bool:
        if not kind.name or not kept.names:
            return False
        if kind.always and key[0] == kind.always:
            return True
        if not kind.schema:
            return key[0] in kept.names or key[:1] in kept.single
        if key[0] not in self._there:
            return True
        return (key[1] in kept.names and key[0] in kept.schemas) or key[:2] in kept.single

    def _ask(self, kind: ObjectKind, kept: _Kept, where: str, *parameters: object) -> None:
        try:
            rows = self.database.rows(kind.sql.replace("{where}", where), *parameters)
        except SmokeError as error:
            # asked again it would be refused again
            kept.refused, kept.whole = error, True
            return
        read: dict[Key, list[Any]] = {}
        of, value = kind.key, kind.value
        for row in rows:
            read.setdefault(row[:of], []).append(value(row[of:]))
        kept.rows.update(read)


def alone(database: Database, kind: ObjectKind, schema: str, name: str) -> list[Any]:
    """What there is of one object in one question, whatever else the catalogue holds. Raises SmokeError."""
    return Snapshot(database, [name], [schema], frozenset([schema])).rows(kind, schema, name)


def narrowed(
    database: Database, kind: ObjectKind, conditions: Mapping[str, object], *, most: int
) -> list[tuple[Key, Any]]:
    """Key and value of what fulfils all conditions, the first so many in the kind's order, in one question. Raises SmokeError.

    A condition is SQL over the aliases of the kind's own, with the value of its one parameter: () for none, and None
    leaves the condition out.
    """
    held = {sql: value for sql, value in conditions.items() if value is not None}
    where = " AND ".join(held) or "TRUE"
    given = [value for value in held.values() if value != ()]
    rows = database.rows(f"{kind.sql.replace('{where}', where)} LIMIT {most}", *given)
    return [(row[: kind.key], kind.value(row[kind.key :])) for row in rows]


def _named(kind: ObjectKind, schemas: Iterable[str], names: str) -> tuple[Any, ...]:
    # as names, not texts: PostgreSQL looks up a name among thousands by its hash, or by the index of its catalogue
    where = f"{kind.name} = ANY(%s::name[])"
    if not kind.schema:
        return where, names
    return f"{kind.schema} = ANY(%s::name[]) AND {where}", _array(schemas), names


def _array(names: Iterable[str]) -> str:
    """Names as PostgreSQL reads an array of texts, made in one go: the client's own way is slow for thousands."""
    quoted = (name.replace("\\", "\\\\").replace('"', '\\"') for name in sorted(names))
    return "{" + ",".join(f'"{name}"' for name in quoted) + "}"
