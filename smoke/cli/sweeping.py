"""`smoke run --all-targets` for the command line: a line for each target as it is finished, then the table of all."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from smoke.app.options import Output, RunOptions
from smoke.app.reporting import tells_of_all, write_reports, write_reports_of_all
from smoke.app.sweep import sweep
from smoke.app.sweep_options import SweepOptions
from smoke.ci import Here
from smoke.cli.layout import Sheet
from smoke.cli.report_paths import check_paths
from smoke.cli.running import hider, tell_collector
from smoke.cli.terminal import Terminal, stderr, stdout
from smoke.diagnostic import SmokeError
from smoke.model.run import Run
from smoke.model.status import ExitStatus
from smoke.model.verdict import meaning
from smoke.overview.pages import as_html, as_json, as_markdown, came_to, headline, struck
from smoke.overview.problems import problems_of
from smoke.overview.table import Overview, Shop, overview
from smoke.report import TargetRun
from smoke.store import RunFolder, StoreError
from smoke.store.files import replace_file
from smoke.store.names import slug
from smoke.text import plural, safe_line

if TYPE_CHECKING:
    from smoke.app.defaults import Complete
    from smoke.app.past_options import PastOptions
    from smoke.app.project import ProjectDefaults
    from smoke.app.remembering import Wish
    from smoke.app.reporting import Reports

_PAGES = {".html": as_html, ".md": as_markdown, ".json": as_json}
_PLACE = "{target}"


def sweep_as_asked(
    options: RunOptions,
    output: Output,
    past: PastOptions,
    asked: SweepOptions,
    given: Collection[str],
    project: ProjectDefaults | None,
) -> NoReturn:
    """Run at every target with a project's defaults, and leave with the exit status of all. Raises SmokeError."""
    from smoke.app.defaults import for_all_targets, with_defaults
    from smoke.app.remembering import wish_of
    from smoke.cli.values import report_target

    base, complete = for_all_targets(options, given, project)
    if project is not None:
        output = with_defaults(output, given, project)
        past = with_defaults(past, given, project)
        asked = with_defaults(asked, given, project)
    reports = tuple(report_target(item) for item in output.reports)
    wish = wish_of(base, past, os.environ)
    _check(asked, output, reports, wish)
    sweep_and_exit(base, complete, reports, output, asked, wish)


def _check(asked: SweepOptions, output: Output, reports: Reports, wish: Wish) -> None:
    """Refuse what cannot be done at every target. Raises SmokeError."""
    if output.dry_run:
        raise SmokeError.of("bad-option", "--dry-run shows one target: name it with --target")
    if asked.overview is not None and asked.overview.suffix not in _PAGES:
        raise SmokeError.of(
            "bad-option",
            f"--overview: a name that ends in {', '.join(_PAGES)} is expected, not '{asked.overview}'",
        )
    for name, path in reports:
        if _PLACE not in str(path) and not tells_of_all(name):
            example = f"{name}=reports/{_PLACE}{path.suffix}"
            raise SmokeError.of(
                "bad-option",
                f"--report {name}={path}: with --all-targets there is a report of this format for each target",
                notes=[f"write {_PLACE} where the target's name is to stand, such as {example}"],
            )
    if wish.compares:
        raise SmokeError.of(
            "bad-option",
            "--all-targets goes with none of --against, --fail-on new, --known-failures and --verdict",
            notes=["`smoke compare` compares the runs of a target afterwards"],
        )


def sweep_and_exit(
    options: RunOptions,
    complete: Complete | None,
    reports: Reports,
    output: Output,
    asked: SweepOptions,
    wish: Wish,
) -> NoReturn:
    """Run at every target, show and report, and leave with the exit status of all of them."""
    from smoke.app.remembering import remember

    terminal, here = stdout(), Here.of(os.environ)

    def before(targets: Sequence[str]) -> None:
        places = [each for target in targets for each in _places_of(reports, target)]
        places += _of_all(reports)
        check_paths(places, overview=asked.overview)

    shops: list[Shop] = []
    whole = True
    for shop in sweep(
        options,
        at_once=asked.targets_at_once,
        before=before,
        complete=complete,
        on_secret=hider(here),
    ):
        shops.append(shop)
        if not output.quiet or shop.outcome.bad:
            terminal.try_to_write(_line(terminal, shop))
        if shop.run is not None:
            unwritten = _reported(shop.run, shop.target, reports)
            whole = whole and not unwritten
            remembered = remember(shop.run, wish)
            _complain([*unwritten, *(remembered.problems if remembered else ())])
            tell_collector(shop.run, output.otel)
    shops.sort(key=lambda each: each.place)
    problems: tuple[str, ...] = ()
    if places := _of_all(reports):
        problems = write_reports_of_all([_with_evidence(each) for each in shops], places)
    _complain(problems)
    _end(terminal, shops, asked, here, whole=whole and not problems)


