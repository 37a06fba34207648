"""Which step of a file is which request of a recording: by method, path and what is sent, in their order as far as it goes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from smoke.recording.marks import leaves, marks_of
from smoke.recording.placed import Placed, PlacedList, PlacedMap, bare

_BODIES = ("json", "form", "multipart", "graphql", "text")
_SAME_PATH = 4.0
_ORDERING = 100.0
MOST_STEPS = 600
"""Steps of a file, or of a recording, that are held against each other."""


class PlacedStep:
    """A step with a place in a text: `within` is the list that holds it, `above` the steps around it."""

    def __init__(
        self, node: PlacedMap, within: PlacedList, index: int, above: tuple[PlacedStep, ...]
    ) -> None:
        self.node, self.within, self.index, self.above = node, within, index, above

    @cached_property
    def data(self) -> dict[str, Any]:
        """What stands in it."""
        found = bare(self.node)
        assert isinstance(found, dict)
        return found

    @property
    def name(self) -> str:
        return str(self.data.get("name", ""))

    @cached_property
    def _request(self) -> dict[str, Any]:
        written = self.data.get("request")
        if isinstance(written, str):
            method, _, url = written.strip().rpartition(" ")
            return {"method": method or "GET", "url": url}
        return written if isinstance(written, dict) else {}

    @cached_property
    def method(self) -> str:
        """Its method; empty for a step that sends nothing."""
        if not self._request:
            return ""
        sends = any(key in self._request for key in _BODIES)
        return str(self._request.get("method") or ("POST" if sends else "GET")).upper()

    @cached_property
    def path(self) -> tuple[str, ...]:
        """The parts of its path; one with a template in it is `*`."""
        url = re.sub(r"\{\{.*?\}\}", "\0", str(self._request.get("url", "")), flags=re.DOTALL)
        try:
            parts = urlsplit(url).path.split("/")
        except ValueError:
            parts = url.split("/")
        return tuple("*" if "\0" in part else part for part in parts if part)

    @cached_property
    def operation(self) -> str:
        """The operation of GraphQL that it asks for, as far as the document tells."""
        asked = self._request.get("graphql")
        if not isinstance(asked, dict):
            return ""
        found = re.search(r"\b(?:query|mutation)\s{1,20}(\w{1,99})", str(asked.get("query", "")))
        return str(asked.get("operation") or (found[1] if found else ""))

    @cached_property
    def sent(self) -> frozenset[str]:
        """Marks of the values that it sends, and of their places."""
        return frozenset(
            each
            for key in _BODIES
            if key in self._request
            for at, value in leaves(self._request[key])
            for each in (*marks_of({str(at): value}), str(at))
        )

    @cached_property
    def marks(self) -> frozenset[str]:
        return frozenset(marks_of(self.data))


def steps_in(root: PlacedMap, key: str = "steps") -> list[PlacedStep]:
    """The steps of a file in their order, those of groups too, without the groups."""
    found = root.get(key)
    return list(_steps(found, ())) if isinstance(found, PlacedList) else []


def _steps(within: PlacedList, above: tuple[PlacedStep, ...]) -> Iterator[PlacedStep]:
    for index, node in enumerate(within.items):
        if not isinstance(node, PlacedMap):
            continue
        step = PlacedStep(node, within, index, above)
        inner: Placed | None = node.get("group") or node.get("together")
        if isinstance(inner, PlacedList):
            yield from _steps(inner, (*above, step))
        else:
            yield step


def likeness(mine: PlacedStep, new: PlacedStep) -> float:
    """How much a step of a file is a request of a recording: nothing where it is another one."""
    if not mine.method or mine.method != new.method:
        return 0.0
    if (mine.operation or new.operation) and mine.operation != new.operation:
        return 0.0
    one, other = mine.path, new.path
    if len(one) == len(other) and all(map(_fits, one, other)):
        score = _SAME_PATH
    else:
        begins = _common(one, other)
        ends = _common(one[begins:][::-1], other[begins:][::-1])
        share = (begins + ends) / max(len(one), len(other))
        score = 2 * share if share >= 0.5 else 0.0
    if not score:
        return 0.0
    sent = mine.sent | new.sent
    alike = len(mine.sent & new.sent) / len(sent) if sent else 0.5
    if score < _SAME_PATH and alike < 0.5:
        return 0.0
    return score + alike + (mine.name == new.name) * 0.5


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many parts both begin with."""
    pairs = zip(one, other, strict=False)
    return next(
        (at for at, pair in enumerate(pairs) if not _fits(*pair)), min(len(one), len(other))
    )


