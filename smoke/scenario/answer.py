"""What expectations and captures see of a response: decoded text, strict JSON, headers, cookies."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from smoke.model.event_stream import SSE, SentEvent, StreamEnd, WantedEvent, is_stream, sent_events
from smoke.model.exchange import Completeness, RawExchange, RawResponse, Request
from smoke.model.messages import WEBSOCKET, messages_of
from smoke.model.numbers import fraction, integer
from smoke.model.run import JsonValue

if TYPE_CHECKING:
    from smoke.scenario.html import HtmlPage

_MAX_JSON_DEPTH = 200
_MAX_DIGITS = 4000
_MASKED_AT_ONCE = 100_000
"""Characters of a text that are masked before its beginning is shown; most texts are shorter."""

# a charset name picks a codec, and some codecs run code paths that are no text decoding at all (zlib_codec, rot13)
# or make control characters out of harmless bytes (utf-7, unicode_escape): only these are used
_TEXT_CODECS = frozenset(
    {"utf-8", "ascii", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "iso8859-1", "iso8859-2", "iso8859-15",
     "cp1250", "cp1251", "cp1252", "koi8-r", "shift_jis", "euc_jp", "euc_kr", "gb2312", "gbk", "gb18030", "big5"}
)  # fmt: skip
# RFC 6265, 3.1: a server takes a cookie away with a time that is past; they all write a very old one, or zero seconds
_GONE = re.compile(
    r"(?:^|;)\s*(?:max-age\s*=\s*(?:-[0-9]+|0+)\s*(?:;|$)|expires\s*=[^;]*[ -]19[0-9]{2} )",
    re.IGNORECASE,
)
_CHARSET = re.compile(r"charset\s*=\s*\"?([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)


class UnreadableError(Exception):
    """The response cannot be read in the way that was asked for; the message says why."""


class NotWholeError(UnreadableError):
    """Not all of the response can be looked at: what is not found may be there all the same."""


class StepAnswer:
    """One response with its final URL. Everything is worked out when it is first asked for, and only once."""

    def __init__(
        self,
        exchange: RawExchange,
        *,
        elapsed: float,
        first: Request | None = None,
        follows: bool = False,
        text: str | None = None,
        mask: Callable[[str], str] | None = None,
        at: datetime | None = None,
    ) -> None:
        """`first` is the request that was asked for, when redirects led on to the one of `exchange`.

        `follows`: redirects were to be followed. With `text`, the body is this text, whatever bytes came.
        `mask` hides secrets in what is shown of it. `at` is now.
        """
        assert exchange.response is not None
        self.first = first if first is not None else exchange.request
        self._response: RawResponse = exchange.response
        self.follows = follows
        self._given = text
        self._mask = mask
        self.url = exchange.request.url
        self.wanted_event: WantedEvent | None = exchange.request.until
        self.stream: StreamEnd | None = exchange.response.stream
        self.is_websocket = exchange.request.method == WEBSOCKET and self._response.status == 101
        self.wanted_messages = exchange.request.events
        self._takes_events = bool(exchange.request.events or exchange.request.until)
        self.elapsed = elapsed
        self.timing = exchange.timing
        self.certificate_until = exchange.certificate_until
        self.at = at
        self.status = exchange.response.status

    def cut(self, text: str, limit: int) -> tuple[str, int]:
        """The first characters of a text that is to be shown, and how many there are beyond.

        Its secrets are masked before: the half of one that a cut leaves would be known by nobody.
        """
        if len(text) <= limit:
            return text, 0
        masked = text
        if self._mask is not None:
            masked = self._mask(text[:_MASKED_AT_ONCE])
            if len(masked) <= limit and len(text) > _MASKED_AT_ONCE:
                masked = self._mask(text)
        return masked[:limit], max(0, len(text) - limit)

    def headers(self, name: str) -> list[str]:
        """All values of a header, in order."""
        wanted = name.lower().encode("latin-1", "replace")
        return [
            _header_text(value) for key, value in self._response.headers if key.lower() == wanted
        ]

    @property
    def header_names(self) -> tuple[str, ...]:
        """The names of the headers, as they came."""
        return tuple(key.decode("latin-1") for key, _ in self._response.headers)

    @cached_property
    def cookies(self) -> dict[str, str]:
        """Values of the cookies that this response sets, by name; one that it takes away is not among them."""
        found: dict[str, str] = {}
        for header in self.headers("set-cookie"):
            pair, _, attributes = header.partition(";")
            name, equals, value = pair.partition("=")
            if equals and _GONE.search(attributes):
                found.pop(name.strip(), None)
            elif equals:
                found[name.strip()] = value.strip()
        return found

    @property
    def start(self) -> bytes:
        """The first bytes of the body, whether or not it is whole."""
        return self._response.body.window.head[:1000]

    @property
    def body(self) -> bytes:
        """The decoded body. Raises NotWholeError when it is not whole in memory."""
        body = self._response.body
        if body.completeness not in (Completeness.COMPLETE, Completeness.UNPROVEN):
            raise NotWholeError(f"the body broke off ({body.completeness.value})")
        if body.decode_error:
            raise NotWholeError(f"the body could not be decoded: {body.decode_error}")
        if body.window.omitted or body.stored is not None:
            size = body.window.size
            raise NotWholeError(f"the body is too large to be read here ({size:,} bytes)")
        return body.window.head

    @cached_property
    def text(self) -> str:
        """The body as text: by BOM or charset when it is a text codec, else UTF-8; damage is replaced."""
        if self._given is not None:
            return self._given
        data = self.body
        for mark, codec in (
            (codecs.BOM_UTF8, "utf-8-sig"),
            (codecs.BOM_UTF16_LE, "utf-16"),
            (codecs.BOM_UTF16_BE, "utf-16"),
        ):
            if data.startswith(mark):
                return data.decode(codec, "replace")
        return data.decode(self._codec(), "replace")

    def _codec(self) -> str:
        for value in self.headers("content-type"):
            match = _CHARSET.search(value[:1000])
            if match:
                try:
                    name = codecs.lookup(match[1]).name
                except LookupError:
                    continue
                if name in _TEXT_CODECS:
                    return name
        return "utf-8"

    @cached_property
    def page(self) -> HtmlPage:
        """The body as an HTML page. Raises NotWholeError for one that is too large or too deep."""
        from smoke.scenario.html import HtmlPage, PageError

        try:
            return HtmlPage(self.text)
        except PageError as error:
            raise NotWholeError(str(error)) from error

    @cached_property
    def xml(self) -> Any:
        """The body as XML. Raises UnreadableError: not well-formed, with a DTD, too large, too deep."""
        from smoke.scenario.xpath import XmlError, parse_xml

        named = any("charset" in value.lower() for value in self.headers("content-type"))
        try:  # a charset of the header goes before what the document says of itself (RFC 7303, 3)
            if named or self._given is not None:
                return parse_xml(self.text.encode("utf-8", "replace"), "utf-8")
            return parse_xml(self.body)
        except XmlError as error:
            raise UnreadableError(str(error)) from error

    @cached_property
    def json(self) -> JsonValue:
        """The body as JSON (RFC 8259). Raises UnreadableError: no JSON, a key twice, NaN, too deep.

        Whole numbers are exact, whatever their size; others keep their spelling.
        """
        text = self.text
        if self.is_websocket:
            said = (SentEvent(each, "", may_be_text=True) for each in messages_of(text))
            return [event_value(each, self.cut) for each in said]
        if self._takes_events and is_stream(self._media_type()):
            return self._events(text)
        return _strict(text, self.cut)

    def _media_type(self) -> str:
        value = next(iter(self.headers("content-type")), "")
        return value.partition(";")[0].strip().lower()

    def _events(self, text: str) -> JsonValue:
        """The events of a stream: of server-sent ones type, id and data, which is JSON where it can be read so."""
        if self._media_type() != SSE:
            lines = (line.strip() for line in text.split("\n"))
            return [_strict(line, self.cut) for line in lines if line]
        return [event_value(each, self.cut) for each in sent_events(text)]


def _uncut(text: str, _limit: int) -> tuple[str, int]:
    return text, 0


def event_value(event: SentEvent, cut: Callable[[str, int], tuple[str, int]] = _uncut) -> JsonValue:
    """What is looked at of one event of a stream. Raises UnreadableError for a line that is no JSON.

    Of a server-sent one type, id and data, which is JSON where it can be read so.
    """
    if not event.event and not event.may_be_text:
        return _strict(event.data, cut)
    try:
        data = _strict(event.data, cut)
    except UnreadableError:
        data = event.data
    return data if event.may_be_text else {"event": event.event, "id": event.id, "data": data}


def _strict(text: str, cut: Callable[[str, int], tuple[str, int]]) -> JsonValue:
    """A text as JSON. Raises UnreadableError."""
    if not text.strip():
        raise UnreadableError("the body is empty, JSON was expected")
    if _too_deep(text):
        raise UnreadableError(f"the JSON is nested more than {_MAX_JSON_DEPTH} levels deep")
    try:
        parsed: JsonValue = _read_json(text)
    except _TwiceError as error:
        key, _ = cut(str(error), 60)
        raise UnreadableError(f"the JSON has the key '{key}' twice in one object") from error
    except _AmbiguousError as error:
        raise UnreadableError(str(error)) from error
    except ValueError as error:
        raise UnreadableError(f"the body is not JSON ({error})") from error
    return parsed


class _AmbiguousError(Exception):
    pass


class _TwiceError(_AmbiguousError):
    """A key that an object has twice."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]  # set.add as a test
        raise _TwiceError(twice)
    return value


