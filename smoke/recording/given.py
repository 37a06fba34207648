"""Values that an answer gave, each with the capture that takes it again."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from smoke.model.numbers import loads
from smoke.recording.records import RecordedAnswer, RecordedRequest
from smoke.redact.keys import sensitive, sensitive_header, words
from smoke.scenario.html import HtmlPage, PageError, SelectorError

_MOST = 20_000
"""Values of one answer that are looked at."""
_DEEPEST = 48
_TAG = re.compile(r"<(?:input|meta)\b[^<>]{0,4096}+", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"\b(name|value|content)\s{0,4}=\s{0,4}(?:\"([^\"]{0,4096})\"|'([^']{0,4096})')", re.IGNORECASE
)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_:.-]{0,99}\Z")
_STANDARD = re.compile(
    r"(?:access-control|sec|cf|x-(?:vercel|frame|content|xss|powered|cache|amz|request|runtime))-|"
    r"(?:date|server|etag|age|vary|via|set-cookie|content-.*|cache-control|expires|last-modified|connection|"
    r"keep-alive|strict-transport-security|alt-svc|nel|report-to|link|transfer-encoding|location)\Z"
)


class Gift(Struct, frozen=True):
    """A value of an answer: the capture that takes it, the name that it has there, and whether that tells a secret."""

    value: str
    spec: str | dict[str, Any]
    name: str
    secret: bool


def given(request: RecordedRequest) -> Iterator[Gift]:
    """What an answer gave, of JSON, of forms in a page, of headers and of where a redirect led."""
    answer = request.answer
    if answer is None:
        return
    # what the shop's own script or form read comes first: a cookie may have the same value
    document = json_of(answer)
    if document is not None:
        yield from _of_json(document)
    elif "html" in answer.header("content-type"):
        yield from _of_page(answer.text)
    if request.arrived:
        yield from _of_url(urlsplit(request.arrived).path)
    yield from _of_headers(answer)


def json_of(answer: RecordedAnswer) -> Any:
    """The answer's JSON document; None for what is none."""
    if answer.body[:64].lstrip()[:1] not in {b"{", b"["}:
        return None
    try:
        document = loads(answer.body)
    except (ValueError, RecursionError):
        return None
    return document if is_shallow(document) else None


def is_shallow(document: Any, most: int = _DEEPEST) -> bool:
    """Whether a document is no deeper than a scenario may be, or than `most`, so that what looks at it may recurse."""
    level = [document]
    for _ in range(most):
        level = [
            item
            for each in level
            if isinstance(each, (dict, list))
            for item in (each.values() if isinstance(each, dict) else each)
        ]
        if not level:
            return True
    return False


def leaves(value: Any, path: str = "$", name: str = "") -> Iterator[tuple[str, str, Any]]:
    """Path (RFC 9535), key and value of every value that holds no others; the document is shallow."""
    if isinstance(value, dict):
        for key, item in value.items():
            step = f".{key}" if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", key) else f"[{key!r}]"
            if "\\" not in step:
                yield from leaves(item, path + step, key)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from leaves(item, f"{path}[{index}]", name)
    else:
        yield path, name, value


def _of_json(document: Any) -> Iterator[Gift]:
    for count, (path, name, value) in enumerate(leaves(document)):
        if count >= _MOST:
            return
        if isinstance(value, (str, int)) and not isinstance(value, bool):
            secret = sensitive(name) is not None
            named = f"{_parent(path)}_id" if name == "id" and _parent(path) else name
            spec: Any = {"json": path, "secret": True} if secret else path
            yield Gift(str(value), spec, named, secret)


def _parent(path: str) -> str:
    found = re.findall(r"\.([A-Za-z_][A-Za-z0-9_]*)", path)
    return found[-2] if len(found) > 1 else ""


def _of_headers(answer: RecordedAnswer) -> Iterator[Gift]:
    for name, value in answer.headers:
        lower = name.lower()
        if lower == "set-cookie":
            cookie, _, content = value.partition(";")[0].strip().partition("=")
            yield Gift(unquote(content), {"cookie": cookie}, cookie, secret=True)
        elif not _STANDARD.match(lower):
            yield Gift(value, {"header": name}, lower, sensitive_header(name) is not None)


def _of_url(path: str) -> Iterator[Gift]:
    head, _, last = path.rpartition("/")
    if last and head:
        yield Gift(
            last,
            {"url": f"{re.escape(head)}/([^/?#]+)"},
            f"{head.rpartition('/')[2]}_id",
            secret=False,
        )


def _of_page(text: str) -> Iterator[Gift]:
    tags = [found[0] for found in _TAG.finditer(text)]
    if not tags:
        return
    try:
        page = HtmlPage(text)
    except PageError:
        return
    for tag in tags[:_MOST]:
        found = {
            key.lower(): html.unescape(one or other) for key, one, other in _ATTRIBUTE.findall(tag)
        }
        name, kind = found.get("name", ""), "value" if "value" in found else "content"
        if not _NAME.match(name) or not found.get(kind):
            continue
        element = tag[1:6].split()[0].lower().strip("/")
        selector = (
            f"{element}[name={name}]"
            if re.fullmatch(r"[\w-]+", name)
            else f"{element}[name='{name}']"
        )
        try:
            same = page.first(selector, kind) == found[kind]
        except SelectorError:
            continue
        if same:
            secret = sensitive(name) is not None
            yield Gift(found[kind], {"html": f"{selector}@{kind}"}, name, secret)


def telling(name: str) -> bool:
    """Whether a key announces an id."""
    return bool(
        {"id", "number", "no", "ref", "reference", "uuid", "key", "code", "handle"}
        & set(words(name)[-1:])
    )
