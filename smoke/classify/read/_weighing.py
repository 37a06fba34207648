"""Whose word a server's message is on a page that did not fail: what speaks for its own failure is weighed against what speaks for a text about others."""

from __future__ import annotations

from collections.abc import Callable

from smoke.classify._words import words
from smoke.classify.read import _evidence, _given_back, _spot
from smoke.classify.read._spot import Page, Spot
from smoke.classify.text import layout, regions
from smoke.classify.text.regions import Region

Evidence = tuple[Callable[[Spot], bool], int]
FOR: tuple[Evidence, ...] = (
    (_evidence.at_edge, 6),
    (_evidence.by_php, 4),
    (_evidence.in_red, 2),
    (_evidence.in_place, 2),
    (_evidence.prefixed, 2),
    (_evidence.severe, 1),
    (_evidence.led, 1),
    (_evidence.spoken, 2),
    (_evidence.headed, 2),
    (_evidence.of_shop, 1),
    (_evidence.of_error, 1),
)
AGAINST: tuple[Evidence, ...] = (
    (_evidence.listed, -3),
    (_evidence.paired, -2),
    (_evidence.stamped, -2),
    (_evidence.of_topic, -2),
    (_evidence.narrated, -2),
    (_evidence.asked, -2),
    (_evidence.titled, -2),
    (_evidence.conditional, -2),
    (_evidence.continued, -2),
    (_evidence.prose, -1),
)
_MOST_WEIGHED = 60
"""A page with more places is a list."""
DECISIVE = 6
_ENOUGH = 2
_BOX = 4
_NOTE = 3
_BARE = 2
_FEW_BLOCKS = 4
_ALMOST_NOTHING = 15
"""A page with so few words beside a message is nothing but the message."""
_QUOTE_ENOUGH = 3
_SHOWS = frozenset({_evidence.at_edge, _evidence.by_php, _evidence.in_red, _evidence.in_place})
_CODE = words("pre code samp kbd details summary table tbody thead tr td th font center ul ol li")
"""Elements that quote by their look alone."""


def weigh(spot: Spot) -> tuple[int, int]:
    """What speaks for the page's own failure, and what against."""
    for_it = sum(weight for question, weight in FOR if question(spot))
    against = (
        0 if for_it >= DECISIVE else sum(weight for question, weight in AGAINST if question(spot))
    )
    return for_it, against


class Scales:
    """The weighing of places of one page."""

    def __init__(self, text: str) -> None:
        self._page = Page(text)
        self._layouts = layout.BlocksAround(text)
        self._known: dict[tuple[int, bool, Region], Region] = {}

    def spot(self, place: int) -> Spot | None:
        """The place and what stands around it; None where no text is shown, or too many places were asked about."""
        near = self._layouts.at(place)
        if near is None:
            return None
        index = near.block_at(place)
        return Spot(self._page, near, place, index) if index >= 0 else None

    def given_back(self, place: int) -> bool:
        """Whether the words before the place announce what the visitor sent."""
        spot = self.spot(place)
        return spot is not None and _given_back.follows_your_words(spot.lead)

    def weighed(self, place: int, kind: Region, *, bare: bool, teaches: bool) -> Region:
        """What the place says of an error when all is weighed; `kind` is what its elements alone say.

        `bare`: the page has few words; `teaches`: it is about something else, whatever stands in it.
        """
        if kind in {Region.OTHERS, Region.POSTED}:
            return kind
        if teaches and kind is Region.QUOTE:
            return Region.BOX if self._page.is_outside(place) else kind
        spot = self.spot(place)
        if spot is None:
            return kind
        # what stands in one block belongs together; its beginning is asked for where elements are read
        key = (spot.block.start, bool(spot.prefix), kind)
        known = self._known.get(key)
        if known is None:
            few = len(self._known) < _MOST_WEIGHED
            known = _decided(spot, kind, bare=bare) if few else Region.QUOTE
            self._known[key] = known
        return known


def _decided(spot: Spot, kind: Region, *, bare: bool) -> Region:
    if kind is Region.QUOTE and not all(
        element.name in _CODE or not regions.quotes(element.name, element.attributes)
        for element in spot.chain
    ):
        return kind
    for_it, against = weigh(spot)
    total = for_it + against
    if kind is Region.BOX:
        total += _BOX if spot.boxed else _NOTE
        return Region.BOX if total >= _ENOUGH else Region.QUOTE
    if kind is Region.QUOTE:
        own = for_it >= DECISIVE or (total >= _QUOTE_ENOUGH and against >= -1)
        return Region.BOX if own else kind
    if bare:
        total += _for_bareness(spot)
    if total < _ENOUGH:
        return Region.QUOTE
    return Region.BOX if any(question(spot) for question in _SHOWS) else Region.PLAIN


def _for_bareness(spot: Spot) -> int:
    count, blocks = spot.company
    if count <= _ALMOST_NOTHING and blocks <= _FEW_BLOCKS:
        return _BARE
    return int(count <= _spot.MANY)
