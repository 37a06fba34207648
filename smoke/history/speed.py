"""Whether a step has become slower: an exact rank test, which needs no assumption about how times are spread.

The one-sided Mann-Whitney U test (H. B. Mann, D. R. Whitney, "On a Test of Whether one of Two Random Variables is
Stochastically Larger than the Other", 1947). With one run against n passes nothing below 1/(n+1) can come out: few
passes prove nothing, and then nothing is claimed.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from msgspec import Struct

LEVEL = 0.05
"""How often at most a run would be called slower that is not, over all its steps together."""
FACTOR = 1.25
"""How much slower the middle must be to be worth a word."""
SECONDS = 0.05
"""And by how much at least."""
MOST_NOW, MOST_BEFORE = 5, 300


class Slower(Struct, frozen=True):
    """A step that took longer, and what that is told by."""

    scenario: str
    step: str
    now: float
    """The middle of the times now."""
    before: float
    """The middle of the times of the passes before."""
    runs: int
    passes: int
    p: float


def slower(
    scenario: str, step: str, now: Sequence[float], before: Sequence[float], tests: int
) -> Slower | None:
    """Whether times are longer than those of the passes before; None where that is not shown. `tests`: steps that are tried."""
    now, before = now[:MOST_NOW], before[:MOST_BEFORE]
    if not now or not before:
        return None
    middle, usual = _middle(now), _middle(before)
    if middle < usual * FACTOR or middle - usual < SECONDS:
        return None
    p = chance(now, before)
    if p > LEVEL / max(tests, 1):
        return None
    return Slower(scenario, step, middle, usual, len(now), len(before), p)


def _middle(times: Sequence[float]) -> float:
    """The median; `statistics` takes longer to load than a run has."""
    ranked = sorted(times)
    half = len(ranked) // 2
    return ranked[half] if len(ranked) % 2 else (ranked[half - 1] + ranked[half]) / 2


def needed(tests: int) -> int:
    """How many passes one run has to be compared with before anything can be shown."""
    return round(max(tests, 1) / LEVEL) - 1


def chance(now: Sequence[float], before: Sequence[float]) -> float:
    """The probability that times at least as long come out when nothing has changed. Ties speak against it."""
    larger = sum(each > other for each in now for other in before)
    ways = _ways(len(now), len(before))
    return sum(ways[larger:]) / sum(ways)


@cache
def _ways(now: int, before: int) -> tuple[int, ...]:
    """In how many orders of all times each U comes out: the coefficients of the Gaussian binomial."""
    ways = [1] + [0] * (now * before)
    for number in range(1, now + 1):
        factor = before + number
        for at in range(len(ways) - 1, factor - 1, -1):
            ways[at] -= ways[at - factor]
        for at in range(number, len(ways)):
            ways[at] += ways[at - number]
    return tuple(ways)
