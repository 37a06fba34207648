"""One error of PostgreSQL in the shape in which each host, container and language writes it: ours, another's, and none.

Where a shape is from stands beside it. Each is looked for by the order's key and by its time, and in a log that holds
only another's error, or none of that time.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from smoke.app.server_log import ServerLog
from smoke.logs.match import How, LogAnswer, find_error
from smoke.logs.wanted import Wanted

AT = datetime(2026, 11, 20, 12, 7, 33, 215000, tzinfo=UTC)
MINE, THEIRS = "smoke.ada.abcdefghjkmn@example.com", "smoke.ben.pqrstuvwxyz2@example.com"
NOBODY = "someone@example.org"


@dataclass(frozen=True)
class Error:
    """A unique violation: when, in which session since when, of whom, by which constraint."""

    at: datetime = AT
    pid: int = 4711
    since: datetime = AT - timedelta(minutes=40)
    email: str = MINE
    rule: str = "customers_email_key"

    @property
    def message(self) -> str:
        return f'duplicate key value violates unique constraint "{self.rule}"'

    @property
    def detail(self) -> str:
        return f"Key (email)=({self.email}) already exists."

    @property
    def session(self) -> str:
        return f"{int(self.since.timestamp()):x}.{self.pid:x}"

    def ms(self, zone: str = "UTC", hours: float = 0) -> str:
        local = self.at + timedelta(hours=hours)
        return f"{local:%Y-%m-%d %H:%M:%S}.{local.microsecond // 1000:03} {zone}".rstrip()

    def seconds(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} UTC"

    def iso(self) -> str:
        return f"{self.at:%Y-%m-%dT%H:%M:%S}.{self.at.microsecond:06}Z"


def plain(error: Error, prefix: str) -> list[str]:
    return [
        f"{prefix}ERROR:  {error.message}",
        f"{prefix}DETAIL:  {error.detail}",
        f"{prefix}STATEMENT:  INSERT INTO customers (email)",
        "\t  VALUES ($1) RETURNING id",
    ]


def default(error: Error) -> list[str]:
    return plain(error, f"{error.ms()} [{error.pid}] ")


def text(lines: list[str]) -> str:
    return "\n".join(lines) + "\n"


def carried(prefix: Callable[[Error], str]) -> Callable[[Error], str]:
    return lambda e: text([prefix(e) + line for line in default(e)])


def prefixed(prefix: Callable[[Error], str]) -> Callable[[Error], str]:
    return lambda e: text(plain(e, prefix(e)))


def records(record: Callable[[Error, str], object]) -> Callable[[Error], str]:
    return lambda e: text([json.dumps(record(e, line)) for line in default(e)])


def array(record: Callable[[Error, str], object], wrap: str = "") -> Callable[[Error], str]:
    def made(e: Error) -> str:
        rows = [record(e, line) for line in default(e)]
        return json.dumps({wrap: rows} if wrap else rows, indent=2)

    return made


def heroku(e: Error) -> str:
    """`heroku logs`; the fields are from a drain quoted in pganalyze's collector (input/system/heroku, its test)."""
    fields = (
        f'sql_error_code = 23505 time_ms = "{e.ms()}" pid="{e.pid}" proc_start_time="{e.since:%Y-%m-%d %H:%M:%S} UTC"'
        f' session_id="{e.session}" vtid="8/75647105" tid="2423517980" log_line="1" database="d1" '
        'connection_source="[local]" user="u1" application_name="sidekiq 6 app [6 of 16 busy]" '
    )
    lines = [
        *plain(e, fields)[:2],
        f"{fields}STATEMENT:  INSERT INTO customers (email) VALUES ($1)",
    ]
    return text([f"{e.at:%Y-%m-%dT%H:%M:%S}+00:00 app[postgres.{e.pid}]: [DATABASE] [11-{n}]  {line}" for n, line in enumerate(lines, 1)])  # fmt: skip


def heroku_drain(e: Error) -> str:
    return "".join(
        f"{len(line)} <132>1 {e.at:%Y-%m-%dT%H:%M:%S}+00:00 host app postgres.{e.pid} - {line.split(': ', 1)[1]}\n"
        for line in heroku(e).splitlines()
    )


