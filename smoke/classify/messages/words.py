"""The words of a template by which it is found, and the words of a text.

A template can only be in a text that has all of its words: so the few templates that may be in a text are found
by looking at the set of its words once, whatever the number of templates. Scripts that put no space between words
(Han, Kana) count by pairs of neighbouring characters instead.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

PLACEHOLDER = re.compile(r"%(?:(\d)\$)?[-0-9.*]*(?:l|ll|z)?[sducxXmg]|%%")
"""A conversion of printf; the group is the number of its argument where the translation gives one."""

_HAN = "\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[^\W\d_{_HAN}]+")
_NARROW = bytes(code if _WORD.fullmatch(chr(code)) else 32 for code in range(256))
"""Of the first 256 characters the letters; any other becomes a space, which is several times faster than a search."""
_LINES = _NARROW[:10] + b"\n" + _NARROW[11:]
"""The same, but for the ends of lines."""
_WIDE = bytes(code if code > 127 else _NARROW[code] for code in range(256))
_HAN_RUN = re.compile(rf"[{_HAN}]{{2,}}")


def _pairs(text: str) -> set[str]:
    found: set[str] = set()
    for run in _HAN_RUN.findall(text):
        found.update(map("".join, pairwise(run)))
    return found


@lru_cache(maxsize=16_384)
def _wide_words(run: str) -> frozenset[str]:
    """The words in a run of letters and of any characters that are not ASCII; texts say the same again and again."""
    return frozenset(_WORD.findall(run)).union(_pairs(run))


def words_of(text: str) -> set[str]:
    """Every word of a text, and every pair of neighbouring Han or Kana."""
    try:
        lines = text.encode("latin-1").translate(_LINES).split(b"\n")
    except UnicodeEncodeError:
        pass
    else:
        # without their numbers most lines of a log or a dump are the same few
        return set(b" ".join(set(lines)).decode("latin-1").split())
    # a lone surrogate is no letter
    runs = set(text.encode("utf-8", "replace").translate(_WIDE).decode("utf-8").split())
    wide = {run for run in runs if not run.isascii()}
    runs -= wide
    return runs.union(*map(_wide_words, wide))


def ascii_words(text: str) -> set[str]:
    """The words between marks and letters that are not ASCII: enough to tell which words of ASCII a text has."""
    return set(text.encode("ascii", "replace").translate(_NARROW).decode("ascii").split())


def index_keys(literal: str, *, first: bool, left: bool, right: bool) -> list[str]:
    r"""The words that a text with this literal in it has for certain.

    Left out, unless there is no other: the first one of a template (`first`), which may have got a capital letter
    or stick to an escape (`\nduplicate`), and one that touches a placeholder on its `left` or `right`.
    """
    han = _pairs(literal)
    if han:
        return sorted(han)
    words = _WORD.findall(literal)
    rest = words[1 if (first or left) and literal[:1].isalnum() else 0 :]
    if right and literal[-1:].isalnum():
        rest = rest[:-1]
    return list(dict.fromkeys(rest or words))
