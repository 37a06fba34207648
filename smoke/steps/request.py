"""Sends one HTTP request, with redirects only where asked for."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urljoin, urlsplit

from pydantic import Field, model_validator

from smoke.model.exchange import Request
from smoke.model.run import JsonValue
from smoke.scenario.model import Duration, Model
from smoke.scenario.scope import Scope, TemplateError
from smoke.scenario.template import as_text, render, render_text
from smoke.steps._multipart import Part, encode

BODIES = ("json", "form", "multipart", "graphql", "text", "file")
METHOD = r"[A-Za-z]{1,20}"
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_MEDIA_TYPES = {
    ".json": "application/json", ".txt": "text/plain; charset=utf-8", ".xml": "application/xml", ".csv": "text/csv",
    ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".pdf": "application/pdf",
}  # fmt: skip


class BuildError(Exception):
    """The request cannot be built from what the templates gave; nothing was sent."""


class GraphQL(Model):
    """A GraphQL operation, sent as JSON by POST."""

    query: str = Field(min_length=1)
    variables: Any = Field(None, description="An object; templates keep their types")
    operation: str | None = Field(None, description="Which operation of the query")


class Basic(Model):
    """Basic authentication (RFC 7617)."""

    username: str
    password: str


class Upload(Model):
    """A file of a multipart form."""

    file: str = Field(description="Path relative to the scenario, below its folder")
    filename: str | None = None
    media_type: str | None = None


class Spec(Model):
    """A request. At most one body: json, form, multipart, graphql, text or file."""

    method: str | None = Field(
        None, pattern=f"^{METHOD}$", description="[default: GET, with a body POST]"
    )
    url: str = Field(min_length=1, description="A path, or the URL of an allowed origin")
    query: dict[str, Any] = Field(
        default_factory=dict, description="Name: value, or a list of values"
    )
    headers: dict[str, Any] = Field(
        default_factory=dict, description="Name: value; null leaves one out"
    )
    json_: Any = Field(None, alias="json")
    form: dict[str, Any] | None = None
    multipart: dict[str, Any] | None = Field(
        None, description="Name: text, or {file, filename, media_type}"
    )
    graphql: GraphQL | None = None
    text: str | None = None
    file: str | None = Field(None, description="Path relative to the scenario, below its folder")
    media_type: str | None = Field(None, description="Content-Type of a text or file body")
    customer: str = Field(
        "default", min_length=1, max_length=100, description="Whose cookies go along"
    )
    bearer: str | None = Field(None, description="Authorization: Bearer …; null sends none")
    basic: Basic | None = None
    follow_redirects: bool = Field(
        False, description="Within the origin; an unsafe request is never sent again"
    )
    timeout: Duration | None = Field(None, description="Total time, redirects included")
    idempotency_key: bool | str | None = Field(
        None,
        description="true for a new UUID, or a template: sent as Idempotency-Key, and promises that it is honoured",
    )

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: Any) -> Any:
        """`request: GET /path` is short for a method and a URL."""
        if isinstance(value, str):
            method, space, url = value.strip().partition(" ")
            return {"method": method, "url": url.strip()} if space else {"url": value.strip()}
        return value

    def bodies(self) -> list[str]:
        """The bodies that are given; more than one is a mistake."""
        return [name for name in BODIES if name in self._given()]

    def _given(self) -> set[str]:
        aliases = {"json_": "json"}
        return {aliases.get(name, name) for name in self.model_fields_set}


@dataclass(frozen=True, slots=True)
class Built:
    """A request ready to be sent, and how."""

    request: Request
    customer: str
    follow_redirects: bool
    timeout: float | None
    idempotency_key: str | None


def problems(spec: Spec) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Rules between the keys of a request: path, diagnostic code, message."""
    bodies = spec.bodies()
    if len(bodies) > 1:
        yield (
            (bodies[1],),
            "several-bodies",
            f"a request has one body, this one has {' and '.join(bodies)}",
        )
    if spec.bearer is not None and spec.basic is not None:
        yield ("basic",), "two-credentials", "a request has bearer or basic, not both"
    if spec.media_type is not None and not {"text", "file"} & set(bodies):
        yield ("media_type",), "bad-value", "media_type goes with a text or file body"
    for name, value in spec.headers.items():
        if not _TOKEN.fullmatch(name):
            yield ("headers", name), "bad-value", f"'{name}' is no header name"
        elif isinstance(value, (dict, list)):
            yield ("headers", name), "bad-value", "a header's value is a text or a number"