def syslog(e: Error, head: str, tab: str = "#011") -> str:
    lines = plain(e, "")
    lines[2:] = [
        "STATEMENT:  INSERT INTO customers (email)",
        f"{tab}  VALUES ($1)",
        " RETURNING id",
    ]
    return text([f"{head}[5-{n}] {line}" for n, line in enumerate(lines, 1)])


def rfc3164(e: Error, hours: float = 0) -> str:
    """What rsyslog writes by default; log_line_prefix is empty, as the manual advises for syslog."""
    return syslog(e, f"{e.at + timedelta(hours=hours):%b %e %H:%M:%S} db1 postgres[{e.pid}]: ")


def jsonlog(e: Error) -> dict[str, object]:
    """PostgreSQL 15's manual, 19.8.5."""
    return {
        "timestamp": e.ms(), "user": "app", "dbname": "shop", "pid": e.pid, "session_id": e.session, "line_num": 3,
        "session_start": f"{e.since:%Y-%m-%d %H:%M:%S} UTC", "vxid": "3/17", "txid": 0, "error_severity": "ERROR",
        "state_code": "23505", "message": e.message, "detail": e.detail, "statement": "INSERT INTO customers",
        "application_name": "shop", "backend_type": "client backend", "query_id": 0,
    }  # fmt: skip


def csvlog(e: Error, *names: str) -> str:
    """PostgreSQL 14's manual, 19.8.4; with names, as a copy of its table gives it."""
    row = [
        e.ms(), "app", "shop", e.pid, "10.0.0.1:45678", e.session, 3, "INSERT", f"{e.since:%Y-%m-%d %H:%M:%S} UTC", "3/17",
        0, "ERROR", "23505", e.message, e.detail, "", "", "", "", "INSERT INTO customers\n  (email)", "", "", "shop",
        "client backend", "", 0,
    ]  # fmt: skip
    out = io.StringIO()
    csv.writer(out).writerows([names, row] if names else [row])
    return out.getvalue()


CSV_NAMES = (
    "log_time", "user_name", "database_name", "process_id", "connection_from", "session_id", "session_line_num",
    "command_tag", "session_start_time", "virtual_transaction_id", "transaction_id", "error_severity", "sql_state_code",
    "message", "detail", "hint", "internal_query", "internal_query_pos", "context", "query", "query_pos", "location",
    "application_name", "backend_type", "leader_pid", "query_id",
)  # fmt: skip


def cloudnative(e: Error) -> str:
    """cloudnative-pg.io/documentation, Logging: csvlog's fields under `record`."""
    fields = dict(
        zip(CSV_NAMES, next(csv.reader(io.StringIO(csvlog(e), newline=""))), strict=False)
    )
    record = {"level": "info", "ts": e.iso(), "logger": "postgres", "msg": "record", "logging_pod": "c-1", "record": fields}  # fmt: skip
    return json.dumps(record) + "\n"


def azure(e: Error) -> str:
    """Azure Monitor, PostgreSQLLogs of a Flexible Server."""
    record = {
        "time": e.iso(), "resourceId": "/SUBSCRIPTIONS/1/X", "category": "PostgreSQLLogs", "operationName": "LogEvent",
        "properties": {
            "timestamp": e.ms(), "processId": e.pid, "errorLevel": "ERROR", "sqlerrcode": "23505", "detail": e.detail,
            "message": f"{e.seconds()}-{e.session}-ERROR:  {e.message}", "backend_type": "client backend",
        },
    }  # fmt: skip
    return json.dumps({"records": [record]})


def azure_table(e: Error) -> str:
    """Azure Monitor's table PGSQLServerLogs, exported as CSV."""
    out = io.StringIO()
    csv.writer(out).writerows(
        [
            ("TimeGenerated", "ErrorLevel", "SqlErrorCode", "ProcessId", "Message", "Detail"),
            (e.iso(), "ERROR", "23505", e.pid, e.message, e.detail),
        ]
    )
    return out.getvalue()


