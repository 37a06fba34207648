"""Texts without their escapes: JSON and other backslashes, percent, entities, tags, terminal colours."""

from __future__ import annotations

import html
import re
from functools import lru_cache

from smoke.classify._words import words
from smoke.classify.unwrap.piece import Piece

BACKSLASH = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u\{[0-9a-fA-F]{1,6}\}|u[0-9a-fA-F]{4}"
    r"|x[0-9a-fA-F]{2}|[\"'\\/bfnrtv`$])"
)
_SIMPLE = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
# without a repeat inside: Python before 3.11.5 keeps what a possessive group's last, failed round read in one
_PERCENT = re.compile(r"(?:%[0-9A-Fa-f][0-9A-Fa-f])++")
_FORM = re.compile(r"(?:%[0-9A-Fa-f][0-9A-Fa-f])++|\+")
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});?")
_ANSI = re.compile(r"\x1b\[[0-9;:?]{0,20}[ -/]?[@-~]|\x1b\][^\x07\x1b]{0,500}(?:\x07|\x1b\\)")
_ANSI_BARE = re.compile(r"\x1b\[[0-9;]{0,20}m|\\u001b\[[0-9;]{0,20}m")
_COUNTED = re.compile(r"(?m)^[ ]{0,40}\|[ ]?")
_MARKUP = re.compile(
    r"<!--|-->|<!\[CDATA\[|\]\]>|<!?/?([A-Za-z][A-Za-z0-9:._-]{0,60})(?:\s[^<>]{0,4000})?/?>"
    r"|&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});?"
)
_INLINE = words(
    "a abbr b bdi big code em font i kbd mark s samp small span strong sub sup tt u var wbr ins del"
)


def _backslash(match: re.Match[str]) -> str:
    body = match[0][1:]
    first = body[0]
    if first == "u":
        if body[1] == "{":
            return _character(int(body[2:-1], 16))
        high = int(body[1:5], 16)
        if len(body) > 5:
            low = int(body[7:11], 16)
            return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
        return chr(high)
    if first == "x":
        return chr(int(body[1:], 16))
    return _SIMPLE.get(first, first)


def _character(number: int) -> str:
    return chr(number) if number < 0x110000 else "\ufffd"


def _percent(match: re.Match[str]) -> str:
    if match[0] == "+":
        return " "
    raw = bytes.fromhex(match[0].replace("%", ""))
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _entity(match: re.Match[str]) -> str:
    return _named(match[0])


@lru_cache(maxsize=512)
def _named(entity: str) -> str:
    text = html.unescape(entity)
    if text == entity and entity.isupper():
        text = html.unescape(entity.lower())  # a page put in capitals as a whole: &QUOT;
    return " " if text == "\xa0" else text


def _tag(match: re.Match[str]) -> str:
    if match[0].startswith("&"):
        return _named(match[0])
    name = match[1]
    if name is None:
        return "\n" if match[0].startswith("<!--") or match[0] == "-->" else ""
    return "" if name.lower() in _INLINE else "\n"


def _nothing(_: re.Match[str]) -> str:
    return ""


def without_escapes(text: str) -> str:
    """The text with backslash escapes replaced."""
    return BACKSLASH.sub(_backslash, text)


def unescaped(
    piece: Piece, start: int = 0, end: int | None = None, keys: tuple[str, ...] = ()
) -> Piece:
    """Backslash escapes of JSON, JavaScript, Python and others replaced by their characters."""
    return piece.recoded(BACKSLASH, _backslash, "json", start, end, keys)


def percent(piece: Piece, start: int = 0, end: int | None = None, *, form: bool = False) -> Piece:
    """Percent escapes replaced; with `form`, plus signs are spaces."""
    return piece.recoded(_FORM if form else _PERCENT, _percent, "percent", start, end)


def entities(piece: Piece) -> Piece:
    """Character references replaced, tags left alone."""
    return piece.recoded(_ENTITY, _entity, "html")


def untagged(piece: Piece, start: int = 0, end: int | None = None) -> Piece:
    """Tags taken out (a block's tag is a line's end), character references replaced."""
    return piece.recoded(_MARKUP, _tag, "html", start, end)


def uncoloured(piece: Piece) -> Piece:
    """Without terminal colours."""
    return piece.recoded(_ANSI, _nothing, "ansi")


def ungrouped(piece: Piece) -> Piece:
    """Without the bars that Python draws before the lines of an exception group."""
    return piece.recoded(_COUNTED, _nothing, "group")


def has_entities(text: str) -> bool:
    """Whether character references are in it."""
    return "&" in text and _ENTITY.search(text) is not None


def has_percent(text: str) -> bool:
    """Whether percent escapes are in it that hide something: a quote, a space, a letter."""
    return (
        "%" in text
        and re.search(r"%(?:2[0-9A-Fa-f]|[57][BDbd]|[89A-Fa-f][0-9A-Fa-f]|0[9AaDd])", text)
        is not None
    )


def has_escapes(text: str) -> bool:
    r"""Whether backslash escapes are in it that hide something (`\"`, `\n`, `\u00e9`)."""
    return "\\" in text and re.search(r"\\(?:[\"'n/]|u[0-9a-fA-F{]|x[0-9a-fA-F])", text) is not None


def has_markup(text: str) -> bool:
    """Whether tags are in it."""
    return "<" in text and _MARKUP_TAG.search(text) is not None


_MARKUP_TAG = re.compile(
    r"<!--|<!\[CDATA\[|<[!?]?/?[A-Za-z][A-Za-z0-9:._-]{0,60}(?:\s[^<>]{0,4000})?/?>"
)
