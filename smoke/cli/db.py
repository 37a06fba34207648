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
        Path | None,
        typer.Argument(
            help="A migration file, or a folder. [default: the project's migrations, below the current folder]",
            exists=True,
            show_default=False,
        ),
    ] = None,
    tool: Annotated[
        str,
        typer.Option(metavar="NAME", help="Only the migrations of this tool: prisma, django …"),
    ] = "",
    everything: Annotated[
        bool, typer.Option("--all", help="Show every applied migration of a long list.")
    ] = False,
    statements: Annotated[
        bool, typer.Option("--statements", help="Show each statement of a folder's files instead.")
    ] = False,
    here_only: Annotated[
        bool, typer.Option("--here-only", help="Ask no other database of the server.")
    ] = False,
    replay: Annotated[
        bool,
        typer.Option(
            "--replay",
            help="Carry out the file in a copy of the schema that is thrown away, and say what it would still change.",
        ),
    ] = False,
    report: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=PATH", help="Also write a report: junit or markdown."),
    ] = None,
    *,
    dsn_env: str,
    target: str,
    targets_file: Path | None,
    statement_timeout: float,
    as_json: bool,
) -> None:
    """Say of each migration whether its effect holds in this database, here and now, and what its tool's table claims.

    Without PATH the layouts of migration tools are looked for below the current folder, and each migration is listed:
    applied, pending, marked but missing, there but not marked, changed since, not in the repository. With a file, or a
    folder of no known tool, each statement is. What is not applied here is looked for in the server's other databases.

    With --replay the file is carried out on a PostgreSQL of the extra demo; the database itself is only read.

    Exit status: 0 all that can be judged is applied (and marked), 1 something is not or only partly, 2 usage or no
    connection, 3 nothing can be judged.
    """
    from smoke.cli.db_applied import tell_applied

    tell_applied(
        path,
        _asked(dsn_env, target, targets_file, statement_timeout),
        tool=tool,
        everything=everything,
        statements=statements,
        here_only=here_only,
        replay=replay,
        reports=report or [],
        as_json=as_json,
    )


@app.command("try")
@declared_options(as_json="Print JSON.")
def try_(
    fix: Annotated[Path, typer.Argument(help="The fix: an SQL file, or a folder.", exists=True)],
    scenario: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="The scenario whose failure it is to mend. [default: the first that met a database error]",
        ),
    ] = "",
    run: Annotated[
        str,
        typer.Option(
            metavar="RUN",
            help="The stored run with that failure: its id, the beginning of it, or latest. [default: the last that failed]",
        ),
    ] = "",
    *,
    out: Path,
    dsn_env: str,
    target: str,
    targets_file: Path | None,
    statement_timeout: float,
    as_json: bool,
) -> None:
    """Prove a candidate fix before anybody runs it: whether what failed would pass, which rows break the fix, what it locks.

    It is carried out on a PostgreSQL of the extra demo that is thrown away, in a copy of the schema with the rows that the
    failure is about. The database itself is only read: rows that break a new rule are counted there.

    Exit status: 0 it can be carried out and what failed would pass, 1 it cannot or it would not, 2 usage, no SQL or no
    connection, 3 cannot tell.
    """
    from smoke.app.trial import db_try
    from smoke.cli.db_try import tell
    from smoke.cli.terminal import stdout

    found = db_try(
        fix,
        scenario=scenario,
        run=run,
        out=out,
        **_asked(dsn_env, target, targets_file, statement_timeout),
    )
    tell(found, stdout(), as_json=as_json)
    raise typer.Exit(found.exit_status)


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