def supabase_row(e: Error) -> dict[str, object]:
    """Supabase's Logs Explorer: its result, downloaded."""
    parsed = {
        "error_severity": "ERROR",
        "sql_state_code": "23505",
        "detail": e.detail,
        "process_id": e.pid,
    }
    return {
        "event_message": e.message, "id": "6f1c0e9a", "identifier": "abcdefghijklmnopqrst",
        "timestamp": int(e.at.timestamp() * 1e6), "metadata": [{"host": "db", "parsed": [parsed]}],
    }  # fmt: skip


def supabase_csv(e: Error) -> str:
    row = supabase_row(e)
    out = io.StringIO()
    csv.writer(out).writerows([list(row), [json.dumps(v) if isinstance(v, list) else v for v in row.values()]])  # fmt: skip
    return out.getvalue()


def cloudwatch(e: Error, line: str) -> dict[str, object]:
    """`aws logs filter-log-events`."""
    at = int(e.at.timestamp() * 1000)
    return {
        "logStreamName": "shop.0",
        "timestamp": at,
        "message": line,
        "ingestionTime": at + 900,
        "eventId": "3",
    }


def insights(e: Error) -> str:
    """`aws logs get-query-results`."""
    row = [
        {"field": "@timestamp", "value": e.ms("")},
        {"field": "@message", "value": text(default(e))},
    ]
    return json.dumps({"results": [row], "status": "Complete"})


def cloudsql(e: Error, line: str) -> dict[str, object]:
    """`gcloud logging read --format=json`; the line is from a test of GoogleCloudPlatform/khi."""
    line = line.replace(f"[{e.pid}] ", f"[{e.pid}]: [2-1] db=shop,user=app ")
    return {"insertId": "2#1", "logName": "projects/p/logs/cloudsql.googleapis.com%2Fpostgres.log", "textPayload": line, "timestamp": e.iso(), "resource": {"labels": {"database_id": "p:shop"}}}  # fmt: skip


def journal(e: Error, line: str) -> dict[str, object]:
    """`journalctl -o json`: what is not plain text is an array of bytes (systemd, Journal JSON Format)."""
    return {"__REALTIME_TIMESTAMP": str(int(e.at.timestamp() * 1e6)), "_PID": str(e.pid), "SYSLOG_IDENTIFIER": "postgres", "MESSAGE": list(line.encode())}  # fmt: skip


def cri_parts(e: Error) -> str:
    """The container runtime's file, whose long lines are in parts (kubernetes/design-proposals, CRI logging)."""
    head = f"{e.iso()} stderr"
    return text([f"{head} P {line[:40]}\n{head} F {line[40:]}" for line in default(e)])


def docker_parts(e: Error) -> str:
    """Docker's json-file, which cuts at 16 KiB: the last part ends with a line break."""
    out = []
    for line in default(e):
        out += [{"log": line[:50], "stream": "stderr", "time": e.iso()}, {"log": line[50:] + "\n", "stream": "stderr", "time": e.iso()}]  # fmt: skip
    return text([json.dumps(one) for one in out])


