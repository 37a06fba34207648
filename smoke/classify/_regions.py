"""Where in a page an error is shown to its user, and where somebody writes about errors.

A shop that answers 200 shows its error in a box (`class="alert alert-danger"`, `role="alert"`); an article, a help
page or a listing of a program quotes errors of others.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from enum import IntEnum

_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9:._-]{0,60})((?:\s[^<>]{0,4000})?)>")
_NAMING = re.compile(
    r"""\b(?:class|id|role|data-[a-z-]{1,40}|aria-[a-z]{1,20})\s{0,3}=\s{0,3}(?:"([^"<>]{0,1000})"|'([^'<>]{0,1000})')""",
    re.IGNORECASE,
)
_BOX = re.compile(
    r"(?i)(?:\A|[^a-z])(?:alerts?|errors?|err|danger|flash(?:es)?|invalid|failure|failed|fail|fault|exceptions?|toast|notice|notification"
    r"|snackbar|warnings?|messages?|assertive|problem)(?![a-z])|error(?:s|list|box|msg|message|text|page)?(?![a-z])|isError|hasError"
)
_QUOTES = frozenset(
    {
        "a",
        "article",
        "blockquote",
        "code",
        "pre",
        "samp",
        "kbd",
        "q",
        "cite",
        "table",
        "dl",
        "figure",
        "title",
    }
)
_VOID = frozenset(
    {
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "source",
        "track",
        "wbr",
    }
)
_MAX_TAGS = 200_000
_MAX_OPEN = 400


class Region(IntEnum):
    """What the place says of an error that stands there."""

    PLAIN = 0
    QUOTE = 1
    BOX = 2


@dataclass(frozen=True, slots=True)
class Regions:
    """A page's stretches in order: `starts[i]` is where the kind `kinds[i]` begins."""

    starts: tuple[int, ...]
    kinds: tuple[Region, ...]

    def at(self, place: int) -> Region:
        """What kind of place the character of the page stands in."""
        return self.kinds[max(0, bisect_right(self.starts, place) - 1)]


def of(page: str) -> Regions:
    """The regions of a page's text, in one pass over its tags; a box wins over the quotations around and in it."""
    starts, kinds = [0], [Region.PLAIN]
    opened: list[tuple[str, Region]] = []
    for count, match in enumerate(_TAG.finditer(page)):
        if count >= _MAX_TAGS:
            break
        name = match[2].lower()
        if match[1]:
            _close(opened, name)
        elif name not in _VOID and not match[3].endswith("/") and len(opened) < _MAX_OPEN:
            opened.append((name, _kind(name, match[3])))
        kind = max((each for _, each in opened), default=Region.PLAIN)
        if kind is not kinds[-1]:
            starts.append(match.end() if not match[1] else match.start())
            kinds.append(kind)
    return Regions(tuple(starts), tuple(kinds))


def _close(opened: list[tuple[str, Region]], name: str) -> None:
    """Ends the innermost element of the name, and what was left open within it."""
    for index in range(len(opened) - 1, max(-1, len(opened) - 40), -1):
        if opened[index][0] == name:
            del opened[index:]
            return


def _kind(name: str, attributes: str) -> Region:
    if name not in {"html", "body", "main", "form", "input", "script"} and attributes:
        for match in _NAMING.finditer(attributes):
            if _BOX.search(match[1] or match[2] or ""):
                return Region.BOX
    return Region.QUOTE if name in _QUOTES else Region.PLAIN
