"""Ids that count up: order 1042 is one of each database's, so that it ties an entry within one database alone. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from smoke.logs import whose
from smoke.logs.entry import LogEntry, LogKind
from smoke.logs.wanted import Named, Wanted

_KEY = re.compile(r"\(([^()]{1,400})\)=\(([^\n]{0,2000}?)\)(?= |$|,)")
_SMALL = 10_000
"""A number below it is reached by many a database, so that two have it at the same moment."""


def names(entry: LogEntry, named: Sequence[Named]) -> str:
    """An id that counts up, where the entry's key gives it under its own name: `Key (order_id)=(1042)`."""
    if not named or not entry.detail:
        return ""
    for columns, values in _KEY.findall(entry.detail[:4000]):
        names = [name.strip().strip('"').lower() for name in columns.split(",")]
        given = [value.strip() for value in values.split(",")]
        if len(names) != len(given):
            continue
        for name, value in zip(names, given, strict=True):
            for item in named:
                own_table = name == "id" and entry.table.lower() in item.names
                if item.value == value and (own_table or (name != "id" and name in item.names)):
                    return f"{name} {value}"
    return ""


def may_be_anothers(
    found: Sequence[LogEntry], failed: Sequence[LogEntry], wanted: Wanted
) -> tuple[str, ...]:
    """The databases that errors of that moment are of, where a small number alone ties `found`; none where one is known.

    Which of them is the shop's nobody told: a customer 7 is in each.
    """
    if wanted.database or any(entry.kind is not LogKind.POSTGRES for entry in found):
        return ()
    small = tuple(item for item in wanted.named if item.names and int(item.value) < _SMALL)
    large = tuple(item for item in wanted.named if item not in small)
    for entry in found:
        surer = whose.mentions(entry, wanted.given) or whose.of_phone(entry, wanted.named)
        if surer or names(entry, large) or not names(entry, small):
            return ()
    beside = [entry for entry in failed if entry.at is not None and whose.close(entry, wanted)]
    databases = {entry.database for entry in (*found, *beside) if entry.database}
    return tuple(sorted(databases)) if len(databases) > 1 else ()
