"""Documents that say what an answer must be: read when the scenario is loaded, held against the answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from msgspec import Struct

from smoke.diagnostic import SmokeError
from smoke.model.run import Mismatch
from smoke.scenario.answer import StepAnswer, UnreadableError
from smoke.scenario.expectations import Expect
from smoke.scenario.files import FileRefusedError, Files
from smoke.scenario.nodes import Pairs
from smoke.scenario.patterns import PatternError
from smoke.scenario.reading import Reader, value_span
from smoke.scenario.scope import Scope
from smoke.scenario.shown import listed
from smoke.scenario.source import Document, parse
from smoke.scenario.traits import Traits

if TYPE_CHECKING:
    from smoke.scenario.json_schema import JsonSchema
    from smoke.scenario.openapi import OpenApi, Operation
    from smoke.scenario.schema_documents import SchemaDocuments

T = TypeVar("T")


class Contracts(Struct, frozen=True):
    """What was read of the files that an `expect` names, and what they are called there."""

    schema: JsonSchema | None = None
    name: str = ""
    openapi: OpenApi | None = None
    openapi_name: str = ""
    operation: Operation | None = None
    """The operation that is named; else the request tells."""


class ContractReader:
    """Reads the documents of one scenario, each once."""

    def __init__(self, files: Files, reader: Reader) -> None:
        self._files = files
        self._reader = reader
        self._documents: dict[tuple[str, str], SchemaDocuments] = {}
        self._schemas: dict[tuple[str, str], JsonSchema] = {}
        self._openapis: dict[tuple[str, str], OpenApi] = {}

    def of(self, expect: Expect, node: Pairs, does: Traits) -> Contracts | None:
        """The contracts of a step's expectations; None after it was reported that one cannot be used."""
        schema = openapi = operation = None
        if expect.schema_ is not None:
            schema = self._read(node, "schema", lambda beside: self._schema(expect, beside))
            if schema is None:
                return None
        if expect.openapi is not None:
            openapi = self._read(node, "openapi", lambda beside: self._openapi(expect, beside))
            if openapi is None:
                return None
            key = "openapi" if expect.operation is None else "operation"
            found = self._read(node, key, lambda _: _operations(openapi, expect, does))
            if found is None:
                return None
            operation = found[0] if expect.operation is not None else None
        return Contracts(schema, expect.schema_ or "", openapi, expect.openapi or "", operation)

    def _read(self, node: Pairs, key: str, read: Callable[[str], T]) -> T | None:
        span = value_span(node, ("expect", key))  # relative to the file that it is written in
        try:
            return read(span.source)
        except FileRefusedError as refused:
            self._reader.refused(refused, span)
            return None

    def _schema(self, expect: Expect, beside: str) -> JsonSchema:
        from smoke.scenario.json_schema import JsonSchema

        name = expect.schema_ or ""
        if (name, beside) not in self._schemas:
            documents = self._document(name, beside)
            self._schemas[name, beside] = JsonSchema(documents)
            self._doubt(documents, name, beside)
        return self._schemas[name, beside]

    def _doubt(self, documents: SchemaDocuments, name: str, beside: str) -> None:
        """Warn of words in a schema that are nearly keywords, at their places."""
        from smoke.scenario.schema_doubts import keyword_doubts

        parsed: dict[str, Document | None] = {}
        for doubt in keyword_doubts(documents):
            uri = doubt.uri
            shown = documents.shown(uri, Files.beside(name, beside))
            if uri not in parsed:
                parsed[uri] = self._with_places(documents.paths[uri], shown)
            document = parsed[uri]
            found = doubt.warning(documents.name_of(uri), shown, document)
            self._reader.take(found if document is None else document.excerpted(found))

    def _with_places(self, path: str, shown: str) -> Document | None:
        """A document that was read, once more; None for JSON that is no YAML, or is too much to be read with places."""
        try:
            return parse(self._files.read_again(path), shown)
        except (SmokeError, FileRefusedError):
            return None

    def _openapi(self, expect: Expect, beside: str) -> OpenApi:
        from smoke.scenario.openapi import OpenApi

        name = expect.openapi or ""
        if (name, beside) not in self._openapis:
            self._openapis[name, beside] = OpenApi(self._document(name, beside))
        return self._openapis[name, beside]

    def _document(self, name: str, beside: str) -> SchemaDocuments:
        from smoke.scenario.schema_documents import read_documents

        if (name, beside) not in self._documents:
            self._documents[name, beside] = read_documents(name, beside, self._files)
        return self._documents[name, beside]


