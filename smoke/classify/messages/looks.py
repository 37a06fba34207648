"""How often a template's occurrences are looked at: who repeats an error thousands of times says nothing new."""

from __future__ import annotations

from collections import Counter

OCCURRENCES_OF_ONE = 200
OCCURRENCES = 800
OCCURRENCES_THEN = 1
"""Of one template that many occurrences are looked at; once there were so many of all, that many."""
ROWS = 400
"""So many different rows of the table are looked for in one response: a row is a template in one language, the words of a
long English text are those of three hundred, and each has to be made ready once."""


TRIES = 1_200
"""So often a chunk of text is searched for a row; from then on only the ends of texts are looked at."""
BREAKS = 24
"""At so many ends and ellipses of one text a message that breaks off is looked for."""


class Looks:
    """How often each row was looked at; one that had its share is passed over from then on."""

    def __init__(self, rows: set[int] | None = None) -> None:
        """`rows` are those that were looked for already: all texts of a response share them."""
        self._rows = rows if rows is not None else set()
        self._of: Counter[int] = Counter()
        self._all = 0
        self._had_enough: set[int] = set()
        self._tries = 0
        self._breaks = 0

    @property
    def tired(self) -> bool:
        """Whether so much was searched that only the ends of texts are looked at."""
        return self._tries > TRIES

    def tried(self) -> None:
        """A chunk of text is searched for a row."""
        self._tries += 1

    def breaks(self, wanted: int) -> int:
        """At how many ends and ellipses a message that breaks off is looked for; all parts of a text share them."""
        taken = min(wanted, BREAKS - self._breaks)
        self._breaks += taken
        return taken

    def left(self, row: int) -> int:
        """How many more occurrences of the row are looked at. What is none once stays none."""
        if row in self._had_enough:
            return 0
        if row not in self._rows:
            if len(self._rows) >= ROWS:
                return 0
            self._rows.add(row)
        limit = OCCURRENCES_OF_ONE if self._all < OCCURRENCES else OCCURRENCES_THEN
        left = limit - self._of[row]
        if left <= 0:
            self._had_enough.add(row)
            return 0
        return left

    def note(self, row: int) -> None:
        """One occurrence of the row was looked at."""
        self._of[row] += 1
        self._all += 1
