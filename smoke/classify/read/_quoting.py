"""Whether a page tells of its own error or writes about errors: documentation, help, articles, listings."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property

from smoke.classify._words import words
from smoke.classify.read import (
    _beside,
    _bundles,
    _context,
    _documents,
    _failing,
    _given_back,
    _kept,
    _keys,
    _weighing,
)
from smoke.classify.read.draft import Draft
from smoke.classify.text import regions
from smoke.classify.text.regions import Region, Regions
from smoke.classify.text.view import View
from smoke.classify.unwrap.jsonish import LabelledRecord, RecordValue
from smoke.classify.unwrap.piece import BEHIND_THE_BODY, Piece

_QUIET_STATUS = frozenset({401, 403, 404, 410})
"""Failures of the address or the visitor: the page around them is the shop's ordinary one."""
_PAGE = re.compile(r"\s{0,200}<(?:!doctype html|html)\b", re.IGNORECASE)
_XML = re.compile(r"\ufeff?\s{0,200}<(?:\?xml\b|[a-z]{1,12}:[A-Z])")
_ANSWERS = words("message msg status statusmessage detail details errors sqlstate")
_HEADING = re.compile(r"<(?:h[1-4]|title)\b[^<>]{0,400}>\s{0,40}([^<>]{1,300})", re.IGNORECASE)
_TEACHES = re.compile(
    r"(?i)\b(?:solutions?|resolution|workarounds?|troubleshoot\w*|how to|what (?:does|is|are)|meaning|faqs?|frequently asked|documentation|docs"
    r"|(?:api|sdk|cli|error|message) reference|symptoms?|remed(?:y|ies)|playground|slides|past (?:events|incidents)|(?:incident|event) history|quick ?start|getting started|walkthrough|runbooks?|handbook|cookbook|quiz|guides?|tutorials?|lessons?|glossary|knowledge base|known (?:problems|issues)|changelog|release notes|blog|post-?mortem|retrospective|incidents?|interview)\b"
)
"""A page with such a heading writes about errors; what became of a request of its own stands in a box."""
_ARTICLE = re.compile(r"(?i)<article\b")
_SECTION = re.compile(r"<h[2-6]\b", re.IGNORECASE)
_HEADED = 200_000
_WORD = re.compile(r"[^\W\d_]{2,}")
_FRAGMENT = 64 * 1024
_MOST_ASKED = 3_000
"""So many elements of a page are looked at for what stands before them."""
_FEW_WORDS = 40
"""A page with fewer words is nothing but what it shows: a bare dump of an error, say."""


