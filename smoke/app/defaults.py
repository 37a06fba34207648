"""Options of a run with a project's defaults: the command line, its environment and the target go before them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from smoke.app.declared import Declared, declared
from smoke.app.named_target import spec_of
from smoke.app.options import RunOptions
from smoke.app.project import ProjectDefaults

if TYPE_CHECKING:
    from smoke.app.target_spec import TargetSpec

T = TypeVar("T", bound=Struct)
Pairs = Sequence[tuple[str, str]]


def with_defaults(options: T, given: Collection[str], project: ProjectDefaults) -> T:
    """The options, with the project's values for fields that are not among the `given` ones."""
    known = declared(type(options))
    found = {
        name: value for name, value in project.values.items() if name in known and name not in given
    }
    return replace(options, **found)


def values_with_defaults(
    values: Mapping[str, Any],
    asked: Iterable[Declared],
    given: Collection[str],
    project: ProjectDefaults,
) -> dict[str, Any]:
    """As `run_with_defaults`, for the values of another command, by field; only the `asked` ones are the project's to set."""
    known = {item.field for item in asked}
    theirs = ProjectDefaults(
        project.path, {name: value for name, value in project.values.items() if name in known}
    )
    found = dict(values)
    of_run = {name: value for name, value in values.items() if name in declared(RunOptions)}
    merged = run_with_defaults(RunOptions(**of_run), given, theirs)
    if "target" in known and "target" not in given and merged.target:
        spec = spec_of(merged)
        if spec is not None and not spec.said().get(
            "dsn_env"
        ):  # it names no database: that is said elsewhere
            merged = replace(merged, target="", targets_file=None)
    found |= {name: getattr(merged, name) for name in of_run if name in known}
    rest = {name: value for name, value in theirs.values.items() if name not in of_run}
    return found | {name: value for name, value in rest.items() if name not in given}


def run_with_defaults(
    options: RunOptions,
    given: Collection[str],
    project: ProjectDefaults,
    targets: Mapping[str, TargetSpec] | None = None,
) -> RunOptions:
    """As `with_defaults`, for a run: what its target says goes before the project's, too. Raises SmokeError.

    `targets` are those of the targets file, where it has been read.

    `url` and `target` both say which deployment is meant: where one of them is given, the project's are not looked at,
    so that a target's headers and secrets go nowhere else. Headers and variables go before the project's of the same
    name, the others are added; so are hosts that are allowed. A variable is for the scenarios that have it.
    """
    values = dict(project.values)
    if "url" in given or "target" in given:
        values.pop("url", None)
        values.pop("target", None)
    wanted = {name: values[name] for name in ("target", "targets_file") if name in values}
    options = with_defaults(options, given, ProjectDefaults(project.path, wanted))
    if not options.target and "targets_file" not in given:
        options = replace(options, targets_file=None)
    if targets is not None:
        spec = targets.get(options.target)
    else:
        spec = spec_of(options) if options.target else None
    said = spec.said() if spec is not None else {}
    changes: dict[str, Any] = {}
    for name in declared(RunOptions):
        if name in wanted or name not in values:
            continue
        value = values[name]
        if name == "variables":
            continue  # which scenarios there are may hang on the others
        if name == "headers":
            changes[name] = (
                *options.headers,
                *_other_headers(options, said.get("headers", ()), value),
            )
        elif name == "allow_hosts":
            changes[name] = tuple(dict.fromkeys((*options.allow_hosts, *value)))
        elif name not in given and name not in said:
            changes[name] = value
    merged = replace(options, **changes)
    if "variables" in values:
        theirs = _for_scenarios(merged, values["variables"])
        merged = replace(merged, variables={**theirs, **options.variables})
    return replace(merged, **_idle(merged, given, said.get("logs", ())))


Complete = Callable[[RunOptions, "Mapping[str, TargetSpec]"], RunOptions]
"""The options of a run at one target, of those for all and the targets."""


def for_all_targets(
    options: RunOptions, given: Collection[str], project: ProjectDefaults | None
) -> tuple[RunOptions, Complete | None]:
    """The options for all targets, and what makes those of one of them: a target goes before the project. Raises SmokeError."""
    if project is None:
        return options, None
    # which deployments are meant is said: by all targets
    own = {*given, "url", "target"}
    files = options.targets_file or project.values.get("targets_file")
    base = replace(run_with_defaults(options, own, project, {}), targets_file=files)

    def complete(there: RunOptions, targets: Mapping[str, TargetSpec]) -> RunOptions:
        found = replace(options, target=there.target, targets_file=files)
        return run_with_defaults(found, {*own, "targets_file"}, project, targets)

    return base, complete


def _idle(options: RunOptions, given: Collection[str], of_target: Sequence[str]) -> dict[str, Any]:
    """Fields of the project that belong to others which this run has not: nobody asked for them here."""
    blank = RunOptions()
    found: dict[str, Any] = {}
    if not options.expect_version and "version_from" not in given:
        found["version_from"] = blank.version_from
    logs = options.all_logs or of_target
    if "log_token_env" not in given and not any(log.startswith("supabase:") for log in logs):
        found["log_token_env"] = blank.log_token_env
    return found


def _other_headers(options: RunOptions, of_target: Pairs, headers: Pairs) -> list[tuple[str, str]]:
    """The project's headers that neither the options nor the target set."""
    taken = {name.lower() for name, _ in (*options.headers, *of_target)}
    return [pair for pair in headers if pair[0].lower() not in taken]


def _for_scenarios(options: RunOptions, variables: Mapping[str, str]) -> dict[str, str]:
    """The project's variables that a chosen scenario has."""
    from smoke.app.needs import with_needs
    from smoke.app.selecting import picked

    loaded = with_needs(picked(options))
    known = {name for item in loaded for name in item.scenario.variables}
    return {name: value for name, value in variables.items() if name in known}
