"""A text that was peeled out of a response, and the way back from it to the bytes.

A piece is a slice of its parent's text, or what a substitution (unescaping, tags taken out …) made of such a slice.
The way back is computed only for the few values that are cited: the substitution is run again and its steps kept.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field

from smoke.model.dberror import Citation

Replace = Callable[["re.Match[str]"], str]
BEHIND_THE_BODY = 1 << 40
"""Headers are read after the body."""
MAX_DEPTH = 24
"""More codings than this are not peeled from one another."""
_STRIDE = 16 * 1024
_PIECEWISE = frozenset({"utf-8", "cp1252", "latin-1", "utf-16-le", "utf-16-be"})
"""Charsets in which the bytes of a text are those of its parts, one behind the other."""


@dataclass(slots=True, eq=False)
class Piece:
    """`text` with its origin: characters [start, end) of `parent`, recoded when `pattern` is set.

    A root has no parent; its characters encode to bytes of `part` by `charset` (with lone surrogates for undecodable
    bytes). `keys` is the path of names that led here, outermost first; `unreliable` marks text that stands where quoted
    or foreign text stands (an aside, an attribute of a product …); `plain` text has no markup, whatever it looks like.
    """

    text: str
    part: str = "body"
    parent: Piece | None = field(default=None, repr=False)
    coding: str = ""
    start: int = 0
    end: int = 0
    pattern: re.Pattern[str] | None = None
    replace: Replace | None = None
    keys: tuple[str, ...] = ()
    charset: str = "utf-8"
    shift: int = 0
    unreliable: bool = False
    depth: int = 0
    exact: bool = True
    plain: bool = False
    _stops: tuple[list[int], list[int]] | None = field(default=None, repr=False)
    _sizes: list[int] | None = field(default=None, repr=False)

    def slice(self, start: int, end: int, coding: str = "", keys: tuple[str, ...] = ()) -> Piece:
        """The same characters as a piece of their own."""
        return Piece(
            self.text[start:end],
            self.part,
            self,
            coding,
            start,
            end,
            keys=keys or self.keys,
            unreliable=self.unreliable,
            depth=self.depth + 1,
            plain=self.plain,
        )

    def recoded(
        self,
        pattern: re.Pattern[str],
        replace: Replace,
        coding: str,
        start: int = 0,
        end: int | None = None,
        keys: tuple[str, ...] = (),
    ) -> Piece:
        """What the substitution makes of characters [start, end)."""
        stop = len(self.text) if end is None else end
        source = self.text if (start, stop) == (0, len(self.text)) else self.text[start:stop]
        return Piece(
            pattern.sub(replace, source),
            self.part,
            self,
            coding,
            start,
            stop,
            pattern,
            replace,
            keys or self.keys,
            unreliable=self.unreliable,
            depth=self.depth + 1,
            plain=self.plain,
        )

    def opaque(self, text: str, coding: str, start: int, end: int) -> Piece:
        """Another text made of characters [start, end) as a whole (base64): it is cited as a whole."""
        return Piece(
            text,
            self.part,
            self,
            coding,
            start,
            end,
            keys=self.keys,
            unreliable=self.unreliable,
            depth=self.depth + 1,
            exact=False,
        )

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """The characters of the parent (of the root: the bytes of its part) that hold [start, end) of this text."""
        if self.parent is None:
            return self._bytes(start, end)
        if not self.exact:
            return self.start, self.end
        if self.pattern is None:
            return self.start + start, self.start + end
        made, came = self._steps()
        return self._back(made, came, start, after=True), self._back(made, came, end, after=False)

    def _bytes(self, start: int, end: int) -> tuple[int, int]:
        mark = start // _STRIDE if self.charset in _PIECEWISE else 0
        head = self._size_of_strides(mark) + self._size(mark * _STRIDE, start)
        return self.shift + head, self.shift + head + self._size(start, end)

    def _size(self, start: int, end: int) -> int:
        return len(self.text[start:end].encode(self.charset, _errors(self.charset)))

    def _size_of_strides(self, count: int) -> int:
        """The bytes of so many strides, counted once: there may be a thousand citations of megabytes."""
        if self._sizes is None:
            self._sizes = [0]
        while len(self._sizes) <= count:
            at = (len(self._sizes) - 1) * _STRIDE
            self._sizes.append(self._sizes[-1] + self._size(at, at + _STRIDE))
        return self._sizes[count]

    def _steps(self) -> tuple[list[int], list[int]]:
        """Where each run of the made text starts, and where it came from in the parent's text."""
        if self._stops is None:
            assert self.parent is not None
            assert self.pattern is not None
            assert self.replace is not None
            made, came = [0], [self.start]
            at, position = 0, self.start
            source = self.parent.text[self.start : self.end]
            for match in self.pattern.finditer(source):
                begin, stop = match.span()
                at += self.start + begin - position
                made.append(at)
                came.append(self.start + begin)
                at += len(self.replace(match))
                position = self.start + stop
                made.append(at)
                came.append(position)
            self._stops = made, came
        return self._stops

    def _back(self, made: list[int], came: list[int], at: int, *, after: bool) -> int:
        """The parent's character at `at`; of several that vanished there, those before it or after it."""
        index = bisect_right(made, at) - 1
        if not after:
            while index > 0 and made[index] == at:
                index -= 1
        reach = came[index] + at - made[index]
        following = came[index + 1] if index + 1 < len(came) else self.end
        return min(reach, following) if reach <= following else following

    def cite(self, name: str, start: int, end: int) -> Citation:
        """The bytes that hold [start, end) of this text, and the codings between."""
        through: list[str] = []
        piece: Piece = self
        while piece.parent is not None:
            start, end = piece.origin(start, end)
            if piece.coding:
                through.append(piece.coding)
            piece = piece.parent
        first, last = piece.origin(start, end)
        if piece.charset != "utf-8":
            through.append(piece.charset)
        if piece.coding:
            through.append(piece.coding)
        return Citation(name, piece.part, first, last, tuple(reversed(through)))

    def place(self, at: int) -> int:
        """Where the character stands in the root's text: the order in which things were said."""
        piece: Piece = self
        while piece.parent is not None:
            at = piece.origin(at, at)[0]
            piece = piece.parent
        return at if piece.part == "body" else at + BEHIND_THE_BODY

    def root(self) -> Piece:
        """The piece that everything was peeled from."""
        piece = self
        while piece.parent is not None:
            piece = piece.parent
        return piece


def _errors(charset: str) -> str:
    if charset == "utf-8":
        return "surrogateescape"
    return "surrogatepass" if charset.startswith("utf-16") else "replace"