class Quoting:
    """Looks at a page once, and only when something in it may speak of an error."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._asked: dict[int, bool] = {}

    @staticmethod
    def of(view: View) -> Quoting:
        """That of a response, made when it is first asked for: a page is gone through once."""
        if view.quoting is None:
            view.quoting = Quoting(view)
        assert isinstance(view.quoting, Quoting)
        return view.quoting

    @cached_property
    def wrote(self) -> bool:
        """Whether the whole answer is a document, not what became of a request."""
        return self._view.succeeded and _documents.is_document(self._view)

    @property
    def applies(self) -> bool:
        """Whether it is a page that may quote: HTML, and no failure of the application."""
        view = self._view
        quiet = view.status == 0 or view.succeeded or view.status in _QUIET_STATUS
        return quiet and self._is_page

    @cached_property
    def _is_page(self) -> bool:
        view = self._view
        return "html" in view.media_type.lower() or bool(_PAGE.match(view.text))

    def region(self, piece: Piece) -> Callable[[int], Region] | None:
        """What stands at a character of the piece; None where everything may speak."""
        if piece.root().part != "body":
            return None
        if not self.applies:
            return self._typed(piece) or self._marked_up(piece) or self._foreign(piece)
        return self._on_a_page(piece, self._weighed)

    def _on_a_page(self, piece: Piece, kind_at: Callable[[int], Region]) -> Callable[[int], Region]:
        foreign = self._foreign(piece)
        if foreign is None:
            return lambda position: kind_at(piece.place(position))
        return lambda position: max(kind_at(piece.place(position)), foreign(position))

    def _weighed(self, place: int) -> Region:
        """What stands at a place of a quiet page, when all that is around it is weighed."""
        teaches = self._teaches or place > self._sections
        return self._scales.weighed(place, self._marked(place), bare=self._terse, teaches=teaches)

    def _marked(self, place: int) -> Region:
        """The same by the elements alone in which it stands."""
        kind = self._regions.at(place) if place < BEHIND_THE_BODY else Region.PLAIN
        # however few words there are, those of an article or a lesson are no report
        bare = self._terse and not self._teaches and not (kind is Region.QUOTE and self._article)
        if kind is Region.PLAIN and (self._teaches or place > self._sections):
            kind = Region.QUOTE
        return Region.PLAIN if kind is Region.QUOTE and bare else kind

    def weighed(self, record: LabelledRecord, drafts: list[Draft]) -> list[Draft]:
        """Those of a record's drafts that are the page's own word: of its many elements only these are weighed."""
        if not drafts or not self.applies or record.piece.root().part != "body":
            return drafts
        return [draft for draft in drafts if self._weighed(draft.at[0]) not in regions.QUOTED]

    @cached_property
    def _scales(self) -> _weighing.Scales:
        return _weighing.Scales(self._view.text)

    def _typed(self, piece: Piece) -> Callable[[int], Region] | None:
        """In a page that failed: what its visitor wrote is given back, links lead elsewhere, comments are for its makers."""
        view = self._view
        if view.status < 400 or not self._is_page or len(view.text) > _HEADED:
            return None

        def at(position: int) -> Region:
            place = piece.place(position)
            others = self._regions.at(place) is Region.OTHERS or (
                view.status < 500 and self._scales.given_back(place)
            )
            return Region.OTHERS if others else Region.PLAIN

        return at

    @cached_property
    def _logs(self) -> bool:
        """Whether an answer that did not fail is several lines of a log."""
        if not self._view.succeeded:
            return False
        lines = (r for r in self._view.records[:_MOST_ASKED] if r.parent is None)
        return sum(map(_kept.is_log, lines)) > 1

    def _foreign(self, piece: Piece) -> Callable[[int], Region] | None:
        """In a JSON answer: what it holds in values that are not its own word."""
        if not piece.keys or not self._view.records:
            return None

        def at(position: int) -> Region:
            place = piece.place(position)
            return Region.OTHERS if self._stands_in_content(place) else Region.PLAIN

        return at

    def _stands_in_content(self, place: int) -> bool:
        index = bisect_right(self._content, (place, BEHIND_THE_BODY)) - 1
        return index >= 0 and place < self._content[index][1]

    @cached_property
    def _content(self) -> list[tuple[int, int]]:
        """Where values stand that are not the answer's own word, in order and apart from one another."""
        found: list[tuple[int, int]] = []
        for record in self._view.records:
            if record.piece.root().part != "body":
                continue
            held = self._holds_itself(record)
            trusted = held or _context.errorish(record, self._context)
            for value in record.values:
                if value.kind == "string" and len(value.raw) > 5:
                    content = held or (
                        self._is_unreliable(record, value, trusted=trusted)
                        and (not value.raw.startswith("{") or not self._is_a_message(record, value))
                    )
                    # a part of a page with a box for errors is the application's own
                    if content and not regions.boxed(record.text(value)[:_FRAGMENT]):
                        found.append(
                            (record.piece.place(value.start), record.piece.place(value.end))
                        )
        merged: list[tuple[int, int]] = []
        for start, end in sorted(found):
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((start, end))
        return merged

    def _is_unreliable(self, record: LabelledRecord, value: RecordValue, *, trusted: bool) -> bool:
        if self._view.failed:
            # what an answer that failed wraps in a value is its word, unless it says otherwise what went wrong
            return _given_back.is_content(record, value) or _beside.is_echo(record, value)
        return _context.is_unreliable(record, value, self._context, trusted=trusted)

    def _is_a_message(self, record: LabelledRecord, value: RecordValue) -> bool:
        """Whether an answer that did not fail holds a whole object there, under a name that says nothing."""
        named = (*record.path(), value.key)
        return not self._view.failed and not any(map(_keys.is_product, named))

    @cached_property
    def _context(self) -> _context.Context:
        view = self._view
        return _context.Context({}, view.failed, view.status >= 500, healthy=view.succeeded)

    def _marked_up(self, piece: Piece) -> Callable[[int], Region] | None:
        """In an XML document that did not fail: what stands in elements whose names speak of no error."""
        view = self._view
        if not view.succeeded or not ("xml" in view.media_type or _XML.match(view.text)):
            return None

        def at(position: int) -> Region:
            place = piece.place(position)
            return self._data.at(place) if place < BEHIND_THE_BODY else Region.PLAIN

        return at

    @cached_property
    def _data(self) -> Regions:
        return regions.of_data(self._view.text, _speaks_of_error)

    def holds(self, record: LabelledRecord) -> bool:
        """Whether the record stands in a quotation: in a page, in a value that is not the answer's own word, or see `_holds_itself`."""
        if self._holds_itself(record):
            return True
        piece = record.piece
        if piece.parent is None:
            return False
        outermost = _kept.root_of(record)
        if _given_back.is_quoted_object(piece.text, outermost.start, outermost.end):
            return True
        return (
            bool(piece.keys)
            and piece.root().part == "body"
            and self._stands_in_content(piece.place(outermost.start))
        )

    def _holds_itself(self, record: LabelledRecord) -> bool:
        """Whether the record stands in a quotation: of a page, of a document about APIs, in a bundle of translations."""
        if any(_keys.plain(key) in _bundles.EXAMPLES for key in record.path()):
            return True
        if self.wrote or ((self._view.succeeded or self.applies) and _bundles.translates(record)):
            return True
        if self._logs and _kept.is_log(record):
            return True
        if self._view.status in _QUIET_STATUS and _beside.offered(record):
            return True
        if not self.applies or not record.values:
            return False
        if record.values[0].kind == "string" and _bundles.holds_texts(record):
            return True
        if record.values[0].kind == "element":
            return False
        if record.piece.root().part != "body":
            return False
        return self._marked(record.piece.place(record.values[0].start)) in regions.QUOTED

    def own(self, record: LabelledRecord) -> LabelledRecord:
        """The record without the elements of a page that stand in a quotation: neighbours are in one record."""
        if not record.values or record.values[0].kind != "element":
            return record
        quiet = self.applies and record.piece.root().part == "body"
        region = self._on_a_page(record.piece, self._marked) if quiet else self.region(record.piece)
        if region is None:
            return record
        if not self.applies:
            own = [value for value in record.values if region(value.start) not in regions.QUOTED]
            return record if len(own) == len(record.values) else replace(record, values=own)
        values = [value for value in record.values if self._own_element(region(value.start), value)]
        return record if len(values) == len(record.values) else replace(record, values=values)

    def _own_element(self, region: Region, value: RecordValue) -> bool:
        if region in regions.QUOTED or _is_data(value):
            return False
        # what is no box's word counts where a failure is told of
        if region is Region.BOX or not self.strict:
            return True
        if self.strict == 1:
            return _failing.says(value.raw)
        known = self._asked.get(value.start)
        if known is None:
            # the page's text is read besides: an element only tells more of what stands there
            known = len(self._asked) < _MOST_ASKED and _failing.before_element(
                self._view.text, value.start, self.strict
            )
            if len(self._asked) < _MOST_ASKED:
                self._asked[value.start] = known
        return known

    @cached_property
    def _regions(self) -> Regions:
        return regions.of(self._view.text)

    @cached_property
    def _headings(self) -> list[str]:
        return [found[1] for found in _HEADING.finditer(self._view.text, 0, _HEADED)]

    @cached_property
    def _teaches(self) -> bool:
        # a bare page whose heading tells of a failure is no lesson, whatever the site's name
        return any(map(_TEACHES.search, self._headings)) and not (self._terse and self._fails)

    @cached_property
    def _article(self) -> bool:
        return _ARTICLE.search(self._view.text, 0, _HEADED) is not None and not self._fails

    @cached_property
    def _fails(self) -> bool:
        """Whether a heading that does not teach says that something failed."""
        return any(_failing.says(each) and not _TEACHES.search(each) for each in self._headings)

    @cached_property
    def _sections(self) -> int:
        """Where the sections of a page begin that was not found or may not be seen; what it says of itself stands before."""
        found = None
        if self._view.status in _QUIET_STATUS:
            found = _SECTION.search(self._view.text, 0, _HEADED)
        return found.start() if found else BEHIND_THE_BODY

    @property
    def quiet(self) -> bool:
        """Whether the words of an error count only where a message stands by itself."""
        return self._view.succeeded or (self.applies and not self._terse)

    @property
    def strict(self) -> int:
        """In so many lines before a message words must say that something failed, since much else stands there too; 0: in none."""
        if not self.quiet or (self.applies and self._terse):
            return 0
        # that the page is not there is no failure of a statement
        return 1 if self._view.status in _QUIET_STATUS else _failing.LINES

    @cached_property
    def _terse(self) -> bool:
        words = 0
        for piece in self._view.texts:
            words += len(_WORD.findall(piece.text[:20_000]))
            if words >= _FEW_WORDS:
                return False
        return True


def _speaks_of_error(name: str) -> bool:
    """Whether the name of an element does, or is that of an answer's message."""
    local = name.rpartition(":")[2]
    return _keys.is_errorish(local) or _keys.plain(local) in _ANSWERS


def _is_data(value: RecordValue) -> bool:
    """Whether it is a script of nothing but JSON: the objects in it are looked at for themselves."""
    return value.key == "script" and value.raw.lstrip()[:1] in {"{", "["}


def several(drafts: Sequence[Draft]) -> bool:
    """Whether they are errors of different kinds, or of different constraints."""
    return len({(draft.code, draft.text("constraint_name")) for draft in drafts if draft.code}) > 1
