"""The read-only SQL that verifies a finding, with the results to expect."""

# ruff: noqa: S608  (text for a person: nothing is run here, and every value is quoted by smoke.advice.sql)

from __future__ import annotations

from collections.abc import Callable

from smoke.advice.sql import literal
from smoke.advice.subject import Subject
from smoke.model.finding import Statement

Verify = Callable[[Subject], tuple[Statement, ...]]

_TYPES = {
    "23505": "u (unique) or p (primary key)",
    "23503": "f (foreign key)",
    "23001": "f (foreign key)",
    "23514": "c (check)",
    "23P01": "x (exclusion)",
}
_WRONG_DATABASE = (
    "error 42P01",
    "this database has no such table: it is not the one that the shop uses",
)


def verifying(sqlstate: str | None, subject: Subject) -> tuple[Statement, ...]:
    """Statements that read only, the most telling first; empty when there is nothing to ask."""
    if sqlstate is None:
        return (*_constraint("", subject), WHICH_DATABASE) if subject.constraint else ()
    if sqlstate in _TYPES and subject.constraint:
        return (*_constraint(sqlstate, subject), WHICH_DATABASE)
    rule = _RULES.get(sqlstate)
    return (*rule(subject), WHICH_DATABASE) if rule is not None else ()


WHICH_DATABASE = Statement(
    purpose="which database is this? compare with the shop's connection string",
    sql="SELECT current_database(), current_user, inet_server_addr(), inet_server_port();",
)


def _constraint(sqlstate: str, s: Subject) -> tuple[Statement, ...]:
    name = literal(s.constraint)
    kind = "u" if sqlstate == "23505" else _TYPES.get(sqlstate, "of its kind")
    if s.table:
        by_name = Statement(
            purpose="is the constraint there?",
            sql=f"SELECT conname, contype FROM pg_constraint\nWHERE conrelid = {s.regclass} AND conname = {name};",
            expect=(
                ("still there", f"one row, contype {kind}"),
                ("gone", "no rows"),
                _WRONG_DATABASE,
            ),
        )
    else:
        owner = "contypid::regtype" if s.datatype else "conrelid::regclass"
        by_name = Statement(
            purpose="is the constraint there, and on which table?",
            sql=f"SELECT {owner}, conname, contype FROM pg_constraint\nWHERE conname = {name};",
            expect=(("still there", f"a row for each table, contype {kind}"), ("gone", "no rows")),
        )
    if sqlstate == "23505":
        return (by_name, _unique_index(s))
    definition = Statement(
        purpose="what does it demand?",
        sql=f"SELECT pg_get_constraintdef(oid) FROM pg_constraint\nWHERE conname = {name}{_on(s, 'conrelid')};",
    )
    return (by_name, definition)


def _unique_index(s: Subject) -> Statement:
    on = f"i.indrelid = {s.regclass} AND " if s.table else ""
    return Statement(
        purpose="or is it a unique index without a constraint?",
        sql=(
            "SELECT i.indexrelid::regclass AS index, i.indisunique, pg_get_indexdef(i.indexrelid) AS definition\n"
            "FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid\n"
            f"WHERE {on}c.relname = {literal(s.constraint)};"
        ),
        expect=(("still there", "one row, indisunique t"), ("gone", "no rows")),
    )


def _on(s: Subject, column: str) -> str:
    return f" AND {column} = {s.regclass}" if s.table else ""


def _not_null(s: Subject) -> tuple[Statement, ...]:
    if not (s.table and s.column):
        return ()
    return (
        Statement(
            purpose="is the column required, and has it a default?",
            sql=(
                "SELECT attname, attnotnull, atthasdef FROM pg_attribute\n"
                f"WHERE attrelid = {s.regclass} AND attname = {literal(s.column)};"
            ),
            expect=(
                ("still required", "attnotnull t"),
                ("with a default", "atthasdef t"),
                ("gone", "no rows"),
                _WRONG_DATABASE,
            ),
        ),
    )


def _table(s: Subject) -> tuple[Statement, ...]:
    if not s.table:
        return ()
    return (
        Statement(
            purpose="where is a table of that name?",
            sql=(
                "SELECT oid::regclass, relkind, current_setting('search_path') AS search_path FROM pg_class\n"
                f"WHERE relname = {literal(s.table)};"
            ),
            expect=(
                ("missing", "no rows: the migration did not run on this database"),
                ("in another schema", "a row with a schema before the name: see search_path"),
            ),
        ),
    )


