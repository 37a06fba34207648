"""A quick look whether a large block of text can hold anything at all that is to be masked.

Python's engine looks for one beginning after the other; RE2 looks for all of them in one pass and takes linear time for
any text. It only ever settles that there is nothing: each pattern lets through more than what it stands for, and whatever
comes through is searched as if nobody had looked before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from smoke.redact.cards import DIGITS, PARTED_DIGITS
from smoke.redact.keys import endings, qualifiers
from smoke.redact.shapes import beginnings

LARGE = 64 * 1024
"""Smaller texts are searched for secrets and telling names at once."""
SOME = 4 * 1024
"""Smaller texts are searched for shapes at once."""


_MEMORY = 64 * 1024 * 1024
"""At most, for all the states of one pattern: a run may know hundreds of secrets."""


class Sieve:
    """Says of a text whether it may have what the pattern stands for."""

    def __init__(self, pattern: str) -> None:
        import re2  # its library takes some milliseconds to load: only a run with large bodies needs it

        options = re2.Options()
        options.encoding = re2.Options.Encoding.LATIN1  # each byte is a character
        options.never_capture = True
        options.max_mem = _MEMORY
        options.log_errors = False
        self._pattern = re2.compile(pattern.encode("latin-1"), options=options)

    def lets_through(self, text: bytes) -> bool:
        """Whether the text has to be searched."""
        return self._pattern.search(text) is not None


@cache
def shapes() -> Sieve:
    """For the shapes of tokens."""
    return Sieve(beginnings())


@cache
def places() -> Sieve:
    """For telling names with a separator behind them, or of an element, in a text of lower case."""
    return Sieve(_telling())


@cache
def parted_digits() -> Sieve:
    """For signs between groups of digits, in a text of lower case."""
    return Sieve(PARTED_DIGITS)


def _telling() -> str:
    ends = "|".join(word.replace(" ", "[_.-]?") for word in endings())
    more = "|".join(qualifiers())
    name = f"(?:{ends})(?:[_.-]?(?:{more})){{0,3}}"
    tag = rf"(?:<|&lt;|\\u003c|%3c)[a-z0-9_.:\-]*{name}(?:[\s/>&\\%]|$)"
    quote = r"[\"'\\]|&quot;|&#3[49];|&apos;|%2[27]"
    gap = rf"(?:\s|\\[nrt]|\+|%20|%0[9a]|%3d|=|{quote}){{1,60}}"
    named = rf"(?:name|key|id){gap}[a-z0-9_.:\-\[\]]*{name}(?:\]|{quote})"
    begins = r"(?:>|&gt;|\\u003e|%3e|cdata\[)(?:[^a-z0-9<]|\\[nrt]|%20|%0[9ad])*"
    text = rf"{begins}[a-z0-9_.:\-]*{name}(?:[\s<&\\%+\]]|$)"
    return rf"(?:{name}|&quot|&#34|&#39|%22|%5d)[^a-z0-9]*[:=]|%3d|{tag}|{named}|{text}"


def literals(words: Iterable[bytes]) -> Sieve:
    """For any of the words (ASCII letters and digits), in a text of lower case. An empty word is everywhere."""
    return Sieve(_any_of(words))


def everything(words: Iterable[bytes]) -> Sieve:
    """For shapes, telling names, numbers of cards and any of the words in one look, in a text of lower case."""
    own = (f"(?i:{beginnings()})", _telling(), DIGITS)
    return Sieve("|".join((*own, *filter(None, [_any_of(words)]))))


def _any_of(words: Iterable[bytes]) -> str:
    return "|".join(sorted({re.escape(word.lower().decode("ascii")) for word in words}))
