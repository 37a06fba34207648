"""What a response must satisfy, as it is written."""

from __future__ import annotations

from typing import Any, Literal

from smoke.scenario.base import Field, Model
from smoke.scenario.value_types import EACH, ONE, Duration, Statuses
from smoke.scenario.values import status_matches


class PhaseTimes(Model):
    """How long each phase of the exchange may take; of redirects, of the last one."""

    resolve: Duration | None = Field(
        None, description="The name is resolved within this time", examples=["100ms"]
    )
    connect: Duration | None = Field(
        None, description="The connection is there so much later", examples=["200ms"]
    )
    tls: Duration | None = Field(
        None, description="TLS is agreed on so much later", examples=["300ms"]
    )
    first_byte: Duration | None = Field(
        None, description="The answer begins, counted from the beginning", examples=["1s"]
    )
    total: Duration | None = Field(
        None, description="The answer is whole, counted from the beginning", examples=["2s"]
    )


class CertificateRules(Model):
    """What the certificate of the server must satisfy."""

    days_left: int = Field(
        ge=0, le=10_000, description="It is valid for so many days at least", examples=[21]
    )


class Expect(Model):
    """What a response must satisfy. Without `status` it must be a success; a database error is never good, nor are GraphQL errors of which nothing is said."""

    status: Statuses | None = Field(
        None, description="A status, a class, or a list of them", examples=[201, "2xx", [200, 404]]
    )
    json_: dict[str, Any] = Field(
        default_factory=dict,
        alias="json",
        description="JSONPath: matcher",
        json_schema_extra=EACH,
        examples=[{"$.ok": True, "$.order.total": {"greater": 0}}],
    )
    headers: dict[str, Any] = Field(
        default_factory=dict,
        description="Header name: matcher",
        json_schema_extra=EACH,
        examples=[{"content-type": {"starts_with": "application/json"}}],
    )
    schema_: str | None = Field(
        None,
        alias="schema",
        description="File with the JSON Schema (2020-12 to draft 4) of the body, relative to this one, within the project",
        examples=["schemas/order.json"],
    )
    openapi: str | None = Field(
        None,
        description="OpenAPI document (3.0, 3.1) that has this status, these headers and this body; relative to this file, within the project",
        examples=["../openapi.yaml"],
    )
    operation: str | None = Field(
        None,
        description="Its operationId, or METHOD /path [default: found by the request]",
        examples=["getOrder", "GET /orders/{id}"],
    )
    text: Any = Field(
        None,
        description="Matcher for the body's text; a plain text means contains",
        json_schema_extra=ONE,
        examples=["Thank you"],
    )
    html: dict[str, Any] = Field(
        default_factory=dict,
        description="CSS selector, or selector@attribute: matcher",
        json_schema_extra=EACH,
        examples=[{"h1": {"contains": "Order"}}],
    )
    xpath: dict[str, Any] = Field(
        default_factory=dict,
        description="XPath 1.0 in an XML body: matcher; of several nodes the first counts",
        json_schema_extra=EACH,
        examples=[{"//order/@status": "paid", "count(//item)": {"at_least": 1}}],
    )
    namespaces: dict[str, str] = Field(
        default_factory=dict,
        description="Prefix: URI of a namespace, for xpath",
        examples=[{"soap": "http://schemas.xmlsoap.org/soap/envelope/"}],
    )
    url: Any = Field(
        None,
        description="Matcher for the final URL",
        json_schema_extra=ONE,
        examples=[{"ends_with": "/thank-you"}],
    )
    time: Duration | None = Field(None, description="The response must be there within this time")
    phases: PhaseTimes | None = Field(
        None,
        description="How long each phase may take",
        examples=[{"connect": "200ms", "first_byte": "1s"}],
    )
    certificate: CertificateRules | None = Field(
        None,
        description="What the server's certificate must satisfy",
        examples=[{"days_left": 21}],
    )
    database_error: Literal["none", "allowed"] = Field(
        "none", description="allowed: switch the check off"
    )
    server_error: Literal["none", "allowed"] = Field(
        "none", description="allowed: a 5xx is no failure by itself"
    )

    @property
    def database_error_allowed(self) -> bool:
        return self.database_error == "allowed"

    @property
    def server_error_allowed(self) -> bool:
        return self.server_error == "allowed"

    def names_status(self, status: int) -> bool:
        """Whether `status` is expected in so many words."""
        return self.status is not None and status_matches(self.status, status)
