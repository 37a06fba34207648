"""What the one who asks and a worker say to one another, and what a worker is given. Nothing of it is in a task itself.

A task of Dask's has a random key and two arguments: the name of a queue and a number. A worker that begins one says
`hello` on the queue, with the name of a queue of its own (its lease) and a key to seal with; only then it is given its
work, sealed, and only once for each task: whoever asks a second time, because Dask gave the task to another worker, is
refused. Its events and bodies come on the first queue, in order; those that must be on the disk before it goes on it
waits for (`ack`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from smoke.app.target import ResolvedTarget
from smoke.scenario.load import Loaded
from smoke.scenario.variables import Overrides

PATIENCE = 15.0
"""Seconds that a worker waits for an answer of the one who asked: without it nothing is ordered."""
PIECE = 256 * 1024
"""Bytes of a body that go at once."""
WAITING = 64
"""Messages that may wait for the one who asked: more make the workers wait."""

Message = Mapping[str, Any]


class TaskWork(Struct, frozen=True):
    """What a worker needs to carry out a task. Secrets are in it: it leaves sealed, for one worker."""

    run_id: str
    seed: str
    trace_id: str
    started: str
    number: int
    loaded: tuple[Loaded, ...]
    names: tuple[str, ...]
    overrides: Overrides
    where: ResolvedTarget
    environ: Mapping[str, str]
    digest_key: bytes
    fail_fast: bool
    seconds: float | None
    """Until nothing more may be started."""
    teardown_seconds: float | None
    """Until the clean-up must be over."""


class WorkerFacts(Struct, frozen=True):
    """What has to be the same at a worker as here."""

    smoke: str
    python: str
    code: str
    """A digest of smoke's own modules."""
    files: Mapping[str, str]
    """Digests of files that options name, empty for one that cannot be read."""

    def differs(self, other: WorkerFacts) -> str:
        """What is otherwise at a worker, in words; empty when nothing is."""
        if other.smoke != self.smoke:
            return f"has smoke {other.smoke}, and this is {self.smoke}"
        if other.python != self.python:
            return f"has Python {other.python}, and this is {self.python}"
        if other.code != self.code:
            return f"has smoke {other.smoke} of other files than this one"
        for name, digest in self.files.items():
            if other.files.get(name) != digest:
                return f"has no such {name}, or another one than is here"
        return ""
