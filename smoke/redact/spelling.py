r"""The ways in which a server may write a secret back, as patterns.

One tolerant pattern per secret stands for all textual forms, mixed as they come: plain, in capitals, JSON-escaped
up to five times (`\"`, `\\\"`, `\u00e9`), percent-encoded up to four times, form-encoded, HTML-escaped (named,
decimal, hexadecimal). Base64 (both alphabets, three alignments, wrapped lines), hexadecimal and UTF-16 have
patterns of their own. All are free of nested repetition, so a search costs time linear in the text.

A search for all patterns would be slow, so each form has an anchor: bytes that are surely there when the form is.
"""

from __future__ import annotations

import base64
import html
import html.entities
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote, quote_plus

from smoke.redact.matches import Kind, Match, masked

MIN_EVERYWHERE = 6
"""Shorter values are not masked by value: they would destroy too much of the evidence."""

MIN_CUT = 8
"""A secret whose beginning, at least this long, is the end of a text is masked there too."""

_BACKSLASH = rb"(?:\\|%(?:25){0,3}5c|&#0{0,4}92;|&#x0{0,4}5c;)"
_ESCAPED_IN_JSON = frozenset("\"'/")
_JSON_LETTERS = {"\n": b"n", "\r": b"r", "\t": b"t", "\b": b"b", "\f": b"f"}
_NAMED = {**html.entities.codepoint2name, ord("'"): "apos"}
_WRAP = rb"(?:\\{0,4}\r?\n[ \t]{0,8}|\\{1,4}r\\{1,4}n|\\{1,4}n|%0D%0A|%0A)?"


def _percent(raw: bytes) -> bytes:
    return b"".join(b"%%(?:25){0,3}%02x" % byte for byte in raw)


def _character(char: str) -> bytes:
    """A pattern for every spelling of one character, tried in an order that finds the longest first."""
    code = ord(char)
    raw = char.encode("utf-8", "surrogatepass")
    units = char.encode("utf-16-be", "surrogatepass")
    unicode = b"".join(
        _BACKSLASH + rb"{1,16}u%02x%02x" % (units[i], units[i + 1]) for i in range(0, len(units), 2)
    )
    named = b"|" + _NAMED[code].encode() if code in _NAMED else b""
    entity = rb"&(?:amp;){0,3}(?:#0{0,5}%d|#x0{0,5}%x%s);" % (code, code, named)
    forms = [_percent(raw), entity, unicode, re.escape(raw)]
    if code < 0x100:
        forms += [_BACKSLASH + rb"{1,16}x%02x" % code]
    if code >= 0x80:
        latin = list(raw)
        forms += [
            b"".join(_BACKSLASH + rb"{1,16}u00%02x" % byte for byte in latin),
            re.escape("".join(map(chr, latin)).encode()),
        ]
        if code < 0x100:
            forms += [re.escape(bytes([code])), b"%%(?:25){0,3}%02x" % code]
    if char == "\\":
        return b"(?:" + _BACKSLASH + rb"{1,32}|" + b"|".join(forms) + b")"
    if char == " ":
        forms.append(rb"\+")
    if char in _JSON_LETTERS:
        forms.append(_BACKSLASH + rb"{1,16}" + _JSON_LETTERS[char])
    prefix = _BACKSLASH + rb"{0,32}" if char in _ESCAPED_IN_JSON else b""
    return prefix + b"(?:" + b"|".join(forms) + b")"


def _ends(char: str) -> tuple[bytes, ...]:
    """How any spelling of a character may end, in lower case."""
    code = ord(char)
    raw = char.encode("utf-8", "surrogatepass")
    ends = {
        raw.lower(),
        b"%02x" % raw[-1],
        char.encode("utf-16-be", "surrogatepass").hex()[-2:].encode(),
        b"%d;" % code,
        b"%x;" % code,
    }
    if code in _NAMED:
        ends.add(_NAMED[code].lower().encode() + b";")
    if code >= 0x80:
        ends |= {"".join(map(chr, raw)).encode()[-1:], bytes([code % 256])}
    if char == " ":
        ends.add(b"+")
    if char == "\\":
        ends |= {b"5c", b"92;", b"5c;"}
    if char in _JSON_LETTERS:
        ends.add(_JSON_LETTERS[char])
    return tuple(ends)


def _base64_character(byte: int) -> bytes:
    char = bytes([byte])
    if char == b"+":
        return rb"(?:[+\-]|%2b|%2B)"
    if char == b"/":
        return rb"(?:[/_]|\\{1,8}/|%2f|%2F)"
    return char


