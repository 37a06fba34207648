"""Insomnia exports, v4 (JSON) and v5 (YAML or JSON): folders, environments, auth, bodies, template tags, scripts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from smoke.diagnostic import SmokeError
from smoke.importers._filling import Filling, begins_json, is_json, is_url, shown, without_comments
from smoke.importers._insomnia_tags import Tags
from smoke.importers._made_up import postman_names
from smoke.importers._scripts import read_script
from smoke.importers._shapes import (
    as_dict,
    as_list,
    as_text,
    basic,
    document,
    joined_query,
    rows,
    with_rest,
)
from smoke.recording.records import RecordedRequest
from smoke.scenario.nodes import plain
from smoke.scenario.source import parse

# keys as in Insomnia's own exports; of v4 the resources are put into the tree that v5 has
_V5 = re.compile(rb"(?m)^\"?type\"?:[ \t]*[\"']?collection\.insomnia\.rest/")
_DEEPEST = 64


def recognise(head: bytes) -> bool:
    """The mark of an export."""
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        return (
            b'"__export_format"' in head
            or re.search(rb'"type"\s{0,9}:\s{0,9}"collection\.insomnia\.rest/', head) is not None
        )
    return _V5.search(head) is not None


def read(data: bytes, source: str) -> Iterator[RecordedRequest]:
    """The requests of an export. Raises SmokeError for what is none, with the place."""
    is_object = data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{"
    found = as_dict(
        document(data, source, "Insomnia export") if is_object else plain(parse(data, source).root)
    )
    if isinstance(found.get("resources"), list):
        items, environments = _tree([as_dict(each) for each in found["resources"]])
    elif isinstance(found.get("collection"), list):
        items, environments = (
            found["collection"],
            _environments_of(as_dict(found.get("environments"))),
        )
    else:
        raise SmokeError.of(
            "cannot-read",
            f"{source} is no Insomnia export: it has neither 'resources' nor 'collection'",
        )
    export = _Export(Filling(data, _flat(environments[:2]), postman_names), items)
    export.unread += [
        f"the environment '{shown(as_text(each.get('name')))}'" for each in environments[2:]
    ]
    yield from with_rest(list(export.folder(items, {}, "", 0)), export.unread, source)


def _environments_of(base: dict[str, Any]) -> list[dict[str, Any]]:
    return [base, *(as_dict(each) for each in as_list(base.get("subEnvironments")))]


def _flat(environments: list[dict[str, Any]]) -> dict[str, str]:
    """Values by their dotted names, the later environment's first."""
    values: dict[str, str] = {}

    def take(value: Any, name: str, depth: int) -> None:
        if isinstance(value, dict) and depth < _DEEPEST:
            for key, item in value.items():
                take(item, f"{name}.{key}" if name else str(key), depth + 1)
        elif name:
            values[name] = json.dumps(value) if isinstance(value, list) else as_text(value)

    for each in environments:
        take(as_dict(each.get("data")), "", 0)
    return values


