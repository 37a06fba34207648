"""Values that stand in a text, each behind the name that says what it is."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from smoke.redact.masker import search
from smoke.redact.matches import MaskReason, merge
from smoke.redact.secrets import Secrets

_VARIABLE = re.compile(r"\$[A-Za-z_][A-Za-z0-9_]{0,99}(?:[\s,)}\]]|\Z)")
"""A variable of GraphQL where its value would stand."""


class Literal(Struct, frozen=True):
    """Where a value stands in a text, its name, and what it is; `quoted` where the text may have it with escapes."""

    start: int
    end: int
    name: str
    value: str
    quoted: bool = False


def told_in(text: str) -> Iterator[Literal]:
    """Secrets that show by where they stand in JSON, XML, a form, a query or a dump within a text."""
    # a byte for a character, so that offsets are the same
    raw = "".join(char if ord(char) < 128 else "\x00" for char in text).encode("ascii")
    kinds = {MaskReason.PLACE, MaskReason.CARD}
    for match in merge(each for each in search(raw, Secrets()) if each.kind in kinds):
        value = text[match.start : match.end]
        if not _VARIABLE.match(value):
            yield Literal(match.start, match.end, match.name, value)
