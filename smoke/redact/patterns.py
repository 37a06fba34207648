r"""The ways in which a server may write a secret back, as patterns.

One tolerant pattern per secret stands for all textual forms, mixed as they come: plain, in capitals, JSON-escaped
up to five times (`\"`, `\\\"`, `\u00e9`), percent-encoded up to four times, form-encoded, HTML-escaped (named,
decimal, hexadecimal). Base64 (both alphabets, three alignments, wrapped lines), hexadecimal and UTF-16 have
patterns of their own. All are free of nested repetition, so a search costs time linear in the text.

A search for all patterns would be slow, so each form has an anchor: bytes that are surely there when the form is.
"""

from __future__ import annotations

import base64
import functools
import json
import re
from urllib.parse import quote, quote_plus

_BACKSLASH = rb"(?:\\|%(?:25){0,3}5c|&#0{0,4}92;|&#x0{0,4}5c;)"
_ESCAPED_IN_JSON = frozenset("\"'/")
_JSON_LETTERS = {"\n": b"n", "\r": b"r", "\t": b"t", "\b": b"b", "\f": b"f"}
_WRAP = rb"(?:\\{0,4}\r?\n[ \t]{0,8}|\\{1,4}r\\{1,4}n|\\{1,4}n|%0D%0A|%0A)?"


@functools.cache
def _named() -> dict[int, str]:
    """Names of HTML's entities by code point; its table is loaded for a run that has secrets."""
    from html.entities import codepoint2name

    return {**codepoint2name, ord("'"): "apos"}


def _percent(raw: bytes) -> bytes:
    return b"".join(b"%%(?:25){0,3}%02x" % byte for byte in raw)


def character(char: str) -> bytes:
    """A pattern for every spelling of one character, tried in an order that finds the longest first."""
    code = ord(char)
    raw = char.encode("utf-8", "surrogatepass")
    units = char.encode("utf-16-be", "surrogatepass")
    unicode = b"".join(
        _BACKSLASH + rb"{1,16}u%02x%02x" % (units[i], units[i + 1]) for i in range(0, len(units), 2)
    )
    name = _named().get(code, "")
    named = b"|" + name.encode() if name else b""
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


def ends_of(char: str) -> tuple[bytes, ...]:
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
    if code in _named():
        ends.add(_named()[code].lower().encode() + b";")
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


def base64_pattern(core: bytes) -> bytes:
    """Core characters with line ends between them; the shared characters at both ends belong to it."""
    letters = _WRAP.join(_base64_character(byte) for byte in core)
    return rb"[A-Za-z0-9+/_\-]?" + letters + _WRAP + rb"[A-Za-z0-9+/_\-]?={0,2}"


def anchor_of(value: str) -> bytes:
    """The longest run of ASCII letters and digits, in lower case; empty when none is long enough to tell."""
    runs: list[str] = re.findall(r"[A-Za-z0-9]+", value)
    best = max(runs, key=len, default="")
    return best.lower().encode() if len(best) >= 4 else b""


def same(core: bytes) -> bytes:
    """The longest part that both Base64 alphabets write alike."""
    return max(re.split(rb"[+/]", core), key=len)


def literal_spellings(value: str) -> tuple[bytes, ...]:
    """The usual spellings, written out: to recognise a secret that is cut off at the end of a text."""
    import html

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
