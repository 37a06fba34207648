"""JSON and YAML documents that an expectation names, with those that their `$ref`s lead to. Nothing is fetched.

A `$ref` leads to a file of the project, below the folder that the document is in or beside it; where documents have an
`$id` (JSON Schema 2020-12, 8.2.1), a URI is taken for the file that lies where it says, seen from the document's own.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, unquote, urldefrag, urljoin, urlsplit

from msgspec import Struct

from smoke.diagnostic import SmokeError, nearest
from smoke.model.numbers import loads
from smoke.model.run import JsonValue
from smoke.scenario.files import FileRefusedError, Files
from smoke.scenario.nodes import plain
from smoke.scenario.source import parse

_MOST_FILES = 100
_MOST_BYTES = 16 * 1024 * 1024
_DEEPEST = 100
_MOST_REFS = 50
"""How many `$ref`s may lead to one another before a value comes."""
_KNOWN = ("http://json-schema.org/", "https://json-schema.org/")
"""Where the schemas of JSON Schema itself are; the validator brings them along."""


class SchemaDocuments(Struct, frozen=True):
    """The documents by their URIs; `first` is the one that was named, `names` what people call each, `paths` where they are."""

    first: str
    contents: Mapping[str, JsonValue]
    names: Mapping[str, str]
    paths: Mapping[str, str]

    @property
    def content(self) -> Any:
        """The document that was named."""
        return self.contents[self.first]

    def name_of(self, uri: str) -> str:
        """What people call a document."""
        return self.names.get(uri, uri)

    def shown(self, uri: str, first: str) -> str:
        """A document's path beside that of the first one, as it was given."""
        folder = posixpath.dirname(self.paths[self.first])
        away = posixpath.relpath(self.paths[uri], folder)
        return posixpath.normpath(posixpath.join(posixpath.dirname(first), away))


class SchemaPlace(Struct, frozen=True):
    """A value in a document, where all `$ref`s to it have led: the document's URI, and a JSON Pointer for a URI."""

    uri: str
    pointer: str
    value: Any


def place_of(documents: SchemaDocuments, uri: str, ref: str) -> SchemaPlace:
    """What a `$ref` in the document `uri` leads to in the end. Raises FileRefusedError."""
    for _ in range(_MOST_REFS):
        target, pointer = urldefrag(urljoin(uri, ref))
        name = documents.name_of(uri)
        if target not in documents.contents:
            raise FileRefusedError(
                "bad-schema", f"'{name}' refers to {ref[:200]}, which was not read"
            )
        value = follow(documents.contents[target], pointer, name, ref)
        inner = value.get("$ref") if isinstance(value, dict) else None
        if not isinstance(inner, str):
            return SchemaPlace(target, pointer, value)
        uri, ref = target, inner
    raise FileRefusedError("bad-schema", f"'{name}' refers to {ref[:200]}, which leads to itself")


def below(documents: SchemaDocuments, place: SchemaPlace | None, key: str) -> SchemaPlace | None:
    """The value of a key of an object, where its `$ref`s lead; None where there is none. Raises FileRefusedError."""
    if place is None or not isinstance(place.value, dict) or key not in place.value:
        return None
    step = quote(key.replace("~", "~0").replace("/", "~1"), safe="~")
    return place_of(documents, place.uri, f"#{place.pointer}/{step}")


def read_documents(name: str, beside: str, files: Files) -> SchemaDocuments:
    """The document of that name, relative to the file `beside`, and all that it refers to. Raises FileRefusedError."""
    return _Reading(files).all_of(name, beside)


