"""What a sweep over targets came to, as values: shop by scenario, each cause once, the worst of all."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from smoke.facts.fingerprints import Cause, causes_of
from smoke.facts.typed import typed
from smoke.model.run import Outcome, Run
from smoke.model.status import ExitStatus
from smoke.model.verdict import exit_status

_RANK = (
    ExitStatus.PASSED,
    ExitStatus.NOTHING_RUN,
    ExitStatus.NO_VERDICT,
    ExitStatus.FAILED,
)
"""A sweep is as bad as its worst target; a failure tells more than a verdict that is missing."""


class Shop(Struct, frozen=True):
    """What came of one target: its run, or why it has none."""

    target: str
    url: str
    run: Run | None = None
    why_not: str = ""
    place: int = 0
    """Its place among the targets."""

    @property
    def outcome(self) -> Outcome:
        return Outcome.ERRORED if self.run is None else self.run.outcome

    @property
    def status(self) -> ExitStatus:
        return ExitStatus.NO_VERDICT if self.run is None else exit_status(self.run)


class SharedCause(Struct, frozen=True):
    """One cause, wherever it struck: `struck` are target and scenario, `show` is the command that shows the first of them."""

    fingerprint: str
    title: str
    struck: tuple[tuple[str, str], ...]
    show: str
    outcome: Outcome = Outcome.FAILED
    """The worst that it led to."""
    source: str = ""
    """The file that the first step that it struck is in, and the line."""
    line: int = 0


class Overview(Struct, frozen=True):
    """The whole sweep; `cells` has a row for each shop, with an outcome (or None) for each of `scenarios`."""

    shops: tuple[Shop, ...]
    scenarios: tuple[str, ...]
    cells: tuple[tuple[Outcome | None, ...], ...]
    causes: tuple[SharedCause, ...]

    @property
    def status(self) -> ExitStatus:
        """The exit status of the sweep: an interruption's, else that of the worst target."""
        stopped = [shop.status for shop in self.shops if shop.run and shop.run.interrupted_by]
        if stopped:
            return stopped[0]
        return max(
            (shop.status for shop in self.shops),
            key=lambda status: _RANK.index(status) if status in _RANK else len(_RANK),
            default=ExitStatus.NOTHING_RUN,
        )

    @property
    def orders_left(self) -> tuple[tuple[str, int], ...]:
        """How many orders may be left at which target."""
        counts = ((s.target, len(s.run.orders_left_behind)) for s in self.shops if s.run)
        return tuple((target, count) for target, count in counts if count)


def overview(shops: Sequence[Shop]) -> Overview:
    """The table of what each target came to, in the order of `shops`."""
    names = dict.fromkeys(
        scenario.name for shop in shops if shop.run for scenario in shop.run.scenarios
    )
    cells = []
    found: dict[str, list[tuple[Shop, Cause]]] = {}
    for shop in shops:
        scenarios = shop.run.scenarios if shop.run else ()
        outcomes = {scenario.name: scenario.outcome for scenario in scenarios}
        cells.append(tuple(outcomes.get(name) for name in names))
        for cause in causes_of(shop.run) if shop.run else ():
            found.setdefault(cause.fingerprint, []).append((shop, cause))
    return Overview(tuple(shops), tuple(names), tuple(cells), _shared(found))


def _shared(found: dict[str, list[tuple[Shop, Cause]]]) -> tuple[SharedCause, ...]:
    """The causes, those that struck most shops first."""
    causes = []
    for fingerprint, places in sorted(found.items(), key=lambda each: -len(each[1])):
        shop, cause = places[0]
        first = cause.failures[0]
        step = first.step.id if first.step is not None else ""
        assert shop.run is not None
        causes.append(
            SharedCause(
                fingerprint,
                cause.title,
                tuple((shop.target, name) for shop, each in places for name in each.scenarios),
                typed(shop.run).show(step, scenario=first.scenario.name),
                max(
                    (each.scenario.outcome for _, found in places for each in found.failures),
                    key=lambda outcome: outcome.rank,
                ),
                first.step.source if first.step is not None else first.scenario.source,
                first.step.line if first.step is not None else 0,
            )
        )
    return tuple(causes)
