"""What Mailpit and MailHog answer, as mails: pure. A mail is foreign text: what it is made of is bounded before it is read.

Where the facts are from: the source of Mailpit (`server/apiv1/message.go`, `internal/storage/structs.go`) and of MailHog's
messages (`mailhog/data`, `message.go`), and RFC 5322 and 2045 for what MailHog hands on as it came.
"""

from __future__ import annotations

import contextlib
import email
from collections.abc import Iterator
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses
from typing import Any

from msgspec import Struct

from smoke.model.numbers import loads

_MOST = 4 * 1024 * 1024
_LONGEST_HEADER = 2_000
_HTML, _TEXT = "text/html; charset=utf-8", "text/plain; charset=utf-8"


class NoMailsError(Exception):
    """The inbox did not answer with mails; the message says what it did."""


class InboxMail(Struct, frozen=True):
    """One mail. `parts` are the media type and the bytes of its HTML and of its text, as far as there are."""

    to: tuple[str, ...]
    subject: str
    headers: tuple[tuple[str, str], ...]
    html: tuple[str, bytes] | None = None
    text: tuple[str, bytes] | None = None

    def is_for(self, to: str, subject: str) -> bool:
        """Whether it went to this address, with these words in its subject; capitals do not matter."""
        wanted = to.casefold()
        return (
            any(address.casefold() == wanted for address in self.to)
            and subject.casefold() in self.subject.casefold()
        )

    def part(self, name: str) -> tuple[str, bytes] | None:
        """The part that is asked for: `html`, `text`, or without a name the HTML where there is one."""
        if name:
            return self.html if name == "html" else self.text
        return self.html or self.text


def mailpit(body: bytes) -> list[InboxMail]:
    """The mail that Mailpit gives. Raises NoMailsError."""
    mail = _object(_loaded(body))
    to = [
        str(_object(each).get("Address", ""))
        for name in ("To", "Cc", "Bcc")
        for each in mail.get(name) or ()
    ]
    subject, sender = _text(mail, "Subject"), _object(mail.get("From") or {})
    headers = [
        ("Subject", subject),
        ("From", str(sender.get("Address", ""))),
        ("To", ", ".join(to)),
    ]
    headers += [("Date", _text(mail, "Date")), ("Message-ID", _text(mail, "MessageID"))]
    html, text = _text(mail, "HTML"), _text(mail, "Text")
    return [
        InboxMail(
            tuple(to),
            subject,
            tuple(headers),
            (_HTML, html.encode("utf-8", "replace")) if html else None,
            (_TEXT, text.encode("utf-8", "replace")) if text else None,
        )
    ]


def mailhog(body: bytes) -> list[InboxMail]:
    """The mails that MailHog gives, the latest first. Raises NoMailsError."""
    items = _object(_loaded(body)).get("items") or []
    if not isinstance(items, list):
        raise NoMailsError("its list of mails is none")
    return [_raw(_object(_object(item).get("Raw") or {})) for item in items]


def _raw(raw: dict[str, Any]) -> InboxMail:
    """A mail as it was handed in."""
    data = str(raw.get("Data", ""))
    if len(data) > _MOST:
        raise NoMailsError("a mail of more than 4 MiB")
    try:
        message = email.message_from_string(data)
        parts = dict(_parts(message))
        names = ("Subject", "From", "To", "Cc", "Date", "Message-ID")
        headers = tuple((name, _header(message, name)) for name in names if message[name])
        given = [str(address) for address in raw.get("To") or ()]
        named = getaddresses([_header(message, "To"), _header(message, "Cc")])
        to = (*given, *(address for _, address in named if address))
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise NoMailsError(f"a mail that cannot be read ({type(error).__name__})") from error
    return InboxMail(
        to, _header(message, "Subject"), headers, parts.get("text/html"), parts.get("text/plain")
    )


def _parts(message: Message) -> Iterator[tuple[str, tuple[str, bytes]]]:
    """The first text and the first HTML that are no attachments; `dict` keeps the last of a name, so they come reversed."""
    for part in reversed(list(message.walk())):
        kind = part.get_content_type()
        if kind in ("text/html", "text/plain") and part.get_content_disposition() != "attachment":
            payload = part.get_payload(decode=True)
            charset = part.get_content_charset() or "utf-8"
            if isinstance(payload, bytes):
                yield kind, (f"{kind}; charset={charset}", payload)


def _header(message: Message, name: str) -> str:
    """A header with its encoded words read (RFC 2047), on one line."""
    value = str(message.get(name, ""))[:_LONGEST_HEADER]
    with contextlib.suppress(ValueError, LookupError):  # else it stays as it is written
        value = str(make_header(decode_header(value)))
    return " ".join(value.split())


def _loaded(body: bytes) -> Any:
    try:
        return loads(body)
    except (ValueError, RecursionError) as error:
        raise NoMailsError("no JSON") from error


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise NoMailsError("JSON of another shape")
    return value


def _text(mail: dict[str, Any], name: str) -> str:
    value = mail.get(name)
    return value if isinstance(value, str) else ""
