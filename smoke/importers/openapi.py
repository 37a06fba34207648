"""OpenAPI documents (3.0 and later, JSON or YAML): a flow of named operations, or the one that most likely orders."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from msgspec.structs import replace

from smoke.importers._filling import UNKNOWN, Filling, is_url, shown
from smoke.importers._openapi_document import OfferedOperation, OpenApiDocument
from smoke.importers._openapi_flow import LikelyFlow, gives, is_reference, named, token_of
from smoke.importers._openapi_samples import Samples
from smoke.importers._shapes import as_dict, as_text, basic, joined_query, with_rest
from smoke.importers._yaml_bodies import MARK, MARKED, json_text, marked, no_url
from smoke.recording.ordering import order_id
from smoke.recording.records import RecordedRequest
from smoke.redact.keys import words

_JSON = re.compile(rb'"(?:openapi|swagger)"\s{0,20}:\s{0,20}"[23]\.')
_YAML = re.compile(rb"(?m)^[\"']?(?:openapi|swagger)[\"']?[ \t]{0,9}:[ \t]{0,9}[\"']?[23]\.")
_MADE_UP = {"$uuid": "fake.uuid", "$now": "now"}


def recognise(head: bytes) -> bool:
    """The version of a document."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if start[:1] == b"{":
        return _JSON.search(head) is not None and re.match(rb'\{\s*"log"', start) is None
    return _YAML.search(head) is not None


def read(data: bytes, source: str) -> Iterator[RecordedRequest]:
    """The operations that most likely make an order, with why. Raises SmokeError for what is no document, and where none orders."""
    yield from read_named({source: data}, source, ())


def read_named(
    files: Mapping[str, bytes], source: str, names: Sequence[str]
) -> Iterator[RecordedRequest]:
    """The operations of these names, in their order. Raises SmokeError for what is no document, and for a name that is none."""
    file = OpenApiDocument(files[source], source)
    if names:
        operations, reasons = named(file, names, source), {}
    else:
        flow = LikelyFlow(file, source)
        operations, reasons = flow.operations, flow.reasons
    making = _Making(file, Filling(files[source], {}, _MADE_UP.get, pattern=MARKED), operations)
    made = [making.request(at, reasons.get(each.label, "")) for at, each in enumerate(operations)]
    found = [making.finished(at, each) for at, each in enumerate(made) if each is not None]
    yield from with_rest(found, tuple(file.unread), source)


class _Making:
    def __init__(
        self, file: OpenApiDocument, filling: Filling, operations: Sequence[OfferedOperation]
    ) -> None:
        self._file = file
        self._filling = filling
        self._operations = operations
        self._captures: dict[int, dict[str, str]] = {}
        self._guessed: dict[int, dict[str, str]] = {}
        self._token = ""

    def request(self, at: int, reason: str) -> RecordedRequest | None:
        """The request of an operation, with what earlier ones give."""
        operation, filling = self._operations[at], self._filling
        samples = Samples(self._file)
        url, query, headers = self._parameters(at, samples)
        more, pairs = self._credentials(operation)
        url = joined_query(url, [*query, *pairs])
        if not is_url(url):
            self._file.say(no_url(operation.place, self._file.server))
            return None
        body, fields, media = self._body(at, samples)
        headers = [*headers, *more, *([("content-type", media)] if media else [])]
        remarks = [f"taken: {reason}"] if reason else []
        if samples.guesses:
            remarks.append(f"guessed, the document has no example: {', '.join(shown(each) for each in samples.guesses)}")  # fmt: skip
        if samples.left_out:
            remarks.append(f"left out, it need not be sent: {', '.join(shown(each) for each in samples.left_out)}")  # fmt: skip
        later = self._operations[at + 1 :]
        if not self._token and token_of(self._file, operation) and any(map(self._file.schemes, later)):  # fmt: skip
            self._token = f"token_{at}"
            self._keep(at, "token", token_of(self._file, operation), "a credential of later requests")  # fmt: skip
        name = as_text(operation.spec.get("summary"))[:60] or " ".join(words(operation.name)).capitalize()  # fmt: skip
        return RecordedRequest(
            operation.method, url, tuple(headers), body, fields, None, operation.place, written=True,
            name=name, stand_ins=filling.used(), remarks=tuple(remarks),
        )  # fmt: skip

    def finished(self, at: int, request: RecordedRequest) -> RecordedRequest:
        """With what later requests take of its answer, and what is expected of it."""
        operation = self._operations[at]
        kept = tuple(self._captures.get(at, {}).items())
        guessed = self._guessed.get(at, {})
        made = replace(request, captures=kept, guessed=guessed)
        status = self._file.success(operation)[0]
        expect: dict[str, Any] = {}
        if status:
            expect["status"] = int(status) if status.isdecimal() else status.lower()
        if operation.method != "GET":
            for leaf in self._file.given(operation):
                if order_id(replace(request, captures=(("x", leaf.path),))) is not None:
                    expect["json"] = {leaf.path: {"exists": True}}
                    break
        return replace(made, expect=expect)

    def _keep(self, at: int, name: str, path: str, why: str) -> None:
        self._captures.setdefault(at, {})[name] = path
        self._guessed.setdefault(at, {}).setdefault(name, why)

    def _given(self, at: int, name: str, where: str = "") -> str:
        """The mark of what an earlier answer gives under this name; empty without one."""
        operation = self._operations[at]
        found = gives(self._file, operation, name, self._operations[:at], where=where)
        if found is None:
            return ""
        giver = self._operations.index(found.operation)
        variable = found.name or "value"
        while self._captures.get(giver, {}).get(variable, found.path) != found.path or any(variable in kept for index, kept in self._captures.items() if index != giver):  # fmt: skip
            variable += "_2"
        self._keep(giver, variable, found.path, f"{operation.label} wants it: {found.why}")
        return marked(variable)

    def _parameters(
        self, at: int, samples: Samples
    ) -> tuple[str, list[tuple[str, str]], list[tuple[str, str]]]:
        """URL, query and headers; of the latter two what is required."""
        operation, text = self._operations[at], self._filling.text
        path, query, headers, cookies = operation.path, [], [], []
        for each in operation.parameters:
            name, where = as_text(each["name"]), each["in"]
            if where != "path" and each.get("required") is not True:
                continue
            value = self._given(at, name, where) or self._sample(each, name, samples)
            if where == "path":
                path = path.replace(f"{{{name}}}", value if value[:1] == MARK else quote(value, safe=""))  # fmt: skip
            elif where == "query":
                query.append((name, text(value)))
            elif where == "header" and name.lower() not in {"accept", "content-type", "authorization"}:  # fmt: skip
                headers.append((name, text(value)))
            elif where == "cookie":
                cookies.append(f"{name}={text(value)}")
        if cookies:
            headers.append(("cookie", "; ".join(cookies)))
        server = self._file.server
        base = server if "://" in server else UNKNOWN + (f"/{server.strip('/')}" if server.strip("/") else "")  # fmt: skip
        return base + text(path), query, headers

    def _sample(self, told: dict[str, Any], name: str, samples: Samples) -> str:
        """The value of a parameter; of an id that nobody gives a variable, for a person to fill in."""
        value = samples.of(told if "schema" in told or "content" not in told else self._file.content(told)[1], name)  # fmt: skip
        if isinstance(value, list):
            value = ",".join(map(as_text, value))
        has_example = value is not None and not samples.guesses
        if (is_reference(name) or name == "id") and not (has_example and as_text(value)):
            return marked(name)
        return as_text(value) or marked(name)

    def _credentials(
        self, operation: OfferedOperation
    ) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        """Headers and pairs of the query; the values are secrets by name, or the token of a login."""
        headers: list[tuple[str, str]] = []
        query: list[tuple[str, str]] = []
        for name, scheme in self._file.schemes(operation):
            kind = as_text(scheme.get("type"))
            where, key = as_text(scheme.get("in")), as_text(scheme.get("name"))
            if kind == "http" and as_text(scheme.get("scheme")).lower() == "basic":
                user = self._filling.secret(marked(f"{name}_user"))
                headers.append(basic(user, self._filling.secret(marked(f"{name}_password"))))
            elif kind in {"http", "oauth2", "openIdConnect"}:
                secret = self._filling.secret(marked("token" if self._token else name))
                headers.append(("authorization", f"Bearer {secret}"))
            elif kind == "apiKey" and key and where in {"header", "query", "cookie"}:
                secret = self._filling.secret(marked(name))
                pair = ("cookie", f"{key}={secret}") if where == "cookie" else (key, secret)
                (query if where == "query" else headers).append(pair)
            else:
                self._file.say(f"the security scheme '{shown(name)}'")
        return headers, query

    def _body(self, at: int, samples: Samples) -> tuple[bytes, tuple[tuple[str, str], ...], str]:
        """Body, fields of a multipart form, and its media type."""
        holder = self._file.resolved(self._operations[at].spec.get("requestBody"))
        media, told = self._file.content(holder)
        if not media:
            return b"", (), ""
        value = self._replaced(at, samples.of(told, ""), "")
        if "json" in media.lower() or media == "*/*":
            media = "application/json" if media == "*/*" else media
            return json_text(value, self._filling, typed=False), (), media
        pairs = [(key, self._filling.text(each if isinstance(each, str) else _written(each))) for key, each in as_dict(value).items()]  # fmt: skip
        if media.startswith("multipart/"):
            return b"", tuple(pairs), ""
        if "urlencoded" in media:
            return urlencode(pairs, errors="replace").encode(), (), media
        return self._filling.text(as_text(value)).encode("utf-8", "replace"), (), media

    def _replaced(self, at: int, value: Any, name: str) -> Any:
        """A body with what earlier answers give in the places of their names."""
        if isinstance(value, dict):
            return {key: self._replaced(at, each, key) for key, each in value.items()}
        if isinstance(value, list):
            return [self._replaced(at, each, name) for each in value]
        return (self._given(at, name) if is_reference(name) else "") or value


def _written(value: Any) -> str:
    return as_text(value) if not isinstance(value, (dict, list)) else str(value)
