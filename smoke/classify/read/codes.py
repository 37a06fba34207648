"""What may be a SQLSTATE of PostgreSQL, and codes that only look like one."""

from __future__ import annotations

import re
from functools import lru_cache

from smoke.classify.sqlstate import CLASSES, CONDITIONS

FORM = re.compile(r"[0-9A-Z]{5}\Z")
CLIENT = frozenset({"08000", "08001", "08003", "08006", "HY000"})
"""Codes that drivers make up when they cannot reach the server; a server does not send them."""
_NOT_ERRORS = frozenset({"00000"})
_FOREIGN = frozenset(
    {"23000", "HY000", "42000", "S0001", "S0022", "HY001", "HYT00", "HYT01", "IM002"}
)
_FOREIGN_START = ("HY", "42S", "S00", "IM0")
_OTHERS = re.compile(r"P[1-6]\d{3}\Z")
"""Prisma's codes have the form of a SQLSTATE: P1001 to P6xxx; PostgreSQL's own class is P0."""


_APPLICATION = re.compile(r"E\d{4}|ERR\d\d|[A-Z]\d{4}|AUTH\d|[A-Z]{4}\d")


@lru_cache(maxsize=4096)
def known(code: str) -> bool:
    """Whether PostgreSQL's list has the code, as an error."""
    return code in CONDITIONS and not code.startswith(("00", "01")) and code not in _FOREIGN


@lru_cache(maxsize=4096)
def possible(code: str) -> bool:
    """Whether a function of the user's may raise it: the form of a SQLSTATE, and nobody else's code."""
    return (
        FORM.match(code) is not None
        and not code.isalpha()
        and code not in _NOT_ERRORS
        and code not in _FOREIGN
        and not code.startswith(_FOREIGN_START)
        and not _OTHERS.match(code)
        and not code.startswith("PGRST")
    )


@lru_cache(maxsize=4096)
def custom(code: str) -> bool:
    """Whether it may be a code of the user's own: letters and digits, in no class but perhaps one of the list."""
    return possible(code) and not code.isdigit() and not code.isalpha()


def raised(code: str) -> bool:
    """Whether it looks like a code that a function of the user's raises (`H2S01`, `SM003`, `PT402`), not an application's."""
    return custom(code) and not _APPLICATION.match(code) and code[0].isalpha()


def classed(code: str) -> bool:
    """Whether the list has the code, or at least its class."""
    return known(code) or (
        possible(code) and code[:2] in CLASSES and not code.startswith(("00", "01"))
    )


def anybodys(code: str) -> bool:
    """Whether APIs number their own errors like this: `40001` at a payment provider, `22001`, `P0001` of a promotion.

    The digits of class 23 (integrity constraint violations) are nobody else's, in practice.
    """
    return code == "P0001" or (code.isdigit() and not code.startswith("23"))
