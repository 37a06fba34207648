"""How long the history takes to answer with many runs in it: `python -m tests.benchmarks.history_speed [RUNS] [DSN]`.

SQLite in a folder that is thrown away, then PostgreSQL: the one of the DSN (a database of its own: tables are made in it),
or the demo's. Each answer may take a second.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

from msgspec.structs import replace

from smoke.app.comparing import compared, past_runs
from smoke.app.history import HistoryPlace, writing
from smoke.app.remembering import Wish, remember
from smoke.history.recording import record_of
from smoke.history.rows import FailureRow, RunRecord, StepRow
from tests.support import samples
from tests.support.past import failure, ran

SCENARIOS = ("first-order", "repeat-customer", "cancel-order")
STEPS = ("Session", "Order 1", "Order 2", "Read", "Cancel")
ALLOWED = 1.0


def records(count: int) -> Iterator[RunRecord]:
    """Runs of three scenarios with five steps each; every tenth build is broken, as are the last two."""
    for number in range(count):
        broken = number // 3 % 10 == 9 or number >= count - 6
        failures: tuple[FailureRow, ...] = ()
        if broken:
            failures = (failure(step="Order 2", scenario="repeat-customer"),)
        steps = tuple(
            StepRow(name, step, "passed", 0.1 + (number * 7 % 13) / 100)
            for name in SCENARIOS
            for step in STEPS
            if not (broken and (name, step) == ("repeat-customer", "Order 2"))
        )
        outcomes = dict.fromkeys(SCENARIOS, "passed")
        if broken:
            outcomes["repeat-customer"] = "failed"
        record = ran(0, f"v{number // 3}", *failures, steps=steps, status=int(broken), **outcomes)
        started = f"2026-{number // 20000 + 1:02}-01T{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}.{number // 86400:03}+00:00"
        yield replace(
            record, run=replace(record.run, id=f"20260101-{number:06}-aaaaaa", started=started)
        )


def timed(name: str, ask: Callable[[], object]) -> bool:
    begun = time.perf_counter()
    ask()
    took = time.perf_counter() - begun
    print(f"  {name:<34} {took * 1000:8.0f} ms{'' if took < ALLOWED else '  TOO SLOW'}")
    return took < ALLOWED


def measure(place: HistoryPlace, history: str, count: int) -> bool:
    begun = time.perf_counter()
    with writing(place) as opened:
        for record in records(count):
            opened.add(record)
    print(f"{place.called}: {count:,} runs written in {time.perf_counter() - begun:.1f} s")
    out = Path(".smoke/runs")
    run = samples.failing().run
    run = replace(run, target=replace(run.target, name="production"), started_at="2027")
    good = [
        timed("smoke history", lambda: past_runs(place)),
        timed("smoke compare", lambda: compared("", "", out=out, history=history)),
        timed(
            "smoke compare last-pass", lambda: compared("last-pass", "", out=out, history=history)
        ),
        timed(
            "smoke compare v100 v200", lambda: compared("v100", "v200", out=out, history=history)
        ),
        timed(
            "a run that failed, kept and judged", lambda: remember(run, Wish(place, ("v9999", "")))
        ),
        timed("a run, kept", lambda: _keep(place, record_of(run))),
    ]
    return all(good)


def _keep(place: HistoryPlace, record: RunRecord) -> None:
    with writing(place) as history:
        history.add(record)


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        file = Path(folder) / "history.db"
        good = measure(HistoryPlace(file), str(file), count)
        if len(sys.argv) > 2:
            dsn = sys.argv[2]
        else:
            from smoke.demo.postgres import EmbeddedServer

            dsn = stack.enter_context(EmbeddedServer()).create_database("history")
        import os

        os.environ["SMOKE_HISTORY"] = dsn
        good = measure(HistoryPlace(dsn=dsn, source="SMOKE_HISTORY"), dsn, count) and good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
