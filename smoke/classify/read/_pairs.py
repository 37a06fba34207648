"""Labelled values in plain text: `constraint: 'x'`, `CONSTRAINT NAME:  x`, `"table" => "t"`, `constraint_name=x`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from smoke.classify.unwrap.escapes import without_escapes

KEYS: dict[str, str] = {
    "constraint": "constraint_name",
    "constraintname": "constraint_name",
    "violatedconstraint": "constraint_name",
    "pgconstraint": "constraint_name",
    "table": "table_name",
    "tablename": "table_name",
    "schema": "schema_name",
    "schemaname": "schema_name",
    "column": "column_name",
    "columnname": "column_name",
    "datatype": "datatype_name",
    "datatypename": "datatype_name",
    "severity": "severity",
    "severitylocal": "severity",
    "detail": "message_detail",
    "details": "message_detail",
    "hint": "message_hint",
    "routine": "routine",
}
_PAIR = re.compile(
    r"(?<![\w$.])[\"':]{0,2}"
    r"((?i:violated[ _]?constraint|pg_?constraint|constraint(?:[ _-]?name)?|table(?:[ _-]?name)?|schema(?:[ _-]?name)?|column(?:[ _-]?name)?"
    r"|data[ _]?type(?:[ _-]?name)?|severity(?:_local)?|details?|hint|routine)|[stcdn])"
    r"[\"']?\]?[ \t]{0,12}(?:=>|[:=]|\n(?=[^\s:=]{1,80}(?:\n|\Z)))[ \t]{0,12}\n?[ \t]{0,12}"
    r"(?:string\(\d{1,6}\)[ ]|s:\d{1,6}:|Some\(|<<|new Some\(|\()?"
    r"(?:\"((?:[^\"\\\n]|\\.){1,400})\"|'((?:[^'\\\n]|\\.){1,400})'|`([^`\n]{1,400})`|([^\s\"'`,;{}()\[\]<>=&|]{1,200}))"
)
_KEYWORD = re.compile(r"[\"']?\]?[ \t]{1,12}:")
"""`… not-null constraint" :at [`: a keyword of Clojure's or Ruby's begins, no value."""
_DULL = frozenset(
    {
        "null",
        "none",
        "undefined",
        "nil",
        "nothing",
        "false",
        "true",
        "<nil>",
        "n/a",
        "nonetype",
        "array",
        "object",
        "map",
    }
)
MAX_PAIRS = 5000


@dataclass(frozen=True, slots=True)
class Pair:
    """A field's name (libpq's, or `routine`), its value and where that stands; `quoted` tells it from a bare word."""

    name: str
    value: str
    start: int
    end: int
    at: int
    quoted: bool


def find(text: str, start: int = 0, end: int | None = None) -> Iterator[Pair]:
    """Every labelled value between the two places."""
    stop = len(text) if end is None else end
    for count, match in enumerate(_PAIR.finditer(text, start, stop)):
        if count >= MAX_PAIRS:
            return
        key = re.sub(r"[^a-z]", "", match[1].lower())
        group = next((number for number in (2, 3, 4) if match[number] is not None), 5)
        value = match[group]
        if group == 5:
            value = value.rstrip(".:\\")
            if _KEYWORD.fullmatch(text, match.end(1), match.start(group)):
                continue
        if value.lower() in _DULL or not value.strip():
            continue
        if len(key) == 1:
            # libpq's one-letter fields, as pg8000 shows them: only in quotes
            if group == 5 or text[match.start(1) - 1 : match.start(1)] not in {"'", '"'}:
                continue
            name = {
                "s": "schema_name",
                "t": "table_name",
                "c": "column_name",
                "d": "datatype_name",
                "n": "constraint_name",
            }[key]
            if match[1].isupper():
                continue
        else:
            name = KEYS.get(key, "")
        if name:
            begin = match.start(group)
            end = begin + len(value)
            if group in {2, 3} and "\\" in value:
                value = without_escapes(value)
            yield Pair(name, value, begin, end, match.start(), group != 5)
