"""`True`, `NULL` and `~` where a text goes: they would be sent as another word than the one in the file, or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator

from smoke.diagnostic import Diagnostic, Note
from smoke.scenario.nodes import Node, Pairs, Scalar

_TEXTS = frozenset(
    {"for_each", "form", "headers", "multipart", "parameters", "query", "variables", "with"}
)
"""Keys whose values enter texts, or may (a variable, a parameter, an item)."""
_OTHERS = frozenset({"expect", "graphql", "json"})
"""Keys with values of JSON, or of the language itself: there a boolean is a boolean, however it is written."""
_PLAIN = frozenset({"", "null", "true", "false"})


def word_problems(root: Node) -> Iterator[Diagnostic]:
    """A diagnostic for each such word. The reader of the file has bounded the depth and the number of values."""
    seen: set[tuple[int, bool]] = set()  # an alias brings the same values again
    waiting: list[tuple[Node, bool]] = [(root, False)]
    while waiting:
        node, text = waiting.pop()
        if isinstance(node, Scalar):
            if text and node.plain and _other_word(node):
                yield _problem(node)
            continue
        if (id(node), text) in seen:
            continue
        seen.add((id(node), text))
        if isinstance(node, Pairs):
            waiting.extend(_inside(node, text=text))
        else:
            waiting.extend((item, text) for item in node.items)


def _inside(node: Pairs, *, text: bool) -> Iterator[tuple[Node, bool]]:
    for key, value in node.pairs:
        if text:
            yield value, True
        elif key.text == "capture" and isinstance(value, Pairs):
            rules = (rule for _, rule in value.pairs if isinstance(rule, Pairs))
            yield from ((given, True) for rule in rules if (given := rule.get("default")))
        elif key.text not in _OTHERS:
            yield value, key.text in _TEXTS


def _other_word(node: Scalar) -> bool:
    return (node.value is None or isinstance(node.value, bool)) and node.text not in _PLAIN


def _problem(node: Scalar) -> Diagnostic:
    word = json.dumps(node.value)
    return Diagnostic(
        "word-changes",
        f"{node.text} is read as {word}, and a text may be made of it",
        span=node.span,
        label=f"write '{node.text}' to send it as it is",
        notes=(Note(f"or {word}, if that is meant"),),
    )
