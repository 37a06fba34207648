"""What a judgement sees: the script at its end, the catalogue, and the server's forms of expressions.

Claims are judged when all statements are read. From then on nothing of this changes but what is kept to be found again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

import msgspec

from smoke.database.catalogue.records import Relation, RelationColumn
from smoke.database.catalogue.snapshot import ObjectKind, Row
from smoke.database.migration.canon import Canon
from smoke.database.migration.claims import Claim, Finding, Shape, Thing, Wanted
from smoke.database.migration.tree import expression_sql, renamed, strings, type_called, type_sql
from smoke.database.migration.type_names import type_in
from smoke.database.migration.world import World
from smoke.sql import identifier, relation

T = TypeVar("T")


def judge(claim: Claim, sight: Sight) -> Finding:
    """Whether a claim holds, in words."""
    return claim.wanted.judge(sight, claim.thing)


class Sight:
    """Everything that a claim is judged by."""

    def __init__(self, canon: Canon, world: World) -> None:
        self.catalog = canon.catalog
        self.canon = canon
        self.world = world
        self.path: tuple[str, ...] = canon.catalog.path
        self.path_is_scripts = False
        self._made: dict[tuple[object, ...], Any] = {}
        self._sql: dict[int, tuple[str, Any]] = {}
        self._asked: set[int] = set()
        self._columns: dict[int, RelationColumn | Finding] = {}

    def unlike(self, thing: Thing) -> Finding | None:
        """What speaks against it that the thing of that name is the one that this script made or moved there."""
        if id(thing) in self._asked:  # names that go round
            return None
        self._asked.add(id(thing))
        try:
            for claim in self.world.standing(thing):
                found = judge(claim, self)
                if found.holds is False:
                    return found
        finally:
            self._asked.discard(id(thing))
        return None

    @property
    def expression_path(self) -> tuple[str, ...]:
        """The search path for the script's expressions; empty when it is the connection's."""
        return self.path if self.path_is_scripts or self.catalog.qualified else ()

    def type_row(self, schema: str, name: str) -> tuple[Any, ...] | None:
        """Oid, typtype, owner and relation's oid of a type."""
        return self.catalog.type_row(schema, name)

    def type_id(
        self, type_name: Any, path: tuple[str, ...] | None = None
    ) -> tuple[int, int] | None:
        """Oid and modifier of a type as the script means it; None when there is no such type here."""
        wanted = self.expression_path if path is None else path
        if type_name.pct_type:  # table.column%TYPE
            return self._type_of_column(strings(type_name.names))
        known = type_in(self.catalog, type_name, wanted or self.catalog.path)
        return known or self.canon.type_id(type_sql(type_name), wanted)

    def _type_of_column(self, names: tuple[str, ...]) -> tuple[int, int] | None:
        schema, table, column = (None, *names)[-3:]
        for place in [schema] if schema else self.path:
            relation = self.catalog.relation(place, str(table))
            known = self.catalog.columns(relation).get(str(column)) if relation else None
            if known is not None:
                return known.type_oid, -1
        return None

    def type_words(self, type_name: Any) -> str:
        """The type as the server calls it, else as the script does."""
        found = self.type_id(type_name)
        return self.canon.type_name(*found) if found else type_sql(type_name)

    def once(self, key: tuple[object, ...], make: Callable[[], T]) -> T:
        """What is made the first time only, unless it misses what the server has to print yet."""
        if key in self._made:
            known: T = self._made[key]
            return known
        missed = self.canon.missed
        found = make()
        if self.canon.missed == missed:
            self._made[key] = found
        return found

    def sql(self, node: Any, names: dict[str, str] | None = None) -> str:
        """An expression's tree as SQL, with columns under their new names; made once, as trees do not change."""
        if names:
            return expression_sql(renamed(node, names))
        # the tree is kept, so that no other one gets its address
        if id(node) not in self._sql:
            self._sql[id(node)] = expression_sql(node), node
        return self._sql[id(node)][0]

    def here(self, thing: Thing, at: tuple[str, str] | None = None) -> Relation | None:
        """The relation of a thing under its last name (or `at`, schema and name).

        None while another that should have left still has the name.
        """
        before = self.world.predecessor(thing, at)
        if (
            before is not None
            and before.alive
            and self.catalog.relation(before.schema, before.name) is None
        ):
            return None
        found = self.catalog.relation(*(at or (thing.schema, thing.name)))
        return None if found and thing.kinds and found.kind not in thing.kinds else found

    def column(self, column: Thing) -> RelationColumn | Finding:
        """The column of a thing under its last name, or what is missing in its place; found once, as it does not change."""
        known = self._columns.get(id(column))
        if known is None:
            known = self._columns[id(column)] = self._column(column)
        return known

    def _column(self, column: Thing) -> RelationColumn | Finding:
        assert column.parent is not None
        relation = self.here(column.parent)
        if relation is None:
            return self.no_relation(column.parent)
        columns = self.catalog.columns(relation)
        found = columns.get(column.name)
        before = self.world.predecessor(column)
        if before is not None and before.alive and before.name not in columns:
            found = None  # the one that should have left still has the name
        if found is None:
            known = ", ".join(identifier(name) for name in list(columns)[:12])
            return Finding(
                False,
                f"{called(column.parent)} has no column {called(column)} (its columns: {known})",
            )
        return found

    def is_there(self, thing: Thing, schema: str, name: str) -> bool:
        """Whether a constraint, index or view of the script would be found under that name."""
        if (
            thing.kind == "constraint"
            and thing.parent is not None
            and thing.parent.kind == "relation"
        ):
            relation = self.here(thing.parent)
            known = self.catalog.constraints(relation) if relation is not None else ()
            return any(constraint.name == name for constraint in known)
        if thing.kind != "relation":
            return False
        if thing.shape in (Shape.INDEX, Shape.UNNAMED):
            return self.catalog.index(schema, name) is not None
        return thing.shape is Shape.VIEW and self.catalog.relation(schema, name) is not None

    def no_relation(self, thing: Thing, what: str = "table") -> Finding:
        """What is said when the table that a claim speaks of is not there."""
        others = self.catalog.elsewhere(thing.name, thing.schema)
        also = f"; there is one in schema {', '.join(others)}" if others else ""
        return Finding(False, f"there is no {what} {called(thing)} in this database{also}")


