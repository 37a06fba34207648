"""A cluster of Dask's: reached, or started on this machine, and looked at before anything is sent."""

from __future__ import annotations

import contextlib
import importlib.util
import logging
import secrets as randomness
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from queue import Empty, Full
from queue import Queue as Queued
from typing import Any, TypeVar

from smoke.app import dask_worker
from smoke.app.dask_facts import facts
from smoke.app.dask_work import WAITING, Message, WorkerFacts
from smoke.app.declared import workers_on
from smoke.app.signals import Stops
from smoke.diagnostic import Diagnostic, Note, SmokeError
from smoke.extras import install_command
from smoke.system import interrupts_held
from smoke.text import plural, safe_line, shorten

_T = TypeVar("_T")

REACH = 15.0
"""Seconds to reach a scheduler, and for its workers to answer."""
_SHOWN = 10


class GoneError(Exception):
    """The scheduler does not answer any more."""


class DaskCluster:
    """A scheduler with its workers, and a queue on which they answer. Every call may raise GoneError."""

    def __init__(self, client: Any) -> None:
        from distributed import Queue

        self._client = client
        self.incoming = f"smoke-{randomness.token_hex(8)}"
        self._queue: Any = Queue(self.incoming, client=client, maxsize=WAITING)
        self._back: dict[str, Any] = {}
        self._futures: dict[int, Any] = {}
        self._came: Queued[list[Message] | GoneError] = Queued(1)
        self._closed = False
        self._marking = ThreadPoolExecutor(1)
        # a wait for a message that ends without one is a fault in a scheduler's log: this one does not end
        self._listener = threading.Thread(target=self._listen, name="smoke-dask", daemon=True)
        self._listener.start()

    def threads(self) -> dict[str, int]:
        """The workers by address, and how many tasks each carries out at once."""

        def ask() -> dict[str, int]:
            known = self._client.sync(self._client.scheduler.identity, callback_timeout=REACH)
            return {
                address: int(each["nthreads"])
                for address, each in known["workers"].items()
                if each["status"] not in ("closed", "closing")
            }

        return _answered(ask)

    def submit(self, number: int) -> None:
        """Have a worker ask for the task of that number. Dask is told to begin none a second time."""

        def begin() -> Any:
            return self._client.submit(
                dask_worker.carry_out,
                self.incoming,
                number,
                key=f"smoke-{randomness.token_hex(8)}",
                pure=False,
                retries=0,
            )

        self._futures[number] = _answered(begin)

    def status(self, number: int) -> str:
        """What Dask says of a task: `pending`, `finished`, `error`, `lost` or `cancelled`."""
        return str(self._futures[number].status)

    def drop(self, number: int) -> None:
        """Have a task not begun, where it is not."""
        with suppress(Exception):  # it may be gone, and the work is not handed out anyway
            self._futures[number].cancel(force=True)

    def messages(self, seconds: float) -> list[Message]:
        """What came, in its order; waits for some so long at the most."""
        try:
            found = self._came.get(timeout=seconds)
        except Empty:
            return []
        if isinstance(found, GoneError):
            raise found
        return found

    def mark(self, number: int) -> None:
        """Have a message `mark` come behind all those that are there now."""
        # in a thread: where too many wait for us, it waits behind them
        self._marking.submit(self._put, {"kind": "mark", "number": number})

    def _put(self, message: Message) -> None:
        with suppress(Exception):  # that the scheduler is gone the listener tells
            self._queue.put(message, timeout=REACH)

    def _listen(self) -> None:
        found: list[Message] | GoneError
        while not self._closed:
            try:
                found = _answered(lambda: [self._queue.get(), *self._queue.get(batch=True)])
            except GoneError as gone:
                found = gone
            while not self._closed:
                with suppress(Full):
                    self._came.put(found, timeout=0.5)
                    break
            if isinstance(found, GoneError):
                return

    def tell(self, lease: str, kind: str, **fields: Any) -> None:
        """Say something to the worker that has a lease."""
        from distributed import Queue

        def put() -> None:
            name = f"{self.incoming}-{lease}"
            queue = self._back.setdefault(lease, None) or Queue(name, client=self._client)
            self._back[lease] = queue
            queue.put({"kind": kind, **fields}, timeout=REACH)

        _answered(put)

    def end(self, lease: str) -> None:
        """Nothing more is said to it."""
        queue = self._back.pop(lease, None)
        if queue is not None:
            with suppress(Exception):  # the scheduler may be gone
                queue.close()

    def close(self) -> None:
        """Leave nothing of this run with the scheduler."""
        if self._closed:
            return
        self._closed = True
        self._marking.submit(self._put, {"kind": "bye"})
        self._marking.shutdown()
        self._listener.join(REACH)
        for number in self._futures:
            self.drop(number)
        for lease in list(self._back):
            self.end(lease)
        with suppress(Exception):  # the scheduler may be gone
            self._queue.close()

    def check(self, files: Sequence[str], *, local: bool) -> None:
        """Refuse workers that are other than this process. Raises SmokeError."""
        here = facts(files)
        if local:
            self._client.run(dask_worker.outlive_interrupts, callback_timeout=REACH)
        found = self._client.run(
            dask_worker.facts, list(files), on_error="return", callback_timeout=REACH
        )
        if not found:
            raise _refused("no worker is there: start some, `dask worker SCHEDULER`")
        wrong = {address: _differs(here, answer) for address, answer in found.items()}
        problems = [f"the worker {address} {why}" for address, why in sorted(wrong.items()) if why]
        if problems:
            more = len(problems) - _SHOWN
            shown = problems[:_SHOWN] + ([f"so do {more} more"] if more > 0 else [])
            raise SmokeError([Diagnostic("dask-workers", safe_line(each)) for each in shown])


