"""Sends one HTTP request, with redirects only where asked for."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from smoke.model.exchange import Request
from smoke.model.messages import WEBSOCKET
from smoke.scenario.address import origin_problem
from smoke.scenario.base import Field, Model
from smoke.scenario.scope import Scope, TemplateError
from smoke.scenario.template import as_text, render, render_text
from smoke.scenario.traits import Sends
from smoke.scenario.value_types import EACH, Duration
from smoke.scenario.values import method_and_url
from smoke.steps._body import (
    BODIES,
    GraphQL,
    file_body,
    form_body,
    graphql_body,
    json_body,
    multipart_body,
    text_body,
    upload_problem,
)
from smoke.steps._events import event_faults, wanted_event
from smoke.steps._graphql import only_reads
from smoke.steps._session import Built, Making
from smoke.steps._url import BuildError, header, header_faults, request_url, url_faults

_BODIES = tuple(("json_" if name == "json" else name, name) for name in BODIES)
"""The bodies that there are: the fields that hold them, and what they are called."""
_CHANGING = ("PUT", "PATCH", "DELETE")
"""Methods that change something by their meaning (RFC 9110, 9.3)."""
METHOD = r"[A-Za-z]{1,20}"


class Basic(Model):
    """Basic authentication (RFC 7617)."""

    username: str = Field(description="A template; it has no colon in it", examples=["smoke-test"])
    password: str = Field(
        description="A template, such as a secret", examples=["{{ secrets.SHOP_PASSWORD }}"]
    )


class Spec(Model):
    """A request. At most one body: json, form, multipart, graphql, text or file."""

    method: str | None = Field(
        None,
        pattern=f"^{METHOD}$",
        description="Letters [default: GET, with a body POST]",
        examples=["PUT"],
    )
    url: str = Field(
        min_length=1,
        description="A path below the target's URL, or the URL of an allowed origin",
        examples=["/api/orders/{{ order_id }}"],
    )
    query: dict[str, Any] = Field(
        default_factory=dict,
        description="Name: value, or a list of values",
        examples=[{"page": 2, "tag": ["tea", "green"]}],
    )
    headers: dict[str, Any] = Field(
        default_factory=dict,
        description="Name: value; null leaves one out",
        examples=[{"accept-language": "de"}],
    )
    json_: Any = Field(
        None,
        alias="json",
        description="A JSON document; templates keep their types",
        examples=[{"sku": "tea-sencha", "quantity": 1}],
    )
    form: dict[str, Any] | None = Field(
        None,
        description="A form as browsers send it: name: value, or a list of values",
        examples=[{"csrf": "{{ csrf }}", "quantity": 1}],
    )
    multipart: dict[str, Any] | None = Field(
        None,
        description="A form with files. Name: text, or {file, filename, media_type}",
        examples=[{"note": "Thanks", "photo": {"file": "photo.png"}}],
    )
    graphql: GraphQL | None = Field(None, description="A GraphQL operation, sent as JSON by POST")
    text: str | None = Field(
        None,
        description="A text as it stands, templates filled in",
        examples=["id,quantity\n7,1\n"],
    )
    file: str | None = Field(
        None,
        description="A file sent byte for byte: a path relative to the scenario, below its folder",
        examples=["bodies/order.xml"],
    )
    media_type: str | None = Field(
        None, description="Content-Type of a text or file body", examples=["application/xml"]
    )
    gzip: bool = Field(False, description="Send the body compressed, with Content-Encoding: gzip")
    take_events: int | None = Field(
        None,
        ge=1,
        le=1000,
        description="Of a stream (server-sent events, NDJSON): end behind this many events, which `json` sees as a list",
        examples=[3],
    )
    take_until: dict[str, Any] | None = Field(
        None,
        description="Of a stream: end behind the first event that meets this, JSONPath: matcher; `json` sees all up to it",
        json_schema_extra=EACH,
        examples=[{"$.data.status": "paid"}],
    )
    customer: str = Field(
        "default",
        min_length=1,
        max_length=100,
        description="Whose cookies go along: each name has a jar of its own",
        examples=["alice"],
    )
    bearer: str | None = Field(
        None, description="Authorization: Bearer …; null sends none", examples=["{{ token }}"]
    )
    basic: Basic | None = Field(None, description="Basic authentication (RFC 7617)")
    origin: str | None = Field(
        None,
        description="The allowed origin that a path belongs to [default: the target's]",
        examples=["https://pay.example"],
    )
    follow_redirects: bool = Field(
        False, description="Within the origin; an unsafe request is never sent again"
    )
    timeout: Duration | None = Field(
        None, description="Total time, redirects included", examples=["10s"]
    )
    idempotency_key: bool | str | None = Field(
        None,
        description="true for a new UUID, or a template: sent as Idempotency-Key, and promises that it is honoured",
    )

    safe: bool = Field(
        False,
        description="A POST that changes nothing, such as a search: `until` and `retry` may send it again",
        examples=[True],
    )

    @staticmethod
    def _short_form(value: Any) -> Any:
        """`request: GET /path` is short for a method and a URL."""
        if isinstance(value, str):
            method, url = method_and_url(value)
            return {"url": url} if method is None else {"method": method, "url": url}
        return value

    def bodies(self) -> list[str]:
        """The bodies that are given; more than one is a mistake."""
        given = self.model_fields_set
        return [name for field, name in _BODIES if field in given]


SHORT_FORM = True
TAKES_DEFAULTS = True


def sends(spec: Spec) -> Sends:
    """What is known of the request before it is built."""
    bodies = spec.bodies()
    written = (spec.json_, spec.form, spec.multipart, spec.graphql, spec.text) if bodies else ()
    return Sends(
        method=spec.method or ("POST" if bodies else "GET"),
        repeatable=bool(spec.idempotency_key),
        body=" ".join(str(body) for body in written),
        url=spec.url,
        safe=spec.safe,
        reads=spec.graphql is not None
        and (spec.method or "POST").upper() == "POST"
        and only_reads(spec.graphql.query),
        graphql=spec.graphql is not None,
    )


def problems(spec: Spec) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    """Rules between the keys of a request: path, diagnostic code, message."""
    yield from url_faults(spec.url)
    origin = spec.origin
    if origin is not None and "{{" not in origin and (message := origin_problem(origin)):
        yield ("origin",), "bad-url", message
    if spec.safe and (spec.method or "POST").upper() in _CHANGING:
        yield ("safe",), "bad-value", f"safe is for a POST that only reads, not for {spec.method}"
    if (spec.method or "").upper() == WEBSOCKET:
        yield ("method",), "bad-value", "a WebSocket is a step of its own: websocket"
    bodies = spec.bodies()
    if len(bodies) > 1:
        yield (
            (bodies[1],),
            "several-bodies",
            f"a request has one body, this one has {' and '.join(bodies)}",
        )
    for name in bodies:
        if name != "json" and getattr(spec, name) is None:
            yield (name,), "bad-value", f"{name} has no value"
    if spec.bearer is not None and spec.basic is not None:
        yield ("basic",), "two-credentials", "a request has bearer or basic, not both"
    if spec.media_type is not None and not {"text", "file"} & set(bodies):
        yield ("media_type",), "bad-value", "media_type goes with a text or file body"
    if spec.gzip and not bodies:
        yield ("gzip",), "bad-value", f"gzip compresses a body: one of {', '.join(BODIES)}"
    if spec.gzip and any(name.lower() == "content-encoding" for name in spec.headers):
        yield ("gzip",), "bad-value", "gzip says Content-Encoding itself: leave the header out"
    yield from event_faults(spec.take_events, spec.take_until)
    yield from _field_problems(spec)


def _field_problems(spec: Spec) -> Iterator[tuple[tuple[str, ...], str, str]]:
    yield from header_faults(spec.headers)
    for key, fields in (("query", spec.query), ("form", spec.form or {})):
        for name, value in fields.items():
            if any(isinstance(part, dict) for part in (value, *_list(value))):
                yield (
                    (key, name),
                    "bad-value",
                    f"a value of {key} is a text, a number or a list: nest by name, such as 'a[b]'",
                )
    for name, value in (spec.multipart or {}).items():
        problem = upload_problem(value)
        if problem:
            yield ("multipart", name), "bad-value", problem


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def files(spec: Spec) -> Iterator[tuple[tuple[str, ...], str]]:
    """The files that a request sends: where each is named, and its path."""
    if spec.file is not None:
        yield ("file",), spec.file
    for name, value in (spec.multipart or {}).items():
        if isinstance(value, dict) and isinstance(value.get("file"), str):
            yield ("multipart", name, "file"), value["file"]


def build(spec: Spec, making: Making) -> Built:
    """The request that a spec asks for. Raises TemplateError and BuildError; nothing was sent then."""
    return from_templates(
        spec,
        making.scope,
        base_url=making.base_url,
        new_uuid=making.new_uuid,
        files=making.files,
    )


def from_templates(
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
    try:
        return _built(spec, scope, base_url, new_uuid, files)
    except UnicodeEncodeError as error:
        # JSON can hold half of a surrogate pair ("\ud83d"), and a capture of it cannot be sent on
        raise BuildError("the request holds half a character, which UTF-8 cannot write") from error


def _built(
    spec: Spec,
    scope: Scope,
    base_url: str,
    new_uuid: Callable[[], str],
    files: Mapping[str, bytes],
) -> Built:
    url = request_url(spec.url, spec.query, scope, _base(spec, scope, base_url))
    body, media_type = _body(spec, scope, new_uuid, files)
    bodies = spec.bodies()
    authorization = _authorization(spec, scope)
    key = _key(spec, scope, new_uuid)
    headers, without = _headers(spec, scope, media_type, authorization, key)
    method = spec.method or ("POST" if bodies else "GET")
    return Built(
        request=Request(
            method=method.upper(),
            url=url,
            headers=tuple(
                header(
                    name,
                    value,
                    spec.headers.get(name, spec.bearer if name == "Authorization" else None),
                )
                for name, value in headers
            ),
            body=body,
            without=tuple(without),
            gzip=spec.gzip,
            events=spec.take_events or 0,
            until=wanted_event(spec.take_until, scope) if spec.take_until else None,
        ),
        customer=as_text(render_text(spec.customer, scope)),
        follow_redirects=spec.follow_redirects,
        timeout=spec.timeout,
        idempotency_key=key,
    )


def _base(spec: Spec, scope: Scope, base_url: str) -> str:
    """The URL that paths are below."""
    if spec.origin is None:
        return base_url
    origin = as_text(render_text(spec.origin, scope)).strip()
    if problem := origin_problem(origin):
        raise BuildError(problem, spec.origin)
    return origin


def _headers(
    spec: Spec, scope: Scope, media_type: str, authorization: str | None, key: str | None
) -> tuple[list[tuple[str, str]], list[bytes]]:
    """The headers that the spec asks for, and the names of those that nobody may add."""
    given = {name.lower() for name in spec.headers}
    headers: list[tuple[str, str]] = []
    if media_type and "content-type" not in given:
        headers.append(("Content-Type", media_type))
    if spec.take_events or spec.take_until:  # a coding would hold events back
        streams = (
            ("Accept", "text/event-stream, application/x-ndjson"),
            ("Accept-Encoding", "identity"),
        )
        headers += [pair for pair in streams if pair[0].lower() not in given]
    elif "accept" not in given and (spec.graphql is not None or "json" in spec.bodies()):
        headers.append(("Accept", "application/json, */*;q=0.5"))
    if authorization is not None and "authorization" not in given:
        headers.append(("Authorization", authorization))
    if spec.gzip:
        headers.append(("Content-Encoding", "gzip"))
    if key is not None and "idempotency-key" not in given:
        headers.append(("Idempotency-Key", key))
    without = [b"authorization"] if "bearer" in spec.model_fields_set and not authorization else []
    for name, template in spec.headers.items():
        value = render(template, scope)
        if value is not None:
            headers.append((name, as_text(value)))
        else:
            without.append(name.lower().encode("ascii"))
    return headers, without


def _authorization(spec: Spec, scope: Scope) -> str | None:
    if spec.bearer is not None:
        return f"Bearer {as_text(render_text(spec.bearer, scope))}"
    if spec.basic is not None:
        user = as_text(render_text(spec.basic.username, scope))
        if ":" in user:  # RFC 7617, 2: the rest of it would be read as the password
            raise BuildError("the username of basic has a colon in it", spec.basic.username)
        password = as_text(render_text(spec.basic.password, scope))
        return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
    return None


def _key(spec: Spec, scope: Scope, new_uuid: Callable[[], str]) -> str | None:
    if spec.idempotency_key is True:
        return new_uuid()
    if isinstance(spec.idempotency_key, str):
        key = as_text(render_text(spec.idempotency_key, scope))
        if not key:
            raise BuildError("the idempotency_key is empty", spec.idempotency_key)
        return key
    return None


def _body(
    spec: Spec, scope: Scope, new_uuid: Callable[[], str], files: Mapping[str, bytes]
) -> tuple[bytes, str]:
    """The body's bytes and its media type."""
    if spec.graphql is not None:
        return graphql_body(spec.graphql, scope)
    if spec.form is not None:
        return form_body(spec.form, scope)
    if spec.multipart is not None:
        return multipart_body(spec.multipart, scope, new_uuid, files)
    if spec.text is not None:
        return text_body(spec.text, spec.media_type, scope)
    if spec.file is not None:
        return file_body(spec.file, spec.media_type, scope, files)
    return json_body(spec.json_, scope) if spec.bodies() else (b"", "")


__all__ = ["BuildError", "Built", "Spec", "TemplateError", "build", "from_templates"]
