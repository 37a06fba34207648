"""`smoke teardown`: removes what earlier runs left behind, from their journals alone, also on another day."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from secrets import token_bytes

from msgspec import Struct
from msgspec.structs import replace

from smoke.app.environment import needs
from smoke.app.given_values import given_values
from smoke.app.journal import Listener, RunJournal
from smoke.app.needs import with_needs
from smoke.app.network import reached
from smoke.app.options import RunOptions
from smoke.app.signals import stopping
from smoke.app.target import check_given, resolve_target
from smoke.app.wiring import Wiring, wire
from smoke.diagnostic import Diagnostic, SmokeError
from smoke.engine.control import Control, SystemClock
from smoke.engine.redirects import origin_of
from smoke.engine.scenario import ScenarioRun
from smoke.engine.trace import Trace
from smoke.model.asked import Asked
from smoke.model.events import ExchangeRecorded, OrderIntended
from smoke.model.numbers import loads
from smoke.model.run import JsonValue, Outcome, PlacedOrder, Run, ScenarioResult
from smoke.scenario.load import Loaded, load_scenario
from smoke.scenario.variables import AsWritten, Overrides
from smoke.store import RunEmptyError, RunFolder, list_runs


class Removed(Struct, frozen=True):
    """What a late teardown came to: the run with its new events, and the orders it had to deal with.

    `problems` say which scenarios have no teardown that could be carried out, `warnings` what `smoke check` says about
    the teardowns, `interrupted_by` the signal that ended it.
    """

    run: Run
    tried: tuple[PlacedOrder, ...] = ()
    problems: tuple[Diagnostic, ...] = ()
    warnings: tuple[Diagnostic, ...] = ()
    interrupted_by: str = ""

    @property
    def left(self) -> tuple[PlacedOrder, ...]:
        return self.run.orders_left_behind


class Pending(Struct, frozen=True):
    """A run that left orders behind."""

    path: Path
    run: Run
    in_use: bool = False


def pending(out: Path, target: str = "", url: str = "") -> list[Pending]:
    """The runs below `out` that left orders, by target, the oldest first. `target` (a name) and `url` restrict them.

    A run that was merged into another is left to that one. `in_use` are those that are still being written: they remove their orders themselves.
    """
    origin = origin_of(url) if url else None
    found: list[Pending] = []
    merged: set[str] = set()
    for stored in reversed(list_runs(out)):
        folder = stored.folder()
        try:
            run = folder.run()
        except RunEmptyError:
            continue  # it ended before its first event was whole, so before any order
        merged.update(run.merged)
        there = (not target or run.target.name == target) and (
            not url or origin_of(run.target.url) == origin
        )
        if run.orders_left_behind and there:
            found.append(Pending(stored.path, run, folder.in_use))
    found = [each for each in found if each.run.id not in merged]  # told of in the merged run
    return sorted(found, key=lambda each: (each.run.target.name, each.run.target.url))


def check_target(out: Path, options: RunOptions, target: str) -> None:
    """Refuse a name that is neither of the targets file nor of a run below `out`: a slip would find no orders.

    Raises SmokeError.
    """
    for stored in list_runs(out):
        with suppress(RunEmptyError):  # without one whole event it has no target
            if stored.folder().run().target.name == target:
                return
    check_given(options, target=target)


def teardown(
    folder: RunFolder,
    options: RunOptions,
    *,
    environ: Mapping[str, str] | None = None,
    listener: Listener | None = None,
) -> Removed:
    """Run the teardown of each scenario of a stored run that left orders behind.

    `options` say what is other than in the run: it remembers its own. The steps see the run's own variables (random
    data comes from the stored seed) and captures, but none that were secret, and no cookies. Removing twice does no
    harm: an order that is gone answers so. Raises SmokeError when the run is still being written, when no scenario's
    teardown can be carried out, or when a secret is missing.
    """
    environ = os.environ if environ is None else environ
    folder.lock()
    run = folder.run()
    left = run.orders_left_behind
    given_target = options.target
    options = as_asked(run, options)
    if not left:
        check_given(options, target=options.target if given_target else "")
        return Removed(run)
    environ = given_values(options, environ).environ
    overrides = _overrides(run, options)
    usable: list[tuple[ScenarioResult, Loaded]] = []
    problems: list[Diagnostic] = []
    for result in run.scenarios:
        if any(order.scenario == result.name for order in left):
            try:
                usable.append((result, _load(result)))
            except SmokeError as error:
                problems += error.diagnostics
    if not usable:
        raise SmokeError(problems)
    where = resolve_target(options, environ, needs(with_needs([item for _, item in usable])))
    clock = SystemClock()
    journal = RunJournal(folder, listener)
    first_id = 1
    for event in folder.events():
        journal.remember(event)
        if isinstance(event, (OrderIntended, ExchangeRecorded)):
            first_id = max(first_id, _number(event) + 1)
    control = Control(clock, options.max_time)
    with (
        stopping(control, control),
        wire(
            where.options,
            where,
            folder,
            journal,
            clock,
            run_id=run.id,
            seed=run.seed,
            environ=environ,
            on_secret=None,
            first_id=first_id,
            trace_id=(run.trace_id or Trace(token_bytes).id) if not where.options.no_trace else "",
        ) as wiring,
    ):
        for result, item in usable:
            own = [order for order in left if order.scenario == result.name]
            clean_up(wiring, control, result, item, own, overrides, run.started_at)
    return Removed(
        journal.run(),
        left,
        tuple(problems),
        tuple(warning for _, item in usable for warning in item.warnings),
        control.reason if control.cancelled.is_set() else "",
    )


def clean_up(
    wiring: Wiring,
    control: Control,
    result: ScenarioResult,
    item: Loaded,
    orders: Sequence[PlacedOrder],
    overrides: Overrides,
    started: str,
) -> None:
    """Carry out the teardown of a scenario for the orders that it left, from what its journal tells of it."""
    known = {name: value for name, value in overrides.items() if name in item.scenario.variables}
    scope = wiring.scope(item, result.name, known, started).with_names(_captured(result))
    name = f"{result.name} (teardown {wiring.services.now():%Y-%m-%d %H:%M:%S})"
    again = wiring.needs_again(item, overrides, started, (result.name, name))
    ScenarioRun(item.scenario, name, wiring.services, scope, again).clean_up(
        control, result.name, orders
    )


def _overrides(run: Run, options: RunOptions) -> Overrides:
    """What stands in place of variables' own values: what files gave to the run, and the texts that go before it."""
    asked = run.asked or Asked()
    return {
        **{name: AsWritten(loads(text)) for name, text in asked.file_values},
        **options.variables,
    }


