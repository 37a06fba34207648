"""What a run writes down, and what becomes of the run when that fails: no further order, no false green."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256

from msgspec.structs import replace

from smoke import plugins
from smoke.engine.ports import Spill
from smoke.model.events import Event, OrderIntended, RunStarted
from smoke.model.exchange import Body, Redaction, Window
from smoke.model.fold import Fold
from smoke.model.masking import Masking
from smoke.model.run import PlacedOrder, Run, ScenarioResult
from smoke.store import PartlyKeptError, RunFolder, StoreError

Listener = Callable[[Event], None]

CANNOT_WRITE = "the run folder cannot be written"
"""Why the steps of a run were stopped when its evidence could not be kept."""

_MOST_PROBLEMS = 20


class RunJournal:
    """Takes every event to the run folder first, then to the fold and to whoever listens, in one order.

    A run whose folder fails goes on in memory: what is known is still told, orders that exist are still removed.
    `stop` is called then, so that nothing new is begun. A listener that raises is told nothing more: the run goes on,
    and has a problem.
    """

    def __init__(
        self,
        folder: RunFolder,
        listener: Listener | None,
        stop: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._folder = folder
        self._listener = listener
        self._stop = stop
        self._fold = Fold(folder.folder.as_posix())
        self._lock = threading.Lock()
        self._problems: list[str] = []
        self.lost = False
        """Whether something could not be kept."""

    def append(self, event: Event, *, sync: bool = False) -> None:
        """Write one event; with `sync` it is on the disk before this returns.

        Raises StoreError for what must be on the disk before anything is sent: the start of the run, and the intent
        to order. What has happened already is never lost to a failing disk: it stays in memory, as a problem.
        """
        with self._lock:
            try:
                self._folder.append(event, sync=sync)
            except StoreError as error:
                self.failed(error)
                if isinstance(event, (RunStarted, OrderIntended)):
                    raise
            self._fold.add(event)
            self._tell(event)

    def _tell(self, event: Event) -> None:
        listener = self._listener
        if listener is None:
            return
        try:
            plugins.guarded(
                "the listener",
                lambda: listener(event),
                doing=f"failed at {type(event).__name__} and is told nothing more",
                quote=False,
            )
        except plugins.PluginError as fault:
            self._listener = None
            self.noticed(str(fault))

    def failed(self, error: StoreError) -> None:
        """Take note that something could not be kept."""
        self.lost = True
        self.noticed(str(error))
        self._stop(CANNOT_WRITE)

    def noticed(self, problem: str) -> None:
        """Take note, once, of what makes the run less than it should be, but does not end it: a plugin that failed."""
        if problem not in self._problems and len(self._problems) < _MOST_PROBLEMS:
            self._problems.append(problem)

    def remember(self, event: Event) -> None:
        """Take in an event that is on the disk already."""
        self._fold.add(event)

    @property
    def problems(self) -> tuple[str, ...]:
        """What could not be kept, and which foreign code failed, in words."""
        return tuple(self._problems)

    def scenario(self, name: str) -> tuple[ScenarioResult | None, tuple[PlacedOrder, ...]]:
        """One scenario of the run so far, and its orders."""
        with self._lock:
            orders = tuple(order for order in self._fold.orders() if order.scenario == name)
            return self._fold.scenario(name), orders

    def run(self) -> Run:
        """The run so far."""
        run = self._fold.run()
        assert run is not None
        missing = [problem for problem in self._problems if problem not in run.problems]
        return replace(run, problems=(*run.problems, *missing))


class SafeSpill:
    """Hands a body on to the run folder, and remembers what failed there."""

    def __init__(self, spill: Spill, late: list[StoreError]) -> None:
        self._spill = spill
        self._late = late

    def write(self, data: bytes) -> None:
        """Take the next bytes of the body. Raises StoreError."""
        with self._remembered():
            self._spill.write(data)

    def finish(self) -> tuple[Body, tuple[Redaction, ...]]:
        """End the body: where it lies, and what was masked in it. Raises StoreError."""
        with self._remembered():
            return self._spill.finish()

    def discard(self) -> None:
        """Remove what was written."""
        self._spill.discard()

    @property
    def redaction_count(self) -> int:
        return self._spill.redaction_count

    @contextmanager
    def _remembered(self) -> Iterator[None]:
        try:
            yield
        except StoreError as error:
            self._late.append(error)
            raise


class SafeBodies:
    """Keeps bodies in the run folder; one that cannot be written is examined from memory, and missed aloud."""

    def __init__(self, folder: RunFolder, failed: Callable[[StoreError], None]) -> None:
        self._folder = folder
        self._failed = failed
        self._unwritten: dict[str, bytes] = {}
        self._late: list[StoreError] = []

    def keep(self, name: str, data: bytes, *, sync: bool = False, in_event: bool = False) -> Body:
        """The body as it lies in the folder, or is to lie in its event; with neither where it could not be written."""
        while self._late:
            self._failed(self._late.pop())
        try:
            return self._folder.keep(name, data, sync=sync, in_event=in_event)
        except PartlyKeptError as error:
            self._failed(error)
            self._unwritten[error.body.path] = data
            return error.body
        except StoreError as error:
            self._failed(error)
            digest = sha256(data).hexdigest()
            self._unwritten[digest] = data
            return Body(size=len(data), sha256=digest, original_size=len(data))

    def spill(self, name: str, masker: Masking) -> Spill:
        """A body that is masked and written as it comes.

        What fails there stops the run when the body is there: its end would not be received else.
        """
        try:
            return SafeSpill(self._folder.spill(name, masker), self._late)
        except StoreError as error:
            self._late.append(error)
            raise

    def window(self, body: Body) -> Window:
        """The bytes of a kept body that are examined."""
        unwritten = self._unwritten.get(body.path or body.sha256)
        if unwritten is not None or not body.file:
            return Window(unwritten or b"")
        try:
            return self._folder.window(body)
        except StoreError as error:
            self._failed(error)
            return Window()
