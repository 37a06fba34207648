"""Whole outputs compared with files under tests/snapshots/; `SMOKE_UPDATE_SNAPSHOTS=1` writes them anew."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "snapshots"
UPDATE = "SMOKE_UPDATE_SNAPSHOTS"


def check_snapshot(name: str, actual: str | bytes) -> None:
    """Fail unless the file `name` holds exactly `actual`."""
    data = actual.encode() if isinstance(actual, str) else actual
    path = FOLDER / name
    if os.environ.get(UPDATE):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return
    assert path.is_file(), f"no snapshot {name}: run once with {UPDATE}=1 and review it"
    assert path.read_bytes() == data, f"{name} differs: review, then run with {UPDATE}=1"
