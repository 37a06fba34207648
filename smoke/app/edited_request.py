"""A request as text that a person edits, and what they made of it: a request line, headers, an empty line, the body.

No secret is in the text: a name in braces stands for it and is put back. So does one for a body that no editor would leave as it is.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from smoke.model.exchange import Headers, Request
from smoke.redact import Secrets, learning
from smoke.redact.headers import header_matches
from smoke.redact.placeholders import Placeholders

LARGEST = 64 * 1024
"""Bytes of a body that are given to an editor."""

_NOTE = """\
# The request as it will be sent. Lines above it that begin with # are left out.
# {{ … }} stands for a value that is not shown: leave it, move it, or write another value.
"""
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""RFC 9110, 5.6.2: what a method or a header's name may be."""
_UNWANTED = re.compile(r"[\x00-\x20\x7f\\]")
_PLACES = re.compile(r"\{\{ [^{}]{1,60} \}\}")
_CONTROLS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


class EditError(ValueError):
    """What was written is no request; the message says where."""


class EditedText(Struct, frozen=True):
    """The text for an editor, and what its names stand for. `shown` is the request with all that goes along."""

    text: str
    shown: Request
    names: Placeholders

    @classmethod
    def of(cls, shown: Request, secrets: Secrets) -> EditedText:
        """The text of a request."""
        parts = [shown.url.encode(), shown.body, *(value for _, value in shown.headers)]
        names = Placeholders(learning(secrets, shown.headers), b"\n".join(parts))
        url = _text(names, "url", shown.url.encode())
        lines = [f"{shown.method} {url}"]
        for name, value in shown.headers:
            given = _text(names, "header", value, name)
            lines.append(f"{name.decode('latin-1')}: {given}")
        body = _body(names, shown.body)
        return cls(_NOTE + "\n".join(lines) + f"\n\n{body}\n", shown, names)

    def secrets_in(self, text: str) -> list[tuple[str, str]]:
        """The secrets that what was written puts somewhere, each with what it is called."""
        found = self.names.secrets_in(text.encode())
        return [(name, value.decode("utf-8", "replace")) for name, value in found]

    def shows(self, value: str, written: str) -> bool:
        """Whether a secret can be seen in this text more often than somebody wrote it themselves."""
        return _PLACES.sub("", self.text).count(value) > _PLACES.sub("", written).count(value)

    def read(self, text: str, own: Request) -> Request:
        """The request `own` of the step as it was edited. Raises EditError.

        Headers that the target or the customer's cookies add are not the step's own unless they were changed: at another origin
        they would be somebody else's.
        """
        head, _, body = _without_notes(text).partition("\n\n")
        first, *lines = head.split("\n")
        method, _, url = first.strip().partition(" ")
        if not _TOKEN.fullmatch(method) or not url.strip() or _CONTROLS.search(url.strip()):
            raise EditError("the first line is to be METHOD URL, such as POST https://shop.example")
        try:
            headers = tuple(self._header(line) for line in lines if line.strip())
            content = self.names.put_back(body.removesuffix("\n").encode())
            address = self.names.put_back(url.strip().encode()).decode()
        except ValueError as error:
            known = ", ".join(self.names.names) or "none"
            hint = "" if isinstance(error, EditError) else f"; the names are: {known}"
            raise EditError(f"{error}{hint}") from error
        mine, without = _own(headers, self.shown.headers, own)
        edited = replace(own, method=method, url=_url(address), headers=mine, body=content)
        return replace(edited, without=without)

    def _header(self, line: str) -> tuple[bytes, bytes]:
        name, colon, value = line.partition(":")
        if not colon or not _TOKEN.fullmatch(name.strip()) or _CONTROLS.search(value):
            raise EditError(f"a header is to be NAME: VALUE, not '{line.strip()[:60]}'")
        return name.strip().encode("ascii"), self.names.put_back(value.strip().encode())


def _url(written: str) -> str:
    """A URL as one of a scenario is: what is kept of it is what is sent. Raises EditError."""
    if _UNWANTED.search(written):
        raise EditError("the URL has a space, a control character or a backslash in it")
    try:
        parts = urlsplit(written)
    except ValueError as error:
        raise EditError("no host can be read from the URL") from error
    if parts.username is not None or parts.password is not None:
        raise EditError("a URL with credentials in it is not sent: use the header Authorization")
    return written.partition("#")[0]


def _own(headers: Headers, shown: Headers, own: Request) -> tuple[Headers, tuple[bytes, ...]]:
    """The headers of the step itself, and the names of those that nobody may add because they were taken out."""
    added = list(shown[len(own.headers) :])
    mine = []
    for header in headers:
        if header in added:
            added.remove(header)  # it goes along by itself
        else:
            mine.append(header)
    present = {name.lower() for name, _ in mine}
    gone = {name.lower() for name, _ in added} - present
    return tuple(mine), (*own.without, *sorted(gone - set(own.without)))


def _without_notes(text: str) -> str:
    lines = text.replace("\r\n", "\n").split("\n")
    while lines and (lines[0].startswith("#") or not lines[0].strip()):
        del lines[0]
    return "\n".join(lines)


def _text(names: Placeholders, about: str, value: bytes, header: bytes = b"") -> str:
    """A value on one line; a name for one that cannot stand there."""
    extra = header_matches(header, value) if header else ()
    hidden = names.hide(value, extra)
    try:
        text = hidden.decode()
    except UnicodeDecodeError:
        text = ""
    if text.strip() != text or _CONTROLS.search(text) or (value and not text):
        text = names.name(about, value).decode("ascii")
    return text


def _body(names: Placeholders, body: bytes) -> str:
    """A body as text; a name for one that an editor would not give back as it was."""
    if len(body) <= LARGEST:
        try:
            text = names.hide(body).decode()
        except UnicodeDecodeError:
            text = ""
        plain = text.replace("\n", "")
        if not _CONTROLS.search(plain) and (text or not body):
            return text
    return names.name("body", body).decode("ascii")