class _Reading:
    def __init__(self, files: Files) -> None:
        self._files = files
        self._contents: dict[str, JsonValue] = {}
        self._names: dict[str, str] = {}
        self._paths: dict[str, str] = {}
        self._size = 0

    def all_of(self, name: str, beside: str) -> SchemaDocuments:
        first = self._read(name, beside, name)
        waiting = [first]
        while waiting:
            uri = waiting.pop()
            waiting += self._referred(uri)
        for uri in tuple(self._contents):
            self._check_places(uri)
        return SchemaDocuments(first, self._contents, self._names, self._paths)

    def _read(self, relative: str, beside: str, name: str) -> str:
        """Read one file; its URI."""
        path = self._files.locate(relative, beside, project=True)
        uri = path.as_uri()
        if uri in self._contents:
            return uri
        data = self._files.read_body(path)
        self._size += len(data)
        if len(self._contents) >= _MOST_FILES or self._size > _MOST_BYTES:
            raise FileRefusedError(
                "file-too-large",
                f"'{name}' refers to more than {_MOST_FILES} files, or {_MOST_BYTES:,} bytes",
            )
        self._contents[uri] = _parsed(data, name)
        self._names[uri] = name
        self._paths[uri] = path.as_posix()
        return uri

    def _referred(self, uri: str) -> Iterator[str]:
        """Read what a document refers to; the URIs of those that were not there before."""
        content = self._contents[uri]
        base = _base(content, uri)
        known = {urljoin(base, own) for own in _ids(content)} | {base, uri}
        for ref in _refs(content):
            target, _ = urldefrag(urljoin(base, ref))
            if target in known or target in self._contents or target.startswith(_KNOWN):
                continue
            found = self._read_referred(ref, self._relative(ref, target, base, uri), uri)
            if target != found:
                self._contents[target] = self._contents[found]
                self._names[target] = self._names[found]
                self._paths[target] = self._paths[found]
            yield found

    def _read_referred(self, ref: str, relative: str, uri: str) -> str:
        try:
            return self._read(relative, self._paths[uri], relative)
        except FileRefusedError as refused:
            raise FileRefusedError(
                refused.code,
                f"'{self._names[uri]}' refers to {ref[:200]}: {refused}",
                suggestion=refused.suggestion,
            ) from refused

    def _relative(self, ref: str, target: str, base: str, uri: str) -> str:
        """The path, from the document's own file, of what a `$ref` means. Raises FileRefusedError."""
        if base == uri:
            parts = urlsplit(ref)
            if not parts.scheme and not parts.netloc:
                return unquote(parts.path)
        folder, _, _ = base.rpartition("/")
        if base != uri and target.startswith(f"{folder}/"):
            return unquote(target.removeprefix(f"{folder}/"))
        raise FileRefusedError(
            "remote-ref",
            f"'{self._names[uri]}' refers to {ref[:200]}: nothing is fetched",
            ["save it in the project, and refer to the file"],
        )

    def _check_places(self, uri: str) -> None:
        """Raises FileRefusedError for a `$ref` that leads to a place which its document does not have."""
        content = self._contents[uri]
        base = _base(content, uri)
        if len(list(_ids(content))) > 1:
            return  # '#' is another document within one that has a URI of its own
        for ref in _refs(content):
            target, pointer = urldefrag(urljoin(base, ref))
            whole = content if target == base else self._contents.get(target)
            if whole is not None and (not pointer or pointer.startswith("/")):
                follow(whole, pointer, self._names[uri], ref)


def follow(content: JsonValue, pointer: str, name: str, ref: str) -> JsonValue:
    """The value at a JSON Pointer (RFC 6901) in a URI. Raises FileRefusedError, with the key that was probably meant."""
    value = content
    for step in pointer.split("/")[1:]:
        key = unquote(step).replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and key in value:
            value = value[key]
        elif isinstance(value, list) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        else:
            known = list(value) if isinstance(value, dict) else []
            raise FileRefusedError(
                "bad-schema",
                f"'{name}' refers to {ref[:200]}, and there is no '{key[:100]}'",
                suggestion=nearest(key, known),
            )
    return value


def _base(content: JsonValue, uri: str) -> str:
    own = content.get("$id") if isinstance(content, dict) else None
    return urldefrag(urljoin(uri, own))[0] if isinstance(own, str) else uri


def _ids(content: JsonValue) -> Iterator[str]:
    for value in _objects(content):
        if isinstance(own := value.get("$id"), str):
            yield own


def _refs(content: JsonValue) -> Iterator[str]:
    for value in _objects(content):
        if isinstance(ref := value.get("$ref"), str):
            yield ref


def _objects(content: JsonValue) -> Iterator[dict[str, JsonValue]]:
    """Every object in a document; the reader has bounded it."""
    waiting = [content]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            yield value
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value


def _parsed(data: bytes, name: str) -> JsonValue:
    """The content of a file: JSON when it is named so, else YAML. Raises FileRefusedError."""
    if name.partition("#")[0].lower().endswith((".yaml", ".yml")):
        try:
            document = parse(data, name)
        except SmokeError as error:
            first = error.diagnostics[0]
            place = f" (line {first.span.line}, column {first.span.column})" if first.span else ""
            raise FileRefusedError("bad-schema", f"'{name}': {first.message}{place}") from error
        return plain(document.root)
    try:
        content: JsonValue = loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise FileRefusedError("bad-schema", f"'{name}' is not UTF-8") from error
    except RecursionError as error:
        raise FileRefusedError("bad-schema", f"'{name}' is nested too deeply") from error
    except ValueError as error:
        raise FileRefusedError("bad-schema", f"'{name}' is not JSON: {error}") from error
    if _is_deep(content):
        raise FileRefusedError("bad-schema", f"'{name}' is nested too deeply")
    return content


def _is_deep(content: JsonValue) -> bool:
    """Whether a value has more levels than a schema needs."""
    level = [content]
    for _ in range(_DEEPEST):
        inner: list[JsonValue] = []
        for value in level:
            inner += (
                value.values()
                if isinstance(value, dict)
                else value
                if isinstance(value, list)
                else ()
            )
        level = inner
    return bool(level)
