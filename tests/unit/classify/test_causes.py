"""Of several errors in one response the one that the request died of comes first, by what each language prints."""

from __future__ import annotations

import json

import pytest

import smoke

UNIQUE = 'duplicate key value violates unique constraint "orders_number_key"'
NULL = 'null value in column "email" of relation "audit" violates not-null constraint'
CHECK = 'new row for relation "orders" violates check constraint "orders_total_check"'
ABORTED = "current transaction is aborted, commands ignored until end of transaction block"
ENDED = "terminating connection due to administrator command"
FULL = "sorry, too many clients already"

JAVA = "\tat org.postgresql.core.v3.QueryExecutorImpl.receiveErrorResponse(QueryExecutorImpl.java:2725)\n"
NODE = "    at Parser.parseErrorMessage (/app/node_modules/pg-protocol/dist/parser.js:285:98)\n"
NET = "   at Npgsql.Internal.NpgsqlConnector.ReadMessageLong(Boolean async)\n"
NET_END = f"   --- End of inner exception stack trace ---\n{NET}"
PYTHON = 'Traceback (most recent call last):\n  File "/srv/app.py", line 3, in place\n    cur.execute(sql)\n'
CONTEXT = "\nDuring handling of the above exception, another exception occurred:\n\n"
DIRECT = "\nThe above exception was the direct cause of the following exception:\n\n"
PHP_NEXT = (
    f"PDOException: SQLSTATE[23514]: Check violation: 7 ERROR:  {CHECK} in /app/db.php:12\nStack trace:\n#0 {{main}}\n\n"
    f"Next App\\AuditException: SQLSTATE[23502]: Not null violation: 7 ERROR:  {NULL} in /app/db.php:20\nStack trace:\n#0 {{main}}"
)


def traceback(between: str) -> str:
    return f"{PYTHON}psycopg.errors.CheckViolation: {CHECK}\n{between}{PYTHON}psycopg.errors.NotNullViolation: {NULL}\n"


def escaped(text: str) -> str:
    return json.dumps(text)[1:-1]


def told(body: object, media: str = "") -> tuple[list[str | None], str]:
    """The SQLSTATEs in the order of the finding, and its reason."""
    text = body if isinstance(body, str) else json.dumps(body)
    media = media or ("text/plain" if isinstance(body, str) else "application/json")
    found = smoke.classify_response(500, [("content-type", media)], text.encode())
    assert found[0].database_error is not None
    errors = (found[0].database_error, *found[0].consequences)
    return [error.sqlstate for error in errors], found[0].reason


