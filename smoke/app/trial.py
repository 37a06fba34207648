"""Proves a candidate fix: it is carried out in a copy that is thrown away, with the rows that the failure is about."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from smoke.app.databases import WhichDatabase, connected, dsn_of
from smoke.app.options import DEFAULT_OUT
from smoke.database.identity import Identity, identify
from smoke.diagnostic import Diagnostic, SmokeError, nearest
from smoke.model.dberror import DatabaseError
from smoke.model.finding import Severity

if TYPE_CHECKING:
    from smoke.database.dsn import Dsn
    from smoke.database.migration.script import Statement
    from smoke.database.trial.breaking import Breaking
    from smoke.database.trial.carried import Carried, CarriedStep
    from smoke.database.trial.case import Case
    from smoke.database.trial.sizes import Locked
    from smoke.database.trial.verdicts import Passing
    from smoke.demo.postgres import EmbeddedServer
    from smoke.demo.replica import Replica
    from smoke.model.run import Run, ScenarioResult
    from smoke.store import RunFolder


@dataclass(frozen=True, slots=True)
class Failed:
    """Whose failure is to be mended: the run, its scenario and step, and the error that it showed."""

    run: str = ""
    scenario: str = ""
    step: str = ""
    title: str = ""
    error: DatabaseError | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of a fix in the copy, and what of the real database stands against it.

    `exit_status`: 0 it can be carried out and what failed would pass, 1 it cannot or it would not, 3 it cannot be told.
    """

    failed: Failed
    passing: Passing
    refused: tuple[CarriedStep, ...]
    untried: tuple[CarriedStep, ...]
    breaking: tuple[Breaking, ...]
    locks: tuple[Locked, ...]
    notes: tuple[str, ...]
    database: Identity
    statements: int = 0

    @property
    def breaks(self) -> bool:
        """Whether the fix would fail: in the copy, or on rows of the real database."""
        return bool(self.refused) or any(each.breaks for each in self.breaking)

    @property
    def exit_status(self) -> int:
        """0, 1 or 3."""
        if self.breaks or self.passing.would is False:
            return 1
        unsure = self.untried or any(each.breaks is None for each in self.breaking)
        return 0 if self.passing.would and not unsure else 3


def db_try(
    path: str | os.PathLike[str],
    *,
    scenario: str = "",
    run: str = "",
    out: str | os.PathLike[str] = DEFAULT_OUT,
    error: DatabaseError | None = None,
    server: EmbeddedServer | None = None,
    **asked: Unpack[WhichDatabase],
) -> Trial:
    """Carry out a fix in a copy of the schema with the rows that a failure is about; the database itself is only read.

    The failure is that of `scenario` in the stored `run` (else of the last run that failed), or `error`. The copy is on a PostgreSQL
    of the extra `demo` that ends with the call (or on `server`). Raises SmokeError: `bad-sql` for a file that is no SQL,
    and as `db_which`.
    """
    from smoke.database.layouts.reading import read_files
    from smoke.database.trial.breaking import breaking
    from smoke.database.trial.case import case_of
    from smoke.database.trial.reading import statements_of
    from smoke.database.trial.sizes import locked

    statements = statements_of(read_files(Path(path)))
    failed = _failed(Path(out), run, scenario) if error is None else Failed(error=error)
    with connected(asked) as database:
        identity = identify(database)
        case = case_of(database, failed.error or DatabaseError())
    carried, passing, loaded, lost = _in_copy(server, dsn_of(asked), identity, case, statements)
    with connected(asked) as database:
        counted, locks = tuple(breaking(database, carried)), tuple(locked(database, carried))
    return Trial(
        failed,
        passing,
        *carried.not_done,
        counted,
        locks,
        _notes(case, loaded, lost, carried, statements),
        identity,
        len(carried.steps),
    )


