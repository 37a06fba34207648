"""A worker's line to the one who asked: messages out, in order, and answers to wait for."""

from __future__ import annotations

import contextlib
import secrets as randomness
import threading
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Self

from smoke.app.dask_facts import facts
from smoke.app.dask_sealed import Seal
from smoke.app.dask_work import PATIENCE, PIECE, Message
from smoke.diagnostic import Diagnostic
from smoke.store import StoreError


class WorkerLine:
    """Says `hello` when it is entered; `on_stop` is called with the reason when the run is interrupted, twice for twice.

    What cannot be delivered raises StoreError, at once from then on: nothing is ordered that nobody knows of.
    """

    def __init__(self, incoming: str, number: int) -> None:
        from distributed import Queue, get_client, get_worker

        client = get_client()
        worker: Any = get_worker()
        self._lease = randomness.token_hex(8)
        self._seal = Seal()
        self._out: Any = Queue(incoming, client=client)
        self._back: Any = Queue(f"{incoming}-{self._lease}", client=client)
        self._number = number
        self._worker = worker
        self._sent = 0
        self._guard = threading.Lock()
        self._news = threading.Condition()
        self._acknowledged: dict[int, str] = {}
        self._given: bytes | None = None
        self._refused = False
        self._broken = ""
        self._closed = False
        self.on_stop: Callable[[str], None] = _nothing
        self._stops: list[str] = []
        self._listener = threading.Thread(target=self._listen, name="smoke-line", daemon=True)

    def __enter__(self) -> Self:
        self._listener.start()
        own = facts()
        self.say(
            "hello",
            task=self._number,
            worker=self._worker.address,
            public=self._seal.public,
            facts=[own.smoke, own.python, own.code],
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closed = True
        with contextlib.suppress(Exception):  # the scheduler may be gone
            self._back.put({"kind": "bye"}, timeout=PATIENCE)
        self._listener.join(PATIENCE)
        for queue in (self._out, self._back):
            with contextlib.suppress(Exception):  # the scheduler may be gone
                queue.close()

    @property
    def folder(self) -> str:
        """Where the worker keeps what it does not keep for long: Dask removes what a killed one leaves there."""
        return str(self._worker.local_directory)

    def work(self) -> bytes | None:
        """What is to be done; None where it is not to be done here. Raises StoreError where nobody answers."""
        self._wait(lambda: self._given is not None or self._refused, "gave nothing to do")
        return None if self._given is None else self._seal.open(self._given)

    def stopping(self, on_stop: Callable[[str], None]) -> None:
        """Be told of each interruption, of those before as well."""
        with self._news:
            self.on_stop = on_stop
            told = list(self._stops)
        for reason in told:
            on_stop(reason)

    def say(self, kind: str, **fields: Any) -> int:
        """Send one message; it is with the scheduler when this returns. Its number, for `settled`. Raises StoreError."""
        with self._guard:
            if self._broken:
                raise _undelivered(self._broken)
            self._sent += 1
            message = {"lease": self._lease, "number": self._sent, "kind": kind, **fields}
            try:
                self._out.put(message, timeout=PATIENCE)
            except Exception as error:  # whatever the connection is lost with
                self._broken = f"the scheduler does not take it ({type(error).__name__})"
                raise _undelivered(self._broken) from error
            return self._sent

    def body(self, path: str, pieces: Iterator[bytes], *, sync: bool) -> None:
        """Send the file that lies at `path` of the run folder. Raises StoreError."""
        last = b""
        first = True
        for piece in pieces:
            if not first:
                self.say("body", path=path, data=last, last=False, sync=False)
            last, first = piece, False
        self.say("body", path=path, data=last, last=True, sync=sync)

    def settled(self, number: int) -> None:
        """Wait until the one who asked has a message on the disk. Raises StoreError."""
        self._wait(lambda: number in self._acknowledged, "did not say that it is kept")
        with self._news:
            why = self._acknowledged.pop(number)
        if why:
            raise _undelivered(why)

    def _wait(self, come: Callable[[], bool], otherwise: str) -> None:
        with self._news:
            self._news.wait_for(lambda: come() or bool(self._broken), PATIENCE)
            if come():
                return
            self._broken = self._broken or f"the one who asked for the run {otherwise}"
        raise _undelivered(self._broken)

    def _listen(self) -> None:
        while not self._closed:
            try:
                # a wait that ends without a message is a fault in a scheduler's log: this one does not end
                message = self._back.get()
            except Exception as error:  # noqa: BLE001  (whatever the connection is lost with)
                with self._news:
                    if not self._closed:
                        self._broken = f"the scheduler is gone ({type(error).__name__})"
                    self._news.notify_all()
                return
            self._take(message)

    def _take(self, message: Message) -> None:
        kind = message["kind"]
        with self._news:
            if kind == "work":
                self._given = bytes(message["sealed"])
            elif kind == "refused":
                self._refused = True
            elif kind == "ack":
                self._acknowledged[int(message["of"])] = str(message["why"])
            self._news.notify_all()
        if kind == "stop":
            reason = str(message["reason"])
            with self._news:
                self._stops.append(reason)
                tell = self.on_stop
            tell(reason)


def pieces_of(data: bytes) -> Iterator[bytes]:
    """A body in pieces that can be sent; one empty piece of an empty one."""
    for start in range(0, len(data) or 1, PIECE):
        yield data[start : start + PIECE]


def _undelivered(why: str) -> StoreError:
    message = f"this could not be told to the one who asked for the run: {why}"
    return StoreError([Diagnostic("not-delivered", message)])


def _nothing(_reason: str) -> None:
    """Nobody is to be told yet."""
