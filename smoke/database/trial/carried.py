"""The statements of a fix, carried out one after another in the copy: what each demands anew, and what it locks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from smoke.database.migration.script import Statement
from smoke.database.trial.copied import Copy, CopyRefusal
from smoke.database.trial.demands import Demand, Demanded, Schema, Table, new_demands, schema_of
from smoke.database.trial.locks import CONCURRENT, STRENGTH, Work, stronger

_ROLES = frozenset(
    (
        *("grant_stmt", "grant_role_stmt", "alter_owner_stmt", "alter_default_privileges_stmt"),
        *("create_role_stmt", "alter_role_stmt", "drop_role_stmt", "sec_label_stmt"),
        *("create_extension_stmt", "alter_extension_stmt", "create_subscription_stmt"),
    )
)
"""Of roles, privileges and extensions a copy of a schema has none: what is refused there may pass."""
_ROWS = frozenset(
    (*("insert_stmt", "update_stmt", "delete_stmt", "merge_stmt", "truncate_stmt"), "do_stmt")
)
_ALONE = frozenset(("vacuum_stmt", "createdb_stmt", "dropdb_stmt", "alter_system_stmt"))
"""What PostgreSQL runs in no transaction."""


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock on a table that was there, and what is done under it. `until` is the line that lets it go; 0 its own."""

    table: Table
    mode: str
    work: Work
    until: int = 0


@dataclass(frozen=True, slots=True)
class CarriedStep:
    """One statement. `untried`: why the copy could not carry it out, which says nothing of the real database."""

    file: str
    line: int
    sql: str
    locks: tuple[Lock, ...] = ()
    demands: tuple[Demand, ...] = ()
    refused: CopyRefusal | None = None
    untried: str = ""
    rows_of: tuple[Table, ...] = ()
    """Tables whose rows it changes."""
    casts: tuple[tuple[str, str], ...] = ()
    """Columns whose values become another type by an expression of its own, and that expression."""

    @property
    def place(self) -> str:
        """FILE:LINE."""
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Carried:
    """What became of the fix. `open_since`: the line of a BEGIN that no COMMIT follows, 0 when there is none."""

    steps: tuple[CarriedStep, ...]
    before: Schema
    after: Schema
    open_since: int = 0

    @property
    def not_done(self) -> tuple[tuple[CarriedStep, ...], tuple[CarriedStep, ...]]:
        """The statements that were refused, and those that could not be tried."""
        refused = tuple(step for step in self.steps if step.refused)
        return refused, tuple(step for step in self.steps if step.untried)


def carry_out(copy: Copy, statements: Sequence[Statement]) -> Carried:
    """Carry out the statements in the copy, to the first that is refused; what has begun and not ended is taken back."""
    first = now = schema_of(copy)
    steps: list[CarriedStep] = []
    held: dict[Table, str] = {}
    begun, waiting = 0, 0
    for statement in statements:
        if statement.idle or statement.kind == "psql":
            continue
        if statement.kind == "transaction_stmt":
            was = copy.open
            copy.run(statement.sql)
            if copy.open and not was:
                begun, waiting, held = statement.line, len(steps), {}
            elif was and not copy.open:
                steps[waiting:] = [_until(step, statement.line) for step in steps[waiting:]]
                begun = 0
            continue
        step, now = _step(copy, statement, now, held if copy.open else {})
        steps.append(step)
        if step.refused:
            break
    if copy.open:
        copy.run("ROLLBACK")
        now = schema_of(copy)
    return Carried(tuple(steps), first, now, begun)


def _until(step: CarriedStep, line: int) -> CarriedStep:
    return replace(step, locks=tuple(replace(lock, until=line) for lock in step.locks))


