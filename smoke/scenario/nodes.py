"""A YAML file as nodes that know where they stand."""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct

from smoke.diagnostic import Span
from smoke.model.run import JsonValue

_SHOWN = 60


class Scalar(Struct, frozen=True):
    """One value; `text` is how it is written, `plain` whether without quotes."""

    value: JsonValue
    text: str
    span: Span
    plain: bool = True


class Items(Struct, frozen=True):
    """A sequence."""

    items: tuple[Node, ...]
    span: Span


class Pairs(Struct, frozen=True):
    """A mapping; its keys are texts, each once."""

    pairs: tuple[tuple[Scalar, Node], ...]
    span: Span

    def get(self, key: str) -> Node | None:
        """The value of a key, or None."""
        for name, value in self.pairs:  # asked for a dozen times for each step: no generator
            if name.text == key:
                return value
        return None

    def key(self, key: str) -> Scalar | None:
        """The key itself, for its span."""
        return next((name for name, _ in self.pairs if name.text == key), None)


Node: TypeAlias = Scalar | Items | Pairs


def plain(node: Node) -> JsonValue:
    """The node's value without positions. The reader of the file has bounded the depth, so this may recurse."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Items):
        return [plain(item) for item in node.items]
    return {key.text: plain(value) for key, value in node.pairs}


def found(node: Node) -> str:
    """What a node is, in words, to be told beside what was expected."""
    if isinstance(node, Items):
        return "a list"
    if isinstance(node, Pairs):
        return "a mapping"
    if node.value is None:
        return "nothing" if not node.text else node.text[:_SHOWN]
    if isinstance(node.value, str):
        shown = node.text if len(node.text) <= _SHOWN else f"{node.text[:_SHOWN]}…"
        return f"the text '{shown}'"
    return f"{'' if isinstance(node.value, bool) else 'the number '}{node.text[:_SHOWN]}"


def is_null(node: Node | None) -> bool:
    """Whether a key was written without a value, or with `null`."""
    return isinstance(node, Scalar) and node.value is None


def count(node: Node) -> int:
    """How many values a node has, itself included; aliases are written out."""
    if isinstance(node, Scalar):
        return 1
    inner = node.items if isinstance(node, Items) else (value for _, value in node.pairs)
    return 1 + sum(map(count, inner))
