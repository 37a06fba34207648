"""What a script says of each thing at its end: the last word on each facet counts, under the last name.

A migration may add what it drops again, rename what it made, or set a default twice. Only the net effect can be
looked for in a database, so each statement's claims are kept with the thing they speak of, and a later claim on the
same facet takes the place of an earlier one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
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
    number: int = 0
    """Things are numbered as they are first spoken of."""
    parts: list[Thing] = field(default_factory=list)
    needed_by: list[Thing] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
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
        return self.kind, id(self.parent), self.schema, self.name


Place = tuple[str, int, str, str]


@dataclass(slots=True, eq=False)
class Claim:
    """One thing that a statement wants to be true, and how that is looked up."""

    statement: int
    thing: Thing
    facet: str
    judge: Callable[[], Finding]
    number: int = 0
    by: Claim | None = None
    """The later claim that decides in place of this one."""
    whole: bool = False
    """Decided by the whole statement of `by`: what was dropped was made anew in the same name."""


class World:
    """The things of a script and the claims on them, filled statement by statement.

    What is asked for each claim must not go through all things or claims: a dump of a schema has thousands.
    """

    def __init__(self) -> None:
        self.claims: list[Claim] = []
        self.things: list[Thing] = []
        self.statement = 0
        self.renamed_at: list[int] = []
        self._asked: set[int] = set()
        self._at: dict[Place, list[Thing]] = {}
        """Things by the name that they have now, those that have ended by the name that they had."""
        self._once_at: dict[Place, list[Thing]] = {}
        """Things by the names that they had before."""
        self._loosely: dict[tuple[str, str, str], list[Thing]] = {}
        """Functions by name without arguments, constraints by name whatever their table."""
        self._moved: dict[int, int] = {}

    def claim(self, thing: Thing, facet: str, judge: Callable[[], Finding]) -> Claim:
        """A claim of the present statement; it takes the place of an earlier one on the same facet."""
        made = Claim(self.statement, thing, facet, judge, len(self.claims))
        earlier = next((c for c in reversed(thing.claims) if c.facet == facet), None)
        if earlier is not None and earlier.by is None:
            earlier.by = made
        self.claims.append(made)
        thing.claims.append(made)
        return made

    def overrule(self, parent: Thing, facet: str) -> None:
        """The last claim speaks for all parts of a thing: earlier claims on that facet of them are decided by it."""
        last = self.claims[-1]
        for part in parent.parts:
            for earlier in part.claims:
                if earlier.by is None and earlier.facet == facet:
                    earlier.by = last

    def spoken_of_since(self, parent: Thing, facet: str, statement: int) -> set[str]:
        """Names of the parts of a thing of whose facet a later statement speaks."""
        return {
            part.name
            for part in parent.parts
            if any(c.statement > statement and c.facet == facet for c in part.claims)
        }

    def altered_since(self, thing: Thing, statement: int) -> set[str]:
        """The facets of a thing of which later statements speak."""
        return {c.facet for c in thing.claims if c.statement > statement}

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
        thing = Thing(kind, name, schema, parent, number=len(self.things))
        self.things.append(thing)
        if parent is not None:
            parent.parts.append(thing)
        if made:
            thing.words = "made"
        self._settle(thing)
        return thing

    def _settle(self, thing: Thing) -> None:
        self._at.setdefault(thing.place, []).append(thing)
        if thing.kind in _LOOSE:
            self._loosely.setdefault(_loose(thing), []).append(thing)

    def move(self, thing: Thing, name: str, schema: str) -> None:
        """The thing is found under another name from here on, whatever its old one shows."""
        self._at[thing.place].remove(thing)
        if thing.kind in _LOOSE:
            self._loosely[_loose(thing)].remove(thing)
        thing.name, thing.schema = name, schema
        self._settle(thing)

    def need(self, thing: Thing, others: Iterable[Thing]) -> None:
        """The thing ends when one of the others does."""
        for other in thing.needs:
            other.needed_by.remove(thing)
        thing.needs = list(others)
        for other in thing.needs:
            other.needed_by.append(thing)

    def overloads(self, schema: str, name: str) -> list[Thing]:
        """The living functions of that name, whatever their arguments, as they were first spoken of."""
        found = [t for t in self._loosely.get(("function", schema, name), ()) if t.alive]
        return sorted(found, key=_number)

    def constraints_of_index(self, schema: str, name: str) -> list[Thing]:
        """The living constraints of that name in a schema: a key and its index have one name."""
        found = self._loosely.get(("constraint", "", name), ())
        return [t for t in found if t.alive and t.parent is not None and t.parent.schema == schema]

    def _all_at(self, kind: str, name: str, schema: str, parent: Thing | None) -> Iterable[Thing]:
        return self._at.get((kind, id(parent), schema, name), ())

    def find(
        self, kind: str, name: str, schema: str = "", parent: Thing | None = None
    ) -> Thing | None:
        """The living thing of that name at this point of the script."""
        found = (thing for thing in self._all_at(kind, name, schema, parent) if thing.alive)
        return max(found, key=_number, default=None)

    def left(self, kind: str, name: str, schema: str, parent: Thing | None = None) -> bool:
        """Whether a thing of that name was dropped or renamed away before this point of the script."""
        ended = any(not thing.alive for thing in self._all_at(kind, name, schema, parent))
        return ended or bool(self._once_at.get((kind, id(parent), schema, name)))

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
        for other in self._at[thing.place]:
            if other is thing:
                continue
            for earlier in other.claims:
                if earlier.by is None and earlier.facet == "gone":
                    earlier.by, earlier.whole = claim, True

    def drop(self, thing: Thing, judge: Callable[[], Finding]) -> Claim:
        """The thing is gone, with its parts and with what cannot be without it; so are the claims on them."""
        ended = list(self._ends_with(thing))
        gone_too = [
            claim
            for other in sorted(ended, key=_number)
            for claim in other.claims
            if claim.facet == "there" and claim.by is None and other is not thing
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
        for other in ended:
            other.alive = False
        for other in (*ended, *thing.with_parts()):
            for earlier in other.claims:
                if earlier.by is None and earlier is not made:
                    earlier.by = made
        return made

    def _made_again(self, thing: Thing) -> bool:
        """Whether something living has that name, on whatever has the name of the thing's table."""
        if thing.parent is None:
            return self.find(thing.kind, thing.name, thing.schema) is not None
        return any(
            self.find(thing.kind, thing.name, thing.schema, parent) is not None
            for parent in self._at[thing.parent.place]
        )

    def _ends_with(self, thing: Thing) -> Iterator[Thing]:
        gone = {id(thing)}
        waiting = [thing]
        while waiting:
            ended = waiting.pop()
            yield ended
            for other in (*ended.parts, *ended.needed_by):
                if other.alive and id(other) not in gone:
                    gone.add(id(other))
                    waiting.append(other)

    def rename(self, thing: Thing, name: str, schema: str | None = None) -> None:
        """The thing has another name from here on."""
        self._moved.setdefault(id(thing), len(self._moved))
        self._once_at.setdefault(thing.place, []).append(thing)
        thing.former.append((thing.schema, thing.name))
        if thing.kind == "column" and thing.parent is not None:
            thing.parent.renames.append((self.statement, thing.name, name))
        self.renamed_at.append(self.statement)
        self.move(thing, name, thing.schema if schema is None else schema)

    def taken(self, kind: str, name: str, schema: str, parent: Thing | None, but: Thing) -> bool:
        """Whether another living thing has that name at the end of the script."""
        other = self.find(kind, name, schema, parent)
        return (
            other is not None
            and other is not but
            and any(c.facet in ("there", "name") for c in other.claims)
        )

    def _renamed_away(self, thing: Thing) -> list[Thing]:
        """Other things that had the name that this one has, in the order in which they were first renamed."""
        if not self._moved:
            return []
        place = thing.place
        found = [o for o in self._once_at.get(place, ()) if o is not thing and o.place != place]
        return sorted(found, key=lambda other: self._moved[id(other)])

    def predecessor(self, thing: Thing) -> Thing | None:
        """Another thing that was renamed away from the name that this one has at the end."""
        return next(iter(self._renamed_away(thing)), None)

    def replaces(self, thing: Thing) -> bool:
        """Whether another thing had this one's name before: that the name is there shows nothing."""
        return self.predecessor(thing) is not None or any(
            other is not thing and not other.alive for other in self._at.get(thing.place, ())
        )

    def standing(self, thing: Thing) -> list[Claim]:
        """The claims on a thing and its parts that no later one decides, in the script's order."""
        found = [c for part in thing.with_parts() for c in part.claims if c.by is None]
        return sorted(found, key=_number)

    def others(self, thing: Thing, facet: str) -> list[Claim]:
        """The standing claims on a thing and its parts but for one facet of its own."""
        return [c for c in self.standing(thing) if not (c.thing is thing and c.facet == facet)]

    def unlike(self, thing: Thing) -> Finding | None:
        """What speaks against it that the thing of that name is the one that this script made or moved there."""
        if id(thing) in self._asked:  # names that go round
            return None
        self._asked.add(id(thing))
        try:
            for claim in self.standing(thing):
                found = claim.judge()
                if found.holds is False:
                    return found
        finally:
            self._asked.discard(id(thing))
        return None

    def successors(self, thing: Thing) -> list[Thing]:
        """Living things that have at the end a name that this one had before."""
        names = dict.fromkeys(name for name in thing.former if name != (thing.schema, thing.name))
        found = [
            other
            for schema, name in names
            for other in self._all_at(thing.kind, name, schema, thing.parent)
            if other is not thing and other.alive
        ]
        return sorted(found, key=_number)

    def swapped(self, thing: Thing) -> bool:
        """Whether names went round: the one that had this name has a name now that was there before as well."""
        return any(
            other is not thing and other.alive and self.predecessor(other) is not None
            for other in self._once_at.get(thing.place, ())
        )

    def renamed_since(self, relation: Thing, statement: int) -> dict[str, str]:
        """What the columns that a statement named are called at the end."""
        names: dict[str, str] = {}
        for number, old, new in relation.renames:
            if number > statement:
                first = next((key for key, value in names.items() if value == old), old)
                names[first] = new
        return names


def _number(item: Thing | Claim) -> int:
    return item.number


_LOOSE = ("function", "constraint")


def _loose(thing: Thing) -> tuple[str, str, str]:
    name = thing.name.partition("(")[0] if thing.kind == "function" else thing.name
    return thing.kind, thing.schema, name
