"""A scheduler of Dask's with two workers in processes of their own, on the loopback."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest


@contextmanager
def cluster(place: Path, workers: int = 2, **options: Any) -> Iterator[Any]:
    """A LocalCluster as anybody would start it: Dask's own number of failures, no encryption."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        dashboard_address="127.0.0.1:0",
        silence_logs=logging.CRITICAL,
        memory_limit=0,
        local_directory=str(place),
        **options,
    ) as found:
        yield found