def base64_cores(raw: bytes) -> tuple[bytes, bytes, bytes]:
    """The characters of the Base64 text that depend on `raw` alone, for its three alignments.

    `raw` may start at any of three places of a group of three bytes; the characters that it shares with its
    neighbours are left out.
    """
    cores = []
    for before in range(3):
        text = base64.b64encode(b"\0" * before + raw).rstrip(b"=")
        whole = (before + len(raw)) * 8 // 6
        cores.append(text[(before * 8 + 5) // 6 : whole])
    return cores[0], cores[1], cores[2]


def _base64_pattern(core: bytes) -> bytes:
    """Core characters with line ends between them; the shared characters at both ends belong to it."""
    letters = _WRAP.join(_base64_character(byte) for byte in core)
    return rb"[A-Za-z0-9+/_\-]?" + letters + _WRAP + rb"[A-Za-z0-9+/_\-]?={0,2}"


def _anchor(value: str) -> bytes:
    """The longest run of ASCII letters and digits, in lower case; empty when none is long enough to tell."""
    runs: list[str] = re.findall(r"[A-Za-z0-9]+", value)
    best = max(runs, key=len, default="")
    return best.lower().encode() if len(best) >= 4 else b""


def _same(core: bytes) -> bytes:
    """The longest part that both Base64 alphabets write alike."""
    return max(re.split(rb"[+/]", core), key=len)


def literal_spellings(value: str) -> tuple[bytes, ...]:
    """The usual spellings, written out: to recognise a secret that is cut off at the end of a text."""
    raw = value.encode("utf-8", "surrogatepass")
    plain = [
        value,
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        json.dumps(json.dumps(value))[3:-3],
        quote(raw, safe=""),
        quote(raw),
        quote_plus(raw),
        html.escape(value),
        html.escape(value).replace("&#x27;", "&#39;"),
        html.escape(value, quote=False),
    ]
    spelt = {text.encode("utf-8", "surrogatepass") for text in plain}
    spelt |= {raw.upper(), raw.lower(), raw.hex().encode(), raw.hex().upper().encode()}
    for core in base64_cores(raw):
        spelt |= {core, core.translate(bytes.maketrans(b"+/", b"-_"))}
    return tuple(sorted(spelt))


@dataclass(frozen=True)
class Spelling:
    """One secret value under its name, with its patterns made when they are first needed."""

    name: str
    value: str
    kind: Kind = Kind.DECLARED

    def __repr__(self) -> str:
        return f"Spelling({self.name!r})"

    @cached_property
    def raw(self) -> bytes:
        return self.value.encode("utf-8", "surrogatepass")

    @cached_property
    def anchor(self) -> bytes:
        return _anchor(self.value)

    @cached_property
    def _lower(self) -> bytes:
        return self.raw.lower()

    @cached_property
    def _before_anchor(self) -> int:
        return self._lower.find(self.anchor)

    @cached_property
    def _ends_before_anchor(self) -> tuple[bytes, ...]:
        """How the spelling of the character in front of the anchor may end; none when it comes first."""
        at = self.value.lower().find(self.anchor.decode())
        return _ends(self.value[at - 1]) if at > 0 else ()

    @cached_property
    def text_pattern(self) -> re.Pattern[bytes]:
        return re.compile(b"(?i)" + b"".join(map(_character, self.value)))

    @cached_property
    def hex_anchor(self) -> bytes:
        return self.raw.hex().encode()

    @cached_property
    def cores(self) -> tuple[bytes, bytes, bytes]:
        return base64_cores(self.raw)

    @cached_property
    def base64_patterns(self) -> tuple[re.Pattern[bytes], ...]:
        return tuple(re.compile(_base64_pattern(core)) for core in self.cores)

    @cached_property
    def literals(self) -> tuple[bytes, ...]:
        return literal_spellings(self.value)

    @cached_property
    def wide(self) -> tuple[bytes, bytes]:
        """UTF-16, both byte orders."""
        return (
            self.value.encode("utf-16-le", "surrogatepass"),
            self.value.encode("utf-16-be", "surrogatepass"),
        )

    def find(self, text: Text, start: int, limit: int) -> Iterator[Match]:
        """Every spelling that begins in `start` to `limit`."""
        for low, high in self._spans(text, start, limit):
            yield masked(low, high, self.kind, self.name)

    def _spans(self, text: Text, start: int, limit: int) -> Iterator[tuple[int, int]]:
        yield from self._written(text, start, limit)
        if text.has_nul:
            for form in self.wide:
                at = text.data.find(form, start)
                while 0 <= at < limit:
                    yield at, at + len(form)
                    at = text.data.find(form, at + len(form))
        if self._is_long and not text.has_long_words:
            return
        at = text.lower.find(self.hex_anchor, start)
        while 0 <= at < limit:
            yield at, at + len(self.hex_anchor)
            at = text.lower.find(self.hex_anchor, at + len(self.hex_anchor))
        for index, probes in enumerate(self._probes):
            if self._may_hold(text, probes, start):
                for found in self.base64_patterns[index].finditer(text.data, start):
                    if found.start() >= limit:
                        break
                    yield found.span()

    def _written(self, text: Text, start: int, limit: int) -> Iterator[tuple[int, int]]:
        if not self.anchor or text.is_escaped:
            for found in self.text_pattern.finditer(text.data, start):
                if found.start() >= limit:
                    return
                yield found.span()
            return
        reach = 16 * len(self.value) + 64
        at = text.lower.find(self.anchor, start)
        while at >= 0 and at - reach < limit:
            low = at - self._before_anchor
            if low >= start and text.lower.startswith(self._lower, low):
                span: tuple[int, int] | None = (low, low + len(self._lower))
            elif self._ends_before_anchor and not text.lower.endswith(
                self._ends_before_anchor, max(start, at - 16), at
            ):
                span = None
            else:
                low = max(start, at - 16 * self._before_anchor)
                near = self.text_pattern.search(text.data, low, at + reach)
                span = near.span() if near is not None and near.start() <= at else None
            if span and span[0] < limit:
                yield span
            at = text.lower.find(self.anchor, max(at + 1, span[1] if span else 0))

    @cached_property
    def _probes(self) -> tuple[tuple[bytes, bytes, bytes], ...]:
        """For each alignment what surely stands in one piece: the core, or one of its halves in wrapped lines.

        The two alphabets differ in `+` and `/`, which may be escaped too: a part without them is taken.
        """
        return tuple(
            (_same(core), _same(core[: len(core) // 2]), _same(core[len(core) // 2 :]))
            for core in self.cores
        )

    @cached_property
    def _is_long(self) -> bool:
        """Whether its Base64 and hexadecimal forms have a part that is one long word however it is written."""
        return all(len(probes[0]) >= len(_LONG) for probes in self._probes)

    @staticmethod
    def _may_hold(text: Text, probes: tuple[bytes, bytes, bytes], start: int) -> bool:
        if text.data.find(probes[0], start) >= 0:
            return True
        return text.has_wrapped_lines and (
            text.data.find(probes[1], start) >= 0 or text.data.find(probes[2], start) >= 0
        )

    def cut_off(self, data: bytes) -> int | None:
        """Where the secret begins when `data` ends in the middle of it; None when it does not."""
        tail = data[-self._longest :]
        for at in sorted(self._begun(tail)):
            if any(form.startswith(tail[at:]) for form in self.literals):
                return len(data) - len(tail) + at
        return None

    @cached_property
    def _longest(self) -> int:
        return max(map(len, self.literals))

    def _begun(self, tail: bytes) -> set[int]:
        """Where spellings begin in the last bytes of a text, by their first eight bytes."""
        places = set()
        for head in self._heads:
            at = tail.find(head)
            while at >= 0:
                places.add(at)
                at = tail.find(head, at + 1)
        return places

    @cached_property
    def _heads(self) -> tuple[bytes, ...]:
        return tuple({form[:MIN_CUT] for form in self.literals if len(form) > MIN_CUT})


class Text:
    """A block of bytes with what the searches share: its lower case, and which forms it can hold at all."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    @cached_property
    def lower(self) -> bytes:
        return self.data.lower()

    @cached_property
    def has_nul(self) -> bool:
        return b"\0" in self.data

    @cached_property
    def is_escaped(self) -> bool:
        r"""Whether letters and digits may be written as escapes (`&#116;`, `\u0074`, `\x74`, `%74`)."""
        lower = self.lower
        return (
            (b"&" in lower and b"&#" in lower)
            or (b"\\" in lower and (b"\\u00" in lower or b"\\x" in lower))
            or (b"%" in lower and _ENCODED_LETTER.search(lower) is not None)
        )

    @cached_property
    def has_wrapped_lines(self) -> bool:
        """Whether there may be Base64 text in lines (RFC 2045 6.8 and RFC 7468 3 write 76 and 64 characters)."""
        if b"\n" not in self.data and b"\\n" not in self.data and b"%0" not in self.data:
            return False
        return _LINE in self._runs

    @cached_property
    def _runs(self) -> bytes:
        return self.data.translate(_BASE64)

    @cached_property
    def has_long_words(self) -> bool:
        """Whether any run of Base64 characters is long enough for the coded form of a secret of usual length."""
        return _LONG in self._runs


_BASE64 = bytes(
    ord("a") if (chr(byte).isalnum() and byte < 0x80) or byte in b"+/=-_" else 32
    for byte in range(256)
)
_LINE = b"a" * 40
_LONG = b"a" * 16


# letters and digits percent-encoded, which no encoder needs to do
_ENCODED_LETTER = re.compile(rb"%(?:25){0,3}(?:3[0-9]|[46][1-9a-f]|[57][0-9a])")
