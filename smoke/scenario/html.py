"""Looks things up in an HTML page by CSS selector."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, SelectolaxError

MAX_ELEMENTS = 1000


class SelectorError(ValueError):
    """The selector is not one that can be used."""


class Page:
    """A parsed page."""

    def __init__(self, text: str) -> None:
        self._parser = LexborHTMLParser(text)

    def values(self, selector: str, attribute: str | None = None) -> list[str]:
        """Texts (white space folded), or values of an attribute, of the elements in document order.

        A form field's `value` counts as its text when it has none. Raises SelectorError.
        """
        try:
            nodes = self._parser.css(selector)[:MAX_ELEMENTS]
        except (ValueError, SelectolaxError) as error:
            raise SelectorError(f"not a CSS selector: {selector!r}") from error
        if attribute is None:
            return [
                " ".join(node.text(deep=True).split()) or str(node.attributes.get("value") or "")
                for node in nodes
            ]
        # a boolean attribute (checked, disabled) is there without a value
        return [
            str(node.attributes[attribute] or "") for node in nodes if attribute in node.attributes
        ]


# `@` begins no attribute selector of CSS, so what follows it at the end can only be meant as an attribute's name
_ATTRIBUTE = re.compile(r"(.*[^\s@])@([A-Za-z_:][A-Za-z0-9_:.-]{0,99})", re.DOTALL)


def with_attribute(selector: str) -> tuple[str, str | None]:
    """The two parts of `form#pay@action`: the selector, and the attribute that is asked for."""
    found = _ATTRIBUTE.fullmatch(selector)
    return (found[1], found[2]) if found is not None else (selector, None)


def check_selector(selector: str) -> str:
    """What is wrong with a selector; empty when nothing is."""
    try:
        Page("<html></html>").values(*with_attribute(selector))
    except SelectorError as error:
        return str(error)
    return ""