def _no_constant(word: str) -> JsonValue:
    raise _AmbiguousError(f"{word} is not JSON")


def _integer(digits: str) -> int | float:
    if len(digits) > _MAX_DIGITS:
        raise _AmbiguousError(f"the JSON has a number of {len(digits)} digits")
    return integer(digits)


def _fraction(digits: str) -> float:
    number = fraction(digits)
    if number in (float("inf"), float("-inf")):
        raise _AmbiguousError(f"the JSON has a number that is too large: {digits[:40]}")
    return number


def _read_json(text: str) -> JsonValue:
    read = (
        json.loads if text.startswith("\ufeff") else _JSON.decode
    )  # it says what is wrong with a BOM
    value: JsonValue = read(text)
    return value


# made once: json.loads would make one for each answer
_JSON = json.JSONDecoder(
    object_pairs_hook=_unique,
    parse_constant=_no_constant,
    parse_int=_integer,
    parse_float=_fraction,
)


def _too_deep(text: str) -> bool:
    """Whether brackets nest deeper than the parser should follow; quotes are minded."""
    if text.count("[") + text.count("{") <= _MAX_JSON_DEPTH:
        return False
    depth = 0
    for match in _BRACKETS.finditer(text):
        mark = match[0]
        if mark in "[{":
            depth += 1
            if depth > _MAX_JSON_DEPTH:
                return True
        elif mark in "]}":
            depth -= 1
    return False


_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*+"|[\[\]{}]', re.DOTALL)


def _header_text(value: bytes) -> str:
    try:
        return value.decode("utf-8").strip()
    except UnicodeDecodeError:
        return value.decode("latin-1").strip()
