"""Orders of all runs, read from their journals; and those that a person says are dealt with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct

from smoke.diagnostic import Diagnostic, Note, SmokeError, nearest
from smoke.model.events import OrderForgotten
from smoke.model.run import PlacedOrder
from smoke.redact import Secrets, mask_text
from smoke.store import RunEmptyError, RunFolder, list_runs, resolve

_LONGEST_REASON = 500


class Row(Struct, frozen=True):
    """One order, and the run and target that it belongs to."""

    run_id: str
    target: str
    order: PlacedOrder


def ledger(out: Path, run: str = "") -> Iterator[Row]:
    """The orders of one run (a word that `resolve` takes), or of all runs below `out`, newest run first.

    Of all runs, one that was merged into another is told of there.
    """
    merged: set[str] = set()
    folders = [resolve(out, run)] if run else [stored.folder() for stored in list_runs(out)]
    for folder in folders:
        try:
            found = folder.run()
        except RunEmptyError:
            continue  # it ended before its first event was whole, so before any order
        merged.update(found.merged)
        if found.id in merged:
            continue
        for order in found.orders:
            yield Row(found.id, found.target.url, order)


def forget(folder: RunFolder, words: Sequence[str], why: str) -> tuple[PlacedOrder, ...]:
    """Write into a run's journal that orders are dealt with; those orders.

    `words` are keys or ids; without any, all that the run left. Raises SmokeError for a word that is none of them,
    when nothing is left, when no reason is given, and while the run is being written.
    """
    reason = " ".join(why.split())[:_LONGEST_REASON]
    if not reason:
        raise SmokeError.of(
            "bad-option",
            "--why is missing: say in a few words how the order was dealt with",
            notes=["for example --why 'cancelled in the back office'"],
        )
    folder.lock()
    run = folder.run()
    left = run.orders_left_behind
    if not left:
        raise SmokeError.of("unknown-order", f"the run {run.id} left no orders behind")
    chosen = (
        {order.key: order for word in words for order in _meant(word, left)}
        if words
        else {order.key: order for order in left}
    )
    text = mask_text(reason, Secrets.of({}))
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    for key in chosen:
        folder.append(OrderForgotten(at, key, text), sync=True)
    return tuple(chosen.values())


def _meant(word: str, left: Sequence[PlacedOrder]) -> list[PlacedOrder]:
    found = [order for order in left if word in (order.key, order.order_id)]
    if found:
        return found
    known = [name for order in left for name in (order.key, order.order_id) if name]
    listed = ", ".join(order.key for order in left[:20])
    raise SmokeError(
        [
            Diagnostic(
                "unknown-order",
                f"the run left no order '{word}' behind",
                suggestion=nearest(word, known),
                notes=(Note(f"left are: {listed}"),),
            )
        ]
    )
