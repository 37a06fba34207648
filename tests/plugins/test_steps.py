"""Every kind of step has what the engine, the loader and the schema ask of it."""

from __future__ import annotations

import inspect

import pytest
from pydantic import BaseModel

from smoke import plugins
from smoke.database.checks._result import CheckResult
from smoke.model.run import Outcome
from smoke.scenario.scope import Scope
from smoke.steps import clear_cookies, pause
from smoke.steps._session import Session

KINDS = plugins.find("steps", foreign=False)
BY_ENGINE = {"request", "together", "group"}


def session(cleared: list[str], *, rested: bool = True) -> Session:
    return Session(
        scope=Scope(),
        sleep=lambda seconds: rested and seconds > 0,
        clear_cookies=cleared.append,
        remaining=lambda: 60.0,
        ask=lambda _name, _spec: CheckResult(ok=True, message="it holds"),
    )


@pytest.mark.parametrize("name", KINDS)
def test_it_has_a_spec_and_says_what_it_is(name: str) -> None:
    plugin = KINDS[name]
    module = plugin.load()
    assert issubclass(module.Spec, BaseModel)
    assert module.Spec.model_json_schema()
    assert plugin.description().endswith((".", "`.", "all."))
    assert module.Spec.__doc__


@pytest.mark.parametrize("name", sorted(set(KINDS) - BY_ENGINE))
def test_what_the_engine_does_not_know_carries_itself_out(name: str) -> None:
    perform = KINDS[name].load().perform
    assert list(inspect.signature(perform).parameters) == ["spec", "session"]


def test_those_that_ship_are_there() -> None:
    assert {"request", "together", "group", "pause", "clear-cookies"} <= set(KINDS)


def test_a_pause_that_is_cut_short_has_no_verdict() -> None:
    spec = pause.Spec.model_validate("500ms")
    assert pause.perform(spec, session([])).outcome is Outcome.PASSED
    assert pause.perform(spec, session([], rested=False)).outcome is Outcome.ERRORED


def test_clearing_names_the_customer() -> None:
    cleared: list[str] = []
    clear_cookies.perform(clear_cookies.Spec.model_validate("alice"), session(cleared))
    assert cleared == ["alice"]
