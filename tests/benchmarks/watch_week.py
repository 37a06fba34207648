"""A week of `smoke watch` on a clock that does not wait: `python -m tests.benchmarks.watch_week [ROUNDS]`.

A round every five minutes at a real shop on the loopback, with failures at times that a seed says (refusals: what may have ordered is kept for ever). Notices have to be at the
changes and nowhere else; memory and disk have to be flat from the first quarter on, but for the history, which grows by a row each.
"""

from __future__ import annotations

import random
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from smoke.app.delivering import Receiver
from smoke.app.options import RunOptions
from smoke.app.past_options import PastOptions
from smoke.app.pruning import keep_of, prune
from smoke.app.remembering import remember, wish_of
from smoke.app.running import run
from smoke.app.watch_rounds import WatchedTarget, WatchPlan, watch
from smoke.app.watch_state import WatchState
from smoke.overview.table import Shop as Round
from smoke.watching.notice import Notice
from smoke.watching.standing import Standing, What
from tests.support.one_order import ORDER, REFUSED
from tests.support.scripted import Shop, scripted

WEEK = 7 * 24 * 12
KEPT = "50"
_PAGE = 4096


class Moved:
    """A clock that sleeping moves on."""

    def __init__(self) -> None:
        self.passed = 0.0

    def monotonic(self) -> float:
        return self.passed

    def now(self) -> datetime:
        return datetime(2026, 11, 23, tzinfo=UTC) + timedelta(seconds=self.passed)

    def sleep(self, seconds: float) -> None:
        self.passed += seconds


class Silent:
    """Hears a watch and says nothing, but for problems."""

    def round(self, shop: Round, standing: Standing, what: What | None) -> None:
        pass

    def expecting(self, target: str, due: float) -> None:
        pass

    def resting(self, until: datetime) -> None:
        pass

    def problem(self, text: str) -> None:
        print(f"  {text}")


def ill_rounds(count: int) -> set[int]:
    """Which rounds fail: about one in fifty begins a failure of one to nine rounds."""
    chance, found, at = random.Random(20261123), set[int](), 0
    while at < count:
        at += chance.randint(20, 80)
        found.update(range(at, at + chance.randint(1, 9)))
        at += 10
    return {each for each in found if each < count}


def memory() -> int:
    """Resident memory of this process, in KiB (Linux)."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE // 1024


def size(folder: Path) -> int:
    """What lies in a folder, in KiB."""
    return sum(each.stat().st_size for each in folder.rglob("*") if each.is_file()) // 1024


class Week:
    """One watch: the rounds it had, and what it told."""

    def __init__(self, folder: Path, shop: Shop, rounds: int) -> None:
        self.folder, self.shop, self.rounds = folder, shop, rounds
        self.ill = ill_rounds(rounds)
        self.number = 0
        self.told: list[str] = []
        self.sizes: list[tuple[int, int, int]] = []
        (folder / "order.yaml").write_text(ORDER, encoding="utf-8")
        self.options = RunOptions(
            selectors=(str(folder / "order.yaml"),), url=shop.url, out=folder / "runs"
        )
        self.wish = wish_of(self.options, PastOptions(history=str(folder / "history.db")), {})

    def carry_out(self, place: WatchedTarget) -> Round:
        bad = self.number in self.ill
        self.shop.on("POST /orders", 409 if bad else 201, REFUSED if bad else {"id": "o-1"})
        return Round(place.target, place.url, run(options=self.options, environ={}))

    def finished(self, shop: Round) -> None:
        assert shop.run is not None
        remember(shop.run, self.wish)
        keep = keep_of(KEPT, "--keep-runs")
        for _ in prune(self.options.out, keep, now=datetime.now(UTC), dry_run=False):
            pass
        self.shop.seen.clear()
        self.number += 1
        if self.number % max(1, self.rounds // 8) == 0:
            runs = size(self.options.out)
            self.sizes.append((memory(), runs, size(self.folder) - runs))
            print(
                f"  {self.number:>6} rounds   memory {self.sizes[-1][0]:>8} KiB   runs {runs:>6} KiB   "
                f"history and state {self.sizes[-1][2]:>6} KiB",
                flush=True,
            )

    def deliver(self, _receiver: Receiver, notice: Notice) -> str:
        self.told.append(
            f"{self.number - 1} {'recovered' if 'passes again' in notice.title else 'failing'}"
        )
        return ""

    def expected(self) -> list[str]:
        """What a watch has to tell: the first round of each failure, and the first behind it."""
        found = []
        for at in range(self.rounds):
            if (at in self.ill) != (at - 1 in self.ill):
                found.append(f"{at} {'failing' if at in self.ill else 'recovered'}")
        return found


def main(rounds: int) -> int:
    clock = Moved()
    with tempfile.TemporaryDirectory() as folder, scripted() as shop:
        shop.on("DELETE /orders/o-1", 200, {})
        week = Week(Path(folder), shop, rounds)
        watch(
            [WatchedTarget("production", shop.url, shop.url)],
            WatchPlan(
                300, 0, receivers=(Receiver("PLACES", "https://chat.example"),), rounds=rounds
            ),
            WatchState(),
            week.folder / "watch.json",
            run=week.carry_out,
            deliver=week.deliver,
            hearing=Silent(),
            finished=week.finished,
            stopped=lambda: False,
            sleep=clock.sleep,
            clock=clock,
        )
    right = week.told == week.expected()
    print(
        f"{rounds} rounds in {clock.passed / 86400:.1f} days by its clock, {len(week.ill)} failed"
    )
    print(f"{len(week.told)} notices, {'exactly' if right else 'NOT'} at the changes")
    first, last = week.sizes[1], week.sizes[-1]
    flat = last[0] <= first[0] * 1.1 + 2048 and last[1] <= first[1] * 1.2 + 64
    print(f"memory and runs on the disk are {'flat' if flat else 'NOT FLAT'}")
    return 0 if right and flat else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else WEEK))
