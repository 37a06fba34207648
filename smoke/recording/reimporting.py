"""A file that an import wrote, brought up to what a recording says now: the differences, and the text with them taken over.

Nothing that a person wrote is taken away. A request that the file has, wherever it stands, is never put in a second time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import yaml
from msgspec import Struct

from smoke.recording.marks import mark, mark_lines, read_marks, without_marks
from smoke.recording.merging import (
    StepMerger,
    ValueChange,
    names_defined,
    names_used,
)
from smoke.recording.pairing import MOST_STEPS, PlacedStep, paired, steps_in, written_by_import
from smoke.recording.placed import Placed, PlacedList, PlacedMap, bare, comments, line_of, placed
from smoke.recording.splicing import OWN_COMMENTS, CannotSpliceError, Splicer

_MOST_PASSES = 4


class DifferenceKind(StrEnum):
    """What a request of the recording is to the file."""

    CHANGED = "changed"
    NEW = "new"
    GONE = "gone"
    KEPT = "kept"
    """It is in the file alone, and stays, since a person wrote into it or something needs it."""
    LEFT = "not put in"
    """It is in the recording alone, and may be a request of a file that is included."""


class RecordedDifference(Struct, frozen=True):
    """A step in which file and recording differ; `line` is where it stands in the file, 0 where it does not."""

    kind: DifferenceKind
    name: str
    request: str
    line: int
    changes: tuple[tuple[ValueChange, int], ...] = ()
    """Each value with its line in the file."""
    why: str = ""


class Reimported(Struct, frozen=True):
    """What differs, and the file's text with it taken over; None where its layout does not allow it."""

    differences: tuple[RecordedDifference, ...]
    text: str | None


def marked(text: str) -> str:
    """A new scenario with the marks of what stands in it."""
    root = placed(text)
    return text + _marks(root) if isinstance(root, PlacedMap) else text


def _marks(root: PlacedMap) -> str:
    head = {"variables": bare(found)} if (found := root.get("variables")) is not None else {}
    return mark_lines([head, *(step.data for step in steps_in(root))])


def reimported(text: str, recorded: str) -> Reimported:
    """The text of a file that loads held against that of a recording. Raises CannotSpliceError where it cannot be changed in place."""
    body, marks = without_marks(text), read_marks(text)[: MOST_STEPS + 1]
    whole, root, new = placed(text), placed(body), placed(recorded)
    if bare(whole) != bare(root):  # what looks like marks stands in a text of somebody's
        body, marks, root = text, [], whole
    if not isinstance(root, PlacedMap) or not isinstance(new, PlacedMap):
        raise CannotSpliceError
    needed: frozenset[str] = frozenset()
    for _ in range(_MOST_PASSES):
        once = _Pass(body, root, recorded, new, marks, needed)
        once.run()
        missing = once.missing()
        if missing <= needed:
            break
        needed |= missing
    try:
        made = once.text()
    except CannotSpliceError:
        return Reimported(tuple(once.differences), None)
    lead = "" if made.endswith("\n") or not made else "\n"
    written = f"{lead}{_marks(new)}"
    made += written.replace("\n", "\r\n") if "\r\n" in body else written
    return Reimported(tuple(once.differences), made)


