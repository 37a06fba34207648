"""A recording made into a scenario: its text, and what there is to say of it."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from msgspec import Struct

from smoke.diagnostic import SmokeError
from smoke.recording.bodies import body_for, grouped
from smoke.recording.given import json_of
from smoke.recording.hiding import Hidden
from smoke.recording.noise import own_headers, without_noise
from smoke.recording.operation import operation_of, telling_names
from smoke.recording.ordering import Candidate, candidates, last_that_asks, order_id
from smoke.recording.records import NO_HOST, RecordedAnswer, RecordedRequest
from smoke.recording.rewriting import Rewriter, signs_up
from smoke.recording.yaml_text import Said, comment_lines, dump
from smoke.redact.keys import sensitive, words
from smoke.text import safe_line, shorten

_ACCOUNT = {
    "register",
    "registration",
    "signup",
    "login",
    "signin",
    "auth",
    "customers",
    "session",
    "sessions",
    "accounts",
}
_SIGN_IN = {("log", "in"), ("sign", "in"), ("log", "on"), ("sign", "up"), ("token", "create")}


_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,200}")
"""A header's name (RFC 9110, 5.6.2)."""
_SESSION = 16
"""Characters from which the value of a cookie is a secret, whatever its name."""

MOST_UNREAD = 500
"""Places that could not be taken over that are written down; of more there is the number."""


class Imported(Struct, frozen=True):
    """A scenario's text, the origin to run it against (empty where none is known), the secrets that it asks for, and remarks for its reader."""

    text: str
    origin: str
    secrets: tuple[str, ...]
    remarks: tuple[str, ...]
    unread: tuple[str, ...] = ()
    """What could not be taken over, a line each, with its place."""


def assemble(requests: Sequence[RecordedRequest], name: str, *, twice: bool = False) -> Imported:
    """The scenario of a recording. Raises SmokeError where nothing in it is a request to a shop."""
    requests = [each for each in requests if each.is_usable]
    origin = _origin(requests)
    kept, dropped = without_noise(requests, origin)
    if not kept:
        raise SmokeError.of("cannot-read", "no request of a customer is in this recording")
    hidden = Hidden()
    # a secret that is met late may stand in an earlier text: the second time all of them are known
    _Assembly(kept, hidden, twice=twice, origin=origin).document(name)
    made = _Assembly(kept, hidden, twice=twice, origin=origin)
    document = made.document(name)
    whose = "requests that name no host" if origin == NO_HOST else f"a recording of {origin}"
    head = [f"Made from {whose}: read it once, the comments say what was guessed."]
    if dropped:
        head.append(
            "Left out: "
            + ", ".join(
                f"{count} request{'' if count == 1 else 's'} {kind}"
                for kind, count in sorted(dropped.items())
            )
            + "."
        )
    head += made.remarks
    unread = tuple(made.shown(each) for request in requests for each in request.unread)
    head += [f"Not taken over: {each}" for each in unread[:MOST_UNREAD]]
    if len(unread) > MOST_UNREAD:
        head.append(f"Not taken over: {len(unread) - MOST_UNREAD:,} more places.")
    text = "\n".join(comment_lines("\n".join(head))) + "\n" + dump(document)
    _nothing_told(text, hidden)
    known = "" if origin == NO_HOST else origin
    return Imported(text, known, made.secrets, tuple(made.remarks), unread)


def _nothing_told(text: str, hidden: Hidden) -> None:
    """The last gate: whatever way a secret would take into the text, it is not written."""
    if hidden.inside(text):
        raise SmokeError.of(
            "cannot-read", "this recording has a secret at a place where no scenario can hide it"
        )


def _origin(requests: Sequence[RecordedRequest]) -> str:
    found = candidates(requests)
    if found:
        return requests[found[0].index].origin
    return requests[0].origin if requests else ""


