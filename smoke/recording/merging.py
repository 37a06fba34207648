"""One step, or the head of a file, held against what a recording says now: what is taken over, and what stays a person's.

A value of the file that the import wrote, and nobody touched, follows the recording. What the recording said then and says now is no
news: a person who changed or removed it keeps the last word. Where both have changed, the person's stays, and that is said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from typing import Any, TypeAlias

from msgspec import Struct

from smoke.recording.marks import Where, leaves, mark
from smoke.recording.placed import Placed, PlacedList, PlacedMap, PlacedValue, bare
from smoke.recording.splicing import Splicer

_NAMES = ("variables", "capture")
"""Keys that define names: one that something else needs is not taken away."""


class ChangeKind(StrEnum):
    """What becomes of a value, with its sign."""

    ADDED = "+"
    REMOVED = "-"
    CHANGED = "~"
    STAYS = "!"


class ValueChange(Struct, frozen=True):
    """A value that the file and the recording do not have in common; `at` is where the file's stands."""

    kind: ChangeKind
    where: Where
    at: int
    old: Any = None
    new: Any = None


Entry: TypeAlias = tuple[PlacedValue, Placed]


class StepMerger:
    """Merges mappings of a file with those of a recording. `marks` are of what the import wrote here, `needed` names that must be defined."""

    def __init__(self, splicer: Splicer, marks: frozenset[str], needed: frozenset[str]) -> None:
        self._splicer, self._marks, self._needed = splicer, marks, needed
        self.changes: list[ValueChange] = []
        self.brought: list[Any] = []
        """Values that came in: they may need names."""

    def mapping(
        self,
        mine: PlacedMap,
        new: PlacedMap,
        where: Where = (),
        *,
        only: Callable[[str], bool] = lambda _: True,
        flow: bool = False,
    ) -> dict[str, Any]:
        """What the mapping becomes."""
        flow_here = flow or mine.flow
        made: dict[str, Any] = {}
        gone: list[int] = []
        theirs = {str(entry[0].value): entry for entry in reversed(new.pairs)}
        for number, (key, old) in enumerate(mine.pairs):
            name = str(key.value)
            found = theirs.get(name)
            if not only(name):
                made[name] = bare(old)
            elif found is not None:
                made[name] = self._pair((key, old), found, (*where, name), flow=flow_here)
            else:
                kept = self._without(old, (*where, name), flow=flow_here)
                if kept is _GONE:
                    gone.append(number)
                else:
                    made[name] = kept
        if gone and not flow_here and made:
            self._splicer.remove_entries(mine, gone)
        self._add(mine, new, where, made, only=only, flow=flow_here)
        if mine.flow and not flow and made != bare(mine):
            self._splicer.flow(mine, made)
        return made

    def _add(
        self,
        mine: PlacedMap,
        new: PlacedMap,
        where: Where,
        made: dict[str, Any],
        *,
        only: Callable[[str], bool],
        flow: bool,
    ) -> None:
        """Keys of the recording that the file has not, each behind the one that it follows there."""
        numbers = {str(key.value): number for number, (key, _) in enumerate(mine.pairs)}
        after = -1
        for key, value in new.pairs:
            name = str(key.value)
            if name in numbers:
                after = max(after, numbers[name])
            elif only(name) and self._is_news(value, (*where, name)):
                made[name] = bare(value)
                self._note(ChangeKind.ADDED, (*where, name), mine.start, new=made[name])
                if not flow and mine.pairs:
                    self._splicer.add_entry(mine, after, key, value)

    def _is_news(self, value: Placed, where: Where) -> bool:
        """Whether the recording did not say so then: otherwise a person took it out."""
        if self._is_needed(where):
            return True
        return not all(self._written(at, each) for at, each in leaves(bare(value), where))

    def _is_needed(self, where: Where) -> bool:
        """Whether a variable or a capture is used by something that stays or comes."""
        return len(where) > 1 and where[-2] in _NAMES and where[-1] in self._needed

    def _written(self, where: Where, value: Any) -> bool:
        return mark(where, value) in self._marks

    def _note(
        self, kind: ChangeKind, where: Where, at: int, old: Any = None, new: Any = None
    ) -> None:
        self.changes.append(ValueChange(kind, where, at, old, new))
        if kind in (ChangeKind.ADDED, ChangeKind.CHANGED):
            self.brought.append(new)

    def _pair(self, mine: Entry, new: Entry, where: Where, *, flow: bool) -> Any:
        """What a key's value becomes that both have."""
        both = self._inner(mine[1], new[1], where, flow=flow)
        if both is not None:
            return both[0]
        value = bare(new[1])
        if not self._follows(mine[1], new[1], where):
            return bare(mine[1])
        if not flow:
            if _on_one_line(mine[1]) and _on_one_line(new[1]):
                self._splicer.exchange(mine[1], new[1])
            else:
                self._splicer.exchange_entry(*mine, *new)
        return value

    def _inner(self, mine: Placed, new: Placed, where: Where, *, flow: bool) -> tuple[Any] | None:
        """Two mappings or two lists, merged part by part; None where the whole value is at stake."""
        match mine, new:
            case PlacedMap(pairs=[_, *_]), PlacedMap(pairs=[_, *_]):
                if not self._emptied(mine, new, where):
                    return (self.mapping(mine, new, where, flow=flow),)
            case PlacedList(items=[_, *_]), PlacedList(items=[_, *_]):
                return (self._list(mine, new, where, flow=flow),)
        return None

    def _emptied(self, mine: PlacedMap, new: PlacedMap, where: Where) -> bool:
        """Whether no key of the file's mapping stays: then it is exchanged as a whole."""
        names = {key.value for key, _ in new.pairs}
        return all(
            key.value not in names
            and not self._is_needed((*where, str(key.value)))
            and all(
                self._written(at, each)
                for at, each in leaves(bare(value), (*where, str(key.value)))
            )
            for key, value in mine.pairs
        )

    def _follows(self, mine: Placed, new: Placed, where: Where) -> bool:
        """Whether the recording's value takes the place of the file's."""
        old, value = bare(mine), bare(new)
        if old == value and type(old) is type(value):
            return False
        if all(self._written(at, each) for at, each in leaves(value, where)):
            return False
        if not all(self._written(at, each) for at, each in leaves(old, where)):
            self._note(ChangeKind.STAYS, where, mine.start, old, value)
            return False
        self._note(ChangeKind.CHANGED, where, mine.start, old, value)
        return True

    def _list(self, mine: PlacedList, new: PlacedList, where: Where, *, flow: bool) -> list[Any]:
        flow_here = flow or mine.flow
        made: list[Any] = []
        gone: list[int] = []
        for number, old in enumerate(mine.items):
            at = (*where, number)
            if number < len(new.items):
                made.append(self._item(old, new.items[number], at, flow=flow_here))
            elif (kept := self._without(old, at, flow=flow_here)) is _GONE:
                gone.append(number)
            else:
                made.append(kept)
        if gone and not flow_here:
            self._splicer.remove_items(mine, gone)
        for number in range(len(mine.items), len(new.items)):
            value = new.items[number]
            if self._is_news(value, (*where, number)):
                made.append(bare(value))
                self._note(ChangeKind.ADDED, (*where, number), mine.start, new=made[-1])
                if not flow_here:
                    self._splicer.add_item(mine, len(mine.items) - 1, value)
        if mine.flow and not flow and made != bare(mine):
            self._splicer.flow(mine, made)
        return made

    def _item(self, mine: Placed, new: Placed, where: Where, *, flow: bool) -> Any:
        both = self._inner(mine, new, where, flow=flow)
        if both is not None:
            return both[0]
        if not self._follows(mine, new, where):
            return bare(mine)
        if not flow:
            if _on_one_line(mine) and _on_one_line(new):
                self._splicer.exchange(mine, new)
            else:
                self._splicer.exchange_item(mine, new)
        return bare(new)

    def _without(self, old: Placed, where: Where, *, flow: bool) -> Any:
        """What stays of a value that the recording has no more: what the import did not write."""
        value = bare(old)
        written = [self._written(at, each) for at, each in leaves(value, where)]
        if self._is_needed(where) or not any(written):
            return value
        if all(written):
            self._note(ChangeKind.REMOVED, where, old.start, value)
            return _GONE
        if isinstance(old, PlacedMap):
            return self._partly(old, where, flow=flow)
        self._note(ChangeKind.STAYS, where, old.start, value)
        return value

    def _partly(self, old: PlacedMap, where: Where, *, flow: bool) -> dict[str, Any]:
        made, gone = {}, []
        for number, (key, value) in enumerate(old.pairs):
            kept = self._without(value, (*where, str(key.value)), flow=flow or old.flow)
            if kept is _GONE:
                gone.append(number)
            else:
                made[str(key.value)] = kept
        if gone and not (flow or old.flow):
            self._splicer.remove_entries(old, gone)
        if old.flow and not flow and gone:
            self._splicer.flow(old, made)
        return made


_GONE = object()


def _on_one_line(node: Placed) -> bool:
    """Whether a value stands behind its key, and not below it."""
    return isinstance(node, PlacedValue) or node.flow


_TEMPLATE = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)


def names_used(value: Any) -> Iterator[str]:
    """The words in the templates of a document, `secrets.NAME` as one."""
    for where, each in leaves(value):
        for text in (*where, each):  # keys have templates, too
            if isinstance(text, str):
                for found in _TEMPLATE.finditer(text):
                    yield from re.findall(r"secrets\.\w+|[A-Za-z_]\w*", found[1])


def names_defined(document: Mapping[str, Any], steps: list[dict[str, Any]]) -> set[str]:
    """Variables and captures of a document."""
    parts = [document.get("variables"), *(step.get("capture") for step in steps)]
    return {str(name) for part in parts if isinstance(part, Mapping) for name in part}
