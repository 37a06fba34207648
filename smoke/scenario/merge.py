"""`like`: an earlier step with changes. Maps merge, other values replace, null takes away (as RFC 7386 does)."""

from __future__ import annotations

from collections.abc import Sequence

from smoke.scenario.nodes import Node, Pairs, Scalar, count
from smoke.scenario.values import method_and_url

_BODIES = ("json", "form", "multipart", "graphql", "text", "file")
_ONE_VALUE = frozenset({("expect", "text"), ("expect", "url")})
_VALUES = frozenset(
    {("expect", "json"), ("expect", "headers"), ("expect", "html"), ("expect", "xpath")}
)


MAX_NODES = 1_000_000
"""Values at most of all steps of a scenario that were taken over: a large one could be taken over thousands of times."""


class Merger:
    """Puts steps together for one scenario."""

    def __init__(self) -> None:
        self._nodes = 0

    def merged(
        self, base: Pairs, change: Pairs, kinds: Sequence[str], short: Sequence[str] = ()
    ) -> Pairs | None:
        """The step `base` with the changes of `change`; every part keeps the place where it was written.

        A change that brings a body of another kind takes the base's body away. One expectation or one capture is not
        merged with the earlier one of its name but takes its place: half of each would be neither. None when the
        scenario has taken too much over. `short` are the kinds of which a text is short for a method and a URL.
        """
        if not self.has_room():
            return None
        kept = Pairs(
            tuple(pair for pair in base.pairs if pair[0].text not in ("name", "like")), base.span
        )
        changes = Pairs(tuple(pair for pair in change.pairs if pair[0].text != "like"), change.span)
        step = _merge(kept, changes, (), kinds, short)
        self._nodes += count(step)
        return step

    def has_room(self, more: Node | None = None) -> bool:
        """Whether the scenario may take over more values; `more` are taken over now."""
        if more is not None:
            self._nodes += count(more)
        return self._nodes <= MAX_NODES


def _merge(
    base: Pairs, change: Pairs, path: tuple[str, ...], kinds: Sequence[str], short: Sequence[str]
) -> Pairs:
    is_kind = len(path) == 1 and path[0] in kinds
    in_headers = len(path) == 2 and path[0] in kinds and path[1] == "headers"
    pairs = {_same(key.text, fold=in_headers): (key, value) for key, value in base.pairs}
    if is_kind and any(key.text in _BODIES and key.text not in pairs for key, _ in change.pairs):
        for body in _BODIES:
            pairs.pop(body, None)
    for key, value in change.pairs:
        name = _same(key.text, fold=in_headers)
        if isinstance(value, Scalar) and value.value is None:
            pairs.pop(name, None)
            continue
        below = (*path, key.text)
        new: Node = value
        if isinstance(value, Pairs) and not _replaces(below):
            there = pairs.get(name)
            earlier = there[1] if there is not None else None
            if not path and key.text in short and isinstance(earlier, Scalar):
                earlier = written_out(earlier)
            empty = Pairs((), value.span)
            new = _merge(
                earlier if isinstance(earlier, Pairs) else empty, value, below, kinds, short
            )
        pairs[name] = (key, new)
    return Pairs(tuple(pairs.values()), change.span)


def written_out(short: Scalar) -> Pairs:
    """`GET /path` as the mapping that it is short for, so that changes can be merged into it."""
    method, url = method_and_url(short.text)
    pairs = [("url", url)] if method is None else [("method", method), ("url", url)]
    return Pairs(
        tuple(
            (Scalar(key, key, short.span), Scalar(value, value, short.span, plain=False))
            for key, value in pairs
        ),
        short.span,
    )


def _same(name: str, *, fold: bool) -> str:
    """What two keys must have in common to be the same; the names of headers have no case."""
    return name.lower() if fold else name


def _replaces(path: tuple[str, ...]) -> bool:
    return path in _ONE_VALUE or path[:-1] in _VALUES or path[:-1] == ("capture",)