class _Assembly:
    """One pass over the requests that were kept."""

    def __init__(
        self, requests: Sequence[RecordedRequest], hidden: Hidden, *, twice: bool, origin: str
    ) -> None:
        self._requests = requests
        self._origin = origin
        self._hidden = hidden
        self._twice = twice
        self._rewriter = Rewriter(requests, hidden, one_customer=twice)
        for value in (each for request in requests for each in request.secrets):
            if value and not self._rewriter.named.inside(value):
                hidden.name(value, "SHOP_KEY")
        self._found = candidates(requests)
        self._has_answers = any(each.answer is not None for each in requests)
        self._taken: set[str] = set()
        self.remarks: list[str] = []
        self.secrets: tuple[str, ...] = ()

    def document(self, name: str) -> dict[str, Any]:
        steps: list[dict[str, Any]] = []
        for index, request in enumerate(self._requests):
            self._rewriter.named.now = index
            steps.append(self._step(index, request))
            self._rewriter.answered(index, request)
        for index, captures in self._rewriter.captures.items():
            steps[index]["capture"] = {
                key: Said(spec, "guessed: a later request sends what this answer gave")
                if isinstance(spec, str)
                else spec
                for key, spec in captures.items()
            }
        for index, captures in self._rewriter.named.captures.items():
            steps[index]["capture"] = {**steps[index].get("capture", {}), **captures}
        self._say_of_order()
        made: dict[str, Any] = {"name": name}
        if self._rewriter.variables or self._rewriter.given:
            made["variables"] = _variables(self._rewriter)
        laid_out = self._laid_out(steps)
        written = dump({"variables": dict(self._rewriter.given), "steps": laid_out})
        self.secrets = tuple(
            each for each in self._hidden.names if f"{{{{ secrets.{each} }}}}" in written
        )
        if self.secrets:
            made["secrets"] = Said(
                list(self.secrets), "variables of the environment; set them before a run"
            )
        made["steps"] = laid_out
        return made

    def _step(self, index: int, request: RecordedRequest) -> dict[str, Any]:
        ordering = bool(self._found) and self._found[0].index == index
        made: dict[str, Any] = {"name": self._name(request, ordering=ordering)}
        made["request"] = self._request(request)
        if request.remarks:
            made["request"] = Said(
                made["request"], f"{request.place}: {'; '.join(request.remarks)}"
            )
        if ordering:
            made["places_order"] = _places(request, self._found[0])
        expect = _expect(request, ordering=ordering)
        for key, asked in self._expected(request).items():
            both = isinstance(asked, dict) and isinstance(expect.get(key), dict)
            expect[key] = {**expect[key], **asked} if both else asked
        if expect:
            made["expect"] = expect
        return {**made, **request.step}

    def _expected(self, request: RecordedRequest) -> dict[str, Any]:
        """What the recording's writer expected of the answer."""
        made: dict[str, Any] = {}
        for key, asked in request.expect.items():
            if isinstance(asked, Mapping):
                made[key] = {
                    name: self._rewriter.expected(name.rpartition(".")[2], value)
                    for name, value in asked.items()
                }
            elif isinstance(asked, str) and key != "time":
                made[key] = self._rewriter.expected("", asked)
            else:
                made[key] = asked
        return made

    def _name(self, request: RecordedRequest, *, ordering: bool) -> str:
        own = " ".join(self._hidden_free(request.name, " -_./&+()#").split())
        operation = operation_of(request)
        parts = [
            part
            for part in request.path.split("/")
            if part and not any(map(str.isdigit, part)) and not self._rewriter.named.inside(part)
        ]
        called = self._hidden_free(operation.called) if operation else ""
        said = own or called or ("Order" if ordering else "")
        said = said or f"{request.method} {self._hidden_free('/'.join(parts[-2:])) or 'home'}"
        name, count = said[:80], 1
        while name in self._taken:
            count += 1
            name = f"{said[:80]} {count}"
        self._taken.add(name)
        return name

    def _hidden_free(self, text: str, signs: str = "/-_.") -> str:
        text = "".join(char if char.isalnum() or char in signs else " " for char in text[:200])
        return "" if self._hidden.inside(text) else text if " " in signs else text.replace(" ", "")

    def shown(self, text: str) -> str:
        """A remark of an importer with nothing in it that is a secret."""
        text = " ".join(shorten(text, 240).split())
        parts, at = [], 0
        for start, end, _ in self._hidden.inside(text):
            parts += [text[at:start], "…"]
            at = end
        return safe_line("".join([*parts, text[at:]]))

    def _request(self, request: RecordedRequest) -> dict[str, Any]:
        parts, rewriter, signing = urlsplit(request.url), self._rewriter, signs_up(request)
        path = "/".join(
            rewriter.segment(unquote(part)) if "%" not in part else part
            for part in parts.path.split("/")
        )
        path = path or "/"
        made: dict[str, Any] = {
            "method": request.method,
            "url": path if request.origin == self._origin else f"{request.origin}{path}",
        }
        pairs = grouped(parse_qsl(parts.query, keep_blank_values=True))
        if pairs:
            made["query"] = rewriter.value("", pairs, (), signing_up=signing)
        made |= self._credentials(request)
        headers = {}
        for key, value in own_headers(request):
            if _TOKEN.fullmatch(key) and value.isprintable():
                headers[key] = rewriter.header(key, value)
            else:
                self._say(f"{request.place}: a header that no request can have is left out")
        cookie = request.header("cookie")
        self._hide_cookies(cookie)
        if cookie and (request.written or not self._has_answers):
            headers["cookie"] = Said(
                rewriter.secret(cookie, "cookie"), "set by hand in the recording"
            )  # type: ignore[assignment]
        if headers:
            made["headers"] = headers
        key, body = body_for(request)
        if key == "text":
            document = "query" if "graphql" in request.header("content-type") else ""
            made["text"] = rewriter.value(document, body, (), signing_up=signing)
            media_type = request.header("content-type").partition(";")[0]
            if media_type:
                made["media_type"] = media_type
        elif key:
            made[key] = rewriter.value("", body, (), signing_up=signing)
        if request.follows:
            made["follow_redirects"] = True
        return made

    def _hide_cookies(self, header: str) -> None:
        """A session is a secret wherever it stands; a currency or a language is none."""
        for pair in header.split(";"):
            name, _, value = pair.strip().partition("=")
            if self._rewriter.named.inside(value):
                continue
            if len(value) >= _SESSION or sensitive(name):
                self._hidden.name(value, "SHOP_COOKIE")

    def _credentials(self, request: RecordedRequest) -> dict[str, Any]:
        scheme, _, value = request.header("authorization").partition(" ")
        value = value.strip()
        if scheme.lower() == "bearer" and value:
            return {"bearer": self._rewriter.secret(value, "token")}
        if scheme.lower() == "basic" and value:
            try:
                user, _, password = base64.b64decode(value, validate=True).decode().partition(":")
            except (binascii.Error, UnicodeDecodeError):
                user, password = "", value
            self._hidden.name(value, "SHOP_BASIC")
            return {
                "basic": {
                    "username": self._rewriter.secret(user, "user"),
                    "password": self._rewriter.secret(password, "password"),
                }
            }
        whole = request.header("authorization")
        return (
            {"headers": {"authorization": self._rewriter.secret(whole, "authorization")}}
            if whole
            else {}
        )

    def _say(self, remark: str) -> None:
        self.remarks.append(self.shown(remark))

    def _say_of_order(self) -> None:
        chosen = self._requests[self._found[0].index] if self._found else None
        if chosen and operation_of(chosen) is not None and order_id(chosen) is None:
            self.remarks.append(
                "The order has no `id`, since no answer of it was recorded that gives one: a teardown needs it to find the order."
            )
        if not self._found:
            self.remarks.append(
                "No request that places an order was recognised: give the one that does `places_order`."
            )
        for other in self._found[1:4]:
            request = self._requests[other.index]
            path = self._hidden_free(request.path)
            self.remarks.append(
                f"Another request that may order: {request.method} {path} ({'; '.join(other.reasons) or request.place})."
            )

    def _laid_out(self, steps: list[dict[str, Any]]) -> list[Any]:
        if not self._twice or not self._found:
            return list(steps)
        order = self._found[0].index
        start = max(
            (at + 1 for at, each in enumerate(self._requests[:order]) if _of_account(each)),
            default=0,
        )
        if any(each.method != "GET" for each in self._requests[start:order]) or any(
            start <= at <= order for at in self._rewriter.captures
        ):
            end = last_that_asks(steps, start, order)
            group = {
                "name": "Orders",
                "repeat": Said(2, "the same customer orders again"),
                "group": steps[start : end + 1],
            }
            return [*steps[:start], group, *steps[end + 1 :]]
        again = {
            "name": "Order again",
            "like": Said(steps[order]["name"], "the same customer orders again"),
        }
        return [*steps[: order + 1], again, *steps[order + 1 :]]