def _operations(openapi: OpenApi, expect: Expect, does: Traits) -> tuple[Operation, ...]:
    """The operations that a step may be for, as far as its file tells; their schemas are read. Raises FileRefusedError."""
    found: tuple[Operation, ...] = ()
    if expect.operation is not None:
        found = (openapi.called(expect.operation),)
    elif does.sends is not None and (path := _written_path(does.sends.url)):
        found = openapi.of_request(does.sends.method.upper(), (path,))
    for each in found:
        openapi.answers(each)
    return found


def _written_path(url: str) -> str:
    """The path of an address as it is written, a mark for each template; empty where a template begins it."""
    from smoke.scenario.openapi import WILD

    wild = re.split("[?#]", re.sub(r"\{\{[^{}]{0,1000}\}\}", WILD, url), maxsplit=1)[0]
    _, scheme, rest = wild.partition("://")
    path = f"/{rest.partition('/')[2]}" if scheme else wild
    return path if path.startswith("/") else ""


def broken_contracts(contracts: Contracts, answer: StepAnswer, scope: Scope) -> Iterator[Mismatch]:
    """Where an answer is not what its documents say."""
    if contracts.schema is not None:
        yield from _evaluated("schema", contracts.name, lambda: _of_schema(contracts, answer))
    if contracts.openapi is not None:
        yield from _evaluated(
            "openapi", contracts.openapi_name, lambda: _of_operation(contracts, answer, scope)
        )


def _evaluated(
    path: str, name: str, found: Callable[[], Iterator[Mismatch]]
) -> tuple[Mismatch, ...]:
    """The mismatches; what keeps an answer from being compared is one too."""
    try:
        return tuple(found())
    except FileRefusedError as error:
        own, why = True, str(error)
    except (UnreadableError, PatternError) as error:
        own, why = False, str(error)
    except RecursionError:
        own, why = False, "it is nested too deep for a schema"
    return (Mismatch(path, name, None, why, unevaluated=why, own=own),)


def _of_schema(contracts: Contracts, answer: StepAnswer) -> Iterator[Mismatch]:
    assert contracts.schema is not None
    places, more = contracts.schema.differences(answer.json)
    if places:
        words = f"it differs at {listed(places, more, answer)}"
        yield Mismatch(
            "schema", contracts.name, None, words, differences=places, more_differences=more
        )


def _of_operation(contracts: Contracts, answer: StepAnswer, scope: Scope) -> Iterator[Mismatch]:
    from smoke.scenario.openapi import broken

    openapi = contracts.openapi
    assert openapi is not None
    operation = contracts.operation or _asked_for(openapi, contracts.openapi_name, answer, scope)
    for each in broken(openapi.answers(operation), operation.label, answer):
        words = each.message or f"it differs at {listed(each.differences, each.more, answer)}"
        yield Mismatch(
            f"openapi.{each.path}",
            each.expected,
            each.actual,
            words,
            differences=each.differences,
            more_differences=each.more,
        )


def _asked_for(openapi: OpenApi, name: str, answer: StepAnswer, scope: Scope) -> Operation:
    """The operation that the request was for, below the target's own path too. Raises FileRefusedError."""
    method, path = answer.first.method.upper(), urlsplit(answer.first.url).path or "/"
    target = urlsplit(str(scope.look_up(["target", "url"]))).path.rstrip("/")
    under = (path.removeprefix(target),) if target and path.startswith(f"{target}/") else ()
    try:
        return openapi.of_request(method, (path, *under))[0]
    except FileRefusedError as error:
        shown, _ = answer.cut(f"{method} {path}", 200)
        near = f": did you mean '{error.suggestion}'?" if error.suggestion else ""
        raise FileRefusedError(error.code, f"'{name}' has no operation {shown}{near}") from error