def _column(s: Subject) -> tuple[Statement, ...]:
    if not s.column:
        return ()
    return (
        Statement(
            purpose="which tables have that column?",
            sql=(
                "SELECT attrelid::regclass, attname FROM pg_attribute\n"
                f"WHERE attname = {literal(s.column)} AND NOT attisdropped{_on(s, 'attrelid')};"
            ),
            expect=(
                ("missing", "no rows: the migration did not run on this database"),
                ("there", "one row"),
            ),
        ),
    )


def _rights(s: Subject) -> tuple[Statement, ...]:
    if not s.table:
        return ()
    return (
        Statement(
            purpose="may this role write? (run as the shop's role, or put its name for current_user)",
            sql=(
                "SELECT current_user, "
                + ", ".join(
                    f"has_table_privilege(current_user, {s.regclass}, '{right}') AS {right.lower()}"
                    for right in ("SELECT", "INSERT", "UPDATE")
                )
                + ";"
            ),
            expect=(("refused", "f"), ("granted", "t")),
        ),
        Statement(
            purpose="is row-level security on, and which policies are there?",
            sql=(
                "SELECT c.relrowsecurity, p.polname, p.polcmd, pg_get_expr(p.polwithcheck, p.polrelid) AS with_check\n"
                "FROM pg_class c LEFT JOIN pg_policy p ON p.polrelid = c.oid\n"
                f"WHERE c.oid = {s.regclass};"
            ),
            expect=(("refuses everything", "relrowsecurity t and no policy"),),
        ),
    )


def _lengths(s: Subject) -> tuple[Statement, ...]:
    if not s.table:
        return ()
    return (
        Statement(
            purpose="how long may the columns be?",
            sql=(
                "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute\n"
                f"WHERE attrelid = {s.regclass} AND attnum > 0 AND NOT attisdropped ORDER BY attnum;"
            ),
        ),
    )


def _triggers(s: Subject) -> tuple[Statement, ...]:
    if not s.table:
        return ()
    return (
        Statement(
            purpose="which triggers may have raised it?",
            sql=(
                "SELECT tgname, tgfoid::regprocedure, tgenabled FROM pg_trigger\n"
                f"WHERE tgrelid = {s.regclass} AND NOT tgisinternal;"
            ),
        ),
    )


def _always(purpose: str, sql: str, *expect: tuple[str, str]) -> Verify:
    return lambda _: (Statement(purpose, sql, expect),)


_BLOCKED = (
    "SELECT pid, pg_blocking_pids(pid) AS waits_for, state, left(query, 80) AS query FROM pg_stat_activity\n"
    "WHERE cardinality(pg_blocking_pids(pid)) > 0;"
)

_RULES: dict[str, Verify] = {
    "23502": _not_null,
    "42P01": _table,
    "42703": _column,
    "42501": _rights,
    "22001": _lengths,
    "22003": _lengths,
    "22P02": _lengths,
    "P0001": _triggers,
    "40001": _always(
        "in which isolation do transactions run?", "SHOW default_transaction_isolation;"
    ),
    "40P01": _always("are waits for locks logged?", "SHOW log_lock_waits;"),
    "53300": _always(
        "who holds the connections?",
        "SELECT usename, application_name, state, count(*) FROM pg_stat_activity\n"
        "GROUP BY 1, 2, 3 ORDER BY 4 DESC LIMIT 20;",
        ("never given back", "many in state `idle` or `idle in transaction`"),
    ),
    "57014": _always(
        "how long may a statement take? (the shop's role may have its own)",
        "SELECT current_setting('statement_timeout') AS here, r.rolname, s.setconfig\n"
        "FROM pg_db_role_setting s LEFT JOIN pg_roles r ON r.oid = s.setrole;",
    ),
    "55P03": _always(
        "who waits for whom?",
        _BLOCKED,
        ("still locked", "a row for each that waits"),
        ("free again", "no rows"),
    ),
    "25006": _always(
        "does this server only read?",
        "SELECT pg_is_in_recovery() AS replica, current_setting('default_transaction_read_only') AS read_only;",
        ("a replica", "replica t"),
    ),
    "3D000": _always(
        "which databases are there?", "SELECT datname FROM pg_database WHERE NOT datistemplate;"
    ),
}
