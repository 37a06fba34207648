"""Step CI workflows: tests and their steps, files they refer to, environment, credentials, captures and checks."""

from __future__ import annotations

import csv
import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from smoke.importers._filling import Filling, is_url, shown
from smoke.importers._made_up import faker_names
from smoke.importers._shapes import as_dict, as_list, as_text, basic, joined_query, with_rest
from smoke.importers._stepci_checks import StepCiChecks
from smoke.importers._yaml import documents, line_of
from smoke.importers._yaml_bodies import filled, json_text, no_url
from smoke.recording.records import RecordedRequest

# keys as in Step CI's reference (https://docs.stepci.com/reference/workflow-syntax.html)
_BEGINS = re.compile(rb"(?m)^[\"']?version[\"']?:[ \t]{0,9}[\"']?1\.[0-9]{1,2}[\"']?[ \t\r]{0,9}$")
_TESTS = re.compile(rb"(?m)^(?:tests|steps|include|before|after):")
_STEPS = re.compile(rb"(?m)[\s{,-](?:http|graphql|url|\$ref|trpc|grpc|sse):|^include:")
_EXPRESSION = re.compile(r"\$?\{\{([^{}]{1,200})\}\}")
_KINDS = ("trpc", "grpc", "sse", "plugin", "delay")
_READ = {"url", "method", "headers", "params", "cookies", "auth", "captures", "check", "followRedirects", "body", "form", "formData", "json", "graphql", "id", "name", "http", "query", "variables", "if", "$ref"}  # fmt: skip
_CONFIG = {"baseURL", "rejectUnauthorized", "http2"}
_DEEPEST = 20


def recognise(head: bytes) -> bool:
    """The version of a workflow, and tests or steps below it."""
    return bool(_BEGINS.search(head) and _TESTS.search(head) and _STEPS.search(head))


def read(data: bytes, source: str) -> Iterator[RecordedRequest]:
    """The requests of a workflow. Raises SmokeError where none can be read."""
    yield from read_several({source: data}, source)


def read_several(files: Mapping[str, bytes], source: str) -> Iterator[RecordedRequest]:
    """The same, with the files that it includes or refers to beside it."""
    workflow = _Workflow({posixpath.normpath(name): data for name, data in files.items()}, source)
    yield from with_rest(list(workflow.requests()), workflow.unread, source)


