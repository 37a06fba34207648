"""An OpenAPI document (3.0, 3.1, 3.2): its operations, where its references lead, its servers and credentials."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any
from urllib.parse import unquote

from msgspec import Struct

from smoke.diagnostic import SmokeError
from smoke.importers._filling import shown
from smoke.importers._shapes import as_dict, as_list, as_text, document
from smoke.importers._yaml import documents, line_of
from smoke.recording.given import is_shallow

# fields as in https://spec.openapis.org/oas/v3.1.1.html
METHODS = ("get", "put", "post", "delete", "patch")
_MOST_OPERATIONS = 5000
_MOST_REFS = 30
"""How many `$ref`s may lead to one another before a value comes."""
_DEEPEST = 8
_MOST_LEAVES = 400
_MOST_VISITS = 4000
_MOST_VISITS_IN_ALL = 1_000_000
_DEEPEST_DOCUMENT = 128


class OfferedOperation(Struct, frozen=True, eq=False):
    """An operation with the parameters of its path; `line` is 0 in JSON."""

    method: str
    path: str
    name: str
    spec: dict[str, Any]
    parameters: tuple[dict[str, Any], ...]
    line: int

    @property
    def label(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def place(self) -> str:
        return f"line {self.line}" if self.line else f"'{shown(self.name or self.label)}'"


class AnswerLeaf(Struct, frozen=True):
    """A value that an answer has by its schema: JSONPath, its own name, and the name of the thing that it is in."""

    path: str
    name: str
    within: str


class OpenApiDocument:
    """Raises SmokeError for what is no OpenAPI document of these versions."""

    def __init__(self, data: bytes, source: str) -> None:
        is_object = data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{"
        what = "OpenAPI document"
        found = [document(data, source, what)] if is_object else documents(data, source, what)
        self._root = as_dict(found[0]) if found else {}
        if not is_shallow(self._root, _DEEPEST_DOCUMENT):
            raise SmokeError.of(
                "cannot-read",
                f"{source} is nested more than {_DEEPEST_DOCUMENT} levels deep",
            )
        self.unread: dict[str, None] = {}
        """What could not be taken over, each once and in its order."""
        self._given: dict[str, tuple[AnswerLeaf, ...]] = {}
        self._asked: dict[str, tuple[AnswerLeaf, ...]] = {}
        self._left = 0
        self._left_in_all = _MOST_VISITS_IN_ALL
        version = as_text(self._root.get("openapi", self._root.get("swagger")))
        if not re.match(r"3\.[0-9]", version):
            raise SmokeError.of(
                "cannot-read",
                f"{source} is an OpenAPI document of version {shown(version) or 'none'}: 3.0 and later are read",
                notes=["converters make 3.0 of Swagger 2.0"] if version.startswith("2") else [],
            )
        self.operations = tuple(self._operations())
        self.server = self._server()

    def resolved(self, value: Any) -> dict[str, Any]:
        """What a value is where its references lead; empty where that is no object, or elsewhere."""
        for _ in range(_MOST_REFS):
            ref = value.get("$ref") if isinstance(value, dict) else None
            if not isinstance(ref, str):
                return as_dict(value)
            if not ref.startswith("#/"):
                self.say(f"'{shown(ref)}' is in another file: nothing but this one is read")
                return {}
            value = self._at(ref)
        return {}

    def say(self, what: str) -> None:
        self.unread[what] = None

    def _at(self, ref: str) -> Any:
        value: Any = self._root
        for step in ref.split("/")[1:]:
            key = unquote(step).replace("~1", "/").replace("~0", "~")
            if isinstance(value, list) and key.isdecimal() and len(key) < 6 and int(key) < len(value):  # fmt: skip
                value = value[int(key)]
            elif isinstance(value, dict) and key in value:
                value = value[key]
            else:
                self.say(f"'{shown(ref)}' leads nowhere")
                return {}
        return value

    def _operations(self) -> Iterator[OfferedOperation]:
        paths = as_dict(self._root.get("paths"))
        count = 0
        for path, written in paths.items():
            item = self.resolved(written)
            shared = [self.resolved(each) for each in as_list(item.get("parameters"))]
            for method in METHODS if path.startswith("/") else ():
                spec = as_dict(item.get(method))
                count += bool(spec)
                if not spec or count > _MOST_OPERATIONS:
                    continue
                own = [self.resolved(each) for each in as_list(spec.get("parameters"))]
                known = {(each.get("name"), each.get("in")): each for each in (*shared, *own) if as_text(each.get("name")) and as_text(each.get("in"))}  # fmt: skip
                yield OfferedOperation(method.upper(), path, as_text(spec.get("operationId")), spec, tuple(known.values()), line_of(item, method))  # fmt: skip

    def _server(self) -> str:
        """The first server's URL, its variables filled in; others are told."""
        servers = [as_dict(each) for each in as_list(self._root.get("servers"))]
        for each in servers[1:]:
            self.say(f"the server '{shown(as_text(each.get('url')).rpartition('@')[2])}': the deployment is the one of --url")  # fmt: skip
        first = servers[0] if servers else {}
        url = as_text(first.get("url"))
        for name, variable in as_dict(first.get("variables")).items():
            url = url.replace(f"{{{name}}}", as_text(as_dict(variable).get("default")))
        return url.rstrip("/")

    def schemes(self, operation: OfferedOperation) -> list[tuple[str, dict[str, Any]]]:
        """The security schemes that an operation wants, of several ways the first."""
        ways = operation.spec.get("security", self._root.get("security"))
        first = as_dict(as_list(ways)[0]) if as_list(ways) else {}
        known = as_dict(as_dict(self._root.get("components")).get("securitySchemes"))
        return [(name, self.resolved(known.get(name))) for name in first]

    def success(self, operation: OfferedOperation) -> tuple[str, dict[str, Any]]:
        """The status of an operation's good answer (`201`, `2XX`; empty without one), and the answer."""
        answers = as_dict(operation.spec.get("responses"))
        for status in sorted(answers):
            if re.fullmatch(r"2(?:\d\d|XX|xx)", status):
                return status, self.resolved(answers[status])
        return "", self.resolved(answers.get("default"))

    def content(self, holder: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """The media type of a body, JSON before others, and what the document says of it; empty without one."""
        found = as_dict(holder.get("content"))
        for wanted in ("application/json", "+json", "x-www-form-urlencoded", "multipart/", "*/*", ""):  # fmt: skip
            for media, told in found.items():
                if wanted in media.lower():
                    return media, self.resolved(told)
        return "", {}

    def given(self, operation: OfferedOperation) -> tuple[AnswerLeaf, ...]:
        """The values of an operation's good answer, as far as its schema names them."""
        if operation.label not in self._given:
            media, told = self.content(self.success(operation)[1])
            readable = not media or "json" in media or media == "*/*"
            within = singular(last_word(operation.path))
            self._given[operation.label] = self._leaves(told, within) if readable else ()
        return self._given[operation.label]

    def asked(self, operation: OfferedOperation) -> tuple[AnswerLeaf, ...]:
        """The same of what it wants to be sent."""
        if operation.label not in self._asked:
            told = self.content(self.resolved(operation.spec.get("requestBody")))[1]
            self._asked[operation.label] = self._leaves(told, "")
        return self._asked[operation.label]

    def _leaves(self, told: dict[str, Any], within: str) -> tuple[AnswerLeaf, ...]:
        found: list[AnswerLeaf] = []
        self._left = given = max(min(_MOST_VISITS, self._left_in_all), 0)
        self._leaf(told.get("schema"), "$", "", within, found, 0)
        self._left_in_all -= given - self._left
        if self._left_in_all <= 0:
            self.say("the fields of some operations: the document has too many to look at them all")
        return tuple(found)

    def _leaf(
        self, schema: Any, path: str, name: str, within: str, found: list[AnswerLeaf], depth: int
    ) -> None:
        told = self.resolved(schema)
        self._left -= 1
        if depth > _DEEPEST or len(found) >= _MOST_LEAVES or self._left < 0:
            return
        for key in ("allOf", "oneOf", "anyOf"):
            for each in as_list(told.get(key))[: _MOST_LEAVES if key == "allOf" else 1]:
                self._leaf(each, path, name, within, found, depth + 1)
        if isinstance(told.get("items"), dict):
            inner = singular(name) if name else within
            self._leaf(told["items"], f"{path}[0]", inner, inner, found, depth + 1)
        properties = as_dict(told.get("properties"))
        for key, each in islice(properties.items(), _MOST_LEAVES):
            if re.fullmatch(r"[A-Za-z_]\w{0,80}", key, re.ASCII):
                self._leaf(each, f"{path}.{key}", key, name or within, found, depth + 1)
        if not properties and path != "$" and "items" not in told and name:
            found.append(AnswerLeaf(path, name, within))


def last_word(path: str) -> str:
    """The last part of a path that is no parameter."""
    words = [part for part in path.split("/") if part and "{" not in part]
    return words[-1] if words else ""


def singular(word: str) -> str:
    """`orders`, `categories`, `addresses` as one of them."""
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    if word.endswith(("sses", "xes", "ches")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word