# in all of these a check violation is the cause; what was done about it failed by a not-null violation
TEXTS = {
    "java": f"org.springframework.dao.DataIntegrityViolationException: could not save [ERROR: {NULL}]\n{JAVA}"
    f"Caused by: java.lang.RuntimeException: could not place order\n{JAVA}\t... 12 more\n"
    f"Caused by: org.postgresql.util.PSQLException: ERROR: {CHECK}\n  Detail: Failing row contains (1, -5).\n{JAVA}",
    "java-suppressed": f"java.lang.RuntimeException: x\n{JAVA}\tSuppressed: org.postgresql.util.PSQLException: ERROR: {NULL}\n"
    f"\t{JAVA}Caused by: org.postgresql.util.PSQLException: ERROR: {CHECK}\n{JAVA}",
    "spring": f"Request processing failed; nested exception is java.lang.IllegalStateException: audit failed: ERROR: {NULL}; "
    f"nested exception is org.postgresql.util.PSQLException: ERROR: {CHECK}",
    "logback": f"org.postgresql.util.PSQLException: ERROR: {CHECK}\n{JAVA}Wrapped by: java.lang.RuntimeException: ERROR: {NULL}\n{JAVA}",
    "python-context": traceback(CONTEXT),
    "python-direct": traceback(DIRECT),
    "node": f"Error: audit: {NULL}\n{NODE} {{\n  [cause]: error: {CHECK}\n  {NODE}    severity: 'ERROR',\n    code: '23514'\n  }}\n}}",
    "go-rollback-behind": f"tx err: ERROR: {CHECK} (SQLSTATE 23514), rb err: ERROR: {NULL} (SQLSTATE 23502)",
    "go-rollback-before": f"rollback failed: ERROR: {NULL} (SQLSTATE 23502): original error: ERROR: {CHECK} (SQLSTATE 23514)",
    "go-ent": f"ent: constraint failed: pq: {CHECK}: rolling back transaction: pq: {NULL}",
    "go-join": f"ERROR: {CHECK} (SQLSTATE 23514)\nERROR: {NULL} (SQLSTATE 23502)",
    "net": f"System.Exception: audit failed: 23502: {NULL}\n ---> Microsoft.EntityFrameworkCore.DbUpdateException: An error occurred "
    f"while saving the entity changes.\n ---> Npgsql.PostgresException (0x80004005): 23514: {CHECK}\n{NET}{NET_END}{NET_END}",
    "net-aggregate": f"System.AggregateException: One or more errors occurred. (23514: {CHECK}) (23502: {NULL})\n"
    f" ---> Npgsql.PostgresException (0x80004005): 23514: {CHECK}\n{NET}{NET_END}"
    f" ---> (Inner Exception #1) Npgsql.PostgresException (0x80004005): 23502: {NULL}\n{NET}<---\n",
    "ruby": f"app.rb:9:in 'rescue in place': ERROR:  {NULL} (PG::NotNullViolation)\nDETAIL:  Failing row contains (1).\n"
    f"\tfrom app.rb:3:in 'place'\napp.rb:4:in 'PG::Connection#exec_params': ERROR:  {CHECK} (PG::CheckViolation)\n\tfrom app.rb:4:in 'place'\n",
    "rails-log": f"ActiveRecord::NotNullViolation (PG::NotNullViolation: ERROR:  {NULL}\nDETAIL:  Failing row contains (1).\n)\n\n"
    f"Causes:\nPG::CheckViolation (ERROR:  {CHECK}\nDETAIL:  Failing row contains (2).\n)\n\napp/models/order.rb:3\n",
    "php": f"{PHP_NEXT}\n  thrown in /app/db.php on line 20",
    "laravel-log": f'[2026-11-20 10:00:00] production.ERROR: SQLSTATE[23502]: Not null violation: 7 ERROR:  {NULL} {{"exception":"[object] '
    f"(Illuminate\\\\Database\\\\QueryException(code: 23502): SQLSTATE[23502]: Not null violation: 7 ERROR:  {escaped(NULL)} at /app/C.php:8)\n"
    "[stacktrace]\n#0 /app/C.php(7)\n\n"
    f"[previous exception] [object] (PDOException(code: 23514): SQLSTATE[23514]: Check violation: 7 ERROR:  {escaped(CHECK)} at /app/C.php:5)\n"
    '[stacktrace]\n#0\n"}',
    "rust-anyhow": f"Error: audit: error returned from database: {NULL}\n\nCaused by:\n    0: error returned from database: {CHECK}\n    1: {CHECK}\n",
    "log-levels": f"2026-11-20T10:00:00Z WARN  retrying: ERROR: {NULL}\n2026-11-20T10:00:01Z ERROR checkout failed: ERROR: {CHECK}\n",
}
PAGES = {
    "python": f"<html><title>NotNullViolation: {NULL}</title><body><h1>NotNullViolation</h1><pre>{traceback(DIRECT)}</pre></body></html>",
    "rails": f"<html><body><h1>ActiveRecord::NotNullViolation</h1><h2>PG::NotNullViolation: ERROR:  {NULL}</h2><h2>Exception Causes</h2>"
    f"<details><summary>ActiveRecord::CheckViolation: PG::CheckViolation: ERROR:  {CHECK}</summary></details></body></html>",
}
AUDIT = {"message": NULL, "code": "23502"}
CAUSE = {"message": CHECK, "code": "23514", "constraint": "orders_total_check"}
JSONS: dict[str, object] = {
    "list": {"errors": [CAUSE, AUDIT]},
    "list-cause-of-another": {"errors": [CAUSE, {"message": "x", "cause": {"message": NULL}}]},
    "cause": {**AUDIT, "cause": CAUSE},
    "deep-cause": {"error": {**AUDIT, "cause": {"message": "wrapped", "cause": CAUSE}}},
    "beside": {"error": AUDIT, "originalError": CAUSE},
    "graphql": {"errors": [{"message": NULL, "extensions": {"originalError": CAUSE}}]},
    "text": {"error": NULL, "cause": CHECK},
    "rollback": {"rollbackError": NULL, "error": CHECK},
    "suppressed": {"suppressed": [AUDIT], "error": CAUSE},
    "previous": {"message": NULL, "previous": {"message": CHECK}},
    "log": {"logs": [f"ERROR: {NULL}"], "error": CAUSE},
    "log-level": {
        "events": [{"level": "warn", "time": 1, "msg": NULL}, {"level": "error", "msg": CHECK}]
    },
    "python": {"error": NULL, "traceback": traceback(CONTEXT)},
    "php": {"message": f"SQLSTATE[23502]: Not null violation: 7 ERROR:  {NULL}", "exception": PHP_NEXT},
    "node": {"error": TEXTS["node"]},
    "pino": {
        "err": {
            "message": f"audit failed: {NULL}: {CHECK}",
            "stack": f"Error: audit failed: {NULL}\n{NODE}caused by: error: {CHECK}\n{NODE}",
        }
    },
}  # fmt: skip