class _Workflow:
    def __init__(self, files: Mapping[str, bytes], source: str) -> None:
        self._files = files
        self._source = self._name = posixpath.normpath(source)
        self._root = self._document(self._name)
        self._filling = Filling(files[self._name], {}, lambda name: faker_names(name[1:]) if name[:1] == "$" else None)  # fmt: skip
        self._base = ""
        self.unread: list[str] = []

    def _document(self, name: str) -> dict[str, Any]:
        found = [each for each in documents(self._files[name], name, "Step CI workflow") if isinstance(each, dict)]  # fmt: skip
        return found[0] if found else {}

    def _place(self, line: int) -> str:
        return f"line {line}" if self._name == self._source else f"{shown(self._name)}, line {line}"

    def _leave(self, mapping: Any, key: str, what: str) -> None:
        self.unread.append(f"{self._place(line_of(mapping, key))}: {what}")

    def requests(self) -> Iterator[RecordedRequest]:
        root = self._root
        self._take_values("", root.get("env"))
        config = as_dict(root.get("config"))
        http = as_dict(config.get("http"))
        self._base = self._plain(as_text(http.get("baseURL")))
        for key in [*http, *(each for each in config if each not in {"http", "continueOnFail"})]:
            if key not in _CONFIG:
                self._leave(http if key in http else config, key, f"the setting '{shown(key)}'")
        yield from self._test(root.get("before"), 0)
        yield from self._test({"steps": root.get("steps")}, 0)
        for key, test in as_dict(root.get("tests")).items():
            yield from self._test(test, 0, key)
        for each in as_list(root.get("include")):
            yield from self._included(as_text(each), root, "include")
        yield from self._test(root.get("after"), 0)

    def _included(self, name: str, mapping: Any, key: str) -> Iterator[RecordedRequest]:
        """The tests of a workflow that is included."""
        path = self._path(name)
        if path is None:
            self._leave(mapping, key, f"'{shown(name)}', which is no file beside it")
            return
        before, self._name = self._name, path
        for test in as_dict(self._document(path).get("tests")).values():
            yield from self._test(test, 1)
        self._name = before

    def _path(self, name: str) -> str | None:
        path = posixpath.normpath(posixpath.join(posixpath.dirname(self._name), name))
        return path if path in self._files else None

    def _take_values(self, prefix: str, values: Any) -> None:
        for key, value in as_dict(values).items():
            if not isinstance(value, (dict, list)):
                self._filling.values[f"{prefix}{key}"] = self._plain(as_text(value))

    def _test(self, test: Any, depth: int, name: str = "") -> Iterator[RecordedRequest]:
        told = as_dict(test)
        if isinstance(told.get("$ref"), str):
            yield from self._referred(told, depth, self._test)
            return
        self._take_values("", told.get("env"))
        data = as_dict(told.get("testdata"))
        if isinstance(data.get("content"), str):
            self._take_values("testdata_", _first_row(data["content"]))
        if data:
            self._leave(told, "testdata", f"rows of test data of '{shown(name)}' behind the first")
        for step in as_list(told.get("steps")):
            yield from self._step(step, depth)

    def _referred(self, told: dict[str, Any], depth: int, then: Any) -> Iterator[RecordedRequest]:
        path = self._path(told["$ref"])
        if path is None or depth >= _DEEPEST:
            self._leave(told, "$ref", f"'{shown(told['$ref'])}', which is no file beside it")
            return
        before, self._name = self._name, path
        yield from then(self._document(path), depth + 1)
        self._name = before

    def _plain(self, text: str) -> str:
        """Step CI's expressions as names in braces."""

        def named(found: re.Match[str]) -> str:
            name, *filters = (each.strip() for each in found[1].split("|"))
            kind, _, rest = name.partition(".")
            if "fake" in filters:
                return f"{{{{${name}}}}}"
            if filters:
                self.unread.append(f"the filter '{shown(filters[0])}'")
            if kind == "secrets":
                self._filling.secrets.add(rest)
            if kind in {"env", "captures", "secrets"} and rest:
                return f"{{{{{rest}}}}}"
            return f"{{{{{name.replace('.', '_')}}}}}"

        return _EXPRESSION.sub(named, text)

    def _braced(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {self._plain(key): self._braced(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self._braced(each) for each in value]
        return self._plain(value) if isinstance(value, str) else value

    def _text(self, value: Any) -> str:
        return self._filling.text(self._plain(as_text(value)))

    def _step(self, step: Any, depth: int) -> Iterator[RecordedRequest]:
        told = as_dict(step)
        if isinstance(told.get("$ref"), str):
            yield from self._referred(told, depth, self._step)
            return
        kind = next((each for each in _KINDS if each in told), "")
        if kind and "http" not in told:
            self._leave(told, kind, f"a step of the kind '{kind}'")
            return
        if "if" in told:
            self._leave(told, "if", "a condition: the step is carried out as if it held")
        http = as_dict(told.get("http") or told.get("graphql") or told)
        if "graphql" in told and "http" not in told:
            asked = {key: http[key] for key in ("query", "variables") if key in http}
            http = {**http, "method": "POST", "graphql": asked}
        yield from self._request(http, as_text(told.get("name")), line_of(told))

    def _request(self, http: dict[str, Any], name: str, line: int) -> Iterator[RecordedRequest]:
        filling, place = self._filling, self._place(line)
        url = self._url(http) if as_text(http.get("url")) or self._base else ""
        if not is_url(url):
            self.unread.append(no_url(place, as_text(http.get("url"))))
            return
        for key in http:
            if key not in _READ:
                self._leave(http, key, f"'{shown(key)}'")
        headers = [(key, self._text(each)) for key, each in as_dict(http.get("headers")).items()]
        headers += self._auth(http)
        cookies = as_dict(http.get("cookies"))
        if cookies:
            pairs = (f"{key}={self._text(each)}" for key, each in cookies.items())
            headers.append(("cookie", "; ".join(pairs)))
        body, fields, media = self._body(http)
        if media and not any(key.lower() == "content-type" for key, _ in headers):
            headers.append(("content-type", media))
        checked = StepCiChecks(
            http, self._place, lambda value: filled(self._braced(value), filling)
        )
        unread = (*self.unread, *checked.unread, *(f"{place}: {each}" for each in filling.unread))
        self.unread, filling.unread = [], []
        method = "POST" if "graphql" in http else as_text(http.get("method")).upper() or "GET"
        yield RecordedRequest(
            method, url, tuple(headers), body, fields, None, place, follows=http.get("followRedirects") is not False, written=True,
            name=name, stand_ins=filling.used(), captures=tuple(checked.captures.items()), expect=checked.expect, unread=unread,
        )  # fmt: skip

    def _url(self, http: dict[str, Any]) -> str:
        url = self._plain(as_text(http.get("url")))
        if self._base and not re.match(r"[a-z]{2,8}://|\{\{", url, re.IGNORECASE):
            url = self._base.rstrip("/") + "/" + url.lstrip("/")
        query = [(key, self._text(each)) for key, each in as_dict(http.get("params")).items()]
        return joined_query(self._filling.url(url), query)

    def _auth(self, http: dict[str, Any]) -> Iterator[tuple[str, str]]:
        auth = as_dict(http.get("auth"))
        ref = as_text(auth.get("$ref")).rpartition("/")[2]
        if ref:
            auth = as_dict(as_dict(as_dict(self._root.get("components")).get("credentials")).get(ref))  # fmt: skip
        bearer, pair = as_dict(auth.get("bearer")), as_dict(auth.get("basic"))
        if "user" in auth:  # of version 1.0
            pair = {"username": auth["user"], "password": auth.get("password")}
        if pair:
            password = self._filling.secret(self._plain(as_text(pair.get("password"))))
            yield basic(self._text(pair.get("username")), password)
        elif bearer:
            token = self._filling.secret(self._plain(as_text(bearer.get("token"))))
            yield "authorization", f"Bearer {token}"
        elif http.get("auth"):
            self._leave(http, "auth", "its auth is not one that is taken over")

    def _body(self, http: dict[str, Any]) -> tuple[bytes, tuple[tuple[str, str], ...], str]:
        """Body, fields of a multipart form, and its media type."""
        if "graphql" in http or "json" in http:
            value = self._braced(http.get("graphql") or http.get("json"))
            return json_text(value, self._filling, typed=True), (), "application/json"
        form, parts = as_dict(http.get("form")), as_dict(http.get("formData"))
        if form:
            pairs = [(self._text(key), self._text(each)) for key, each in form.items()]
            return urlencode(pairs, errors="replace").encode(), (), "application/x-www-form-urlencoded"  # fmt: skip
        if parts:
            return b"", tuple(self._parts(parts)), ""
        body = http.get("body")
        if isinstance(body, dict):
            self._leave(http, "body", "its body is a file; put its text into the step")
            return b"", (), ""
        return self._text(body).encode("utf-8", "replace"), (), ""

    def _parts(self, parts: dict[str, Any]) -> Iterator[tuple[str, str]]:
        for key, value in parts.items():
            part = as_dict(value)
            if "file" in part or isinstance(value, list):
                self._leave(parts, key, f"the file of the form's field '{shown(key)}'")
            elif "json" in part:
                yield key, json_text(self._braced(part["json"]), self._filling, typed=True).decode()
            else:
                yield key, self._text(part.get("value", value) if part else value)


def _first_row(content: str) -> dict[str, str]:
    try:
        rows = list(csv.reader(content.splitlines()[:2]))
    except csv.Error:  # such as a field that is too long
        return {}
    return dict(zip(*rows, strict=False)) if len(rows) == 2 else {}
