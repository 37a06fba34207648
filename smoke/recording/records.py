"""Recorded requests and their answers, as every importer gives them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct

NO_HOST = "https://host.invalid"
"""The origin of requests whose recording does not say which deployment they went to (RFC 6761, 6.4: no host has that name)."""


class RecordedAnswer(Struct, frozen=True):
    """An answer as it came. Its body is decoded: the coding that was on the wire is history."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def header(self, name: str) -> str:
        """The first value of a header; empty without one."""
        return _first(self.headers, name)

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


class StandIn(Struct, frozen=True):
    """Letters that stand in a recorded request where the tool that wrote it fills in a variable.

    They are in no other place of the recording. `name` is the variable's, `value` what the recording gives it: None where it gives
    none. `template` is made-up data instead (`fake.uuid`). `secret` is a variable that the tool keeps secret; `typed` stands where
    JSON has no quotes, so that a number is a number.
    """

    text: str
    name: str = ""
    value: str | None = None
    template: str = ""
    secret: bool = False
    typed: bool = False


class RecordedRequest(Struct, frozen=True):
    """A request in the order in which it was sent, and its answer where the recording has it.

    `fields` are those of a multipart form, which has no body then. `place` says where it stands in the file ("line 3"); `arrived` is
    where redirects led, for one that `follows` them: the answer is the last one then.
    `remarks` are what the importer has to say of it, such as a flag that has no meaning here.

    What a person wrote down, and no browser, is `written`: nothing of it is noise. It may have a `name`, variables (`stand_ins`),
    `captures` (name and capture of the scenario language), an `expect` and other keys of its `step`; `unread` is what could not be taken over, a line each.
    `secrets` are values that are credentials whatever the names of their places are; `guessed` says of a capture why it is one, where nobody wrote it down.
    """

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    fields: tuple[tuple[str, str], ...] = ()
    answer: RecordedAnswer | None = None
    place: str = ""
    follows: bool = False
    arrived: str = ""
    remarks: tuple[str, ...] = ()
    written: bool = False
    name: str = ""
    stand_ins: tuple[StandIn, ...] = ()
    captures: tuple[tuple[str, Any], ...] = ()
    expect: Mapping[str, Any] = {}
    step: Mapping[str, Any] = {}
    unread: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    guessed: Mapping[str, str] = {}

    def header(self, name: str) -> str:
        """The first value of a header; empty without one."""
        return _first(self.headers, name)

    @property
    def is_usable(self) -> bool:
        """Whether its URL, and where it led, are URLs."""
        try:
            hosts = [urlsplit(each).hostname for each in (self.url, self.arrived or self.url)]
            if self.answer is not None:
                urlsplit(self.answer.header("location"))
        except ValueError:
            return False
        return all(hosts)

    @property
    def origin(self) -> str:
        """Scheme, host and port, in lower case."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}".lower()

    @property
    def path(self) -> str:
        return urlsplit(self.url).path or "/"


def _first(headers: tuple[tuple[str, str], ...], name: str) -> str:
    return next((value for key, value in headers if key.lower() == name), "")
