"""A GraphQL document of a recording: its operations, and the values that are written into it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from smoke.model.numbers import loads
from smoke.recording.literals import Literal

LARGEST = 1_000_000
"""Characters of a document that is read."""
_BEGINS = re.compile(
    r"\s{0,200}(?:#[^\n]{0,200}\n\s{0,200}){0,20}(?:(?:query|mutation|subscription|fragment)\b|\{)"
)
_TOKEN = re.compile(
    r'''
      \#(?P<comment>[^\n\r]*)
    | """(?P<block>[^"\\]*+(?:(?:\\"""|\\(?!""")|"(?!""))[^"\\]*+)*)"""
    | "(?P<string>[^"\\\n\r]*+(?:\\[^\n\r][^"\\\n\r]*+)*)"  # no group is possessive, for Python 3.11.2
    | \$(?P<variable>[_A-Za-z][_0-9A-Za-z]*)
    | (?P<name>[_A-Za-z][_0-9A-Za-z]*)
    | (?P<number>-?[0-9][0-9.eE+-]*)
    | (?P<sign>[{}()\[\]:=@]|\.\.\.)
    | (?P<quote>")                                          # of a string that does not end
    ''',
    re.VERBOSE,
)
_KINDS = frozenset({"query", "mutation", "subscription", "fragment"})
_CLOSES = {")": "(", "]": "[", "}": "{"}


class AskedOperation(Struct, frozen=True):
    """An operation of a document: `query`, `mutation` or `subscription`, its name, and what it asks for at the top."""

    kind: str
    name: str
    fields: tuple[str, ...]


def is_document(text: str) -> bool:
    """Whether a text begins as a GraphQL document does (GraphQL October 2021, 2.2)."""
    return len(text) <= LARGEST and _BEGINS.match(text) is not None


def operations_of(text: str) -> tuple[AskedOperation, ...]:
    """The operations of a document in their order; none where it cannot be read to its end."""
    found: list[tuple[str, str, list[str]]] = []
    opened: list[str] = []
    kind = name = before = ""
    for token in _TOKEN.finditer(text):
        sign = token["sign"] or ""
        if token["quote"]:
            return ()
        if sign in _CLOSES:
            if not opened or opened.pop() != _CLOSES[sign]:
                return ()
        elif sign and sign in "{([":
            if not opened and sign == "{":
                found.append((kind or "query", name, []))
                kind = name = ""
            opened.append(sign)
        elif token["name"] and not opened:
            if not kind and token["name"] in _KINDS:
                kind = token["name"]
            elif before in _KINDS:
                name = token["name"]
        elif opened == ["{"]:
            _root_field(found[-1][2], token["name"] or sign, before)
        before = "..." if before == "..." and token["name"] == "on" else token["name"] or sign
    whole = not opened
    return tuple(
        AskedOperation(kind, name, tuple(fields))
        for kind, name, fields in found
        if whole and kind != "fragment"
    )


def _root_field(fields: list[str], word: str, before: str) -> None:
    """Take up a word at the top of a selection: a field, or what stands in place of an alias."""
    if word == ":" and fields:
        fields.pop()
    elif word and word[0] not in ":=@." and before not in {"@", "..."}:
        fields.append(word)


def values_in(text: str) -> Iterator[Literal]:
    """Texts and numbers that are written into a document, each with the name of its argument, field or variable; comments."""
    opened: list[str] = []
    last = variable = wanted = ""
    for token in _TOKEN.finditer(text):
        sign = token["sign"]
        kind = token.lastgroup or ""
        if kind == "comment":
            yield Literal(*token.span(kind), "", token[kind])
        elif kind in {"string", "block", "number"}:
            raw = token[kind]
            name = wanted or (opened[-1] if opened else "")
            value = _unescaped(raw) if kind == "string" else raw
            yield Literal(*token.span(kind), name, value, quoted=kind == "string")
            wanted = ""
        elif sign == ":":
            wanted = last
        elif sign == "=":
            wanted = variable
        elif sign and sign in "{([":
            # what stands in a list is called as the list is
            opened.append(wanted or (opened[-1] if opened else "") if sign == "[" else "")
            wanted = ""
        elif sign in _CLOSES:
            del opened[-1:]
        elif token["variable"] or token["name"]:
            variable = token["variable"] or variable
            last, wanted = token["variable"] or token["name"], ""


def _unescaped(raw: str) -> str:
    if "\\" not in raw:
        return raw
    try:
        return str(loads(f'"{raw}"'))
    except ValueError:
        return raw
