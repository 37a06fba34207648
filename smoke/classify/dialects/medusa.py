"""Medusa: PostgreSQL's details rewritten for people ("Order with order_id: 7, already exists.")."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from smoke.classify import forms
from smoke.classify.text.view import View
from smoke.model.dberror import DatabaseError

MARKS: tuple[str, ...] = ("medusa",)
SYMBOLS: Mapping[str, str] = {}
_PAIRS = r"[A-Za-z_][A-Za-z0-9_]{0,62}: [^\n\"]{1,400}?"
_NAME = re.compile(r"(?:\A|,\s?)([A-Za-z_][A-Za-z0-9_]{0,62}): ")
_FORMS = (
    forms.form(
        "already exists.",
        # older versions list the columns before the values
        r'(?m)(?:^|: |")(?P<table>[A-Z][A-Za-z0-9_ ]{0,60}) with (?P<columns>[a-z_][A-Za-z0-9_]{0,62}(?:, [a-z_][A-Za-z0-9_]{0,62}){1,9}): [^\n"]{1,200}, already exists\.',
        "23505",
    ),
    forms.form(
        "already exists.",
        rf'(?m)(?:^|: |")(?P<table>[A-Z][A-Za-z0-9_ ]{{0,60}}) with (?P<columns>{_PAIRS}),? already exists\.',
        "23505",
    ),
    forms.form(
        "but such entity does not exist",
        rf"You tried to set relationship (?P<columns>{_PAIRS}), but such entity does not exist",
        "23503",
    ),
    forms.form(
        "Cannot set field",
        r"Cannot set field '(?P<column>[^'\n]{1,64})' of (?P<table>[A-Za-z0-9_][A-Za-z0-9_ ]{0,63}) to null",
        "23502",
    ),
)


def read(view: View) -> Iterable[DatabaseError]:
    """The sentences of its own. It writes each column with its value: `recipient_id: 7, step_id: 2`."""
    for error in forms.read(view, _FORMS):
        names = tuple(_NAME.findall(", ".join(error.columns)))
        yield replace(error, columns=names) if names else error
