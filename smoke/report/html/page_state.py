"""What the parts of one page share: the run, its evidence, how much room is left, and what was told already."""

from __future__ import annotations

import re
from collections.abc import Iterable

from smoke.facts.evidence import Evidence
from smoke.model.run import Run, ScenarioResult, StepResult

LARGEST = 6_000_000
"""Characters of a page that are spent on what steps were like inside: a browser opens that within a second."""
MOST_BODIES = 8_000_000
MOST_BODY = 64_000
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

    def __init__(self, run: Run, evidence: Evidence) -> None:
        self.run = run
        self.evidence = evidence
        self.bodies = Room(MOST_BODIES, MOST_BODY)
        self.spent = 0
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
        return self.spent > LARGEST

    def fresh(self, lines: Iterable[str]) -> tuple[str, ...]:
        """Those of some lines that are not on the page yet; they count as told from then on."""
        found = tuple(line for line in dict.fromkeys(lines) if line not in self._said)
        self._said.update(found)
        return found

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
