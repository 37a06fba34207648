"""What a table's column should be, as values that say whether they hold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from smoke.database.catalogue.records import RelationColumn
from smoke.database.migration.alike import Alike
from smoke.database.migration.claims import Finding, Thing, Wanted
from smoke.database.migration.sight import Sight, TypeNamed, called
from smoke.database.migration.tree import expression_sql


class OfColumn(Wanted, frozen=True):
    """What a column should be."""

    def _judge(self, sight: Sight, thing: Thing) -> Finding:
        """What is found of the column, or what is missing in its place."""
        found = sight.column(thing)
        return found if isinstance(found, Finding) else self._found(sight, thing, found)

    def _found(self, sight: Sight, column: Thing, has: RelationColumn) -> Finding:
        raise NotImplementedError


class ColumnThere(OfColumn, frozen=True):
    """The column is there."""

    def _found(self, sight: Sight, column: Thing, has: RelationColumn) -> Finding:
        del has
        weak = sight.world.replaces(column)
        return Finding(True, f"column {called(column)} is there", weak=weak)


class ColumnGone(Wanted, frozen=True):
    """The column is no longer there."""

    def _judge(self, sight: Sight, thing: Thing) -> Finding:
        """Neither under its last name nor under an old one, and no other has its name."""
        world, table = sight.world, thing.parent
        assert table is not None
        relation = sight.here(table)
        if relation is None:
            return sight.no_relation(table)
        found = sight.column(thing)
        if not isinstance(found, Finding):
            return Finding(False, f"column {called(thing)} is still there ({found.type})")
        known = sight.catalog.columns(relation)
        for _, old in thing.former:
            if old in known and not world.find("column", old, parent=table):
                return Finding(False, f"column {old} is still there under its old name")
        for other in world.successors(thing):
            if other.name in known and (unlike := sight.unlike(other)) is not None:
                words = f"column {called(other)} is still the old one: {unlike.words}"
                return Finding(False, words)
        return Finding(True, f"{called(table)} has no column {called(thing)}")


class Collation(OfColumn, frozen=True):
    """The column's collation; `said` or only the usual one of its type."""

    name: str
    said: bool

    def _found(self, sight: Sight, column: Thing, has: RelationColumn) -> Finding:
        del sight
        words = f"the collation of column {called(column)} is {has.collation or 'the usual one'}"
        return Finding((has.collation or "default") == self.name, words, weak=not self.said)


class OfType(OfColumn, frozen=True):
    """The column's type; `serial` is what a serial one is."""

    named: TypeNamed | None
    path: tuple[str, ...]
    serial: str = ""

    def _found(self, sight: Sight, column: Thing, has: RelationColumn) -> Finding:
        is_now = f"column {called(column)} is {has.type}"
        if self.named is None:
            same = has.type == self.serial
            return Finding(same, is_now + ("" if same else f", not {self.serial}"))
        named, kind = self.named, self.named.thing
        wanted = sight.once(("type", id(self)), lambda: sight.type_id(named.now(), self.path))
        same = wanted == (has.type_oid, has.typmod)
        words = has.type if same else sight.type_words(self.named.now())
        if wanted is None:
            return Finding(False, f"type {words} is not known here; {is_now}")
        if same and kind is not None and sight.world.replaces(kind):
            unlike = sight.unlike(kind)
            if unlike is not None:
                old = f"column {called(column)} is of the old type {words}: {unlike.words}"
                return Finding(False, old)
        return Finding(same, is_now + ("" if same else f", not {words}"))


class NotNull(OfColumn, frozen=True):
    """The column is NOT NULL (`wanted`) or takes NULL."""

    wanted: bool
    said: bool = False
    weak: bool = False

    def _found(self, sight: Sight, column: Thing, has: RelationColumn) -> Finding:
        name = f"column {called(column)}"
        if self.wanted:
            if has.not_null and not has.checked:
                return Finding(False, f"the NOT NULL of {name} is NOT VALID: never checked")
            words = "is NOT NULL" if has.not_null else "takes NULL: its NOT NULL is missing"
            return Finding(has.not_null, f"{name} {words}", weak=self.weak)
        keyed = not self.said and not sight.world.replaces(column)
        if has.not_null and keyed and (has.identity or _in_primary_key(sight, column)):
            return Finding(True, f"{name} is NOT NULL by its key")
        words = "is NOT NULL here" if has.not_null else "takes NULL"
        return Finding(not has.not_null, f"{name} {words}", weak=True)


def _in_primary_key(sight: Sight, column: Thing) -> bool:
    assert column.parent is not None
    relation = sight.here(column.parent)
    return relation is not None and any(
        con.code == "p" and column.name in con.columns
        for con in sight.catalog.constraints(relation)
    )


