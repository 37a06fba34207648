"""`--on-failure pause`: what a person may look at before the teardown of a scenario that failed. Nothing is sent from here."""

from __future__ import annotations

import os
from collections.abc import Callable

from smoke.app.evaluating import evaluated, stored
from smoke.cli.choosing import Pair, choose
from smoke.cli.evaluated import TriedOn, as_text, exchange_of
from smoke.cli.layout import Sheet
from smoke.cli.present import ShownParts, render_step
from smoke.cli.terminal import Terminal
from smoke.diagnostic import SmokeError
from smoke.facts.step import headline, step_facts
from smoke.model.run import Run
from smoke.scenario.rule_text import rule_of
from smoke.store import RunFolder
from smoke.text import safe_line

KEYS = "r request  h headers  b body\ns show [STEP]  e eval RULE\ng go on  q quit"
_PARTS = {
    "r": ShownParts(request=True),
    "h": ShownParts(headers=True),
    "b": ShownParts(body=True),
}
_SHOWN = 64 * 1024
"""Characters that one answer to a question has on the screen: `smoke show` has all of it."""

_IN_SHORT = ("request", "answer", "broke", "expected", "reason", "constraint", "message", "body")
_MOST_STEPS = 5
"""Steps of one name that are shown."""

Ask = Callable[[str], str | None]
"""Asks for a line; None when nothing comes any more."""


class Pause:
    """A scenario that failed, held before its teardown."""

    def __init__(self, terminal: Terminal, run: Run, scenario: str, folder: RunFolder) -> None:
        self._terminal = terminal
        self._run = run
        self._folder = folder
        self._failed = _failed(run, scenario)

    def ask(self, ask: Ask) -> bool:
        """Show what failed, and then what is asked for, until they go on; False when they quit."""
        self._begin()
        while (line := ask(KEYS)) is not None:
            word, _, rest = line.strip().partition(" ")
            match word.lower():
                case "g" | "go":
                    return True
                case "q" | "quit":
                    return False
                case "":
                    continue
                case other:
                    try:
                        self._answer(other, rest.strip())
                    except SmokeError as error:
                        self._terminal.diagnostics(error.diagnostics)
        return False

    def _begin(self) -> None:
        """What failed in short: what was asked, what came, and what was not met or found."""
        scenario, step = self._failed
        terminal = self._terminal
        sheet = Sheet(width=terminal.width, color=terminal.color, unicode=terminal.unicode)
        sheet.line("")
        sheet.line(f"Before the teardown of {scenario.name}:", "bold")
        sheet.marked(step.outcome, f"{step.called} {step.outcome.value} -", headline(step))
        for fact in step_facts(self._run, scenario, step, self._folder, limit=1024, brief=True):
            if fact.label in _IN_SHORT:
                sheet.fact(fact, most=8)
        self._say(sheet.render())

    def _answer(self, word: str, rest: str) -> None:
        """Show one thing. Raises SmokeError for what is not there."""
        if word[0] in _PARTS and not rest:
            self._step(self._failed, _PARTS[word[0]])
        elif word in ("s", "show"):
            for pair in choose(self._run, rest)[:_MOST_STEPS] if rest else [self._failed]:
                self._step(pair, ShownParts())
        elif word in ("e", "eval") and rest:
            self._evaluate(rest)
        else:
            self._say(safe_line(f"not understood: {word}"))

    def _evaluate(self, written: str) -> None:
        scenario, step = self._failed
        rule = rule_of(written)
        title, exchange = exchange_of(step, 0)
        looked = stored(self._run, scenario, step, exchange, self._folder, {}, os.environ)
        about = TriedOn(self._run.id, f"{scenario.name}: {step.called}", title, exchange.id)
        self._say(as_text(about, rule, evaluated(rule, looked, None), "", (), self._terminal))

    def _step(self, pair: Pair, parts: ShownParts) -> None:
        terminal = self._terminal
        self._say(
            render_step(
                self._run,
                *pair,
                self._folder,
                parts=parts,
                width=terminal.width,
                color=terminal.color,
                unicode=terminal.unicode,
            )
        )

    def _say(self, text: str) -> None:
        more = len(text) - _SHOWN
        if more > 0:
            plain = "\x1b[0m" if self._terminal.color else ""
            text = f"{text[:_SHOWN]}{plain}\n(+{more} characters: smoke show has all of it)"
        self._terminal.try_to_write(text)


def _failed(run: Run, scenario: str) -> Pair:
    """The step of a scenario that did not pass, the first one of several."""
    return next(
        (each, step)
        for each in run.scenarios
        if each.name == scenario
        for step in each.steps
        if step.outcome.stops
    )
