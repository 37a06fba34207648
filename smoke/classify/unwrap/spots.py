"""Where in a large text something may speak of an error: a few fast searches over all of it.

Only what lies around the spots is then taken apart, so that a body of 8 MiB costs about as much as reading it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice

from smoke.classify.messages import find_messages
from smoke.classify.messages.looks import Looks
from smoke.classify.sqlstate import CONDITIONS
from smoke.classify.unwrap.glimpse import Glimpse

LARGE = 256 * 1024
"""Smaller texts are taken apart as a whole."""
_AROUND = 24 * 1024
_HEAD = 64 * 1024
_MANY = 100
_OF_ONE = 24
_CODES = 2_000
_TAIL = 64 * 1024
"""Of more labelled codes than that the first ones are looked at, and those of the end."""
_STEP = 256 * 1024
_OVERLAP = 4 * 1024
_LONGEST = 96 * 1024
MOST = 192 * 1024
"""So many characters of a large text are taken apart at the most."""
_WORDS = (
    "SQLSTATE", "sqlstate", "sqlState", "SqlState", "Violation", "violation", "onstraint", "RecordNotUnique", "DuplicateKey",
    "Deadlock", "deadlock", "Serializ", "Undefined", "InvalidText", "PG::", "PrismaClient", "P20", "pgcode", "PGRST", "eyJ",
    "Failed query", "Traceback (most recent", "Caused by:", "RECORD_NOT_UNIQUE", "\\u0022", "already exists", "ORA-", "E11000",
    "ER_DUP_ENTRY", "Duplicate entry",
)  # fmt: skip


def regions(text: str) -> list[tuple[int, int]]:
    """The stretches worth taking apart, in order; always the beginning. Of more than MOST the first and the last ones."""
    spots = sorted({0, *_places(text)})
    merged: list[tuple[int, int]] = []
    for spot in spots:
        start, end = max(0, spot - _AROUND), min(len(text), spot + _AROUND)
        if merged and start <= merged[-1][1] and end - merged[-1][0] <= _LONGEST:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            start = max(start, merged[-1][1]) if merged else start
            merged.append((start, max(end, _HEAD if spot == 0 else end)))
    return _bounded([(start, min(end, len(text))) for start, end in merged if start < len(text)])


def _bounded(found: list[tuple[int, int]]) -> list[tuple[int, int]]:
    if sum(end - start for start, end in found) <= MOST:
        return found
    first, taken = [], 0
    for start, end in found:
        if taken >= MOST * 3 // 4:
            break
        first.append((start, end))
        taken += end - start
    last: list[tuple[int, int]] = []
    for start, end in reversed(found[len(first) :]):
        if taken >= MOST:
            break
        last.append((start, end))
        taken += end - start
    return [*first, *reversed(last)]


def _places(text: str) -> Iterator[int]:
    """Each message once, and the first and last places of each word and code."""
    glimpse = Glimpse(text, _WORDS)
    yield from _messages(text, glimpse)
    for word in _WORDS:
        if glimpse.may_hold(word):
            yield from _ends(text, word)
    seen: Counter[str] = Counter()
    for code, start in islice(glimpse.labelled_codes(), _CODES):
        if code in CONDITIONS and seen[code] < _OF_ONE:
            seen[code] += 1
            yield start
    for code, start in islice(glimpse.labelled_codes(len(text) - _TAIL), _CODES):
        if code in CONDITIONS:
            yield start


def _messages(text: str, glimpse: Glimpse) -> Iterator[int]:
    """Where each message stands first. After so many different ones only the text's end is looked at."""
    told: set[tuple[str, str | None, str | None]] = set()
    looks = Looks()
    for start in range(0, len(text), _STEP):
        end = min(len(text), start + _STEP + _OVERLAP)
        if len(told) >= _MANY and end < len(text):
            continue

        def met(first: int, last: int, words: set[str], start: int = start) -> None:
            glimpse.met(start + first, start + last, words)

        for message in find_messages(text[start:end], met, looks):
            key = (message.template, message.value("constraint_name"), message.value("table_name"))
            if key not in told:
                told.add(key)
                yield start + message.start


def _ends(text: str, word: str) -> Iterator[int]:
    position = text.find(word)
    for _ in range(_OF_ONE):
        if position < 0:
            return
        yield position
        # the next one nearby lies in the same stretch
        position = text.find(word, position + _AROUND // 2)
    last = len(text)
    for _ in range(_OF_ONE // 3):
        last = text.rfind(word, position, last)
        if last < 0:
            return
        yield last
