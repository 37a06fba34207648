"""OpenCollection, the YAML that Bruno writes now: as the blocks of its own language, by their paths in a folder."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from smoke.importers._bru import BruBlock
from smoke.importers._filling import shown
from smoke.importers._shapes import as_dict, as_list, as_text
from smoke.importers._yaml import documents, line_of

# keys as in https://schema.opencollection.com, and as Bruno's own converter writes them
_COLLECTION = re.compile(rb"(?m)^[\"']?opencollection[\"']?[ \t]{0,9}:")
_REQUEST = re.compile(rb"(?m)^info:[^\n]{0,99}\n(?:[ \t#][^\n]{0,4000}\n|\r?\n){0,99}(?:http|graphql):")  # fmt: skip
_NAMES = {"opencollection.yml": "collection.bru", "opencollection.yaml": "collection.bru", "collection.yml": "collection.bru", "folder.yml": "folder.bru", "folder.yaml": "folder.bru"}  # fmt: skip
_SCRIPTS = {"before-request": "script:pre-request", "after-response": "script:post-response", "tests": "tests"}  # fmt: skip
_DEEPEST = 32
Parsed = dict[str, list[BruBlock]]


def is_collection(data: bytes) -> bool:
    """Whether a file is a collection with all that belongs to it."""
    return _COLLECTION.search(data[:65536].replace(b"\r\n", b"\n")) is not None


def is_request(head: bytes) -> bool:
    """Whether a file is one request of a collection."""
    return _REQUEST.search(head.replace(b"\r\n", b"\n")) is not None


class OpenCollection:
    """The blocks of files, by the paths that Bruno's own files would have."""

    def __init__(self) -> None:
        self.parsed: Parsed = {}
        self.unread: list[str] = []

    def file(self, data: bytes, name: str, *, environment: bool = False) -> None:
        """Take up one file of a folder."""
        found = [as_dict(each) for each in documents(data, name, "OpenCollection file")][:1]
        for told in found:
            folder, slash, last = name.rpartition("/")
            path = f"{folder}{slash}{_NAMES.get(last, last)}"
            path = "collection.bru" if "opencollection" in told else path
            path = f"environments/{last}" if environment else path
            if environment or folder.rpartition("/")[2] == "environments" or ("variables" in told and "info" not in told):  # fmt: skip
                self.parsed[path] = list(_environment(told))
            else:
                self.parsed[path] = list(self._item(told, name))
            if "opencollection" in told:
                self._whole(told)

    def _whole(self, told: dict[str, Any]) -> None:
        """What else a collection has within its file."""
        for each in as_list(as_dict(told.get("config")).get("environments")):
            self._free(f"environments/{shown(as_text(as_dict(each).get('name')))}", _environment(as_dict(each)))  # fmt: skip
        self._items(told.get("items"), "", 0)

    def _items(self, items: Any, folder: str, depth: int) -> None:
        for number, each in enumerate(as_list(items) if depth < _DEEPEST else [], 1):
            told = as_dict(each)
            name = shown(as_text(as_dict(told.get("info")).get("name"))).replace("/", " ") or "request"  # fmt: skip
            blocks = [*self._item(told, f"{folder}{name}"), BruBlock("meta", 0, [("seq", str(number), 0)])]  # fmt: skip
            if isinstance(told.get("items"), list):
                inner = self._free(f"{folder}{name}", ())
                self.parsed[f"{inner}/folder.bru"] = blocks
                self._items(told["items"], f"{inner}/", depth + 1)
            else:
                self._free(f"{folder}{name}", blocks)

    def _free(self, path: str, blocks: Any) -> str:
        """Put blocks at a path that nothing else has."""
        made, count = path, 1
        while made in self.parsed:
            count += 1
            made = f"{path} {count}"
        self.parsed[made] = list(blocks)
        return made

    def _item(self, told: dict[str, Any], name: str) -> Iterator[BruBlock]:
        """The blocks of a request, or of what a folder or a collection has for all of its requests."""
        line = line_of(told)
        info = as_dict(told.get("info"))
        yield BruBlock("meta", line, [(key, as_text(info[key]), line) for key in ("name", "seq") if key in info])  # fmt: skip
        kind = next((each for each in ("http", "graphql") if isinstance(told.get(each), dict)), "")
        if not kind and as_text(info.get("type")) not in {"", "folder", "collection", "http", "graphql"}:  # fmt: skip
            self.unread.append(f"'{shown(name)}': a request of the kind '{shown(as_text(info['type']))}'")  # fmt: skip
        sent = as_dict(told.get(kind or "request"))
        runtime = as_dict(told.get("runtime")) if kind else sent
        if kind:
            yield from _request(sent, kind)
        yield BruBlock("headers", line_of(sent, "headers"), _rows(sent.get("headers")))
        yield from _auth(sent, of_request=bool(kind))
        yield BruBlock("vars:pre-request", line, _variables(runtime.get("variables")))
        yield BruBlock("vars:post-response", line, list(self._actions(runtime, name)))
        yield BruBlock("assert", line, list(_assertions(runtime.get("assertions"))))
        for each in map(as_dict, as_list(runtime.get("scripts"))):
            block = _SCRIPTS.get(as_text(each.get("type")))
            if block:
                yield BruBlock(block, line_of(each, "code"), text=as_text(each.get("code")))
            else:
                self.unread.append(f"'{shown(name)}', line {line_of(each)}: a script")

    def _actions(self, runtime: dict[str, Any], name: str) -> Iterator[tuple[str, str, int]]:
        for each in map(as_dict, as_list(runtime.get("actions"))):
            variable = as_text(as_dict(each.get("variable")).get("name"))
            if each.get("disabled") is True:
                continue
            if each.get("type") == "set-variable" and each.get("phase") == "after-response" and variable:  # fmt: skip
                yield variable, as_text(as_dict(each.get("selector")).get("expression")), line_of(each)  # fmt: skip
            else:
                self.unread.append(f"'{shown(name)}', line {line_of(each)}: an action")