def _differs(here: WorkerFacts, answer: Any) -> str:
    if isinstance(answer, WorkerFacts):
        return here.differs(answer)
    said = shorten(str(answer), 200)
    # a module that is missing may come as the text of another exception
    if isinstance(answer, ImportError) or "No module named" in said:
        return f"has no smoke of this kind: {said}"
    return f"does not answer: {said}"


@contextmanager
def cluster_of(on: str, files: Sequence[str]) -> Iterator[DaskCluster]:
    """The cluster that `--on` names, its workers looked at. `files` must be there as they are here. Raises SmokeError."""
    _check_installed()
    held = contextlib.ExitStack()
    try:
        with interrupts_held():  # half of a cluster cannot be ended
            cluster = _checked(on, files, held)
        yield cluster
    finally:
        with _noted():  # by then the run has told all, and what it started has to be ended
            held.close()


def _checked(on: str, files: Sequence[str], held: contextlib.ExitStack) -> DaskCluster:
    """The cluster, looked at; what ends it is held. Raises SmokeError."""
    held.enter_context(_quiet())
    try:
        count = workers_on(on)
        client = held.enter_context(_client(on, count))
        cluster = DaskCluster(client)
        held.callback(cluster.close)
        cluster.check(files, local=bool(count))
    except SmokeError:
        raise
    except Exception as error:  # whatever Dask, a socket or a certificate raises
        said = shorten(safe_line(f"{type(error).__name__}: {error}"), 300)
        raise _refused(f"--on: {on} cannot be used: {said}") from error
    return cluster


@contextmanager
def _noted() -> Iterator[Stops]:
    """Signals that come meanwhile are noted, and nothing else. In other threads than the main one there are none."""
    stops = Stops()
    main = threading.current_thread() is threading.main_thread()
    with stops.taken() if main else contextlib.nullcontext():
        yield stops


@contextmanager
def _client(on: str, count: int) -> Iterator[Any]:
    """A client of the scheduler at an address, or of one with `count` workers that is started here."""
    from distributed import Client, LocalCluster
    from distributed.security import Security

    if not count:
        with Client(on, timeout=REACH, set_as_default=False) as client:
            yield client
        return
    import dask.config

    settings: dict[str, Any] = {
        # what is served there is for anybody on this machine
        "distributed.scheduler.http.routes": [],
        "distributed.worker.http.routes": [],
        # a worker that was lost is there again in a few seconds: on a busy machine later than Dask waits
        "distributed.deploy.lost-worker-timeout": "60s",
    }
    with (
        dask.config.set(settings),
        tempfile.TemporaryDirectory(prefix="smoke-dask-") as place,
        LocalCluster(
            n_workers=count,
            threads_per_worker=1,
            dashboard_address=None,
            host="127.0.0.1",
            # who else is on this machine could have anything done at an open port of the loopback
            security=Security.temporary(),
            silence_logs=logging.CRITICAL,
            memory_limit=0,
            local_directory=place,
            scheduler_kwargs={
                "allowed_failures": 0,
                "dashboard": False,
                "dashboard_address": "127.0.0.1:0",
            },
        ) as started,
        Client(started, timeout=REACH, set_as_default=False) as client,
    ):
        yield client


def _answered(ask: Callable[[], _T]) -> _T:
    """What the scheduler answers. Raises GoneError."""
    try:
        return ask()
    except Exception as error:  # whatever a connection is lost with
        raise GoneError(shorten(safe_line(f"{type(error).__name__}: {error}"), 200)) from error


def _check_installed() -> None:
    missing = [
        name for name in ("distributed", "cryptography") if importlib.util.find_spec(name) is None
    ]
    if missing:
        raise SmokeError(
            [
                Diagnostic(
                    "dask-missing-extra",
                    f"--on needs {plural(len(missing), 'package')} that {'is' if len(missing) == 1 else 'are'} not installed: "
                    f"{', '.join(missing)}",
                    notes=(Note(install_command("dask")),),
                )
            ]
        )


def _refused(message: str) -> SmokeError:
    return SmokeError.of("dask-unreachable", message)


@contextmanager
def _quiet() -> Iterator[None]:
    """What Dask logs stays out of the terminal: what matters of it is told by the run."""
    levels = {name: logging.getLogger(name).level for name in _LOGGERS}
    import distributed  # noqa: F401  (it sets the levels of its loggers when it is loaded)

    for name in _LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)


_LOGGERS = ("distributed", "distributed.client", "tornado", "tornado.application", "asyncio")
