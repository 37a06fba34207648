"""What is kept of a finished run: names, outcomes, causes and times. No body, no header, no value of an answer."""

from __future__ import annotations

from msgspec import Struct

from smoke.model.run import Outcome
from smoke.model.status import ExitStatus


class RunRow(Struct, frozen=True):
    """One run as a whole."""

    id: str
    target: str
    """The target's name; the origin of its URL where it has none."""
    url: str
    version: str
    """The build that was tested; empty where nothing tells it."""
    version_from: str
    """What told it, in words."""
    started: str
    """ISO 8601, UTC."""
    outcome: str
    status: int
    """The exit status that the run deserves by itself."""
    interrupted: str
    """The signal that stopped it, or `the person at the terminal`."""
    problems: int
    """How many things kept smoke from its own work."""
    orders_left: int
    """Orders that the shop has, or may have, still."""
    seconds: float
    message: str
    """How the waiting for the target ended, where nothing was run."""
    strict: int = 0
    """Whether a step that passed only when it was tried again failed the run (`--fail-on-flaky`)."""

    @property
    def passed(self) -> bool:
        """Whether everything held: nothing less counts as a pass."""
        return self.status == ExitStatus.PASSED

    @property
    def called(self) -> str:
        """The build, or the run where that is not known."""
        return self.version or f"run {self.id}"


class ScenarioRow(Struct, frozen=True):
    """One scenario of a run."""

    name: str
    outcome: str
    seconds: float

    @property
    def judged(self) -> bool:
        """Whether there is a verdict: what was skipped, broke off or met a wall is neither good nor bad."""
        return self.outcome in (Outcome.PASSED, Outcome.FAILED)


class StepRow(Struct, frozen=True):
    """One step of a scenario that was carried out, all its rounds together; `seconds` is the mean of a round."""

    scenario: str
    step: str
    outcome: str
    seconds: float
    flaky: int = 0


class FailureRow(Struct, frozen=True):
    """One cause at one step (empty: the scenario as a whole)."""

    scenario: str
    step: str
    fingerprint: str
    code: str
    title: str
    outcome: str
    teardown: int = 0

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes two failures of two runs the same: where, and by which cause."""
        return self.scenario, self.step, self.fingerprint

    @property
    def where(self) -> str:
        """`repeat-customer 'Order 2'`."""
        return f"{self.scenario} '{self.step}'" if self.step else self.scenario


class RunRecord(Struct, frozen=True):
    """A finished run as the history keeps it."""

    run: RunRow
    scenarios: tuple[ScenarioRow, ...] = ()
    steps: tuple[StepRow, ...] = ()
    failures: tuple[FailureRow, ...] = ()

    def scenario(self, name: str) -> ScenarioRow | None:
        """What it tells of a scenario; None when it had none of that name."""
        return next((row for row in self.scenarios if row.name == name), None)

    def failed(self, scenario: str) -> tuple[FailureRow, ...]:
        """The causes that it met in a scenario."""
        return tuple(row for row in self.failures if row.scenario == scenario)

    def passed(self, scenario: str, step: str) -> bool:
        """Whether a step was carried out and passed (an empty one: the whole scenario)."""
        if not step:
            found = self.scenario(scenario)
            return found is not None and found.outcome == Outcome.PASSED
        return any(
            row.scenario == scenario and row.step == step and row.outcome == Outcome.PASSED
            for row in self.steps
        )
