"""Bytes to text: by byte order mark, header, meta tag, or guess."""

from __future__ import annotations

import codecs
import re

_META = re.compile(rb"""charset\s{0,4}=\s{0,4}["']?([A-Za-z0-9_.:-]{2,40})""", re.IGNORECASE)
_XML = re.compile(rb"""\A<\?xml[^>]{0,100}encoding=["']([A-Za-z0-9_.:-]{2,40})""")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_FALLBACK = "cp1252"


def decode(body: bytes, media_type: str = "") -> tuple[str, str, int]:
    """The text, its charset, and how many bytes of byte order mark stand before it."""
    for mark, charset in _BOMS:
        if body.startswith(mark):
            return (*_text(body[len(mark) :], charset), len(mark))
    charset = _without_mark(body)
    if charset:
        return (*_text(body, charset), 0)
    try:
        return body.decode("utf-8"), "utf-8", 0
    except UnicodeDecodeError as error:
        if error.start > len(body) - 4 and error.reason == "unexpected end of data":
            return body.decode("utf-8", "surrogateescape"), "utf-8", 0  # cut within a character
    declared = _declared(body, media_type)
    if declared == "utf-8" and _mostly_utf8(body):
        return body.decode("utf-8", "surrogateescape"), "utf-8", 0
    if declared and declared != "utf-8":
        return (*_text(body, declared), 0)
    if _mostly_utf8(body):
        return body.decode("utf-8", "surrogateescape"), "utf-8", 0
    return (*_text(body, _FALLBACK), 0)


def _without_mark(body: bytes) -> str:
    """UTF-16 without a mark: every other byte of its beginning is zero."""
    head = body[:400]
    if len(head) < 4 or b"\0" not in head:
        return ""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = len(head) // 2
    if odd > 0.7 * half and even < 0.1 * half:
        return "utf-16-le"
    if even > 0.7 * half and odd < 0.1 * half:
        return "utf-16-be"
    return ""


def _declared(body: bytes, media_type: str) -> str:
    for source in (media_type.encode("latin-1", "replace"), body[:2048]):
        match = _META.search(source) or _XML.search(source)
        if match:
            try:
                name = codecs.lookup(match[1].decode("ascii")).name
            except LookupError:
                continue
            # WHATWG Encoding: the label latin-1 means windows-1252
            name = _FALLBACK if name in {"iso8859-1", "ascii"} else name
            if getattr(codecs.lookup(name), "_is_text_encoding", True):
                return name
    return ""


def _mostly_utf8(body: bytes) -> bool:
    """Whether most of what is not ASCII decodes as UTF-8."""
    sample = body[:65536]
    text = sample.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    good = sum(1 for char in text if char > "\x7f") - bad
    return good > bad


def _text(body: bytes, charset: str) -> tuple[str, str]:
    """The text and the charset that it was really read with."""
    if charset in {"cp1252", "iso8859-1"}:
        # a byte in one of the five holes of cp1252: latin-1 has a character for each
        try:
            return body.decode("cp1252"), "cp1252"
        except UnicodeDecodeError:
            return body.decode("latin-1"), "latin-1"
    if charset.startswith(("utf-16", "utf-32")):
        width = 2 if "16" in charset else 4
        whole = body[: len(body) // width * width]
        return whole.decode(charset, "surrogatepass" if width == 2 else "replace"), charset
    try:
        return body.decode(charset, "surrogateescape" if charset == "utf-8" else "replace"), charset
    except (LookupError, UnicodeError):
        return body.decode("latin-1"), "latin-1"
