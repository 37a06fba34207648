"""The end of start-up."""

from __future__ import annotations

import gc


def collect_garbage_again() -> None:
    """Switch the collector on (`smoke.__main__` has it off): what start-up made is never looked at again.

    A run makes many objects that stay and few that form a ring: looking for rings less often saves a thirtieth of a
    long run's time and costs no memory worth naming.
    """
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)
    gc.enable()
