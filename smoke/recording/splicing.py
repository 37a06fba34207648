"""Changes in a YAML file that leave every other character as it is: what is exchanged, put in or taken out, and then all at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from smoke.recording.placed import (
    Placed,
    PlacedList,
    PlacedMap,
    PlacedValue,
    comments,
    line_end,
    line_start,
)
from smoke.recording.yaml_text import flow_text

OWN_COMMENTS = (
    "# guessed:",
    "# the same customer orders again",
    "# set by hand in the recording",
    "# it failed when it was recorded",
    "# variables of the environment; set them before a run",
    "# no value was recorded:",
)
"""Beginnings of comments that an import writes: they go with their line, and all others stay."""


class CannotSpliceError(Exception):
    """The text is laid out in a way that no change can be put into."""


class Edit(Struct, frozen=True, order=True):
    """Characters that others stand for."""

    start: int
    end: int
    turn: int
    text: str


class Splicer:
    """Collects the changes of one text; parts of another one are put into it."""

    def __init__(self, text: str, root: Placed, other: str) -> None:
        self.text, self.other = text, other
        self._comments = comments(text, root)
        self._edits: list[Edit] = []
        self._newline = "\r\n" if "\r\n" in text else "\n"

    def result(self) -> str:
        """The text with all changes. Raises CannotSpliceError where two of them meet."""
        made, at = [], 0
        for edit in sorted(self._edits):
            if edit.start < at:
                raise CannotSpliceError
            made += [self.text[at : edit.start], edit.text.replace("\n", self._newline)]
            at = edit.end
        return "".join([*made, self.text[at:]])

    def exchange(self, old: Placed, new: Placed) -> None:
        """One value, on one line, for another."""
        written = self.other[new.start : new.end]
        self._edit(old.start, old.end, f" {written}" if old.start == old.end else written)

    def flow(self, old: Placed, value: object) -> None:
        """A value between braces or brackets, written anew."""
        self._edit(old.start, old.end, flow_text(value))

    def exchange_entry(
        self, key: PlacedValue, old: Placed, new_key: PlacedValue, new: Placed
    ) -> None:
        """A key's value for one that has another number of lines."""
        self._rescue(key.start, line_end(self.text, old.end), key.start)
        written = self._taken(new_key.start, new.end, self._column(key.start))
        self._edit(key.start, line_end(self.text, old.end), f"{written}\n")

    def exchange_item(self, old: Placed, new: Placed) -> None:
        """The same for an item of a list."""
        self._rescue(old.start, line_end(self.text, old.end), old.start)
        written = self._taken(new.start, new.end, self._column(old.start))
        self._edit(old.start, line_end(self.text, old.end), f"{written}\n")

    def remove_entries(self, within: PlacedMap, numbers: Sequence[int]) -> None:
        """Keys of a mapping, not all of them, with their values."""
        pairs = within.pairs
        first = pairs[0][0].start
        run = 0
        if self.text[line_start(self.text, first) : first].strip():  # it shares the line of a dash
            while run in numbers:
                run += 1
            if run:
                self._rescue(first, pairs[run][0].start, first)
                self._edit(first, pairs[run][0].start, "")
        for number in (each for each in numbers if each >= run):
            key, value = pairs[number]
            start, end = line_start(self.text, key.start), line_end(self.text, value.end)
            self._rescue(start, end, start)
            self._edit(start, end, "")

    def add_entry(self, within: PlacedMap, after: int, key: PlacedValue, value: Placed) -> None:
        """A key of the other text, behind the key of that number; -1 puts it first."""
        column = self._column(within.pairs[0][0].start)
        self.add_lines(within, after, self._taken(key.start, value.end, column))

    def add_lines(self, within: PlacedMap, after: int, lines: str) -> None:
        """Lines that are indented but for the first one, as an entry of a mapping."""
        indent = " " * self._column(within.pairs[0][0].start)
        if after < 0:
            self._edit(within.pairs[0][0].start, within.pairs[0][0].start, f"{lines}\n{indent}")
        else:
            self._behind(within.pairs[after][1], f"{indent}{lines}")

    def add_item(self, within: PlacedList, after: int, item: Placed, name: str = "") -> None:
        """An item of the other text, behind the one of that number; -1 puts it first. `name` is its name instead of its own."""
        column = self._dash(within, max(after, 0))
        written = self._taken(item.start, item.end, column + 2)
        if name and isinstance(item, PlacedMap):
            old = item.get("name")
            assert old is not None
            at = old.start - item.start
            written = written[:at] + flow_text(name) + written[at + old.end - old.start :]
        if after < 0:
            first = self._line_of_dash(within, 0)
            self._edit(first, first, f"{' ' * column}- {written}\n")
        else:
            self._behind(within.items[after], f"{' ' * column}- {written}")

    def add_plain_item(self, within: PlacedList, text: str) -> None:
        """A text, or a name, at the end of a list."""
        column = self._dash(within, len(within.items) - 1)
        self._behind(within.items[-1], f"{' ' * column}- {flow_text(text)}")

    def remove_items(self, within: PlacedList, numbers: Iterable[int]) -> None:
        """Items of a list, not all of them."""
        for number in numbers:
            start = self._line_of_dash(within, number)
            if self.text[start : self._at_dash(within, number)].strip():
                raise CannotSpliceError
            end = line_end(self.text, within.items[number].end)
            self._rescue(start, end, start)
            self._edit(start, end, "")

    def _edit(self, start: int, end: int, text: str) -> None:
        self._edits.append(Edit(start, end, len(self._edits), text))

    def _behind(self, node: Placed, line: str) -> None:
        at = line_end(self.text, node.end)
        lead = "" if self.text[:at].endswith("\n") else "\n"
        self._edit(at, at, f"{lead}{line}\n")

    def _rescue(self, start: int, end: int, at: int) -> None:
        """Comments of a person in what goes stay, on lines of their own above it."""
        at = line_start(self.text, at)
        indent = self.text[at : line_end(self.text, at)]
        indent = indent[: len(indent) - len(indent.lstrip(" "))]
        for begin, until in self._comments:
            written = self.text[begin:until].rstrip()
            if start <= begin < end and not written.startswith(OWN_COMMENTS):
                self._edit(at, at, f"{indent}{written}\n")

    def _taken(self, start: int, end: int, column: int) -> str:
        """Lines of the other text as they stand in a column of this one; the first is not indented."""
        before = start - line_start(self.other, start)
        lines = self.other[start : line_end(self.other, end)].rstrip("\n").split("\n")
        return "\n".join([lines[0], *(" " * column + line[before:] for line in lines[1:])])

    def _column(self, at: int) -> int:
        return at - line_start(self.text, at)

    def _dash(self, within: PlacedList, number: int) -> int:
        return self._column(self._at_dash(within, number))

    def _line_of_dash(self, within: PlacedList, number: int) -> int:
        return line_start(self.text, self._at_dash(within, number))

    def _at_dash(self, within: PlacedList, number: int) -> int:
        """The dash of an item: the last one in the column of the list, on its line or above."""
        at = line_start(self.text, within.items[number].start)
        while at >= line_start(self.text, within.start):
            dash = at + within.column
            if self.text[dash : dash + 1] == "-" and dash < max(
                within.items[number].start, at + within.column + 1
            ):
                return dash
            if at == 0:
                break
            at = line_start(self.text, at - 1)
        raise CannotSpliceError
