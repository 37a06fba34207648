"""Holds an answer against an OpenAPI document (3.0 and 3.1): status, headers and body of its operation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from smoke.diagnostic import nearest
from smoke.model.numbers import loads
from smoke.model.run import JsonValue, ValueDifference
from smoke.scenario.answer import StepAnswer
from smoke.scenario.files import FileRefusedError
from smoke.scenario.json_schema import JsonSchema, check_schema
from smoke.scenario.schema_documents import SchemaDocuments, SchemaPlace, below, place_of

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_DRAFT_4 = "http://json-schema.org/draft-04/schema"
_2020 = "https://json-schema.org/draft/2020-12/schema"
_MOST_SCHEMAS = 2000
_PARAMETER = re.compile(r"\{[^{}]{0,100}\}")
_UNCHECKED = ("accept", "authorization", "content-type")
"""Headers that a document does not speak of (OpenAPI 3.1, Response Object)."""
WILD = "\0"
"""Stands in a path for what a template will give."""


class Operation(Struct, frozen=True):
    """One operation of a document. `label` is its method and path, `prefixes` the paths of the servers it is below."""

    label: str
    name: str
    method: str
    path: str
    place: SchemaPlace
    prefixes: tuple[str, ...]


class OperationHeader(Struct, frozen=True):
    """A header that an answer has, or may have."""

    name: str
    required: bool
    schema: JsonSchema | None
    kind: str


class OperationAnswer(Struct, frozen=True):
    """What one status of an operation is documented with."""

    headers: tuple[OperationHeader, ...]
    content: dict[str, JsonSchema | None]


class Broken(Struct, frozen=True):
    """One thing of an answer that its operation does not have: where, what was wanted, what came."""

    path: str
    expected: JsonValue
    actual: JsonValue
    message: str = ""
    differences: tuple[ValueDifference, ...] = ()
    more: int = 0


class OpenApi:
    """A document that was found to be one of OpenAPI. Raises FileRefusedError where it is none."""

    def __init__(self, documents: SchemaDocuments) -> None:
        self._documents = documents
        self._name = documents.name_of(documents.first)
        content = documents.content
        version = str(content.get("openapi", "")) if isinstance(content, dict) else ""
        if not version.startswith(("3.0", "3.1")):
            raise FileRefusedError(
                "bad-schema",
                f"'{self._name}' is no OpenAPI 3.0 or 3.1 document: "
                + (f"it is of version {version[:20]}" if version else "it has no 'openapi: 3…'"),
            )
        self._old = version.startswith("3.0")
        self.operations = tuple(self._operations(content))
        self._answers: dict[str, dict[str, OperationAnswer]] = {}

    def called(self, word: str) -> Operation:
        """The operation of this operationId, or `METHOD /path`. Raises FileRefusedError."""
        for each in self.operations:
            if word in (each.name, each.label):
                return each
        known = [name for each in self.operations for name in (each.name, each.label) if name]
        raise self._unknown(f"'{word}'", nearest(word, known))

    def of_request(self, method: str, paths: tuple[str, ...]) -> tuple[Operation, ...]:
        """The operations that a request is for, the one with the fewest parameters first. Raises FileRefusedError.

        `paths` are the spellings of its path: whole, and below the target's own.
        """
        found = [each for each in self.operations if any(_fits(each, path) for path in paths)]
        same = [each for each in found if each.method == method]
        if same:
            return tuple(sorted(same, key=lambda each: len(_PARAMETER.findall(each.path))))
        shown = f"{method} {paths[0]}".replace(WILD, "{…}")
        near = nearest(shown, [each.label for each in self.operations])
        if found:
            near = nearest(shown, [each.label for each in found]) or found[0].label
        raise self._unknown(shown[:200], near)

    def _unknown(self, what: str, near: str | None) -> FileRefusedError:
        listed = ", ".join(each.label for each in self.operations[:10])
        more = len(self.operations) - 10
        return FileRefusedError(
            "unknown-operation",
            f"'{self._name}' has no operation {what}",
            [f"operations: {listed or '(none)'}" + (f" and {more} more" if more > 0 else "")],
            near,
        )

    def answers(self, operation: Operation) -> dict[str, OperationAnswer]:
        """What each status of an operation is documented with. Raises FileRefusedError for a bad schema."""
        if operation.label not in self._answers:
            responses = below(self._documents, operation.place, "responses")
            known = responses.value if responses is not None else None
            self._answers[operation.label] = {
                str(status): self._answer(below(self._documents, responses, status))
                for status in (known if responses is not None and isinstance(known, dict) else ())
                if not str(status).startswith("x-")
            }
        return self._answers[operation.label]

    def _operations(self, content: Any) -> Iterator[Operation]:
        root = place_of(self._documents, self._documents.first, "")
        paths = below(self._documents, root, "paths")
        for path in paths.value if paths is not None and isinstance(paths.value, dict) else ():
            item = below(self._documents, paths, path)
            if item is None or not isinstance(item.value, dict) or not path.startswith("/"):
                continue
            for method in _METHODS:
                place = below(self._documents, item, method)
                if place is None or not isinstance(place.value, dict):
                    continue
                servers = next(
                    (
                        found
                        for found in (place.value, item.value, content)
                        if isinstance(found.get("servers"), list)
                    ),
                    {},
                )
                yield Operation(
                    f"{method.upper()} {path}",
                    str(place.value.get("operationId", "")),
                    method.upper(),
                    path,
                    place,
                    tuple(_prefixes(servers.get("servers", []))),
                )

    def _answer(self, place: SchemaPlace | None) -> OperationAnswer:
        value = place.value if place is not None and isinstance(place.value, dict) else {}
        headers = below(self._documents, place, "headers")
        content = below(self._documents, place, "content")
        return OperationAnswer(
            tuple(
                self._header(name, below(self._documents, headers, name))
                for name in _keys(value.get("headers"))
                if name.lower() not in _UNCHECKED
            ),
            {
                media: self._schema(below(self._documents, content, media))
                for media in _keys(value.get("content"))
            },
        )

    def _header(self, name: str, place: SchemaPlace | None) -> OperationHeader:
        value = place.value if place is not None and isinstance(place.value, dict) else {}
        schema = below(self._documents, place, "schema")
        kind = (
            schema.value.get("type")
            if schema is not None and isinstance(schema.value, dict)
            else ""
        )
        return OperationHeader(
            name,
            value.get("required") is True,
            self._schema(place),
            kind if isinstance(kind, str) else "",
        )

    def _schema(self, place: SchemaPlace | None) -> JsonSchema | None:
        schema = below(self._documents, place, "schema")
        if schema is None:
            return None
        dialect = _DRAFT_4 if self._old else _2020
        self._check(schema, dialect)
        return JsonSchema(
            self._documents, schema.pointer, uri=schema.uri, dialect=dialect, nullable=self._old
        )

    def _check(self, schema: SchemaPlace, dialect: str) -> None:
        """Raises FileRefusedError for one that is no schema, or leads to one."""
        waiting, seen = [schema], {(schema.uri, schema.pointer)}
        while waiting:
            place = waiting.pop()
            name = self._documents.name_of(place.uri)
            check_schema(place.value, f"{name}#{unquote(place.pointer)}", dialect)
            for inner in _referred(self._documents, place):
                if (inner.uri, inner.pointer) not in seen and len(seen) < _MOST_SCHEMAS:
                    seen.add((inner.uri, inner.pointer))
                    waiting.append(inner)


def broken(answers: dict[str, OperationAnswer], label: str, answer: StepAnswer) -> Iterator[Broken]:
    """What of an answer its operation is not documented with. Raises what the body's reader raises, and PatternError."""
    documented = _of_status(answers, answer.status)
    if documented is None:
        codes: list[JsonValue] = list(answers)
        said = ", ".join(answers) or "no status"
        yield Broken("status", codes, answer.status, f"{label} has {said}, got {answer.status}")
        return
    for header in documented.headers:
        yield from _broken_header(header, answer)
    if documented.content and answer.first.method.upper() != "HEAD":
        yield from _broken_body(documented.content, answer)


