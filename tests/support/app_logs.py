"""What applications and platforms print when a request fails on a constraint, in their own shapes.

Each is made for one request: when, with which id, by which customer, against which constraint. The lines of pino, winston,
bunyan, drizzle and `console.error` are what those libraries printed (pino 10, winston 3.19, bunyan 2, drizzle-orm 0.45,
pg 8.23, Node 20); the others follow the documentation of their makers.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True)
class Failure:
    """One request that failed. `rid` and `email` tell whose it is."""

    at: datetime
    rid: str
    email: str
    constraint: str = "jobs_uq"
    table: str = "jobs"

    @property
    def message(self) -> str:
        return f'duplicate key value violates unique constraint "{self.constraint}"'

    @property
    def detail(self) -> str:
        return f"Key (email)=({self.email}) already exists."

    @property
    def iso(self) -> str:
        return self.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"

    @property
    def ms(self) -> int:
        return int(self.at.timestamp() * 1000)

    @property
    def clf(self) -> str:
        return self.at.astimezone(UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")

    @property
    def stack(self) -> str:
        return (
            f"error: {self.message}\n    at /app/node_modules/pg-pool/index.js:45:11\n"
            "    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)\n"
            "    at async POST (/app/api/shop/route.js:8:17)"
        )

    @property
    def fields(self) -> dict[str, Any]:
        """The properties of node-postgres's error."""
        return {
            "length": 211, "name": "error", "severity": "ERROR", "code": "23505", "detail": self.detail,
            "schema": "public", "table": self.table, "constraint": self.constraint, "file": "nbtinsert.c", "line": "666",
            "routine": "_bt_check_unique",
        }  # fmt: skip

    @property
    def inspected(self) -> str:
        """As `util.inspect` prints it."""
        fields = ",\n".join(f"  {name}: {value!r}" for name, value in self.fields.items())
        return f"{self.stack} {{\n{fields}\n}}"

    @property
    def traceback(self) -> str:
        """As Python prints it, with what SQLAlchemy adds."""
        return f"""Traceback (most recent call last):
  File "/app/.venv/lib/python3.12/site-packages/sqlalchemy/engine/base.py", line 1967, in _exec_single_context
    self.dialect.do_execute(
psycopg2.errors.UniqueViolation: {self.message}
DETAIL:  {self.detail}


The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/app/shop/views.py", line 12, in place_order
    session.commit()
sqlalchemy.exc.IntegrityError: (psycopg2.errors.UniqueViolation) {self.message}
DETAIL:  {self.detail}

[SQL: INSERT INTO {self.table} (email) VALUES (%(email)s) RETURNING {self.table}.id]
[parameters: {{'email': '{self.email}'}}]
(Background on this error at: https://sqlalche.me/e/20/gkpj)"""

    @property
    def java(self) -> str:
        return f"""org.springframework.dao.DataIntegrityViolationException: could not execute statement [ERROR: {self.message}
  Detail: {self.detail}] [insert into {self.table} (email) values (?)]; constraint [{self.constraint}]
\tat org.springframework.orm.jpa.vendor.HibernateJpaDialect.convertHibernateAccessException(HibernateJpaDialect.java:294)
\tat java.base/java.lang.Thread.run(Thread.java:1583)
Caused by: org.postgresql.util.PSQLException: ERROR: {self.message}
  Detail: {self.detail}
\tat org.postgresql.core.v3.QueryExecutorImpl.receiveErrorResponse(QueryExecutorImpl.java:2733)
\t... 112 common frames omitted"""

    @property
    def npgsql(self) -> str:
        return f"""Microsoft.EntityFrameworkCore.DbUpdateException: An error occurred while saving the entity changes.
 ---> Npgsql.PostgresException (0x80004005): 23505: {self.message}

DETAIL: {self.detail}
   at Npgsql.Internal.NpgsqlConnector.ReadMessageLong(Boolean async, DataRowLoadingMode dataRowLoadingMode)
  Exception data:
    Severity: ERROR
    SqlState: 23505
    MessageText: {self.message}
    Detail: {self.detail}
    SchemaName: public
    TableName: {self.table}
    ConstraintName: {self.constraint}
   --- End of inner exception stack trace ---
   at Shop.Orders.Place(Order order) in /app/Orders.cs:line 12"""

    @property
    def php(self) -> str:
        return (
            f"SQLSTATE[23505]: Unique violation: 7 ERROR:  {self.message}\nDETAIL:  {self.detail}"
        )