def _variables(rewriter: Rewriter) -> dict[str, Any]:
    """What was guessed to be a person's, then what the recording names."""
    made: dict[str, Any] = {
        key: Said(template, "guessed: typed by a person, made up here")
        for key, template in rewriter.variables.values()
    }
    for key, value in rewriter.given.items():
        missing = f"no value was recorded: write it here, or --var {key}=…"
        made[key] = Said("", missing) if value == "" else value
    return made


def _of_account(request: RecordedRequest) -> bool:
    told = [words(part) for part in telling_names(request)]
    pairs = {pair for part in told for pair in pairwise(part)}
    known = {word for part in told for word in part} & _ACCOUNT
    return request.method == "POST" and bool(known or pairs & _SIGN_IN)


def _places(request: RecordedRequest, chosen: Candidate) -> Any:
    found = order_id(request)
    why = f"guessed: {', '.join(chosen.reasons)}"
    if found is None:
        return Said({}, f"{why}; add `id`, where the answer has the order's id")
    return Said({"id": found[1]}, why)


def _expect(request: RecordedRequest, *, ordering: bool) -> dict[str, Any]:
    answer = request.answer
    if answer is None:
        guess = Said(
            {"exists": False}, "guessed: errors of GraphQL come at 200; no answer was recorded"
        )
        return {"json": {"$.errors": guess}} if operation_of(request) is not None else {}
    status: Any = answer.status
    if answer.status >= 400:
        status = Said(status, "it failed when it was recorded")
    made: dict[str, Any] = {"status": status}
    found = order_id(request) if ordering else None
    if operation_of(request) is not None and _without_errors(answer):
        made["json"] = {"$.errors": {"exists": False}}
    if found is not None and isinstance(found[1], str):
        made["json"] = made.get("json", {}) | {found[1]: {"exists": True}}
    elif found is not None and request.arrived:
        made["url"] = {"contains": urlsplit(request.arrived).path.rpartition("/")[0] + "/"}
    return made


def _without_errors(answer: RecordedAnswer) -> bool:
    """Whether an answer of GraphQL has its data alone: errors come at 200."""
    document = json_of(answer)
    return isinstance(document, dict) and "data" in document and "errors" not in document
