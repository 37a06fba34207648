"""Postman collections (v2.1 and v2.0), with environments beside them: folders, variables, auth, scripts, saved examples."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from msgspec import Struct

from smoke.diagnostic import SmokeError
from smoke.importers._chai import merged
from smoke.importers._filling import Filling, begins_json, is_json, is_url, shown, without_comments
from smoke.importers._made_up import postman_names
from smoke.importers._scripts import ScriptRead, read_script, script_lines
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
from smoke.recording.records import RecordedAnswer, RecordedRequest

# keys as in Postman's collection format (https://schema.postman.com/collection/json/v2.1.0/draft-07/docs/index.html)
_DEEPEST = 64
_MEDIA_TYPES = {"json": "application/json", "xml": "application/xml", "html": "text/html", "javascript": "application/javascript", "text": "text/plain"}  # fmt: skip
_PATH_VARIABLE = re.compile(r"(?<=/):([A-Za-z_][\w.-]{0,99})")
_NO_SCRIPT = ScriptRead()


def recognise(head: bytes) -> bool:
    """A JSON object with the schema's address, or with an `info` and an `item`."""
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] != b"{":
        return False
    return (b"postman.com/" in head and b'"schema"' in head) or bool(
        re.search(rb'"info"\s{0,20}:\s{0,20}\{', head)
        and re.search(rb'"item"\s{0,20}:\s{0,20}\[', head)
    )


def read(data: bytes, source: str) -> Iterator[RecordedRequest]:
    """The requests of a collection. Raises SmokeError for what is none."""
    yield from read_several({source: data}, source)


def read_several(files: Mapping[str, bytes], source: str) -> Iterator[RecordedRequest]:
    """The requests of the collection `source`; the other files are environments. Raises SmokeError for what is neither."""
    found = as_dict(document(files[source], source, "Postman collection"))
    found = as_dict(found["collection"]) if isinstance(found.get("collection"), dict) else found
    if not isinstance(found.get("item"), list):
        raise SmokeError.of(
            "cannot-read", f"{source} is no Postman collection: it has no list 'item'"
        )
    values, secrets = _variables(found.get("variable"))
    for name, data in files.items():
        if name != source:
            more, hidden = _environment(data, name)
            values |= more
            secrets |= hidden
    filling = Filling(files[source], values, postman_names, secrets=secrets)
    yield from _Collection(filling).requests(found, source)


def _environment(data: bytes, source: str) -> tuple[dict[str, str], set[str]]:
    found = as_dict(document(data, source, "Postman environment"))
    if not isinstance(found.get("values"), list):
        raise SmokeError.of(
            "cannot-read", f"{source} is no Postman environment: it has no list 'values'"
        )
    return _variables(found["values"])


def _variables(listed: Any) -> tuple[dict[str, str], set[str]]:
    """Values by name, and the names of those that Postman keeps secret."""
    found, secrets = {}, set()
    for row in rows(listed):
        found[as_text(row["key"])] = as_text(row.get("value"))
        if row.get("type") == "secret":
            secrets.add(as_text(row["key"]))
    return found, secrets


class _Above(Struct, frozen=True):
    """What a folder hands down: its auth, and what its scripts say."""

    auth: Any = None
    before: tuple[ScriptRead, ...] = ()
    after: tuple[ScriptRead, ...] = ()
    path: str = ""


