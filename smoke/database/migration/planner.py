"""What the makers of claims share: the script's world, the catalogue, and what an unqualified name means here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

from smoke.database.migration.canon import Canon
from smoke.database.migration.claims import Thing, Wanted
from smoke.database.migration.sight import Sight, TypeNamed
from smoke.database.migration.tree import (
    Name,
    name_of,
)
from smoke.database.migration.world import World


@dataclass(frozen=True, slots=True)
class Unjudged:
    """Why a statement makes no claim: `no_effect`, or an effect that cannot be looked up."""

    words: str
    no_effect: bool = False


Planned = Unjudged | None
T = TypeVar("T")


class Planner(Sight):
    """One script's state while its statements are read in order."""

    def __init__(self, canon: Canon) -> None:
        super().__init__(canon, World())
        self.temporaries: set[str] = set()
        """Tables, views and sequences of the session that ran the script."""
        self.types: dict[object, Wanted] = {}
        """What a column of one of the server's own types should be, by the type's name and the search path."""
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

    def type_named(self, type_name: Any) -> TypeNamed:
        """A type's name at this point of the script."""
        thing = self.type_thing(type_name)
        return TypeNamed(
            type_name, thing, thing.schema if thing else "", thing.name if thing else ""
        )

    def part(self, kind: str, name: str, parent: Thing) -> Thing:
        """A column, constraint, trigger … of a thing."""
        return self.world.get(kind, name, parent=parent)
