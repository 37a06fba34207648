"""Stretches of bytes to be replaced, and how overlapping ones become one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum


class MaskReason(StrEnum):
    """Why something is masked."""

    DECLARED = "declared"
    LEARNED = "learned"
    PLACE = "place"
    SHAPE = "shape"
    CARD = "card"


_RANKS = {kind: rank for rank, kind in enumerate(MaskReason)}


@dataclass(frozen=True, slots=True)
class SecretMatch:
    """Bytes `start` to `end` are a secret called `name`; `text` stands in their place.

    `continues`, for a match that ends where the view ends: finds the end in the next view, from an offset on.
    """

    start: int
    end: int
    text: bytes
    kind: MaskReason
    name: str
    continues: Callable[[bytes, int], int] | None = field(default=None, compare=False)


def mask_of(name: str) -> bytes:
    """The mask of a secret: the same name always has the same mask."""
    return b"[masked:" + name.encode("utf-8", "replace") + b"]"


def masked(start: int, end: int, kind: MaskReason, name: str) -> SecretMatch:
    """The match that puts the mask of `name` in place of the bytes."""
    return SecretMatch(start, end, mask_of(name), kind, name)


def merge(matches: Iterable[SecretMatch], done: int = 0) -> list[SecretMatch]:
    """Disjoint matches in order, none before `done`.

    Overlapping ones become one with the mask of the longest; of equally long ones a declared secret names it.
    """
    merged: list[SecretMatch] = []
    longest = 0
    for match in sorted(matches, key=lambda m: (m.start, -m.end, _RANKS[m.kind])):
        if match.end <= done:
            continue
        start = max(match.start, done)
        size = match.end - start
        if merged and start < merged[-1].end:
            last = merged[-1]
            winner = match if size > longest else last
            longest = max(longest, size)
            longer = match if match.end > last.end else last
            merged[-1] = SecretMatch(
                last.start, longer.end, winner.text, winner.kind, winner.name, longer.continues
            )
        else:
            merged.append(
                SecretMatch(start, match.end, match.text, match.kind, match.name, match.continues)
            )
            longest = size
    return merged
