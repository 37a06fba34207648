"""Hurl files: entries with their sections, captures and asserts, variables, templates, retries."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from smoke.importers._chai import merged
from smoke.importers._filling import Filling, is_json, is_url, shown
from smoke.importers._hurl_lines import HurlEntry, entries
from smoke.importers._hurl_queries import capture_of, expectation_of
from smoke.importers._shapes import basic, joined_query, with_rest
from smoke.recording.records import RecordedRequest

# names as in Hurl's manual (https://hurl.dev/docs/hurl-file.html)
_BEGINS = re.compile(
    rb"(?:\A|\n)(?:GET|POST|PUT|DELETE|PATCH|HEAD|OPTIONS) [^\n]{1,2000}\n(?:[^\n]{0,2000}\n){0,200}?(?:HTTP(?:/[0-9.]{1,3})? (?:[0-9]{3}|\*)[ \t\r]{0,9}(?:\n|\Z)|\[(?:Captures|Asserts|QueryStringParams|FormParams|MultipartFormData|BasicAuth|Options|Query|Form|Multipart)\])"
)
_MADE_UP = {"newUuid": "fake.uuid", "newDate": "now"}
_OPTIONS_KEPT = {"location", "retry", "retry-interval", "variable", "delay"}
_NO_MEANING = {"compressed", "verbose", "very-verbose", "output", "http1.0", "http1.1", "http2", "http3", "ipv4", "ipv6", "path-as-is", "verbosity"}  # fmt: skip


def recognise(head: bytes) -> bool:
    """A request line, and further down a status line or a section of Hurl's; no separator of `.http` files."""
    text = head.replace(b"\r\n", b"\n")
    return _BEGINS.search(text + b"\n") is not None and re.search(rb"(?:\A|\n)###", text) is None


def read(data: bytes, source: str) -> Iterator[RecordedRequest]:
    """The requests of a file, with what is captured and asserted. Raises SmokeError where none can be read."""
    yield from read_several({source: data}, source)


def read_several(files: Mapping[str, bytes], source: str) -> Iterator[RecordedRequest]:
    """The same, with files of variables beside it: a line `name=value` each."""
    values: dict[str, str] = {}
    for name, data in files.items():
        if name != source:
            lines = data.decode("utf-8-sig", "replace").splitlines()
            pairs = (line.partition("=") for line in lines if not line.lstrip().startswith("#"))
            values |= {key.strip(): value.strip() for key, equals, value in pairs if equals}
    text = files[source].decode("utf-8-sig", "replace").replace("\r\n", "\n")
    reader = _File(Filling(files[source], values, _MADE_UP.get))
    found, unread = entries(text)
    made = [each for entry in found for each in reader.request(entry)]
    yield from with_rest(made, [*unread, *reader.unread], source)


