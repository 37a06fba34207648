"""What the makers of claims share: the script's world, the catalogue, and what an unqualified name means here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from smoke.database.catalogue.catalog import Catalog
from smoke.database.catalogue.records import Relation
from smoke.database.migration.canon import Canon
from smoke.database.migration.tree import (
    Name,
    expression_sql,
    name_of,
    renamed,
    strings,
    type_called,
    type_sql,
)
from smoke.database.migration.type_names import type_in
from smoke.database.migration.world import Finding, Thing, World
from smoke.sql import identifier, relation


@dataclass(frozen=True, slots=True)
class Unjudged:
    """Why a statement makes no claim: `no_effect`, or an effect that cannot be looked up."""

    words: str
    no_effect: bool = False


Planned = Unjudged | None
T = TypeVar("T")


class Planner:
    """One script's state while its statements are read in order."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.canon = Canon(catalog)
        self.world = World()
        self.path: tuple[str, ...] = catalog.path
        self.path_is_scripts = False
        self._made: dict[tuple[object, ...], Any] = {}
        self._sql: dict[int, tuple[str, Any]] = {}
        self.temporaries: set[str] = set()
        """Tables, views and sequences of the session that ran the script."""
        self._outer: tuple[tuple[str, ...], bool] | None = None

    def set_path(self, schemas: list[str], *, local: bool = False) -> None:
        """The script's SET search_path; a local one ends with its transaction."""
        if local and self._outer is None:
            self._outer = (self.path, self.path_is_scripts)
        elif not local:
            self._outer = None
        own = [self.catalog.user if schema == "$user" else schema for schema in schemas]
        self.path = tuple(schema for schema in own if schema not in ("pg_temp", "pg_catalog"))
        self.path_is_scripts = True

    def reset_path(self) -> None:
        """The connection's search path again."""
        self.path, self.path_is_scripts = self.catalog.path, False

    def end_local_path(self) -> None:
        """The search path from before SET LOCAL."""
        if self._outer is not None:
            self.path, self.path_is_scripts = self._outer
            self._outer = None

    @property
    def expression_path(self) -> tuple[str, ...]:
        """The search path for the script's expressions; empty when it is the connection's."""
        return self.path if self.path_is_scripts or self.catalog.qualified else ()

    def temporary(self, name: str) -> Unjudged:
        """What is said of a temporary thing, and of what a script does to it from here on."""
        self.temporaries.add(name)
        return Unjudged("of a temporary table: it ended with the session that made it")

    def home(self, schema: str | None) -> str:
        """Where an unqualified CREATE puts its object."""
        if schema:
            return schema
        for known in self.path:
            if self.world.find("schema", known) or self.catalog.schema_exists(known):
                return known
        return self.path[0] if self.path else "public"

    def relation(self, name: Name, *, alias: str = "") -> Thing:
        """The table, view, index or sequence that a name means at this point; `alias` is what it may be called now."""
        schema, own = name
        if schema:
            return self.world.get("relation", own, schema)
        for known in self.path:
            found = self.world.find("relation", own, known)
            if found:
                return found
            if self.catalog.relation(known, own) and not self.world.left("relation", own, known):
                return self.world.new("relation", own, schema=known)
        for known in self.path:
            if self.world.left("relation", own, known) or (
                alias and self.catalog.relation(known, alias)
            ):
                return self.world.new("relation", own, schema=known)
        return self.world.new("relation", own, schema=self.home(None))

    def typed(self, name: Name) -> Thing:
        """The type that a name means."""
        schema, own = name
        if schema:
            return self.world.get("type", own, schema)
        if self.type_row("pg_catalog", own):  # the server's own are found first
            return self.world.get("type", own, "pg_catalog")
        for known in self.path:
            found = self.world.find("type", own, known)
            if found:
                return found
            if self.type_row(known, own):
                return self.world.new("type", own, schema=known)
        return self.world.get("type", own, self.home(None))

    def type_thing(self, type_name: Any) -> Thing | None:
        """The type that a name (tree) means at this point of the script; None for one of the server's own."""
        schema, own = name_of(type_name.names)
        if schema == "pg_catalog" or (schema is None and self.type_row("pg_catalog", own)):
            return None
        return self.typed((schema, own))

    def type_now(self, type_name: Any) -> Callable[[], Any]:
        """What a type's name of this point of the script is called at the end (a tree)."""
        thing = self.type_thing(type_name)
        if thing is None:
            return lambda: type_name
        then = (thing.schema, thing.name)

        def now() -> Any:
            if (thing.schema, thing.name) == then:
                return type_name
            return type_called(type_name, thing.schema, thing.name)

        return now

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
        relation = self.here(self.relation((schema, str(table))))
        known = self.catalog.columns(relation).get(str(column)) if relation else None
        return (known.type_oid, -1) if known else None

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

    def here(self, thing: Thing) -> Relation | None:
        """The relation of a thing under its last name; None while another that should have left still has the name."""
        before = self.world.predecessor(thing)
        if (
            before is not None
            and before.alive
            and self.catalog.relation(before.schema, before.name) is None
        ):
            return None
        found = self.catalog.relation(thing.schema, thing.name)
        return None if found and thing.kinds and found.kind not in thing.kinds else found

    def part(self, kind: str, name: str, parent: Thing) -> Thing:
        """A column, constraint, trigger … of a thing."""
        return self.world.get(kind, name, parent=parent)

    def no_relation(self, thing: Thing, what: str = "table") -> Finding:
        """What is said when the table that a claim speaks of is not there."""
        others = self.catalog.elsewhere(thing.name, thing.schema)
        also = f"; there is one in schema {', '.join(others)}" if others else ""
        return Finding(False, f"there is no {what} {called(thing)} in this database{also}")


def called(thing: Thing) -> str:
    """A thing's last name for a person, with its schema or its table."""
    if thing.parent is not None:
        return identifier(thing.name) if thing.name else "without a name"
    if thing.kind == "function":  # its arguments stand behind the name as types' numbers
        return relation(thing.name.rpartition("(")[0] or thing.name, thing.schema or None)
    return relation(thing.name, thing.schema or None)
