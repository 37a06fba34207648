"""Medusa: PostgreSQL's details rewritten for people ("Order with order_id: 7, already exists.")."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from smoke.classify import _forms
from smoke.classify._view import View
from smoke.model.dberror import DatabaseError

MARKS: tuple[str, ...] = ("medusa",)
SYMBOLS: Mapping[str, str] = {}
_FORMS = (
    _forms.form(
        "already exists.",
        r'(?m)(?:^|: |")(?P<table>[A-Z][A-Za-z0-9_ ]{0,60}) with (?P<columns>[a-z_][A-Za-z0-9_]{0,62}(?:, [a-z_][A-Za-z0-9_]{0,62}){0,9}): [^\n"]{1,200}, already exists\.',
        "23505",
    ),
    _forms.form(
        "but such entity does not exist",
        r'You tried to set relationship (?P<columns>[A-Za-z_][\w, ]{0,120}): [^\n"]{1,200}, but such entity does not exist',
        "23503",
    ),
    _forms.form(
        "Cannot set field",
        r"Cannot set field '(?P<column>[^'\n]{1,64})' of (?P<table>[A-Za-z0-9_]{1,64}) to null",
        "23502",
    ),
)


def read(view: View) -> Iterable[DatabaseError]:
    """The sentences of its own."""
    return _forms.read(view, _FORMS)
