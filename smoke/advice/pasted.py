"""Values in a line that a person is meant to paste: a shell command, SQL, a URL, all of which a server's text may enter.

Nobody can tell for certain in which language a scenario's words are, and a value that is quoted for one is not for the
other. So only what is inert in all of them is put in; in the place of any other value its name stays, for the person
to judge. In SQL, a word without quotes would be a column's name (`WHERE id = id` is every row): it gets quotes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

# no sign of a shell's, SQL's, JSON's or a URL's syntax; it begins with a letter or digit, so it is no option either
_INERT = re.compile(
    r"[A-Za-z0-9](?:[A-Za-z0-9_.:@+%]|-(?!-)){0,99}"
    r"|https?://[A-Za-z0-9.:\-]{1,200}(?:/[A-Za-z0-9_.:@%~\-]{0,200}){0,20}"
)
_SQL = re.compile(
    r"(?:^|[\s\"'`;(])(?:delete\s+from|update\s+\S+\s+set|insert\s+into|select\s|call\s)",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"[0-9]+")


def is_inert(value: str) -> bool:
    """Whether a value is nothing but a value in a shell command, in SQL, in JSON and in a URL."""
    return _INERT.fullmatch(value) is not None and ".." not in value and "--" not in value


def put_in(words: Iterable[str | tuple[str, str | None]]) -> str:
    """The line of literal pieces and named values. The name stands where there is no value, or one that may do harm."""
    pieces = list(words)
    sql = _SQL.search("".join(piece if isinstance(piece, str) else "0" for piece in pieces))
    out = ""
    for number, piece in enumerate(pieces):
        if isinstance(piece, str):
            out += piece
            continue
        name, value = piece
        if value is None or not is_inert(value):
            out += f"<{name}>"
        elif sql is not None and not _NUMBER.fullmatch(value) and _is_bare(pieces, number, out):
            out += f"'{value}'"
        else:
            out += value
    return out


def _is_bare(pieces: list[str | tuple[str, str | None]], number: int, before: str) -> bool:
    """Whether a value stands alone in SQL: outside of single quotes, and no part of a longer word."""
    behind = pieces[number + 1] if number + 1 < len(pieces) else ""
    return (
        before.count("'") % 2 == 0
        and not re.search(r"[\w\"'`./:@-]$", before)
        and not (isinstance(behind, str) and re.match(r"[\w\"'`/:@-]", behind))
    )
