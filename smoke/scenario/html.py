"""Looks things up in an HTML page by CSS selector."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, SelectolaxError

MAX_TEXT = 8 * 1024 * 1024
MAX_TAGS = 30_000
MAX_COPIES = 1_000_000
MAX_ATTRIBUTES = 2_000

_TAG = re.compile(r"<[A-Za-z]")
_COMMENT = re.compile(r"<!--(?:-?>|.*?(?:--!?>|\Z))", re.DOTALL)
# HTML standard, 13.2.4.3: these are opened again in every element behind them for as long as they are not closed
_FORMATTING = re.compile(
    r"<(/?)(a|b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)(?![^\s/>])", re.IGNORECASE
)
_QUOTED = r"\"[^\"]{0,65536}+\"|'[^']{0,65536}+'"
_LONG = re.compile(rf"<[A-Za-z](?:[^>\"']|{_QUOTED}){{4000,}}+")


class SelectorError(ValueError):
    """The selector is not one that can be used."""


class PageError(ValueError):
    """The page is not one that can be parsed in a bearable time."""


class HtmlPage:
    """A parsed page."""

    def __init__(self, text: str) -> None:
        """Raises PageError for a page that is too large or too deep."""
        _check(text)
        self._parser = LexborHTMLParser(text)

    def first(self, selector: str, attribute: str | None = None) -> str | None:
        """The text (white space folded) of the first element, or its value of an attribute; None without one.

        A form field's `value` counts as its text when it has none. An element without the attribute is passed over.
        Raises SelectorError.
        """
        try:
            if attribute is None:
                node = self._parser.css_first(selector)
                if node is None:
                    return None
                return " ".join(node.text(deep=True).split()) or str(
                    node.attributes.get("value") or ""
                )
            nodes = self._parser.css(selector)
        except (ValueError, SelectolaxError) as error:
            raise SelectorError(f"not a CSS selector: {selector!r}") from error
        for node in nodes:
            if attribute in node.attributes:
                # a boolean attribute (checked, disabled) is there without a value
                return str(node.attributes[attribute] or "")
        return None

    def names(self, most: int = 200) -> tuple[str, ...]:
        """What a selector could name: tags, `#id` and `.class` of the page's elements, `[name=…]` of its fields."""
        found: dict[str, None] = {}
        for node in self._parser.css("*"):
            attributes = node.attributes
            found[str(node.tag)] = None
            if attributes.get("id"):
                found[f"#{attributes['id']}"] = None
            for word in str(attributes.get("class") or "").split():
                found[f".{word}"] = None
            if attributes.get("name"):
                found[f"[name='{attributes['name']}']"] = None
            if len(found) >= most:
                break
        return tuple(found)

    def attributes(self, selector: str) -> tuple[str, ...] | None:
        """The names of the attributes of the first element; None without one. Raises SelectorError."""
        try:
            node = self._parser.css_first(selector)
        except (ValueError, SelectolaxError) as error:
            raise SelectorError(f"not a CSS selector: {selector!r}") from error
        return None if node is None else tuple(map(str, node.attributes))


def _check(text: str) -> None:
    """Refuse a page that would hold the parser up: it has no time limit, and cannot be stopped.

    Measured: 200,000 open elements take two minutes, 60,000 attributes of one element 13 s, 2,000 open <b> with
    attributes of their own before 2,000 paragraphs 734 MB. The number of tags bounds the first strictly; the other two
    bounds are for pages gone wrong, and could be got round by one that is made for it.
    """
    if len(text) > MAX_TEXT:
        raise PageError(f"the page has {len(text):,} characters, too many to look for elements")
    tags = sum(1 for _ in _TAG.finditer(text))
    if tags > MAX_TAGS:
        raise PageError(
            f"the page has {tags:,} tags, more than the {MAX_TAGS:,} that are looked at"
        )
    still_open: dict[str, int] = {}
    for tag in _FORMATTING.finditer(_COMMENT.sub("", text)):
        name = tag[2].lower()
        still_open[name] = max(0, still_open.get(name, 0) + (-1 if tag[1] else 1))
    if sum(still_open.values()) * tags > MAX_COPIES:
        raise PageError(f"the page leaves {sum(still_open.values()):,} formatting elements open")
    for tag in _LONG.finditer(text):
        if len(re.sub(_QUOTED, " ", tag[0]).replace("/", " ").split()) > MAX_ATTRIBUTES:
            raise PageError(f"an element of the page has more than {MAX_ATTRIBUTES:,} attributes")


# `@` begins no attribute selector of CSS, so what follows it at the end can only be meant as an attribute's name
_ATTRIBUTE = re.compile(r"(.*[^\s@])@([A-Za-z_:][A-Za-z0-9_:.-]{0,99})", re.DOTALL)


def with_attribute(selector: str) -> tuple[str, str | None]:
    """The two parts of `form#pay@action`: the selector, and the attribute that is asked for."""
    found = _ATTRIBUTE.fullmatch(selector)
    return (found[1], found[2]) if found is not None else (selector, None)


def check_selector(selector: str) -> str:
    """What is wrong with a selector; empty when nothing is."""
    try:
        HtmlPage("<html></html>").first(*with_attribute(selector))
    except SelectorError as error:
        return str(error)
    return ""
