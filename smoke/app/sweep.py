"""`smoke run --all-targets`: the same scenarios at every target, each in a run of its own."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from msgspec.structs import replace

from smoke.app.defaults import Complete
from smoke.app.environment import needs
from smoke.app.given_values import GivenValues, given_values
from smoke.app.named_target import load_targets_of
from smoke.app.options import RunOptions
from smoke.app.preparing import check_usable, choose_checked
from smoke.app.running import carry_out
from smoke.app.sharding import Chosen
from smoke.app.signals import Stops
from smoke.app.target import ResolvedTarget, resolve_target
from smoke.diagnostic import Diagnostic, SmokeError
from smoke.engine.redirects import Origin
from smoke.overview.table import Shop

Place = tuple[RunOptions, ResolvedTarget]
"""Where a run is, and with which options."""


def sweep(
    options: RunOptions,
    *,
    at_once: int = 1,
    before: Callable[[Sequence[str]], None] | None = None,
    environ: Mapping[str, str] | None = None,
    complete: Complete | None = None,
    on_secret: Callable[[str], None] | None = None,
) -> Iterator[Shop]:
    """Run the scenarios at every target of the targets files, `at_once` of them side by side; each as it is finished.

    Targets at one origin are never run side by side. `before` gets the names of the targets when all is checked and nothing
    is sent yet; `complete` gives the options at one target, of those for all. Signals stop all of them; those that had not
    begun have no run. Raises SmokeError, before anything is sent anywhere, when a target, a scenario or the environment is
    not usable. Only in the main thread.
    """
    if options.failed:
        words = "--failed is about the last run at one target, and does not go with --all-targets"
        raise SmokeError.of("bad-option", words)
    if options.on:
        words = (
            "--on is for one target: --all-targets runs its own side by side (--targets-at-once)"
        )
        raise SmokeError.of("bad-option", words)
    outside = given_values(options, os.environ if environ is None else environ)
    chosen, places = checked_places(options, outside, complete)
    if before is not None:
        before([where.target.name for _, where in places])
    stops = Stops()
    order = {where.target.name: place for place, (_, where) in enumerate(places)}

    def at(given: RunOptions, where: ResolvedTarget) -> Shop:
        shop = Shop(where.target.name, where.target.url, place=order[where.target.name])
        if stops.reason:
            return replace(shop, why_not=f"not started: interrupted ({stops.reason})")
        return shop_at(shop, given, chosen, where, outside, on_secret=on_secret, stops=stops)

    with stops.taken():
        yield from _in_groups(places, at, at_once)


def shop_at(
    shop: Shop,
    options: RunOptions,
    chosen: Chosen,
    where: ResolvedTarget,
    outside: GivenValues,
    *,
    stops: Stops,
    on_secret: Callable[[str], None] | None = None,
) -> Shop:
    """The shop with its run, or with why it has none. In any thread: `stops` takes the signals."""
    try:
        found = carry_out(options, chosen, where, outside, on_secret=on_secret, stops=stops)
    except SmokeError as error:
        return replace(shop, why_not="; ".join(each.message for each in error.diagnostics))
    return replace(shop, run=found)


def checked_places(
    options: RunOptions, outside: GivenValues, complete: Complete | None
) -> tuple[Chosen, list[Place]]:
    """The scenarios, and every target with the options of its run. Raises SmokeError with what is wrong with any of them."""
    if options.target or options.url:
        given = "--target" if options.target else "--url (or SMOKE_URL)"
        raise SmokeError.of("bad-option", f"--all-targets and {given} do not go together")
    targets = load_targets_of(options)
    if not targets:
        raise SmokeError.of("nothing-selected", "no target in the targets files")
    chosen = choose_checked(options, outside)
    needed = needs(chosen.loaded)
    problems: list[Diagnostic] = []
    places: list[Place] = []
    for name in targets:
        there = replace(options, target=name)
        try:
            if complete is not None:
                there = complete(there, targets)
            places.append((there, resolve_target(there, outside.environ, needed, targets)))
            check_usable(chosen.loaded, places[-1][1], outside)
        except SmokeError as error:
            problems += error.diagnostics
    if problems:
        raise SmokeError(list(dict.fromkeys(problems)))
    return chosen, places


def _in_groups(
    places: Sequence[Place], at: Callable[[RunOptions, ResolvedTarget], Shop], at_once: int
) -> Iterator[Shop]:
    """Each shop as it is finished; those of one origin one after the other."""
    groups: dict[Origin, list[Place]] = {}
    for given, where in places:
        groups.setdefault(where.origin, []).append((given, where))
    finished: list[Shop] = []
    guard = threading.Lock()

    def work(group: Iterable[Place]) -> None:
        for given, where in group:
            done = at(given, where)
            with guard:
                finished.append(done)

    with ThreadPoolExecutor(max_workers=max(1, min(at_once, len(groups)))) as pool:
        going: set[Future[None]] = {pool.submit(work, group) for group in groups.values()}
        while going:
            # short waits: the main thread runs the signal handlers
            done, going = wait(going, timeout=0.1, return_when=FIRST_COMPLETED)
            with guard:
                ready, finished[:] = list(finished), []
            yield from ready
            for each in done:
                each.result()
        yield from finished
