"""Looks for a mail in an inbox for tests: `mail: {inbox: http://127.0.0.1:8025, to: "{{ email }}"}`, of Mailpit or MailHog."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any, Literal

from msgspec.structs import replace

from smoke.model.exchange import RawBody, RawResponse, Window
from smoke.scenario.base import Field, Model
from smoke.scenario.template import as_text
from smoke.scenario.traits import Sends
from smoke.scenario.value_types import Duration
from smoke.steps._mails import InboxMail, NoMailsError, mailhog, mailpit
from smoke.steps._session import Built, Making
from smoke.steps._url import BuildError, header_faults, url_faults

_NOBODY = "an inbox"
"""A customer of its own: an inbox has none of the shop's cookies."""
_FEW = 10
"""Mails that are asked for at once: MailHog gives them whole."""


class Spec(Model):
    """The latest mail to a recipient. `expect` and `capture` look at it as if it were the answer."""

    inbox: str = Field(
        min_length=1,
        description="The inbox's URL; its origin is allowed by name",
        examples=["http://127.0.0.1:8025"],
    )
    server: Literal["mailhog", "mailpit"] = Field(
        "mailpit", description="Whose API it has", examples=["mailhog"]
    )
    to: str = Field(min_length=1, description="The recipient's address", examples=["{{ email }}"])
    subject: str | None = Field(
        None, min_length=1, description="Words of its subject", examples=["Your order"]
    )
    part: Literal["html", "text"] | None = Field(
        None,
        description="Which of its parts is looked at [default: the HTML where there is one]",
        examples=["text"],
    )
    headers: dict[str, Any] = Field(
        default_factory=dict,
        description="Headers that the inbox wants",
        examples=[{"Authorization": "Basic {{ secrets.INBOX }}"}],
    )
    timeout: Duration | None = Field(None, description="Total time of one look", examples=["5s"])


def sends(_spec: Spec) -> Sends:
    """It only looks: it cannot order."""
    return Sends(method="GET", safe=True)


def problems(spec: Spec) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Rules between the keys: path, diagnostic code, message."""
    for _, code, message in url_faults(spec.inbox):
        yield ("inbox",), code, message
    yield from header_faults(spec.headers)
    if "{{" not in spec.to and "@" not in spec.to.strip("@"):
        yield ("to",), "bad-value", "to is an address, such as ada@example.com"
    for name, text in (("to", spec.to), ("subject", spec.subject or "")):
        if "{{" not in text and '"' in text:
            yield (name,), "bad-value", f'{name} has a " in it, which the inbox cannot be asked for'


def build(spec: Spec, making: Making) -> Built:
    """One look. Raises TemplateError and BuildError."""
    to, subject = making.text(spec.to), making.text(spec.subject or "")
    for text, written in ((to, spec.to), (subject, spec.subject)):
        if '"' in text:
            raise BuildError('there is a " in it, which the inbox cannot be asked for', written)
    if spec.server == "mailpit":
        words = f' subject:"{spec.subject}"' if spec.subject else ""
        path, query = "/api/v1/message/latest", {"query": f'to:"{spec.to}"{words}'}
    else:
        path, query = "/api/v2/search", {"kind": "to", "query": spec.to, "limit": str(_FEW)}
    headers = {"Accept": "application/json"}
    for name, template in spec.headers.items():
        value = making.fill(template)
        if value is not None:
            headers[name] = as_text(value)
    request = making.request("GET", spec.inbox.rstrip("/") + path, query=query, headers=headers)
    read = functools.partial(_read, spec, to, subject)
    return Built(request, customer=_NOBODY, timeout=spec.timeout, read=read)


def _read(spec: Spec, to: str, subject: str, response: RawResponse) -> RawResponse | str:
    """The mail in an answer of the inbox, as if it were the answer; a text says why there is none."""
    missing = f"there is no mail to {to}" + (f" with '{subject}' in its subject" if subject else "")
    if response.status == 404 and spec.server == "mailpit":
        return missing
    body = response.body
    if response.status != 200 or body.stored is not None or body.decode_error:
        return response
    try:
        mails = (mailpit if spec.server == "mailpit" else mailhog)(body.window.head)
    except NoMailsError as error:
        return f"the inbox did not answer as {spec.server} does: {error}"
    mail = next((each for each in mails if each.is_for(to, subject)), None)
    return missing if mail is None else _as_answer(mail, spec.part or "", response)


def _as_answer(mail: InboxMail, wanted: str, response: RawResponse) -> RawResponse | str:
    part = mail.part(wanted)
    if part is None:
        return f"the mail has no {wanted or 'text'}"
    media_type, data = part
    headers = (*mail.headers, ("Content-Type", media_type))
    return replace(
        response,
        headers=tuple((name.encode(), value.encode("utf-8", "replace")) for name, value in headers),
        body=RawBody(window=Window(head=data), wire_size=len(data)),
    )
