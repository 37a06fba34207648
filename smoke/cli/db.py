"""`smoke db`: read-only questions to the database behind a deployment."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from smoke.cli.declared import declared_options

if TYPE_CHECKING:
    from smoke.app.databases import WhichDatabase

app = typer.Typer(
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Ask the database, read-only: which one is it, is a constraint there, is a migration applied. "
    "The DSN comes from the environment: SMOKE_DSN, else DATABASE_URL, or the variable that --dsn-env or the target names.",
)


def _asked(
    dsn_env: str, target: str, targets_file: Path | None, statement_timeout: float
) -> WhichDatabase:
    return {
        "dsn_env": dsn_env,
        "target": target,
        "targets_file": targets_file,
        "statement_timeout": statement_timeout,
    }


@app.command()
@declared_options()
def which(
    *,
    dsn_env: str,
    target: str,
    targets_file: Path | None,
    statement_timeout: float,
    as_json: bool,
) -> None:
    """Say which database the DSN leads to: server, database, user, version, system identifier, schema fingerprint."""
    from smoke.app.databases import db_which
    from smoke.cli import db_lines

    answer = db_which(**_asked(dsn_env, target, targets_file, statement_timeout))
    db_lines.tell(answer, db_lines.of_identity, as_json=as_json)


@app.command()
@declared_options()
def constraint(
    name: Annotated[str, typer.Argument(help="Name of a constraint, unique index or trigger.")],
    table: Annotated[str, typer.Option(help="Only on this table: NAME or SCHEMA.NAME.")] = "",
    *,
    dsn_env: str,
    target: str,
    targets_file: Path | None,
    statement_timeout: float,
    as_json: bool,
) -> None:
    """Say whether a constraint is there: kind, table, definition, columns, who depends on it, similar names.

    Exit status: 0 it is there, 1 it is not, 2 usage or no connection.
    """
    from smoke.app.databases import db_constraint
    from smoke.cli import db_lines
    from smoke.model.status import ExitStatus

    about = db_constraint(name, table, **_asked(dsn_env, target, targets_file, statement_timeout))
    db_lines.tell(about, db_lines.of_constraint, as_json=as_json)
    raise typer.Exit(ExitStatus.PASSED if about.answer.exists else ExitStatus.FAILED)


@app.command()
@declared_options()
def table(
    name: Annotated[str, typer.Argument(help="A table: NAME or SCHEMA.NAME.")],
    *,
    dsn_env: str,
    target: str,
    targets_file: Path | None,
    statement_timeout: float,
    as_json: bool,
) -> None:
    """Show a table: columns, constraints, indexes, triggers, policies, size.

    Exit status: 0 it is there, 1 it is not, 2 usage or no connection.
    """
    from smoke.app.databases import db_table
    from smoke.cli import db_lines
    from smoke.model.status import ExitStatus

    about = db_table(name, **_asked(dsn_env, target, targets_file, statement_timeout))
    db_lines.tell(about, db_lines.of_table, as_json=as_json)
    raise typer.Exit(ExitStatus.PASSED if about.answer.found else ExitStatus.FAILED)


@app.command()
@declared_options()
def applied(
    path: Annotated[
        Path, typer.Argument(help="A migration file, or a folder of them.", exists=True)
    ],
    here_only: Annotated[
        bool, typer.Option("--here-only", help="Ask no other database of the server.")
    ] = False,
    *,
    dsn_env: str,
    target: str,
    targets_file: Path | None,
    statement_timeout: float,
    as_json: bool,
) -> None:
    """Say for each statement of a migration whether its effect holds in this database, here and now.

    What is not applied here is looked for in the server's other databases, unless --here-only.

    Exit status: 0 all that can be judged is applied, 1 something is not or only partly, 2 usage or no connection,
    3 nothing can be judged.
    """
    from smoke.app.databases import db_applied
    from smoke.cli import db_lines
    from smoke.database.migration.verdict import exit_code

    asked = _asked(dsn_env, target, targets_file, statement_timeout)
    told = db_applied(path, here_only=here_only, **asked)
    if as_json:
        db_lines.tell(db_lines.applied_json(told), lambda _: [], as_json=True)
    else:
        db_lines.tell(told, db_lines.of_applied, as_json=False)
    raise typer.Exit(exit_code(told.answer.overall))


@app.command()
@declared_options(project=False)
def same(
    context: typer.Context,
    scenario: Annotated[
        str,
        typer.Option(
            metavar="NAME|PATH",
            help="Places the order and removes it again; it needs {{ fake.email }}.",
        ),
    ] = "first-order",
    *,
    url: str,
    variables: Mapping[str, str],
    out: Path,
    dsn_env: str,
    target: str,
    targets_file: Path | None,
    statement_timeout: float,
    as_json: bool,
) -> None:
    """Prove whether a deployment writes to this database: place a marked test order, look for it, remove it.

    It places a REAL order, as `smoke run SCENARIO` does, and keeps the same evidence.

    Exit status: 0 the same database, 1 another one, 2 usage or no connection (nothing was sent), 3 cannot tell.
    """
    from smoke.app.options import RunOptions
    from smoke.cli.db_same import tell_same
    from smoke.cli.project import with_project

    options = RunOptions(
        selectors=(scenario,),
        url=url,
        variables=variables,
        out=out,
        dsn_env=dsn_env,
        target=target,
        targets_file=targets_file,
    )
    tell_same(with_project(options, context), statement_timeout, as_json=as_json)
