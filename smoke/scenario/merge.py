"""`like`: an earlier step with changes. Maps merge, other values replace, null takes away."""

from __future__ import annotations

from collections.abc import Sequence

from smoke.scenario.nodes import Node, Pairs, Scalar

_BODIES = ("json", "form", "multipart", "graphql", "text", "file")


def merged(base: Pairs, change: Pairs, kinds: Sequence[str]) -> Pairs:
    """The step `base` with the changes of `change`; every part keeps the place where it was written.

    A change that brings a body of another kind takes the base's body away.
    """
    pairs = {
        key.text: (key, value) for key, value in base.pairs if key.text not in ("name", "like")
    }
    for key, value in change.pairs:
        if key.text == "like":
            continue
        there = pairs.get(key.text)
        if isinstance(value, Scalar) and value.value is None and value.plain:
            pairs.pop(key.text, None)
        elif there is not None and isinstance(value, Pairs) and isinstance(there[1], Pairs):
            pairs[key.text] = (key, _deep(there[1], value, is_kind=key.text in kinds))
        else:
            pairs[key.text] = (key, value)
    return Pairs(tuple(pairs.values()), change.span)


def _deep(base: Pairs, change: Pairs, *, is_kind: bool) -> Pairs:
    pairs = {key.text: (key, value) for key, value in base.pairs}
    if is_kind and any(key.text in _BODIES and key.text not in pairs for key, _ in change.pairs):
        for body in _BODIES:
            pairs.pop(body, None)
    for key, value in change.pairs:
        there = pairs.get(key.text)
        if isinstance(value, Scalar) and value.value is None and value.plain:
            pairs.pop(key.text, None)
        else:
            new: Node = value
            if there is not None and isinstance(value, Pairs) and isinstance(there[1], Pairs):
                new = _deep(there[1], value, is_kind=False)
            pairs[key.text] = (key, new)
    return Pairs(tuple(pairs.values()), change.span)
