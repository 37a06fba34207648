"""The questions of `smoke db` as functions that give values: read-only, each over a connection of its own.

Which database is asked is said by keywords that they share (`WhichDatabase`); a DSN comes from the environment only.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypedDict, TypeVar, Unpack

from msgspec.structs import replace

from smoke.app.as_given import check_called, refuse_unknown
from smoke.app.checked import check_values
from smoke.app.declared import declared
from smoke.app.keyword_types import Keywords
from smoke.app.keywords import merged
from smoke.app.named_target import completed, spec_of
from smoke.app.options import Beside, RunOptions
from smoke.database.dsn import Dsn, find_dsn
from smoke.database.identity import Identity, identify
from smoke.database.session import Database, Limits, connect
from smoke.diagnostic import SmokeError

if TYPE_CHECKING:
    from smoke.app.journal import Listener
    from smoke.app.same import DatabaseComparison
    from smoke.database.lookup import ConstraintAnswer
    from smoke.database.migration.applied import Applied
    from smoke.database.tables import TableAnswer

T = TypeVar("T")

_STATEMENT_TIMEOUT = declared(Beside)["statement_timeout"]


class WhichDatabase(TypedDict, total=False):
    """Which database: of the variable `dsn_env`, else of the target's `dsn_env`, else of SMOKE_DSN or DATABASE_URL."""

    dsn_env: str
    target: str
    targets_file: str | os.PathLike[str] | None
    statement_timeout: float
    environ: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class About(Generic[T]):
    """An answer and the database that gave it."""

    answer: T
    database: Identity


@dataclass(frozen=True, slots=True)
class Migrated:
    """The verdicts on a migration, the database that was asked, and the server's others in which it is applied."""

    answer: Applied
    database: Identity
    applied_in: tuple[str, ...] = ()


def db_which(**asked: Unpack[WhichDatabase]) -> Identity:
    """Which database the DSN leads to. `dsn_env`, `target`, `targets_file`, `statement_timeout` and `environ` are optional.

    Raises SmokeError when there is no DSN, no driver (the extra `db`) or no connection; so does every `db_…`.
    """
    with connected(asked) as database:
        return identify(database)


def db_constraint(
    name: str, table: str = "", **asked: Unpack[WhichDatabase]
) -> About[ConstraintAnswer]:
    """Whether a constraint, unique index or trigger is there (`answer.exists`), where, and what is named alike.

    `table` is NAME or SCHEMA.NAME. For the keywords and errors see `db_which`.
    """
    from smoke.database.lookup import constraint

    with connected(asked) as database:
        return About(constraint(database, name, table), identify(database))


def db_table(name: str, **asked: Unpack[WhichDatabase]) -> About[TableAnswer]:
    """Each table of the name (NAME or SCHEMA.NAME) with its columns, rules and policies, in `answer.found`.

    For the keywords and errors see `db_which`.
    """
    from smoke.database.tables import table

    with connected(asked) as database:
        return About(table(database, name), identify(database))


def db_applied(
    path: str | os.PathLike[str], *, here_only: bool = False, **asked: Unpack[WhichDatabase]
) -> Migrated:
    """Whether the effect of each statement of a migration file, or of a folder of them, holds here and now.

    `answer.overall` is the verdict on all. What is not applied here is looked for in the server's other databases,
    unless `here_only`. For the keywords and errors see `db_which`.
    """
    from smoke.database.elsewhere import applied_in, databases_beside
    from smoke.database.migration.applied import applied_files
    from smoke.database.migration.verdict import exit_code

    with connected(asked) as database:
        answer = applied_files(database, Path(path))
        identity = identify(database)
        missing = exit_code(answer.overall) == 1 and not here_only
        beside = databases_beside(database) if missing else []
    elsewhere = applied_in(dsn_of(asked), beside, Path(path), answer.statements) if beside else ()
    return Migrated(answer, identity, elsewhere)


def db_same(
    scenario: str = "first-order",
    *,
    options: RunOptions | None = None,
    statement_timeout: float = _STATEMENT_TIMEOUT.default,
    environ: Mapping[str, str] | None = None,
    listener: Listener | None = None,
    **given: Unpack[Keywords],
) -> DatabaseComparison:
    """Whether a deployment writes to the database of a DSN: `same.verdict`, from a marked test order that is looked for.

    It places a REAL order through the scenario, removes it again, and keeps the evidence of the run. Takes what `run`
    takes: `url`, `target`, `dsn_env`, `out` … Raises SmokeError before anything is sent.
    """
    from smoke.app.asking import Asking
    from smoke.app.same import same

    check_called(environ, listener=listener)
    environ = os.environ if environ is None else environ
    options = merged((scenario,), options, given, of="db_same")
    # a target without dsn_env leaves that to the environment
    variable = completed(options, spec_of(options)).dsn_env
    with Asking(find_dsn(environ, variable), _limits(statement_timeout)) as asking:
        # the run itself asks what it would ask as `smoke run`
        return same(replace(options, dsn_env=""), asking, environ=environ, listener=listener)


@contextmanager
def connected(asked: WhichDatabase) -> Iterator[Database]:
    """The database that is meant. Raises SmokeError when it cannot be found or reached."""
    refuse_unknown(asked, WhichDatabase.__annotations__, "db_…")
    limits = _limits(asked.get("statement_timeout", _STATEMENT_TIMEOUT.default))
    with connect(dsn_of(asked), limits) as database:
        yield database


def _limits(seconds: float) -> Limits:
    seconds = Beside(statement_timeout=seconds).statement_timeout
    check_values([_STATEMENT_TIMEOUT], {_STATEMENT_TIMEOUT.field: seconds})
    return Limits(statement=seconds)


def dsn_of(asked: WhichDatabase) -> Dsn:
    """The DSN of the database that is meant. Raises SmokeError."""
    environ = asked.get("environ")
    check_called(environ)
    options = _options(asked)
    if options.targets_file is not None and not options.target:
        raise SmokeError.of("bad-option", "--targets needs --target NAME: which one is meant?")
    variable = options.dsn_env or (_of_target(options) if options.target else "")
    return find_dsn(os.environ if environ is None else environ, variable)


def _options(asked: WhichDatabase) -> RunOptions:
    """What is asked, checked as options are. Raises SmokeError for a wrong type."""
    found = {name: value for name, value in asked.items() if name in RunOptions.__struct_fields__}
    return RunOptions(**found)  # type: ignore[arg-type]  # of any type: it is checked there


def _of_target(options: RunOptions) -> str:
    """The variable that a target names. Raises SmokeError."""
    spec = spec_of(RunOptions(target=options.target, targets_file=options.targets_file))
    variable = completed(RunOptions(), spec).dsn_env
    if not variable:
        raise SmokeError.of(
            "no-dsn",
            f"the target '{options.target}' does not name its database",
            notes=["give it dsn_env: NAME, the environment variable with its DSN"],
        )
    return variable
