"""Why an imported scenario fails at first, and the line to change: what was right in the recording and is so no more.

A hint says what stands there and what was answered. It is no verdict, and names no cause that nothing speaks for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from msgspec import Struct

from smoke.recording.given import leaves as answered_values
from smoke.recording.given import telling
from smoke.recording.hiding import Hidden
from smoke.recording.marks import Where
from smoke.recording.named import free_name
from smoke.recording.pairing import PlacedStep, steps_in
from smoke.recording.placed import Placed, PlacedList, PlacedMap, PlacedValue, line_of, placed
from smoke.redact.keys import words
from smoke.text import shorten

_FORGED = {"csrf", "xsrf", "authenticity", "nonce", "verification"}
_BODIES = {"json", "form", "multipart", "graphql", "query"}
_VERSION = re.compile(r"v[0-9]{1,3}|[0-9]{4}-[0-9]{2}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9:.]{4,18}(?:Z|[+-][0-9:]{2,6})?)?")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_NUMBERED = re.compile(r"[A-Za-z][A-Za-z0-9]{0,20}[-_#]?[A-Za-z0-9-]{0,40}[0-9][A-Za-z0-9_-]{0,60}")
_EMAIL = re.compile(r"[^\s@{}]{1,64}@[^\s@{}]{1,200}\.[A-Za-z]{2,20}")


class RunMismatch(Struct, frozen=True):
    """A value that was not as expected, and the line that expects it."""

    path: str
    expected: Any
    actual: Any
    line: int


class RunStep(Struct, frozen=True):
    """A step of the run by its line in the file: the status of its answer (0 without one), and the answer's JSON."""

    line: int
    name: str
    status: int
    document: Any = None
    mismatches: tuple[RunMismatch, ...] = ()


class FirstRunHint(Struct, frozen=True):
    """What is to be changed, at a line of the file."""

    line: int
    message: str


def first_run_hints(text: str, steps: Sequence[RunStep]) -> list[FirstRunHint]:
    """Hints for the last of these steps, which failed; those before it were answered. `text` is the file that was run."""
    root = placed(text)
    if not isinstance(root, PlacedMap) or not steps:
        return []
    failed = steps[-1]
    lines = {line_of(text, each.node.start): each for each in steps_in(root)}
    step = lines.get(failed.line)
    if step is None:
        return []
    look = _Look(text, step, failed, steps[:-1])
    return [*dict.fromkeys([*look.refused(), *look.spent(), *look.taken(), *look.changing()])]


class _Look:
    """A failed step, and the steps before it."""

    def __init__(
        self, text: str, step: PlacedStep, failed: RunStep, before: Sequence[RunStep]
    ) -> None:
        self._text, self._failed, self._before = text, failed, before
        request = step.node.get("request")
        start = ("url",) if isinstance(request, PlacedValue) else ()  # `GET /path` on one line
        self._sent = [] if request is None else list(_places(request, start))

    def _hint(self, at: PlacedValue, message: str) -> FirstRunHint:
        return FirstRunHint(line_of(self._text, at.start), message)

    def refused(self) -> Iterator[FirstRunHint]:
        """A credential that has expired, or the token of a form that was of the recorded session."""
        status = self._failed.status
        for where, at in self._sent:
            value, key = str(at.value), str(where[-1]) if where else ""
            captured = "{{" in value and "secrets." not in value
            if status in {400, 403, 419, 422} and _FORGED & {*words(key)} and not captured:
                yield self._hint(
                    at,
                    f"{status}, and {key} is sent as it was recorded: such a token belongs to one session. Add a step that "
                    f"gets the page or answer that gives it, capture it there, and write {{{{ csrf }}}} here",
                )
            elif status in {401, 403} and "{{ secrets." in value and where[0] not in _BODIES:
                yield self._hint(
                    at,
                    f"{status}, and {value} was of the recorded session: it may have expired. Record the sign-in too, so "
                    "that the token is captured; or log in in a step before this, capture it, and write {{ token }} here",
                )

    def spent(self) -> Iterator[FirstRunHint]:
        """An id of the recording that stands there as it was."""
        if self._failed.status not in {404, 409, 410, 422}:
            return
        for where, at in self._sent:
            for value, wanted in _literal_ids(where, at):
                if Hidden().inside(value):  # written by hand: it is no id, and not shown
                    continue
                yield self._hint(
                    at,
                    f"{self._failed.status}, and the id {shorten(value, 60)} is sent as it was recorded: what it names may be "
                    f"used up or gone. {self._replacement(wanted)}",
                )

    def _replacement(self, wanted: tuple[str, ...]) -> str:
        """The capture of an earlier answer that gives such an id."""
        for step in reversed(self._before):
            for path, name, value in answered_values(step.document):
                if not isinstance(value, (str, int)) or isinstance(value, bool) or not value:
                    continue
                parts = re.findall(r"\.([A-Za-z_]\w*)", path)
                named = (*words(parts[-2]), "id") if name == "id" and len(parts) > 1 else ()
                if wanted in ((*words(name),), named):
                    key = free_name("_".join(wanted), ())
                    return (
                        f"The step '{shorten(step.name, 60)}' (line {step.line}) is answered with one: write "
                        f"capture: {{{key}: {path}}} there, and {{{{ {key} }}}} here"
                    )
        return "No step before it is answered with one: record the request that makes it too, and capture the id there"

    def taken(self) -> Iterator[FirstRunHint]:
        """An e-mail address that somebody signed up with already."""
        if self._failed.status not in {400, 409, 422}:
            return
        for where, at in self._sent:
            if where[0] in _BODIES and _EMAIL.fullmatch(str(at.value)):
                yield self._hint(
                    at,
                    f"{self._failed.status}, and this address is sent as it was recorded: it may be taken. Write "
                    '"{{ fake.email }}" here',
                )

    def changing(self) -> Iterator[FirstRunHint]:
        """An expectation of a value that each run has its own of."""
        for each in self._failed.mismatches:
            kind = _kind(each.expected, each.actual)
            if kind and each.line:
                what, matcher = kind
                yield FirstRunHint(
                    each.line,
                    f"{each.path}: the recorded value and this one look like {what}, which each run has its own of. Write "
                    f"{matcher} in its place",
                )