class TypeNamed(msgspec.Struct, frozen=True):
    """A type's name (a tree) as a statement writes it, and the script's type of that name with its name then."""

    tree: Any
    thing: Thing | None
    schema: str
    name: str

    def now(self) -> Any:
        """What it is called at the end (a tree)."""
        thing = self.thing
        if thing is None or (thing.schema, thing.name) == (self.schema, self.name):
            return self.tree
        return type_called(self.tree, thing.schema, thing.name)


class OfRow(Wanted, frozen=True):
    """What an object should be that the catalogue keeps under its own name."""

    rows: ClassVar[ObjectKind]
    word: ClassVar[str] = ""

    def _judge(self, sight: Sight, thing: Thing) -> Finding:
        row = sight.catalog.one(self.rows, *(thing.schema, thing.name)[-self.rows.key :])
        return no_object(thing, self.word) if row is None else self._found(sight, thing, row)

    def _found(self, sight: Sight, thing: Thing, row: Row) -> Finding:
        raise NotImplementedError


def no_object(thing: Thing, word: str = "") -> Finding:
    """What is said of a thing that is not there."""
    return Finding(False, f"there is no {word or thing.kind} {called(thing)} in this database")


class OfRelation(Wanted, frozen=True):
    """What a table, view, index or sequence should be, or a part of one."""

    def _judge(self, sight: Sight, thing: Thing) -> Finding:
        whole = thing if thing.kind == "relation" or thing.parent is None else thing.parent
        relation = sight.here(whole)
        if relation is None:
            return sight.no_relation(whole, self._word())
        return self._found(sight, thing, relation)

    def _word(self) -> str:
        return "table"

    def _found(self, sight: Sight, thing: Thing, relation: Relation) -> Finding:
        raise NotImplementedError


def called(thing: Thing) -> str:
    """A thing's last name for a person, with its schema or its table."""
    if thing.parent is not None:
        return identifier(thing.name) if thing.name else "without a name"
    return relation(thing.name, thing.schema or None)
