"""Tavern tests (*.tavern.yaml): stages of all documents, includes, format strings, saved values, expected answers."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from smoke.importers._chai import AssertedPart, merged
from smoke.importers._filling import Filling, is_url, shown
from smoke.importers._shapes import as_dict, as_list, as_text, basic, joined_query, with_rest
from smoke.importers._tavern_values import TavernTexts, expected, matched, path_of
from smoke.importers._yaml import Tagged, documents, line_of
from smoke.importers._yaml_bodies import MARKED, TYPED, filled, json_text, no_url
from smoke.recording.records import RecordedRequest

# keys as in Tavern's schema (https://tavern.readthedocs.io/en/latest/http.html)
_TEST = re.compile(rb"(?m)^[\"']?test_name[\"']?[ \t]{0,9}:")
_STAGES = re.compile(rb"(?m)^[\"']?stages[\"']?[ \t]{0,9}:")
_SENT = {"url", "method", "headers", "json", "data", "params", "auth", "cookies", "follow_redirects", "verify", "timeout", "stream", "files"}  # fmt: skip
_EXPECTED = {"status_code", "json", "body", "headers", "text", "save"}
_OF_STAGE = {"name", "id", "request", "response", "only", "type", "skip", "max_retries"}
_MADE_UP = {"$uuid": "fake.uuid"}


def recognise(head: bytes) -> bool:
    """The name of a test, and stages."""
    return bool(_TEST.search(head) and _STAGES.search(head))


def read(data: bytes, source: str) -> Iterator[RecordedRequest]:
    """The requests of all tests. Raises SmokeError where none can be read."""
    yield from read_several({source: data}, source)


def read_several(files: Mapping[str, bytes], source: str) -> Iterator[RecordedRequest]:
    """The same, with the files that it includes, and those of global variables, beside it."""
    reader = _Tests({posixpath.normpath(name): data for name, data in files.items()}, source)
    yield from with_rest(list(reader.requests()), reader.unread, source)


def _made_up(name: str) -> str | None:
    return f"env.{name[5:]}" if name.startswith("$env ") else _MADE_UP.get(name)


class _Tests:
    def __init__(self, files: Mapping[str, bytes], source: str) -> None:
        name = posixpath.normpath(source)
        self._folder = posixpath.dirname(name)
        self._beside = {each: [as_dict(one) for one in documents(data, each, "Tavern file")] for each, data in files.items() if each != name}  # fmt: skip
        self._tests = [as_dict(one) for one in documents(files[name], source, "Tavern test")]
        self._texts = TavernTexts()
        self._filling = Filling(files[name], {}, _made_up, pattern=MARKED)
        self._stages: dict[str, dict[str, Any]] = {}
        self.unread: list[str] = []

    def _leave(self, mapping: Any, key: str, what: str) -> None:
        self.unread.append(f"line {line_of(mapping, key)}: {what}")

    def requests(self) -> Iterator[RecordedRequest]:
        for each in (one for many in self._beside.values() for one in many):
            self._included(each)
        for test in self._tests:
            self._settings(test)
            if "_xfail" in test or _is_skipped(test):
                self._leave(test, "test_name", f"the test '{shown(as_text(test.get('test_name')))}', which is skipped or fails on purpose")  # fmt: skip
                continue
            for stage in (*as_list(test.get("stages")), *as_list(test.get("finally"))):
                yield from self._stage(as_dict(stage))

    def _included(self, told: dict[str, Any]) -> None:
        """Variables and stages of a file that others include."""
        for key, value in as_dict(told.get("variables")).items():
            self._keep(key, value)
        for stage in map(as_dict, as_list(told.get("stages"))):
            self._stages.setdefault(as_text(stage.get("id")), stage)

    def _keep(self, name: str, value: Any, depth: int = 0) -> None:
        if isinstance(value, dict) and depth < 10:
            for key, each in value.items():
                self._keep(f"{name}_{key}", each, depth + 1)
        elif isinstance(value, (str, int, float, Tagged)):
            made = self._texts.value(value)
            self._filling.values[name] = as_text(made).replace(TYPED, "")

    def _settings(self, test: dict[str, Any]) -> None:
        """What stands around the stages of a test."""
        for each in as_list(test.get("includes")):
            if isinstance(each, Tagged):
                path = posixpath.normpath(posixpath.join(self._folder, as_text(each.value)))
                if path not in self._beside:
                    self.unread.append(f"line {each.line}: '{shown(as_text(each.value))}', which is no file beside it")  # fmt: skip
            else:
                self._included(as_dict(each))
        for mark in as_list(test.get("marks")):
            drawn = as_dict(as_dict(mark).get("parametrize"))
            names, rows = drawn.get("key"), as_list(drawn.get("vals"))
            if drawn and rows:
                first = rows[0] if isinstance(names, list) else [rows[0]]
                for key, value in zip(as_list(names) or [names], as_list(first), strict=False):
                    self._keep(as_text(key), value)
                self._leave(mark, "parametrize", "values behind the first ones")
        for key in ("strict", "tinctures"):
            if key in test and not (key == "strict" and _is_loose(test[key])):
                self._leave(test, key, f"'{key}'")
        for stage in map(as_dict, as_list(test.get("stages"))):
            if stage.get("type") != "ref" and stage.get("id"):
                self._stages[as_text(stage["id"])] = stage

    def _stage(self, stage: dict[str, Any]) -> Iterator[RecordedRequest]:
        if stage.get("type") == "ref":
            found = self._stages.get(as_text(stage.get("id")))
            if found is None:
                self._leave(stage, "id", f"the stage '{shown(as_text(stage.get('id')))}', which is in no file beside it")  # fmt: skip
                return
            stage = found
        name = shown(as_text(stage.get("name")))
        if stage.get("skip") is True:
            self._leave(stage, "skip", f"the stage '{name}', which is skipped")
            return
        for key in stage:
            if key not in _OF_STAGE or (key == "skip" and isinstance(stage["skip"], str)):
                self._leave(stage, key, f"'{shown(key)}' of the stage '{name}'")
        if isinstance(stage.get("request"), dict):
            yield from self._request(stage)

    def _text(self, value: Any) -> str:
        return self._filling.text(as_text(self._texts.value(value)).replace(TYPED, ""))

    def _request(self, stage: dict[str, Any]) -> Iterator[RecordedRequest]:
        sent, filling, place = stage["request"], self._filling, f"line {line_of(stage)}"
        plain = as_text(self._texts.value(sent.get("url")))
        query = [(key, self._text(each)) for key, each in as_dict(sent.get("params")).items() if key != "$ext"]  # fmt: skip
        url = joined_query(filling.url(plain), query) if plain else ""
        if not is_url(url):
            self.unread.append(no_url(place, as_text(sent.get("url"))))
            return
        for key in sent:
            if key not in _SENT or (isinstance(sent[key], dict) and "$ext" in sent[key]):
                self._leave(sent, key, f"'{shown(key)}' of the request, or the function in it")
        headers = [(key, self._text(each)) for key, each in as_dict(sent.get("headers")).items() if key != "$ext"]  # fmt: skip
        auth = as_list(sent.get("auth"))
        if len(auth) == 2:
            headers.append(basic(self._text(auth[0]), filling.secret(as_text(self._texts.value(auth[1])))))  # fmt: skip
        pairs = [f"{key}={self._text(each)}" for cookie in as_list(sent.get("cookies")) for key, each in as_dict(cookie).items()]  # fmt: skip
        if pairs:
            headers.append(("cookie", "; ".join(pairs)))
        body, media = self._body(sent)
        if media and not any(key.lower() == "content-type" for key, _ in headers):
            headers.append(("content-type", media))
        method = as_text(sent.get("method")).upper() or "GET"
        captures, expect = self._looked_at(as_dict(stage.get("response")))
        step = self._repeated(stage, method)
        said = (f"{place}: {each}" for each in (*self._texts.unread, *filling.unread))
        unread = (*self.unread, *said)
        self.unread, self._texts.unread, filling.unread = [], [], []
        yield RecordedRequest(
            method, url, tuple(headers), body, (), None, place, follows=sent.get("follow_redirects") is True, written=True, name=as_text(stage.get("name")),
            stand_ins=filling.used(), captures=tuple(captures.items()), expect=expect, step=step, unread=unread,
        )  # fmt: skip

    def _repeated(self, stage: dict[str, Any], method: str) -> dict[str, Any]:
        if not stage.get("max_retries"):
            return {}
        if method in {"GET", "HEAD"}:
            return {"until": {}}
        self._leave(stage, "max_retries", "'max_retries': an unsafe request is not sent again")
        return {}

    def _body(self, sent: dict[str, Any]) -> tuple[bytes, str]:
        if sent.get("files"):
            self._leave(sent, "files", "the files of the form")
        if "json" in sent:
            value = {key: each for key, each in sent["json"].items() if key != "$ext"} if isinstance(sent["json"], dict) else sent["json"]  # fmt: skip
            return json_text(self._texts.value(value), self._filling, typed=False), "application/json"  # fmt: skip
        data = sent.get("data")
        if isinstance(data, dict):
            pairs = [(key, self._text(each)) for key, each in data.items()]
            return urlencode(pairs, errors="replace").encode(), "application/x-www-form-urlencoded"
        return self._text(data).encode("utf-8", "replace"), ""

    def _looked_at(self, answer: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Captures and expectations; without a status Tavern expects 200."""
        status = answer.get("status_code", 200)
        codes = [each for each in (status if isinstance(status, list) else [status]) if isinstance(each, int) and 100 <= each < 600]  # fmt: skip
        expect: dict[str, Any] = {"status": codes if len(codes) > 1 else codes[0]} if codes else {}
        for key, value in answer.items():
            if key not in _EXPECTED and not (key == "strict" and _is_loose(value)):
                self._leave(answer, key, f"'{shown(key)}' of the answer")
        for key in ("json", "body"):
            for path, found in expected(answer[key], self._filled) if key in answer else ():
                if found is None or not merged(expect, found):
                    self._leave(answer, key, f"what is expected at '{shown(path)}'")
        headers = as_dict(answer.get("headers"))
        for key, value in headers.items():
            found = matched(AssertedPart("headers", key), value, self._filled)
            if found is None or not merged(expect, found):
                self._leave(headers, key, f"what the header '{shown(key)}' must be")
        if "text" in answer:
            merged(expect, {"text": {"equals": self._filled(answer["text"])}})
        return dict(self._saved(as_dict(answer.get("save")))), expect

    def _filled(self, value: Any) -> Any:
        return filled(self._texts.value(value), self._filling)

    def _saved(self, save: dict[str, Any]) -> Iterator[tuple[str, Any]]:
        for kind, values in save.items():
            for name, query in as_dict(values).items():
                path = path_of(query)
                if kind in {"json", "body"} and path:
                    yield name, path
                elif kind == "headers" and isinstance(query, str):
                    yield name, {"header": query}
                else:
                    self._leave(values, name, f"what is saved as '{shown(name)}'")
            if not isinstance(values, dict):
                self._leave(save, kind, f"what is saved of '{shown(kind)}'")


def _is_loose(strict: Any) -> bool:
    """Whether an answer may have more than what is expected, as it may in a scenario."""
    each = strict if isinstance(strict, list) else [strict]
    return all(one is False or as_text(one).endswith(":off") for one in each)


def _is_skipped(test: dict[str, Any]) -> bool:
    return any(mark in {"skip", "xfail"} for mark in as_list(test.get("marks")) if isinstance(mark, str))  # fmt: skip
