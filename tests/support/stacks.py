"""One error in the forms in which stacks show it: what their drivers, ORMs and frameworks really print.

Each form is a function from an error to a text, or None where the stack has no such form of it. `CODELESS` names the
forms that show no SQLSTATE, so that one which only a code tells (a function's own) cannot be known from them.
"""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Err:
    """An error as the server sends it."""

    code: str
    cond: str
    msg: str
    detail: str = ""
    constraint: str = ""
    table: str = ""
    column: str = ""
    routine: str = "ExecConstraints"
    severity: str = "ERROR"


Form = Callable[[Err], str | None]
FORMS: dict[str, Form] = {}
_PUBLIC = 'Some("public")'


def _form(make: Form) -> Form:
    FORMS[make.__name__] = make
    return make


def errors(constraint: str = "orders_number_key") -> tuple[Err, ...]:
    """One error of each kind; the first is a duplicate of the constraint."""
    return (
        Err(
            "23505",
            "unique_violation",
            f'duplicate key value violates unique constraint "{constraint}"',
            "Key (number)=(1001) already exists.",
            constraint,
            "orders",
        ),
        Err(
            "23503",
            "foreign_key_violation",
            'insert or update on table "orders" violates foreign key constraint "orders_fk"',
            'Key (number)=(77) is not present in table "customers".',
            "orders_fk",
            "orders",
        ),
        Err(
            "23502",
            "not_null_violation",
            'null value in column "number" of relation "orders" violates not-null constraint',
            "Failing row contains (1, null).",
            table="orders",
            column="number",
        ),
        Err(
            "23514",
            "check_violation",
            'new row for relation "orders" violates check constraint "orders_check"',
            "Failing row contains (1, -5).",
            "orders_check",
            "orders",
        ),
        Err("42P01", "undefined_table", 'relation "orders" does not exist'),
        Err(
            "40001", "serialization_failure", "could not serialize access due to concurrent update"
        ),
        Err(
            "40P01",
            "deadlock_detected",
            "deadlock detected",
            "Process 71 waits for ShareLock on transaction 801; blocked by process 72.",
        ),
        Err("53300", "too_many_connections", "sorry, too many clients already", severity="FATAL"),
        Err("57014", "query_canceled", "canceling statement due to statement timeout"),
        Err(
            "22001", "string_data_right_truncation", "value too long for type character varying(20)"
        ),
        Err("H2S01", "", "insufficient stock for tea", "wanted 3, have 1"),
    )


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def _detail(e: Err) -> str:
    return f"\nDETAIL:  {e.detail}" if e.detail else ""


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


# --- Elixir
@_form
def postgrex_inspect(e: Err) -> str | None:
    pg = f'%{{code: :{e.cond or _quoted(e.code)}, file: "f.c", line: "664", message: {_quoted(e.msg)}, pg_code: {_quoted(e.code)}, routine: {_quoted(e.routine)}, severity: "ERROR", unknown: "ERROR"'
    if e.constraint:
        pg += f", constraint: {_quoted(e.constraint)}"
    if e.table:
        pg += f', schema: "public", table: {_quoted(e.table)}'
    if e.detail:
        pg += f", detail: {_quoted(e.detail)}"
    return f"%Postgrex.Error{{message: nil, postgres: {pg}}}, connection_id: 4711, query: nil}}"


@_form
def postgrex_message(e: Err) -> str | None:
    return (
        f"** (Postgrex.Error) {e.severity} {e.code} ({e.cond or e.code}) {e.msg}"
        + (f"\n\n    table: {e.table}" if e.table else "")
        + (f"\n    constraint: {e.constraint}" if e.constraint else "")
        + (f"\n    column: {e.column}" if e.column else "")
        + (f"\n\n{e.detail}" if e.detail else "")
        + "\n    (ecto_sql 3.11.1) lib/ecto/adapters/sql.ex:1054: Ecto.Adapters.SQL.raise_sql_call_error/1"
    )


@_form
def ecto_constraint(e: Err) -> str | None:
    if not e.constraint:
        return None
    kind = {"23505": "unique", "23503": "foreign_key", "23514": "check"}[e.code]
    return f"** (Ecto.ConstraintError) constraint error when attempting to insert struct:\n\n    * {_quoted(e.constraint)} ({kind}_constraint)\n\nIf you would like to stop this constraint violation from raising an\nexception and instead add it as an error to your changeset, please\ncall `{kind}_constraint/3` on your changeset with the constraint\n`:name` as an option.\n\nThe changeset has not defined any constraint.\n"


# --- Erlang
@_form
def epgsql(e: Err) -> str | None:
    more = []
    if e.constraint:
        more.append(f"{{constraint_name,<<{_quoted(e.constraint)}>>}}")
    if e.detail:
        more.append(f"{{detail,<<{_quoted(e.detail)}>>}}")
    if e.table:
        more.append(f"{{table_name,<<{_quoted(e.table)}>>}}")
    return f'{{error,{{error,error,<<"{e.code}">>,{e.cond or "undefined"},<<{_quoted(e.msg)}>>,[{",".join(more)}]}}}}'


@_form
def pgo_erl(e: Err) -> str | None:
    m = f'code => <<"{e.code}">>,message => <<{_quoted(e.msg)}>>,severity => <<"ERROR">>'
    if e.constraint:
        m += f",constraint => <<{_quoted(e.constraint)}>>"
    return f"{{error,{{pgsql_error,#{{{m}}}}}}}"