@pytest.mark.parametrize("name", TEXTS)
def test_a_text(name: str) -> None:
    assert told(TEXTS[name])[0] == ["23514", "23502"]


@pytest.mark.parametrize("name", PAGES)
def test_a_page(name: str) -> None:
    assert told(PAGES[name].replace('"', "&quot;"), "text/html")[0] == ["23514", "23502"]


@pytest.mark.parametrize("name", JSONS)
def test_a_json(name: str) -> None:
    assert told(JSONS[name])[0] == ["23514", "23502"]


def test_the_reason_says_whether_the_response_tells_the_order() -> None:
    assert "this is the one that it says the others came of" in told(TEXTS["java"])[1]
    assert "the one it tells first is taken for the cause" in told(TEXTS["go-join"])[1]


@pytest.mark.parametrize(
    "body",
    [
        f"org.postgresql.util.PSQLException: ERROR: {ABORTED}\n{JAVA}Caused by: org.postgresql.util.PSQLException: ERROR: {UNIQUE}\n",
        {"errors": [{"message": ABORTED, "code": "25P02"}, {"message": UNIQUE, "code": "23505"}]},
    ],
)
def test_an_aborted_transaction_is_no_cause(body: object) -> None:
    assert told(body)[0] == ["23505", "25P02"]


@pytest.mark.parametrize(
    "body",
    [
        f"2026-11-20 10:00:00.123 UTC [77] FATAL:  {ENDED}\n2026-11-20 10:00:01.123 UTC [78] FATAL:  {FULL}\n",
        {"logs": [f"Unexpected error on idle client error: {ENDED}"], "error": FULL},
        {"logs": [{"level": "error", "msg": ENDED, "code": "57P01"}], "error": {"message": FULL}},
    ],
)
def test_the_end_of_an_idle_session_in_a_log_is_no_cause(body: object) -> None:
    assert told(body)[0] == ["53300", "57P01"]


def test_a_later_attempt_is_no_cause_of_the_first() -> None:
    waited = "could not serialize access due to concurrent update"
    body = f"Error: gave up\nattempt 1: {waited}\nattempt 2: {UNIQUE}\n{NODE} {{\n  attempts: [ 'attempt 1: {waited}' ],\n  [cause]: error: {UNIQUE}\n}}"
    assert told(body)[0] == ["40001", "23505"]


def test_what_stands_in_another_report_is_no_cause() -> None:
    body = f"Exception in thread A org.postgresql.util.PSQLException: ERROR: {UNIQUE}\n{JAVA}Exception in thread B x.Y: z\n{JAVA}Caused by: org.postgresql.util.PSQLException: ERROR: {CHECK}\n"
    assert told(body)[0] == ["23505", "23514"]


def test_causes_in_a_circle_end() -> None:
    body = {"errors": [{**AUDIT, "cause": CAUSE}, {**CAUSE, "cause": AUDIT}]}
    assert sorted(filter(None, told(body)[0])) == ["23502", "23514"]
