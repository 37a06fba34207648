"""The read-only SQL that verifies a finding, with the results to expect.

It runs as it is pasted, whatever the schema: a table of which only the name is known is looked up in the catalogue,
in all schemas, and no statement fails because a name is not there. A cast to `regclass` would, and it looks only
where the session's own search_path leads. It is used where the schema is known, and there alone for constraints:
in the wrong database it must fail, not look like a table without the constraint.
"""

from __future__ import annotations

from collections.abc import Callable

from smoke.advice.catalogue import NO_TABLE, OR_VIEW, TABLE, is_table
from smoke.advice.connections import limits, pooler_full
from smoke.advice.constraint import CONSTRAINT_TYPES, constraint
from smoke.advice.explanations import POOLERS
from smoke.advice.subject import Subject
from smoke.model.finding import Statement
from smoke.sql import literal

Verify = Callable[[Subject], tuple[Statement, ...]]


def verifying(sqlstate: str | None, subject: Subject) -> tuple[Statement, ...]:
    """Statements that read only, the most telling first; empty when there is nothing to ask."""
    if sqlstate is None:
        return (*constraint("", subject), WHICH_DATABASE) if subject.constraint else ()
    if sqlstate in CONSTRAINT_TYPES and subject.constraint:
        return (*constraint(sqlstate, subject), WHICH_DATABASE)
    if sqlstate in POOLERS and pooler_full(subject.message):
        return (*limits(subject), WHICH_DATABASE)
    rule = _RULES.get(sqlstate)
    asked = rule(subject) if rule is not None else ()
    return (*asked, WHICH_DATABASE) if asked else ()


WHICH_DATABASE = Statement(
    purpose="which database is this? compare with the shop's connection string",
    sql="SELECT current_database(), current_user, inet_server_addr(), inet_server_port();",
)


def _not_null(s: Subject) -> tuple[Statement, ...]:
    if not (s.table and s.column):
        return ()
    return (
        Statement(
            purpose="is the column required, and has it a default?",
            sql=(
                "SELECT n.nspname AS schema, a.attname, a.attnotnull, a.atthasdef, a.attidentity <> '' AS identity\n"
                f"{TABLE}\n"
                f"LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = {literal(s.column)}\n"
                f"WHERE {is_table(s)};"
            ),
            expect=(
                ("still required", "attnotnull t"),
                ("with a default", "atthasdef t"),
                ("gone", "the table's row, with nothing under attname"),
                NO_TABLE,
            ),
        ),
    )


def _table(s: Subject) -> tuple[Statement, ...]:
    if not s.table:
        return ()
    return (
        Statement(
            purpose="where is a table of that name, in any spelling?",
            sql=(
                "SELECT n.nspname AS schema, c.relname AS name, c.relkind,\n"
                "  has_schema_privilege(n.oid, 'USAGE') AS may_look_in, current_setting('search_path') AS search_path\n"
                f"{TABLE}\n"
                f"WHERE lower(c.relname) = lower({literal(s.table)});"
            ),
            expect=(
                ("missing", "no rows: the migration did not run on this database"),
                ("in another schema", "a row whose schema the shop's search_path does not name"),
                ("other letters", "a row with capitals: such a name needs its double quotes"),
            ),
        ),
    )


def _column(s: Subject) -> tuple[Statement, ...]:
    if not s.column:
        return ()
    if s.table:
        where = f"WHERE {is_table(s, OR_VIEW)};"
        return (
            Statement(
                purpose="has the table that column?",
                sql=(
                    "SELECT n.nspname AS schema, c.relname AS table, a.attname\n"
                    f"{TABLE}\n"
                    "LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped"
                    f" AND a.attname = {literal(s.column)}\n{where}"
                ),
                expect=(
                    ("there", "a row with attname"),
                    ("missing", "nothing under attname: the migration did not run here"),
                    NO_TABLE,
                ),
            ),
        )
    return (
        Statement(
            purpose="which tables have that column?",
            sql=(
                "SELECT n.nspname AS schema, c.relname AS table, a.attname\n"
                f"{TABLE}\n"
                "JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped\n"
                f"WHERE c.relkind IN ({OR_VIEW}) AND a.attname = {literal(s.column)};"
            ),
            expect=(
                ("missing", "no rows: the migration did not run on this database"),
                ("there", "a row for each table"),
            ),
        ),
    )


def _rights(s: Subject) -> tuple[Statement, ...]:
    if s.schema and not s.table:
        return (_schema_rights(s),)
    if not s.table:
        return ()
    rights = ", ".join(
        f"has_table_privilege(c.oid, '{right}') AS {right.lower()}"
        for right in ("SELECT", "INSERT", "UPDATE")
    )
    return (
        Statement(
            purpose="may this role write? (run as the shop's role, or put 'its name', before each oid)",
            sql=(
                "SELECT current_user, n.nspname AS schema, has_schema_privilege(n.oid, 'USAGE') AS usage,\n"
                f"  {rights}\n"
                f"{TABLE}\nWHERE {is_table(s, OR_VIEW)};"
            ),
            expect=(("refused", "f"), ("granted", "t"), NO_TABLE),
        ),
        Statement(
            purpose="is row-level security on, and which policies are there?",
            sql=(
                "SELECT n.nspname AS schema, c.relrowsecurity, p.polname, p.polcmd,\n"
                "  pg_get_expr(p.polwithcheck, p.polrelid) AS with_check\n"
                f"{TABLE}\n"
                "LEFT JOIN pg_policy p ON p.polrelid = c.oid\n"
                f"WHERE {is_table(s)};"
            ),
            expect=(("refuses everything", "relrowsecurity t and no policy"),),
        ),
    )


