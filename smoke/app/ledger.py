"""Orders of all runs, read from their journals."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from smoke.model.run import PlacedOrder
from smoke.store import RunFolder, StoreError, list_runs, resolve


class Row(Struct, frozen=True):
    """One order, and the run and target that it belongs to."""

    run_id: str
    target: str
    order: PlacedOrder


def ledger(out: Path, run: str = "") -> Iterator[Row]:
    """The orders of one run (a word that `resolve` takes), or of all runs below `out`, newest run first."""
    folders = [resolve(out, run)] if run else [stored.folder() for stored in list_runs(out)]
    for folder in folders:
        yield from _rows(folder)


def _rows(folder: RunFolder) -> Iterator[Row]:
    try:
        run = folder.run()
    except StoreError:
        return  # it ended before its first event was whole, so before any order
    for order in run.orders:
        yield Row(run.id, run.target.url, order)
