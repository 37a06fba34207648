"""The database behind the deployment of a run, and the steps that ask it."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from smoke.app.options import RunOptions
from smoke.diagnostic import Diagnostic, Note, SmokeError
from smoke.extras import install_command
from smoke.scenario.load import Loaded
from smoke.scenario.model import Step, every_step

if TYPE_CHECKING:
    from smoke.app.asking import Asking

DSN_VARIABLES = (
    "SMOKE_DSN",
    "DATABASE_URL",
)  # of smoke.database.dsn, which a run without one need not load


def database_of(options: RunOptions, environ: Mapping[str, str], *, needed: bool) -> Asking | None:
    """The database behind the deployment, where one is named; nothing is opened yet. Raises SmokeError."""
    meant = options.dsn_env or environ.get(DSN_VARIABLES[0], "").strip()
    if not meant and not any(environ.get(name, "").strip() for name in DSN_VARIABLES):
        return None
    from smoke.app.asking import Asking, dsn_of

    try:
        return Asking(dsn_of(environ, options.dsn_env))
    except SmokeError:
        if meant or needed:
            raise
        return (
            None  # DATABASE_URL is many tools' word: it may name a database that is not PostgreSQL
        )


def askers_of(loaded: Sequence[Loaded]) -> list[Step]:
    """The steps that ask the database."""
    return [
        step
        for item in loaded
        for step in every_step((*item.scenario.steps, *item.scenario.teardown))
        if step.traits.asks
    ]


def check_askers(steps: Sequence[Step], asking: Asking | None) -> None:
    """Steps that ask the database need one, and the driver: told before anything is sent."""
    if not steps:
        return
    problems = []
    if asking is None:
        problems = [
            Diagnostic(
                "no-dsn",
                f"the step '{' › '.join(step.path)}' asks the database, and none is named",
                span=step.span,
                notes=(
                    Note(f"set {' or '.join(DSN_VARIABLES)}, or name a variable with --dsn-env"),
                ),
            )
            for step in steps
        ]
    elif importlib.util.find_spec("psycopg") is None:
        problems = [
            Diagnostic(
                "database-missing-extra",
                f"the step '{steps[0].name}' asks the database, which needs psycopg",
                span=steps[0].span,
                notes=(Note(install_command("db")),),
            )
        ]
    if problems:
        raise SmokeError(problems)
