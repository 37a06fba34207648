"""The end of start-up."""

from __future__ import annotations

import gc


def collect_garbage_again() -> None:
    """Switch the collector on (`smoke.__main__` has it off): what start-up made is never looked at again."""
    gc.freeze()
    gc.enable()
