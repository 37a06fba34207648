"""Messages about a user's input, as values: what was found, where, what was expected.

This module imports nothing of ours. A `Diagnostic` is rendered in one place only (`smoke.cli.render`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum

from msgspec import Struct

_MOST_NEAR = 5
_SHORT = 5
"""Letters of a word up to which more is asked than that it looks alike."""
_ALIKE = 0.7


class Level(StrEnum):
    """How much a diagnostic weighs: an error stops the command, the others do not."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Span(Struct, frozen=True):
    """A stretch of a source: lines and columns count from 1, in characters; the end is exclusive.

    `source` is the file's path as the user wrote it, or a word for where the text came from (`--var`).
    """

    source: str
    line: int = 1
    column: int = 1
    end_line: int = 1
    end_column: int = 2


class Note(Struct, frozen=True):
    """Something to add to a diagnostic, with the place it speaks of when there is one."""

    message: str
    span: Span | None = None


class Diagnostic(Struct, frozen=True):
    """One message about a user's input.

    `code` is kebab-case, never reused, and the name of a page of `smoke explain`. `label` stands beside the
    carets; `suggestion` is the nearest valid spelling, if one is clearly nearest. `excerpt` holds the source
    lines around the span (first line's number, text), already redacted.
    """

    code: str
    message: str
    level: Level = Level.ERROR
    span: Span | None = None
    label: str = ""
    notes: tuple[Note, ...] = ()
    suggestion: str | None = None
    excerpt: tuple[tuple[int, str], ...] = ()


class SmokeError(Exception):
    """The user's input cannot be used. Carries every diagnostic there is, not just the first."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics: tuple[Diagnostic, ...] = tuple(diagnostics)
        super().__init__("; ".join(d.message for d in self.diagnostics))

    @classmethod
    def of(
        cls, code: str, message: str, *, span: Span | None = None, notes: Sequence[str] = ()
    ) -> SmokeError:
        """One error without a source line, such as one about a command-line option."""
        return cls(
            [Diagnostic(code, message, span=span, notes=tuple(Note(note) for note in notes))]
        )


class NothingSelectedError(SmokeError):
    """All that was asked for is right, and there is nothing to do."""


class NothingChangedError(NothingSelectedError):
    """There is nothing to do because nothing changed, which was the question: a good end for a command line."""


def nearest(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate that `word` most likely meant, or None when none is clearly nearest."""
    import difflib

    lower, by_lower = word.lower(), {c.lower(): c for c in candidates}
    found = difflib.get_close_matches(lower, by_lower, n=_MOST_NEAR, cutoff=0.6)
    return next((by_lower[each] for each in found if _is_near(lower, each)), None)


def _is_near(word: str, other: str) -> bool:
    """Whether one of two words that look alike may stand for the other: short ones look alike by chance (cart, target)."""
    from difflib import SequenceMatcher

    return (
        min(len(word), len(other)) > _SHORT
        or word[:1] == other[:1]
        or sorted(word) == sorted(other)
        or (len(word) == len(other) and sum(map(str.__ne__, word, other)) == 1)
        or SequenceMatcher(None, other, word).ratio() >= _ALIKE
    )
