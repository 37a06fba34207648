"""Command lines that go on from a run: to be pasted where the run was started, with all that it was asked to do. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from smoke.model.asked import Asked
from smoke.model.run import PlacedOrder, Run, ScenarioResult
from smoke.shell import Shell
from smoke.text import safe_line

DEFAULT_OUT = ".smoke/runs"
_MOST_SCENARIOS = 5


class Commands(Struct, frozen=True):
    """Commands about one run. `program` is how smoke is started here, `shell` what they are typed into; a command that would do nothing is empty."""

    run: Run | None = None
    program: tuple[str, ...] = ("smoke",)
    shell: Shell = Shell.POSIX

    def again(self) -> str:
        """The scenarios that did not pass, at the same deployment, asked for as they were."""
        run = self.run
        if run is None:
            return ""
        asked = run.asked or Asked()
        words = self._again(run, asked)
        if words is None:
            return ""
        options: list[str] = []
        if run.target.name:
            options += ["--target", run.target.name]
        if asked.targets_file:
            options += ["--targets", asked.targets_file]
        if asked.url or run.asked is None or not run.target.name:
            options += ["--url", asked.url or run.target.url]
        for name, value in asked.variables:
            options += ["--var", f"{name}={value}"]
        for name, value in asked.headers:
            options += ["--header", f"{name}: {value}"]
        for host in asked.allow_hosts:
            options += ["--allow-host", host]
        options += asked.options
        return self._line(["run"], words, [*options, *self._out()])

    @staticmethod
    def _again(run: Run, asked: Asked) -> list[str] | None:
        """The words of the scenarios; None where there is nothing to run again, or no line could name it."""
        bad = [
            scenario
            for scenario in run.scenarios
            if scenario.outcome.bad and not scenario.teardown_of
        ]
        if not run.scenarios or len(bad) > _MOST_SCENARIOS:
            chosen = asked.selectors or not {"--tag", "--skip", "--failed"}.isdisjoint(
                asked.options
            )
            return list(asked.selectors) if chosen else None
        return list(dict.fromkeys(_word_of(scenario, asked) for scenario in bad)) or None

    def show(self, step: str = "", *options: str, scenario: str = "") -> str:
        """The run again, or one step of it; by its `scenario` too where another has a step of that id."""
        if self.run is not None and step and scenario:
            own = [s for each in self.run.scenarios if each.name == scenario for s in each.steps]
            step = next((other.typed for other in own if other.id == step), step)
            having = [s for s in self.run.scenarios if any(o.typed == step for o in s.steps)]
            step = f"{scenario}/{step}" if len(having) > 1 else step
        words = [] if self.run is None else [self.run.id, *([step] if step else [])]
        return self._line(["show"], words, [*options, *self._out()])

    def orders(self) -> str:
        """The orders of the run."""
        return self._line(["orders"], [self.run.id] if self.run else [], self._out())

    def teardown(self) -> str:
        """Removes what the run left behind; empty where its scenarios have no step that could."""
        run = self.run
        if run is None or not any(self.can_remove(order) for order in run.orders_left_behind):
            return ""
        return self._line(["teardown"], [run.id], self._out())

    def can_remove(self, order: PlacedOrder) -> bool:
        """Whether the teardown of the order's scenario has a step for it."""
        scenarios = self.run.scenarios if self.run is not None else ()
        found = next((each for each in scenarios if each.name == order.scenario), None)
        return found is not None and (found.removes if order.order_id else found.looks)

    def forget(self, orders: Iterable[PlacedOrder] = ()) -> str:
        """Says that orders were dealt with: these, or all that the run left."""
        if self.run is None:
            return ""
        words = [self.run.id, *(order.key for order in orders)]
        return self._line(["orders", "forget"], words, ["--why", "removed by hand", *self._out()])

    def explain(self, topic: str) -> str:
        """What a code means."""
        return self._line(["explain"], [topic], [])

    def constraint(self, name: str) -> str:
        """Asks the database for a constraint; empty when it is known that no database was at hand."""
        asked = self.run.asked if self.run is not None else None
        options: list[str] = []
        if asked is not None:
            if not asked.database:
                return ""
            if asked.dsn_env:
                options = ["--dsn-env", asked.dsn_env]
            elif self.run is not None and self.run.target.name:
                options = ["--target", self.run.target.name]
                if asked.targets_file:
                    options += ["--targets", asked.targets_file]
        return self._line(["db", "constraint"], [name], options)

    def _out(self) -> list[str]:
        folder = self.run.folder if self.run is not None else ""
        out = folder.rpartition("/")[0]
        return ["--out", out] if out and out != DEFAULT_OUT else []

    def _line(self, command: list[str], words: list[str], options: list[str]) -> str:
        """One line for the shell. Words that begin with a dash come behind `--`."""
        if any(word.startswith("-") for word in words):
            words, options = [*options, "--", *words], []
        return self.shell.join(
            safe_line(word) for word in [*self.program, *command, *words, *options]
        )


def _word_of(scenario: ScenarioResult, asked: Asked) -> str:
    """What selects a scenario: its path where a path was given (or nobody knows), else the name of its file."""
    source = scenario.source
    named = [word for word in asked.selectors if not _is_path(word)]
    below = any(
        _is_path(word) and (source == word or source.startswith(f"{word.rstrip('/')}/"))
        for word in (word.removeprefix("./") for word in asked.selectors)
    )
    if below or not named:
        return source
    stem = source.rpartition("/")[2].rpartition(".")[0]
    return stem or source


def _is_path(word: str) -> bool:
    return word.endswith((".yaml", ".yml")) or "/" in word