class NoDefault(OfColumn, frozen=True):
    """The column has no default."""

    def _found(self, sight: Sight, column: Thing, has: RelationColumn) -> Finding:
        """Whether it has none; NULL is none."""
        del sight
        default = None if has.generated else has.default
        gone = default is None or default.upper().startswith("NULL")
        words = "no default" if gone else f"the default {default}"
        return Finding(gone, f"column {called(column)} has {words}", weak=True)


class Default(OfColumn, frozen=True):
    """The column has this default (a tree)."""

    expression: Any
    path: tuple[str, ...]

    def _found(self, sight: Sight, column: Thing, has: RelationColumn) -> Finding:
        name, default = f"column {called(column)}", None if has.generated else has.default
        if default is None:
            return Finding(False, f"{name} has no default, not {sight.sql(self.expression)}")
        if not self.path and sight.canon.plainly(self.expression, default, has.type):
            return Finding(True, f"{name} has the default {default}")
        wanted = sight.sql(self.expression)
        same = sight.canon.same(wanted, default, {}, cast=has.type, path=self.path)
        words = f"{name} has the default {default}" + ("" if same else f", not {wanted}")
        return Finding(same, words)


class FromSequence(OfColumn, frozen=True):
    """The column's default counts on with a sequence of its own."""

    def _found(self, sight: Sight, column: Thing, has: RelationColumn) -> Finding:
        del sight
        name, default = f"column {called(column)}", has.default
        if (default or "").startswith("nextval(") and has.sequence:
            return Finding(True, f"{name} has the default {default}")
        words = f" (default {default})" if default else ", and no default"
        return Finding(False, f"{name} has no sequence of its own{words}")


class Identity(OfColumn, frozen=True):
    """The column is an identity of that kind, or none."""

    kind: str

    def _found(self, sight: Sight, column: Thing, has: RelationColumn) -> Finding:
        del sight
        same = has.identity == self.kind
        words = _IDENTITIES.get(has.identity, has.identity)
        also = "" if same else f", not {_IDENTITIES[self.kind]}"
        return Finding(same, f"column {called(column)} is {words}{also}", weak=not self.kind)


_IDENTITIES = {
    "a": "GENERATED ALWAYS AS IDENTITY",
    "d": "GENERATED BY DEFAULT AS IDENTITY",
    "": "no identity",
}


class Generated(OfColumn, frozen=True):
    """The column is generated from this expression (a tree), or not at all (None)."""

    expression: Any
    virtual: bool | None
    """None: in whichever way."""
    statement: int
    path: tuple[str, ...]

    def _found(self, sight: Sight, column: Thing, has: RelationColumn) -> Finding:
        """Whether it is the same expression, under the columns' last names."""
        name, table = f"column {called(column)}", column.parent
        assert table is not None
        if self.expression is None:
            words = f"generated as {has.default}" if has.generated else "not generated"
            return Finding(not has.generated, f"{name} is {words}")
        names = sight.world.renamed_since(table, self.statement)
        wanted = sight.sql(self.expression, names)
        if not has.generated:
            return Finding(False, f"{name} is not generated as {wanted}")
        if self.virtual is not None and (has.generated == "v") != self.virtual:
            return Finding(False, f"{name} is generated, but not in that way")
        known = sources(sight, table)
        same = sight.canon.same(wanted, has.default or "", known, cast=has.type, path=self.path)
        return Finding(same, f"{name} is generated as {has.default}")


USUAL_COLLATION, TAKES_NULL, NO_DEFAULT, NO_IDENTITY = (
    Collation("default", said=False),
    NotNull(wanted=False),
    NoDefault(),
    Identity(""),
)
"""What most columns are: one value for all of them."""


def sources(sight: Sight, table: Thing) -> dict[str, dict[str, str]]:
    """The table's columns with their types, for expressions that speak of them."""
    relation = sight.here(table)
    return {} if relation is None else {table.name: sight.catalog.column_types(relation)}


@dataclass(frozen=True, slots=True)
class InTable:
    """A table as a statement speaks of it: what its columns are called now, and where its expressions' names are looked for."""

    sight: Sight
    table: Thing
    names: dict[str, str]
    path: tuple[str, ...]

    def now(self, columns: Iterable[str]) -> list[str]:
        """What columns are called at the end."""
        return [self.names.get(column, column) for column in columns]

    def same(self, wanted: Any, found: Any) -> bool | None:
        """Whether two expressions over the columns (trees, None for none) are the same; `found` is the server's."""
        if wanted is None or found is None:
            return wanted is found
        sight, known = self.sight, sources(self.sight, self.table)
        if not self.path:
            types = next(iter(known.values()), {})
            if Alike(types, sight.catalog.only_servers, self.names).same(wanted, found):
                return True
        said = sight.sql(wanted, self.names)
        return sight.canon.same(said, expression_sql(found), known, path=self.path)


def in_table(sight: Sight, table: Thing, statement: int, path: tuple[str, ...]) -> InTable:
    """The table as that statement speaks of it."""
    return InTable(sight, table, sight.world.renamed_since(table, statement), path)
