"""Which options `smoke watch` takes."""

from __future__ import annotations

from smoke.app.declared import Declared, declared
from smoke.app.options import RunOptions
from smoke.app.past_options import PastOptions
from smoke.app.sweep_options import SweepOptions
from smoke.app.watch_options import WatchOptions

_NOT_HERE = frozenset({"on", "shard", "shard_times", "overview", "changed_since", "until"})
_OF_PAST = ("build", "history")


def options() -> list[Declared]:
    """What a watch takes: how it is watched first, then what a run takes."""
    past = declared(PastOptions)
    items = [
        *list(declared(RunOptions).values())[:1],
        *declared(WatchOptions).values(),
        *declared(SweepOptions).values(),
        *list(declared(RunOptions).values())[1:],
        *(past[name] for name in _OF_PAST),
    ]
    return [item for item in items if item.field not in _NOT_HERE]
