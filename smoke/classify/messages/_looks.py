"""How often a template's occurrences are looked at: who repeats an error thousands of times says nothing new."""

from __future__ import annotations

from collections import Counter

OCCURRENCES_OF_ONE = 500
OCCURRENCES = 2_500
OCCURRENCES_THEN = 1
"""Of one template that many occurrences are looked at; once there were so many of all, that many."""


class Looks:
    """How often each row was looked at; one that had its share is passed over from then on."""

    def __init__(self) -> None:
        self._of: Counter[int] = Counter()
        self._all = 0
        self._had_enough: set[int] = set()

    def left(self, row: int) -> int:
        """How many more occurrences of the row are looked at. What is none once stays none."""
        if row in self._had_enough:
            return 0
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
