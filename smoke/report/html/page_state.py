"""What the parts of one page share: the run, its evidence, how much room is left, and what was told already."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from msgspec import Struct

from smoke.facts.evidence import Evidence
from smoke.facts.typed import typed
from smoke.model.run import Run, ScenarioResult, StepResult


class PageLimits(Struct, frozen=True):
    """How large a page becomes: characters that are spent on what steps were like inside, bytes of all bodies, and of each."""

    page: int
    bodies: int
    body: int


AT_ONCE = PageLimits(2_500_000, 8_000_000, 64_000)
"""What a browser opens within a second."""
WHOLE = PageLimits(2**40, 2**40, 20_000_000)
"""For whoever takes the page away without the evidence, and has patience."""
_NOT_IN_AN_ANCHOR = re.compile(r"[^A-Za-z0-9._]+")


class Room:
    """How many bytes of bodies the page still takes: a report must open in a browser."""

    def __init__(self, total: int, each: int) -> None:
        self._left = total
        self._each = each

    def take(self, wanted: int) -> int:
        """At most `wanted` bytes, at most what one body may have, at most what is left."""
        given = max(0, min(wanted, self._each, self._left))
        self._left -= given
        return given


class PageState:
    """One page while it is written. `spent` are its characters until now."""

    def __init__(self, run: Run, evidence: Evidence, limits: PageLimits = AT_ONCE) -> None:
        self.run = run
        self.evidence = evidence
        self.bodies = Room(limits.bodies, limits.body)
        self._most = limits.page
        self.spent = 0
        self._commands = typed(run)
        self._named = Counter(step.typed for each in run.scenarios for step in each.steps)
        self._said: set[str] = set()
        self._anchors: dict[tuple[str, str], str] = {}
        taken: set[str] = set()
        for scenario in run.scenarios:
            self._anchors.setdefault((scenario.name, ""), _anchor([scenario.name], taken))
            for step in scenario.steps:
                name = _anchor([scenario.name, step.id], taken)
                self._anchors.setdefault((scenario.name, step.id), name)

    @property
    def full(self) -> bool:
        """Whether the rest is told in a line each."""
        return self.spent > self._most

    def fresh(self, lines: Iterable[str]) -> tuple[str, ...]:
        """Those of some lines that are not on the page yet; they count as told from then on."""
        found = tuple(line for line in dict.fromkeys(lines) if line not in self._said)
        self._said.update(found)
        return found

    def command(self, scenario: ScenarioResult, step: StepResult) -> str:
        """What shows a step on a terminal; as `Commands.show`, which looks through the whole run for each."""
        named = f"{scenario.name}/{step.typed}" if self._named[step.typed] > 1 else step.typed
        return self._commands.show(named)

    def anchor(self, scenario: ScenarioResult, step: StepResult | None = None) -> str:
        """The id of a scenario or a step on the page: the same in every report, as long as nothing is renamed."""
        return self._anchors[scenario.name, step.id if step is not None else ""]


def _anchor(names: list[str], taken: set[str]) -> str:
    words = [_NOT_IN_AN_ANCHOR.sub("-", name).strip("-")[:60] or "unnamed" for name in names]
    name = "/".join(words)
    number = 2
    found = name
    while found in taken:
        found = f"{name}~{number}"
        number += 1
    taken.add(found)
    return found
