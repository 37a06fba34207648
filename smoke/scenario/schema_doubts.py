"""Words of a JSON Schema that look like keywords, and are none: a validator passes over them, and nothing is checked.

The standard lets a schema hold any words (JSON Schema 2020-12, 6.5), so one is only doubted where it is spelt nearly as a keyword.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import TypeAlias

from msgspec import Struct

from smoke.diagnostic import Diagnostic, Level, Span
from smoke.model.run import JsonValue
from smoke.scenario.files import FileRefusedError
from smoke.scenario.nodes import Items, Node, Pairs
from smoke.scenario.schema_documents import SchemaDocuments, place_of
from smoke.scenario.source import Document

_ONE = frozenset({
    "additionalItems", "additionalProperties", "contains", "contentSchema", "else", "if", "items", "not", "propertyNames", "then",
    "unevaluatedItems", "unevaluatedProperties",
})  # fmt: skip
"""Keywords of all drafts whose value is a schema."""
_SEVERAL = frozenset({"allOf", "anyOf", "items", "oneOf", "prefixItems"})
_BY_NAME = frozenset({
    "$defs", "definitions", "dependencies", "dependentSchemas", "patternProperties", "properties",
})  # fmt: skip
_CHECKS = frozenset({
    "const", "dependentRequired", "enum", "exclusiveMaximum", "exclusiveMinimum", "format", "maxContains", "maxItems", "maxLength",
    "maxProperties", "maximum", "minContains", "minItems", "minLength", "minProperties", "minimum", "multipleOf", "pattern", "required",
    "type", "uniqueItems",
})  # fmt: skip
_NOTES = frozenset({
    # notes of the standard, of all drafts
    "default", "deprecated", "description", "examples", "id", "readOnly", "title", "writeOnly", "contentEncoding", "contentMediaType",
    # of OpenAPI, of validators and editors
    "discriminator", "example", "externalDocs", "nullable", "xml", "divisibleBy", "disallow", "extends", "enumDescriptions", "enumNames",
    "formatMaximum", "formatMinimum", "instanceof", "note", "patternRequired", "tsType", "typeof",
})  # fmt: skip
_KNOWN = _ONE | _SEVERAL | _BY_NAME | _CHECKS | _NOTES
_CLOSE = 0.8
_MORE = 2
"""Letters that a misspelt word may have more, or less."""
_MOST = 20
_MOST_WORDS = 200
_Place: TypeAlias = "tuple[str, tuple[str | int, ...], JsonValue]"
"""A schema: in which document, at which keys, and itself."""


class KeywordDoubt(Struct, frozen=True):
    """A word that was most likely meant to be a keyword: in which document, at which keys, and which keyword."""

    uri: str
    path: tuple[str | int, ...]
    word: str
    meant: str

    def warning(self, name: str, source: str, document: Document | None) -> Diagnostic:
        """The warning, at its place where the document could be read with places."""
        return Diagnostic(
            "unknown-keyword",
            f"'{name}' has '{self.word}', which is no keyword of JSON Schema: nothing is checked by it",
            level=Level.WARNING,
            span=(_span(document.root, self) if document is not None else None) or Span(source),
            label=f"did you mean '{self.meant}'?",
            suggestion=self.meant,
        )


def keyword_doubts(documents: SchemaDocuments) -> list[KeywordDoubt]:
    """The first doubtful words of a schema, and of what its `$ref`s lead to."""
    found: list[KeywordDoubt] = []
    waiting: deque[_Place] = deque([(documents.first, (), documents.content)])
    seen: set[int] = set()
    looked_at: dict[str, str] = {}
    while waiting and len(found) < _MOST and len(looked_at) < _MOST_WORDS:
        uri, path, schema = waiting.popleft()
        if not isinstance(schema, dict) or id(schema) in seen:
            continue
        seen.add(id(schema))
        unknown = (word for word in schema if not _is_known(word))
        for word in islice(unknown, _MOST_WORDS):
            if word not in looked_at:
                looked_at[word] = _meant(word)
            if looked_at[word]:
                found.append(KeywordDoubt(uri, path, word, looked_at[word]))
        waiting += ((uri, (*path, *steps), inner) for steps, inner in _within(schema))
        if isinstance(ref := schema.get("$ref"), str):
            waiting += _referred(documents, uri, ref)
    return found[:_MOST]


def _referred(documents: SchemaDocuments, uri: str, ref: str) -> Iterator[_Place]:
    """The schema that a `$ref` leads to, where it can be told; what cannot is no matter of spelling."""
    try:
        place = place_of(documents, uri, ref)
    except FileRefusedError:
        return
    steps = place.pointer.split("/")[1:]
    yield (
        place.uri,
        tuple(step.replace("~1", "/").replace("~0", "~") for step in steps),
        place.value,
    )


def _within(schema: dict[str, JsonValue]) -> Iterator[tuple[tuple[str | int, ...], JsonValue]]:
    """The schemas in a schema, each with the keys that lead there."""
    for word, value in schema.items():
        if word in _ONE and isinstance(value, dict):
            yield (word,), value
        elif word in _SEVERAL and isinstance(value, list):
            yield from (((word, at), item) for at, item in enumerate(value))
        elif word in _BY_NAME and isinstance(value, dict):
            yield from (((word, name), item) for name, item in value.items())


def _is_known(word: str) -> bool:
    return word in _KNOWN or word.startswith(("x-", "$"))


def _meant(word: str) -> str:
    """The keyword that an unknown word was most likely meant to be; empty for one of somebody's own."""
    from difflib import SequenceMatcher

    small = word.lower()
    best, meant = 0.0, ""
    for keyword in sorted(_KNOWN):
        other = keyword.lower()
        if abs(len(other) - len(small)) > _MORE:
            continue
        if sorted(other) == sorted(small):
            return "" if keyword in _NOTES else keyword
        compared = SequenceMatcher(None, small, other)
        if compared.quick_ratio() >= _CLOSE:
            best, meant = max((best, meant), (compared.ratio(), keyword))
    return meant if best >= _CLOSE and meant not in _NOTES else ""


def _span(root: Node, doubt: KeywordDoubt) -> Span | None:
    node: Node | None = root
    for step in doubt.path:
        if isinstance(node, Pairs):
            node = node.get(str(step))
        elif isinstance(node, Items) and str(step).isdecimal() and int(step) < len(node.items):
            node = node.items[int(step)]
        else:
            return None
    key = node.key(doubt.word) if isinstance(node, Pairs) else None
    return key.span if key is not None else None
