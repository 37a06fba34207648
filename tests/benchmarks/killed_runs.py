"""`python tests/benchmarks/killed_runs.py [RUNS] [WORKERS]`: kills runs at random, tears each down, counts what is left."""

from __future__ import annotations

import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from tests.support.killed import killed_and_torn_down


def main() -> int:
    """Print what was wrong and how many runs there were; 1 when anything was."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    workers = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(workers) as pool:
        found = list(
            pool.map(
                lambda number: killed_and_torn_down(Path(folder, str(number)), number), range(runs)
            )
        )
    wrong = [each for each in found if each]
    for each in wrong:
        print("\n".join(each))
    print(
        f"{runs} runs killed, {len(wrong)} with an order left or unlisted, {time.monotonic() - begun:.0f} s"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
