"""The defaults of the project that a command is started in."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from smoke.app.declared import Declared
    from smoke.app.project import Project


def project_here() -> Project | None:
    """The project's defaults; None where there are none. Raises SmokeError with the mistakes of its file."""
    from smoke.app.project import find_project

    try:
        here = Path.cwd()
    except OSError:  # the folder was removed: there is no file in it either
        return None
    return find_project(here)


def given_fields(context: typer.Context, options: Iterable[Declared]) -> set[str]:
    """The options, by field, that the command line or an environment variable gives."""
    return {item.field for item in options if _is_given(context, item.word)}


def _is_given(context: typer.Context, name: str | None) -> bool:
    source = context.get_parameter_source(name or "")
    return source is not None and source.name != "DEFAULT"


def _out(context: typer.Context, parameter: typer.CallbackParam, value: Path) -> Path:
    """The folder of runs: the project's, when none was given."""
    if context.resilient_parsing or _is_given(context, parameter.name):
        return value
    project = project_here()
    folder = project.values.get("out") if project is not None else None
    return folder if isinstance(folder, Path) else value


Out = Annotated[Path, typer.Option(metavar="DIR", help="Where run folders are.", callback=_out)]
"""The option --out of the commands that work on stored runs."""
OutMade = Annotated[
    Path, typer.Option(metavar="DIR", help="Where run folders are made.", callback=_out)
]
"""The option --out of the commands that make a run."""
