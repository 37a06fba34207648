"""What a script says of each thing at its end: the last word on each facet counts, under the last name.

A migration may add what it drops again, rename what it made, or set a default twice. Only the net effect can be
looked for in a database, so each statement's claims are kept with the thing they speak of, and a later claim on the
same facet takes the place of an earlier one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Finding:
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


@dataclass(slots=True, eq=False)
class Thing:
    """One object of the database, followed through the script's renames.

    `kind` is the name space: `relation` (tables, views, sequences, indexes), `type`, `function`, `schema` …, or for
    parts of a thing `column`, `constraint`, `trigger`, `policy`, `rule`, `value`.
    """

    kind: str
    name: str
    schema: str = ""
    parent: Thing | None = None
    words: str = ""
    former: list[tuple[str, str]] = field(default_factory=list)
    renames: list[tuple[int, str, str]] = field(default_factory=list)
    """Of a relation: its columns' renames, with the statement's number."""
    needs: list[Thing] = field(default_factory=list)
    """Things whose end is this thing's end: a column an index is over, a table a key refers to."""
    alive: bool = True
    exists: Callable[[str, str], bool] | None = None
    """Whether there is something of a schema and name where this thing would be; None when it is not known how."""
    kinds: str = ""
    """Of a relation that the script makes: the relkinds that it may have; empty for any."""

    def within(self, other: Thing) -> bool:
        """Whether this is the other thing or a part of it."""
        return self is other or (self.parent is not None and self.parent.within(other))


@dataclass(slots=True, eq=False)
class Claim:
    """One thing that a statement wants to be true, and how that is looked up."""

    statement: int
    thing: Thing
    facet: str
    judge: Callable[[], Finding]
    by: Claim | None = None
    """The later claim that decides in place of this one."""
    whole: bool = False
    """Decided by the whole statement of `by`: what was dropped was made anew in the same name."""


