"""One file per CI system: how it is recognised, and what it is told of a run. Also what all of them share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, Protocol

from msgspec import Struct

from smoke import plugins
from smoke.facts.evidence import Evidence
from smoke.facts.issues import Issue
from smoke.model.run import Run

_SIGN_VARIABLES = ("CI", "BUILD_ID", "BUILD_NUMBER", "TEAMCITY_VERSION")
"""Variables of which every CI system sets one. Without any, the systems of other packages are not asked: reading which
there are takes longer than a request."""


class Job(Struct, frozen=True):
    """What a CI system may know of its job beside the run.

    `environment` are the process's variables, `evidence` reads the bodies of the run, `reports` are the reports that
    were written: name and path of each.
    """

    environment: Mapping[str, str]
    evidence: Evidence
    reports: tuple[tuple[str, str], ...] = ()


class CiSystem(Protocol):
    """What a module of `smoke.ci`, or of the group `smoke.ci.v1`, provides.

    `detect` says from the environment's variables whether smoke runs in a job of this system; it reads nothing else.
    `finish` is called once, when the run is over and its reports are written: it may write where the system looks
    (`job.environment` are the variables, `job.evidence` reads bodies, `job.reports` are pairs of name and path), and gives the lines for the job's log, which come behind the summary.
    Texts of a run are hostile: pass them through `smoke.text.safe` and `smoke.text.without_commands`, and escape
    them as the system's own lines ask. What it raises becomes a problem of the run. A module may also have

    - `issue(issue)`: the line that shows one problem (`level`, `title`, `message`, `file`, `line`) on its line of a file,
      also for a scenario that is no good;
    - `page(markdown, environment)`: shows a text of Markdown on the page of the job: what runs at several targets came to, for
      which `finish` is not called; it gives lines for the log;
    - `hide(value)`: lines that make the system mask a secret in its log; called before anything could print it.
    """

    def detect(self, environment: Mapping[str, str], /) -> bool: ...
    def finish(self, run: Run, job: Job, /) -> Iterable[str]: ...


class _More(Struct, frozen=True):
    """What a system may have beside what it needs."""

    issue: Any = None
    page: Any = None
    hide: Any = None


class Here(Struct, frozen=True):
    """The CI systems whose job this is, and in words which of them cannot be used. Made once by a command.

    Each call into a system goes through the fence: `problems` of an answer name the system that failed.
    """

    systems: tuple[plugins.Plugin, ...] = ()
    problems: tuple[str, ...] = ()

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Here:
        """Those that recognise this environment; a foreign one that cannot tell is one of `problems`."""
        seen = plugins.survey(
            "ci", third_party=any(environment.get(name) for name in _SIGN_VARIABLES)
        )
        found: list[plugins.Plugin] = []
        # what was left out before it could be asked (`smoke plugins` tells) may be of another system: no fault of this run
        problems: list[str] = []
        for plugin in seen.plugins.values():
            try:
                module = plugin.load()

                def asked(module: CiSystem = module) -> bool:
                    return module.detect(environment) is True

                if plugins.guarded(plugin, asked):
                    found.append(plugin)
            except plugins.PluginError as fault:
                problems.append(str(fault))
        return cls(tuple(found), tuple(problems))

    def hide(self, value: str) -> list[str]:
        """The lines that mask a secret in the log of this job."""
        return self._optional(lambda more: _lines(more.hide(value)) if more.hide else [])

    def issues(self, issues: Iterable[Issue]) -> list[str]:
        """The lines that show these problems."""
        listed = list(issues)
        return self._optional(
            lambda more: _lines([more.issue(each) for each in listed]) if more.issue else []
        )

    def finish(self, run: Run, job: Job) -> tuple[list[str], tuple[str, ...]]:
        """The lines for the log, and the problems in words: what could not be told where it was to be told."""
        lines: list[str] = []
        problems: list[str] = []
        for plugin in self.systems:
            module: CiSystem = plugin.load()

            def told(module: CiSystem = module) -> list[str]:
                return _lines(module.finish(run, job))

            try:
                lines += plugins.guarded(plugin, told, lets=(OSError,), quote=False)
            except OSError as error:
                problems.append(f"{plugin} could not be told of the run: {error.strerror or error}")
            except plugins.PluginError as fault:
                problems.append(str(fault))
        return lines, tuple(problems)

    def finish_all(
        self, issues: Iterable[Issue], markdown: str, environment: Mapping[str, str]
    ) -> tuple[list[str], tuple[str, ...]]:
        """Show what runs at several targets came to, once: the lines for the log, and the problems in words."""
        lines = self.issues(issues)
        problems: list[str] = []
        for plugin in self.systems:
            try:
                page = plugin.parts(_More).page or _no_page

                def told(page: Any = page) -> list[str]:
                    return _lines(page(markdown, environment))

                lines += plugins.guarded(plugin, told, lets=(OSError,), quote=False)
            except OSError as error:
                problems.append(
                    f"{plugin} could not be told of the runs: {error.strerror or error}"
                )
            except plugins.PluginError as fault:
                problems.append(str(fault))
        return lines, tuple(problems)

    def _optional(self, call: Callable[[_More], list[str]]) -> list[str]:
        """What the systems give of what they may have; one that fails gives nothing."""
        lines: list[str] = []
        for plugin in self.systems:
            try:
                more = plugin.parts(_More)
                lines += plugins.guarded(plugin, partial(call, more), quote=False)
            except plugins.PluginError as fault:
                lines.append(f"smoke: {fault}")
        return lines


def _no_page(_markdown: str, _environment: Mapping[str, str]) -> list[str]:
    """Nothing, for a system without a page."""
    return []


def _lines(value: object) -> list[str]:
    """The lines of an answer. Raises TypeError when it is none."""
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise TypeError(f"lines are expected, not {type(value).__name__}")
    lines = list(value)
    for line in lines:
        if not isinstance(line, str):
            raise TypeError(f"a line is a text, not {type(line).__name__}")
    return lines
