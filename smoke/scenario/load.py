"""Loads a scenario file: all its mistakes at once, each with its place, or a Scenario that is ready to be run."""

from __future__ import annotations

import functools
import os
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from smoke.diagnostic import Diagnostic, Level, SmokeError
from smoke.scenario.compose import Composer
from smoke.scenario.defaults import DEFAULTS
from smoke.scenario.drafts import StepDraft
from smoke.scenario.files import Files, resolved
from smoke.scenario.late import late_doubts, unsaid_removals
from smoke.scenario.model import NeededScenario, Scenario, ScenarioFile, ordering
from smoke.scenario.names import check_names
from smoke.scenario.naming import environment_problem
from smoke.scenario.needs import NEEDS, NeedWay, given_names, needs_of
from smoke.scenario.nodes import Pairs, found
from smoke.scenario.one_or_list import doubt_uses
from smoke.scenario.reading import Reader, key_span, value_span
from smoke.scenario.source import parse
from smoke.scenario.template_places import template_places
from smoke.scenario.text_names import check_text_names


class Loaded(Struct, frozen=True):
    """A scenario, and warnings about its file (a number that loses digits …)."""

    scenario: Scenario
    warnings: tuple[Diagnostic, ...] = ()


_PART_KEYS = {"$schema", "steps", "summary"}
_PART = (
    "a file that others include needs none: keep it in scenarios/parts/, or write parameters: []"
)


def load_scenario(path: str | os.PathLike[str]) -> Loaded:
    """The scenario in a file. Raises SmokeError with every mistake that was found.

    Its `source` is the path with slashes on every system, as evidence and annotations of CI systems have it.
    """
    return _load(Path(path), None, [])


def load_noting(path: Path, named: list[Path]) -> Loaded:
    """As load_scenario; `named` takes every file that the scenario was read from, or would have been."""
    return _load(path, None, named)


def _load(file: Path, way: NeedWay | None, named: list[Path]) -> Loaded:
    """The scenario in a file that others may need. Raises SmokeError."""
    files = Files(file, named)
    return load_text(files.read_top(), file.as_posix(), files, way)


def _needed(named: list[Path], file: str, way: NeedWay) -> NeededScenario:
    """A file that another one needs. Raises SmokeError."""
    loaded = _load(Path(file), way, named)
    return NeededScenario(loaded.scenario, loaded.warnings)


def load_text(data: bytes, source: str, files: Files, way: NeedWay | None = None) -> Loaded:
    """The scenario in the bytes of a file; `files` reads what it names, `way` led there. Raises SmokeError."""
    reader, root = _opened(data, source)
    head = reader.model(ScenarioFile, root, "scenario", skip=("steps", "teardown", NEEDS, DEFAULTS))
    way = way or NeedWay((str(resolved(Path(source))),))
    secrets = head.secrets if head is not None else ()
    noting = functools.partial(_needed, files.named)
    needs = needs_of(root, files, reader, way, noting, secrets)
    composer = Composer(files, reader)
    steps = composer.steps(root, "steps", required=True)
    teardown = composer.steps(root, "teardown", required=False, before=steps)
    if head is None:
        reader.raise_errors()
        raise AssertionError  # a head that cannot be read has been reported
    _check_head(head, root, reader, source)
    scenario = Scenario(
        name=head.name or Path(source).stem,
        source=source,
        summary=head.summary,
        passed=head.passed,
        tags=head.tags,
        variables=head.variables,
        secrets=head.secrets,
        fix=_beside(source, head.fix),
        may_place_none=head.may_place_none,
        places=template_places(root, reader, of=("variables",)),
        steps=composer.built(steps),
        teardown=composer.built(teardown),
        needs=needs,
    )
    scenario = _checked(scenario, root, (*steps, *teardown), reader)
    return Loaded(scenario, reader.warnings())


def _opened(data: bytes, source: str) -> tuple[Reader, Pairs]:
    """The mapping in a file, and what reads it. Raises SmokeError for what is no scenario."""
    document = parse(data, source)
    reader = Reader(document.lines, source)
    for problem in document.problems:
        reader.take(problem)
    root = document.root
    if not isinstance(root, Pairs):
        message = f"a scenario is a mapping with name and steps, not {found(root)}"
        raise SmokeError(
            [document.excerpted(Diagnostic("not-a-scenario", message, span=root.span))]
        )
    _refuse_parameters(root, reader)
    return reader, root


def _checked(
    scenario: Scenario, root: Pairs, drafts: Sequence[StepDraft], reader: Reader
) -> Scenario:
    """The scenario with what its templates need. Raises SmokeError when anything in the file is wrong."""
    _doubt(scenario, root, reader)
    doubt_uses((*scenario.steps, *scenario.teardown), drafts, reader)
    check_text_names(drafts, reader)
    given = given_names(scenario, root, reader)
    of_steps, of_variables = check_names(scenario, root, drafts, reader, given)
    reader.raise_errors()
    secrets = enumerate(scenario.secrets)
    places = {name: value_span(root, ["secrets", index]) for index, name in secrets}
    return replace(scenario, of_steps=of_steps, of_variables=of_variables, named=places)


def _refuse_parameters(root: Pairs, reader: Reader) -> None:
    """Raises SmokeError for a file that is a part of others."""
    marked = root.key("parameters")
    if marked is not None:
        # without their values there is nothing to check: whatever else was said would be about names that they give
        reader.error(
            "parameters-alone",
            "a file with parameters can only be included, not run",
            marked.span,
            notes=["it is checked with the scenario that includes it"],
        )
        reader.raise_errors()


def _check_head(head: ScenarioFile, root: Pairs, reader: Reader, source: str) -> None:
    """What types do not tell of the keys beside the steps."""
    if head.name is None:
        reader.error(
            "missing-key",
            "the scenario has no 'name'",
            root.span,
            label="such as first-order",
            notes=[_PART] if {key.text for key, _ in root.pairs} <= _PART_KEYS else [],
        )
    for index, secret in enumerate(head.secrets):
        if wrong := environment_problem(secret):
            reader.error("bad-name", wrong, value_span(root, ["secrets", index]))
    if head.fix is not None and not (Path(source).parent / head.fix).is_file():
        reader.error(
            "fix-not-found",
            f"there is no file '{head.fix}'",
            value_span(root, ["fix"]),
            label="beside the scenario",
            level=Level.WARNING,
        )


def _doubt(scenario: Scenario, root: Pairs, reader: Reader) -> None:
    """Warn of what can be meant, and most likely is not."""
    if scenario.may_place_none and not ordering(scenario.steps):
        reader.error(
            "no-order",
            "may_place_none changes nothing: no step places an order",
            key_span(root, ["may_place_none"]),
            level=Level.WARNING,
        )
    for span, doubt, pattern in late_doubts(scenario):
        reader.error("late-teardown", doubt, span, notes=[pattern], level=Level.WARNING)
    for span, doubt, pattern in unsaid_removals(scenario):
        reader.error("unsaid-removal", doubt, span, notes=[pattern], level=Level.WARNING)


def _beside(source: str, relative: str | None) -> str | None:
    return (Path(source).parent / relative).as_posix() if relative is not None else None