# --- Haskell
@_form
def postgresql_simple(e: Err) -> str | None:
    return f'SqlError {{sqlState = "{e.code}", sqlExecStatus = FatalError, sqlErrorMsg = {_quoted(e.msg)}, sqlErrorDetail = {_quoted(e.detail or "")}, sqlErrorHint = ""}}'


@_form
def hasql_old(e: Err) -> str | None:
    return f'QueryError "INSERT INTO t VALUES ($1)" ["77"] (ResultError (ServerError "{e.code}" {_quoted(e.msg)} {("(Just " + _quoted(e.detail) + ")") if e.detail else "Nothing"} Nothing Nothing))'


@_form
def hasql_session(e: Err) -> str | None:
    return f'SessionUsageError (StatementSessionError 1 0 "INSERT INTO t" ["1"] True (ServerStatementError (ServerError "{e.code}" {_quoted(e.msg)} {("(Just " + _quoted(e.detail) + ")") if e.detail else "Nothing"} Nothing Nothing)))'


# --- Go
@_form
def pgx_error(e: Err) -> str | None:
    return f"place order: {e.severity}: {e.msg} (SQLSTATE {e.code})"


@_form
def pgx_plusv(e: Err) -> str | None:
    return f'&pgconn.PgError{{Severity:"ERROR", Code:"{e.code}", Message:{_quoted(e.msg)}, Detail:{_quoted(e.detail or "")}, Hint:"", Position:0, InternalPosition:0, InternalQuery:"", Where:"", SchemaName:"public", TableName:{_quoted(e.table or "")}, ColumnName:{_quoted(e.column or "")}, DataTypeName:"", ConstraintName:{_quoted(e.constraint or "")}, File:"nbtinsert.c", Line:664, Routine:{_quoted(e.routine)}}}'


@_form
def pgx_json(e: Err) -> str | None:
    return json.dumps(
        {
            "error": {
                "Severity": "ERROR",
                "SeverityUnlocalized": "ERROR",
                "Code": e.code,
                "Message": e.msg,
                "Detail": e.detail or "",
                "Hint": "",
                "Position": 0,
                "SchemaName": "public" if e.table else "",
                "TableName": e.table or "",
                "ColumnName": e.column or "",
                "DataTypeName": "",
                "ConstraintName": e.constraint or "",
                "File": "f.c",
                "Line": 664,
                "Routine": e.routine,
            }
        }
    )


@_form
def libpq_go(e: Err) -> str | None:
    return f"pq: {e.msg}"


@_form
def libpq_go_code(e: Err) -> str | None:
    return f"pq: {e.msg} ({e.code})"


@_form
def gorm_log(e: Err) -> str | None:
    return f'2026/11/20 10:00:00 /app/main.go:31 {e.severity}: {e.msg} (SQLSTATE {e.code})\n[2.342ms] [rows:0] INSERT INTO "t" ("a") VALUES (\'b\')'


@_form
def ent(e: Err) -> str | None:
    return (
        f'ent: constraint failed: insert node to table "{e.table}": pq: {e.msg}'
        if e.table
        else None
    )


@_form
def pq_json(e: Err) -> str | None:
    return json.dumps(
        {
            "error": {
                "Severity": "ERROR",
                "Code": e.code,
                "Message": e.msg,
                "Detail": e.detail or "",
                "Hint": "",
                "Table": e.table or "",
                "Column": e.column or "",
                "Constraint": e.constraint or "",
                "File": "x.c",
                "Line": "664",
                "Routine": e.routine,
            }
        }
    )


# --- Rust
@_form
def sqlx_display(e: Err) -> str | None:
    return f"error returned from database: {e.msg}"


@_form
def sqlx_debug(e: Err) -> str | None:
    return f'Database(PgDatabaseError {{ severity: Error, code: "{e.code}", message: {_quoted(e.msg)}, detail: {"Some(" + _quoted(e.detail) + ")" if e.detail else "None"}, hint: None, position: None, where: None, schema: {_PUBLIC if e.table else "None"}, table: {"Some(" + _quoted(e.table) + ")" if e.table else "None"}, column: None, data_type: None, constraint: {"Some(" + _quoted(e.constraint) + ")" if e.constraint else "None"}, file: Some("nbtinsert.c"), line: Some(664), routine: Some("{e.routine}") }})'


@_form
def tokio_display(e: Err) -> str | None:
    return f"db error: {e.severity}: {e.msg}{_detail(e)}"


@_form
def tokio_debug(e: Err) -> str | None:
    return (
        f'Error {{ kind: Db, cause: Some(DbError {{ severity: "ERROR", parsed_severity: Some(Error), code: SqlState(E{e.code}), message: {_quoted(e.msg)}, detail: {"Some(" + _quoted(e.detail) + ")" if e.detail else "None"}, hint: None, position: None, where_: None, schema: None, table: {"Some(" + _quoted(e.table) + ")" if e.table else "None"}, column: None, datatype: None, constraint: {"Some(" + _quoted(e.constraint) + ")" if e.constraint else "None"}, file: Some("x.c"), line: Some(664), routine: Some("{e.routine}") }}) }}'
        if e.cond
        else f'Error {{ kind: Db, cause: Some(DbError {{ severity: "ERROR", parsed_severity: Some(Error), code: SqlState(Other("{e.code}")), message: {_quoted(e.msg)}, detail: None, hint: None }}) }}'
    )


@_form
def diesel_debug(e: Err) -> str | None:
    kind = {
        "23505": "UniqueViolation",
        "23503": "ForeignKeyViolation",
        "23502": "NotNullViolation",
        "23514": "CheckViolation",
        "40001": "SerializationFailure",
    }.get(e.code, "Unknown")
    return f"DatabaseError({kind}, {_quoted(e.msg)})"


