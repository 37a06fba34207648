"""Bruno: a folder with its collection and environments, one .bru file, or OpenCollection YAML; variables, auth, asserts, tests."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from smoke.importers._bru import BruBlock, bru_blocks
from smoke.importers._chai import AssertedPart, merged, of_matcher
from smoke.importers._filling import Filling, is_json, is_url, shown, without_comments
from smoke.importers._literals import literal
from smoke.importers._made_up import http_names
from smoke.importers._opencollection import OpenCollection, is_collection, is_request
from smoke.importers._scripts import capture_of_expression, read_script
from smoke.importers._shapes import basic, joined_query, with_rest
from smoke.recording.records import RecordedRequest

# blocks as in Bruno's language (https://docs.usebruno.com/bru-lang/overview)
_METHODS = ("get", "post", "put", "delete", "patch", "head", "options")
_BEGINS = re.compile(rb"(?:\A|\n)(?:meta|get|post|put|delete|patch|head|options) \{[ \t\r]*\n")
_KINDS = {"body:json": "application/json", "body:xml": "application/xml", "body:text": "text/plain", "body:sparql": "application/sparql-query", "body": "application/json"}  # fmt: skip
_QUIET = {"meta", "docs", "settings", "script:pre-request", "script:post-response", "tests", "assert", "headers", "query", "params:query", "params:path", "vars", "vars:pre-request", "vars:post-response", "vars:secret", "example", "auth", *_METHODS}  # fmt: skip
_OPERATORS = {"eq": "equals", "neq": "not", "gt": "greater", "gte": "at_least", "lt": "less", "lte": "at_most", "in": "one_of", "contains": "contains", "startsWith": "starts_with", "endsWith": "ends_with", "matches": "matches", "length": "length"}  # fmt: skip
_WORDS = {"isDefined": ("exists", True), "isUndefined": ("exists", False), "isNull": ("equals", None), "isEmpty": ("empty", True), "isTruthy": ("not", {"one_of": [None, False, 0, ""]}), "isString": ("type", "string"), "isNumber": ("type", "number"), "isBoolean": ("type", "boolean"), "isArray": ("type", "array"), "isJson": ("type", "object"), "isNotEmpty": ("empty", False), "isNotNull": ("not", None)}  # fmt: skip


def recognise(head: bytes) -> bool:
    """A block of Bruno's at the beginning of a line, or OpenCollection."""
    if _BEGINS.search(head[:65536].replace(b"\r\n", b"\n")) is not None:
        return True
    return is_collection(head) or is_request(head)


def recognise_folder(names: Collection[str]) -> bool:
    """A folder with a `bruno.json`, an `opencollection.yml`, or with .bru files."""
    known = {"bruno.json", "opencollection.yml", "opencollection.yaml"}
    return bool(known & {*names}) or any(name.endswith(".bru") for name in names)


def read(data: bytes, source: str) -> Iterator[RecordedRequest]:
    """The request of one file. Raises SmokeError where there is none."""
    yield from read_several({source: data}, source)


def read_several(files: Mapping[str, bytes], source: str) -> Iterator[RecordedRequest]:
    """The requests of a folder, by their numbers; its first environment counts. A file beside one file is its environment."""
    alone = source in files
    parsed, unread = _parsed(files, source)
    alone = alone and not is_collection(files[source])
    environments = [name for name in parsed if (name != source if alone else _is_environment(name))]
    if not alone and len(environments) > 1:
        unread.append(
            f"the environments other than {shown(environments[0])}: name one behind the folder"
        )
        environments = environments[:1]
    collection = _Collection(Filling(b"".join(files.values()), {}, http_names), parsed, unread)
    for name in environments:
        collection.environment(parsed[name])
    requests = [name for name in parsed if name not in environments and _request_of(parsed[name])]
    if not alone:
        requests = [name for name in requests if not _is_environment(name)]
        requests.sort(key=lambda name: [_place(parsed, part, name) for part in _parents(name)])
    made = [each for name in requests for each in collection.request(name, "" if alone else name)]
    yield from with_rest(made, collection.unread, source)


