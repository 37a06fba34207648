"""A response as the readers see it: its texts and labelled records, body first, then headers and trailers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from smoke.classify._words import words
from smoke.classify.messages.words import words_of
from smoke.classify.text import _charset
from smoke.classify.unwrap.binary import msgpack
from smoke.classify.unwrap.jsonish import LabelledRecord, RecordValue
from smoke.classify.unwrap.peel import BUDGET, Peeled, wrapped
from smoke.classify.unwrap.piece import Piece
from smoke.model.correlation import CorrelationKind, id_header

_QUIET = words("""date etag content-length content-type content-encoding transfer-encoding connection cache-control vary age expires
    last-modified server accept-ranges strict-transport-security content-security-policy x-content-type-options
    x-frame-options referrer-policy keep-alive permissions-policy access-control-allow-origin content-language
    access-control-allow-headers access-control-allow-methods access-control-expose-headers nel report-to alt-svc
    x-powered-by tracestate host allow""")
OUTLINE = 512 * 1024
"""Characters of a large response that are searched for what only names something."""
_STRETCH = 32 * 1024
_LITERAL = 256
"""No literal that is asked for is longer."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]+")


@dataclass(slots=True)
class Header:
    """A header field as text."""

    name: str
    value: str


@dataclass(slots=True)
class View:
    """What is read. `failed`: the status or the reason says that something went wrong."""

    status: int
    reason: str = ""
    headers: list[Header] = field(default_factory=list)
    media_type: str = ""
    text: str = ""
    body: bytes = b""
    texts: list[Piece] = field(default_factory=list)
    records: list[LabelledRecord] = field(default_factory=list)
    omitted: int = 0
    spoken: object = None
    """What `smoke.classify.read.speech` made of it."""
    quoting: object = None
    """What `smoke.classify.read._quoting` found out about it."""
    _haystack: str | None = None
    _vocabulary: str | None = None

    def strings(self) -> Iterator[Piece]:
        """Every plain text, those in records included."""
        yield from self.texts
        for record in self.records:
            for value in record.values:
                if value.kind != "word" and len(value.raw) > 4:
                    yield record.leaf(value)

    def character(self, offset: int) -> int:
        """The character of the body's text at a byte of it."""
        if self.text.isascii():
            return offset
        return len(self.body[:offset].decode("utf-8", "surrogateescape"))

    def haystack(self) -> str:
        """All text of the response in one piece, for a quick look whether some words are there at all."""
        if self._haystack is None:
            self._haystack = "\n".join(self._parts())
        return self._haystack

    def outline(self, size: int) -> str:
        """The haystack; of one that is larger than `size` its beginning and its end, half of the size each."""
        parts = self._parts()
        if sum(map(len, parts)) + len(parts) - 1 <= size:
            return self.haystack()
        # made of what is needed: the whole would be one more copy of a large body
        half = size // 2
        return _first(parts, half) + "\n" + _last(parts, half)

    def _parts(self) -> list[str]:
        return [
            self.text,
            self.reason,
            *(f"{entry.name}: {entry.value}" for entry in self.headers),
            *dict.fromkeys(piece.text for piece in self.texts if piece.coding),
        ]

    def vocabulary(self) -> str:
        """The words (runs of letters) of the outline, each once: it holds no literal whose letters are not in these."""
        if self._vocabulary is None:
            text = self.outline(OUTLINE)
            met: set[str] = set()
            # in stretches, so that one endless run of letters becomes few different words
            for start in range(0, len(text), _STRETCH):
                met |= words_of(text[start : start + _STRETCH + _LITERAL])
            self._vocabulary = " ".join(met)
        return self._vocabulary

    @property
    def failed(self) -> bool:
        """Whether the status says that it failed."""
        return self.status >= 400

    @property
    def succeeded(self) -> bool:
        """Whether the status says that it did not; of a saved text without one neither is known."""
        return 0 < self.status < 400

    def header(self, name: str) -> str:
        """The first header of the name, or nothing."""
        wanted = name.lower()
        return next((entry.value for entry in self.headers if entry.name.lower() == wanted), "")


def _first(parts: list[str], size: int) -> str:
    """The first `size` characters of the parts as lines."""
    taken: list[str] = []
    missing = size
    for part in parts:
        taken.append(part[:missing])
        missing -= len(part) + 1
        if missing < 0:
            break
    return "\n".join(taken)[:size]


def _last(parts: list[str], size: int) -> str:
    """The last `size` characters of the parts as lines."""
    taken: list[str] = []
    missing = size
    for part in reversed(parts):
        taken.append(part[max(0, len(part) - missing) :])
        missing -= len(part) + 1
        if missing < 0:
            break
    return "\n".join(reversed(taken))[-size:]


