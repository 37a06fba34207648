"""Names and texts as SQL that a person may paste: quoted by PostgreSQL's rules, whatever they hold.

Rules: manual, 4.1.1 (identifiers) and 4.1.2.3 (strings with Unicode escapes). A name with a control, invisible
or bidirectional character is written with escapes (`U&"…"`): on a screen it must be seen for what it is.
"""

from __future__ import annotations

from smoke.text import safe_line

LONGEST_NAME = 63
"""Bytes of a name in PostgreSQL (NAMEDATALEN - 1): the server never sends a longer one."""

_PLAIN_FIRST = frozenset("abcdefghijklmnopqrstuvwxyz_")
_PLAIN = _PLAIN_FIRST | frozenset("0123456789")

_WORDS = """
all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean both case
cast char character check coalesce collate collation column concurrently constraint create cross
current_catalog current_date current_role current_schema current_time current_timestamp current_user dec
decimal default deferrable desc distinct do else end except exists extract false fetch float for foreign freeze
from full grant greatest group grouping having ilike in initially inner inout int integer intersect interval
into is isnull join json json_array json_arrayagg json_exists json_object json_objectagg json_query json_scalar
json_serialize json_table json_value lateral leading least left like limit localtime localtimestamp
merge_action national natural nchar none normalize not notnull null nullif numeric offset on only or order out
outer overlaps overlay placing position precision primary real references returning right row select
session_user setof similar smallint some substring symmetric system_user table tablesample then time timestamp
to trailing treat trim true union unique user using values varchar variadic verbose when where window with
xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize
xmltable
"""
_KEYWORDS = frozenset(_WORDS.split())
"""Keywords that are not free to be names, of PostgreSQL 15 to 18 (appendix C; `quote_ident` quotes the same)."""


def usable_name(name: str) -> bool:
    """Whether a text can be a name in a PostgreSQL at all."""
    return bool(name) and len(name.encode("utf-8", "replace")) <= LONGEST_NAME and "\0" not in name


def identifier(name: str) -> str:
    """A name as SQL: bare where that is the same name, else quoted."""
    if name and name[0] in _PLAIN_FIRST and _PLAIN.issuperset(name) and name not in _KEYWORDS:
        return name
    return _quoted(name, '"')


def literal(text: str) -> str:
    """A text as an SQL string, right under `standard_conforming_strings` (the default since 9.1)."""
    return _quoted(text, "'")


def relation(table: str, schema: str | None = None) -> str:
    """A table's name as SQL, with its schema where that is known."""
    return f"{identifier(schema)}.{identifier(table)}" if schema else identifier(table)


def regclass(table: str, schema: str | None = None) -> str:
    """The table as a `regclass` value.

    A cast, not `to_regclass`: in the wrong database it must fail, not look like a table without the constraint.
    """
    return f"{literal(relation(table, schema))}::regclass"


def _quoted(text: str, quote: str) -> str:
    doubled = text.replace(quote, quote * 2)
    if safe_line(text) == text:
        return f"{quote}{doubled}{quote}"
    escaped = "".join(_escape(character) for character in doubled.replace("\\", "\\\\"))
    return f"U&{quote}{escaped}{quote}"


def _escape(character: str) -> str:
    if character == "\\" or safe_line(character) == character:
        return character
    code = ord(character)
    if code == 0 or 0xD800 <= code <= 0xDFFF:  # in no name of any database
        code = 0xFFFD
    return f"\\{code:04x}" if code < 0x10000 else f"\\+{code:06x}"