@_form
def seaorm(e: Err) -> str | None:
    return f"Query Error: error returned from database: {e.msg}"


@_form
def seaorm_debug(e: Err) -> str | None:
    return f"Query(SqlxError({sqlx_debug(e)}))"


# --- PHP
def _pdo(e: Err) -> str:
    return {
        "23505": "Unique violation",
        "23503": "Foreign key violation",
        "23502": "Not null violation",
        "23514": "Check violation",
        "42P01": "Undefined table",
        "40001": "Serialization failure",
        "40P01": "Deadlock detected",
        "57014": "Query canceled",
        "22001": "String data, right truncated",
    }.get(e.code, "<<Unknown error>>")


@_form
def pdo(e: Err) -> str | None:
    return (
        f"SQLSTATE[{e.code}]: {_pdo(e)}: 7 ERROR:  {e.msg}{_detail(e)}"
        if e.code != "53300"
        else f'SQLSTATE[08006] [7] connection to server at "10.0.0.5", port 5432 failed: FATAL:  {e.msg}'
    )


@_form
def laravel(e: Err) -> str | None:
    return (
        f'SQLSTATE[{e.code}]: {_pdo(e)}: 7 ERROR:  {e.msg}{_detail(e)} (Connection: pgsql, SQL: insert into "t" ("a") values (1001) returning "id")'
        if e.code != "53300"
        else None
    )


@_form
def doctrine(e: Err) -> str | None:
    return (
        f"An exception occurred while executing a query: SQLSTATE[{e.code}]: {_pdo(e)}: 7 ERROR:  {e.msg}{_detail(e)}"
        if e.code != "53300"
        else None
    )


@_form
def laravel_json(e: Err) -> str | None:
    return (
        json.dumps(
            {
                "message": laravel(e),
                "exception": "Illuminate\\Database\\UniqueConstraintViolationException"
                if e.code == "23505"
                else "Illuminate\\Database\\QueryException",
                "file": "/var/www/vendor/laravel/framework/src/Illuminate/Database/Connection.php",
                "line": 829,
                "trace": [{"file": "/var/www/a.php", "line": 783, "function": "runQueryCallback"}],
            }
        )
        if laravel(e)
        else None
    )


@_form
def symfony_problem(e: Err) -> str | None:
    return (
        json.dumps(
            {
                "type": "https://tools.ietf.org/html/rfc2616#section-10",
                "title": "An error occurred",
                "status": 500,
                "detail": doctrine(e),
                "class": "Doctrine\\DBAL\\Exception\\DriverException",
                "trace": [],
            }
        )
        if doctrine(e)
        else None
    )


@_form
def pg_query(e: Err) -> str | None:
    return f"<br />\n<b>Warning</b>:  pg_query(): Query failed: ERROR:  {html.escape(e.msg)}{_detail(e)} in <b>/var/www/a.php</b> on line <b>9</b><br />"


# --- Ruby
@_form
def rails(e: Err) -> str | None:
    return f"PG::{_camel(e.cond) if e.cond else 'Error'}: {e.severity}:  {e.msg}{_detail(e)}\n"


@_form
def rails_json(e: Err) -> str | None:
    return json.dumps(
        {
            "status": 500,
            "error": "Internal Server Error",
            "exception": f"#<ActiveRecord::StatementInvalid: {rails(e)}>",
            "traces": {
                "Application Trace": [{"exception_object_id": 1, "id": 0, "trace": "app/m.rb:3"}]
            },
        }
    )


@_form
def sequel(e: Err) -> str | None:
    return f"Sequel::DatabaseError: {rails(e)}"


@_form
def rails_html(e: Err) -> str | None:
    return f'<!DOCTYPE html><html><head><title>Action Controller: Exception caught</title></head><body><header role="banner"><h1>ActiveRecord::StatementInvalid in OrdersController#create</h1></header><main role="main" id="container"><h2 class="exception-message"><div class="message">{html.escape(rails(e) or "")}</div></h2><div class=source>raise</div></main></body></html>'


# --- Python
@_form
def psycopg2_tb(e: Err) -> str | None:
    return (
        f'Traceback (most recent call last):\n  File "/srv/app.py", line 3, in f\n    cur.execute(q)\npsycopg2.errors.{_camel(e.cond) if e.cond else "DatabaseError"}: {e.msg}{_detail(e)}\n'
        if e.cond
        else f'Traceback (most recent call last):\n  File "/srv/app.py", line 3, in f\n    cur.execute(q)\npsycopg2.errors.RaiseException: {e.msg}\n'.replace(
            "RaiseException", "DatabaseError"
        )
    )


@_form
def sqlalchemy(e: Err) -> str | None:
    return (
        f"(psycopg.errors.{_camel(e.cond)}) {e.msg}{_detail(e)}\n[SQL: INSERT INTO t (a) VALUES (%(a)s)]\n[parameters: {{'a': 1}}]\n(Background on this error at: https://sqlalche.me/e/20/gkpj)"
        if e.cond
        else None
    )


@_form
def sqlalchemy_asyncpg(e: Err) -> str | None:
    return (
        f"(sqlalchemy.dialects.postgresql.asyncpg.IntegrityError) <class 'asyncpg.exceptions.{_camel(e.cond)}Error'>: {e.msg}{_detail(e)}\n[SQL: INSERT INTO t VALUES ($1::INTEGER)]"
        if e.cond
        else None
    )


