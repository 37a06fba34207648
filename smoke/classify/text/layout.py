"""A page as people see it: blocks of text one below the other, and the elements in which they stand."""

from __future__ import annotations

import html
import re
from bisect import bisect_right
from dataclasses import dataclass, field

from smoke.classify._words import words

WHOLE = 96 * 1024
"""Pages of so many characters are taken as a whole; of larger ones what stands around a place."""
_STEP = 32 * 1024
MOST_WINDOWS = 6
"""So many places far from one another are looked at; a page with more of them is a list."""
_TAG = re.compile(r"<!--|<(/?)([A-Za-z][A-Za-z0-9:._-]{0,60})((?:\s[^<>]{0,4000})?)>")
_CLASS = re.compile(
    r"""\bclass\s{0,3}=\s{0,3}(?:"([^"<>]{0,1000})"|'([^'<>]{0,1000})'|([^\s"'<>=`]{1,200}))""",
    re.IGNORECASE,
)
_INLINE = words(
    "a abbr b bdi big code em font i kbd mark q s samp small span strong sub sup tt u var label ins del time"
)
_VOID = words("area base br col embed hr img input link meta source track wbr")
_SKIPPED = words("script style template svg noscript textarea select")
_CLOSED = {name: re.compile(f"</{name}", re.IGNORECASE) for name in _SKIPPED}
_COMMENT_CLOSED = re.compile("-->")
_ENDS = {
    "li": words("li p"),
    "tr": words("tr td th p"),
    "td": words("td th p"),
    "th": words("td th p"),
    "dt": words("dt dd p"),
    "dd": words("dt dd p"),
}
"""What an element's beginning ends, where nobody closed it."""
_MAY_STAY_OPEN = _INLINE | words(
    "html head body p li dt dd tr td th thead tbody tfoot colgroup caption center"
)
"""Elements that pages leave open: HTML lets them, or browsers do not mind."""
_ASIDES = words("nav footer aside title")
_MOST_ELEMENTS = 20_000
_LONGEST = 2_000
"""So much of a block's text is looked at."""


