"""The GraphQL operation of a recorded request: what it is called says what a path says elsewhere."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from smoke.recording.document import AskedOperation, is_document, operations_of
from smoke.recording.given import json_of
from smoke.recording.records import RecordedAnswer, RecordedRequest

_LARGEST = 1_000_000
_MOST_FIELDS = 8
_KEYS = {"query", "variables", "operationName"}


class GraphQLOperation(Struct, frozen=True):
    """A document with its variables. `kind` is `query`, `mutation` or `subscription`, empty where it cannot be told.

    `fields` are the names that tell what it does; `plain` is one with nothing beside these.
    """

    query: str
    variables: Any
    name: str
    kind: str
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
    if not isinstance(query, str) or not is_document(query):
        return None
    said = document.get("operationName")
    name = said if isinstance(said, str) else ""
    asked = _asked(operations_of(query), name)
    named = name or asked.name
    field = asked.fields[0] if asked.fields else ""
    plain = document.keys() <= _KEYS and isinstance(document.get("variables"), dict | None)
    fields = tuple(dict.fromkeys(each for each in (named, *asked.fields[:_MOST_FIELDS]) if each))
    called = (named or field)[:60]
    return GraphQLOperation(
        query, document.get("variables"), name, asked.kind, called, fields, plain
    )


def _asked(found: tuple[AskedOperation, ...], name: str) -> AskedOperation:
    """The operation of that name; without one the first that changes something, or else the first."""
    named = [each for each in found if each.name == name] if name else []
    changing = [each for each in found if each.kind == "mutation"]
    return next(iter((*named, *changing, *found)), AskedOperation("", "", ()))


def telling_names(request: RecordedRequest) -> tuple[str, ...]:
    """Where a request says what it does: the parts of its path, or the operation's names where one path is for all."""
    operation = operation_of(request)
    return operation.fields if operation else tuple(request.path.split("/"))