def _places(node: Placed, at: Where) -> Iterator[tuple[Where, PlacedValue]]:
    if isinstance(node, PlacedValue):
        yield at, node
    elif isinstance(node, PlacedList):
        for index, each in enumerate(node.items):
            yield from _places(each, (*at, index))
    else:
        for key, value in node.pairs:
            yield from _places(value, (*at, str(key.value)))


def _literal_ids(where: Where, at: PlacedValue) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Ids in a value that are no templates, each with the words of what it names."""
    text = str(at.value)
    if where == ("url",):
        parts = re.sub(r"\A[A-Za-z]+ +", "", text).partition("?")[0].split("/")
        for before, part in pairwise(parts):
            if any(map(str.isdigit, part)) and "{{" not in part and not _VERSION.fullmatch(part):
                yield part, (*_single(before), "id")
    elif where[0] in _BODIES and "{{" not in text and isinstance(at.value, (str, int)):
        keys = [str(each) for each in where if isinstance(each, str)]
        if telling(keys[-1]) and any(map(str.isdigit, text)):
            own = words(keys[-1])
            yield text, (*_single(keys[-2]), "id") if own == ("id",) and len(keys) > 2 else own


def _single(word: str) -> tuple[str, ...]:
    """The words of a collection's name, the last one for one of it."""
    found = list(words(word))
    if found and found[-1].endswith("s"):
        last = found[-1]
        found[-1] = f"{last[:-3]}y" if last.endswith("ies") else last[:-1]
    return (*found,)


def _kind(expected: Any, actual: Any) -> tuple[str, str] | None:
    """What both values are an instance of, and the matcher for any of them."""
    if isinstance(expected, bool) or isinstance(actual, bool):
        return None
    both = (str(expected), str(actual))
    if isinstance(expected, str) and isinstance(actual, str):
        if all(map(_MOMENT.fullmatch, both)):
            return "moments", '{matches: "^[0-9]{4}-[0-9]{2}-[0-9]{2}"}'
        if all(map(_UUID.fullmatch, both)):
            return "ids", '{matches: "^[0-9a-fA-F-]{36}$"}'
        if all(map(_NUMBERED.fullmatch, both)) and _start(both[0]) == _start(both[1]):
            return "ids", "{exists: true}"
    elif isinstance(expected, int) and isinstance(actual, int) and min(expected, actual) > 10**8:
        return "moments or ids", "{type: integer}"
    return None


def _start(text: str) -> str:
    return re.split(r"[-_#0-9]", text, maxsplit=1)[0].lower()
