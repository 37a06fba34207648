"""A scheduler of Dask's with two workers in processes of their own, on the loopback."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.cli import environment


@dataclass
class Workers:
    """A scheduler with Dask's own settings, and its workers as processes without anybody who starts them again."""

    scheduler: Any
    place: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def address(self) -> str:
        return str(self.scheduler.scheduler_address)

    def client(self) -> Any:
        from distributed import Client

        return Client(self.address, set_as_default=False)

    def start(
        self, count: int = 2, env: Mapping[str, str] | None = None, output: Path | None = None
    ) -> None:
        """Have so many in all."""
        self.processes = [each for each in self.processes if each.poll() is None]
        wanted = count - len(self.processes)
        for _ in range(wanted):
            with Path(output or os.devnull).open("ab") as told:
                self.processes.append(
                    subprocess.Popen(
                        [
                            *(sys.executable, "-m", "distributed.cli.dask_worker", self.address),
                            *("--no-nanny", "--no-dashboard", "--nthreads", "1"),
                            *("--local-directory", str(self.place)),
                        ],
                        cwd=self.place,
                        env=environment(env),
                        stdout=told,
                        stderr=told,
                    )
                )
        if wanted > 0:
            with self.client() as client:
                client.wait_for_workers(count, timeout=90)

    def stop(self) -> None:
        for each in self.processes:
            each.kill()
        for each in self.processes:
            each.wait()


@contextmanager
def cluster(place: Path, workers: int = 2) -> Iterator[Workers]:
    """It ends with the block."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=0, dashboard_address="127.0.0.1:0", silence_logs=logging.CRITICAL
    ) as scheduler:
        found = Workers(scheduler, place)
        try:
            found.start(workers)
            yield found
        finally:
            found.stop()