class _File:
    def __init__(self, filling: Filling) -> None:
        self._filling = filling
        self.unread: list[str] = []

    def request(self, entry: HurlEntry) -> Iterator[RecordedRequest]:
        filling, place = self._filling, f"line {entry.line}"
        step, follows = self._options(entry)
        pairs = [
            (filling.text(key), filling.text(value))
            for key, value, _ in (*entry.section("QueryStringParams"), *entry.section("Query"))
        ]
        url = joined_query(filling.url(entry.url), pairs)
        if not is_url(url):
            self.unread.append(
                f"{place}: a URL is expected, such as https://shop.example/api/orders"
            )
            return
        headers = [(filling.text(key), filling.text(value)) for key, value, _ in entry.headers]
        cookies = [f"{key}={filling.text(value)}" for key, value, _ in entry.section("Cookies")]
        if cookies:
            headers.append(("cookie", "; ".join(cookies)))
        for key, value, _ in entry.section("BasicAuth")[:1]:
            headers.append(basic(filling.text(key), filling.secret(value)))
        body, fields, kind = self._body(entry)
        if kind and not any(key.lower() == "content-type" for key, _ in headers):
            headers.append(("content-type", kind))
        captures, expect = self._looked_at(entry)
        unread = (*self.unread, *(f"{place}: {each}" for each in filling.unread))
        self.unread, filling.unread = [], []
        yield RecordedRequest(
            entry.method, url, tuple(headers), body, fields, None, place, follows=follows, written=True, name=entry.name,
            stand_ins=filling.used(), captures=tuple(captures.items()), expect=expect, step=step if entry.method in {"GET", "HEAD"} else {}, unread=unread,
        )  # fmt: skip

    def _options(self, entry: HurlEntry) -> tuple[dict[str, Any], bool]:
        """Keys of the step, and whether redirects are followed."""
        step: dict[str, Any] = {}
        follows = False
        for key, value, line in entry.section("Options"):
            if key == "variable":
                name, _, given = value.partition("=")
                self._filling.values[name.strip()] = given.strip().strip('"')
            elif key in {"location", "location-trusted"}:
                follows = value == "true"
            elif key in {"retry", "retry-interval", "retry-max-time"} and entry.method in {
                "GET",
                "HEAD",
            }:
                step["until"] = {}
            elif key == "user":
                self.unread.append(f"line {line}: the option 'user': write [BasicAuth]")
            elif key not in _NO_MEANING:
                reason = ": an unsafe request is not sent again" if key.startswith("retry") else ""
                self.unread.append(f"line {line}: the option '{shown(key)}'{reason}")
        return step, follows

    def _body(self, entry: HurlEntry) -> tuple[bytes, tuple[tuple[str, str], ...], str]:
        text = self._filling.text
        form = [*entry.section("FormParams"), *entry.section("Form")]
        parts = [*entry.section("MultipartFormData"), *entry.section("Multipart")]
        if form:
            pairs = [(text(key), text(value)) for key, value, _ in form]
            return (
                urlencode(pairs, errors="replace").encode(),
                (),
                "application/x-www-form-urlencoded",
            )
        for key, value, line in parts:
            if value.startswith("file,"):
                self.unread.append(f"line {line}: the file of the form's field '{shown(key)}'")
        if parts:
            kept = [(key, value) for key, value, _ in parts if not value.startswith("file,")]
            return b"", tuple((text(key), text(value)) for key, value in kept), ""
        body = entry.body
        if body.startswith(("file,", "base64,", "hex,")):
            self.unread.append(
                f"line {entry.line}: its body, {body.partition(',')[0]}; put its text into the step"
            )
            return b"", (), ""
        if entry.kind == "graphql":
            return self._graphql(body), (), "application/json"
        if body.lstrip()[:1] in {"{", "["} and entry.kind in {"", "json"}:
            return self._filling.json_text(body).encode("utf-8", "replace"), (), "application/json"
        kind = {"xml": "application/xml", "json": "application/json"}.get(entry.kind, "")
        return (
            text(body).encode("utf-8", "replace"),
            (),
            kind or ("application/xml" if body.startswith("<") else ""),
        )

    def _graphql(self, body: str) -> bytes:
        query, mark, variables = body.partition("\nvariables")
        filled = self._filling.json_text(variables) if mark else ""
        made: dict[str, Any] = {
            "query": self._filling.text(query.strip() if is_json(filled) else body)
        }
        if mark and is_json(filled):
            made["variables"] = json.loads(filled)
        return json.dumps(made).encode()

    def _looked_at(self, entry: HurlEntry) -> tuple[dict[str, Any], dict[str, Any]]:
        captures: dict[str, Any] = {}
        expect: dict[str, Any] = {}
        if entry.status:
            expect["status"] = entry.status
        for key, value, line in entry.response_headers:
            if not merged(expect, {"headers": {key: self._filling.text(value)}}):
                self.unread.append(f"line {line}: another value of the header '{shown(key)}'")
        for key, value, line in entry.section("Captures"):
            spec = capture_of(value)
            if spec is None:
                self.unread.append(f"line {line}: what '{shown(key)}' captures")
            else:
                captures[key] = spec
        for query, rest, line in entry.section("Asserts"):
            found = expectation_of(f"{query}{rest}", self._filling.text)
            if found is None or not merged(expect, found):
                word = re.match(r"[a-z]\w{0,20}", query)
                self.unread.append(f"line {line}: an assert{f' of {word[0]}' if word else ''}")
        if entry.response_body:
            self.unread.append(f"line {entry.response_body}: the body that the answer must have")
        return captures, expect
