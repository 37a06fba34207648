"""`run`: from options to a finished Run, with its evidence in a run folder."""

from __future__ import annotations

import dataclasses
import os
import secrets as randomness
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from msgspec.structs import replace

from smoke.app.as_given import check_called
from smoke.app.asked import asked
from smoke.app.carrier import Carrier, RunJob, carried_out_here
from smoke.app.deployment_database import askers_of, check_askers, database_of
from smoke.app.given_values import GivenValues, given_values
from smoke.app.journal import CANNOT_WRITE, Listener, RunJournal
from smoke.app.keyword_types import Keywords
from smoke.app.keywords import merged
from smoke.app.options import RunOptions
from smoke.app.preparing import prepare
from smoke.app.sharding import Chosen
from smoke.app.signals import Stops, stopping
from smoke.app.target import ResolvedTarget
from smoke.app.wiring import Wiring, wire
from smoke.diagnostic import SmokeError
from smoke.engine.control import Clock, Control, SystemClock
from smoke.engine.readiness import Ready
from smoke.engine.run import Plan
from smoke.engine.trace import Trace
from smoke.engine.turn import Turn
from smoke.model.events import SCHEMA, RunFinished, RunStarted, TargetReady
from smoke.model.exchange import Request
from smoke.model.run import Outcome, Run
from smoke.redact import Secrets
from smoke.scenario.jsonpath import PathError, value_at
from smoke.scenario.load import Loaded
from smoke.store import RunFolder, mark_latest
from smoke.version import __version__

if TYPE_CHECKING:
    from smoke.app.attended import Attended
    from smoke.app.server_log import Log

Look = Callable[[str, Outcome, Control, RunJournal, Path], None]
"""Takes a scenario's name, the worst outcome of its steps, what bounds them, and where the run's evidence is."""

NEEDED_SPACE = 16 * 1024 * 1024
"""Bytes that must be free before the first order: room for its evidence."""

_TEARDOWN_RESERVE = 5.0


def run(
    *selectors: str,
    options: RunOptions | None = None,
    listener: Listener | None = None,
    environ: Mapping[str, str] | None = None,
    on_secret: Callable[[str], None] | None = None,
    look: Look | None = None,
    attended: Attended | None = None,
    **given: Unpack[Keywords],
) -> Run:
    """Carry out scenarios against a deployment and return the Run; its evidence is below `out`.

    `smoke.run("repeat-customer", url="https://shop.example", timeout=10)`: every field of `RunOptions` may be given by
    its name. What is given so, and the selectors, go before the same in `options`. `listener` sees every
    event as it happens, `on_secret` every secret value that is taken from a response. What they raise does not end the
    run: it is one of `Run.problems`, with which no run is green, and the listener is told nothing more. `look` is
    called for each scenario between its steps and its teardown. `attended` is a person who is asked on the way.
    Raises SmokeError, before anything is sent, when a scenario, an option or the environment is not usable.
    """
    check_called(environ, listener=listener, on_secret=on_secret, look=look)
    options = merged(selectors, options, given, of="run")
    outside = given_values(options, os.environ if environ is None else environ)
    chosen, where = prepare(options, outside)
    with _carrier(options, chosen, where, outside, look) as carrier:
        return carry_out(
            options,
            chosen,
            where,
            outside,
            listener=listener,
            on_secret=on_secret,
            look=look,
            carrier=carrier,
            attended=attended,
        )


def _carrier(
    options: RunOptions,
    chosen: Chosen,
    where: ResolvedTarget,
    outside: GivenValues,
    look: Look | None,
) -> AbstractContextManager[Carrier]:
    """Who carries the scenarios out: this process, or the workers that `--on` names. Raises SmokeError."""
    if not options.on:
        return nullcontext(carried_out_here)
    from smoke.app.dask_run import dask_carrier

    if look is not None:
        raise SmokeError.of("bad-option", "look: it cannot be called where --on has workers run")
    return dask_carrier(options, chosen, where, outside)


