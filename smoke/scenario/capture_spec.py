"""Where a capture takes its value from, as it is written."""

from __future__ import annotations

from typing import Any

from smoke.scenario.base import Field, Model


class CaptureSpec(Model):
    """Where a value is taken from a response: exactly one of json, header, cookie, html, xpath, regex, url, status."""

    json_: str | None = Field(
        None,
        alias="json",
        description="JSONPath (RFC 9535). With [*], .. or a slice it always gives a list. With a filter it gives the value itself where one place passes, a list where several do: {{ name | list | first }}",
        examples=["$.order.id"],
    )
    header: str | None = Field(None, description="Name of a response header", examples=["etag"])
    cookie: str | None = Field(
        None,
        description="Name of a cookie that the customer has after the response",
        examples=["session"],
    )
    html: str | None = Field(
        None,
        description="CSS selector, or selector@attribute; the first element counts",
        examples=["h1", "a.pay@href"],
    )
    attribute: str | None = Field(
        None, description="With html: take this attribute instead of the text", examples=["href"]
    )
    xpath: str | None = Field(
        None,
        description="XPath 1.0 in an XML body; of nodes the first one's text. It needs the extra `xml`",
        examples=["//o:order/@id"],
    )
    namespaces: dict[str, str] = Field(
        default_factory=dict,
        description="With xpath: prefix and URI of the namespaces in it",
        examples=[{"o": "urn:example:orders"}],
    )
    regex: str | None = Field(
        None,
        description="Regular expression, searched in the body's text",
        examples=['"orderId":"(ORD-[0-9]+)"'],
    )
    group: int | str | None = Field(
        None, description="With regex: which group, by number or name [default: 1 if there is one]"
    )
    url: bool | str | None = Field(
        None,
        description="The final URL, or a regular expression in it",
        examples=[True, "/orders/([0-9]+)"],
    )
    status: bool | None = Field(None, description="The status code", examples=[True])
    absolute: bool = Field(
        False, description="Resolve a relative link against the URL of the response"
    )
    optional: bool = Field(False, description="No value is no failure; the name is null then")
    default: Any = Field(None, description="The value when there is none", examples=["none"])
    secret: bool = Field(False, description="Mask the value everywhere from now on")

    @property
    def source(self) -> str:
        """Which of the places it names."""
        return next(name for name, value in self._places() if value is not None)

    def sources(self) -> list[str]:
        """All places that it names."""
        return [name for name, value in self._places() if value is not None]

    def _places(self) -> list[tuple[str, Any]]:
        return [
            ("json", self.json_),
            ("header", self.header),
            ("cookie", self.cookie),
            ("html", self.html),
            ("xpath", self.xpath),
            ("regex", self.regex),
            ("url", self.url),
            ("status", self.status),
        ]