def lines(*records: dict[str, Any]) -> str:
    return "\n".join(json.dumps(record, separators=(",", ":")) for record in records)


def streamed(text: str, wrap: Callable[[str], dict[str, Any]]) -> str:
    """Each line of a text in a record of its own, as a platform takes a stream."""
    return lines(*(wrap(line) for line in text.split("\n")))


def _pino(f: Failure) -> str:
    error = {"type": "DatabaseError", "message": f.message, "stack": f.stack, **f.fields}
    return lines(
        {"level": 30, "time": f.ms, "pid": 7, "hostname": "web", "reqId": f.rid, "msg": "incoming request"},
        {"level": 50, "time": f.ms, "pid": 7, "hostname": "web", "reqId": f.rid, "err": error, "msg": "order failed"},
    )  # fmt: skip


def _pino_http_drizzle(f: Failure) -> str:
    """Pino's serializer joins the messages of the causes, and loses their code."""
    failed = f"Failed query: insert into {f.table} (email) values ($1)\nparams: {f.email}"
    error = {
        "type": "DrizzleQueryError", "message": f"{failed}: {f.message}",
        "stack": f"Error: {failed}\n    at NodePgPreparedQuery.queryWithCache (session.js:41:15)\ncaused by: {f.stack}",
        "query": f"insert into {f.table} (email) values ($1)", "params": [f.email],
    }  # fmt: skip
    request = {
        "id": 7,
        "method": "POST",
        "url": "/orders",
        "headers": {"host": "shop", "x-request-id": f.rid},
    }
    return lines(
        {"level": 50, "time": f.ms, "pid": 7, "hostname": "web", "req": request, "res": {"statusCode": 500},
         "err": error, "responseTime": 12, "msg": "request errored"},
    )  # fmt: skip


def _winston(f: Failure) -> str:
    return lines(
        {**f.fields, "level": "error", "message": f"order failed {f.message}", "requestId": f.rid, "stack": f.stack, "timestamp": f.iso}
    )  # fmt: skip


def _bunyan(f: Failure) -> str:
    error = {"message": f.message, "name": "error", "stack": f.stack, "code": "23505"}
    return lines(
        {"name": "shop", "hostname": "web", "pid": 7, "level": 50, "req_id": f.rid, "err": error, "msg": "order failed",
         "time": f.iso, "v": 0}
    )  # fmt: skip


def _structlog(f: Failure) -> str:
    return lines(
        {
            "event": "order failed",
            "request_id": f.rid,
            "level": "error",
            "timestamp": f.iso,
            "exception": f.traceback,
        }
    )


def _python_json(f: Failure) -> str:
    """python-json-logger; its time says no zone, but the container's does."""
    record = {"asctime": "2026-11-20 12:00:00,123", "levelname": "ERROR", "name": "shop", "message": "order failed",
              "exc_info": f.traceback, "request_id": f.rid}  # fmt: skip
    return f"{f.iso} {lines(record)}"


def _zap(f: Failure) -> str:
    return lines(
        {"level": "error", "ts": f.at.timestamp(), "caller": "shop/order.go:42", "msg": "place order", "trace_id": f.rid,
         "error": f"insert job: ERROR: {f.message} (SQLSTATE 23505)", "stacktrace": "main.(*Shop).Order\n\t/app/order.go:42"}
    )  # fmt: skip


