"""A place in a page that did not fail, and what stands around it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from smoke.classify._words import words
from smoke.classify.text import layout, regions
from smoke.classify.text.layout import Block, Blocks, Element

_SECTIONS = words("h1 h2 h3 h4 h5 h6")
HEADINGS = words("h1 h2 h3 h4 h5 h6 summary legend caption title")
_FOOT = 64 * 1024
_TITLE = re.compile(r"(?i)<title\b[^<>]{0,400}>([^<>]{0,300})")
_FIRST_TAG = re.compile(r"(?i)<(?:!doctype|html|head|body)\b")
_HEAD = 20_000


_WORD = re.compile(r"[^\W\d_]{2,}")
MANY = 40


class Page:
    """A page as a whole: where its markup begins and ends, and its title."""

    def __init__(self, text: str) -> None:
        self.text = text
        first = _FIRST_TAG.search(text)
        self.first_tag = first.start() if first is not None else -1
        lowered = text[-_FOOT:].lower()
        self.last_closed = max(lowered.rfind("</html"), lowered.rfind("</body"))
        if self.last_closed >= 0:
            self.last_closed += max(0, len(text) - _FOOT)
        found = _TITLE.search(text, 0, _HEAD)
        self.title = layout.shown(found[1]) if found else ""

    def is_outside(self, place: int) -> bool:
        """Whether a character stands before the page, or behind its end."""
        return place < self.first_tag or place > self.last_closed >= 0


@dataclass
class Spot:
    """A place in a page, and what stands around it."""

    page: Page
    layout: Blocks
    place: int
    index: int

    @property
    def title(self) -> str:
        return self.page.title

    @cached_property
    def block(self) -> Block:
        return self.layout.blocks[self.index]

    @cached_property
    def chain(self) -> list[Element]:
        """The elements around it, innermost first."""
        return [self.layout.elements[number] for number in self.layout.around(self.place)]

    @cached_property
    def prefix(self) -> str:
        """What its block says before it."""
        return layout.shown(self.layout.page[max(self.block.start, self.place - 400) : self.place])

    @cached_property
    def rest(self) -> str:
        """What its block says from there on."""
        return layout.shown(self.layout.page[self.place : min(self.block.end, self.place + 1200)])

    def text(self, distance: int) -> str:
        """The text of the block so far before it (below 0) or behind it; nothing where there is none."""
        index = self._at(distance)
        return self.layout.blocks[index].text if index >= 0 else ""

    def is_heading(self, distance: int) -> bool:
        """Whether that block is a heading."""
        index = self._at(distance)
        return index >= 0 and self._names(index) in _SECTIONS

    def _names(self, index: int) -> str:
        return self.layout.elements[self.layout.blocks[index].element].name

    def _at(self, distance: int) -> int:
        step = 1 if distance > 0 else -1
        index = self.index
        for _ in range(abs(distance)):
            index += step
            while 0 <= index < len(self.layout.blocks) and self._is_apart(index):
                index += step
        return index if 0 <= index < len(self.layout.blocks) else -1

    def _is_apart(self, index: int) -> bool:
        return self.layout.blocks[index].beside and not self.block.beside

    def siblings(self, distance: int) -> str:
        """The text of the block so far from it, when it stands in the same list of pairs and is no heading."""
        index = self.index + distance
        if not 0 <= index < len(self.layout.blocks):
            return ""
        other = self.layout.blocks[index]
        element = self.layout.elements[other.element]
        if element.name in HEADINGS or element.name in {"button", "form"}:
            return ""
        own = self.layout.elements[self.block.element]
        together = {own.parent, self.layout.elements[own.parent].parent} - {0}
        apart = element.parent not in together and other.element != self.block.element
        return (
            ""
            if apart and self.layout.elements[element.parent].parent not in together
            else other.text
        )

    @cached_property
    def headings(self) -> list[tuple[int, str]]:
        """The headings before it, the nearest first, and how many blocks lie between."""
        found = []
        for index in range(self.index, max(-1, self.index - 60), -1):
            block = self.layout.blocks[index]
            if self.layout.elements[block.element].name in HEADINGS:
                found.append((self.index - index - 1, block.text[:300]))
        return found

    @property
    def title_above(self) -> tuple[int, str]:
        """The nearest heading of a section before it, and how many blocks lie between."""
        for index in range(self.index, max(-1, self.index - 8), -1):
            if self._names(index) in _SECTIONS:
                return self.index - index - 1, self.layout.blocks[index].text[:300]
        return 0, ""

    @cached_property
    def company(self) -> tuple[int, int]:
        """How many words and blocks stand on the page beside it, its sides left out."""
        count, blocks = 0, 0
        for index, block in enumerate(self.layout.blocks):
            if index != self.index and not block.beside:
                blocks += 1
                count += len(_WORD.findall(block.text))
        return count, blocks

    @cached_property
    def lead(self) -> str:
        """The text before it: in its block, or in the block before."""
        return self.prefix or self.text(-1)

    @cached_property
    def boxed(self) -> bool:
        """Whether an element around it is named as an error's."""
        return any(regions.names_error(element.name, element.attributes) for element in self.chain)