def carry_out(
    options: RunOptions,
    chosen: Chosen,
    where: ResolvedTarget,
    outside: GivenValues,
    *,
    listener: Listener | None = None,
    on_secret: Callable[[str], None] | None = None,
    look: Look | None = None,
    stops: Stops | None = None,
    carrier: Carrier = carried_out_here,
    attended: Attended | None = None,
) -> Run:
    """`run`, where it is known what is run and at which target. Raises SmokeError.

    `stops` takes the signals where runs go on side by side in threads; without it a run takes them itself. `carrier`
    carries the scenarios out.
    """
    environ = outside.environ
    asked_for, loaded, options = options, chosen.loaded, where.options
    clock = SystemClock()
    timed = clock if attended is None else attended.clock
    begun = timed.monotonic()
    run_id = new_run_id(clock.now())
    seed = options.seed or run_id
    trace_id = Trace(randomness.token_bytes).id if not options.no_trace else ""
    log = _logs(options, environ)
    askers = askers_of(loaded)
    asking = database_of(options, environ, needed=bool(askers))
    check_askers(askers, asking)
    started = _stamp(clock.now())
    with RunFolder.create(options.out, run_id) as folder:
        folder.check_space(NEEDED_SPACE)
        turn = Turn()
        steps, teardown = _controls(timed, options, turn)
        journal = RunJournal(folder, listener, steps.cancel)
        mark_latest(options.out, run_id)
        journal.append(
            RunStarted(
                started,
                Run(
                    run_id,
                    SCHEMA,
                    __version__,
                    where.target,
                    started,
                    seed=seed,
                    warnings=_warnings(loaded, where),
                    asked=asked(
                        asked_for,
                        Secrets.of(where.secrets),
                        outside.values(),
                        database=asking is not None,
                        log=log is not None,
                    ),
                    trace_id=trace_id,
                    shard=chosen.shard,
                ),
            ),
            sync=True,
        )
        with (
            asking or nullcontext(),
            _heeding(steps, teardown, attended)
            if stops is None
            else stops.watched(steps, teardown),
            wire(
                options,
                where,
                folder,
                journal,
                clock,
                run_id=run_id,
                seed=seed,
                environ=environ,
                on_secret=on_secret,
                waiting=turn.waiting,
                asking=asking,
                log=log,
                trace_id=trace_id,
            ) as wired,
        ):
            wiring = wired if look is None else _looking(wired, look, journal, folder.folder)
            if attended is not None:
                wiring = attended.wired(wiring, steps, journal, folder)
            ready = _readiness(wiring, where, steps)
            if ready is None or ready.ready:
                plan = Plan(steps, teardown, options.workers, options.fail_fast, turn)
                outcome = carrier(
                    RunJob(chosen, where, outside, wiring, folder, journal, plan, started, trace_id)
                )
                if options.fail_on_flaky and _flaky(journal.run()):
                    outcome = max((Outcome.FAILED, outcome), key=lambda each: each.rank)
            else:
                outcome = Outcome.ERRORED
        problems = journal.problems
        stopped_by = steps.reason if steps.cancelled.is_set() else ""
        end = RunFinished(
            at=_stamp(clock.now()),
            outcome=_told(outcome, journal),
            interrupted_by="" if stopped_by == CANNOT_WRITE else stopped_by,
            problems=problems,
            seconds=round(timed.monotonic() - begun, 6),
        )
        journal.append(end, sync=True)
        if journal.problems != problems:  # the listener failed at the very end
            end = replace(end, outcome=_told(outcome, journal), problems=journal.problems)
            journal.append(end, sync=True)
        return journal.run()


def _heeding(
    steps: Control, teardown: Control, attended: Attended | None
) -> AbstractContextManager[None]:
    """While inside, signals end the run; but for Ctrl-C in an editor that somebody has open."""
    if attended is None:
        return stopping(steps, teardown)
    person = attended.person
    return stopping(steps, teardown, lambda: person.editing)