SHAPES: dict[str, Callable[[Error], str]] = {
    # log_line_prefix: PostgreSQL's manual, 19.8.3, and the defaults of Debian and of hosts
    "%m [%p] ": prefixed(lambda e: f"{e.ms()} [{e.pid}] "),
    "%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ": prefixed(lambda e: f"{e.seconds()} [{e.pid}]: [3-1] user=app,db=shop,app=shop,client=10.0.0.1 "),
    "%m [%p] %q%u@%d/%a ": prefixed(lambda e: f"{e.ms()} [{e.pid}] app@shop/my shop "),
    "rds %t:%r:%u@%d:[%p]:": prefixed(lambda e: f"{e.seconds()}:10.0.0.1(45678):app@shop:[{e.pid}]:"),
    "alloy %m|%u|%d|%r|%p|%l|%e|%s|%v|%x|%c|%i|%P|%a|%Q|": prefixed(lambda e: f"{e.ms()}|app|shop|10.0.0.1(45678)|{e.pid}|3|23505|{e.since:%Y-%m-%d %H:%M:%S} UTC|3/17|0|{e.session}|INSERT||shop|-42|"),
    "%s after %m": prefixed(lambda e: f"{e.ms()} [{e.pid}] {e.since:%Y-%m-%d %H:%M:%S} UTC "),
    "%s before %t": prefixed(lambda e: f"{e.since:%Y-%m-%d %H:%M:%S} UTC {e.seconds()} {e.pid} "),
    "%n [%p]": prefixed(lambda e: f"{e.at.timestamp():.3f} [{e.pid}] "),
    "%c %v %e %m": prefixed(lambda e: f"{e.session} 3/17 23505 {e.ms()} "),
    "aiven": prefixed(lambda e: f"[{e.pid}-1] pid={e.pid},user=app,db=shop,app=[unknown],client=10.0.0.1 {e.ms()} "),
    "azure %t-%c-": prefixed(lambda e: f"{e.seconds()}-{e.session}-"),
    "zalando %t [%p]: [%l-1] %c %x %d %u %a %h ": prefixed(lambda e: f"{e.seconds()} [{e.pid}]: [3-1] {e.session} 0 shop app shop 10.0.0.1 "),
    "<%m>": prefixed(lambda e: f"<{e.ms()}>"),
    "CET": prefixed(lambda e: f"{e.ms('CET', 1)} [{e.pid}] "),
    "-03": prefixed(lambda e: f"{e.ms('-03', -3)} [{e.pid}] "),
    "WIB": prefixed(lambda e: f"{e.ms('WIB', 7)} [{e.pid}] "),
    "neon": prefixed(lambda e: f"PG:{e.ms('GMT')} ttid=0f1e/2d3c sqlstate=23505 [{e.pid}] "),
    "digitalocean": prefixed(lambda e: f"{e.ms()} [{e.pid}] [16-1] pid={e.pid},user=app,db=shop,app=[unknown],client=10.0.0.1 "),
    "+0545": prefixed(lambda e: f"{e.ms('+0545', 5.75)} [{e.pid}] "),
    "AEDT, in front": prefixed(lambda e: f"app@shop {e.pid} {e.ms('AEDT', 11)}: "),
    "pgbadger's": prefixed(lambda e: f"{e.seconds()} [{e.pid}]: db=shop,user=app,app=shop,client=10.0.0.1 "),
    # containers
    "compose, before": carried(lambda e: "db_1   | "),
    "stern": carried(lambda e: "shop-db-0 postgres "),
    "grafana": lambda e: 'Common labels: {"app":"db"}\nLine limit: 1000\n\n' + text([f"{e.iso()}\t{line}" for line in default(e)]),
    "docker -t": carried(lambda e: f"{e.iso()} "),
    "compose": carried(lambda e: "db-1  | "),
    "compose -t": carried(lambda e: f"db-1  | {e.iso()} "),
    "compose in colours": carried(lambda e: "\x1b[36mdb-1  | \x1b[0m"),
    "kubectl": carried(lambda e: f"[pod/shop-db-0/postgres] {e.iso()} "),
    "cri": carried(lambda e: f"{e.iso()} stderr F "),
    "cri in parts": cri_parts,
    "docker json": records(lambda e, line: {"log": line + "\n", "stream": "stderr", "time": e.iso()}),
    "docker json in parts": docker_parts,
    # syslog and journals
    "rfc 5424": lambda e: syslog(e, f"<134>1 {e.iso()} db1 postgres {e.pid} - - "),
    "rsyslog iso": lambda e: syslog(e, f"{e.iso()} db1 postgres[{e.pid}]: "),
    "journalctl short-iso": carried(lambda e: f"{e.at:%Y-%m-%dT%H:%M:%S}+0000 db1 postgres[{e.pid}]: "),
    "journalctl short-full": carried(lambda e: f"{e.at:%a %Y-%m-%d %H:%M:%S} UTC db1 postgres[{e.pid}]: "),
    "journalctl json": records(journal),
    "journalctl, pretty": lambda e: text([json.dumps(journal(e, line), indent=8) for line in default(e)]),
    # hosts
    "papertrail": lambda e: heroku(e).replace(f"{e.at:%Y-%m-%dT%H:%M:%S}+00:00 app[postgres.{e.pid}]", f"{e.at:%b %e %H:%M:%S} shop app/postgres.{e.pid}"),
    "railway": array(lambda e, line: {"message": line, "severity": "error", "timestamp": e.iso()}),
    "datadog csv": lambda e: text(["Date,Host,Service,Content", *(f'{e.iso()},h,db,"{line.replace(chr(34), chr(34) * 2)}"' for line in default(e))]),
    "gcloud csv": lambda e: text(["timestamp,severity,textPayload", *(f'{e.iso()},ERROR,"{line.replace(chr(34), chr(34) * 2)}"' for line in default(e))]),
    "heroku": heroku,
    "heroku drain": heroku_drain,
    "rds, aws logs tail": carried(lambda e: f"{e.iso()} shop.0 "),
    "cloudwatch": array(cloudwatch, "events"),
    "cloudwatch, bare": array(cloudwatch),
    "cloudwatch insights": insights,
    "aws rds download-db-log-file-portion": lambda e: json.dumps({"LogFileData": text(default(e)), "Marker": "1"}),
    "cloud sql": array(cloudsql),
    "cloud sql, lines": records(cloudsql),
    "azure": azure,
    "azure table": azure_table,
    "fly": carried(lambda e: f"{e.at:%Y-%m-%dT%H:%M:%S}Z app[e286de4f711e86] ams [info]"),
    "render": carried(lambda e: f"{e.iso()} "),
    "supabase api": lambda e: json.dumps({"result": [supabase_row(e)], "error": None}),
    "supabase explorer": lambda e: json.dumps([supabase_row(e)], indent=2),
    "supabase csv": supabase_csv,
    # fields
    "jsonlog": lambda e: json.dumps(jsonlog(e)) + "\n",
    "jsonlog in compose": lambda e: f"db-1  | {json.dumps(jsonlog(e))}\n",
    "csvlog": csvlog,
    "csvlog, \\copy": lambda e: csvlog(e, *CSV_NAMES),
    "cloudnativepg": cloudnative,
    "vector": records(lambda e, line: {"message": line, "source_type": "docker_logs", "container_name": "db", "timestamp": e.iso()}),
    "fluentd": records(lambda e, line: {"log": line, "kubernetes": {"pod_name": "db-0"}, "@timestamp": e.iso()}),
    "loki": lambda e: json.dumps({"status": "success", "data": {"resultType": "streams", "result": [{"stream": {"app": "db"}, "values": [[str(int(e.at.timestamp() * 1e9)), line] for line in default(e)]}]}}),
    "logcli jsonl": records(lambda e, line: {"labels": {"app": "db"}, "line": line, "timestamp": e.iso()}),
}  # fmt: skip
DOUBTFUL: dict[str, Callable[[Error], str]] = {
    "no zone": prefixed(lambda e: f"{e.ms('', 5.5)} [{e.pid}] "),
    "IST": prefixed(lambda e: f"{e.ms('IST', 5.5)} [{e.pid}] "),
    "CST": prefixed(lambda e: f"{e.ms('CST', 8)} [{e.pid}] "),
    "syslog": lambda e: rfc3164(e, 2),
}
"""Shapes whose zone is not known."""


