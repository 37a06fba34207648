"""HTML elements as text in which nothing but our own markup is markup."""

from __future__ import annotations

import html

from smoke.text import safe


class Markup(str):
    """HTML that was made here. Any other `str` is text and is escaped."""

    __slots__ = ()


_VOID = frozenset({"meta", "br", "hr", "input"})


def el(name: str, /, *children: str, **attributes: str | bool) -> Markup:
    """An element. Children are text, but for Markup; `cls` is `class`; True stands without a value, as the empty one does.

    A `_` in a name is a hyphen: `aria_label`. What is empty or False is not there.
    """
    given = "".join(
        f" {'class' if key == 'cls' else key.replace('_', '-')}"
        + ("" if value is True else f'="{text(str(value))}"')
        for key, value in attributes.items()
        if value is not False and value != ""
    )
    if name in _VOID:
        return Markup(f"<{name}{given}>")
    return Markup(f"<{name}{given}>{joined(*children)}</{name}>")


def joined(*parts: str) -> Markup:
    """Elements and texts one after the other."""
    return Markup("".join(part if isinstance(part, Markup) else text(part) for part in parts))


def text(value: str) -> str:
    """Foreign text as HTML text, with what is invisible made visible."""
    return html.escape(safe(value), quote=True)