def _end(
    terminal: Terminal, shops: Sequence[Shop], asked: SweepOptions, here: Here, *, whole: bool
) -> NoReturn:
    """Show what all came to, and leave; `whole` says whether every report could be written."""
    found = overview(shops)
    if asked.overview is not None:
        problem = _written(asked.overview, found)
        whole = whole and not problem
        _complain([problem] if problem else [])
    lines, problems = here.finish_all(problems_of(found), as_markdown(found), os.environ)
    _complain([*here.problems, *problems])
    whole = whole and not (problems or here.problems)
    status = found.status if whole else max(found.status, ExitStatus.NO_VERDICT, key=_bad)
    terminal.try_to_write(_told(terminal, found, status))
    if lines:
        terminal.try_to_write("\n".join(lines))
    sys.exit(status)


def _bad(status: ExitStatus) -> bool:
    """Whether a status says more than that a report is missing."""
    return status not in (ExitStatus.PASSED, ExitStatus.NOTHING_RUN)


def _reported(run: Run, target: str, reports: Reports) -> tuple[str, ...]:
    """The reports of one target; the problems in words."""
    places = _places_of(reports, target)
    return write_reports(run, RunFolder.open(Path(run.folder)), places) if places else ()


def _places_of(reports: Reports, target: str) -> list[tuple[str, Path]]:
    """Where the reports of a target go."""
    name = slug(target)
    return [
        (kind, Path(str(path).replace(_PLACE, name)))
        for kind, path in reports
        if _PLACE in str(path)
    ]


def _of_all(reports: Reports) -> list[tuple[str, Path]]:
    """The reports that tell of all targets in one file."""
    return [(kind, path) for kind, path in reports if _PLACE not in str(path)]


def _with_evidence(shop: Shop) -> TargetRun:
    """A target as a report of all takes it."""
    if shop.run is None:
        return TargetRun(shop.target, why_not=shop.why_not)
    try:
        return TargetRun(shop.target, shop.run, RunFolder.open(Path(shop.run.folder)))
    except StoreError:  # somebody pruned it while others went on
        return TargetRun(shop.target, why_not=f"its evidence is gone: {shop.run.folder}")


def _written(path: Path, found: Overview) -> str:
    """Why the overview could not be written; empty when it is."""
    try:
        replace_file(path, _PAGES[path.suffix](found).encode())
    except OSError as error:
        return f"{path} could not be written: {error.strerror or error}"
    return ""


def _complain(problems: Sequence[str]) -> None:
    for problem in problems:
        stderr().try_to_write(safe_line(f"smoke: {problem}"))


def _sheet(terminal: Terminal) -> Sheet:
    return Sheet(width=terminal.width, color=terminal.color, unicode=terminal.unicode)


def _line(terminal: Terminal, shop: Shop) -> str:
    """One target as it is finished."""
    sheet = _sheet(terminal)
    sheet.marked(shop.outcome, shop.target, came_to(shop))
    return sheet.render()


def _told(terminal: Terminal, found: Overview, status: ExitStatus) -> str:
    """Each cause once, with where it struck; what is left behind; the exit status."""
    sheet = _sheet(terminal)
    for cause in found.causes:
        sheet.blank()
        sheet.marked(cause.outcome, cause.title)
        sheet.field("struck", struck(cause))
        sheet.field("next", cause.show)
    sheet.blank()
    for target, count in found.orders_left:
        sheet.field("left", f"{plural(count, 'order')} may be left at {target}")
    sheet.line(headline(found), "bold")
    sheet.field("exit", f"{status.value}: {meaning(status)}")
    return f"\n{sheet.render()}"
