"""Sends an event as a payment provider does, signed: `webhook: {provider: stripe, …}`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from msgspec.structs import replace

from smoke.model.run import JsonValue
from smoke.scenario.base import Field, Model
from smoke.scenario.scope import NAMESPACES
from smoke.scenario.signing import TIMED, WITH_ID, KeyUnusableError, ProviderEvent, Signature, sign
from smoke.scenario.template import (
    Expression,
    TemplateSyntaxError,
    as_text,
    compile_text,
    render,
)
from smoke.scenario.traits import Sends
from smoke.scenario.value_types import Duration
from smoke.steps._body import event_body
from smoke.steps._session import Built, Making
from smoke.steps._url import BuildError, header_faults, url_faults

_NOBODY = "a provider"
"""A customer of its own: a provider has none of the shop's cookies."""

Fault = tuple[tuple[str, ...], str, str]


class Spec(Model):
    """An event of a provider, signed with the secret that the shop verifies it by."""

    url: str = Field(
        min_length=1,
        description="Where the shop takes the provider's events: a path below the target's URL",
        examples=["/webhooks/stripe"],
    )
    provider: Literal["github", "shopify", "standard_webhooks", "stripe", "svix"] = Field(
        description="Whose signature: github, shopify, standard_webhooks, stripe or svix",
        examples=["stripe"],
    )
    secret: str = Field(
        min_length=1,
        description="The signing secret, as a template that gives it",
        examples=["{{ secrets.STRIPE_WEBHOOK_SECRET }}"],
    )
    event: Any = Field(
        None,
        description="The event, sent as JSON; with `file`, what is changed in it (maps merge, null takes away)",
        examples=[
            {"type": "payment_intent.succeeded", "data": {"object": {"id": "{{ payment }}"}}}
        ],
    )
    file: str | None = Field(
        None,
        description="A saved event, sent byte for byte: a path relative to the scenario, below its folder",
        examples=["events/paid.json"],
    )
    headers: dict[str, Any] = Field(
        default_factory=dict,
        description="More headers that the provider sends; null leaves one out",
        examples=[{"X-Shopify-Topic": "orders/paid"}],
    )
    id: str | None = Field(
        None,
        min_length=1,
        description="The delivery's id, where the provider writes one beside the body [default: a new one]",
        examples=["{{ delivery }}"],
    )
    age: Duration | None = Field(
        None,
        description="Signed so long ago, to see a replayed event refused",
        examples=["10m"],
    )
    signature: Literal["valid", "wrong", "missing"] = Field(
        "valid", description="wrong or missing: to see the event refused", examples=["wrong"]
    )
    timeout: Duration | None = Field(None, description="Total time", examples=["10s"])


def sends(spec: Spec) -> Sends:
    """A POST. No key in it keeps a shop from doing the same twice: it is sent again only where the author says so."""
    return Sends(method="POST", body="" if spec.event is None else str(spec.event))


def problems(spec: Spec) -> Iterator[Fault]:
    """Rules between the keys of a webhook: path, diagnostic code, message."""
    yield from url_faults(spec.url)
    yield from header_faults(spec.headers)
    if spec.event is None and spec.file is None:
        yield (), "bad-value", "a webhook has an event, or a file with one"
    if spec.file is not None and spec.event is not None and not isinstance(spec.event, dict):
        yield ("event",), "bad-value", "beside a file, event is a mapping of what is changed in it"
    if not _names_a_secret(spec.secret):
        yield (
            ("secret",),
            "bad-value",
            'the signing secret comes from outside of the file: "{{ secrets.NAME }}", declared in secrets',
        )
    if spec.age is not None and spec.provider not in TIMED:
        yield ("age",), "bad-value", f"{spec.provider} signs no time: its events do not grow old"
    if spec.id is not None and spec.provider not in WITH_ID:
        yield ("id",), "bad-value", f"{spec.provider} has the id in the event itself"


def _names_a_secret(text: str) -> bool:
    """Whether a text is one template that names a secret, or what a step captured."""
    try:
        parts = [part for part in compile_text(text.strip()) if part != ""]
    except TemplateSyntaxError:
        return True  # told with its place by the check of all templates
    if len(parts) != 1 or not isinstance(parts[0], Expression):
        return False
    first = parts[0].path[0]
    return first == "secrets" or first not in NAMESPACES


def files(spec: Spec) -> Iterator[tuple[tuple[str, ...], str]]:
    """The saved event."""
    if spec.file is not None:
        yield ("file",), spec.file


def build(spec: Spec, making: Making) -> Built:
    """The request, signed over the very bytes that it holds. Raises TemplateError and BuildError."""
    saved = None if spec.file is None else making.files[spec.file]
    body = event_body(spec.event, saved, making.scope)
    identity = making.new_uuid() if spec.id is None else making.text(spec.id)
    at = int(making.now().timestamp() - (spec.age or 0.0))
    signed = _signed(spec, making, ProviderEvent(body, identity, at))
    headers = {"Content-Type": "application/json", "Accept": "*/*", **dict(signed.beside)}
    if spec.signature != "missing":
        headers[signed.name] = signed.value
    given, without = _given(spec, making)
    names = {name.lower() for name in (*given, *without)}
    headers = {name: value for name, value in headers.items() if name.lower() not in names}
    request = making.request("POST", spec.url, headers={**headers, **given}, body=body)
    left_out = tuple(name.lower().encode("ascii") for name in without)
    return Built(replace(request, without=left_out), customer=_NOBODY, timeout=spec.timeout)


def _signed(spec: Spec, making: Making, sent: ProviderEvent) -> Signature:
    try:
        return sign(spec.provider, sent, making.text(spec.secret), wrong=spec.signature == "wrong")
    except KeyUnusableError as error:
        raise BuildError(f"{spec.provider}: {error}", spec.secret) from error
    except UnicodeEncodeError as error:
        raise BuildError("the id or the secret holds half a character", spec.secret) from error


def _given(spec: Spec, making: Making) -> tuple[dict[str, str], list[str]]:
    """The author's own headers, and the names of those that nobody may add."""
    values: dict[str, JsonValue] = {
        name: render(value, making.scope) for name, value in spec.headers.items()
    }
    given = {name: as_text(value) for name, value in values.items() if value is not None}
    return given, [name for name, value in values.items() if value is None]