def _fits(one: str, other: str) -> bool:
    return one == other or "*" in (one, other)


def paired(
    mine: Sequence[PlacedStep], new: Sequence[PlacedStep], known: Sequence[bool]
) -> dict[int, int]:
    """Which step of a file each request is, by its number. `known` says of a step whether an import wrote it."""
    table = [[likeness(step, other) for other in new] for step in mine]
    _of_order(mine, new, table)
    for row, written in zip(table, known, strict=True):
        row[:] = [score + 0.4 * (written and score > 0) for score in row]
    found = {at: index for index, at in aligned(len(mine), len(new), lambda i, j: table[i][j])}
    # what a person moved is the same request elsewhere: a second one would order twice
    left = [index for index in range(len(mine)) if index not in found.values()]
    for at in (each for each in range(len(new)) if each not in found):
        best = max(left, key=lambda index: table[index][at], default=-1)
        if best >= 0 and table[best][at] >= _SAME_PATH:
            found[at] = best
            left.remove(best)
    return found


def _of_order(
    mine: Sequence[PlacedStep], new: Sequence[PlacedStep], table: list[list[float]]
) -> None:
    """The request that orders is the step that orders, whatever has become of its path."""
    asking = [index for index, step in enumerate(mine) if "places_order" in step.data]
    for at in (at for at, step in enumerate(new) if "places_order" in step.data):
        requests = [index for index in asking if mine[index].method]
        if requests:
            best = max(requests, key=lambda index: table[index][at])
            table[best][at] += _ORDERING


def aligned(many: int, others: int, score: Callable[[int, int], float]) -> list[tuple[int, int]]:
    """Pairs in the order of both that score most together; none that scores nothing."""
    best = [[0.0] * (others + 1) for _ in range(many + 1)]
    for i in range(many - 1, -1, -1):
        for j in range(others - 1, -1, -1):
            worth = score(i, j)
            both = best[i + 1][j + 1] + worth if worth > 0 else 0.0
            best[i][j] = max(best[i + 1][j], best[i][j + 1], both)
    found, i, j = [], 0, 0
    while i < many and j < others:
        worth = score(i, j)
        if worth > 0 and best[i][j] == best[i + 1][j + 1] + worth:
            found.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return found


def written_by_import(
    mine: Sequence[PlacedStep], marks: Sequence[frozenset[str]]
) -> tuple[list[frozenset[str]], list[frozenset[str]]]:
    """For each step of a file the marks of the step that it came from (none: a person's own), and those of steps that are gone."""
    found: list[frozenset[str]] = [frozenset()] * len(mine)
    left = dict(enumerate(marks))

    def shared(index: int, at: int) -> float:
        count = len(mine[index].marks & marks[at])
        return float(count) if count * 3 >= len(marks[at]) else 0.0

    for index, at in aligned(len(mine), len(marks), shared):
        found[index] = left.pop(at)
    for at, rest in [*left.items()]:  # a step that was moved
        free = [index for index in range(len(mine)) if not found[index]]
        best = max(free, key=lambda index: shared(index, at), default=-1)
        if best >= 0 and shared(best, at):
            found[best] = rest
            del left[at]
    return found, [*left.values()]
