"""A quick look whether a large block of text can hold anything at all that is to be masked.

Python's engine looks for one beginning after the other; the one that pydantic brings (Rust's, whose patterns take linear
time for any text) looks for all of them in one pass. It only ever settles that there is nothing: each pattern lets
through more than what it stands for, and whatever comes through is searched as if nobody had looked before.

The patterns are for text decoded as Latin-1, in which every byte is one character.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from smoke.redact.keys import endings, qualifiers

LARGE = 64 * 1024
"""Smaller texts are searched at once: to make the patterns takes longer."""

# how the shapes of smoke.redact.shapes begin
_SHAPES = (
    r"[sr]k_live_",
    r"[sr]k_test_",
    r"whsec_",
    r"gh[pousr]_",
    r"_pat_",
    r"shp[a-z][a-z]_",
    r"sb_secret_",
    r"npm_",
    r"AKIA",
    r"ASIA",
    r"AIza",
    r"eyJ",
    r"SG\.",
    r"glpat-",
    r"xox[abeoprs]-",
    r"-----BEGIN",
    r"""://[^ \t\n\r\x0b\x0c/?#@:"'<>\\]*:[^ \t\n\r\x0b\x0c/?#@"'<>\\]+@""",
    r"%3[aA]%2[fF]%2[fF]",
)


class Sieve:
    """Says of a text whether it may have what the pattern stands for."""

    def __init__(self, pattern: str) -> None:
        from pydantic_core import SchemaValidator, core_schema

        schema = core_schema.str_schema(pattern=pattern, regex_engine="rust-regex", strict=True)
        self._validator = SchemaValidator(schema)

    def lets_through(self, text: str) -> bool:
        """Whether the text has to be searched."""
        return self._validator.isinstance_python(text)


@cache
def shapes() -> Sieve:
    """For the shapes of tokens."""
    return Sieve("|".join(_SHAPES))


@cache
def places() -> Sieve:
    """For telling names with a separator behind them, in a text of lower case."""
    ends = "|".join(word.replace(" ", "[_.-]?") for word in endings())
    more = "|".join(qualifiers())
    name = f"(?:{ends})(?:[_.-]?(?:{more})){{0,3}}"
    return Sieve(f"(?:{name}|&quot|&#34|&#39|%22|%5d)[^a-z0-9]*[:=]|%3d")


def literals(words: Iterable[bytes]) -> Sieve:
    """For any of the words (ASCII letters and digits), in a text of lower case. An empty word is everywhere."""
    return Sieve("|".join(sorted({re.escape(word.lower().decode("ascii")) for word in words})))