def _logs(options: RunOptions, environ: Mapping[str, str]) -> Log | None:
    if not options.all_logs:
        return None
    from smoke.app.logs import open_logs

    return open_logs(
        options.all_logs,
        environ,
        token_variable=options.log_token_env,
        started=datetime.now(UTC),
    )


def _looking(wiring: Wiring, look: Look, journal: RunJournal, folder: Path) -> Wiring:
    def after_steps(name: str, outcome: Outcome, control: Control) -> None:
        look(name, outcome, control, journal, folder)

    services = dataclasses.replace(wiring.services, after_steps=after_steps)
    return replace(wiring, services=services)


def _flaky(run: Run) -> bool:
    """Whether a step passed only when it was tried again."""
    return any(step.flaky for scenario in run.scenarios for step in scenario.steps)


def _told(outcome: Outcome, journal: RunJournal) -> Outcome:
    """The outcome of a run with its problems: without its evidence nothing that was seen can be shown.

    A plugin or listener that failed takes no failure back; but what it was there for was not done, so nothing is green.
    """
    if journal.lost:
        return Outcome.ERRORED if outcome is not Outcome.UNFINISHED else outcome
    if journal.problems:
        return max((Outcome.ERRORED, outcome), key=lambda each: each.rank)
    return outcome


def _warnings(loaded: Sequence[Loaded], where: ResolvedTarget) -> tuple[str, ...]:
    """What a person should know about the files and secrets of a run."""
    found = [
        f"{warning.span.source}:{warning.span.line}: {warning.message}"
        for item in loaded
        for warning in item.warnings
        if warning.span is not None
    ]
    found += [
        f"the secret {name} is too short to be masked everywhere: only where its place gives it away"
        for name in Secrets.of(where.secrets).too_short
    ]
    return tuple(found)


def _controls(clock: Clock, options: RunOptions, turn: Turn) -> tuple[Control, Control]:
    """What ends the steps, and what ends the clean-up: it has a share of the time that the steps cannot use."""
    if options.max_time is None:
        return Control(clock, None, turn.waiting), Control(clock, None, turn.waiting)
    reserve = min(_TEARDOWN_RESERVE, options.max_time / 5)
    return (
        Control(clock, options.max_time - reserve, turn.waiting),
        Control(clock, options.max_time, turn.waiting),
    )


def _readiness(wiring: Wiring, where: ResolvedTarget, control: Control) -> Ready | None:
    """Wait for the target, where asked for; emits how it ended."""
    if where.readiness is None:
        return None
    from smoke.engine.waiting import (  # tenacity, for the runs that wait
        ProbeResult,
        wait_until_ready,
    )

    services = wiring.services
    started = services.at()

    def send(request: Request, timeout: float) -> ProbeResult:
        sent = services.sender.send(
            request, jar=None, follow=True, timeout=timeout, control=control
        )
        met = services.sender.wall(sent.exchanges)
        if met is None:
            return ProbeResult(sent.final)
        return ProbeResult(sent.exchanges[met[0]], met[1])

    ready = wait_until_ready(
        where.readiness,
        where.base_url,
        send=send,
        read_json=read_json,
        record=lambda raw: services.record(raw, "readiness", started, sync=True)[0],
        control=control,
    )
    services.journal.append(
        TargetReady(services.at(), ready.ready, ready.message, ready.version, ready.exchange),
        sync=True,
    )
    return ready


def read_json(data: object, path: str) -> object:
    """The value at a JSONPath; None when nothing is there. Raises SmokeError for what is no JSONPath."""
    try:
        there, value = value_at(path, data)  # type: ignore[arg-type]  # it comes from json.loads
    except PathError as error:
        raise SmokeError.of("bad-option", f"--version-from: {error}") from error
    return value if there else None


def new_run_id(now: datetime) -> str:
    """A run's id: sorts by time, unique without a registry, fit for a file name."""
    return f"{now.astimezone(UTC):%Y%m%d-%H%M%S}-{randomness.token_hex(3)}"


def _stamp(now: datetime) -> str:
    return now.astimezone(UTC).isoformat(timespec="milliseconds")