@dataclass(frozen=True, slots=True)
class OpenedBody:
    """A body as text. `raw` are its bytes where they are needed still: a large body is not held twice for nothing."""

    text: str
    charset: str
    mark: int
    size: int
    raw: bytes
    pairs: list[tuple[str, int, int]]


def opened(headers: list[tuple[str, str]], body: bytes) -> OpenedBody:
    """The body decoded by its headers, or by what it looks like."""
    media_type = next((value for name, value in headers if name.lower() == "content-type"), "")
    if body and ("msgpack" in media_type or (body[0] & 0xF0 == 0x80 and not body[:64].isascii())):
        pairs = msgpack(body)
        if pairs:
            return OpenedBody("", "", 0, len(body), body, pairs)
    text, charset, mark = _charset.decode(body, media_type) if body else ("", "", 0)
    # the bytes only serve to count characters
    return OpenedBody(text, charset, mark, len(body), b"" if text.isascii() else body, [])


def build(
    status: int,
    reason: str,
    headers: list[tuple[str, str]],
    body: bytes | OpenedBody,
    codings: tuple[str, ...] = (),
) -> View:
    """Peels everything. `codings` are the content codings that were taken off the body already."""
    if isinstance(body, bytes):
        body = opened(headers, body)
    view = View(status, reason, [Header(name, value) for name, value in headers])
    view.media_type = view.header("content-type")
    peeled = Peeled(
        limit=BUDGET * (body.size + sum(len(value) for _, value in headers)) + 4_000_000
    )
    if body.pairs:
        _packed(body.raw, body.pairs, codings, peeled)
    elif body.size:
        _body(view, body, codings, peeled)
    for name, value in headers:
        if value and not _quiet(name):
            _header(name, value, peeled)
    if len(reason) > 5:
        peeled.texts.append(Piece(reason, "reason", charset="latin-1"))
    _pairs(headers, peeled)
    view.texts, view.records = peeled.texts, peeled.records
    return view


def _body(view: View, body: OpenedBody, codings: tuple[str, ...], peeled: Peeled) -> None:
    text = body.text
    view.text, view.body = text, body.raw
    root = Piece(text, charset=body.charset, shift=body.mark, coding="+".join(codings))
    root.plain = view.media_type.lower().startswith("text/plain")
    if _CONTROL.search(text[:4096]) and body.charset == "utf-8":
        peeled.peel(root.recoded(_CONTROL, lambda _: "\n", "binary"))
        return
    peeled.peel(root)


def _packed(
    body: bytes, pairs: list[tuple[str, int, int]], codings: tuple[str, ...], peeled: Peeled
) -> None:
    # each byte one character, so that places in the text are places in the bytes
    whole = Piece(body.decode("latin-1"), charset="latin-1", coding="+".join(codings))
    record = LabelledRecord(whole, "", None, 0, end=len(body))
    for key, start, end in pairs:
        leaf = whole.opaque(body[start:end].decode("utf-8", "replace"), "msgpack", start, end)
        leaf.keys = (key,) if key else ()
        record.values.append(RecordValue(key, "packed", start, end, leaf.text, leaf=leaf))
        if wrapped(record.values[-1]):
            peeled.peel(leaf)
    peeled.records.append(record)


def _quiet(name: str) -> bool:
    """Whether a header says nothing of what went wrong, whatever its value."""
    if name.lower() in _QUIET:
        return True
    known = id_header(name)
    return known is not None and known.names is not CorrelationKind.ERROR


def _header(name: str, value: str, peeled: Peeled) -> None:
    try:
        text, charset = value.encode("latin-1").decode("utf-8"), "utf-8"
    except (UnicodeEncodeError, UnicodeDecodeError):
        text, charset = value, "utf-8" if not value.isascii() else "latin-1"
    if name.lower() == "set-cookie":
        text = text.partition(";")[0]
    piece = Piece(text, f"header:{name}", charset=charset, keys=(name,))
    peeled.peel(piece)


def _pairs(headers: list[tuple[str, str]], peeled: Peeled) -> None:
    """Headers as one record: `x-error-code` with `x-pg-constraint` and the like."""
    whole = Piece("", "header:", charset="latin-1")
    record = LabelledRecord(whole, "headers", None, 0)
    for name, value in headers:
        if 0 < len(value) < 400 and not _quiet(name):
            leaf = Piece(
                value,
                f"header:{name}",
                charset="latin-1" if value.isascii() else "utf-8",
                keys=(name,),
            )
            record.values.append(RecordValue(name, "header", 0, len(value), value, leaf=leaf))
    if record.values:
        peeled.records.append(record)