def looked_up(path: Path, log: str, key: str = "") -> LogAnswer:
    path.write_text(log)
    wanted = Wanted(
        AT - timedelta(seconds=0.2), AT + timedelta(seconds=0.1), keys=(key,) if key else ()
    )
    return find_error(ServerLog(str(path), whole=True).entries(wanted), wanted)


def joined(name: str, one: str, other: str) -> str:
    """Two errors in one log: documents and tables hold both."""
    if one.startswith("[\n"):
        return json.dumps([*json.loads(one), *json.loads(other)], indent=2)
    if name in ("azure table", "supabase csv", "csvlog, \\copy", "datadog csv", "gcloud csv"):
        return one + other.partition("\n")[2]
    return one + other


@pytest.mark.parametrize("name", [*SHAPES, *DOUBTFUL])
def test_the_error_is_found_by_its_key(tmp_path: Path, name: str) -> None:
    shape = {**SHAPES, **DOUBTFUL}[name]
    told = looked_up(tmp_path / "log", shape(Error()), MINE)
    assert told.error is not None, told.reason
    assert (told.how, told.error.sqlstate, told.error.constraint_name) == (How.KEY, "23505", "customers_email_key")  # fmt: skip
    assert told.error.message_detail == f"Key (email)=({MINE}) already exists."
    (entry,) = told.entries
    assert entry.at is not None
    assert abs(entry.at - AT) < timedelta(seconds=1)