@dataclass(slots=True)
class Element:
    """An element of the page; its parent and its children by their numbers."""

    name: str
    attributes: str
    parent: int
    start: int
    end: int
    children: list[int] = field(default_factory=list)

    @property
    def classes(self) -> frozenset[str]:
        """Its classes, in small letters."""
        if not self.attributes:
            return frozenset()
        found = _CLASS.search(self.attributes)
        return words((found[1] or found[2] or found[3] or "").lower() if found else "")


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of text without a line's end: where it stands, and its innermost element that makes blocks.

    `beside` when it stands beside what the page is about: in its title, in its menu, at its foot.
    """

    text: str
    start: int
    end: int
    element: int
    beside: bool = False


class Blocks:
    """The blocks and elements of [start, stop) of a page."""

    def __init__(self, page: str, start: int, stop: int) -> None:
        self.page = page
        self.elements = [Element("", "", 0, start, stop)]
        self.blocks: list[Block] = []
        self._open = [0]
        self._begun = start
        self._read(start, stop)
        self._starts = [block.start for block in self.blocks]
        self._begins = [element.start for element in self.elements]

    def block_at(self, place: int) -> int:
        """The number of the block in which a character of the page stands, or -1."""
        index = bisect_right(self._starts, place) - 1
        return index if index >= 0 and place < self.blocks[index].end else -1

    def around(self, place: int) -> list[int]:
        """The elements in which a character stands, innermost first; not the page itself."""
        index = bisect_right(self._begins, place) - 1
        found = []
        while index:
            element = self.elements[index]
            if element.end > place:
                found.append(index)
            index = element.parent
        return found

    def breaks_off(self, index: int) -> bool:
        """Whether the page ends with a block, and within an element that has to be closed."""
        block = self.blocks[index]
        if self.elements[0].end < len(self.page) or any(
            other.element != block.element for other in self.blocks[index + 1 :]
        ):
            return False
        still_open = (self.elements[number] for number in self._open[1:])
        return any(
            element.start <= block.start and element.name not in _MAY_STAY_OPEN
            for element in still_open
        )

    def _read(self, start: int, stop: int) -> None:
        behind = start
        for match in _TAG.finditer(self.page, start, stop):
            if match.start() < behind:
                continue
            closes, name, attributes = match.groups()
            if name is None:
                behind = self._behind(_COMMENT_CLOSED, match.end(), stop) + len("-->")
                self._flush(match.start(), behind)
                continue
            name = name.lower()
            if name not in _INLINE:
                self._flush(match.start(), match.end())
            if closes:
                self._close(name, match)
            elif name in _SKIPPED:
                behind = self._behind(_CLOSED[name], match.end(), stop)
                self._flush(match.start(), behind)
            elif name not in _VOID and not attributes.endswith("/"):
                if len(self.elements) >= _MOST_ELEMENTS:
                    break
                self._begin(name, attributes, match)
        self._flush(stop, stop)

    def _behind(self, mark: re.Pattern[str], start: int, stop: int) -> int:
        found = mark.search(self.page, start, stop)
        return found.start() if found is not None else stop

    def _begin(self, name: str, attributes: str, match: re.Match[str]) -> None:
        ended = _ENDS.get(name, _PARAGRAPH if name not in _INLINE else frozenset[str]())
        while self.elements[self._open[-1]].name in ended:
            self.elements[self._open.pop()].end = match.start()
        parent = self._open[-1]
        self.elements[parent].children.append(len(self.elements))
        self._open.append(len(self.elements))
        self.elements.append(Element(name, attributes, parent, match.end(), self.elements[0].end))

    def _close(self, name: str, match: re.Match[str]) -> None:
        for depth in range(len(self._open) - 1, max(0, len(self._open) - 40), -1):
            if self.elements[self._open[depth]].name == name:
                for number in self._open[depth:]:
                    self.elements[number].end = match.start()
                del self._open[depth:]
                return

    def _flush(self, end: int, following: int) -> None:
        """Ends the block that was begun; the next one begins behind `following`."""
        text = shown(self.page[self._begun : min(end, self._begun + _LONGEST)])
        if text:
            owner = self._open[-1]
            while self.elements[owner].name in _INLINE:
                owner = self.elements[owner].parent
            beside = any(self.elements[each].name in _ASIDES for each in self._open)
            self.blocks.append(Block(text, self._begun, end, owner, beside))
        self._begun = following


_PARAGRAPH = words("p")
_SPACED = re.compile(r"</?(?:span|label|td|time|small)\b[^<>]{0,4000}>", re.IGNORECASE)
_ANY = re.compile(r"<[^<>]{0,4000}(?:>|\Z)")


def shown(fragment: str) -> str:
    """The text of a piece of a page, in one line."""
    if "<" in fragment:
        fragment = _ANY.sub("", _SPACED.sub(" ", fragment))
    if "&" in fragment:
        fragment = html.unescape(fragment)
    return " ".join(fragment.split())


class BlocksAround:
    """The layout of a page around its places, made when it is asked for."""

    def __init__(self, page: str) -> None:
        self._page = page
        self._known: dict[int, Blocks] = {}

    def at(self, place: int) -> Blocks | None:
        """That around a place; None when too many other places were looked at already."""
        size = len(self._page)
        number = 0 if size <= WHOLE else place // _STEP
        layout = self._known.get(number)
        if layout is None and len(self._known) < MOST_WINDOWS:
            start = 0 if number == 0 else self._page.find("<", (number - 1) * _STEP, place)
            stop = size if size <= WHOLE else min(size, (number + 2) * _STEP)
            layout = self._known[number] = Blocks(self._page, max(0, start), stop)
        return layout
