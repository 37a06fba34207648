"""Claims: what a statement says should be, of which thing, as values.

`judge(claim, sight)` (in `sight`) says of one whether it holds, and in what words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from smoke.database.migration.sight import Sight


class Finding(msgspec.Struct, frozen=True):
    """Whether one claim holds (None: cannot be told), and in words what was found.

    `half`: it holds in part, such as an index that is there but was never built to its end. `weak`: it holds of most
    databases anyway (a column takes NULL), so it does not show that the statement has run.
    """

    holds: bool | None
    words: str
    half: bool = False
    weak: bool = False
    old: bool = False
    """It shows that what is there is what was there before the statement."""


def together(results: Iterable[bool | None]) -> bool | None:
    """Whether all of it holds: not when one does not, and else None when of one it cannot be told."""
    known = set(results)
    return False if False in known else None if None in known else True


class Facet(StrEnum):
    """What of a thing a claim speaks of; a claim's `of` says which where there are many (an option's name)."""

    THERE = "there"
    GONE = "gone"
    NAME = "name"
    SCHEMA = "schema"
    OWNER = "owner"
    COMMENT = "comment"
    DEFINITION = "definition"
    TYPE = "type"
    NOT_NULL = "not null"
    DEFAULT = "default"
    IDENTITY = "identity"
    GENERATED = "generated"
    COLLATION = "collation"
    STORAGE = "storage"
    COMPRESSION = "compression"
    STATISTICS = "statistics"
    OPTION = "option"
    SETTING = "setting"
    VERSION = "version"
    PARENT = "parent"
    LIKE = "like"
    PARTITIONED = "partitioned"
    BOUND = "bound"
    PERSISTENCE = "persistence"
    TABLESPACE = "tablespace"
    ACCESS_METHOD = "access method"
    ROW_SECURITY = "row security"
    OWNERS_ROW_SECURITY = "row security for the owner"
    REPLICA_IDENTITY = "replica identity"
    CLUSTER = "cluster"
    DEFERRABLE = "deferrable"
    ENFORCED = "enforced"
    INHERIT = "inherit"
    ENABLED = "enabled"
    ABSENT = "absent"
    UNSEEN = "unseen"
    VALID = "valid"
    TARGET = "target"
    OWNED_BY = "owned by"
    MEMBER = "member"
    RIGHT = "right"
    RIGHTS_OF_ALL = "rights on all of a schema"
    PUBLISHED = "published"
    ALL_PUBLISHED = "all tables published"


class Shape(StrEnum):
    """What the script shows of a thing beside its kind."""

    INDEX = "index"
    UNNAMED = "unnamed"
    """An index or constraint whose name the server chooses."""
    VIEW = "view"
    SEQUENCE = "sequence"
    """Made by the server for a column."""
    LIKE = "like"
    """A table with what another one has."""


class Wanted(msgspec.Struct, frozen=True):
    """What a claim says should be: a value, which says by itself whether it holds. Kinds of it are beside their rules."""

    def judge(self, sight: Sight, thing: Thing) -> Finding:
        """Whether it holds of the thing in what was seen of the database; writes nothing.

        Where two expressions are written differently, the server is still asked how it prints them.
        """
        return self._judge(sight, thing)

    def _judge(self, sight: Sight, thing: Thing) -> Finding:
        raise NotImplementedError


class Told(Wanted, frozen=True):
    """What is known without a look at the database: mostly that something cannot be seen there (None)."""

    words: str
    holds: bool | None = None

    def _judge(self, sight: Sight, thing: Thing) -> Finding:
        del sight, thing
        return Finding(self.holds, self.words)


class Thing(msgspec.Struct, eq=False):
    """One object of the database, followed through the script's renames.

    `kind` is the name space: `relation` (tables, views, sequences, indexes), `type`, `function`, `schema` …, or for
    parts of a thing `column`, `constraint`, `trigger`, `policy`, `rule`, `value`.
    """

    kind: str
    name: str
    schema: str = ""
    parent: Thing | None = None
    arguments: Arguments = ()
    """Of a function: what it takes, by the types' numbers here."""
    shape: Shape | None = None
    former: tuple[tuple[str, str], ...] = ()
    renames: tuple[tuple[int, str, str], ...] = ()
    """Of a relation: its columns' renames, with the statement's number."""
    needs: tuple[Thing, ...] = ()
    """Things whose end is this thing's end: a column an index is over, a table a key refers to."""
    alive: bool = True
    kinds: str = ""
    """Of a relation that the script makes: the relkinds that it may have; empty for any."""
    number: int = 0
    """Things are numbered as they are first spoken of."""
    parts: Things = ()
    needed_by: Things = ()
    claims: list[Claim] = []
    """What is said of the thing itself."""

    def within(self, other: Thing) -> bool:
        """Whether this is the other thing or a part of it."""
        return self is other or (self.parent is not None and self.parent.within(other))

    def with_parts(self) -> Iterator[Thing]:
        """The thing and its parts, those that have ended as well."""
        yield self
        for part in self.parts:
            yield from part.with_parts()

    @property
    def place(self) -> Place:
        """Where something is looked for: name space, whose part, schema, name."""
        return self.at(self.schema, self.name)

    def at(self, schema: str, name: str) -> Place:
        """Its place under another name."""
        return self.kind, number_of(self.parent), schema, name, self.arguments


def number_of(thing: Thing | None) -> int:
    """A thing's number, for the place of its parts; -1 for none."""
    return -1 if thing is None else thing.number


Things = list[Thing] | tuple[()]
"""A list where there are some: most things have none, and tens of thousands of empty lists take time and space."""


def one_more(known: Things, thing: Thing) -> Things:
    """The things and one more; the list itself where there is one."""
    if not isinstance(known, list):
        return [thing]
    known.append(thing)
    return known


Arguments = tuple[int | str, ...] | None
"""Types by number, by name where there is none here; None: whichever they are."""
Place = tuple[str, int, str, str, Arguments]


Of = str | tuple[str, ...]


class Claim(msgspec.Struct, eq=False):
    """One thing that a statement wants to be true."""

    statement: int
    thing: Thing
    facet: Facet
    wanted: Wanted
    of: Of = ""
    by: Claim | None = None
    """The later claim that decides in place of this one."""
    whole: bool = False
    """Decided by the whole statement of `by`: what was dropped was made anew in the same name."""