def _zerolog(f: Failure) -> str:
    return lines(
        {"level": "error", "error": f"ERROR: {f.message} (SQLSTATE 23505)", "req_id": f.rid, "time": f.iso, "message": "order failed"}
    )  # fmt: skip


def _slog(f: Failure) -> str:
    return lines(
        {"time": f.iso, "level": "ERROR", "msg": "order failed", "request_id": f.rid,
         "err": f"ERROR: {f.message} (SQLSTATE 23505)"}
    )  # fmt: skip


def _slog_text(f: Failure) -> str:
    quoted = f.message.replace('"', '\\"')
    return (
        f'time={f.iso} level=ERROR msg="order failed" request_id={f.rid} method=POST path=/orders '
        f'err="ERROR: {quoted} (SQLSTATE 23505)"'
    )


def _log4j2(f: Failure) -> str:
    instant = {"epochSecond": f.ms // 1000, "nanoOfSecond": f.ms % 1000 * 1_000_000}
    thrown = {"message": "could not execute statement", "name": "org.hibernate.exception.ConstraintViolationException",
              "cause": {"message": f"ERROR: {f.message}\n  Detail: {f.detail}", "name": "org.postgresql.util.PSQLException"},
              "extendedStackTrace": f.java}  # fmt: skip
    return lines(
        {"instant": instant, "thread": "http-1", "level": "ERROR", "loggerName": "shop.Orders", "message": "order failed",
         "thrown": thrown, "contextMap": {"requestId": f.rid}}
    )  # fmt: skip


def _ecs(f: Failure) -> str:
    return lines(
        {"@timestamp": f.iso, "log.level": "ERROR", "message": "order failed", "ecs.version": "1.2.0", "trace.id": f.rid,
         "error.type": "org.postgresql.util.PSQLException", "error.message": f"ERROR: {f.message}", "error.stack_trace": f.java}
    )  # fmt: skip


def _logstash(f: Failure) -> str:
    return lines(
        {"@timestamp": f.iso, "@version": "1", "message": "order failed", "logger_name": "shop.Orders", "level": "ERROR",
         "level_value": 40000, "stack_trace": f.java, "traceId": f.rid, "spanId": "00f067aa0ba902b7"}
    )  # fmt: skip


def _serilog(f: Failure) -> str:
    return lines(
        {"@t": f.iso, "@mt": "Placing the order failed", "@l": "Error", "@x": f.npgsql, "RequestId": f.rid, "RequestPath": "/orders"}
    )  # fmt: skip


def _dotnet(f: Failure) -> str:
    return lines(
        {"Timestamp": f.iso, "EventId": 1, "LogLevel": "Error", "Category": "Shop.Orders", "Message": "order failed",
         "Exception": f.npgsql.replace("\n", " "), "State": {"RequestId": f.rid}}
    )  # fmt: skip


def _semantic_logger(f: Failure) -> str:
    cause = {
        "name": "PG::UniqueViolation",
        "message": f"ERROR:  {f.message}\nDETAIL:  {f.detail}\n",
        "stack_trace": [],
    }
    return lines(
        {"host": "web", "application": "Shop", "timestamp": f.iso, "level": "error", "level_index": 4, "pid": 7,
         "name": "OrdersController", "message": "Completed #create", "named_tags": {"request_id": f.rid},
         "exception": {"name": "ActiveRecord::RecordNotUnique", "message": f"PG::UniqueViolation: ERROR:  {f.message}\nDETAIL:  {f.detail}\n",
                       "stack_trace": ["app/models/order.rb:3"], "cause": cause}}
    )  # fmt: skip


def _lograge(f: Failure) -> str:
    return lines(
        {"method": "POST", "path": "/orders", "format": "json", "controller": "OrdersController", "action": "create", "status": 500,
         "duration": 12.3, "request_id": f.rid, "time": f.iso,
         "exception": ["ActiveRecord::RecordNotUnique", f"PG::UniqueViolation: ERROR:  {f.message}\nDETAIL:  {f.detail}\n"]}
    )  # fmt: skip


def _monolog(f: Failure) -> str:
    return lines(
        {"message": f'{f.php} (Connection: pgsql, SQL: insert into "{f.table}")', "level": 400, "level_name": "ERROR",
         "context": {"exception": {"class": "Illuminate\\Database\\UniqueConstraintViolationException", "message": f.php, "code": "23505"}},
         "channel": "production", "datetime": f.iso.replace("Z", "+00:00"), "extra": {"request_id": f.rid}}
    )  # fmt: skip


def _vercel_drain(f: Failure) -> str:
    proxy = {"timestamp": f.ms, "method": "POST", "host": "shop.example", "path": "/orders", "statusCode": 500,
             "vercelId": f"fra1::iad1::{f.rid}", "region": "fra1"}  # fmt: skip
    return lines(
        {"id": f"{f.ms}000", "deploymentId": "dpl_1", "source": "lambda", "host": "shop.example", "timestamp": f.ms,
         "projectId": "p", "level": "error", "message": f.inspected, "type": "stderr", "requestId": f.rid, "statusCode": 500,
         "path": "/orders", "proxy": proxy}
    )  # fmt: skip


def _vercel_cli(f: Failure) -> str:
    return lines(
        {"rowId": f"r-{f.ms}", "timestampInMs": f.ms, "level": "error", "message": f.inspected, "messageTruncated": False,
         "source": "serverless", "requestId": f.rid, "requestMethod": "POST", "requestPath": "/orders", "responseStatusCode": 500}
    )  # fmt: skip


def _cloudflare_tail(f: Failure) -> str:
    """`wrangler tail --format json` prints each event over many lines."""
    event = {"request": {"url": "https://shop.example/orders", "method": "POST", "headers": {"x-request-id": f.rid}},
             "response": {"status": 500}}  # fmt: skip
    return json.dumps(
        {"outcome": "ok", "scriptName": "shop", "exceptions": [], "eventTimestamp": f.ms, "event": event,
         "logs": [{"message": ["order failed", f.stack], "level": "error", "timestamp": f.ms}]},
        indent=2,
    )  # fmt: skip


def _workers_logs(f: Failure) -> str:
    return lines(
        {"EventTimestampMs": f.ms, "EventType": "fetch", "Outcome": "exception", "ScriptName": "shop",
         "Event": {"RayID": f.rid, "Request": {"URL": "https://shop.example/orders", "Method": "POST"}, "Response": {"Status": 500}},
         "Exceptions": [{"Name": "PostgresError", "Message": f.message, "TimestampMs": f.ms}], "Logs": []}
    )  # fmt: skip


def _fly(f: Failure) -> str:
    """`fly logs --json`: a record for each line of the stream."""
    return streamed(
        f"order failed {f.rid} {f.inspected}",
        lambda line: {"level": "info", "instance": "e286", "message": line, "region": "fra", "timestamp": f.iso,
                      "meta": {"instance": "e286", "region": "fra", "event": {"provider": "app"}}},
    )  # fmt: skip


def _render(f: Failure) -> str:
    labels = [{"name": "type", "value": "app"}, {"name": "instance", "value": "srv-1"}]
    return streamed(
        f"{f.rid} {f.inspected}",
        lambda line: {"id": "l", "timestamp": f.iso, "message": line, "labels": labels},
    )


def _railway(f: Failure) -> str:
    return lines(
        {"message": f"order failed: {f.inspected}", "severity": "error", "timestamp": f.iso, "attributes": {"level": "error", "requestId": f.rid}}
    )  # fmt: skip


def _cloud_run(f: Failure) -> str:
    return lines(
        {"severity": "ERROR", "timestamp": f.iso, "trace": f"projects/p/traces/{f.rid}", "jsonPayload": {"message": f.stack},
         "httpRequest": {"requestMethod": "POST", "requestUrl": "https://shop.example/orders", "status": 500},
         "resource": {"type": "cloud_run_revision"}, "logName": "projects/p/logs/run.googleapis.com%2Fstderr"}
    )  # fmt: skip


def _app_insights(f: Failure) -> str:
    return lines(
        {"TimeGenerated": f.iso, "OperationName": "POST /orders", "operation_Id": f.rid, "severityLevel": 3, "type": "Npgsql.PostgresException",
         "outerMessage": f"23505: {f.message}", "details": [{"message": f.npgsql}]}
    )  # fmt: skip


def _lambda(f: Failure) -> str:
    error = {
        "errorType": "error",
        "errorMessage": f.message,
        **f.fields,
        "stack": f.stack.split("\n"),
    }
    return (
        f"START RequestId: {f.rid} Version: $LATEST\n{f.iso}\t{f.rid}\tERROR\tInvoke Error \t{json.dumps(error)}\n"
        f"END RequestId: {f.rid}\nREPORT RequestId: {f.rid}\tDuration: 12.34 ms\tBilled Duration: 13 ms"
    )


def _lambda_python(f: Failure) -> str:
    """What is printed between START and END is of that request."""
    printed = "\n".join(f"{f.iso} {line}" for line in f.traceback.split("\n"))
    return f"{f.iso} START RequestId: {f.rid} Version: $LATEST\n{printed}\n{f.iso} END RequestId: {f.rid}"


def _heroku(f: Failure) -> str:
    app = "\n".join(
        f"{f.iso} app[web.1]: {line}" for line in f"[{f.rid}] {f.inspected}".split("\n")
    )
    return (
        f'{app}\n{f.iso} heroku[router]: at=info method=POST path="/orders" host=shop.example request_id={f.rid} '
        'fwd="1.2.3.4" dyno=web.1 connect=0ms service=12ms status=500 bytes=21 protocol=https'
    )


def _rails(f: Failure) -> str:
    return f"""{f.iso} [{f.rid}] Started POST "/orders" for 1.2.3.4 at 2026-11-20 12:00:00 +0000
{f.iso} [{f.rid}] Completed 500 Internal Server Error in 12ms (ActiveRecord: 3.4ms)
{f.iso} [{f.rid}] ActiveRecord::RecordNotUnique (PG::UniqueViolation: ERROR:  {f.message}
{f.iso} DETAIL:  {f.detail}
{f.iso} ):
{f.iso} [{f.rid}] app/controllers/orders_controller.rb:12:in `create'"""


def _laravel(f: Failure) -> str:
    return (
        f"[{f.iso.replace('Z', '+00:00')}] production.ERROR: {f.php} (Connection: pgsql, SQL: insert into \"{f.table}\" "
        f'("email") values ({f.email})) {{"exception":"[object] (Illuminate\\\\Database\\\\UniqueConstraintViolationException(code: 23505): '
        f'{f.php} at /app/vendor/laravel/framework/src/Illuminate/Database/Connection.php:824)\n[stacktrace]\n#0 /app/Connection.php(778): run()\n"}} '
    )  # fmt: skip


def _symfony(f: Failure) -> str:
    return (
        f"[{f.iso.replace('Z', '+00:00')}] request.CRITICAL: Uncaught PHP Exception Doctrine\\DBAL\\Exception\\UniqueConstraintViolationException: "
        f'"An exception occurred while executing a query: {f.php}" at /app/vendor/doctrine/dbal/src/Driver/API/PostgreSQL/ExceptionConverter.php '
        f'line 47 {{"request_id":"{f.rid}"}} []'
    )


def _django(f: Failure) -> str:
    """Django's own time is local; the container's carrier says when."""
    return "\n".join(
        f"{f.iso} {line}"
        for line in f"ERROR Internal Server Error: /orders\n{f.traceback}".split("\n")
    )


def _python(f: Failure) -> str:
    return f"{f.iso} ERROR shop [{f.rid}] place_order failed\n{f.traceback}"


def _spring(f: Failure) -> str:
    return f"{f.iso} ERROR 7 --- [shop] [nio-8080-exec-1] [{f.rid}] o.a.c.c.C.[dispatcherServlet] : Servlet.service() threw exception\n\n{f.java}"


def _go_panic(f: Failure) -> str:
    return f"""{f.iso} http: panic serving 1.2.3.4:5678 request_id={f.rid}: ERROR: {f.message} (SQLSTATE 23505)
goroutine 34 [running]:
net/http.(*conn).serve.func1()
\t/usr/local/go/src/net/http/server.go:1947 +0xbe
main.(*Shop).order(0xc0000b2000, {{0x7f1, 0xc000}})
\t/app/order.go:42 +0x1a5
created by net/http.(*Server).Serve in goroutine 1
\t/usr/local/go/src/net/http/server.go:3285 +0x4b4"""


def _aspnet(f: Failure) -> str:
    return f"""{f.iso} fail: Microsoft.AspNetCore.Server.Kestrel[13]
      Connection id "0HN", Request id "{f.rid}": An unhandled exception was thrown by the application.
      {f.npgsql.replace(chr(10), chr(10) + "      ")}"""


def _elixir(f: Failure) -> str:
    return f"""{f.iso} request_id={f.rid} [error] #PID<0.5.0> running ShopWeb.Endpoint terminated
Server: shop.example:80 (http)
Request: POST /orders
** (exit) an exception was raised:
    ** (Ecto.ConstraintError) constraint error when attempting to insert struct:

    * "{f.constraint}" (unique_constraint)

        (ecto 3.12.0) lib/ecto/repo/schema.ex:804: anonymous fn/4 in Ecto.Repo.Schema.constraints_to_errors/3"""


def _rust(f: Failure) -> str:
    return (
        f"{f.iso} ERROR request{{method=POST uri=/orders request_id={f.rid}}}: shop: order failed: error returned from database: {f.message}\n"
        "\nStack backtrace:\n   0: shop::order\n             at ./src/order.rs:42:9"
    )


def _console(f: Failure) -> str:
    """Node's console.error in a container: Docker says when."""
    return "\n".join(
        f"{f.iso} {line}" for line in f"order of {f.email} failed: {f.inspected}".split("\n")
    )


def _next(f: Failure) -> str:
    """Next.js in production: what a route handler throws, raw, with neither id nor time."""
    return f" ⨯ {f.inspected}"


def _supabase_js(f: Failure) -> str:
    printed = f"""checkout failed {{
  code: '23505',
  details: '{f.detail}',
  hint: null,
  message: '{f.message}'
}}"""
    return "\n".join(f"{f.iso} {line}" for line in printed.split("\n"))


def _kubernetes(f: Failure) -> str:
    return "\n".join(f"{f.iso} stderr F {line}" for line in f"[{f.rid}] {f.inspected}".split("\n"))


def _compose(f: Failure) -> str:
    mine = [f"web-1  | {line}" for line in f"[{f.rid}] {f.inspected}".split("\n")]
    other = [f"web-2  | GET /health 200 in {n}ms" for n in range(len(mine))]
    mixed = [line for pair in zip(mine, other, strict=True) for line in pair]
    return "\n".join(mixed)


def _docker_files(f: Failure) -> str:
    return streamed(
        f"[{f.rid}] {f.inspected}",
        lambda line: {"log": f"{line}\n", "stream": "stderr", "time": f.iso},
    )


def _journald(f: Failure) -> str:
    return streamed(
        f"[{f.rid}] {f.inspected}",
        lambda line: {"MESSAGE": line, "__REALTIME_TIMESTAMP": str(f.ms * 1000), "_PID": "7", "PRIORITY": "6",
                      "SYSLOG_IDENTIFIER": "shop"},
    )  # fmt: skip


FORMATS: dict[str, Callable[[Failure], str]] = {
    name.removeprefix("_"): make
    for name, make in list(globals().items())
    if name.startswith("_") and not name.startswith("__") and callable(make)
}
"""Every shape by its name."""
