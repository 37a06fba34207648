"""A finished run is held against the history before its reports are written: since when it fails so."""

from __future__ import annotations

from msgspec.structs import replace

from smoke.app.history import HistoryPlace, past_of, reading
from smoke.diagnostic import SmokeError
from smoke.model.run import Outcome, Run


def with_since(run: Run, place: HistoryPlace | None, build: tuple[str, str] = ("", "")) -> Run:
    """A run with what the runs before it tell of its failures; the same where they tell nothing, or cannot be read.

    `build` is the one that was tested where the run does not know it, and what told it. Only a run that failed looks:
    whoever keeps it in the history says what is wrong with that.
    """
    if place is None or run.outcome is not Outcome.FAILED:
        return run
    from smoke.history.lasting import lasting
    from smoke.history.recording import record_of

    record = record_of(run, *build)
    try:
        with reading(place) as history:
            if history is None:
                return run
            kept = [row for row in history.named(record.run.id) if row.id == record.run.id]
            if kept:  # its own record knows the build that the command line named
                record = history.records(kept)[0]
            past = past_of(history, record)
    except SmokeError:
        return run
    return replace(run, since=tuple(lasting(run, record.run, past)))
