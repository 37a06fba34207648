"""The defaults of the project that a command is started in."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smoke.app.declared import Declared
    from smoke.app.options import RunOptions
    from smoke.app.project import ProjectDefaults
    from smoke.cli.option_values import Sources


def project_here() -> ProjectDefaults | None:
    """The project's defaults; None where there are none. Raises SmokeError with the mistakes of its file."""
    from smoke.app.project import find_project

    try:
        here = Path.cwd()
    except OSError:  # the folder was removed: there is no file in it either
        return None
    return find_project(here)


def given_fields(context: Sources, options: Iterable[Declared]) -> set[str]:
    """The options, by field, that the command line or an environment variable gives."""
    return {item.field for item in options if _is_given(context, item.word)}


def with_project(options: RunOptions, context: Sources) -> RunOptions:
    """The options of a run with the project's defaults for what was not given. Raises SmokeError."""
    project = project_here()
    if project is None:
        return options
    from msgspec.structs import asdict

    from smoke.app.defaults import run_with_defaults
    from smoke.app.options import every_option

    options = run_with_defaults(options, given_fields(context, every_option().values()), project)
    project.check_files(asdict(options))
    return options


def _is_given(context: Sources, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name != "DEFAULT"