@pytest.mark.parametrize("name", SHAPES)
def test_the_error_is_found_by_its_time_as_a_possible_cause(tmp_path: Path, name: str) -> None:
    told = looked_up(tmp_path / "log", SHAPES[name](Error(email=NOBODY)))
    assert told.how is How.TIME, told.reason
    assert {error.constraint_name for error in told.errors} == {"customers_email_key"}


@pytest.mark.parametrize("name", [*SHAPES, *DOUBTFUL])
def test_the_error_of_another_customer_is_not_taken(tmp_path: Path, name: str) -> None:
    shape = {**SHAPES, **DOUBTFUL}[name]
    told = looked_up(tmp_path / "log", shape(Error(email=THEIRS)), MINE)
    assert told.errors == (), told.reason


@pytest.mark.parametrize("name", [*SHAPES, *DOUBTFUL])
def test_an_error_of_another_time_is_not_taken(tmp_path: Path, name: str) -> None:
    shape = {**SHAPES, **DOUBTFUL}[name]
    # a session that began with the request, and failed forty minutes later
    later = Error(at=AT + timedelta(minutes=40), since=AT, email=NOBODY)
    told = looked_up(tmp_path / "log", shape(later))
    assert told.errors == (), told.reason


@pytest.mark.parametrize("name", [name for name in SHAPES if "loki" not in name])
def test_ours_is_told_apart_from_anothers_in_one_log(tmp_path: Path, name: str) -> None:
    other = Error(at=AT - timedelta(milliseconds=40), pid=4712, email=THEIRS, rule="orders_ck")
    one, two = SHAPES[name](other), SHAPES[name](Error())
    if one.startswith("{\n") or (one.startswith("{") and "\n" not in one):
        pytest.skip("one document holds one error here")
    told = looked_up(tmp_path / "log", joined(name, one, two), MINE)
    assert told.error is not None, told.reason
    assert (told.how, told.error.constraint_name) == (How.KEY, "customers_email_key")


def test_a_doubtful_zone_is_read_by_the_runs_own_requests_and_said(tmp_path: Path) -> None:
    ours, other = Error(), replace(Error(), email=NOBODY, rule="orders_ck", pid=9)
    path = tmp_path / "log"
    path.write_text(DOUBTFUL["no zone"](ours) + DOUBTFUL["no zone"](other))
    log = ServerLog(str(path), whole=True)
    wanted = Wanted(AT, AT + timedelta(seconds=1), keys=(MINE,))
    first, second = log.entries(wanted)
    assert first.at == second.at == AT
    assert "its times read as UTC+05:30 by this run's own requests" in log.name


def test_a_stamp_that_steps_back_is_a_sessions_start(tmp_path: Path) -> None:
    def shape(error: Error) -> str:
        return text(plain(error, f"{error.since:%Y-%m-%d %H:%M:%S} UTC [{error.pid}] "))

    old = Error(at=AT - timedelta(minutes=1), since=AT + timedelta(minutes=-2), pid=1, email=NOBODY)
    late = Error(at=AT + timedelta(minutes=40), since=AT, pid=2, email=NOBODY)
    log = shape(replace(old, since=AT + timedelta(minutes=3))) + shape(late)
    told = looked_up(tmp_path / "log", log)
    assert told.errors == (), told.reason
