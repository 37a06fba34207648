"""What drivers and ORMs wrote when they were run against a PostgreSQL 15.18: `tests/corpus/observed`, one line for each text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

OBSERVED = Path(__file__).parents[1] / "corpus" / "observed"


@dataclass(frozen=True, slots=True)
class Observed:
    """A text as a stack of that version gave it, in the form in which an application sent it on."""

    stack: str
    version: str
    form: str
    status: int
    media: str
    expected: dict[str, str | None]
    body: str


def observed() -> Iterator[Observed]:
    """Every text."""
    for path in sorted(OBSERVED.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            yield Observed(**json.loads(line))


@cache
def versions() -> dict[str, str]:
    """The version of each stack that was seen running."""
    return {each.stack: each.version for each in observed()}