def _tree(resources: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The resources of v4 as v5 has them, and its environments: the base one first."""
    of: dict[str, list[dict[str, Any]]] = {}
    ids = {
        as_text(each.get("_id"))
        for each in resources
        if each.get("_type") in {"request_group", "request"}
    }
    for each in resources:
        if each.get("_type") in {"request_group", "request"}:
            parent = as_text(each.get("parentId"))
            of.setdefault(parent if parent in ids else "", []).append(each)

    def below(parent: str, depth: int) -> list[dict[str, Any]]:
        found = sorted(of.get(parent, []), key=_sorted_by) if depth < _DEEPEST else []
        return [
            {
                **each, "meta": {"id": each.get("_id")},
                "scripts": {"preRequest": each.get("preRequestScript"), "afterResponse": each.get("afterResponseScript")},
                **({"children": below(as_text(each.get("_id")), depth + 1)} if each["_type"] == "request_group" else {}),
            }
            for each in found
        ]  # fmt: skip

    environments = [each for each in resources if each.get("_type") == "environment"]
    bases = {as_text(each.get("_id")) for each in environments}
    environments.sort(key=lambda each: as_text(each.get("parentId")) in bases)
    return below("", 0), environments


def _sorted_by(item: dict[str, Any]) -> float:
    key = item.get("metaSortKey", as_dict(item.get("meta")).get("sortKey"))
    return float(key) if isinstance(key, (int, float)) and abs(key) < 1e18 else 0.0


class _Export:
    def __init__(self, filling: Filling, items: list[Any]) -> None:
        self._filling = filling
        self._tags = Tags()
        self._tags.look(items)
        self._secrets: list[str] = []
        self.unread: list[str] = []

    def folder(
        self, items: list[Any], auth: dict[str, Any], path: str, depth: int
    ) -> Iterator[RecordedRequest]:
        for each in items if depth < _DEEPEST else []:
            item = as_dict(each)
            name = as_text(item.get("name"))
            inner = f"{path} / {name}".removeprefix(" / ")
            own = as_dict(item.get("authentication"))
            own = own if own.get("type") and own.get("disabled") is not True else auth
            if isinstance(item.get("children"), list):
                with self._filling.within(_flat([{"data": item.get("environment")}])):
                    yield from self.folder(item["children"], own, inner, depth + 1)
            elif isinstance(item.get("url"), str):
                yield from self._request(item, own, name, f"'{shown(inner)}'")
            else:
                self.unread.append(f"'{shown(inner)}': neither a folder nor a request")

    def _text(self, value: Any) -> str:
        return self._filling.text(self._tags.plain(as_text(value)))

    def _request(
        self, item: dict[str, Any], auth: dict[str, Any], name: str, place: str
    ) -> Iterator[RecordedRequest]:
        filling = self._filling
        scripts = as_dict(item.get("scripts"))
        before = read_script(as_text(scripts.get("preRequest")), f"{place}, pre-request script")
        after = read_script(
            as_text(scripts.get("afterResponse")), f"{place}, after-response script"
        )
        self.unread += [*before.unread, *after.unread]
        filling.values |= before.values
        headers = [
            (self._text(row["name"]), self._text(row.get("value")))
            for row in rows(item.get("headers"), "name")
        ]
        more, query = self._auth(auth, place)
        filled = self._url(item, query)
        if not is_url(filled):
            self.unread.append(
                f"{place}: a URL is expected, such as https://shop.example/api/orders"
            )
            return
        body, fields, kind = self._body(as_dict(item.get("body")), place)
        if kind and not any(key.lower() == "content-type" for key, _ in headers):
            headers.append(("content-type", kind))
        captures = {
            **self._tags.wanted.get(as_text(as_dict(item.get("meta")).get("id")), {}),
            **dict(after.captures),
        }
        unread = (
            *self.unread,
            *(f"{place}: {each}" for each in (*self._tags.unread, *filling.unread)),
        )
        self.unread, self._tags.unread, filling.unread = [], [], []
        yield RecordedRequest(
            (as_text(item.get("method")) or "GET").upper(), filled, (*headers, *more), body, fields, None, place, written=True, name=name,
            follows=item.get("settingFollowRedirects") != "off", stand_ins=filling.used(), captures=tuple(captures.items()), expect=after.expect,
            unread=tuple(dict.fromkeys(unread)), secrets=tuple(self._secrets),
        )  # fmt: skip
        filling.values |= after.values

    def _url(self, item: dict[str, Any], more: list[tuple[str, str]]) -> str:
        url = self._tags.plain(item["url"])
        for row in rows(item.get("pathParameters"), "name"):
            value = self._tags.plain(as_text(row.get("value"))) or f"{{{{{as_text(row['name'])}}}}}"
            url = re.sub(
                rf"(?<=/):{re.escape(as_text(row['name']))}(?=[/?#]|\Z)",
                value.replace("\\", "%5C"),
                url,
            )
        query = [
            *(
                (self._text(row["name"]), self._text(row.get("value")))
                for row in rows(item.get("parameters"), "name")
            ),
            *more,
        ]
        return joined_query(self._filling.url(url), query)

    def _auth(
        self, auth: dict[str, Any], place: str
    ) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        """Headers and pairs of the query."""
        kind = as_text(auth.get("type"))
        if kind in {"", "none"}:
            return [], []
        if kind == "bearer":
            prefix = as_text(auth.get("prefix")) or "Bearer"
            return [("authorization", f"{prefix} {self._text(auth.get('token'))}")], []
        if kind == "basic":
            return [basic(self._text(auth.get("username")), self._text(auth.get("password")))], []
        if kind == "apikey" and as_text(auth.get("key")):
            value = self._filling.secret(self._tags.plain(as_text(auth.get("value"))))
            self._secrets.append(value)
            pairs = [(self._text(auth.get("key")), value)]
            return ([], pairs) if auth.get("addTo") == "queryParams" else (pairs, [])
        self.unread.append(f"{place}: its auth '{shown(kind)}' is not one that is taken over")
        return [], []

    def _body(
        self, body: dict[str, Any], place: str
    ) -> tuple[bytes, tuple[tuple[str, str], ...], str]:
        kind = as_text(body.get("mimeType"))
        parameters = list(rows(body.get("params"), "name"))
        if kind == "application/x-www-form-urlencoded":
            pairs = [(self._text(row["name"]), self._text(row.get("value"))) for row in parameters]
            return urlencode(pairs, errors="replace").encode(), (), kind
        if kind == "multipart/form-data":
            files = [row for row in parameters if row.get("type") == "file"]
            self.unread += [
                f"{place}: the file of the form's field '{shown(as_text(row['name']))}'"
                for row in files
            ]
            return (
                b"",
                tuple(
                    (self._text(row["name"]), self._text(row.get("value")))
                    for row in parameters
                    if row not in files
                ),
                "",
            )
        if body.get("fileName"):
            self.unread.append(f"{place}: its body is a file; put its text into the step")
            return b"", (), ""
        text = self._tags.plain(as_text(body.get("text")))
        filled = self._filling.json_text(text) if begins_json(text) else ""
        if not is_json(filled):
            plain_json = without_comments(filled)
            filled = (
                plain_json if "json" in kind and is_json(plain_json) else self._filling.text(text)
            )
        return (
            filled.encode("utf-8", "replace"),
            (),
            "application/json" if kind == "application/graphql" else kind,
        )