def _in_copy(
    server: EmbeddedServer | None,
    dsn: Dsn,
    identity: Identity,
    case: Case,
    statements: Sequence[Statement],
) -> tuple[Carried, Passing, int, list[str]]:
    """What becomes of the fix in the copy, and how many rows are in that; last what could not be copied."""
    from smoke.database.trial.carried import carry_out
    from smoke.database.trial.copied import Copy
    from smoke.database.trial.demands import schema_of
    from smoke.database.trial.passing import load, probe_of
    from smoke.database.trial.verdicts import after_the_fix, before_the_fix
    from smoke.demo.postgres import EmbeddedServer
    from smoke.demo.replica import Replica, dump_schema

    schema = dump_schema(dsn.conninfo)
    with ExitStack() as stack:
        replica = Replica(server or stack.enter_context(EmbeddedServer()))
        stack.callback(replica.close)
        lost = _copied(replica, schema, identity)
        copy = Copy(replica.connection)
        loaded, unloaded = load(copy, case)
        first = schema_of(copy)
        before = before_the_fix(copy, case, first, probe_of(copy, case, first))
        carried = carry_out(copy, statements)
        passing = after_the_fix(copy, before, carried.after)
    return carried, passing, loaded, [*unloaded, *lost]


def _copied(replica: Replica, schema: str, identity: Identity) -> list[str]:
    """Put the schema into the copy; what of it could not be."""
    from smoke.database.migration.split import split

    lost = [replica.run(piece.sql) for piece in split(schema) if not piece.aside]
    replica.settle(identity.search_path)
    return [f"not copied: {refusal.message}" for refusal in lost if refusal]


def _notes(
    case: Case, loaded: int, lost: list[str], carried: Carried, statements: Sequence[Statement]
) -> tuple[str, ...]:
    """What the answer rests on, and what it leaves out."""
    from smoke.text import plural

    copied = f"{plural(loaded, 'row')} in question" if loaded else "no row"
    notes = [
        f"copied: the schema and {copied}, to a PostgreSQL that is removed with all it has; nothing else is written"
    ]
    if carried.open_since and not carried.not_done[0]:
        notes.append(
            f"line {carried.open_since} begins a transaction that is never committed: nothing of the fix would last"
        )
    elif not any(s.kind == "transaction_stmt" for s in statements) and len(carried.steps) > 1:
        notes.append(
            "locks are let go with their statement; a tool that wraps the file in a transaction keeps them to its end"
        )
    if psql := [s for s in statements if s.kind == "psql" and not s.idle]:
        notes.append(f"not carried out: psql's own commands ({psql[0].file}:{psql[0].line})")
    return (*notes, *case.untold, *lost)


def _failed(out: Path, run: str, scenario: str) -> Failed:
    """The failure that is meant. Raises SmokeError; nothing failed where no run is named and none is stored."""
    from smoke.store import last_failed, resolve

    folder: RunFolder | None
    if run or scenario:
        folder = resolve(out, run) if run else _with_scenario(out, scenario)
    else:
        folder = last_failed(out)
    if folder is None:
        return Failed()
    stored = folder.run()
    names = [each.name for each in stored.scenarios]
    meant = [each for each in stored.scenarios if not scenario or _called(each, scenario)]
    if not meant:
        close = nearest(scenario, names)
        message = (
            f"the run {stored.id} has no scenario {scenario}; it has {', '.join(names) or 'none'}"
        )
        raise SmokeError([Diagnostic("unknown-scenario", message, suggestion=close)])
    found = [failed for each in meant if (failed := _error_of(stored, each)).error is not None]
    return found[0] if found else Failed(stored.id, meant[0].name)


def _with_scenario(out: Path, scenario: str) -> RunFolder:
    """The newest run in which that scenario failed, else the latest run. Raises SmokeError without any."""
    from smoke.store import RunEmptyError, list_runs, resolve

    for stored in list_runs(out):
        folder = stored.folder()
        try:
            known = folder.run()
        except RunEmptyError:
            continue
        if any(_called(each, scenario) and each.outcome.bad for each in known.scenarios):
            return folder
    return resolve(out)


def _called(result: ScenarioResult, name: str) -> bool:
    return name in (result.name, result.source, Path(result.source).name, Path(result.source).stem)


def _error_of(run: Run, result: ScenarioResult) -> Failed:
    """The first database error of a step that failed."""
    for step in result.steps:
        if not step.outcome.bad or step.teardown or not step.attempts:
            continue
        for finding in step.attempts[-1].findings:
            if finding.severity is Severity.ERROR and finding.database_error is not None:
                return Failed(run.id, result.name, step.name, finding.title, finding.database_error)
    return Failed(run.id, result.name)
