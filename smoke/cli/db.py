"""`smoke db`: read-only questions to the database behind a deployment."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from smoke.app.options import DEFAULT_OUT
from smoke.cli.project import OutMade

app = typer.Typer(
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Ask the database, read-only: which one is it, is a constraint there, is a migration applied. "
    "The DSN comes from the environment: SMOKE_DSN, else DATABASE_URL, or the variable that --dsn-env or the target names.",
)

_DsnEnv = Annotated[
    str,
    typer.Option(
        "--dsn-env",
        metavar="NAME",
        help="Environment variable with the DSN. [default: SMOKE_DSN, else DATABASE_URL]",
    ),
]
_Target = Annotated[
    str, typer.Option(help="A named target of the targets file; its dsn_env names the variable.")
]
_Targets = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="The targets file. [default: smoke-targets.yaml]"),
]
_Json = Annotated[bool, typer.Option("--json", help="Print JSON for a program.")]
_Timeout = Annotated[
    str, typer.Option("--statement-timeout", metavar="TIME", help="Longest time for one question.")
]


@app.command()
def which(
    dsn_env: _DsnEnv = "",
    target: _Target = "",
    targets: _Targets = None,
    as_json: _Json = False,
    timeout: _Timeout = "15s",
) -> None:
    """Say which database the DSN leads to: server, database, user, version, system identifier, schema fingerprint."""
    from smoke.app.databases import db_which
    from smoke.cli import db_lines

    answer = db_which(**db_lines.asked(dsn_env, target, targets, timeout))
    db_lines.tell(answer, db_lines.of_identity, as_json=as_json)


@app.command()
def constraint(
    name: Annotated[str, typer.Argument(help="Name of a constraint, unique index or trigger.")],
    table: Annotated[str, typer.Option(help="Only on this table: NAME or SCHEMA.NAME.")] = "",
    dsn_env: _DsnEnv = "",
    target: _Target = "",
    targets: _Targets = None,
    as_json: _Json = False,
    timeout: _Timeout = "15s",
) -> None:
    """Say whether a constraint is there: kind, table, definition, columns, who depends on it, similar names.

    Exit status: 0 it is there, 1 it is not, 2 usage or no connection.
    """
    from smoke.app.databases import db_constraint
    from smoke.cli import db_lines
    from smoke.model.status import ExitStatus

    about = db_constraint(name, table, **db_lines.asked(dsn_env, target, targets, timeout))
    db_lines.tell(about, db_lines.of_constraint, as_json=as_json)
    raise typer.Exit(ExitStatus.PASSED if about.answer.exists else ExitStatus.FAILED)


@app.command()
def table(
    name: Annotated[str, typer.Argument(help="A table: NAME or SCHEMA.NAME.")],
    dsn_env: _DsnEnv = "",
    target: _Target = "",
    targets: _Targets = None,
    as_json: _Json = False,
    timeout: _Timeout = "15s",
) -> None:
    """Show a table: columns, constraints, indexes, triggers, policies, size.

    Exit status: 0 it is there, 1 it is not, 2 usage or no connection.
    """
    from smoke.app.databases import db_table
    from smoke.cli import db_lines
    from smoke.model.status import ExitStatus

    about = db_table(name, **db_lines.asked(dsn_env, target, targets, timeout))
    db_lines.tell(about, db_lines.of_table, as_json=as_json)
    raise typer.Exit(ExitStatus.PASSED if about.answer.found else ExitStatus.FAILED)


@app.command()
def applied(
    path: Annotated[
        Path, typer.Argument(help="A migration file, or a folder of them.", exists=True)
    ],
    here_only: Annotated[
        bool, typer.Option("--here-only", help="Ask no other database of the server.")
    ] = False,
    dsn_env: _DsnEnv = "",
    target: _Target = "",
    targets: _Targets = None,
    as_json: _Json = False,
    timeout: _Timeout = "15s",
) -> None:
    """Say for each statement of a migration whether its effect holds in this database, here and now.

    What is not applied here is looked for in the server's other databases, unless --here-only.

    Exit status: 0 all that can be judged is applied, 1 something is not or only partly, 2 usage or no connection,
    3 nothing can be judged.
    """
    from smoke.app.databases import db_applied
    from smoke.cli import db_lines
    from smoke.database.migration.verdict import exit_code

    asked = db_lines.asked(dsn_env, target, targets, timeout)
    told = db_applied(path, here_only=here_only, **asked)
    if as_json:
        db_lines.tell(db_lines.applied_json(told), lambda _: [], as_json=True)
    else:
        db_lines.tell(told, db_lines.of_applied, as_json=False)
    raise typer.Exit(exit_code(told.answer.overall))


@app.command()
def same(
    url: Annotated[
        str, typer.Option(envvar="SMOKE_URL", help="The deployment that is asked about.")
    ] = "",
    scenario: Annotated[
        str,
        typer.Option(
            metavar="NAME|PATH",
            help="Places the order and removes it again; it needs {{ fake.email }}.",
        ),
    ] = "first-order",
    var: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="Set the scenario's variable.")
    ] = None,
    out: OutMade = DEFAULT_OUT,
    dsn_env: _DsnEnv = "",
    target: _Target = "",
    targets: _Targets = None,
    as_json: _Json = False,
    timeout: _Timeout = "15s",
) -> None:
    """Prove whether a deployment writes to this database: place a marked test order, look for it, remove it.

    It places a REAL order, as `smoke run SCENARIO` does, and keeps the same evidence.

    Exit status: 0 the same database, 1 another one, 2 usage or no connection (nothing was sent), 3 cannot tell.
    """
    from smoke.cli.db_same import tell_same

    tell_same(
        url=url,
        scenario=scenario,
        variables=var or [],
        out=out,
        dsn_env=dsn_env,
        target=target,
        targets=targets,
        as_json=as_json,
        timeout=timeout,
    )
