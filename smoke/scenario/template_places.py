"""Where the templates of a piece of a scenario file stand."""

from __future__ import annotations

from collections.abc import Sequence

from smoke.diagnostic import Span
from smoke.scenario.nodes import Pairs
from smoke.scenario.reading import Reader, stretch
from smoke.scenario.template import TemplateSyntaxError, expressions
from smoke.scenario.uses import texts

_APART = ("name", "like", "steps")


def template_places(
    node: Pairs, reader: Reader, *, of: Sequence[str] | None = None, apart: Sequence[str] = ()
) -> dict[str, Span]:
    """Where the templates of one step stand, by what is written; those of the steps within it (`apart`) not.

    `of` names the only keys to look at.
    """
    places: dict[str, Span] = {}
    for key, value in node.pairs:
        for scalar in texts(value) if _looks(key.text, of, apart) else ():
            try:
                for each in expressions(scalar.text):
                    span = stretch(reader.line(scalar.span), scalar, each.start, each.end)
                    places.setdefault(each.source, span)
            except TemplateSyntaxError:
                continue  # told by the check of all names
    return places


def _looks(key: str, of: Sequence[str] | None, apart: Sequence[str]) -> bool:
    return key in of if of is not None else key not in _APART and key not in apart
