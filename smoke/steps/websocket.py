"""Talks over a WebSocket: `websocket: {url: /live, send: [{subscribe: orders}], take_until: {$.type: order}}`."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from smoke.extras import install_command
from smoke.model.messages import WEBSOCKET, body_of
from smoke.model.numbers import json_text
from smoke.scenario.base import Field, Model
from smoke.scenario.json_rules import Fault
from smoke.scenario.template import as_text, render
from smoke.scenario.traits import Sends
from smoke.scenario.value_types import EACH, Duration
from smoke.steps._events import event_faults, wanted_event
from smoke.steps._session import Built, Making
from smoke.steps._url import header_faults, url_faults

TAKES_DEFAULTS = True
_SCHEMES = {"ws://": "http://", "wss://": "https://"}


class Spec(Model):
    """A WebSocket that is opened, told something, and listened to. `expect` and `capture` look at the messages that came."""

    url: str = Field(
        min_length=1,
        description="A path below the target's URL, or an allowed one: ws, wss, http or https",
        examples=["/live", "wss://live.example/orders"],
    )
    send: list[Any] = Field(
        default_factory=list,
        description="Messages that are sent once it is open, in order: a text as it is, anything else as JSON",
        examples=[[{"subscribe": "orders"}]],
    )
    take_messages: int | None = Field(
        None,
        ge=0,
        le=10_000,
        description="How many messages are waited for [default: 1, without take_until]",
    )
    take_until: dict[str, Any] | None = Field(
        None,
        description="Wait for the first message that meets this, JSONPath: matcher; `json` sees all up to it",
        json_schema_extra=EACH,
        examples=[{"$.type": "order"}],
    )
    headers: dict[str, Any] = Field(
        default_factory=dict,
        description="Headers of the request that opens it",
        examples=[{"Origin": "{{ target.url }}"}],
    )
    bearer: str | None = Field(
        None, description="Sent as Authorization: Bearer", examples=["{{ token }}"]
    )
    customer: str = Field(
        "default", min_length=1, description="Whose cookies go along", examples=["alice"]
    )
    timeout: Duration | None = Field(None, description="Total time", examples=["10s"])


def sends(spec: Spec) -> Sends:
    """What is sent may do anything: it is never sent again by itself."""
    return Sends(method=WEBSOCKET, body=str(spec.send), url=spec.url)


def problems(spec: Spec) -> Iterator[Fault]:
    """Rules between the keys: path, diagnostic code, message."""
    if missing := _missing():
        yield (), "websocket-missing", missing
    yield from url_faults(_http(spec.url))
    yield from header_faults(spec.headers)
    if spec.take_until is not None and spec.take_messages is not None:
        yield (
            ("take_until",),
            "bad-value",
            "it ends behind take_messages or take_until, not both",
        )
    yield from event_faults(None, spec.take_until)


def _missing() -> str:
    try:
        importlib.import_module("wsproto.frame_protocol")
    except ImportError:
        return f"a WebSocket needs a package that is not installed: {install_command('websocket')}"
    return ""


def _http(url: str) -> str:
    """The URL as that of the request that opens it (RFC 6455, 3)."""
    for scheme, other in _SCHEMES.items():
        if url.lower().startswith(scheme):
            return other + url[len(scheme) :]
    return url


def build(spec: Spec, making: Making) -> Built:
    """The request that opens it; its body is what is sent then. Raises TemplateError and BuildError."""
    headers = {
        name: as_text(value)
        for name, template in spec.headers.items()
        if (value := making.fill(template)) is not None
    }
    if spec.bearer is not None and not any(name.lower() == "authorization" for name in headers):
        headers["Authorization"] = f"Bearer {making.text(spec.bearer)}"
    said = (render(each, making.scope) for each in spec.send)
    body = body_of(each if isinstance(each, str) else json_text(each) for each in said)
    request = making.request(WEBSOCKET, _http(spec.url), headers=headers, body=body)
    count = 1 if spec.take_messages is None else spec.take_messages
    until = wanted_event(spec.take_until, making.scope) if spec.take_until else None
    request = replace(request, events=0 if until else count, until=until)
    return Built(request, customer=making.text(spec.customer), timeout=spec.timeout)
