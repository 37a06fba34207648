"""What `smoke watch` does with what was written behind it."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import typer
from msgspec import Struct
from msgspec.structs import asdict

from smoke.app.checked import check_values
from smoke.app.declared import declared
from smoke.app.delivering import Deliver, delivery, receivers_of, sending_of
from smoke.app.given_values import GivenValues, given_values
from smoke.app.options import RunOptions
from smoke.app.past_options import PastOptions
from smoke.app.preparing import prepare
from smoke.app.pruning import Keep, keep_of, prune
from smoke.app.remembering import Wish, remember, wish_of
from smoke.app.sharding import Chosen
from smoke.app.signals import Stops
from smoke.app.sweep import Place as Where
from smoke.app.sweep import checked_places, shop_at
from smoke.app.sweep_options import SweepOptions
from smoke.app.watch_options import WatchOptions
from smoke.app.watch_rounds import Hearing, WatchedTarget, WatchPlan, watch
from smoke.app.watch_state import alone, load_state
from smoke.ci import Here
from smoke.cli.layout import Sheet
from smoke.cli.option_values import Sources, check_variables, values
from smoke.cli.project import given_fields, project_here
from smoke.cli.running import hider
from smoke.cli.start import collect_garbage_again
from smoke.cli.terminal import Terminal, stderr, stdout
from smoke.cli.watch_parameters import options as declared_here
from smoke.diagnostic import SmokeError
from smoke.engine.control import Clock, SystemClock
from smoke.model.verdict import signal_status
from smoke.overview.pages import came_to
from smoke.overview.table import Shop
from smoke.text import safe_line
from smoke.watching.schedule import window_of
from smoke.watching.standing import Standing, WatchLevel, What

if TYPE_CHECKING:
    from smoke.app.project import ProjectDefaults

_WORDS = {
    What.FAILING: "begins to fail",
    What.NEW_CAUSE: "fails for another reason, too",
    What.NO_VERDICT: "cannot be judged",
    What.RECOVERED: "passes again",
}


def watch_as_asked(context: Sources, written: Mapping[str, Any]) -> NoReturn:
    """Watch until it is stopped, and leave with the status of what stopped it. Raises SmokeError before the first round."""
    collect_garbage_again()
    items = {item.field: item for item in declared_here()}

    def of(kind: Any) -> dict[str, Any]:
        return values([item for name, item in declared(kind).items() if name in items], written)

    check_variables(context, items.values(), of(RunOptions))
    given, project = given_fields(context, items.values()), project_here()
    options, several = RunOptions(**of(RunOptions)), SweepOptions(**of(SweepOptions))
    past, asked = PastOptions(**of(PastOptions)), WatchOptions(**of(WatchOptions))
    if project is not None:
        from smoke.app.defaults import with_defaults

        past = with_defaults(past, given, project)
        several = with_defaults(several, given, project)
        asked = with_defaults(asked, given, project)
    check_values([*declared(WatchOptions).values()], asdict(asked))
    watched = _watched(options, several, given, project)
    raise typer.Exit(_watch(watched, several, asked, wish_of(watched.options, past, os.environ)))


class _Watched(Struct, frozen=True):
    """The options for all, what is given from outside (read once), the scenarios, each target with its own options."""

    options: RunOptions
    outside: GivenValues
    chosen: Chosen
    places: list[Where]


def _watched(
    options: RunOptions,
    several: SweepOptions,
    given: Collection[str],
    project: ProjectDefaults | None,
) -> _Watched:
    """What is watched, checked as before a run. Raises SmokeError."""
    if several.all_targets:
        from smoke.app.defaults import for_all_targets

        base, complete = for_all_targets(options, given, project)
        outside = given_values(base, os.environ)
        return _Watched(base, outside, *checked_places(base, outside, complete))
    if project is not None:
        from smoke.app.defaults import run_with_defaults

        options = run_with_defaults(options, given, project)
    outside = given_values(options, os.environ)
    chosen, where = prepare(options, outside)
    return _Watched(options, outside, chosen, [(options, where)])


def _watch(watched: _Watched, several: SweepOptions, asked: WatchOptions, wish: Wish) -> int:
    """Watch until it ends; the exit status."""
    plan = _plan(asked, several, wish)
    named = {each.target.name or str(each.origin): (own, each) for own, each in watched.places}
    told, stops, hide = _Told(stdout()), Stops(), hider(Here.of(os.environ))
    to = delivery(sending_of(watched.options, watched.outside.environ))
    out = watched.options.out
    path = asked.state_file or out.parent / "watch.json"
    keep = keep_of(asked.keep_runs, "--keep-runs") if asked.keep_runs else None

    def carry_out(place: WatchedTarget) -> Shop:
        own, there = named[place.target]
        return shop_at(
            Shop(place.target, place.url),
            own,
            watched.chosen,
            there,
            watched.outside,
            stops=stops,
            on_secret=hide,
        )

    clock = SystemClock()
    with alone(path), stops.taken(), _measured(asked, told, to, clock) as (hearing, delivers):
        stdout().try_to_write(safe_line(f"watching {', '.join(named)}; Ctrl-C ends it"))
        watch(
            [WatchedTarget(n, t.target.url, str(t.origin)) for n, (_, t) in named.items()],
            plan,
            load_state(path),
            path,
            run=carry_out,
            deliver=delivers,
            hearing=hearing,
            finished=lambda shop: _finished(shop, wish, out, keep, asked.status_page, told),
            stopped=stops.came.is_set,
            sleep=stops.wait,
            clock=clock,
        )
    return int(signal_status(stops.reason)) if stops.reason else 0


@contextmanager
def _measured(
    asked: WatchOptions, told: Hearing, deliver: Deliver, clock: Clock
) -> Iterator[tuple[Hearing, Deliver]]:
    """Who hears of the rounds, and how notices are delivered: both counted, and served, where that is asked for."""
    if not asked.metrics:
        yield told, deliver
        return
    from smoke.app.watch_http import serving
    from smoke.app.watch_metrics import Figures, MeasuredHearing, RoundsDue, check_metrics

    check_metrics()
    figures, due = Figures(), RoundsDue(clock, asked.every)
    with serving(asked.metrics, figures.registry, due.overdue) as address:
        stdout().try_to_write(f"metrics at {safe_line(address)}")
        yield MeasuredHearing(told, figures, due, clock.now), figures.delivering(deliver)


def _plan(asked: WatchOptions, several: SweepOptions, wish: Wish) -> WatchPlan:
    """Raises SmokeError."""
    if asked.status_page is not None and wish.place is None:
        raise SmokeError.of("bad-option", "--status-page shows the history, which is off")
    return WatchPlan(
        asked.every,
        asked.every / 10 if asked.jitter is None else asked.jitter,
        tuple(window_of(text) for text in asked.maintenance),
        receivers_of(asked.notify_env, asked.notify_secret_env, os.environ),
        asked.rounds,
        several.targets_at_once,
    )


def _finished(
    shop: Shop, wish: Wish, out: Path, keep: Keep | None, page: Path | None, told: _Told
) -> None:
    """Keep the record of a round, let go of old ones, and write the page."""
    remembered = remember(shop.run, wish) if shop.run is not None else None
    for problem in remembered.problems if remembered else ():
        told.problem(problem)
    try:
        for pruned in prune(out, keep, now=datetime.now(UTC), dry_run=False) if keep else ():
            if pruned.problem:
                told.problem(f"{pruned.run_id} was not pruned: {pruned.problem}")
        if page is not None and wish.place is not None:
            from smoke.app.status import status_of

            status_of(wish.place, page)
    except SmokeError as error:
        told.problem(str(error))


class _Told:
    """Writes a line for each thing that happens."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    def round(self, shop: Shop, standing: Standing, what: What | None) -> None:
        sheet = self._sheet()
        at = datetime.now().astimezone().strftime("%H:%M:%S")
        change = f" — {_WORDS[what]}" if what is not None else ""
        run = f" (run {shop.run.id})" if shop.run is not None and shop.outcome.bad else ""
        known = shop.outcome.bad and standing.state is not WatchLevel.PASSING
        since = f", {standing.state.value} since {standing.since}" if known else ""
        sheet.marked(shop.outcome, f"{at} {shop.target}", f"{came_to(shop)}{change}{since}{run}")
        self._terminal.try_to_write(sheet.render())

    def expecting(self, target: str, due: float) -> None:
        """Nothing is written of it."""

    def resting(self, until: datetime) -> None:
        self._terminal.try_to_write(f"   maintenance: nothing is run before {until.isoformat()}")

    def problem(self, text: str) -> None:
        stderr().try_to_write(safe_line(f"smoke: {text}"))

    def _sheet(self) -> Sheet:
        terminal = self._terminal
        return Sheet(width=terminal.width, color=terminal.color, unicode=terminal.unicode)