def _parsed(files: Mapping[str, bytes], source: str) -> tuple[dict[str, list[BruBlock]], list[str]]:
    """The blocks of all files, and what belongs to none."""
    parsed: dict[str, list[BruBlock]] = {}
    unread: list[str] = []
    alone = source in files
    collection = OpenCollection()
    for name in sorted(files, key=lambda name: (name == source, name)):
        data = files[name]
        if name.endswith((".yml", ".yaml")) or (alone and (is_collection(data) or is_request(data[:65536]))):  # fmt: skip
            collection.file(data, name, environment=alone and name != source)
        elif name.endswith(".bru") or alone:
            text = data.decode("utf-8-sig", "replace").replace("\r\n", "\n")
            parsed[name], said = bru_blocks(text)
            unread += [f"{shown(name)}, {each}" for each in said]
    return collection.parsed | parsed, [*collection.unread, *unread]


def _is_environment(name: str) -> bool:
    return name.startswith("environments/") or "/environments/" in name


def _parents(name: str) -> list[str]:
    """The folders above a file, and the file itself."""
    parts = name.split("/")
    return ["/".join(parts[: count + 1]) for count in range(len(parts))]


def _place(parsed: Mapping[str, list[BruBlock]], part: str, name: str) -> tuple[float, str]:
    blocks = parsed[name] if part == name else parsed.get(f"{part}/folder.bru", [])
    told = _values(blocks, "meta").get("seq", "")
    return (float(told) if re.fullmatch(r"[0-9]{1,9}", told) else 1e9, part)


def _request_of(blocks: list[BruBlock]) -> BruBlock | None:
    return next((each for each in blocks if each.name in _METHODS or each.name == "http"), None)


def _values(blocks: list[BruBlock], name: str) -> dict[str, str]:
    return {key: value for each in blocks if each.name == name for key, value, _ in each.pairs}


def _text(blocks: list[BruBlock], name: str) -> str:
    return next((each.text for each in blocks if each.name == name), "")