def as_asked(run: Run, options: RunOptions) -> RunOptions:
    """The options of a run as it remembers them, where `options` say nothing else.

    At another deployment than the run's own, its target's headers are not sent: they were not meant for that.
    """
    asked = run.asked or Asked()
    elsewhere = bool(options.url) and origin_of(options.url) != origin_of(run.target.url)
    own_headers = () if elsewhere else asked.headers
    given = {name.lower() for name, _ in options.headers}
    target = options.target or ("" if elsewhere else run.target.name)
    file = options.targets_file or (Path(asked.targets_file) if asked.targets_file else None)
    return replace(
        options,
        url=options.url or run.target.url,
        target=target,
        targets_file=file if target else None,
        variables={**dict(asked.variables), **options.variables},
        headers=(
            *options.headers,
            *(pair for pair in own_headers if pair[0].lower() not in given),
        ),
        allow_hosts=(*options.allow_hosts, *run.target.allowed_hosts),
        timeout=asked.timeout,
        # one that is gone is no reason to leave an order: what it gave may be set now, or is told to be missing
        env_files=options.env_files
        or tuple(file for file in asked.env_files if Path(file).exists()),
        **reached(run, options, elsewhere=elsewhere, target=target),
        no_trace=options.no_trace or asked.no_trace,
    )


def _number(event: OrderIntended | ExchangeRecorded) -> int:
    """The number in the id of an exchange: those of a later teardown come behind it."""
    name = event.order.exchange_id if isinstance(event, OrderIntended) else event.exchange.id
    last = name.rpartition("-")[2]
    return int(last) if last.isdecimal() and len(last) < 10 else 0


def _load(result: ScenarioResult) -> Loaded:
    path = Path(result.source)
    if not path.is_file():
        raise SmokeError.of(
            "scenario-gone",
            f"the scenario '{result.name}' was read from {result.source}, which is not there now",
            notes=["run `smoke teardown` where the run was made, or remove the orders by hand"],
        )
    loaded = load_scenario(path)
    if not loaded.scenario.teardown:
        raise SmokeError.of(
            "no-teardown",
            f"the scenario '{result.name}' has no teardown: its orders must be removed by hand",
            notes=["`smoke orders --left` lists them"],
        )
    return loaded


def _captured(result: ScenarioResult) -> dict[str, JsonValue]:
    """What the run's steps captured: the teardown's templates may use it."""
    return {
        capture.name: capture.value
        for step in result.steps
        if step.outcome is not Outcome.SKIPPED
        for capture in step.captures
        if not capture.secret
    }
