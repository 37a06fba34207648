"""JSON laid out with what is below a brace to be folded. The text is the one that came: no number and no escape is written anew."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct

from smoke.model.numbers import loads
from smoke.report.html.elements import Markup, el, joined
from smoke.report.html.marks import Cited, marked
from smoke.text import plural

_TOKEN = re.compile(r'[{}\[\],:]|"(?:[^"\\]|\\.)*"|[^\s{}\[\],:"]+')
_DEEPEST = 40
_MOST_TOKENS = 20_000
_OPEN_DEPTH = 3
_OPEN_CHILDREN = 40


class _Node(Struct):
    """A value: where it begins and ends, its key's place, and for a container what is in it."""

    start: int
    end: int = 0
    key: tuple[int, int] | None = None
    children: list[_Node] | None = None


def json_markup(text: str, cited: Sequence[Cited] = ()) -> Markup | None:
    """The text as a tree; None where it is no JSON, a single value, or nested beyond what anybody reads."""
    root = _tree(text)
    if root is None or root.children is None:
        return None
    return el("div", _node(text, root, cited, "", 0), cls="json")


def _tree(text: str) -> _Node | None:
    try:
        loads(text)
    except (ValueError, RecursionError):
        return None
    top = _Node(0, len(text), None, [])
    stack = [top]
    key: tuple[int, int] | None = None
    for number, token in enumerate(_TOKEN.finditer(text)):
        word = token[0]
        if number > _MOST_TOKENS or len(stack) > _DEEPEST:
            return None
        siblings = stack[-1].children
        assert siblings is not None
        if word in "{[":
            node = _Node(token.start(), 0, key, [])
            siblings.append(node)
            stack.append(node)
            key = None
        elif word in "}]":
            stack.pop().end = token.end()
        elif word == ":":
            last = siblings.pop()
            key = (last.start, last.end)
        elif word != ",":
            siblings.append(_Node(token.start(), token.end(), key))
            key = None
    return top.children[0] if top.children else None


def _node(text: str, node: _Node, cited: Sequence[Cited], comma: str, depth: int) -> Markup:
    key = ""
    if node.key is not None:
        key = joined(el("span", marked(text, cited, *node.key), cls="key"), ": ")
    if not node.children:
        kind = "string" if text[node.start] == '"' else "value"
        value = el("span", marked(text, cited, node.start, node.end), cls=kind)
        return el("div", joined(key, value, comma), cls="line")
    opening, closing = text[node.start], text[node.end - 1]
    count = len(node.children)
    of = plural(count, "key") if opening == "{" else plural(count, "item")
    inside = joined(
        *(
            _node(text, child, cited, "," if at < count - 1 else "", depth + 1)
            for at, child in enumerate(node.children)
        )
    )
    proves = any(each.start < node.end and node.start < each.end for each in cited)
    opened = depth == 0 or proves or (depth < _OPEN_DEPTH and count <= _OPEN_CHILDREN)
    return el(
        "details",
        el("summary", joined(key, opening, " ", el("span", of, cls="count"))),
        el("div", inside, cls="deeper"),
        el("div", closing + comma, cls="line"),
        open=opened,
    )