def files(spec: Spec) -> Iterator[tuple[tuple[str, ...], str]]:
    """The files that a request sends: where each is named, and its path."""
    if spec.file is not None:
        yield ("file",), spec.file
    for name, value in (spec.multipart or {}).items():
        if isinstance(value, dict) and isinstance(value.get("file"), str):
            yield ("multipart", name, "file"), value["file"]


def build(
    spec: Spec,
    scope: Scope,
    *,
    base_url: str,
    new_uuid: Callable[[], str],
    files: Mapping[str, bytes],
) -> Built:
    """The request that a spec asks for under these names.

    `files` holds the bytes of the files that the spec names. Cookies and the target's own headers are not its
    business. Raises TemplateError and BuildError; nothing was sent then.
    """
    url = _url(spec, scope, base_url)
    body, media_type = _body(spec, scope, new_uuid, files)
    given = {name.lower() for name in spec.headers}
    headers: list[tuple[str, str]] = []
    if media_type and "content-type" not in given:
        headers.append(("Content-Type", media_type))
    if "accept" not in given and (spec.graphql is not None or "json" in spec.bodies()):
        headers.append(("Accept", "application/json, */*;q=0.5"))
    authorization = _authorization(spec, scope)
    if authorization is not None and "authorization" not in given:
        headers.append(("Authorization", authorization))
    key = _key(spec, scope, new_uuid)
    if key is not None and "idempotency-key" not in given:
        headers.append(("Idempotency-Key", key))
    for name, template in spec.headers.items():
        value = render(template, scope)
        if value is not None:
            headers.append((name, as_text(value)))
    method = spec.method or ("GET" if not spec.bodies() else "POST")
    return Built(
        request=Request(
            method=method.upper(),
            url=url,
            headers=tuple(_header(name, value) for name, value in headers),
            body=body,
        ),
        customer=as_text(render_text(spec.customer, scope)),
        follow_redirects=spec.follow_redirects,
        timeout=spec.timeout,
        idempotency_key=key,
    )


def _segment(value: str) -> str:
    """A value as one path segment: no slash, no dot segment can come of it (RFC 3986 5.2.4)."""
    encoded = quote(value, safe="*:@,")
    return encoded.replace(".", "%2E") if value in (".", "..") else encoded


def _url(spec: Spec, scope: Scope, base_url: str) -> str:
    template = spec.url.strip()
    path, mark, query = template.partition("?")
    if path.startswith("{{"):
        # a URL that begins with a value: a captured link or Location, taken as it is (its origin is checked later)
        rendered = as_text(render_text(template, scope))
    else:
        rendered = as_text(render_text(path, scope, encode=_segment))
        if mark:
            rendered += mark + as_text(
                render_text(query, scope, encode=lambda value: quote(value, safe="*"))
            )
    if not rendered.strip():
        raise BuildError("the request's URL is empty")
    if (
        any(ord(character) <= 0x20 or ord(character) == 0x7F for character in rendered)
        or "\\" in rendered
    ):
        raise BuildError("the request's URL has a space, a control character or a backslash in it")
    try:
        url = urljoin(
            base_url if base_url.endswith("/") or urlsplit(base_url).path else base_url + "/",
            rendered,
        )
        parts = urlsplit(url)
    except ValueError as error:
        raise BuildError(f"the request's URL is none ({error})") from error
    if parts.username is not None or parts.password is not None:
        raise BuildError("a URL with credentials in it is not sent: use `basic`")
    pairs = _pairs(spec.query, scope)
    url = url.partition("#")[0]
    if pairs:
        # `*` is left as it is: shops take it in ids and filters, and RFC 3986 allows it in a query
        url += ("&" if "?" in url else "?") + urlencode(pairs, safe="*", quote_via=quote)
    return url


