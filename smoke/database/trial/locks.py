"""Lock modes of tables, what they stop, and what is done under one (PostgreSQL's documentation, 13.3.1)."""

from __future__ import annotations

from enum import StrEnum

CONCURRENT = "ShareUpdateExclusiveLock"
STRENGTH = {
    "RowExclusiveLock": 1,
    CONCURRENT: 2,
    "ShareLock": 3,
    "ShareRowExclusiveLock": 4,
    "ExclusiveLock": 5,
    "AccessExclusiveLock": 6,
}
"""Modes that an order can meet, the weakest first; ACCESS SHARE and ROW SHARE stop no order."""
_NAMES = {
    "RowExclusiveLock": "ROW EXCLUSIVE",
    CONCURRENT: "SHARE UPDATE EXCLUSIVE",
    "ShareLock": "SHARE",
    "ShareRowExclusiveLock": "SHARE ROW EXCLUSIVE",
    "ExclusiveLock": "EXCLUSIVE",
    "AccessExclusiveLock": "ACCESS EXCLUSIVE",
}
_WRITERS = (
    *("RowExclusiveLock", CONCURRENT, "ShareLock", "ShareRowExclusiveLock", "ExclusiveLock"),
    "AccessExclusiveLock",
)


class Work(StrEnum):
    """What is done under a lock, which says how long it is held."""

    CATALOGUE = "catalogue"
    SCAN = "scan"
    INDEX = "index"
    REWRITE = "rewrite"
    ROWS = "rows"


def stronger(mode: str, than: str) -> bool:
    """Whether a mode stops more than another; any is stronger than none."""
    return not than or STRENGTH.get(mode, 0) > STRENGTH.get(than, 0)


def called(mode: str) -> str:
    """The mode as PostgreSQL's documentation writes it."""
    return _NAMES.get(mode, mode)


def stops(mode: str) -> str:
    """Whom a lock of this mode keeps waiting."""
    strength = STRENGTH.get(mode, 0)
    if strength >= STRENGTH["AccessExclusiveLock"]:
        return "nobody reads or writes it meanwhile"
    if strength >= STRENGTH["ShareLock"]:
        return "nobody writes to it meanwhile, reading goes on"
    return "reading and writing go on"


def waits_for(mode: str) -> tuple[str, ...]:
    """The modes of others that a lock of this mode waits for."""
    strength = STRENGTH.get(mode, 0)
    if strength >= STRENGTH["AccessExclusiveLock"]:
        return ("AccessShareLock", "RowShareLock", *_WRITERS)
    if strength == STRENGTH["ExclusiveLock"]:
        return ("RowShareLock", *_WRITERS)
    if strength == STRENGTH["ShareRowExclusiveLock"]:
        return _WRITERS
    if strength == STRENGTH["ShareLock"]:
        return tuple(mode for mode in _WRITERS if mode != "ShareLock")
    if strength == STRENGTH[CONCURRENT]:
        return _WRITERS[1:]
    return _WRITERS[2:]