class _Collection:
    def __init__(self, filling: Filling) -> None:
        self._filling = filling
        self._unread: list[str] = []
        self._secrets: list[str] = []

    def requests(self, found: dict[str, Any], source: str) -> list[RecordedRequest]:
        made = list(self._folder(found, _Above(), "collection", 0))
        return with_rest(made, self._unread, source)

    def _folder(
        self, folder: dict[str, Any], above: _Above, place: str, depth: int
    ) -> Iterator[RecordedRequest]:
        if depth > _DEEPEST:
            self._unread.append(f"{place}: folders that are deeper than {_DEEPEST}")
            return
        before, after = self._scripts(folder, place)
        above = _Above(
            folder["auth"] if isinstance(folder.get("auth"), dict) else above.auth,
            (*above.before, before), (*above.after, after), above.path,
        )  # fmt: skip
        for number, each in enumerate(as_list(folder["item"]), 1):
            item = as_dict(each)
            name = as_text(item.get("name"))
            inner = (
                f"{above.path} / {name}".removeprefix(" / ")
                if name
                else f"{above.path} / item {number}"
            )
            if isinstance(item.get("item"), list):
                below = _Above(above.auth, above.before, above.after, inner)
                yield from self._folder(item, below, f"folder '{shown(inner)}'", depth + 1)
            elif isinstance(item.get("request"), (dict, str)):
                yield from self._request(item, above, name, f"'{shown(inner)}'")
            else:
                self._unread.append(f"'{shown(inner)}': neither a folder nor a request")

    def _scripts(self, item: dict[str, Any], place: str) -> tuple[ScriptRead, ScriptRead]:
        found = {"prerequest": _NO_SCRIPT, "test": _NO_SCRIPT}
        for event in rows(item.get("event"), "listen"):
            kind = as_text(event["listen"])
            script = script_lines(as_dict(event.get("script")).get("exec", event.get("script")))
            if kind in found and script.strip():
                label = "pre-request script" if kind == "prerequest" else "test script"
                found[kind] = read_script(script, f"{place}, {label}")
                self._unread += found[kind].unread
        before = found["prerequest"]
        if before.captures or before.expect:
            self._unread.append(
                f"{place}, pre-request script: it looks at an answer before there is one"
            )
        return before, found["test"]

    def _request(
        self, item: dict[str, Any], above: _Above, name: str, place: str
    ) -> Iterator[RecordedRequest]:
        filling = self._filling
        before, after = self._scripts(item, place)
        for script in (*above.before, before):
            filling.values |= script.values
        given = item["request"]
        request = as_dict(given) if isinstance(given, dict) else {"url": given}
        headers = self._headers(request.get("header"))
        auth = request["auth"] if isinstance(request.get("auth"), dict) else above.auth
        more, query = self._auth(auth, place)
        url = joined_query(self._url(request.get("url")), query)
        if not is_url(url):
            self._unread.append(f"{place}: a URL is expected, such as {{{{baseUrl}}}}/api/orders")
            return
        body, fields, media_type, remarks = self._body(as_dict(request.get("body")), place)
        if media_type and not any(key.lower() == "content-type" for key, _ in headers):
            headers.append(("content-type", media_type))
        captures, expect = self._looked_at((*above.after, after), place)
        behaviour = as_dict(item.get("protocolProfileBehavior"))
        self._unread += [f"{place}: {each}" for each in filling.unread]
        unread, self._unread, filling.unread = tuple(dict.fromkeys(self._unread)), [], []
        method = (as_text(request.get("method")) or "GET").upper()
        yield RecordedRequest(
            method, url, (*headers, *more), body, fields, _example(item.get("response"), expect.get("status")),
            place, follows=behaviour.get("followRedirects") is not False and not _redirects(expect), remarks=remarks,
            written=True, name=name, stand_ins=filling.used(), captures=captures, expect=expect, unread=unread, secrets=tuple(self._secrets),
        )  # fmt: skip
        for script in (*above.after, after):
            filling.values |= script.values

    def _looked_at(
        self, scripts: tuple[ScriptRead, ...], place: str
    ) -> tuple[tuple[tuple[str, Any], ...], dict[str, Any]]:
        """The captures and the expectations of all the test scripts that a request has."""
        captures: dict[str, Any] = {}
        expect: dict[str, Any] = {}
        for script in scripts:
            captures |= script.captures
            if not merged(expect, dict(script.expect)):
                self._unread.append(f"{place}: a test that contradicts one of its folder")
        return tuple(captures.items()), expect

    def _url(self, given: Any) -> str:
        url = {"raw": given} if isinstance(given, str) else as_dict(given)
        raw = as_text(url.get("raw"))
        if not raw:
            host, path = url.get("host"), url.get("path")
            scheme = as_text(url.get("protocol"))
            port = as_text(url.get("port"))
            raw = (
                (f"{scheme}://" if scheme else "")
                + (".".join(map(as_text, host)) if isinstance(host, list) else as_text(host))
                + (f":{port}" if port else "") + "/"
                + ("/".join(as_text(as_dict(each).get("value", each)) for each in path) if isinstance(path, list) else as_text(path).lstrip("/"))
            )  # fmt: skip
        if isinstance(url.get("query"), list):
            raw = raw.partition("?")[0]
        known = {
            as_text(row["key"]): as_text(row.get("value")) for row in rows(url.get("variable"))
        }
        head, mark, rest = raw.partition("?")
        start = head.find("://") + 3 if "://" in head else 0
        path = _PATH_VARIABLE.sub(
            lambda found: known.get(found[1]) or f"{{{{{found[1]}}}}}", head[start:]
        )
        filled = self._filling.url(head[:start] + path + mark + rest)
        text = self._filling.text
        return joined_query(
            filled,
            [
                (text(as_text(row["key"])), text(as_text(row.get("value"))))
                for row in rows(url.get("query"))
            ],
        )

    def _headers(self, given: Any) -> list[tuple[str, str]]:
        text = self._filling.text
        if isinstance(given, str):
            pairs = [line.partition(":") for line in given.splitlines() if ":" in line]
            return [(text(name.strip()), text(value.strip())) for name, _, value in pairs]
        return [
            (text(as_text(row["key"]).strip()), text(as_text(row.get("value"))))
            for row in rows(given)
        ]

    def _auth(self, auth: Any, place: str) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        """Headers and pairs of the query that an auth adds."""
        kind = as_text(as_dict(auth).get("type"))
        given = as_dict(auth).get(kind)
        if isinstance(given, list):
            given = {as_text(row["key"]): row.get("value") for row in rows(given)}
        values = {key: self._filling.text(as_text(value)) for key, value in as_dict(given).items()}
        if kind in {"", "noauth", "none"}:
            return [], []
        if kind == "bearer":
            return [("authorization", f"Bearer {values.get('token', '')}")], []
        if (
            kind == "oauth2"
            and values.get("accessToken")
            and values.get("addTokenTo") != "queryParams"
        ):
            return [
                (
                    "authorization",
                    f"{values.get('headerPrefix') or 'Bearer'} {values['accessToken']}",
                )
            ], []
        if kind == "basic":
            return [basic(values.get("username", ""), values.get("password", ""))], []
        if kind == "apikey" and values.get("key"):
            value = self._filling.secret(as_text(as_dict(given).get("value")))
            self._secrets.append(value)
            pairs = [(values["key"], value)]
            return ([], pairs) if values.get("in") == "query" else (pairs, [])
        self._unread.append(f"{place}: its auth '{shown(kind)}' is not one that is taken over")
        return [], []

    def _body(
        self, body: dict[str, Any], place: str
    ) -> tuple[bytes, tuple[tuple[str, str], ...], str, tuple[str, ...]]:
        """Bytes, fields of a multipart form, media type and remarks of a body."""
        mode = as_text(body.get("mode"))
        given = body.get(mode)
        text = self._filling.text
        if body.get("disabled") is True or not mode or given in (None, "", [], {}):
            return b"", (), "", ()
        if mode == "raw":
            language = as_text(as_dict(as_dict(body.get("options")).get("raw")).get("language"))
            return self._raw(as_text(given)), (), _MEDIA_TYPES.get(language, ""), ()
        if mode == "urlencoded":
            pairs = [
                (text(as_text(row["key"])), text(as_text(row.get("value")))) for row in rows(given)
            ]
            return (
                urlencode(pairs, errors="replace").encode(),
                (),
                "application/x-www-form-urlencoded",
                (),
            )
        if mode == "formdata":
            kept = [row for row in rows(given) if row.get("type") != "file"]
            left = [as_text(row["key"]) for row in rows(given) if row.get("type") == "file"]
            self._unread += [
                f"{place}: the file of the form's field '{shown(each)}'" for each in left
            ]
            fields = tuple(
                (text(as_text(row["key"])), text(as_text(row.get("value")))) for row in kept
            )
            return b"", fields, "", ("a file of the form is left out",) if left else ()
        if mode == "graphql":
            return self._graphql(as_dict(given)), (), "application/json", ()
        self._unread.append(
            f"{place}: a body of the kind '{shown(mode)}'; put its text into the step"
        )
        return b"", (), "", ("its body is a file, and left out",)

    def _raw(self, given: str) -> bytes:
        filled = self._filling.json_text(given) if begins_json(given) else ""
        if not is_json(filled):
            plain = without_comments(filled)
            filled = plain if is_json(plain) else self._filling.text(given)
        return filled.encode("utf-8", "replace")

    def _graphql(self, given: dict[str, Any]) -> bytes:
        variables = given.get("variables")
        filled = self._filling.json_text(variables) if isinstance(variables, str) else ""
        made: dict[str, Any] = {"query": self._filling.text(as_text(given.get("query")))}
        if filled.strip():
            made["variables"] = json.loads(filled) if is_json(filled) else filled
        elif isinstance(variables, dict):
            made["variables"] = variables
        if as_text(given.get("operationName")):
            made["operationName"] = as_text(given["operationName"])
        return json.dumps(made).encode()


def _redirects(expect: Mapping[str, Any]) -> bool:
    status = expect.get("status")
    return any(
        isinstance(each, int) and 300 <= each < 400
        for each in (status if isinstance(status, list) else [status])
    )


def _example(saved: Any, status: Any) -> RecordedAnswer | None:
    """The saved example that is the answer to be had: the one of the expected status, or the first that is good."""
    examples = [as_dict(each) for each in as_list(saved)]
    codes = status if isinstance(status, list) else [status]
    good = [
        each for each in examples if isinstance(each.get("code"), int) and 200 <= each["code"] < 400
    ]
    chosen = [each for each in good if each["code"] in codes] or (
        good if not isinstance(status, (int, list)) else []
    )
    if not chosen:
        return None
    headers = tuple(
        (as_text(row["key"]), as_text(row.get("value"))) for row in rows(chosen[0].get("header"))
    )
    return RecordedAnswer(
        chosen[0]["code"], headers, as_text(chosen[0].get("body")).encode("utf-8", "replace")
    )
