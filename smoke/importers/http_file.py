""".http and .rest files of REST Client, JetBrains and httpYac: variables, named requests, references to answers, handler scripts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from smoke.importers._chai import merged
from smoke.importers._filling import Filling, begins_json, is_json, is_url, shown
from smoke.importers._http_lines import HttpBlock, blocks
from smoke.importers._made_up import http_names
from smoke.importers._scripts import read_script
from smoke.importers._shapes import as_dict, as_text, basic, document, with_rest
from smoke.recording.records import RecordedRequest
from smoke.scenario.jsonpath import check_path

_LINE = re.compile(
    rb"(?m)^(?:GET|POST|PUT|DELETE|PATCH|HEAD|OPTIONS|GRAPHQL)[ \t]+(?:https?://|\{\{|/)[^\n]{0,4000}$|^https?://[^\s]{1,2000}[ \t\r]*$"
)
_OTHERS = re.compile(
    rb"(?m)^HTTP(?:/[0-9.]{1,3})? (?:[0-9]{3}|\*)[ \t\r]*$|^\[(?:Captures|Asserts|Options|QueryStringParams|FormParams|MultipartFormData|BasicAuth|Query|Form|Multipart)\]"
)
_REFERENCE = re.compile(
    r"\{\{\s{0,8}([\w-]{1,80})\.response\.(body|headers)\.([^{}\n]{1,300}?)\s{0,8}\}\}"
)
_PART = re.compile(
    r"\r?\n?Content-Disposition:[^\n]*?\bname=\"?([^\";\n]{1,200})\"?([^\n]*)\n(?:[\w-]{1,60}:[^\n]*\n){0,10}\n(.*)\Z",
    re.IGNORECASE | re.DOTALL,
)


def recognise(head: bytes) -> bool:
    """A line with a method and a URL, or `###`, in a text that is no Hurl file."""
    text = head.replace(b"\r\n", b"\n")
    if text.lstrip(b"\xef\xbb\xbf \t\n")[:1] in {b"{", b"<"} or _OTHERS.search(text):
        return False
    return _LINE.search(text) is not None


def read(data: bytes, source: str) -> Iterator[RecordedRequest]:
    """The requests of a file. Raises SmokeError where none can be read."""
    yield from read_several({source: data}, source)


def read_several(files: Mapping[str, bytes], source: str) -> Iterator[RecordedRequest]:
    """The same, with files of environments beside it (`http-client.env.json`): the first environment counts."""
    values: dict[str, str] = {}
    unread: list[str] = []
    for name, data in files.items():
        if name != source:
            given = as_dict(document(data, name, "file of environments"))
            chosen = [each for each in given if not each.startswith("$")][:1]
            for each in ("$shared", *chosen):
                values |= {key: as_text(value) for key, value in as_dict(given.get(each)).items()}
            if len(given) > 1:
                unread.append(f"{shown(name)}: the environments behind '{shown(''.join(chosen))}'")
    text = files[source].decode("utf-8-sig", "replace").replace("\r\n", "\n")
    reader = _File(Filling(files[source], values, http_names), text, unread)
    made = [each for block in blocks(reader.text) for each in reader.request(block)]
    yield from with_rest(made, reader.unread, source)


class _File:
    def __init__(self, filling: Filling, text: str, unread: list[str]) -> None:
        self._filling = filling
        self._wanted: dict[str, dict[str, Any]] = {}
        self.unread = unread
        self.text = _REFERENCE.sub(self._reference, text)

    def _reference(self, found: re.Match[str]) -> str:
        """A reference to an answer as a variable, which the request of that name captures."""
        named, where, path = found[1], found[2], found[3]
        spec: Any = {"header": path} if where == "headers" else path
        if where == "body" and not path.startswith("$"):
            spec = f"$.{path}"
        if where == "body" and check_path(spec):
            return found[0]
        last = (re.findall(r"\w+", path) or ["value"])[-1]
        name, count = f"{named}_{last}", 1
        while self._wanted.get(named, {}).get(name, spec) != spec:
            count += 1
            name = f"{named}_{last}_{count}"
        self._wanted.setdefault(named, {})[name] = spec
        return "{{" + name + "}}"

    def request(self, block: HttpBlock) -> Iterator[RecordedRequest]:
        filling, place = self._filling, f"line {block.line}"
        self.unread += block.unread
        filling.values |= block.variables
        if not block.url:
            return
        captures, expect, values = self._looked_at(block)
        host = next((value for key, value in block.headers if key.lower() == "host"), "")
        url = filling.url(
            f"http://{host}{block.url}" if host and block.url.startswith("/") else block.url
        )
        if not is_url(url):
            self.unread.append(
                f"{place}: a URL is expected, such as https://shop.example/api/orders"
            )
            return
        headers = [
            (filling.text(key), self._header(key, value))
            for key, value in block.headers
            if key.lower() not in {"host", "x-request-type"}
        ]
        body, fields = self._body(block, headers)
        unread = (*self.unread, *(f"{place}: {each}" for each in filling.unread))
        self.unread, filling.unread = [], []
        yield RecordedRequest(
            block.method if block.method != "GRAPHQL" else "POST", url, tuple(headers), body, fields, None, place, follows=not block.stays, written=True,
            name=block.title or block.name, stand_ins=filling.used(), captures=tuple(captures.items()), expect=expect, unread=unread,
        )  # fmt: skip
        filling.values |= values

    def _looked_at(self, block: HttpBlock) -> tuple[dict[str, Any], dict[str, Any], dict[str, str]]:
        """Captures, expectations, and values for later requests; what is set before this one is known at once."""
        captures: dict[str, Any] = dict(self._wanted.get(block.name, {}))
        expect: dict[str, Any] = {}
        values: dict[str, str] = {}
        for script, first, before in block.scripts:
            found = read_script(script, "script", first=first)
            self.unread += found.unread
            if before:
                self._filling.values |= found.values
            else:
                captures |= found.captures
                values |= found.values
                if not merged(expect, dict(found.expect)):
                    self.unread.append(f"script, line {first}: it contradicts another one")
        return captures, expect, values

    def _header(self, key: str, value: str) -> str:
        said = (
            re.match(r"Basic\s+([^\s:]{1,200})(?:\s+|:)(\S.{0,400})\Z", value)
            if key.lower() == "authorization"
            else None
        )
        if said:
            return basic(self._filling.text(said[1]), self._filling.secret(said[2]))[1]
        return self._filling.text(value)

    def _body(
        self, block: HttpBlock, headers: list[tuple[str, str]]
    ) -> tuple[bytes, tuple[tuple[str, str], ...]]:
        kind = next((value for key, value in headers if key.lower() == "content-type"), "").lower()
        graphql = block.method == "GRAPHQL" or any(
            key.lower() == "x-request-type" and value.lower() == "graphql"
            for key, value in block.headers
        )
        text = block.body
        file = re.match(r"\s*<@?(?:\s+|[a-z0-9-]{2,20}\s+)\S+\s*\Z", text)
        if file:
            self.unread.append(f"line {block.line}: its body is a file; put its text into the step")
            return b"", ()
        if kind.startswith("multipart/form-data"):
            return b"", self._parts(block, kind)
        if graphql and text.strip():
            if not kind:
                headers.append(("content-type", "application/json"))
            return self._graphql(text), ()
        if kind.startswith("application/x-www-form-urlencoded"):
            return self._filling.text(re.sub(r"\s*\n\s*(?=&)|\n+\Z", "", text)).encode(
                "utf-8", "replace"
            ), ()
        filled = self._filling.json_text(text) if begins_json(text) else ""
        if not is_json(filled):
            filled = self._filling.text(text)
        return filled.encode("utf-8", "replace"), ()

    def _graphql(self, text: str) -> bytes:
        query, _, variables = text.strip().rpartition("\n\n")
        filled = self._filling.json_text(variables) if variables.lstrip()[:1] == "{" else ""
        both = bool(query) and is_json(filled)
        made: dict[str, Any] = {"query": self._filling.text(query if both else text.strip())}
        if both:
            made["variables"] = json.loads(filled)
        return json.dumps(made).encode()

    def _parts(self, block: HttpBlock, kind: str) -> tuple[tuple[str, str], ...]:
        boundary = re.search(
            r"boundary=\"?([^\s\";]{1,100})",
            next((value for key, value in block.headers if key.lower() == "content-type"), ""),
        )
        made: list[tuple[str, str]] = []
        for each in block.body.split(f"--{boundary[1]}") if boundary else []:
            part = _PART.match(each)
            if part and ("filename" in part[2] or re.match(r"\s*<@?\s", part[3])):
                self.unread.append(
                    f"line {block.line}: the file of the form's field '{shown(part[1])}'"
                )
            elif part:
                made.append((self._filling.text(part[1]), self._filling.text(part[3].strip("\n"))))
        if not made:
            self.unread.append(
                f"line {block.line}: a body of {shown(kind.partition(';')[0])} in which no field is"
            )
        return tuple(made)