class _Collection:
    def __init__(
        self, filling: Filling, parsed: dict[str, list[BruBlock]], unread: list[str]
    ) -> None:
        self._filling = filling
        self._parsed = parsed
        self._secrets: list[str] = []
        self.unread = unread

    def environment(self, blocks: list[BruBlock]) -> None:
        self._filling.values |= _values(blocks, "vars")
        for each in blocks:
            if each.name == "vars:secret":
                names = re.findall(r"[\w.-]+", each.text)
                self._filling.secrets |= set(names)

    def _above(self, path: str) -> list[list[BruBlock]]:
        """The blocks of the collection and the folders that a request is in, the nearest last."""
        if not path:
            return []
        folders = [f"{each}/folder.bru" for each in _parents(path)[:-1]]
        return [self._parsed[each] for each in ("collection.bru", *folders) if each in self._parsed]

    def request(self, name: str, path: str) -> Iterator[RecordedRequest]:
        """The request of a file, with the variables that are set before it alone."""
        levels = [*self._above(path), self._parsed[name]]
        own = [_values(each, "vars:pre-request") for each in levels]
        with self._filling.within({key: each[key] for each in own for key in each}):
            yield from self._request(name, path)

    def _request(self, name: str, path: str) -> Iterator[RecordedRequest]:
        filling, blocks = self._filling, self._parsed[name]
        found = _request_of(blocks)
        if found is None or path.endswith(("folder.bru", "collection.bru")):
            return
        above, place = self._above(path), f"'{shown(name)}'"
        self.unread += [
            f"{place}, line {each.line}: the block '{shown(each.name)}'"
            for each in blocks
            if not _is_known(each.name)
        ]
        self._prepare([*above, blocks], place)
        given = _values([found], found.name)
        headers = [
            (filling.text(key), filling.text(value))
            for each in (*above, blocks)
            for key, value in _values(each, "headers").items()
        ]
        more, pairs = self._auth(given.get("auth", "none"), blocks, above, place)
        filled = joined_query(self._url(given.get("url", ""), blocks), pairs)
        if not is_url(filled):
            self.unread.append(f"{place}: a URL is expected, such as {{{{baseUrl}}}}/api/orders")
            return
        body, fields, kind = self._body(given.get("body", "none"), blocks, place)
        if kind and not any(key.lower() == "content-type" for key, _ in headers):
            headers.append(("content-type", kind))
        captures, expect, values = self._looked_at([*above, blocks], place)
        unread = (*self.unread, *(f"{place}: {each}" for each in filling.unread))
        self.unread, filling.unread = [], []
        method = found.name.upper() if found.name != "http" else given.get("method", "get").upper()
        yield RecordedRequest(
            method, filled, (*headers, *more), body, fields, None, place, follows=True, written=True, name=_values(blocks, "meta").get("name", ""),
            stand_ins=filling.used(), captures=tuple(captures.items()), expect=expect, unread=unread, secrets=tuple(self._secrets),
        )  # fmt: skip
        filling.values |= values

    def _prepare(self, levels: list[list[BruBlock]], place: str) -> None:
        """Take up what the scripts before a request set."""
        for each in levels:
            script = _text(each, "script:pre-request")
            if script.strip():
                before = read_script(script, f"{place}, pre-request script")
                self._filling.values |= before.values
                self.unread += before.unread

    def _url(self, url: str, blocks: list[BruBlock]) -> str:
        text = self._filling.text
        query = [
            (key, value)
            for each in blocks
            if each.name in {"params:query", "query"}
            for key, value, _ in each.pairs
        ]
        for key, value in _values(blocks, "params:path").items():
            filled = value or f"{{{{{key}}}}}"
            url = re.sub(rf"(?<=/):{re.escape(key)}(?=[/?#]|\Z)", filled.replace("\\", "%5C"), url)
        url = url.partition("?")[0] if query else url
        pairs = [(text(key), text(value)) for key, value in query]
        return joined_query(self._filling.url(url), pairs)

    def _auth(
        self, kind: str, blocks: list[BruBlock], above: list[list[BruBlock]], place: str
    ) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        """Headers and pairs of the query."""
        for outer in [*above][::-1]:
            if kind != "inherit":
                break
            kind, blocks = _values(outer, "auth").get("mode", "inherit"), outer
        values = {
            key: self._filling.text(value) for key, value in _values(blocks, f"auth:{kind}").items()
        }
        if kind in {"none", "inherit"}:
            return [], []
        if kind == "bearer":
            return [("authorization", f"Bearer {values.get('token', '')}")], []
        if kind == "basic":
            return [basic(values.get("username", ""), values.get("password", ""))], []
        if kind == "apikey" and values.get("key"):
            value = self._filling.secret(_values(blocks, "auth:apikey").get("value", ""))
            self._secrets.append(value)
            in_query = values.get("placement") == "queryparams"
            return ([], [(values["key"], value)]) if in_query else ([(values["key"], value)], [])
        self.unread.append(f"{place}: its auth '{shown(kind)}' is not one that is taken over")
        return [], []

    def _body(
        self, kind: str, blocks: list[BruBlock], place: str
    ) -> tuple[bytes, tuple[tuple[str, str], ...], str]:
        text, words = (
            self._filling.text,
            {"formUrlEncoded": "form-urlencoded", "multipartForm": "multipart-form"},
        )
        kind = words.get(kind, kind)
        if kind == "none":
            return b"", (), ""
        pairs = [
            (key, value)
            for each in blocks
            if each.name == f"body:{kind}"
            for key, value, _ in each.pairs
        ]
        if kind == "form-urlencoded":
            filled = [(text(key), text(value)) for key, value in pairs]
            return (
                urlencode(filled, errors="replace").encode(),
                (),
                "application/x-www-form-urlencoded",
            )
        if kind == "multipart-form":
            return b"", self._fields(pairs, place), ""
        if kind == "graphql":
            return self._graphql(blocks), (), "application/json"
        given = _text(blocks, f"body:{kind}") or (_text(blocks, "body") if kind == "json" else "")
        if f"body:{kind}" not in _KINDS:
            self.unread.append(f"{place}: a body of the kind '{shown(kind)}'")
            return b"", (), ""
        filled_text = self._filling.json_text(given) if kind == "json" else text(given)
        if kind == "json" and not is_json(filled_text):
            plain = without_comments(filled_text)
            filled_text = plain if is_json(plain) else text(given)
        return filled_text.encode("utf-8", "replace"), (), _KINDS[f"body:{kind}"]

    def _fields(self, pairs: list[tuple[str, str]], place: str) -> tuple[tuple[str, str], ...]:
        text = self._filling.text
        files = [key for key, value in pairs if value.startswith("@file(")]
        self.unread += [f"{place}: the file of the form's field '{shown(key)}'" for key in files]
        return tuple((text(key), text(value)) for key, value in pairs if key not in files)

    def _graphql(self, blocks: list[BruBlock]) -> bytes:
        made: dict[str, Any] = {"query": self._filling.text(_text(blocks, "body:graphql"))}
        variables = self._filling.json_text(_text(blocks, "body:graphql:vars"))
        if is_json(variables):
            made["variables"] = json.loads(variables)
        return json.dumps(made).encode()

    def _looked_at(
        self, blocks: list[list[BruBlock]], place: str
    ) -> tuple[dict[str, Any], dict[str, Any], dict[str, str]]:
        captures: dict[str, Any] = {}
        expect: dict[str, Any] = {}
        values: dict[str, str] = {}
        for each in (block for level in blocks for block in level):
            if each.name in {"script:post-response", "tests"}:
                found = read_script(each.text, f"{place}, {each.name}", first=each.line + 1)
                captures |= found.captures
                values |= found.values
                self.unread += found.unread
                if not merged(expect, dict(found.expect)):
                    self.unread.append(f"{place}, line {each.line}: it contradicts another test")
            for key, value, line in (
                each.pairs if each.name in {"vars:post-response", "assert"} else ()
            ):
                if each.name == "assert":
                    asserted = _asserted(key, value, self._filling.text)
                    taken = asserted is not None and merged(expect, asserted)
                else:
                    spec = capture_of_expression(
                        re.sub(r"\A\{\{(.*)\}\}\Z", r"\1", value).removeprefix("$")
                    )
                    taken = spec is not None
                    captures |= {key: spec} if taken else {}
                if not taken:
                    self.unread.append(
                        f"{place}, line {line}: {'an assert' if each.name == 'assert' else shown(key)}"
                    )
        return captures, expect, values