class World:
    """The things of a script and the claims on them, filled statement by statement."""

    def __init__(self) -> None:
        self.claims: list[Claim] = []
        self.things: list[Thing] = []
        self.statement = 0
        self.renamed_at: list[int] = []
        self._asked: set[int] = set()
        # what is asked for each claim must not go through all things: a dump of a schema has thousands
        self._last: dict[tuple[int, str], Claim] = {}
        self._drops: list[Claim] = []
        self._moved: list[Thing] = []
        self._ended: list[Thing] = []

    def claim(self, thing: Thing, facet: str, judge: Callable[[], Finding]) -> Claim:
        """A claim of the present statement; it takes the place of an earlier one on the same facet."""
        made = Claim(self.statement, thing, facet, judge)
        earlier = self._last.get((id(thing), facet))
        if earlier is not None and earlier.by is None:
            earlier.by = made
        self._last[id(thing), facet] = made
        self.claims.append(made)
        if facet == "gone":
            self._drops.append(made)
        return made

    def overrule(self, parent: Thing, facet: str) -> None:
        """The last claim speaks for all parts of a thing: earlier claims on that facet of them are decided by it."""
        last = self.claims[-1]
        for earlier in self.claims:
            if earlier.by is None and earlier.thing.parent is parent and earlier.facet == facet:
                earlier.by = last

    def spoken_of_since(self, parent: Thing, facet: str, statement: int) -> set[str]:
        """Names of the parts of a thing of whose facet a later statement speaks."""
        return {
            claim.thing.name
            for claim in self.claims
            if claim.statement > statement and claim.thing.parent is parent and claim.facet == facet
        }

    def altered_since(self, thing: Thing, statement: int) -> set[str]:
        """The facets of a thing of which later statements speak."""
        return {c.facet for c in self.claims if c.thing is thing and c.statement > statement}

    def new(
        self,
        kind: str,
        name: str,
        *,
        schema: str = "",
        parent: Thing | None = None,
        made: bool = False,
    ) -> Thing:
        """A thing that was not spoken of so far."""
        thing = Thing(kind, name, schema, parent)
        self.things.append(thing)
        if made:
            thing.words = "made"
        return thing

    def find(
        self, kind: str, name: str, schema: str = "", parent: Thing | None = None
    ) -> Thing | None:
        """The living thing of that name at this point of the script."""
        for thing in reversed(self.things):
            if (
                thing.alive
                and (thing.kind, thing.name, thing.schema) == (kind, name, schema)
                and thing.parent is parent
            ):
                return thing
        return None

    def left(self, kind: str, name: str, schema: str, parent: Thing | None = None) -> bool:
        """Whether a thing of that name was dropped or renamed away before this point of the script."""
        return any(
            thing.kind == kind
            and thing.parent is parent
            and (
                (not thing.alive and (thing.schema, thing.name) == (schema, name))
                or (schema, name) in thing.former
            )
            for thing in self.things
        )

    def get(self, kind: str, name: str, schema: str = "", parent: Thing | None = None) -> Thing:
        """The living thing of that name, spoken of now for the first time if need be."""
        return self.find(kind, name, schema, parent) or self.new(
            kind, name, schema=schema, parent=parent
        )

    def make(self, kind: str, name: str, schema: str = "", parent: Thing | None = None) -> Thing:
        """The thing that a CREATE speaks of: the living one, else a new one of that name."""
        return self.get(kind, name, schema, parent)

    def made(self, thing: Thing, claim: Claim) -> None:
        """An earlier drop of the same name is decided by the statement that made it anew."""
        for earlier in self._drops:
            other = earlier.thing
            if (
                earlier.by is None
                and other is not thing
                and other.parent is thing.parent
                and (other.kind, other.name, other.schema) == (thing.kind, thing.name, thing.schema)
            ):
                earlier.by, earlier.whole = claim, True

    def drop(self, thing: Thing, judge: Callable[[], Finding]) -> Claim:
        """The thing is gone, with its parts and with what cannot be without it; so are the claims on them."""
        ended = {id(other) for other in self._ends_with(thing)}
        gone_too = [
            claim
            for claim in self.claims
            if claim.facet == "there"
            and claim.by is None
            and claim.thing is not thing
            and id(claim.thing) in ended
        ]

        def judged() -> Finding:
            found = judge()
            for claim in gone_too if found.holds else ():
                other = claim.thing
                if other.exists is None or self._made_again(other):
                    continue
                for schema, name in ((other.schema, other.name), *other.former):
                    if other.exists(schema, name):
                        words = f"{name} is still there, which goes with it"
                        return Finding(False, words)
            return found

        made = self.claim(thing, "gone", judged)
        for other in self.things:
            if id(other) in ended:
                other.alive = False
                self._ended.append(other)
        for earlier in self.claims:
            part = id(earlier.thing) in ended or earlier.thing.within(thing)
            if part and earlier.by is None and earlier is not made:
                earlier.by = made
        return made

    def _made_again(self, thing: Thing) -> bool:
        """Whether something living has that name, on whatever has the name of the thing's table."""
        place = thing.parent and (thing.parent.schema, thing.parent.name)
        return any(
            other.alive
            and (other.kind, other.schema, other.name) == (thing.kind, thing.schema, thing.name)
            and (other.parent and (other.parent.schema, other.parent.name)) == place
            for other in self.things
        )

    def _ends_with(self, thing: Thing) -> Iterator[Thing]:
        gone = {id(thing)}
        yield thing
        grew = True
        while grew:
            grew = False
            for other in self.things:
                if id(other) in gone or not other.alive:
                    continue
                if (other.parent is not None and id(other.parent) in gone) or any(
                    id(need) in gone for need in other.needs
                ):
                    gone.add(id(other))
                    grew = True
                    yield other

    def rename(self, thing: Thing, name: str, schema: str | None = None) -> None:
        """The thing has another name from here on."""
        if not thing.former:
            self._moved.append(thing)
        thing.former.append((thing.schema, thing.name))
        if thing.kind == "column" and thing.parent is not None:
            thing.parent.renames.append((self.statement, thing.name, name))
        self.renamed_at.append(self.statement)
        thing.name = name
        if schema is not None:
            thing.schema = schema

    def taken(self, kind: str, name: str, schema: str, parent: Thing | None, but: Thing) -> bool:
        """Whether another living thing has that name at the end of the script."""
        other = self.find(kind, name, schema, parent)
        return (
            other is not None
            and other is not but
            and any(c.thing is other and c.facet in ("there", "name") for c in self.claims)
        )

    def predecessor(self, thing: Thing) -> Thing | None:
        """Another thing that was renamed away from the name that this one has at the end."""
        for other in self._moved:
            if (
                other is not thing
                and other.kind == thing.kind
                and other.parent is thing.parent
                and (thing.schema, thing.name) in other.former
                and (other.schema, other.name) != (thing.schema, thing.name)
            ):
                return other
        return None

    def replaces(self, thing: Thing) -> bool:
        """Whether another thing had this one's name before: that the name is there shows nothing."""
        return self.predecessor(thing) is not None or any(
            other is not thing
            and (other.kind, other.parent, other.schema, other.name)
            == (thing.kind, thing.parent, thing.schema, thing.name)
            for other in self._ended
        )

    def others(self, thing: Thing, facet: str) -> list[Claim]:
        """The standing claims on a thing and its parts but for one facet of its own."""
        return [
            c
            for c in self.claims
            if c.by is None
            and c.thing.within(thing)
            and not (c.thing is thing and c.facet == facet)
        ]

    def unlike(self, thing: Thing) -> Finding | None:
        """What speaks against it that the thing of that name is the one that this script made or moved there."""
        if id(thing) in self._asked:  # names that go round
            return None
        self._asked.add(id(thing))
        try:
            for claim in self.claims:
                if claim.by is None and claim.thing.within(thing):
                    found = claim.judge()
                    if found.holds is False:
                        return found
        finally:
            self._asked.discard(id(thing))
        return None

    def successors(self, thing: Thing) -> list[Thing]:
        """Living things that have at the end a name that this one had before."""
        return [
            other
            for other in self.things
            if other is not thing
            and other.alive
            and (other.kind, other.parent) == (thing.kind, thing.parent)
            and (other.schema, other.name) in thing.former
            and (other.schema, other.name) != (thing.schema, thing.name)
        ]

    def swapped(self, thing: Thing) -> bool:
        """Whether names went round: the one that had this name has a name now that was there before as well."""
        return any(
            other.alive and self.predecessor(other) is not None
            for other in self._moved
            if other is not thing
            and (other.kind, other.parent) == (thing.kind, thing.parent)
            and (thing.schema, thing.name) in other.former
        )

    def renamed_since(self, relation: Thing, statement: int) -> dict[str, str]:
        """What the columns that a statement named are called at the end."""
        names: dict[str, str] = {}
        for number, old, new in relation.renames:
            if number > statement:
                first = next((key for key, value in names.items() if value == old), old)
                names[first] = new
        return names