@_form
def pg8000(e: Err) -> str | None:
    d = {
        "S": "ERROR",
        "V": "ERROR",
        "C": e.code,
        "M": e.msg,
        "F": "x.c",
        "L": "664",
        "R": e.routine,
    }
    if e.detail:
        d["D"] = e.detail
    if e.table:
        d.update(t=e.table, s="public")
    if e.constraint:
        d["n"] = e.constraint
    return f"pg8000.exceptions.DatabaseError: {d!r}"


@_form
def tortoise(e: Err) -> str | None:
    return f"tortoise.exceptions.IntegrityError: {e.msg}{_detail(e)}"


@_form
def peewee(e: Err) -> str | None:
    return f"peewee.IntegrityError: {e.msg}{_detail(e)}\n"


@_form
def django_html(e: Err) -> str | None:
    return f'<!DOCTYPE html><html lang=en><head><title>IntegrityError at /orders</title></head><body><div id="summary"><h1>IntegrityError at /orders</h1><pre class="exception_value">{html.escape(e.msg + _detail(e))}\n</pre><table class="meta"><tr><th>Exception Type:</th><td>IntegrityError</td></tr></table></div></body></html>'


# --- Java
@_form
def pgjdbc(e: Err) -> str | None:
    return (
        f"org.postgresql.util.PSQLException: {e.severity}: {e.msg}"
        + (f"\n  Detail: {e.detail}" if e.detail else "")
        + "\n\tat org.postgresql.core.v3.QueryExecutorImpl.receiveErrorResponse(QueryExecutorImpl.java:2725)"
    )


@_form
def hibernate(e: Err) -> str | None:
    return (
        f"could not execute statement [{e.severity}: {e.msg}"
        + (f"\n  Detail: {e.detail}" if e.detail else "")
        + "] [insert into t (a) values (?)]; SQL [insert into t (a) values (?)]"
        + (f"; constraint [{e.constraint}]" if e.constraint else "")
    )


@_form
def spring_problem(e: Err) -> str | None:
    return json.dumps(
        {
            "type": "about:blank",
            "title": "Internal Server Error",
            "status": 500,
            "detail": hibernate(e),
            "instance": "/orders",
        }
    )


@_form
def batch(e: Err) -> str | None:
    return (
        f"java.sql.BatchUpdateException: Batch entry 0 insert into t (a) values (('1'::int4)) was aborted: {e.severity}: {e.msg}"
        + (f"\n  Detail: {e.detail}" if e.detail else "")
        + "  Call getNextException to see other errors in the batch."
    )


@_form
def r2dbc(e: Err) -> str | None:
    return f"io.r2dbc.postgresql.ExceptionFactory$PostgresqlDataIntegrityViolationException: [{e.code}] {e.msg}"


@_form
def jooq(e: Err) -> str | None:
    return (
        f"org.jooq.exception.IntegrityConstraintViolationException: SQL [insert into t (a) values (?)]; {e.severity}: {e.msg}"
        + (f"\n  Detail: {e.detail}" if e.detail else "")
    )


@_form
def mybatis(e: Err) -> str | None:
    return (
        f"\n### Error updating database.  Cause: org.postgresql.util.PSQLException: {e.severity}: {e.msg}"
        + (f"\n  Detail: {e.detail}" if e.detail else "")
        + "\n### The error may exist in com/x/OrderMapper.java (best guess)\n### SQL: INSERT INTO t VALUES (?)\n### Cause: org.postgresql.util.PSQLException: "
        + f"{e.severity}: {e.msg}"
    )


@_form
def exposed(e: Err) -> str | None:
    return (
        f"org.jetbrains.exposed.exceptions.ExposedSQLException: org.postgresql.util.PSQLException: {e.severity}: {e.msg}"
        + (f"\n  Detail: {e.detail}" if e.detail else "")
        + "\nSQL: [INSERT INTO t (a) VALUES ('b')]"
    )


@_form
def vertx(e: Err) -> str | None:
    return f"io.vertx.pgclient.PgException: {e.severity}: {e.msg} ({e.code})"


@_form
def skunk(e: Err) -> str | None:
    return (
        f"skunk.exception.PostgresErrorException: \n🔥  \n🔥  Postgres ERROR {e.code} raised in _bt_check_unique (nbtinsert.c:664)\n🔥  \n🔥    Problem: {e.msg[0].upper() + e.msg[1:]}.\n"
        + (f"🔥     Detail: {e.detail}\n" if e.detail else "")
        + (f"🔥     Schema: public\n🔥      Table: {e.table}\n" if e.table else "")
        + (f"🔥 Constraint: {e.constraint}\n" if e.constraint else "")
    )


@_form
def next_jdbc(e: Err) -> str | None:
    return f'{{:cause {_quoted(e.severity + ": " + e.msg)} :via [{{:type org.postgresql.util.PSQLException :message {_quoted(e.severity + ": " + e.msg)} :at [org.postgresql.core.v3.QueryExecutorImpl receiveErrorResponse "QueryExecutorImpl.java" 2725]}}]}}'


# --- .NET
@_form
def npgsql(e: Err) -> str | None:
    return (
        f"Npgsql.PostgresException (0x80004005): {e.code}: {e.msg}\n\nDETAIL: Detail redacted as it may contain sensitive data. Specify 'Include Error Detail' in the connection string to include this information.\n   at Npgsql.Internal.NpgsqlConnector.<ReadMessage>g__ReadMessageLong|233_0()\n  Exception data:\n    Severity: ERROR\n    SqlState: {e.code}\n    MessageText: {e.msg}\n"
        + (f"    SchemaName: public\n    TableName: {e.table}\n" if e.table else "")
        + (f"    ConstraintName: {e.constraint}\n" if e.constraint else "")
        + f"    File: nbtinsert.c\n    Line: 664\n    Routine: {e.routine}"
    )


