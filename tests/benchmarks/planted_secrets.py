"""Plants secrets where responses mask them, captures them, sends them on, and counts how many can be read afterwards.

    python tests/benchmarks/planted_secrets.py [COUNT] [SEED]

COUNT (10,000) secrets in all places of `tests.support.planted`, a hundred to a complete `smoke run` with all reports; each
run's folder, reports, job summary and terminal are searched for every secret in every spelling.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from tests.e2e.test_cli_captured_secrets import leaks
from tests.support.planted import plants

AT_ONCE = 100


def main(count: int, seed: int) -> int:
    begun = time.monotonic()
    leaked: set[str] = set()
    done = 0
    for number in range(0, count, AT_ONCE):
        size = min(AT_ONCE, count - number)
        with tempfile.TemporaryDirectory() as folder:
            found = leaks(Path(folder), list(plants(size, seed + number)), ci=number % 200 == 0)
        done += size
        for line in found:
            print(line[:300], flush=True)
        leaked |= {f"{number} {line.partition('):')[0]}" for line in found}
        if done % 1000 == 0 or done == count:
            seconds = time.monotonic() - begun
            print(f"{done:6} planted  {len(leaked):4} can be read  {seconds:7.0f} s", flush=True)
    return 1 if leaked else 0


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:]]
    sys.exit(main(*(numbers + [10_000, 1][len(numbers) :])))