class _Pass:
    """One look at both, with the names that have to stay defined."""

    def __init__(
        self,
        text: str,
        root: PlacedMap,
        recorded: str,
        new: PlacedMap,
        marks: Sequence[frozenset[str]],
        needed: frozenset[str],
    ) -> None:
        self._text, self._root, self._new_root = text, root, new
        self._splicer = Splicer(text, root, recorded)
        self._needed = needed
        self._marks = marks
        self._main = steps_in(root)
        self._mine = [*self._main, *steps_in(root, "teardown")]
        self._new = steps_in(new)
        if max(len(self._mine), len(self._new)) > MOST_STEPS:
            raise CannotSpliceError(f"more than {MOST_STEPS} steps are not held against each other")
        self._written, self._left = written_by_import(self._mine, marks[1:])
        known = [bool(each) for each in self._written]
        self._pairs = paired(self._mine, self._new, known)
        self._replaced: dict[int, Any] = {}
        self._removed: set[int] = set()
        self._inserted: dict[tuple[int, int], list[Any]] = {}
        self.differences: list[RecordedDifference] = []
        self._brought: list[Any] = []

    def run(self) -> None:
        """Collects what differs, and the changes of the text."""
        head = StepMerger(
            self._splicer, self._marks[0] if self._marks else frozenset(), self._needed
        )
        merged = head.mapping(self._root, self._new_root, only=lambda key: key == "variables")
        self._head = {"variables": merged["variables"]} if "variables" in merged else {}
        self._note_head(head)
        for at, step in enumerate(self._new):
            if at in self._pairs:
                self._merge(self._pairs[at], step)
            elif step.method:
                self._insert(at, step)
        self._drop()
        self._secrets()

    def _note_head(self, head: StepMerger) -> None:
        if head.changes:
            kind = DifferenceKind.CHANGED
            self.differences.append(
                RecordedDifference(kind, "variables", "", 0, self._placed(head.changes))
            )

    def _placed(self, changes: Sequence[ValueChange]) -> tuple[tuple[ValueChange, int], ...]:
        return tuple((each, line_of(self._text, each.at)) for each in changes)

    def _note(self, kind: DifferenceKind, step: PlacedStep, *, mine: bool, why: str = "") -> None:
        line = line_of(self._text, step.node.start) if mine else 0
        self.differences.append(RecordedDifference(kind, step.name, _request(step), line, why=why))

    def _merge(self, index: int, new: PlacedStep) -> None:
        mine = self._mine[index]
        merger = StepMerger(self._splicer, self._written[index], self._needed)
        made = merger.mapping(mine.node, new.node, only=lambda key: key != "name")
        self._replaced[id(mine.node)] = made
        self._brought += merger.brought
        if merger.changes:
            self.differences.append(
                RecordedDifference(
                    DifferenceKind.CHANGED,
                    mine.name,
                    _request(new),
                    line_of(self._text, mine.node.start),
                    self._placed(merger.changes),
                )
            )

    def _insert(self, at: int, step: PlacedStep) -> None:
        """A request that the file has not: behind the step of the one before it."""
        request = step.data["request"]
        own = [mark(("request", key), request[key]) for key in ("method", "url")]
        if any(rest.issuperset(own) for rest in self._left):
            return  # a person took it out
        if self._root.get("needs") is not None or any(
            "include" in each.data for each in self._mine
        ):
            why = "it may stand in a file that is included or needed: put it in by hand if it does not"
            self._note(DifferenceKind.LEFT, step, mine=False, why=why)
            return
        within, after = self._place(at, step)
        if within.flow:
            raise CannotSpliceError
        taken = {each.name for each in self._mine}
        taken |= {made["name"] for items in self._inserted.values() for made in items}
        name, count = step.name, 1
        while name in taken:
            count += 1
            name = f"{step.name} {count}"
        made = {**step.data, "name": name}
        self._splicer.add_item(within, after, step.node, "" if name == step.name else name)
        self._inserted.setdefault((id(within), after), []).append(made)
        self._brought.append(made)
        self._note(DifferenceKind.NEW, step, mine=False)

    def _place(self, at: int, step: PlacedStep) -> tuple[PlacedList, int]:
        before = [self._pairs[each] for each in range(at) if each in self._pairs]
        before = [index for index in before if index < len(self._main)]
        if not before:
            top = self._root.get("steps")
            if not isinstance(top, PlacedList):
                raise CannotSpliceError
            return top, -1
        last = self._mine[before[-1]]
        outside = not step.above and any(each.above for each in self._new)
        if last.above and (outside or any("together" in each.data for each in last.above)):
            last = last.above[0]
        return last.within, last.index

    def _drop(self) -> None:
        """Steps that the import wrote and the recording has no more."""
        gone: dict[int, list[PlacedStep]] = {}
        matched = {*self._pairs.values()}
        for index, step in enumerate(self._mine):
            if index in matched or not step.method or (self._marks and not self._written[index]):
                continue
            why = self._reason_to_keep(step, self._written[index])
            if why:
                self._note(DifferenceKind.KEPT, step, mine=True, why=why)
            else:
                gone.setdefault(id(step.within), []).append(step)
        for steps in gone.values():
            if len(steps) == len(steps[0].within.items):
                for step in steps:
                    self._note(DifferenceKind.KEPT, step, mine=True, why="its list would be empty")
                continue
            self._splicer.remove_items(steps[0].within, [step.index for step in steps])
            for step in steps:
                self._removed.add(id(step.node))
                self._note(DifferenceKind.GONE, step, mine=True)

    def _reason_to_keep(self, step: PlacedStep, marks: frozenset[str]) -> str:
        if not marks:
            return "the file does not tell whether an import wrote it"
        if "places_order" in step.data:
            return "it places the order"
        if not step.marks <= marks:
            return "you wrote into it"
        capture = step.data.get("capture")
        if isinstance(capture, dict) and self._needed & capture.keys():
            return "what it captures is needed"
        if any(each.data.get("like") == step.name for each in self._mine):
            return "another step is like it"
        return ""

    def _secrets(self) -> None:
        """Secrets that came in by name are asked for."""
        has = self._root.get("secrets")
        known = bare(has) if has is not None else []
        known = known if isinstance(known, list) else []
        used = {name[8:] for name in names_used(self._brought) if name.startswith("secrets.")}
        more = sorted(used - {*map(str, known)})
        if not more:
            return
        self._head["secrets"] = [*known, *more]
        if has is None:
            numbers = {key.value: number for number, (key, _) in enumerate(self._root.pairs)}
            after = numbers.get("variables", numbers.get("name", -1))
            self._splicer.add_lines(
                self._root, after, "\n".join(["secrets:", *(f"  - {each}" for each in more)])
            )
        elif isinstance(has, PlacedList) and not has.flow:
            for each in more:
                self._splicer.add_plain_item(has, each)
        else:
            self._splicer.flow(has, self._head["secrets"])

    def document(self) -> dict[str, Any]:
        """What the file holds with the changes."""
        made = self._built(self._root)
        assert isinstance(made, dict)
        if "variables" in made and "variables" not in self._head:
            del made["variables"]
        return {**made, **self._head}

    def _built(self, node: Placed) -> Any:
        if id(node) in self._replaced:
            return self._replaced[id(node)]
        if isinstance(node, PlacedMap):
            return {str(key.value): self._built(value) for key, value in node.pairs}
        if not isinstance(node, PlacedList):
            return bare(node)
        made = [*self._inserted.get((id(node), -1), ())]
        for index, item in enumerate(node.items):
            if id(item) not in self._removed:
                made.append(self._built(item))
            made += self._inserted.get((id(node), index), ())
        return made

    def missing(self) -> frozenset[str]:
        """Names that are used and no longer, or not yet, defined, which the file or the recording defines."""
        document = self.document()
        stays = [each for each in self._mine if id(each.node) not in self._removed]
        now = [self._replaced.get(id(each.node), each.data) for each in stays]
        now += [made for items in self._inserted.values() for made in items]
        there = _defined(self._root, self._mine) | _defined(self._new_root, self._new)
        return frozenset((set(names_used(document)) & there) - names_defined(document, now))

    def text(self) -> str:
        """The text with the changes. Raises CannotSpliceError where it would not be what was meant, or lose a comment."""
        made = self._splicer.result()
        try:
            root = placed(made)
        except (yaml.YAMLError, ValueError) as error:
            raise CannotSpliceError from error
        if bare(root) != self.document():
            raise CannotSpliceError
        if _spoken(self._text, self._root) - _spoken(made, root):
            raise CannotSpliceError
        return made


def _defined(root: PlacedMap, steps: Sequence[PlacedStep]) -> set[str]:
    found = root.get("variables")
    head = {} if found is None else {"variables": bare(found)}
    return names_defined(head, [each.data for each in steps])


def _spoken(text: str, root: Placed) -> Counter[str]:
    """The comments of a person."""
    said = (text[start:end].rstrip() for start, end in comments(text, root))
    return Counter(each for each in said if not each.startswith(OWN_COMMENTS))


def _request(step: PlacedStep) -> str:
    request = step.data.get("request")
    url = request.get("url", "") if isinstance(request, dict) else request
    return " ".join(f"{step.method if isinstance(request, dict) else ''} {url}".split())