@_form
def npgsql_msg(e: Err) -> str | None:
    return f"{e.code}: {e.msg}"


@_form
def efcore(e: Err) -> str | None:
    return f"Microsoft.EntityFrameworkCore.DbUpdateException: An error occurred while saving the entity changes. See the inner exception for details.\n ---> Npgsql.PostgresException (0x80004005): {e.code}: {e.msg}\n   at Npgsql.X()\n   --- End of inner exception stack trace ---"


@_form
def aspnet_problem(e: Err) -> str | None:
    return json.dumps(
        {
            "type": "https://tools.ietf.org/html/rfc9110#section-15.6.1",
            "title": "Npgsql.PostgresException",
            "status": 500,
            "detail": f"{e.code}: {e.msg}",
            "exception": {"details": npgsql(e), "headers": {"Host": ["x"]}, "path": "/orders"},
            "traceId": "00-0f23505a0f23505a0f23505a0f23505a-0f42501a0f42501a-00",
        }
    )


# --- Node
@_form
def pg_inspect(e: Err) -> str | None:
    return (
        f"error: {e.msg}\n    at Parser.parseErrorMessage (/app/node_modules/pg-protocol/dist/parser.js:285:98) {{\n  length: 250,\n  severity: 'ERROR',\n  code: '{e.code}',\n"
        + (f"  detail: '{e.detail}',\n" if e.detail else "")
        + (f"  schema: 'public',\n  table: '{e.table}',\n" if e.table else "")
        + (f"  constraint: '{e.constraint}',\n" if e.constraint else "")
        + "  file: 'nbtinsert.c',\n  line: '664',\n  routine: '"
        + e.routine
        + "'\n}"
    )


@_form
def pg_json(e: Err) -> str | None:
    return json.dumps(
        {
            k: v
            for k, v in {
                "length": 250,
                "name": "error",
                "severity": "ERROR",
                "code": e.code,
                "detail": e.detail,
                "schema": "public" if e.table else None,
                "table": e.table,
                "constraint": e.constraint,
                "file": "x.c",
                "line": "664",
                "routine": e.routine,
            }.items()
            if v is not None
        }
    )


@_form
def pgjs_inspect(e: Err) -> str | None:
    return (
        f"PostgresError: {e.msg}\n    at ErrorResponse (file:///app/node_modules/postgres/src/connection.js:794:26) {{\n  severity_local: 'ERROR',\n  severity: 'ERROR',\n  code: '{e.code}',\n"
        + (f"  detail: '{e.detail}',\n" if e.detail else "")
        + (f"  schema_name: 'public',\n  table_name: '{e.table}',\n" if e.table else "")
        + (f"  constraint_name: '{e.constraint}',\n" if e.constraint else "")
        + f"  routine: '{e.routine}'\n}}"
    )


@_form
def drizzle(e: Err) -> str | None:
    return json.dumps(
        {
            "error": 'Failed query: insert into "t" ("a") values ($1)\nparams: 23502',
            "cause": {
                "message": e.msg,
                "code": e.code,
                "constraint": e.constraint,
                "detail": e.detail,
            },
        }
    )


@_form
def drizzle_stack(e: Err) -> str | None:
    return json.dumps(
        {
            "message": 'Failed query: insert into "t" ("a") values ($1)\nparams: 1',
            "stack": f"Error: Failed query: insert into \"t\" (\"a\") values ($1)\nparams: 1\n    at NodePgPreparedQuery.queryWithCache (file:///app/a.js:1:1)\n    ... 4 lines matching cause stack trace ...\n  [cause]: error: {e.msg}\n      at x {{\n    severity: 'ERROR',\n    code: '{e.code}'\n  }}",
        }
    )


@_form
def typeorm(e: Err) -> str | None:
    return json.dumps(
        {
            "query": 'INSERT INTO "t" VALUES ($1)',
            "parameters": ["23503"],
            "driverError": {
                "severity": "ERROR",
                "code": e.code,
                "detail": e.detail,
                "constraint": e.constraint,
                "table": e.table,
            },
            "code": e.code,
            "detail": e.detail,
            "constraint": e.constraint,
            "table": e.table,
            "message": e.msg,
            "name": "QueryFailedError",
        }
    )


@_form
def knex(e: Err) -> str | None:
    return json.dumps({"error": f'insert into "t" ("a") values ($1) returning "id" - {e.msg}'})


@_form
def sequelize_json(e: Err) -> str | None:
    return json.dumps(
        {
            "name": "SequelizeDatabaseError",
            "parent": {
                "severity": "ERROR",
                "code": e.code,
                "detail": e.detail,
                "constraint": e.constraint,
            },
            "original": {
                "severity": "ERROR",
                "code": e.code,
                "detail": e.detail,
                "constraint": e.constraint,
            },
            "sql": "INSERT INTO t",
        }
    )


@_form
def mikro(e: Err) -> str | None:
    return f'insert into "t" ("a") values (\'b\') returning "id" - {e.msg}\n    at x (/app/a.js:1:1)\n\nprevious error: insert into "t" - {e.msg}\n'


@_form
def objection(e: Err) -> str | None:
    return json.dumps(
        {
            "name": "DBError",
            "message": f'insert into "t" ("a") values ($1) - {e.msg}',
            "nativeError": {
                "severity": "ERROR",
                "code": e.code,
                "detail": e.detail,
                "constraint": e.constraint,
            },
        }
    )


