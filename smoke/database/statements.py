"""What a counted statement does, read from its text: which tables it writes to. Pure.

Values are `$1` there already; only where a text is of a utility statement they are not, and none of those is read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_LONGEST = 20_000
_COMMENTS = re.compile(r"/\*.{0,2000}?\*/|--[^\n]{0,2000}", re.DOTALL)
_NAME = r"(?:\"(?:[^\"]|\"\"){1,200}\"|[^\W\d][\w$]{0,200})"
_TARGET = re.compile(
    rf"(?:\b(do|for|key)\s{{1,20}})?\b(insert\s{{1,20}}into|update|delete\s{{1,20}}from|merge\s{{1,20}}into)\s{{1,20}}"
    rf"(?:only\s{{1,20}})?({_NAME}(?:\s{{0,20}}\.\s{{0,20}}{_NAME})?)",
    re.IGNORECASE,
)
_VALUE = r"(?:\$\d{1,5}|default)(?:::[a-z]{1,20}(?: [a-z]{1,20}){0,3})?"
_PLAIN = re.compile(
    rf"\bvalues ?\( ?{_VALUE} ?(?:, ?{_VALUE} ?){{0,2000}}\)(?: returning [\w\"., ]{{1,2000}})?;?\Z",
    re.IGNORECASE,
)
_READS = re.compile(
    r"[\s(]{0,20}(?:select|insert|update|delete|merge|with|values)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class StatementText:
    """A statement: its text without comments, and what it writes, as pairs of a verb and a name as SQL wrote it."""

    text: str
    writes: tuple[tuple[str, str], ...] = ()

    @property
    def inserts_into(self) -> str:
        """The one table that it puts rows into, if that is all that it writes and nothing is done in place of it."""
        if len(self.writes) != 1 or self.writes[0][0] != "insert" or self.upserts:
            return ""
        return self.writes[0][1]

    @property
    def plain(self) -> bool:
        """Whether the row that it puts into a table is of values as they were sent, so that none of them can fail."""
        return _PLAIN.search(self.text) is not None

    @property
    def upserts(self) -> bool:
        """Whether it says what to do where the row is there already."""
        return "on conflict" in self.text.lower()

    def names(self, table: str) -> bool:
        """Whether a table's bare name stands in it."""
        return re.search(rf"(?<!\w){re.escape(table)}(?!\w)", self.text, re.IGNORECASE) is not None


def statement_text(text: str) -> StatementText | None:
    """What a statement does; None for one that neither reads nor writes rows (BEGIN, SET …)."""
    bare = " ".join(_COMMENTS.sub(" ", text[:_LONGEST]).split())
    if _READS.match(bare) is None:
        return None
    writes = tuple(
        (found[2].split()[0].lower(), "".join(found[3].split()))
        for found in _TARGET.finditer(bare)
        if not found[1]
    )
    return StatementText(bare, writes)
