"""Scenarios as tests of pytest, and a fixture `smoke`: asleep until a deployment is named, so that no test run orders by surprise.

`pytest --smoke-url URL` (or `smoke_url` in pytest's configuration) collects `*.smoke.yaml` wherever pytest looks, and the
scenarios in the project's `scenarios/` when that folder or a file of it is named. Nothing of smoke is loaded before.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

import pytest

if TYPE_CHECKING:
    from smoke.app.keyword_types import Keywords
    from smoke.model.run import Run

_MARKED = (".smoke.yaml", ".smoke.yml")
_FOLDER = "scenarios"
_WIDTH = 100
_NO_URL = "no deployment to test: give --smoke-url, or smoke_url in pytest's configuration"


class ScenarioError(Exception):
    """A run that did not pass, in the words of `smoke run`."""

    def __init__(self, run: Run, headline: str, told: str) -> None:
        super().__init__(f"{headline}\n\n{told}")
        self.headline = headline
        self.run = run
        """The run, with its findings and where its evidence is."""


class Smoke:
    """What the fixture `smoke` gives: runs scenarios against the deployment under test."""

    def __init__(self, url: str, out: Path) -> None:
        self.url = url
        self._out = out

    def __call__(self, *selectors: str, **options: Unpack[Keywords]) -> Run:
        """The run of these scenarios, which passed. Fails the test otherwise; takes what `smoke.run` takes."""
        __tracebackhide__ = True
        return _passed(self.run(*selectors, **options))

    def run(self, *selectors: str, **options: Unpack[Keywords]) -> Run:
        """The run of these scenarios, whatever came of it: the test judges it itself. Raises what `smoke.run` raises."""
        __tracebackhide__ = True
        from smoke.app.running import run
        from smoke.diagnostic import SmokeError

        options.setdefault("url", self.url)
        options.setdefault("out", self._out)
        try:
            return _uninterrupted(run(*selectors, **options))
        except (SmokeError, TypeError) as error:
            if isinstance(error, SmokeError):
                error.add_note(_diagnosed(error))
            # pytest shows the arguments of the functions on the way: the environment, and the secrets of the run
            raise error.with_traceback(None) from None


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options: one that wakes the plugin, and where evidence goes."""
    group = parser.getgroup("smoke", "smoke: scenarios as tests, which place REAL orders")
    group.addoption(
        "--smoke-url",
        default="",
        metavar="URL",
        help="The deployment under test; scenario files are tests only where this or smoke_url is given.",
    )
    parser.addini("smoke_url", "the deployment under test, as --smoke-url", default="")
    parser.addini("smoke_out", "where run folders are made", default=".smoke/runs")


def pytest_configure(config: pytest.Config) -> None:
    """Refuse what is no deployment before anything is collected."""
    url = _url(config)
    if not url:
        return
    from smoke.scenario.address import AddressError, check_deployment

    try:
        check_deployment(url)
    except AddressError as error:
        given = "--smoke-url" if config.getoption("smoke_url") else "smoke_url"
        raise pytest.UsageError(f"{given} {error}") from None


def _url(config: pytest.Config) -> str:
    return str(config.getoption("smoke_url") or config.getini("smoke_url")).strip()


def _out(config: pytest.Config) -> Path:
    return _shown(config.rootpath / str(config.getini("smoke_out")))


@pytest.fixture(name="smoke")
def smoke_fixture(request: pytest.FixtureRequest) -> Smoke:
    """Runs scenarios against the deployment under test: `smoke("repeat-customer")`. Skips where none is named."""
    url = _url(request.config)
    if not url:
        pytest.skip(_NO_URL)
    return Smoke(url, _out(request.config))


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """The tests in a scenario file, where a deployment is named."""
    if file_path.suffix not in (".yaml", ".yml") or not _url(parent.config):
        return None
    ours = file_path.name.endswith(_MARKED) or file_path.parent == parent.config.rootpath / _FOLDER
    if not ours or _is_part(file_path):
        return None
    return CollectedFile.from_parent(parent, path=file_path)


def _is_part(path: Path) -> bool:
    """Whether a file is only there to be included by others."""
    from smoke.app.parts import parts_among

    beside = sorted(each for each in path.parent.glob("*.y*ml") if each.is_file())
    return path in parts_among(beside)


class CollectedFile(pytest.File):
    """A scenario file: one test, with the scenario's name."""

    def collect(self) -> Iterable[pytest.Item]:
        """The test. Every mistake in the file is an error of the collection, before anything is sent."""
        from smoke.diagnostic import SmokeError
        from smoke.scenario.load import load_scenario

        try:
            scenario = load_scenario(_shown(self.path)).scenario
        except SmokeError as error:
            raise self.CollectError(_diagnosed(error)) from error
        item = ScenarioItem.from_parent(self, name=scenario.name)
        item.extra_keyword_matches.update(scenario.tags)
        yield item


class ScenarioItem(pytest.Item):
    """A scenario as a test. It is carried out once, however often it is asked for: a second time would order twice."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._begun = False
        self._run: Run | None = None

    def runtest(self) -> None:
        """Place its orders, judge the answers, remove the orders."""
        from smoke.app.running import run

        if self._run is None:
            if self._begun:
                raise RuntimeError(
                    "it was begun before: it may have ordered, and is not begun again"
                )
            self._begun = True
            finished = run(str(_shown(self.path)), url=_url(self.config), out=_out(self.config))
            self._run = finished
            self.user_properties.append(("smoke_run", finished.folder))
        _passed(_uninterrupted(self._run))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The failure as `smoke run` shows it, without the way through the code to it."""
        from smoke.diagnostic import SmokeError

        if isinstance(excinfo.value, SmokeError):
            return _diagnosed(excinfo.value)
        if isinstance(excinfo.value, ScenarioError):
            told = excinfo.getrepr(style="value")
            if told.reprcrash is not None:  # the line of pytest's own summary has room for little
                told.reprcrash.message = excinfo.value.headline
            return told
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, None, f"scenario {self.name}"


def _uninterrupted(run: Run) -> Run:
    """The run, when nobody stopped it: its teardown ran, and now pytest shall stop too."""
    from smoke.text import plural

    if run.interrupted_by:
        left = len(run.orders_left_behind)
        orders = f"{plural(left, 'order')} may still be there: smoke orders --left" if left else ""
        told = orders or "no order is left"
        raise KeyboardInterrupt(f"{run.interrupted_by}; {told} ({run.folder})")
    return run


def _passed(run: Run) -> Run:
    """The run, when it passed. Raises ScenarioError for every other, one without a verdict too."""
    __tracebackhide__ = True
    from smoke.cli.summary import render_run
    from smoke.facts.step import headline
    from smoke.model.status import ExitStatus
    from smoke.model.verdict import exit_status, meaning_of
    from smoke.store import RunFolder

    if exit_status(run) is ExitStatus.PASSED:
        return run
    told = render_run(
        run, RunFolder.open(Path(run.folder)), width=_WIDTH, color=False, unicode=True
    )
    bad = [step for scenario in run.scenarios for step in scenario.steps if step.outcome.bad]
    first = f"{bad[0].called}: {headline(bad[0])}" if bad else meaning_of(run)
    raise ScenarioError(run, first, told)


def _diagnosed(error: Any) -> str:
    """Every diagnostic of an error, as `smoke check` shows it."""
    from smoke.cli.render import render_diagnostics

    return render_diagnostics(error.diagnostics, width=_WIDTH, color=False, unicode=True)


def _shown(path: Path) -> Path:
    """The path as a person would type it."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