def _step(
    copy: Copy, statement: Statement, before: Schema, held: dict[Table, str]
) -> tuple[CarriedStep, Schema]:
    """One statement, and the schema after it."""
    step = CarriedStep(statement.file, statement.line, statement.sql)
    alone = statement.kind in _ALONE or bool(getattr(statement.node, "concurrent", False))
    within = copy.open
    if not within and not alone:
        copy.run("BEGIN")
    if copy.open:
        copy.run("SAVEPOINT step")
    if said := copy.run(statement.sql):
        if copy.open:
            copy.run("ROLLBACK TO SAVEPOINT step" if within else "ROLLBACK")
        if statement.kind in _ROLES or said.sqlstate in ("42501", "58P01"):
            return replace(step, untried=said.message), before
        return replace(step, refused=said), before
    modes = _modes(copy, before) if copy.open else _of_concurrent(statement, before)
    after = schema_of(copy)
    if not within and copy.open and (said := copy.run("COMMIT")):
        return replace(step, refused=said), schema_of(copy)
    demands = new_demands(before, after)
    locks = _locks(statement, modes, held, before, after, demands)
    rows = tuple(modes) if statement.kind in _ROWS else ()
    casts = _casts(statement.node)
    step = replace(step, locks=locks, demands=tuple(demands), rows_of=rows, casts=casts)
    return step, after


def _locks(
    statement: Statement,
    modes: dict[Table, str],
    held: dict[Table, str],
    before: Schema,
    after: Schema,
    demands: Sequence[Demand],
) -> tuple[Lock, ...]:
    """The locks that a statement adds to those that its transaction holds, or under which it works."""
    locks = []
    for table, mode in modes.items():
        known = held.get(table, "")
        if stronger(mode, known):
            held[table] = mode
        work = _work(table, statement, before, after, demands)
        if mode in STRENGTH and (stronger(mode, known) or work is not Work.CATALOGUE):
            locks.append(Lock(table, mode, work))
    return tuple(locks)


def _casts(node: Any) -> tuple[tuple[str, str], ...]:
    """Columns that become another type by an expression of the statement's own (USING), and that as SQL."""
    import postgast

    found = []
    for command in getattr(node, "cmds", ()):
        change = command.alter_table_cmd
        definition = getattr(change, "def").column_def
        if change.name and definition.HasField("raw_default"):
            tree = postgast.parse("SELECT 1")
            value = tree.stmts[0].stmt.select_stmt.target_list[0].res_target.val
            value.CopyFrom(definition.raw_default)
            found.append((change.name, postgast.deparse(tree).removeprefix("SELECT ")))
    return tuple(found)


_LOCKS = (
    "SELECT l.relation::int8, l.mode FROM pg_locks l WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation'"
    " AND l.granted AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


def _modes(copy: Copy, before: Schema) -> dict[Table, str]:
    """The strongest lock that is held on each table that was there."""
    found: dict[Table, str] = {}
    for oid, mode in copy.rows(_LOCKS):
        if oid in before.tables:
            table = before.tables[oid][0]
            if stronger(mode, found.get(table, "")):
                found[table] = mode
    return found


def _of_concurrent(statement: Statement, before: Schema) -> dict[Table, str]:
    """The lock of a statement that runs in no transaction, by PostgreSQL's documentation (13.3.1)."""
    said = " ".join(statement.sql.replace('"', "").replace(".", " ").replace("(", " ").split())
    words = set(said.rstrip(";").split())
    named = [table for table in before.columns if table[1] in words]
    named += [table for table, index, _ in before.indexes.values() if index in words]
    return dict.fromkeys(named, CONCURRENT)


def _work(
    table: Table, statement: Statement, before: Schema, after: Schema, demands: Sequence[Demand]
) -> Work:
    """What a statement does with the rows of a table."""
    if statement.kind in _ROWS:
        return Work.CATALOGUE if statement.kind == "truncate_stmt" else Work.ROWS
    for oid, (name, node) in before.tables.items():
        if name == table and oid in after.tables and after.tables[oid][1] != node:
            return Work.REWRITE
    for oid, (name, _, node) in after.indexes.items():
        known = before.indexes.get(oid)
        if (known is None or known[2] != node) and name == table:
            return Work.INDEX
    reads = (Demanded.CHECK, Demanded.REFERENCE, Demanded.NOT_NULL)
    known_columns = before.columns.get(table, {})
    for demand in demands:
        new = demand.kind is Demanded.NOT_NULL and demand.name not in known_columns
        if demand.table == table and demand.kind in reads and not new:
            return Work.SCAN
    return Work.CATALOGUE
