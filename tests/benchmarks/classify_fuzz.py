"""Classifies mutated responses of the corpus and stops at the first exception: `python classify_fuzz.py [COUNT] [SEED]`.

The tests run a few hundred of them; 100,000 take some minutes.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from smoke.classify import classify_response
from tests.support.mutate import mutations
from tests.support.responses import saved


def main(count: int, seed: int) -> int:
    """0 when every body was answered."""
    cases = list(saved())
    started = time.perf_counter()
    slowest = (0.0, "")
    for number in range(count):
        case = cases[number % len(cases)]
        for body in mutations(case.body, seed + number, count=1):
            begin = time.perf_counter()
            try:
                classify_response(case.status, case.headers, body, reason=case.reason)
            except BaseException:
                print(f"{case.name} seed {seed + number}: {body[:2000]!r}")
                raise
            slowest = max(slowest, (time.perf_counter() - begin, case.name))
    seconds = time.perf_counter() - started
    print(
        f"{count} bodies answered in {seconds:.0f} s, slowest {slowest[0] * 1000:.0f} ms ({slowest[1]})"
    )
    return 0


if __name__ == "__main__":
    arguments = [int(argument) for argument in sys.argv[1:3]]
    sys.exit(main(*[*arguments, *[100_000, 1][len(arguments) :]]))