def _broken_header(header: OperationHeader, answer: StepAnswer) -> Iterator[Broken]:
    values = answer.headers(header.name)
    path = f"headers.{header.name}"
    if not values:
        if header.required:
            yield Broken(path, "a value", None, "it is required, and there is none")
        return
    text = ", ".join(values)
    if header.schema is not None:
        places, more = header.schema.differences(_typed(text, header.kind), header.name)
        if places:
            yield Broken(path, places[0].expected, answer.cut(text, 500)[0], "", places, more)


def _broken_body(content: dict[str, JsonSchema | None], answer: StepAnswer) -> Iterator[Broken]:
    given = next(iter(answer.headers("content-type")), "")
    media = given.partition(";")[0].strip().lower()
    found = _media(content, media)
    if found is None:
        wanted: list[JsonValue] = list(content)
        shown = answer.cut(given, 100)[0] or "nothing"
        yield Broken(
            "headers.content-type", wanted, shown, f"expected {' or '.join(content)}, got {shown}"
        )
        return
    schema = content[found]
    if schema is not None and (media.endswith(("/json", "+json")) or not media):
        places, more = schema.differences(answer.json)
        if places:
            yield Broken("body", found, None, "", places, more)


def _of_status(answers: dict[str, OperationAnswer], status: int) -> OperationAnswer | None:
    for name in (str(status), f"{status // 100}XX", f"{status // 100}xx", "default"):
        if name in answers:
            return answers[name]
    return None