@_form
def prisma_raw(e: Err) -> str | None:
    return (
        f"\nInvalid `prisma.$executeRaw()` invocation:\n\n\nRaw query failed. Code: `{e.code}`. Message: `{e.severity}: {e.msg}{_detail(e)}`"
        if e.code != "53300"
        else None
    )


@_form
def prisma_unknown(e: Err) -> str | None:
    return f'\nInvalid `prisma.order.create()` invocation:\n\n\nError occurred during query execution:\nConnectorError(ConnectorError {{ user_facing_error: None, kind: QueryError(PostgresError {{ code: "{e.code}", message: {_quoted(e.msg)}, severity: "ERROR", detail: {"Some(" + _quoted(e.detail) + ")" if e.detail else "None"}, column: None, hint: None }}), transient: false }})'


@_form
def supabase_js(e: Err) -> str | None:
    return json.dumps(
        {"error": {"code": e.code, "details": e.detail, "hint": None, "message": e.msg}}
    )


@_form
def hasura(e: Err) -> str | None:
    return json.dumps(
        {
            "errors": [
                {
                    "extensions": {
                        "path": "$.selectionSet.insert_orders",
                        "code": "constraint-violation" if e.code[:2] == "23" else "postgres-error",
                        "internal": {
                            "statement": "INSERT",
                            "prepared": True,
                            "error": {
                                "exec_status": "FatalError",
                                "hint": None,
                                "message": e.msg,
                                "status_code": e.code,
                                "description": e.detail,
                            },
                            "arguments": ['(Oid 23,Just ("\\x00","B"))'],
                        },
                    },
                    "message": "database query error",
                }
            ]
        }
    )


@_form
def postgraphile(e: Err) -> str | None:
    return json.dumps(
        {
            "errors": [
                {
                    "message": e.msg,
                    "locations": [{"line": 2, "column": 3}],
                    "path": ["createOrder"],
                    "extensions": {
                        "exception": {
                            "severity": "ERROR",
                            "code": e.code,
                            "detail": e.detail,
                            "table": e.table,
                            "constraint": e.constraint,
                            "routine": e.routine,
                        }
                    },
                }
            ],
            "data": None,
        }
    )


@_form
def bun(e: Err) -> str | None:
    return json.dumps(
        {
            "name": "PostgresError",
            "code": "ERR_POSTGRES_SERVER_ERROR",
            "errno": e.code,
            "detail": e.detail,
            "severity": "ERROR",
            "constraint": e.constraint,
            "table": e.table,
            "message": e.msg,
        }
    )


@_form
def bun_inspect(e: Err) -> str | None:
    return (
        f'PostgresError: {e.msg}\n      errno: "{e.code}",\n     detail: {_quoted(e.detail or "")},\n   severity: "ERROR",\n'
        + (f" constraint: {_quoted(e.constraint)},\n" if e.constraint else "")
        + '       code: "ERR_POSTGRES_SERVER_ERROR"\n'
    )


@_form
def deno_pg(e: Err) -> str | None:
    return (
        f'PostgresError: {e.msg}\n    at Connection.#processErrorUnsafe (https://deno.land/x/postgres@v0.17.0/connection/connection.ts:987:14)\n{{\n  fields: {{ severity: "ERROR", code: "{e.code}", message: {_quoted(e.msg)}'
        + (f", constraint: {_quoted(e.constraint)}" if e.constraint else "")
        + " }\n}"
    )


# --- others
@_form
def perl(e: Err) -> str | None:
    return f"DBD::Pg::st execute failed: ERROR:  {e.msg}{_detail(e)} at /srv/app.pl line 12."


@_form
def libpq_verbose(e: Err) -> str | None:
    return (
        f"ERROR:  {e.code}: {e.msg}{_detail(e)}\n"
        + (f"SCHEMA NAME:  public\nTABLE NAME:  {e.table}\n" if e.table else "")
        + (f"CONSTRAINT NAME:  {e.constraint}\n" if e.constraint else "")
        + f"LOCATION:  {e.routine}, nbtinsert.c:664\n"
    )


@_form
def libpq_terse(e: Err) -> str | None:
    return f"{e.severity}:  {e.msg}\n"


@_form
def libpq_sqlstate(e: Err) -> str | None:
    return f"ERROR:  {e.code}\n"


@_form
def pgmoon(e: Err) -> str | None:
    return f"{e.severity}: {e.msg}" + (f"\n{e.detail}" if e.detail else "")


@_form
def crystal(e: Err) -> str | None:
    return f"Unhandled exception: {e.msg} (PQ::PQError)\n  from lib/pg/src/pq/connection.cr:215:7 in 'handle_error'"


@_form
def swift(e: Err) -> str | None:
    f = f"[.sqlState: {e.code}, .message: {e.msg}, .severity: ERROR, .localizedSeverity: ERROR, .routine: {e.routine}, .file: nbtinsert.c, .line: 664"
    if e.constraint:
        f += f", .constraintName: {e.constraint}, .tableName: {e.table}, .schemaName: public"
    if e.detail:
        f += f", .detail: {e.detail}"
    return f"PSQLError(code: server, serverInfo: {f}], query: INSERT INTO t)"


@_form
def swift2(e: Err) -> str | None:
    return (
        f"PSQLError(code: server, serverInfo: [sqlState: {e.code}, severity: ERROR, message: {e.msg}"
        + (f", constraintName: {e.constraint}" if e.constraint else "")
        + "])"
    )


@_form
def dart(e: Err) -> str | None:
    return (
        f"Severity.error {e.code}: {e.msg}"
        + (f" detail: {e.detail}" if e.detail else "")
        + (f" table: {e.table}" if e.table else "")
        + (f" constraint: {e.constraint}" if e.constraint else "")
    )


