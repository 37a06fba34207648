"""The texts of a response in which an error may speak: what stands in a quotation, an article or a product is left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from smoke.classify.read import _context, _failing, _keys, _place
from smoke.classify.read._quoting import Quoting
from smoke.classify.text.regions import QUOTED, Region, boxed, prepares, tells_error
from smoke.classify.text.view import View
from smoke.classify.unwrap.piece import Piece

MOST = 20_000
"""So many texts of one response are looked at; who says more says it again."""
_FRAGMENT = 64 * 1024
_TITLES = frozenset({"title", "description", "summary"})
"""Keys of messages that name a thing more often."""


@dataclass(frozen=True, slots=True)
class Speech:
    """A text, and what stands at a character of it (None: everything may speak)."""

    piece: Piece
    healthy: bool
    region: Callable[[int], Region] | None
    strict: int = 0
    """So many lines before a sentence must tell of a failure, unless 0."""
    errors: bool = False
    """Whether it is a value where errors stand (`errors`, beside `ok: false`), and no log's line."""

    def holds(self, start: int, end: int) -> bool:
        """Whether a sentence at [start, end) is the response's own word."""
        region = self.region(start) if self.region is not None else Region.PLAIN
        if region in QUOTED or _place.written_about(self.piece.text, start, end):
            return False
        if region is Region.BOX or not self.healthy:
            return True
        return _place.ends(self.piece.text, end) and (
            not self.strict or _failing.around(self.piece.text, start, end, self.strict)
        )

    def shows(self, start: int) -> bool:
        """Whether what stands there is no quotation."""
        region = self.region(start) if self.region is not None else Region.PLAIN
        return region not in QUOTED

    def shows_error(self, start: int) -> bool:
        """Whether an answer that did not fail shows an error to its user there."""
        if self.region is not None and self.region(start) is Region.BOX:
            return not _place.written_about(self.piece.text, start)
        return self.errors and not _place.written_about(self.piece.text, start)


@dataclass(frozen=True, slots=True)
class Spoken:
    """All such texts of a response, each once, and all of them in one piece: every dialect asks for them."""

    speeches: tuple[Speech, ...]
    text: str

    @staticmethod
    def of(view: View) -> Spoken:
        """Those of a response, made when they are first asked for."""
        if view.spoken is None:
            met: dict[str, Speech] = {}
            for speech in islice(_speeches(view), MOST):
                met.setdefault(speech.piece.text, speech)
            view.spoken = Spoken(tuple(met.values()), "\n".join(met))
        assert isinstance(view.spoken, Spoken)
        return view.spoken


def _speeches(view: View) -> Iterator[Speech]:
    """Plain texts, then the values of records."""
    quoting = Quoting.of(view)
    for piece in view.texts:
        if not is_unreliable(piece, view):
            strict = 0 if any(map(_keys.is_errorish, piece.keys)) else quoting.strict
            yield Speech(piece, quoting.quiet, quoting.region(piece), strict)
    context = _context.Context({}, view.failed, view.status >= 500, healthy=view.succeeded)
    for entry in view.records:
        if quoting.holds(entry):
            continue
        record = quoting.own(entry)
        trusted = _context.errorish(record, context)
        for value in record.values:
            key = record.key if record.array else value.key
            if value.kind == "word" or len(value.raw) < 5 or _keys.is_sql(key):
                continue
            if not _context.is_unreliable(record, value, context, trusted=trusted):
                leaf = record.leaf(value)
                shown = trusted and not any(map(_keys.is_secondary, leaf.keys))
                on_page = value.kind == "element" and quoting.applies
                region = quoting.region(leaf) if on_page else None
                yield Speech(leaf, on_page and quoting.quiet, region, errors=shown)


def _in_box(piece: Piece) -> bool:
    """Whether it is a part of a page, sent as a value (`html`), with a box for errors."""
    return any(_keys.plain(key) == "html" for key in piece.keys[-1:]) and _has_box(piece)


def _has_box(piece: Piece) -> bool:
    origin = piece.parent
    return origin is not None and boxed(origin.text[piece.start : piece.end][:_FRAGMENT])


def _is_aside(piece: Piece) -> bool:
    """Whether it stands under a name that is no error's: a tooltip, or a page that an API gives in a value."""
    if not piece.keys:
        return False
    attribute = piece if piece.coding == "attribute" else piece.parent
    tag = attribute.parent if attribute is not None and attribute.coding == "attribute" else None
    if attribute is not None and tag is not None and prepares(tag.text, attribute.start):
        return True
    if any(map(_keys.is_errorish, piece.keys)):
        return False
    if attribute is not None and attribute.coding == "attribute" and attribute.parent is not None:
        return not tells_error(attribute.parent.text, attribute.start)
    deep = len(piece.keys) > 1 or not _keys.is_message(piece.keys[-1].rpartition("-")[2])
    return deep and piece.root().part == "body" and not _has_box(piece)


def is_unreliable(piece: Piece, view: View) -> bool:
    """Whether a text stands where the shop's own texts stand (an aside, a product's description), or is program text."""
    if piece.unreliable or any(_keys.is_sql(key) for key in piece.keys[-1:]):
        return True
    if view.succeeded and _is_aside(piece):
        return True
    return (
        not view.failed
        and not _in_box(piece)
        and any(
            _keys.is_product(key) and (not _keys.is_message(key) or _keys.plain(key) in _TITLES)
            for key in piece.keys
        )
        and not any(_keys.is_errorish(key) for key in piece.keys)
    )