def _is_known(name: str) -> bool:
    return name in _QUIET or name in _KINDS or name.startswith(("auth:", "body:", "http"))


def _asserted(key: str, value: str, filled: Any) -> dict[str, Any] | None:
    """The expectation of `res.status: eq 200`."""
    part = AssertedPart("status") if key == "res.status" else _part_of(key)
    operator, _, operand = value.partition(" ")
    if part is None:
        return None
    if operator in _WORDS and not operand:
        return of_matcher(part, *_WORDS[operator])
    if re.fullmatch(r"(?:is|not)[A-Z]\w{0,20}|between", operator):
        return None
    if operator not in _OPERATORS:
        operator, operand = "eq", value
    found: Any = literal(operand.strip())
    if operator == "in":
        found = [
            item if (item := literal(each)) is not None else each.strip()
            for each in operand.strip(" []").split(",")
        ]
    elif found is None and operand.strip() != "null":
        found = filled(operand.strip())
    return of_matcher(part, _OPERATORS[operator], found)


def _part_of(key: str) -> AssertedPart | None:
    if key == "res.responseTime":
        return AssertedPart("time")
    header = re.match(r"res\.headers(?:\.([\w-]{1,80})|\[\s*['\"]([\w-]{1,80})['\"]\s*\])\Z", key)
    if header:
        return AssertedPart("headers", header[1] or header[2])
    spec = capture_of_expression(key)
    return AssertedPart("json", spec) if isinstance(spec, str) else None