def _pairs(values: Mapping[str, Any], scope: Scope) -> list[tuple[str, str]]:
    pairs = []
    for name, template in values.items():
        value = render(template, scope)
        items = value if isinstance(value, list) else [value]
        pairs += [(name, as_text(item)) for item in items if item is not None]
    return pairs


def _authorization(spec: Spec, scope: Scope) -> str | None:
    if spec.bearer is not None:
        return f"Bearer {as_text(render_text(spec.bearer, scope))}"
    if spec.basic is not None:
        user = as_text(render_text(spec.basic.username, scope))
        password = as_text(render_text(spec.basic.password, scope))
        return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
    return None


def _key(spec: Spec, scope: Scope, new_uuid: Callable[[], str]) -> str | None:
    if spec.idempotency_key is True:
        return new_uuid()
    if isinstance(spec.idempotency_key, str):
        key = as_text(render_text(spec.idempotency_key, scope))
        if not key:
            raise BuildError("the idempotency_key is empty")
        return key
    return None


def _body(
    spec: Spec, scope: Scope, new_uuid: Callable[[], str], files: Mapping[str, bytes]
) -> tuple[bytes, str]:
    """The body's bytes and its media type."""
    given = spec.bodies()
    if not given:
        return b"", ""
    match given[0]:
        case "json":
            return _json(render(spec.json_, scope)), "application/json"
        case "form":
            pairs = _pairs(spec.form or {}, scope)
            return urlencode(pairs).encode(), "application/x-www-form-urlencoded"
        case "multipart":
            boundary = f"smoke-{new_uuid()}"
            parts = [
                _part(name, value, scope, files) for name, value in (spec.multipart or {}).items()
            ]
            return encode(parts, boundary), f"multipart/form-data; boundary={boundary}"
        case "graphql":
            assert spec.graphql is not None
            payload: dict[str, JsonValue] = {
                "query": as_text(render_text(spec.graphql.query, scope))
            }
            if spec.graphql.variables is not None:
                payload["variables"] = render(spec.graphql.variables, scope)
            if spec.graphql.operation is not None:
                payload["operationName"] = spec.graphql.operation
            return _json(payload), "application/json"
        case "text":
            text = as_text(render_text(spec.text or "", scope))
            return text.encode(), spec.media_type or "text/plain; charset=utf-8"
        case _:
            assert spec.file is not None
            suffix = spec.file[spec.file.rfind(".") :].lower()
            return files[spec.file], spec.media_type or _MEDIA_TYPES.get(
                suffix, "application/octet-stream"
            )


def _json(value: JsonValue) -> bytes:
    try:
        return json.dumps(
            value, ensure_ascii=False, allow_nan=False, separators=(",", ":")
        ).encode()
    except (ValueError, UnicodeEncodeError) as error:
        raise BuildError(f"the body cannot be written as JSON: {error}") from error


def _part(name: str, value: Any, scope: Scope, files: Mapping[str, bytes]) -> Part:
    if isinstance(value, dict) and "file" in value:
        upload = Upload.model_validate(value)
        suffix = upload.file[upload.file.rfind(".") :].lower()
        return Part(
            name,
            files[upload.file],
            upload.filename or upload.file.rpartition("/")[2],
            upload.media_type or _MEDIA_TYPES.get(suffix, "application/octet-stream"),
        )
    return Part(name, as_text(render(value, scope)).encode())


def _header(name: str, value: str) -> tuple[bytes, bytes]:
    if not _TOKEN.fullmatch(name):
        raise BuildError(f"'{name[:60]!a}' is no header name")
    if any(
        (ord(character) < 0x20 and character != "\t") or ord(character) == 0x7F
        for character in value
    ):
        raise BuildError(f"the value of the header {name} has a control character in it")
    return name.encode(), value.strip().encode()


__all__ = ["BuildError", "Built", "Spec", "TemplateError", "build"]