@_form
def dart_old(e: Err) -> str | None:
    return f"PostgreSQLSeverity.error {e.code}: {e.msg} Detail: {e.detail or ''} Hint: "


@_form
def grpc_connect(e: Err) -> str | None:
    return json.dumps(
        {
            "code": "internal",
            "message": f"insert order: {e.severity}: {e.msg} (SQLSTATE {e.code})",
            "details": [],
        }
    )


@_form
def xml_fault(e: Err) -> str | None:
    return f'<?xml version="1.0"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><soap:Fault><faultcode>soap:Server</faultcode><faultstring>ERROR: {html.escape(e.msg)}</faultstring></soap:Fault></soap:Body></soap:Envelope>'


@_form
def strapi(e: Err) -> str | None:
    return json.dumps(
        {
            "data": None,
            "error": {
                "status": 500,
                "name": "InternalServerError",
                "message": f'insert into "t" ("a") values ($1) - {e.msg}',
                "details": {},
            },
        }
    )


@_form
def payload(e: Err) -> str | None:
    return json.dumps(
        {
            "errors": [
                {
                    "name": "error",
                    "message": e.msg,
                    "data": {"code": e.code, "constraint": e.constraint, "detail": e.detail},
                }
            ]
        }
    )


@_form
def saleor(e: Err) -> str | None:
    return json.dumps(
        {
            "errors": [
                {
                    "message": e.msg + _detail(e) + "\n",
                    "locations": [{"line": 1, "column": 1}],
                    "path": ["checkoutComplete"],
                    "extensions": {
                        "exception": {
                            "code": "IntegrityError",
                            "stacktrace": [
                                "Traceback (most recent call last):",
                                '  File "/app/x.py", line 3, in f',
                                f"psycopg.errors.{_camel(e.cond) if e.cond else 'DatabaseError'}: {e.msg}",
                            ],
                        }
                    },
                }
            ],
            "data": {"checkoutComplete": None},
        }
    )


@_form
def sentry(e: Err) -> str | None:
    return json.dumps(
        {
            "exception": {
                "values": [
                    {
                        "type": "UniqueViolation" if e.code == "23505" else "DatabaseError",
                        "value": e.msg + _detail(e),
                        "module": "psycopg.errors",
                    }
                ]
            }
        }
    )


@_form
def odbc(e: Err) -> str | None:
    return f"SQLSTATE = {e.code}\nERROR: {e.msg};\nError while executing the query (7)"


@_form
def odbc2(e: Err) -> str | None:
    return f"[{e.code}] ERROR: {e.msg};\nError while executing the query (7) (SQLExecDirectW)"


CODELESS = frozenset(
    [
        "libpq_go",
        "ent",
        "sqlx_display",
        "tokio_display",
        "diesel_debug",
        "seaorm",
        "pg_query",
        "psycopg2_tb",
        "tortoise",
        "peewee",
        "django_html",
        "pgjdbc",
        "hibernate",
        "spring_problem",
        "batch",
        "jooq",
        "mybatis",
        "exposed",
        "next_jdbc",
        "rails",
        "rails_json",
        "sequel",
        "rails_html",
        "knex",
        "mikro",
        "perl",
        "libpq_terse",
        "pgmoon",
        "crystal",
        "xml_fault",
        "strapi",
        "saleor",
        "sentry",
        "npgsql_msg",
    ]
)

