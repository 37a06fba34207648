"""`python -m tests.benchmarks.dask_killed [RUNS]`: runs on two workers of Dask's, one killed at a random moment in each."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from tests.support.dask_cluster import cluster
from tests.support.dask_killed import killed_at_random


def main() -> int:
    """Print what was wrong and the figures; 1 when anything was."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, cluster(Path(folder)) as workers:
        found = []
        for number in range(runs):
            kill = killed_at_random(Path(folder, f"run-{number}"), workers, number)
            found.append(kill)
            print(
                f"{number:3} at the shop {kill.at_shop:2}, in the ledger {kill.in_ledger:2}"
                f" (never sent {kill.never_sent}), errored {kill.errored} {'; '.join(kill.wrong)}",
                flush=True,
            )
    wrong = [each for each in found if each.wrong]
    print(
        f"{runs} runs, {sum(each.errored > 0 for each in found)} with a lost scenario,"
        f" {sum(each.at_shop for each in found)} orders at the shop,"
        f" {sum(each.in_ledger for each in found)} in the ledger,"
        f" {sum(each.never_sent for each in found)} of them never sent; wrong: {len(wrong)};"
        f" {time.monotonic() - begun:.0f} s"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
