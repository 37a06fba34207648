"""`--on`: the scenarios of a run carried out by workers of Dask's, in one run folder, with one verdict."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from smoke.app.carrier import Carrier, RunJob
from smoke.app.dask_cluster import DaskCluster, GoneError, cluster_of
from smoke.app.dask_facts import facts
from smoke.app.dask_lease import TaskLease
from smoke.app.dask_lost import remove_orders, skip, tell_lost
from smoke.app.dask_sealed import seal
from smoke.app.dask_tasks import DaskTask, divided
from smoke.app.dask_work import Message, TaskWork, WorkerFacts
from smoke.app.deployment_database import DSN_VARIABLES
from smoke.app.given_values import GivenValues
from smoke.app.options import RunOptions
from smoke.app.sharding import Chosen
from smoke.app.target import ResolvedTarget
from smoke.diagnostic import Diagnostic, Note, SmokeError
from smoke.engine.control import Control
from smoke.engine.scenario import TEARDOWN_AFTER_INTERRUPT
from smoke.model.events import ScenarioFinished
from smoke.model.run import Outcome
from smoke.scenario.model import every_step
from smoke.store import StoreError

_LOOK = 1.0
"""Seconds between two looks at which workers are there."""
_NO_WORKER = 60.0
"""Seconds that a task waits for a worker where there is none."""
_MOST_MIGRATIONS = 500
_LOOPBACK = re.compile(r"[a-z]+://(?:127\.|\[::1\])")
_ENV = re.compile(rb"\benv\s*(?:\.\s*|\[\s*['\"])([A-Za-z_][A-Za-z0-9_]*)")


@contextmanager
def dask_carrier(
    options: RunOptions, chosen: Chosen, where: ResolvedTarget, outside: GivenValues
) -> Iterator[Carrier]:
    """Has scenarios carried out by the cluster that `--on` names, all checked that can be. Raises SmokeError."""
    if where.options.all_logs:
        raise SmokeError.of(
            "bad-option",
            f"the target '{where.target.name}' names logs, which are read where a run is, and with --on it is elsewhere",
            notes=["`smoke show RUN --log FILE` looks afterwards"],
        )
    if where.options.rate:
        raise SmokeError.of(
            "bad-option",
            f"the rate {where.options.rate} holds within one process, and --on has workers that know nothing of one another",
            notes=["--workers runs scenarios side by side within this one"],
        )
    packed = _packed(chosen)
    sending = where.sending
    files = [name for name in (sending.ca_file, sending.client_cert, sending.client_key) if name]
    if where.options.dsn_env or any(outside.environ.get(name) for name in DSN_VARIABLES):
        files += _migrations(chosen)
    with cluster_of(options.on, files) as cluster:
        _check_receivers(chosen, cluster)
        yield lambda job: _Carrying(cluster, job, packed).outcome()


def _migrations(chosen: Chosen) -> list[str]:
    """The fixes that scenarios name, with the migrations beside them: a database is asked about these where they lie."""
    found: dict[str, None] = {}
    for item in chosen.loaded:
        if item.scenario.fix is not None:
            beside = islice(Path(item.scenario.fix).parent.glob("*.sql"), _MOST_MIGRATIONS)
            found |= dict.fromkeys([item.scenario.fix, *sorted(map(str, beside))])
    return list(found)


def _check_receivers(chosen: Chosen, cluster: DaskCluster) -> None:
    """Refuse steps that are called at the loopback of this machine, where a worker is on another. Raises SmokeError."""
    far = [address for address in cluster.threads() if not _LOOPBACK.match(address)]
    problems = [
        Diagnostic(
            "bad-option",
            f"the step '{' › '.join(step.path)}' is called at the loopback of where it is carried out, and with --on that is"
            f" another machine ({far[0]})",
            span=step.span,
            notes=(Note("run this scenario without --on"),),
        )
        for item in (chosen.loaded if far else ())
        for step in every_step(item.scenario.steps)
        if step.traits.receives
    ]
    if problems:
        raise SmokeError(problems)


class _Carrying:
    """One run on a cluster: hands out its tasks, takes in what comes, sees who is gone."""

    def __init__(self, cluster: DaskCluster, job: RunJob, packed: bytes) -> None:
        self._cluster = cluster
        self._job = job
        self._environ = _environ(job, packed)
        self._tasks: dict[int, DaskTask] = {}
        self._waiting: dict[int, DaskTask] = {}
        self._leases: dict[str, TaskLease] = {}
        """Those that were handed out, by their names; the ended ones, too."""
        self._by_task: dict[int, TaskLease] = {}
        self._stopped = False
        self._wall = ""
        self._told = 0
        self._until = float("inf")
        self._worst = Outcome.SKIPPED
        self._looked = time.monotonic()
        self._alone_since = 0.0
        self._marks = 0
        self._gone: dict[int, list[int]] = {}
        """Tasks that nobody carries out any more, by the mark behind all that was said of them."""
        self._pool = ThreadPoolExecutor(1)

    def outcome(self) -> Outcome:
        """The worst of the scenarios."""
        with self._pool:
            try:
                self._begin()
                while self._waiting or self._open():
                    for message in self._cluster.messages(0.1):
                        self._take(message)
                    self._tell_stops()
                    self._look()
            except GoneError as gone:
                self._all_lost(f"the scheduler is gone ({gone})")
            finally:
                for lease in self._leases.values():
                    lease.close()
        return self._worst if self._tasks else Outcome.PASSED

    def _begin(self) -> None:
        threads = sum(self._cluster.threads().values())
        for task in divided(self._job.chosen, threads):
            self._tasks[task.number] = self._waiting[task.number] = task
        for number in self._tasks:
            self._cluster.submit(number)

    def _open(self) -> list[TaskLease]:
        return [lease for lease in self._by_task.values() if not lease.over]

    # what comes

    def _take(self, message: Message) -> None:
        if message["kind"] == "hello":
            self._hello(message)
            return
        if message["kind"] == "mark":
            for number in self._gone.pop(message["number"], ()):
                self._given_up(number)
            return
        lease = self._leases.get(message["lease"])
        if lease is None:
            return
        try:
            event = lease.take(message)
        except StoreError as error:
            self._job.journal.failed(error)
            event = None
        if isinstance(event, ScenarioFinished):
            self._finished(event.result.outcome)
        if message["kind"] == "done":
            self._done(lease, message)

    def _hello(self, message: Message) -> None:
        name, number = str(message["lease"]), int(message["task"])
        task = self._waiting.pop(number, None)
        if task is None:  # Dask began it a second time: its worker is gone
            self._refuse(name)
            before = self._by_task.get(number)
            if before is not None and not before.over:
                self._lost(before)
            return
        smoke, python, code = message["facts"]
        differs = facts().differs(WorkerFacts(smoke, python, code, {}))
        if differs:
            self._refuse(name)
            self._skip(task, f"not started: the worker {message['worker']} {differs}")
        elif why := self._why_not():
            self._refuse(name)
            self._skip(task, *why)
        else:
            lease = TaskLease(name, task, str(message["worker"]), self._job, self._cluster)
            self._leases[name] = self._by_task[number] = lease
            sealed = seal(bytes(message["public"]), _pickled(self._work(task)))
            self._cluster.tell(name, "work", sealed=sealed)

    def _refuse(self, lease: str) -> None:
        self._cluster.tell(lease, "refused")
        self._cluster.end(lease)

    def _why_not(self) -> tuple[str, Outcome] | None:
        """Why nothing is started any more, and what that makes of a scenario; None while something is."""
        plan = self._job.plan
        if self._wall:
            return f"not started: {self._wall}", Outcome.ERRORED
        if plan.control.over:
            return plan.control.why_over(), Outcome.ERRORED
        if plan.fail_fast and self._stopped:
            return "an earlier scenario did not pass (--fail-fast)", Outcome.SKIPPED
        return None

    def _done(self, lease: TaskLease, message: Message) -> None:
        lease.end()
        for problem in message["problems"]:
            self._job.journal.noticed(f"at the worker {lease.worker}: {problem}")
        if message["lost"]:
            self._job.journal.failed(
                StoreError(
                    [
                        Diagnostic(
                            "store-failed", f"the worker {lease.worker} could not keep something"
                        )
                    ]
                )
            )
        self._wall = self._wall or str(message["wall"])
        self._stopped = self._stopped or bool(message["stops"])
        if message["failed"]:
            self._lost(lease, f"the worker {lease.worker} failed: {message['failed']}")

    def _finished(self, outcome: Outcome) -> None:
        self._worst = max(self._worst, outcome, key=lambda each: each.rank)

    def _work(self, task: DaskTask) -> TaskWork:
        job = self._job
        services, plan = job.wiring.services, job.plan
        return TaskWork(
            run_id=services.run_id,
            seed=services.seed,
            trace_id=job.trace_id,
            started=job.started,
            number=task.number,
            loaded=task.loaded,
            names=task.names,
            overrides=dict(job.outside.overrides),
            where=job.where,
            environ=self._environ,
            digest_key=services.digest_key,
            fail_fast=plan.fail_fast,
            seconds=_left(plan.control),
            teardown_seconds=_left(plan.teardown),
        )

    # who is gone, and who is to stop

    def _tell_stops(self) -> None:
        """Hand on each interruption once; what has not begun by then does not begin."""
        plan = self._job.plan
        if (why := self._why_not()) is not None:
            self._skip_waiting(*why)
        stops = [each.reason for each in (plan.control, plan.teardown) if each.cancelled.is_set()]
        for reason in stops[self._told :]:
            for lease in self._open():
                self._cluster.tell(lease.name, "stop", reason=reason)
            self._until = time.monotonic() + (_AFTER_STOP if not self._told else 1.0)
            self._told += 1

    def _look(self) -> None:
        """See which workers are there."""
        now = time.monotonic()
        if now - self._looked < _LOOK:
            return
        self._looked = now
        late = now > self._until or self._job.plan.teardown.remaining() <= 0
        there = self._cluster.threads()
        gone = [lease.task.number for lease in self._open() if lease.worker not in there]
        # a worker that could not tell its end leaves a task that is `finished`, too
        going = [*self._waiting, *(lease.task.number for lease in self._open())]
        gone += [number for number in going if self._cluster.status(number) != "pending"]
        if gone:  # what they said before is taken in first
            self._marks += 1
            self._gone[self._marks] = gone
            self._cluster.mark(self._marks)
        for lease in self._open() if late else ():
            self._lost(lease)
        self._alone_since = 0.0 if there else self._alone_since or now
        if self._alone_since and now - self._alone_since > _NO_WORKER:
            self._skip_waiting(f"not started: no worker was there for {_NO_WORKER:g} s")

    def _given_up(self, number: int) -> None:
        """No worker carries this task out any more, and nothing of it is on its way."""
        task, lease = self._waiting.pop(number, None), self._by_task.get(number)
        if task is not None:
            self._skip(task, "not started: the scheduler gave it up")
        elif lease is not None and not lease.over:
            self._lost(lease)

    def _lost(self, lease: TaskLease, why: str = "") -> None:
        """Nothing more is ordered by this worker for the run; what it may have ordered is removed from here."""
        lease.end()
        self._cluster.drop(lease.task.number)
        tell_lost(self._job, lease.task, why or f"the worker {lease.worker} was lost")
        self._finished(Outcome.ERRORED)
        self._stopped = True
        if not self._job.plan.control.cancelled.is_set():
            # in a thread, since others wait for their answers meanwhile
            self._pool.submit(remove_orders, self._job, lease.task)

    def _all_lost(self, why: str) -> None:
        for lease in self._open():
            self._lost(lease, why)
        self._skip_waiting(f"not started: {why}")

    def _skip_waiting(self, why: str, outcome: Outcome = Outcome.ERRORED) -> None:
        waiting, self._waiting = self._waiting, {}
        for number, task in waiting.items():
            self._cluster.drop(number)
            self._skip(task, why, outcome)

    def _skip(self, task: DaskTask, why: str, outcome: Outcome = Outcome.ERRORED) -> None:
        skip(self._job, task, why, outcome)
        self._finished(outcome)


_AFTER_STOP = TEARDOWN_AFTER_INTERRUPT + 2.0
"""Seconds for the teardowns of the workers, and what they have to say of them."""


def _left(control: Control) -> float | None:
    left = control.remaining()
    return None if left == float("inf") else left


def _pickled(value: object) -> bytes:
    """With functions that have no name, as compiled schemas hold: Dask brings what can do that."""
    import cloudpickle

    data: bytes = cloudpickle.dumps(value)
    return data


def _packed(chosen: Chosen) -> bytes:
    """The scenarios as they are sent. Raises SmokeError where one of them cannot be."""
    try:
        return _pickled(chosen.loaded)
    except Exception as error:  # whatever a package's own class raises when it is copied
        raise SmokeError.of(
            "bad-option",
            f"--on: a scenario cannot be sent to workers: a step kind of a package holds what has no"
            f" copy ({type(error).__name__})",
        ) from error


def _environ(job: RunJob, packed: bytes) -> Mapping[str, str]:
    """The variables of the environment that the scenarios or the options name, and no other."""
    options = job.where.options
    named = {name.decode() for name in _ENV.findall(packed)} | set(DSN_VARIABLES)
    named |= {name for item in job.chosen.loaded for name in item.scenario.secrets}
    named |= {options.dsn_env} if options.dsn_env else set()
    environ = job.outside.environ
    return {name: environ[name] for name in sorted(named) if name in environ}
