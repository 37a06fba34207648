"""What a worker of Dask's does: one task, its evidence streamed to the one who asked."""

from __future__ import annotations

import pickle
import signal
import tempfile
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from pathlib import Path

from msgspec import Struct

from smoke.app.dask_facts import facts
from smoke.app.dask_line import WorkerLine, pieces_of
from smoke.app.dask_work import PIECE, TaskWork
from smoke.app.deployment_database import database_of
from smoke.app.journal import RunJournal
from smoke.app.wiring import wire
from smoke.diagnostic import SmokeError
from smoke.engine.control import Control, SystemClock
from smoke.engine.run import Plan, run_scenarios
from smoke.model.events import Event
from smoke.model.exchange import Body, Redaction
from smoke.model.masking import Masking
from smoke.store import FileSpill, PartlyKeptError, RunFolder
from smoke.store.journal import line_of
from smoke.system import STOP_SIGNALS

__all__ = ["carry_out", "facts", "outlive_interrupts"]


def outlive_interrupts() -> None:
    """Ctrl-C is for the one who asked; workers in the same terminal end when they are told to."""
    for number in STOP_SIGNALS:
        with suppress(ValueError):  # not in the main thread: it is not ours to say
            signal.signal(number, signal.SIG_IGN)


def carry_out(incoming: str, number: int) -> None:
    """The task of Dask's: it raises nothing, since a scheduler keeps what is raised, and might begin it again."""
    with suppress(SmokeError), WorkerLine(incoming, number) as line:
        given = line.work()
        if given is None:
            return
        failed = ""
        said = _Said()
        try:
            work: TaskWork = pickle.loads(given)  # noqa: S301  (of the one who may have anything done here)
            said = _carried_out(work, line)
        except SmokeError as error:
            failed = "; ".join(each.message for each in error.diagnostics)
        except Exception as error:  # noqa: BLE001  (its text may hold anything: the type must do)
            failed = f"internal error ({type(error).__name__})"
        line.say(
            "done",
            problems=list(said.problems),
            wall=said.wall,
            stops=said.stops,
            lost=said.lost,
            failed=failed,
        )


class _Said(Struct, frozen=True):
    """What is to be said of a task beside its events: which wall was met, whether a run that stops at what did not pass goes on."""

    problems: tuple[str, ...] = ()
    wall: str = ""
    stops: bool = False
    lost: bool = False
    """Whether something could not be kept."""


def _carried_out(work: TaskWork, line: WorkerLine) -> _Said:
    clock = SystemClock()
    steps, teardown = Control(clock, work.seconds), Control(clock, work.teardown_seconds)

    def stop(reason: str) -> None:
        if steps.cancelled.is_set():
            teardown.cancel(reason)
        steps.cancel(reason)

    asking = database_of(work.where.options, work.environ, needed=False)
    with (
        tempfile.TemporaryDirectory(prefix="smoke-", dir=line.folder) as place,
        _Streamed.create(Path(place), work.run_id) as folder,
        asking or nullcontext(),
    ):
        folder.stream(line, f"part-{work.number}-")
        journal = RunJournal(folder, None, steps.cancel)
        line.stopping(stop)
        with wire(
            work.where.options,
            work.where,
            folder,
            journal,
            clock,
            run_id=work.run_id,
            seed=work.seed,
            environ=work.environ,
            on_secret=None,
            asking=asking,
            trace_id=work.trace_id,
            part=f"{work.number}.",
            digest_key=work.digest_key,
        ) as wiring:
            runs = wiring.scenario_runs(work.loaded, work.names, work.overrides, work.started)
            run_scenarios(runs, Plan(steps, teardown, fail_fast=work.fail_fast))
        wall = next((each.wall for each in runs if each.wall), "")
        stops = any(each.outcome.stops and not each.cut_short for each in runs)
        return _Said(journal.problems, wall, stops, journal.lost)


class _Streamed(RunFolder):
    """A run folder for a while: what is written there, the one who asked has as well, before it is gone on.

    Of the events nothing is kept here; of the bodies a copy, since they are examined.
    """

    _line: WorkerLine
    _prefix: str

    @classmethod
    def create(cls, out: Path, run_id: str) -> _Streamed:
        """A new one below `out`."""
        made = super().create(out, run_id)
        assert isinstance(made, cls)
        return made

    def stream(self, line: WorkerLine, prefix: str) -> None:
        """Where all of it goes; names of bodies begin with `prefix`."""
        self._line, self._prefix = line, prefix

    def append(self, event: Event, *, sync: bool = False) -> None:
        """With `sync` it is on the other's disk before this returns. Raises StoreError."""
        number = self._line.say("event", line=line_of(event), sync=sync)
        if sync:
            self._line.settled(number)

    def keep(self, name: str, data: bytes, *, sync: bool = False, in_event: bool = False) -> Body:
        """As a run folder does, and the other has it. Raises StoreError."""
        try:
            body = super().keep(self._prefix + name, data, in_event=in_event)
        except PartlyKeptError as error:
            self._line.body(error.body.path, pieces_of(data[: error.body.size]), sync=sync)
            raise
        if body.path:
            self._line.body(body.path, pieces_of(data), sync=sync)
        return body

    def spill(self, name: str, masker: Masking) -> FileSpill:
        """As a run folder does, and the other has it when it is finished."""
        relative = self._take(self._prefix + name)
        return _StreamedSpill(self.folder / relative, relative, masker, self._line)


class _StreamedSpill(FileSpill):
    """Hands a large body on when all of it is there."""

    def __init__(self, path: Path, relative: str, masker: Masking, line: WorkerLine) -> None:
        super().__init__(path, relative, masker)
        self._place = path
        self._line = line

    def finish(self) -> tuple[Body, tuple[Redaction, ...]]:
        """End the body, and send it. Raises StoreError."""
        body, masked = super().finish()
        self._line.body(body.path, _pieces(self._place), sync=False)
        return body, masked


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece
