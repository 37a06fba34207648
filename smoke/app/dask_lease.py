"""One handing out of a task to a worker, and what that worker says of it."""

from __future__ import annotations

from contextlib import suppress

from smoke.app.carrier import RunJob
from smoke.app.dask_cluster import DaskCluster, GoneError
from smoke.app.dask_tasks import DaskTask
from smoke.app.dask_work import Message
from smoke.diagnostic import SmokeError
from smoke.model.events import (
    Event,
    OrderIntended,
    RunFinished,
    RunStarted,
    ScenarioFinished,
    ScenarioStarted,
)
from smoke.store import StoreError
from smoke.store.adopting import Arrival
from smoke.store.journal import read_line


class TaskLease:
    """Takes in what a worker says. From its end on nothing is begun by it, and what it did before is still taken in."""

    def __init__(
        self, name: str, task: DaskTask, worker: str, job: RunJob, cluster: DaskCluster
    ) -> None:
        self.name = name
        self.task = task
        self.worker = worker
        self.over = False
        self._job = job
        self._cluster = cluster
        self._next = 2
        """The number of the message that comes next, behind `hello`."""
        self._arriving: dict[str, Arrival] = {}

    def take(self, message: Message) -> Event | None:
        """Keep what a message brings; the event that it is. Raises StoreError for what cannot be kept."""
        number = int(message["number"])
        if number != self._next:
            self._job.journal.noticed(f"something that the worker {self.worker} said did not come")
        self._next = number + 1
        if message["kind"] == "body":
            self._body(message)
            return None
        if message["kind"] != "event":
            return None
        try:
            event = read_line(bytes(message["line"]).rstrip(b"\n"))
        except ValueError as error:
            self._job.journal.noticed(f"the worker {self.worker} sent what is no event: {error}")
            return None
        if event is None or not self._wanted(event):
            return None
        why = ""
        try:
            self._job.journal.append(event, sync=bool(message["sync"]))
        except StoreError as error:
            why = str(error)
        if message["sync"]:
            self._acknowledge(number, why)
        return event

    def _wanted(self, event: Event) -> bool:
        """Whether it is of a run that goes on: a worker that was given up may have ordered, but orders no more."""
        if isinstance(event, (RunStarted, RunFinished)):
            return False
        return not (
            self.over and isinstance(event, (OrderIntended, ScenarioStarted, ScenarioFinished))
        )

    def _acknowledge(self, number: int, why: str) -> None:
        if self.over:
            with suppress(GoneError):
                self._cluster.tell(self.name, "ack", of=number, why=why)
                self._cluster.end(self.name)
            return
        self._cluster.tell(self.name, "ack", of=number, why=why)

    def _body(self, message: Message) -> None:
        path = str(message["path"])
        prefix = f"part-{self.task.number}-"
        arrival = self._arriving.get(path)
        if arrival is None:
            arrival = self._arriving[path] = Arrival(path, self._job.folder, prefix)
        arrival.write(
            bytes(message["data"]), last=bool(message["last"]), sync=bool(message["sync"])
        )

    def end(self) -> None:
        """Its worker has said all, or is given up."""
        self.over = True
        self._cluster.end(self.name)

    def close(self) -> None:
        """No body goes on."""
        for arrival in self._arriving.values():
            with suppress(SmokeError):
                arrival.close()
