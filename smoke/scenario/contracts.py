"""Documents that say what an answer must be: read when the scenario is loaded, held against the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from smoke.model.run import Mismatch
from smoke.scenario.answer import StepAnswer, UnreadableError
from smoke.scenario.expectations import Expect
from smoke.scenario.files import FileRefusedError, Files
from smoke.scenario.nodes import Pairs
from smoke.scenario.patterns import PatternError
from smoke.scenario.reading import Reader, value_span
from smoke.scenario.schema_documents import SchemaDocuments, read_documents
from smoke.scenario.shown import listed

if TYPE_CHECKING:
    from smoke.scenario.json_schema import JsonSchema


class Contracts(Struct, frozen=True):
    """What was read of the files that an `expect` names."""

    schema: JsonSchema | None = None
    name: str = ""
    """What the file of the schema is called."""


class ContractReader:
    """Reads the documents of one scenario, each once."""

    def __init__(self, files: Files, reader: Reader) -> None:
        self._files = files
        self._reader = reader
        self._documents: dict[tuple[str, str], SchemaDocuments] = {}
        self._schemas: dict[tuple[str, str], JsonSchema] = {}

    def of(self, expect: Expect, node: Pairs) -> Contracts | None:
        """The contracts of a step's expectations; None after it was reported that one cannot be used."""
        if expect.schema_ is None:
            return Contracts()
        schema = self._read(node, ("expect", "schema"), lambda beside: self._schema(expect, beside))
        return None if schema is None else Contracts(schema, expect.schema_)

    def _read(self, node: Pairs, path: tuple[str, ...], read: Callable[[str], Any]) -> Any:
        span = value_span(node, path)  # relative to the file that it is written in
        try:
            return read(span.source)
        except FileRefusedError as refused:
            self._reader.refused(refused, span)
            return None

    def _schema(self, expect: Expect, beside: str) -> JsonSchema:
        from smoke.scenario.json_schema import JsonSchema

        name = expect.schema_ or ""
        if (name, beside) not in self._schemas:
            self._schemas[name, beside] = JsonSchema(self._document(name, beside))
        return self._schemas[name, beside]

    def _document(self, name: str, beside: str) -> SchemaDocuments:
        if (name, beside) not in self._documents:
            self._documents[name, beside] = read_documents(name, beside, self._files)
        return self._documents[name, beside]


def broken_contracts(contracts: Contracts, answer: StepAnswer) -> Iterator[Mismatch]:
    """Where an answer is not what its documents say."""
    if contracts.schema is None:
        return
    try:
        yield from _of_body("schema", contracts.schema, contracts.name, answer)
    except (UnreadableError, PatternError, RecursionError) as error:
        why = (
            "it is nested too deep for a schema"
            if isinstance(error, RecursionError)
            else str(error)
        )
        yield Mismatch("schema", contracts.name, None, why, unevaluated=why)


def _of_body(path: str, schema: JsonSchema, name: str, answer: StepAnswer) -> Iterator[Mismatch]:
    places, more = schema.differences(answer.json)
    if places:
        yield Mismatch(
            path,
            name,
            None,
            f"it differs at {listed(places, more, answer)}",
            differences=places,
            more_differences=more,
        )