def _media(content: dict[str, JsonSchema | None], media: str) -> str | None:
    """The key of a media type: itself, or a range that it is in."""
    known = {key.partition(";")[0].strip().lower(): key for key in content}
    for name in (media, f"{media.partition('/')[0]}/*", "*/*"):
        if name in known:
            return known[name]
    return None


def _typed(text: str, kind: str) -> JsonValue:
    """The value of a header in the style `simple` (OpenAPI 3, Parameter Object): a text that is none stays one."""
    if kind in ("integer", "number", "boolean"):
        try:
            value: JsonValue = loads(text)
        except ValueError:
            return text
        return value
    return [part.strip() for part in text.split(",")] if kind == "array" else text


def _fits(operation: Operation, path: str) -> bool:
    return any(
        _segments_fit(operation.path, path.removeprefix(prefix))
        for prefix in ("", *operation.prefixes)
        if not prefix or path.startswith(f"{prefix}/")
    )


def _segments_fit(template: str, path: str) -> bool:
    wanted, given = template.split("/"), path.split("/")
    return len(wanted) == len(given) and all(map(_segment_fits, wanted, given))


def _segment_fits(template: str, segment: str) -> bool:
    if WILD in segment:
        return True
    text = unquote(segment)
    if "{" not in template:
        return template == text
    first, *rest = _PARAMETER.split(template)
    if not text.startswith(first) or not text.endswith(rest[-1] if rest else ""):
        return False
    return len(text) > len(first) + sum(map(len, rest))


def _prefixes(servers: Any) -> Iterator[str]:
    """The paths of servers, with their variables' defaults."""
    for server in servers if isinstance(servers, list) else ():
        url = server.get("url") if isinstance(server, dict) else None
        if not isinstance(url, str):
            continue
        variables = server.get("variables")
        for name, variable in variables.items() if isinstance(variables, dict) else ():
            default = variable.get("default", "") if isinstance(variable, dict) else ""
            url = url.replace(f"{{{name}}}", str(default))
        try:
            path = urlsplit(url).path.rstrip("/")
        except ValueError:
            continue
        if path.startswith("/"):
            yield path


def _referred(documents: SchemaDocuments, place: SchemaPlace) -> Iterator[SchemaPlace]:
    """What the `$ref`s in a schema lead to."""
    waiting = [place.value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            if isinstance(ref := value.get("$ref"), str):
                yield place_of(documents, place.uri, ref)
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value


def _keys(value: Any) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, dict) else ()
