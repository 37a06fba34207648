"""Where keys and values stand in a TOML text: the standard library reads values and keeps no places.

For text that `tomllib` has taken: what it refuses is not looked for again. Linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from smoke.diagnostic import Span

Path = tuple[str, ...]
_BLANK = re.compile(r"(?:[ \t\n]|#[^\n]*)*+")
_KEY = re.compile(r"""[ \t]*+([A-Za-z0-9_-]++|"(?:[^"\\]|\\.)*+"|'[^']*+')[ \t]*+""")
_TEXT = re.compile(
    r'"""(?:[^"\\]|\\.|"{1,2}(?!"))*+"{3,5}'
    r"|'''(?:[^']|'{1,2}(?!'))*+'{3,5}"
    r'|"(?:[^"\\]|\\.)*+"'
    r"|'[^']*+'",
    re.DOTALL,
)
_BARE = re.compile(r"[^,\]}\n#]*+")


class Places:
    """The places of a text, by path: `("tool", "smoke", "timeout")`; an item of a list has its number as a name."""

    def __init__(self, text: str, source: str) -> None:
        self._text = text
        self._source = source
        self._at = 0
        self._keys: dict[Path, tuple[int, int]] = {}
        self._values: dict[Path, tuple[int, int]] = {}
        self._read()

    def key(self, path: Path) -> Span:
        """Where the key at the end of a path stands; the nearest key above it when it has none."""
        return self._nearest(self._keys, path)

    def value(self, path: Path) -> Span:
        """Where the value of a path stands; that of its key for a table of its own."""
        return self._nearest({**self._keys, **self._values}, path)

    def _nearest(self, places: Mapping[Path, tuple[int, int]], path: Path) -> Span:
        while path and path not in places:
            path = path[:-1]
        start, end = places.get(path, (0, 1))
        line = self._text.count("\n", 0, start) + 1
        column = start - self._text.rfind("\n", 0, start)
        stop = self._text.find("\n", start)
        end = min(end, len(self._text) if stop < 0 else stop)
        return Span(self._source, line, column, line, column + max(1, end - start))

    def _read(self) -> None:
        table: Path = ()
        while self._skip() < len(self._text):
            if self._text[self._at] == "[":
                self._at += 2 if self._text.startswith("[[", self._at) else 1
                table = self._key(())
                self._at = self._text.find("\n", self._at)
                if self._at < 0:
                    return
            else:
                self._pair(table)

    def _skip(self) -> int:
        found = _BLANK.match(self._text, self._at)
        self._at = found.end() if found else self._at
        return self._at

    def _key(self, above: Path) -> Path:
        """The path of a key, which may have dots in it."""
        path = above
        while found := _KEY.match(self._text, self._at):
            path = (*path, _bare(found[1]))
            self._keys.setdefault(path, found.span(1))
            self._at = found.end()
            if not self._text.startswith(".", self._at):
                break
            self._at += 1
        return path

    def _pair(self, above: Path) -> None:
        path = self._key(above)
        self._at += 1  # the sign of equality
        self._value(path)

    def _value(self, path: Path) -> None:
        start = self._skip()
        opening = self._text[start : start + 1]
        if opening in ("{", "["):
            self._at += 1
            number = 0
            while self._skip() < len(self._text) and self._text[self._at] not in "}]":
                if self._text[self._at] == ",":
                    self._at += 1
                elif opening == "{":
                    self._pair(path)
                else:
                    self._value((*path, str(number)))
                    number += 1
            self._at += 1
        else:
            found = _TEXT.match(self._text, start) or _BARE.match(self._text, start)
            assert found is not None  # a bare value may be empty
            self._at = found.end()
        self._values[path] = (start, start + len(self._text[start : self._at].rstrip()))


def _bare(key: str) -> str:
    return key[1:-1] if key[0] in "\"'" else key
