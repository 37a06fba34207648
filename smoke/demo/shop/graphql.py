"""As much of the GraphQL language as the demo needs: operations, fields, arguments, variables, selections.

Fragments and directives are refused. (GraphQL, October 2021, section 2.)
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from smoke.demo.shop.errors import ShopError

MAX_DEPTH = 20
MAX_TOKENS = 5000

_TOKEN = re.compile(
    r'[A-Za-z_][A-Za-z0-9_]*|\$[A-Za-z_][A-Za-z0-9_]*|"(?:[^"\\\n]|\\.)*"|-?[0-9]+(?:\.[0-9]+)?|\.\.\.|[{}()\[\]:!=@]'
)
_IGNORED = re.compile(r"(?:[\s,\ufeff]|#[^\n]*)*")
_CONSTANTS = {"true": True, "false": False, "null": None}


@dataclass(frozen=True, slots=True)
class Field:
    """One field; `key` is its alias, or else its name."""

    key: str
    name: str
    arguments: Mapping[str, Any]
    selection: tuple[Field, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Operation:
    kind: str
    fields: tuple[Field, ...]


def parse(text: str, variables: Mapping[str, Any], operation: str | None) -> Operation:
    """The operation to be carried out, with its variables put in; ShopError 400 for what it is not."""
    found = _Parser(text, variables).document()
    if operation is not None:
        found = [each for each in found if each[0] == operation]
    if len(found) != 1:
        raise _syntax("which operation is meant is not known")
    return found[0][1]


def select(value: Any, selection: tuple[Field, ...]) -> Any:
    """The part of a result that was asked for; a field that it does not have is null."""
    if isinstance(value, list):
        return [select(each, selection) for each in value]
    if isinstance(value, dict) and selection:
        return {each.key: select(value.get(each.name), each.selection) for each in selection}
    return value


class _Parser:
    """Reads a document from its tokens, from left to right."""

    def __init__(self, text: str, variables: Mapping[str, Any]) -> None:
        self._tokens = _tokens(text)
        self._at = 0
        self._variables = variables
        self._defaults: dict[str, Any] = {}

    def document(self) -> list[tuple[str, Operation]]:
        """The operations with their names."""
        found = []
        while self._peek():
            kind, name = "query", ""
            if self._peek() != "{":
                kind = self._next()
                if kind not in {"query", "mutation"}:
                    raise _syntax(f"unexpected {kind}")
                name = self._next() if self._peek() not in {"{", "("} else ""
                if self._peek() == "(":
                    self._definitions()
            found.append((name, Operation(kind, self._selection(0))))
        return found

    def _definitions(self) -> None:
        self._expect("(")
        while self._peek() != ")":
            name = self._next()
            self._expect(":")
            while self._peek() not in {"=", ")", ""} and not self._peek().startswith("$"):
                self._next()  # the type: the resolvers look at the values
            if self._peek() == "=":
                self._next()
                self._defaults[name[1:]] = self._value(0)
        self._expect(")")

    def _selection(self, depth: int) -> tuple[Field, ...]:
        if depth > MAX_DEPTH:
            raise _syntax("too deep")
        self._expect("{")
        fields = []
        while self._peek() != "}":
            fields.append(self._field(depth))
        self._expect("}")
        return tuple(fields)

    def _field(self, depth: int) -> Field:
        name = key = self._name()
        if self._peek() == ":":
            self._next()
            name = self._name()
        arguments = {}
        if self._peek() == "(":
            self._next()
            while self._peek() != ")":
                argument = self._name()
                self._expect(":")
                arguments[argument] = self._value(depth)
            self._expect(")")
        selection = self._selection(depth + 1) if self._peek() == "{" else ()
        return Field(key, name, arguments, selection)

    def _value(self, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise _syntax("too deep")
        word = self._next()
        if word.startswith("$"):
            name = word[1:]
            return self._variables.get(name, self._defaults.get(name))
        if word == "[":
            items = []
            while self._peek() != "]":
                items.append(self._value(depth + 1))
            self._expect("]")
            return items
        if word == "{":
            members = {}
            while self._peek() != "}":
                name = self._name()
                self._expect(":")
                members[name] = self._value(depth + 1)
            self._expect("}")
            return members
        if word in _CONSTANTS:
            return _CONSTANTS[word]
        if word.startswith('"') or word[0] in "-0123456789":
            try:
                return json.loads(word)
            except ValueError:
                raise _syntax(f"{word} is no value") from None
        return self._as_name(word)

    def _name(self) -> str:
        return self._as_name(self._next())

    def _as_name(self, token: str) -> str:
        if not (token[0].isalpha() or token[0] == "_"):
            raise _syntax(f"expected a name, found {token}")
        return token

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self) -> str:
        token = self._peek()
        if not token:
            raise _syntax("the document ends too early")
        self._at += 1
        return token

    def _expect(self, token: str) -> None:
        found = self._next()
        if found != token:
            raise _syntax(f"expected {token}, found {found}")


def _tokens(text: str) -> list[str]:
    tokens: list[str] = []
    position = _skipped(text, 0)
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None or len(tokens) >= MAX_TOKENS:
            raise _syntax(f"cannot be read at character {position}")
        tokens.append(match[0])
        position = _skipped(text, match.end())
    return tokens


def _skipped(text: str, position: int) -> int:
    match = _IGNORED.match(text, position)
    return match.end() if match else position


def _syntax(problem: str) -> ShopError:
    return ShopError(400, "GRAPHQL_PARSE_FAILED", f"Syntax Error: {problem}.")
