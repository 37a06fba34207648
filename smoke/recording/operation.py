"""The GraphQL operation of a recorded request: what it is called says what a path says elsewhere."""

from __future__ import annotations

import re
from typing import Any

from msgspec import Struct

from smoke.recording.given import json_of
from smoke.recording.records import RecordedAnswer, RecordedRequest

_LARGEST = 1_000_000
_KEYS = {"query", "variables", "operationName"}
_DOCUMENT = re.compile(
    r"\s{0,200}(?:#[^\n]{0,200}\n\s{0,200}){0,20}(?:query|mutation|fragment)\b|\s{0,200}\{"
)
_NAMED = re.compile(r"\b(?:query|mutation)\s{1,20}([_A-Za-z][_0-9A-Za-z]{0,99})")
_FIRST = re.compile(
    r"\{\s{0,200}([_A-Za-z][_0-9A-Za-z]{0,99})\s{0,20}(?::\s{0,20}([_A-Za-z][_0-9A-Za-z]{0,99}))?"
)


class GraphQLOperation(Struct, frozen=True):
    """A document with its variables. `fields` are the names that tell what it does; `plain` is one with nothing beside these."""

    query: str
    variables: Any
    name: str
    called: str
    fields: tuple[str, ...]
    plain: bool

    def spec(self) -> dict[str, Any]:
        """What `graphql` of a step says."""
        made: dict[str, Any] = {"query": self.query}
        if self.variables not in (None, {}):
            made["variables"] = self.variables
        return made | ({"operation": self.name} if self.name else {})


def body_of(request: RecordedRequest) -> Any:
    """The JSON document that a request sent; None for what is none, or large."""
    if len(request.body) > _LARGEST:
        return None
    return json_of(RecordedAnswer(200, (), request.body))


def operation_of(request: RecordedRequest) -> GraphQLOperation | None:
    """The operation that a request asks for; None where it is no GraphQL."""
    document = body_of(request)
    query = document.get("query") if isinstance(document, dict) else None
    if not isinstance(query, str) or not _DOCUMENT.match(query):
        return None
    said = document.get("operationName")
    name = said if isinstance(said, str) else ""
    named = name or (found[1] if (found := _NAMED.search(query)) else "")
    first = _FIRST.search(query)
    field = (first[2] or first[1]) if first else ""
    plain = document.keys() <= _KEYS and isinstance(document.get("variables"), dict | None)
    fields = tuple(dict.fromkeys(each for each in (named, field) if each))
    return GraphQLOperation(
        query, document.get("variables"), name, (named or field)[:60], fields, plain
    )


def telling_names(request: RecordedRequest) -> tuple[str, ...]:
    """Where a request says what it does: the parts of its path, or the operation's names where one path is for all."""
    operation = operation_of(request)
    return operation.fields if operation else tuple(request.path.split("/"))
