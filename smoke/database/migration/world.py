"""What a script says of each thing at its end: the last word on each facet counts, under the last name.

A migration may add what it drops again, rename what it made, or set a default twice. Only the net effect can be
looked for in a database, so each statement's claims are kept with the thing they speak of, and a later claim on the
same facet takes the place of an earlier one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from smoke.database.migration.claims import (
    Arguments,
    Claim,
    Facet,
    Finding,
    Of,
    Place,
    Thing,
    Wanted,
    number_of,
    one_more,
)

if TYPE_CHECKING:
    from smoke.database.migration.sight import Sight


class WithAll(Wanted, frozen=True):
    """A thing is gone, and with it what cannot be without it."""

    gone: Wanted
    others: tuple[Thing, ...]

    def _judge(self, sight: Sight, thing: Thing) -> Finding:
        """What is found of the thing itself, or that one of the others is still there."""
        found = self.gone.judge(sight, thing)
        for other in self.others if found.holds else ():
            if sight.world.made_again(other):
                continue
            for schema, name in ((other.schema, other.name), *other.former):
                if sight.is_there(other, schema, name):
                    return Finding(False, f"{name} is still there, which goes with it")
        return found


class World:
    """The things of a script and the claims on them, filled statement by statement.

    What is asked for each claim must not go through all things or claims: a dump of a schema has thousands.
    """

    def __init__(self) -> None:
        self.claims: list[Claim] = []
        self.things: list[Thing] = []
        self.statement = 0
        self.renamed_at: list[int] = []
        self._at: dict[Place, tuple[Thing, ...]] = {}
        """Things by the name that they have now, those that have ended by the name that they had."""
        self._once_at: dict[Place, list[Thing]] = {}
        """Things by the names that they had before."""
        self._loosely: dict[tuple[str, str, str], list[Thing]] = {}
        """Functions by name without arguments, constraints by name whatever their table."""
        self._moved: dict[int, int] = {}

    def claim(self, thing: Thing, facet: Facet, wanted: Wanted, of: Of = "") -> Claim:
        """A claim of the present statement; it takes the place of an earlier one on the same facet."""
        made = Claim(self.statement, thing, facet, wanted, of)
        for earlier in reversed(thing.claims):
            if earlier.facet == facet and earlier.of == of:
                if earlier.by is None:
                    earlier.by = made
                break
        self.claims.append(made)
        thing.claims.append(made)
        return made

    def made_there(self, thing: Thing, wanted: Wanted) -> Thing:
        """A CREATE made the thing: it is there, as `wanted` says."""
        self.made(thing, self.claim(thing, Facet.THERE, wanted))
        return thing

    def overrule(self, things: Iterable[Thing], facet: Facet, of: Of = "") -> None:
        """The last claim speaks for all these things: earlier claims on that facet (whatever of it) end with it."""
        last = self.claims[-1]
        for thing in things:
            for earlier in thing.claims:
                same = earlier.facet is facet and of in ("", earlier.of)
                if same and earlier.by is None and earlier is not last:
                    earlier.by = last

    def spoken_of_since(
        self, parent: Thing, facet: Facet, statement: int, of: Of = ""
    ) -> list[Thing]:
        """The parts of a thing of whose facet a later statement speaks."""
        return [
            part
            for part in parent.parts
            if any(c.statement > statement and (c.facet, c.of) == (facet, of) for c in part.claims)
        ]

    def altered_since(self, thing: Thing, statement: int) -> set[tuple[Facet, Of]]:
        """The facets of a thing of which later statements speak, with what of them."""
        return {(c.facet, c.of) for c in thing.claims if c.statement > statement}

    def new(
        self,
        kind: str,
        name: str,
        *,
        schema: str = "",
        parent: Thing | None = None,
        arguments: Arguments = (),
    ) -> Thing:
        """A thing that was not spoken of so far."""
        thing = Thing(kind, name, schema, parent, arguments, number=len(self.things))
        self.things.append(thing)
        if parent is not None:
            parent.parts = one_more(parent.parts, thing)
        self._settle(thing)
        return thing

    def _settle(self, thing: Thing) -> None:
        place = thing.place
        self._at[place] = (*self._at.get(place, ()), thing)
        if thing.kind in _LOOSE:
            self._loosely.setdefault(_loose(thing), []).append(thing)

    def move(self, thing: Thing, name: str, schema: str) -> None:
        """The thing is found under another name from here on, whatever its old one shows."""
        place = thing.place
        self._at[place] = tuple(other for other in self._at[place] if other is not thing)
        if thing.kind in _LOOSE:
            self._loosely[_loose(thing)].remove(thing)
        thing.name, thing.schema = name, schema
        self._settle(thing)

    def need(self, thing: Thing, others: Iterable[Thing]) -> None:
        """The thing ends when one of the others does."""
        for other in thing.needs:
            other.needed_by = [one for one in other.needed_by if one is not thing]
        thing.needs = tuple(others)
        for other in thing.needs:
            other.needed_by = one_more(other.needed_by, thing)

    def overloads(self, schema: str, name: str) -> list[Thing]:
        """The living functions of that name, whatever their arguments, as they were first spoken of."""
        found = [t for t in self._loosely.get(("function", schema, name), ()) if t.alive]
        return sorted(found, key=_number)

    def constraints_of_index(self, schema: str, name: str) -> list[Thing]:
        """The living constraints of that name in a schema: a key and its index have one name."""
        found = self._loosely.get(("constraint", "", name), ())
        return [t for t in found if t.alive and t.parent is not None and t.parent.schema == schema]

    def find(
        self,
        kind: str,
        name: str,
        schema: str = "",
        parent: Thing | None = None,
        arguments: Arguments = (),
    ) -> Thing | None:
        """The living thing of that name at this point of the script."""
        return self._living((kind, number_of(parent), schema, name, arguments))

    def _living(self, place: Place) -> Thing | None:
        last: Thing | None = None
        for thing in self._at.get(place, ()):
            if thing.alive and (last is None or thing.number > last.number):
                last = thing
        return last

    def left(self, kind: str, name: str, schema: str, parent: Thing | None = None) -> bool:
        """Whether a thing of that name was dropped or renamed away before this point of the script."""
        place = kind, number_of(parent), schema, name, ()
        ended = any(not thing.alive for thing in self._at.get(place, ()))
        return ended or bool(self._once_at.get(place))

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
                if earlier.by is None and earlier.facet is Facet.GONE:
                    earlier.by, earlier.whole = claim, True

    def drop(self, thing: Thing, gone: Wanted) -> Claim:
        """The thing is gone, with its parts and with what cannot be without it; so are the claims on them."""
        ended = list(self._ends_with(thing))
        gone_too = [
            claim.thing
            for other in sorted(ended, key=_number)
            for claim in other.claims
            if claim.facet == Facet.THERE and claim.by is None and other is not thing
        ]
        made = self.claim(thing, Facet.GONE, WithAll(gone, tuple(gone_too)))
        for other in ended:
            other.alive = False
        for other in (*ended, *thing.with_parts()):
            for earlier in other.claims:
                if earlier.by is None and earlier is not made:
                    earlier.by = made
        return made

    def made_again(self, thing: Thing) -> bool:
        """Whether something living has that name, on whatever has the name of the thing's table."""
        if thing.parent is None:
            return self._living(thing.place) is not None
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
        thing.former = (*thing.former, (thing.schema, thing.name))
        if thing.kind == "column" and thing.parent is not None:
            thing.parent.renames = (*thing.parent.renames, (self.statement, thing.name, name))
        self.renamed_at.append(self.statement)
        self.move(thing, name, thing.schema if schema is None else schema)

    def taken(self, thing: Thing, schema: str, name: str) -> bool:
        """Whether another living thing of the kind has that name at the end of the script."""
        other = self._living(thing.at(schema, name))
        return (
            other is not None
            and other is not thing
            and any(c.facet in (Facet.THERE, Facet.NAME) for c in other.claims)
        )

    def predecessor(self, thing: Thing, at: tuple[str, str] | None = None) -> Thing | None:
        """Another thing that was renamed away from the name that this one has at the end (or from `at`)."""
        if not self._moved:
            return None
        place = thing.place if at is None else thing.at(*at)
        found = (o for o in self._once_at.get(place, ()) if o is not thing and o.place != place)
        return min(found, key=lambda other: self._moved[id(other)], default=None)

    def replaces(self, thing: Thing) -> bool:
        """Whether another thing had this one's name before: that the name is there shows nothing."""
        return self.predecessor(thing) is not None or any(
            other is not thing and not other.alive for other in self._at.get(thing.place, ())
        )

    def standing(self, thing: Thing) -> list[Claim]:
        """The claims on a thing and its parts that no later one decides, in the script's order."""
        found = [c for part in thing.with_parts() for c in part.claims if c.by is None]
        return sorted(found, key=lambda claim: claim.statement)

    def others(self, thing: Thing, facet: Facet) -> list[Claim]:
        """The standing claims on a thing and its parts but for one facet of its own."""
        return [c for c in self.standing(thing) if not (c.thing is thing and c.facet == facet)]

    def successors(self, thing: Thing) -> list[Thing]:
        """Living things that have at the end a name that this one had before."""
        names = dict.fromkeys(name for name in thing.former if name != (thing.schema, thing.name))
        found = [
            other
            for schema, name in names
            for other in self._at.get(thing.at(schema, name), ())
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


def _number(thing: Thing) -> int:
    return thing.number


_LOOSE = ("function", "constraint")


def _loose(thing: Thing) -> tuple[str, str, str]:
    return thing.kind, thing.schema, thing.name
