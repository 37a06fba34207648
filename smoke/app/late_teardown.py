"""`smoke teardown`: removes what an earlier run left behind, from its journal alone, also on another day."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from smoke.app.journal import Journal, Listener
from smoke.app.options import RunOptions
from smoke.app.signals import stopping
from smoke.app.target import aim
from smoke.app.wiring import wire
from smoke.diagnostic import SmokeError
from smoke.engine.control import Control, SystemClock
from smoke.engine.scenario import ScenarioRun
from smoke.model.events import ExchangeRecorded, OrderIntended
from smoke.model.run import JsonValue, Outcome, PlacedOrder, Run, ScenarioResult
from smoke.scenario.load import Loaded, load_scenario
from smoke.store import RunFolder


class Removed(Struct, frozen=True):
    """What a late teardown came to: the run with its new events, and the orders it had to deal with."""

    run: Run
    tried: tuple[PlacedOrder, ...]

    @property
    def left(self) -> tuple[PlacedOrder, ...]:
        return self.run.orders_left_behind


def teardown(
    folder: RunFolder,
    options: RunOptions,
    *,
    environ: Mapping[str, str] | None = None,
    listener: Listener | None = None,
) -> Removed:
    """Run the teardown of each scenario of a stored run that left orders behind.

    The steps see the run's own variables (random data comes from the stored seed) and captures, but none that were
    secret. Removing twice does no harm: an order that is gone answers so. Raises SmokeError when the run is still
    being written, when a scenario file is not there any more, or when a secret is missing.
    """
    environ = os.environ if environ is None else environ
    folder.lock()
    run = folder.run()
    left = run.orders_left_behind
    if not left:
        return Removed(run, ())
    url = options.url or run.target.url
    options = replace(
        options, url=url, allow_hosts=(*options.allow_hosts, *run.target.allowed_hosts)
    )
    results = [
        result for result in run.scenarios if any(order.scenario == result.name for order in left)
    ]
    loaded = [_load(result) for result in results]
    needed = {
        name: f"the scenario '{item.scenario.name}'"
        for item in loaded
        for name in item.scenario.secrets
    }
    where = aim(options, environ, needed)
    clock = SystemClock()
    journal = Journal(folder, listener)
    first_id = 1
    for event in folder.events():
        journal.remember(event)
        if isinstance(event, (OrderIntended, ExchangeRecorded)):
            first_id = max(first_id, _number(event) + 1)
    control = Control(clock, options.max_time)
    with (
        stopping(control, control),
        wire(
            options,
            where,
            folder,
            journal,
            clock,
            run_id=run.id,
            seed=run.seed,
            environ=environ,
            on_secret=None,
            first_id=first_id,
        ) as wiring,
    ):
        for result, item in zip(results, loaded, strict=True):
            scope = wiring.scope(item, result.name, {}, run.started_at)
            scope = scope.with_names(_captured(result))
            name = f"{result.name} (teardown {clock.now():%Y-%m-%d %H:%M:%S})"
            own = [order for order in left if order.scenario == result.name]
            ScenarioRun(item.scenario, name, wiring.services, scope).clean_up(
                control, result.name, own
            )
    return Removed(journal.run(), left)


def _number(event: OrderIntended | ExchangeRecorded) -> int:
    """The number in the id of an exchange: those of a later teardown come behind it."""
    name = event.exchange_id if isinstance(event, OrderIntended) else event.exchange.id
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
    """What the run's steps captured: the teardown's templates may use it, but for what was of one round of a loop."""
    return {
        capture.name: capture.value
        for step in result.steps
        if step.outcome is not Outcome.SKIPPED and not step.rounds
        for capture in step.captures
        if not capture.secret
    }