SEEN = {
    "postgrex_inspect": ("Elixir: Postgrex, inspected", "0.17"),
    "postgrex_message": ("Elixir: Postgrex", "0.17"),
    "ecto_constraint": ("Elixir: Ecto without a constraint in its changeset", "3.11"),
    "epgsql": ("Erlang: epgsql", "4.7"),
    "pgo_erl": ("Erlang: pgo", "0.14"),
    "postgresql_simple": ("Haskell: postgresql-simple", "0.7"),
    "hasql_old": ("Haskell: hasql", "1.6"),
    "hasql_session": ("Haskell: hasql", "1.8"),
    "pgx_error": ("Go: pgx", "5"),
    "pgx_plusv": ("Go: pgx, `%+v` of its error", "5"),
    "pgx_json": ("Go: pgx, its error as JSON", "5"),
    "libpq_go": ("Go: lib/pq", "1.10"),
    "libpq_go_code": ("Go: lib/pq, with the code", "1.11"),
    "gorm_log": ("Go: GORM over pgx", "1.25"),
    "ent": ("Go: ent over lib/pq", "0.13"),
    "pq_json": ("Go: lib/pq, its error as JSON", "1.10"),
    "sqlx_display": ("Rust: sqlx, Display", "0.7"),
    "sqlx_debug": ("Rust: sqlx, Debug", "0.7"),
    "tokio_display": ("Rust: tokio-postgres, Display", "0.7"),
    "tokio_debug": ("Rust: tokio-postgres, Debug", "0.7"),
    "diesel_debug": ("Rust: Diesel, Debug", "2.1"),
    "seaorm": ("Rust: SeaORM, Display", "0.12"),
    "seaorm_debug": ("Rust: SeaORM, Debug", "0.12"),
    "pdo": ("PHP: PDO", "8.3"),
    "laravel": ("PHP: Laravel", "11"),
    "doctrine": ("PHP: Doctrine DBAL", "3.8"),
    "laravel_json": ("PHP: Laravel, JSON with debug", "11"),
    "symfony_problem": ("PHP: Symfony, problem JSON", "7"),
    "pg_query": ("PHP: pg_query warning", "8.3"),
    "rails": ("Ruby: pg", "1.5"),
    "rails_json": ("Ruby: Rails API, development", "7.1"),
    "sequel": ("Ruby: Sequel", "5"),
    "rails_html": ("Ruby: Rails, development page", "7.1"),
    "psycopg2_tb": ("Python: psycopg2, traceback", "2.9"),
    "sqlalchemy": ("Python: SQLAlchemy over psycopg", "2.0"),
    "sqlalchemy_asyncpg": ("Python: SQLAlchemy over asyncpg", "2.0"),
    "pg8000": ("Python: pg8000", "1.31"),
    "tortoise": ("Python: Tortoise ORM", "0.20"),
    "peewee": ("Python: Peewee", "3.17"),
    "django_html": ("Python: Django, debug page", "5.0"),
    "pgjdbc": ("Java: pgjdbc", "42.7"),
    "hibernate": ("Java: Hibernate in Spring", "6.4"),
    "spring_problem": ("Java: Spring Boot, problem JSON", "3.2"),
    "batch": ("Java: JDBC batch", "42.7"),
    "r2dbc": ("Java: r2dbc-postgresql", "1.0"),
    "jooq": ("Java: jOOQ", "3.19"),
    "mybatis": ("Java: MyBatis", "3.5"),
    "exposed": ("Kotlin: Exposed", "0.50"),
    "vertx": ("Java: Vert.x", "4.5"),
    "skunk": ("Scala: Skunk", "0.6"),
    "next_jdbc": ("Clojure: next.jdbc", "1.3"),
    "npgsql": (".NET: Npgsql", "8"),
    "npgsql_msg": (".NET: Npgsql, message alone", "8"),
    "efcore": (".NET: EF Core", "8"),
    "aspnet_problem": (".NET: ASP.NET Core, developer problem JSON", "8"),
    "pg_inspect": ("Node: node-postgres, inspected", "8.11"),
    "pg_json": ("Node: node-postgres, JSON without message", "8.11"),
    "pgjs_inspect": ("Node: postgres.js, inspected", "3.4"),
    "drizzle": ("Node: Drizzle, cause as JSON", "0.44"),
    "drizzle_stack": ("Node: Drizzle, stack", "0.44"),
    "typeorm": ("Node: TypeORM", "0.3"),
    "knex": ("Node: Knex", "3"),
    "sequelize_json": ("Node: Sequelize", "6"),
    "mikro": ("Node: MikroORM", "6"),
    "objection": ("Node: Objection", "3"),
    "prisma_raw": ("Node: Prisma, raw query", "5"),
    "prisma_unknown": ("Node: Prisma, Rust engine", "5"),
    "supabase_js": ("Supabase: supabase-js", "2"),
    "hasura": ("Hasura", "2"),
    "postgraphile": ("PostGraphile", "4"),
    "bun": ("Bun.sql, JSON", "1.2"),
    "bun_inspect": ("Bun.sql, inspected", "1.2"),
    "deno_pg": ("Deno: deno-postgres", "0.17"),
    "perl": ("Perl: DBD::Pg", "3.16"),
    "libpq_verbose": ("C: libpq, VERBOSITY verbose", "16"),
    "libpq_terse": ("C: libpq, VERBOSITY terse", "16"),
    "libpq_sqlstate": ("C: libpq, VERBOSITY sqlstate", "16"),
    "pgmoon": ("Lua: pgmoon", "1.16"),
    "crystal": ("Crystal: crystal-pg", "0.28"),
    "swift": ("Swift: PostgresNIO", "1.14"),
    "swift2": ("Swift: PostgresNIO", "1.21"),
    "dart": ("Dart: postgres", "3"),
    "dart_old": ("Dart: postgres", "2"),
    "grpc_connect": ("Connect, Go", "1"),
    "xml_fault": ("SOAP fault", "1.1"),
    "strapi": ("Strapi", "4"),
    "payload": ("Payload", "2"),
    "saleor": ("Saleor", "3.20"),
    "sentry": ("Sentry event", "7"),
    "odbc": ("psqlODBC", "16"),
    "odbc2": ("psqlODBC, with the state in front", "16"),
}
"""Of each form the stack, and the version whose output it has the shape of."""

RUNNING = {
    "prisma_raw": "Prisma, raw query",
    "pgx_error": "pgx",
    "pgx_json": "pgx",
    "libpq_go": "lib/pq",
    "pq_json": "lib/pq",
    "pdo": "PDO",
    "laravel": "Laravel database",
    "laravel_json": "Laravel database",
    "doctrine": "Doctrine DBAL",
    "pg_query": "PHP pg_query",
    "rails": "Ruby pg",
    "rails_json": "ActiveRecord",
    "sequel": "Sequel",
    "psycopg2_tb": "psycopg2",
    "sqlalchemy": "SQLAlchemy+psycopg",
    "sqlalchemy_asyncpg": "SQLAlchemy+asyncpg",
    "pg8000": "pg8000",
    "tortoise": "Tortoise",
    "peewee": "Peewee",
    "django_html": "Django",
    "pgjdbc": "pgjdbc",
    "pg_inspect": "node-postgres",
    "pg_json": "node-postgres",
    "pgjs_inspect": "postgres.js",
    "drizzle": "Drizzle over node-postgres",
    "drizzle_stack": "Drizzle over node-postgres",
    "typeorm": "TypeORM",
    "knex": "Knex",
    "sequelize_json": "Sequelize",
    "mikro": "MikroORM",
    "objection": "Objection",
    "perl": "DBD::Pg",
}
"""Of each form whose stack was run the name in `tests/corpus/observed`."""
