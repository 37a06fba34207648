"""What a large text can hold at all, told from its words: most searches of all of it need not be made.

A text of megabytes has few different words, and to look through these takes a hundredth of the time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_LETTERS = re.compile(r"[A-Za-z]+")
_REMEMBERED = 256 * 1024
"""Letters of words that are remembered; a text with more different words is searched as a whole."""
_ENDS_AS_LABEL = re.compile(r"(?i:code|state|errno)(?![A-Za-z])")
"""In a word: `statement` and `encoded` are no labels, and stand all over some texts."""
# of a text in lower case; what lies between label and code is taken whole, so nothing is tried twice
_LABELLED = re.compile(
    r"(?:code|state|errno|sqlstate\(e)(?=[^0-9a-z\n]{1,12}+(?<![_.-])([0-9a-z]{5})(?![0-9a-z_.-]))"
)
_LABELS = ("code", "state", "errno")
_DEBUGGED = "sqlstate(e"
_BEFORE = len("sql")
_DENSE = 400
"""So many labels in a stretch are found faster by the pattern."""
_LONGEST = 64
"""More than a label, what lies behind it, and a code take together."""


class Glimpse:
    """Takes the words of a text stretch by stretch (`met`), and says what it may hold of the `literals`."""

    def __init__(self, text: str, literals: tuple[str, ...]) -> None:
        self._text = text
        self._missing = {literal: run for literal in literals if (run := longest_run(literal))}
        self._known: set[str] = set()
        self._size = 0
        self._labels: set[str] = set()
        self._stretches: list[tuple[int, int]] = []

    def met(self, start: int, end: int, words: set[str]) -> None:
        """The words of the next stretch of the text."""
        fresh = words - self._known
        labels = self._labels
        if fresh:
            joined = " ".join(fresh)
            self._missing = {
                literal: run for literal, run in self._missing.items() if run not in joined
            }
            if _ENDS_AS_LABEL.search(joined):
                labels = labels | {word for word in fresh if _ENDS_AS_LABEL.search(word)}
            self._size += len(joined)
            if self._size < _REMEMBERED:
                self._known |= fresh
                self._labels = labels
        if not labels.isdisjoint(words):
            self._stretches.append((start, end))

    def may_hold(self, literal: str) -> bool:
        """Whether the literal may be in the text: not when none of the words has its letters."""
        return literal not in self._missing

    def labelled_codes(self, first: int = 0) -> Iterator[tuple[str, int]]:
        """Whatever looks like an SQLSTATE behind a label, in order, and where it is; from the place `first` on."""
        done = first
        for begin, end in self._stretches:
            start = max(begin, first)
            for at in _codes(self._text, start, min(len(self._text), end + _LONGEST)):
                if done <= at < end:
                    done = at + 5
                    yield self._text[at:done], at


def longest_run(literal: str) -> str:
    """The longest run of letters in a literal: a text with the literal has a word with it. Empty for a single letter."""
    run = max(_LETTERS.findall(literal), key=len, default="")
    return run if len(run) > 1 else ""


def _codes(text: str, start: int, end: int) -> Iterator[int]:
    stretch = text[start:end]
    if not stretch.isascii():
        # one character for one: labels and codes are ASCII, and any other letter ends them as a mark does
        stretch = stretch.encode("ascii", "replace").decode("ascii")
    # without regard to case a search takes ten times as long
    for found in _labelled(stretch.lower()):
        code = stretch[found.start(1) : found.end(1)]
        if code == code.upper():
            yield start + found.start(1)


def _labelled(text: str) -> Iterator[re.Match[str]]:
    """Labels with a code behind them, in order. To find the few labels of a text takes a tenth of trying every place."""
    if sum(map(text.count, _LABELS)) > _DENSE:
        return _LABELLED.finditer(text)
    places: list[int] = []
    for label in _LABELS:
        at = text.find(label)
        while at >= 0:
            places += (
                [at, at - _BEFORE] if text.startswith(_DEBUGGED, max(0, at - _BEFORE)) else [at]
            )
            at = text.find(label, at + 1)
    return (found for place in sorted(places) if (found := _LABELLED.match(text, place)))