def _request(sent: dict[str, Any], kind: str) -> Iterator[BruBlock]:
    line = line_of(sent)
    body = sent.get("body")
    if isinstance(body, list):  # several to choose from
        chosen = [each for each in map(as_dict, body) if each.get("selected") is True]
        body = as_dict((chosen or [as_dict(each) for each in body[:1]] or [{}])[0]).get("body")
    told = as_dict(body)
    mode = "graphql" if kind == "graphql" else as_text(told.get("type")) or "none"
    auth = sent.get("auth")
    by = auth if isinstance(auth, str) else as_text(as_dict(auth).get("type"))
    pairs = [("method", as_text(sent.get("method")) or ("POST" if kind == "graphql" else "GET")), ("url", as_text(sent.get("url"))), ("body", mode), ("auth", by or "none")]  # fmt: skip
    yield BruBlock("http", line, [(key, value, line) for key, value in pairs])
    parameters = list(map(as_dict, as_list(sent.get("params"))))
    for where in ("query", "path"):
        rows = [each for each in parameters if (as_text(each.get("type")) or "query") == where]
        yield BruBlock(f"params:{where}", line, _rows(rows))
    at = line_of(sent, "body")
    if mode == "graphql":
        yield BruBlock("body:graphql", at, text=as_text(told.get("query")))
        yield BruBlock("body:graphql:vars", at, text=as_text(told.get("variables")))
    elif isinstance(told.get("data"), list):
        yield BruBlock(f"body:{mode}", at, _rows(told["data"]))
    elif mode != "none":
        yield BruBlock(f"body:{mode}", at, text=as_text(told.get("data")))


def _auth(sent: Mapping[str, Any], *, of_request: bool) -> Iterator[BruBlock]:
    auth = sent.get("auth")
    told = as_dict(auth)
    mode, line = as_text(told.get("type")), line_of(sent, "auth")
    if not of_request and (mode or auth == "inherit"):
        yield BruBlock("auth", line, [("mode", mode or "inherit", line)])
    if mode:
        pairs = [(key, as_text(value)) for key, value in told.items()]
        yield BruBlock(f"auth:{mode}", line, [(key, "queryparams" if (key, value) == ("placement", "query") else value, line) for key, value in pairs])  # fmt: skip


def _environment(told: dict[str, Any]) -> Iterator[BruBlock]:
    variables = list(map(as_dict, as_list(told.get("variables"))))
    yield BruBlock("vars", line_of(told), _variables(variables))
    secret = [as_text(each.get("name")) for each in variables if each.get("secret") is True]
    yield BruBlock("vars:secret", line_of(told), text=" ".join(secret))


def _rows(rows: Any) -> list[tuple[str, str, int]]:
    """Name, value and line of each row of a table that is switched on; a file is what Bruno writes for one."""
    made = []
    for each in map(as_dict, as_list(rows)):
        value = each.get("value")
        if each.get("disabled") is not True and as_text(each.get("name")):
            text = "@file()" if each.get("type") == "file" else as_text(value)
            made.append((as_text(each["name"]), text, line_of(each)))
    return made


def _variables(variables: Any) -> list[tuple[str, str, int]]:
    made = []
    for each in map(as_dict, as_list(variables)):
        value = each.get("value")
        if isinstance(value, list):  # several to choose from
            chosen = [one for one in map(as_dict, value) if one.get("selected") is True]
            value = as_dict((chosen or [as_dict(one) for one in value[:1]] or [{}])[0]).get("value")
        if each.get("disabled") is not True and as_text(each.get("name")):
            told = as_dict(value).get("data") if isinstance(value, dict) else value
            made.append((as_text(each["name"]), as_text(told), line_of(each)))
    return made


def _assertions(assertions: Any) -> Iterator[tuple[str, str, int]]:
    for each in map(as_dict, as_list(assertions)):
        if each.get("disabled") is not True:
            told = f"{as_text(each.get('operator')) or 'eq'} {as_text(each.get('value'))}".strip()
            yield as_text(each.get("expression")), told, line_of(each)