def _schema_rights(s: Subject) -> Statement:
    return Statement(
        purpose="may this role look into the schema? (run as the shop's role, or put 'its name', before each oid)",
        sql=(
            "SELECT current_user, n.nspname AS schema, has_schema_privilege(n.oid, 'USAGE') AS usage,\n"
            "  has_schema_privilege(n.oid, 'CREATE') AS create\n"
            f"FROM pg_namespace n WHERE n.nspname = {literal(s.schema)};"
        ),
        expect=(
            ("refused", "f"),
            ("granted", "t"),
            ("no rows", "this database has no such schema"),
        ),
    )


def _schema(s: Subject) -> tuple[Statement, ...]:
    if not s.schema:
        return ()
    return (_schema_rights(s),)


def _lengths(s: Subject) -> tuple[Statement, ...]:
    if not s.table:
        return ()
    return (
        Statement(
            purpose="what may the columns hold?",
            sql=(
                "SELECT n.nspname AS schema, a.attname, format_type(a.atttypid, a.atttypmod)\n"
                f"{TABLE}\n"
                "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped\n"
                f"WHERE {is_table(s)} ORDER BY 1, a.attnum;"
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
                "SELECT n.nspname AS schema, t.tgname, t.tgfoid::regprocedure AS function, t.tgenabled\n"
                f"{TABLE}\n"
                "JOIN pg_trigger t ON t.tgrelid = c.oid AND NOT t.tgisinternal\n"
                f"WHERE {is_table(s, OR_VIEW)};"
            ),
        ),
    )


def _always(purpose: str, sql: str, *expect: tuple[str, str]) -> Verify:
    return lambda _: (Statement(purpose, sql, expect),)


def _locked(s: Subject) -> tuple[Statement, ...]:
    """Who holds the lock. Whoever gave up waiting is gone: the holders are found by what they have, not by who waits."""
    holding = (
        "SELECT a.pid, a.usename, a.application_name, a.state, now() - a.xact_start AS open_for,\n"
        "  pg_blocking_pids(a.pid) AS waits_for, n.nspname AS schema, c.relname AS table,\n"
        "  string_agg(DISTINCT l.mode, ', ') AS holds, left(a.query, 80) AS last_query\n"
        "FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid\n"
        "JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace\n"
        "WHERE l.granted AND l.locktype = 'relation' AND a.pid <> pg_backend_pid()\n"
        "  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())\n"
    )
    if s.table:
        within = f"  AND {is_table(s, OR_VIEW)}\n"
    else:
        within = "  AND c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema')\n"
    return (
        Statement(
            purpose="who holds the lock? (its transaction is open while this is asked)",
            sql=(
                f"{holding}{within}GROUP BY a.pid, a.usename, a.application_name, a.state, a.xact_start, a.query,"
                " n.nspname, c.relname\nORDER BY a.xact_start LIMIT 20;"
            ),
            expect=(
                ("a migration", "holds AccessExclusiveLock or another …ExclusiveLock"),
                ("left open", "state idle in transaction: ended by pg_terminate_backend(pid)"),
                ("rows only", "holds RowShareLock or RowExclusiveLock: it changed or locked rows"),
                ("free again", "no rows: nobody holds it now"),
            ),
        ),
        Statement(
            purpose="and who is waiting, for whom?",
            sql=(
                "SELECT w.pid AS waits, b.pid AS holder, b.state AS holder_state, now() - b.xact_start AS open_for,\n"
                "  left(b.query, 80) AS holder_query\n"
                "FROM pg_stat_activity w CROSS JOIN LATERAL unnest(pg_blocking_pids(w.pid)) AS h(pid)\n"
                "JOIN pg_stat_activity b ON b.pid = h.pid;"
            ),
            expect=(("nobody waits now", "no rows"),),
        ),
    )


_RULES: dict[str, Verify] = {
    "23502": _not_null,
    "42P01": _table,
    "42703": _column,
    "42501": _rights,
    "3F000": _schema,
    "22001": _lengths,
    "22003": _lengths,
    "22P02": _lengths,
    "P0001": _triggers,
    "53300": limits,
    "55P03": _locked,
    "40001": _always(
        "in which isolation do transactions run?", "SHOW default_transaction_isolation;"
    ),
    "40P01": _always("are waits for locks logged?", "SHOW log_lock_waits;"),
    "57014": _always(
        "how long may a statement take? (the shop's role may have its own)",
        "SELECT current_setting('statement_timeout') AS here, r.rolname, s.setconfig\n"
        "FROM pg_db_role_setting s LEFT JOIN pg_roles r ON r.oid = s.setrole;",
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
