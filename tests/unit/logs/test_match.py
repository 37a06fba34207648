"""Errors in a server's log: read from all its formats, and never somebody else's."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smoke.logs.entry import LogEntry
from smoke.logs.labelled import read_supabase
from smoke.logs.match import How, Wanted, find_error
from smoke.logs.readers import read_log

AT = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
MESSAGE = 'duplicate key value violates unique constraint "jobs_uq"'
DETAIL = "Key (a, b)=(1, x) already exists."

STDERR = f"""2026-11-20 12:00:00.100 UTC [11] app@shop demo-shop req_aaaaaaaa ERROR:  23505: {MESSAGE}
2026-11-20 12:00:00.101 UTC [22] app@shop demo-shop req_bbbbbbbb ERROR:  23514: new row for relation "orders" violates check constraint "orders_ck"
2026-11-20 12:00:00.102 UTC [11] app@shop demo-shop req_aaaaaaaa DETAIL:  {DETAIL}
2026-11-20 12:00:00.102 UTC [11] app@shop demo-shop req_aaaaaaaa SCHEMA NAME:  public
2026-11-20 12:00:00.102 UTC [11] app@shop demo-shop req_aaaaaaaa TABLE NAME:  jobs
2026-11-20 12:00:00.102 UTC [11] app@shop demo-shop req_aaaaaaaa CONSTRAINT NAME:  jobs_uq
2026-11-20 12:00:00.102 UTC [11] app@shop demo-shop req_aaaaaaaa LOCATION:  _bt_check_unique, nbtinsert.c:666
2026-11-20 12:00:00.103 UTC [22] app@shop demo-shop req_bbbbbbbb STATEMENT:  INSERT INTO orders
\tVALUES (1)
2026-11-20 12:00:00.104 UTC [11] app@shop demo-shop req_aaaaaaaa STATEMENT:  INSERT INTO jobs VALUES ($1)
2026-11-20 12:00:01.000 UTC [9] LOG:  checkpoint complete
"""


def entry(message: str, state: str, application: str, *, seconds: float = 0.1) -> dict[str, object]:
    at = AT + timedelta(seconds=seconds)
    return {
        "timestamp": at.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3] + " UTC",
        "user": "app",
        "dbname": "shop",
        "pid": 11,
        "session_id": "s1",
        "vxid": "3/4",
        "error_severity": "ERROR",
        "state_code": state,
        "message": message,
        "detail": DETAIL,
        "application_name": application,
    }


def wanted(**changed: object) -> Wanted:
    fields: dict[str, object] = {
        "started": AT,
        "finished": AT + timedelta(seconds=1),
        "ids": ("req_aaaaaaaa",),
        **changed,
    }
    return Wanted(**fields)  # type: ignore[arg-type]  # names and types are the dataclass's


def as_csv(fields: dict[str, object]) -> str:
    order = [
        "timestamp",
        "user",
        "dbname",
        "pid",
        "x",
        "session_id",
        "n",
        "ps",
        "st",
        "vxid",
        "tx",
        "error_severity",
        "state_code",
        "message",
        "detail",
        "hint",
        "q",
        "p",
        "context",
        "statement",
        "pos",
        "loc",
        "application_name",
        "backend",
        "leader",
        "query_id",
    ]
    out = io.StringIO()
    csv.writer(out).writerow([fields.get(name, "") for name in order])
    return out.getvalue()


@pytest.mark.parametrize(
    "text",
    [
        STDERR,
        json.dumps(entry(MESSAGE, "23505", "demo-shop req_aaaaaaaa")) + "\n{torn",
        as_csv(entry(MESSAGE, "23505", "demo-shop req_aaaaaaaa")),
    ],
    ids=["stderr", "jsonlog", "csvlog"],
)
def test_every_format_gives_the_same_error(text: str) -> None:
    answer = find_error(read_log(text), wanted())
    assert answer.error is not None
    assert answer.error.sqlstate == "23505"
    assert answer.error.constraint_name == "jobs_uq"
    assert answer.error.message_detail == DETAIL
    assert answer.error.dialect == "log"
    assert answer.error.citations == ()
    assert answer.how is How.ID


def test_lines_of_two_sessions_do_not_mix() -> None:
    first, second, _ = sorted(read_log(STDERR), key=lambda e: e.line)
    assert (first.constraint, first.table, first.detail) == ("jobs_uq", "jobs", DETAIL)
    assert second.statement == "INSERT INTO orders\nVALUES (1)"
    assert second.constraint == ""


def test_two_interleaved_runs_keep_their_own_errors() -> None:
    ours = find_error(read_log(STDERR), wanted())
    theirs = find_error(read_log(STDERR), wanted(ids=("req_bbbbbbbb",)))
    assert ours.error is not None
    assert theirs.error is not None
    assert (ours.error.sqlstate, theirs.error.sqlstate) == ("23505", "23514")


def test_the_error_of_another_request_is_not_taken_when_ours_is_missing() -> None:
    answer = find_error(read_log(STDERR), wanted(ids=("req_cccccccc",)))
    assert answer.errors == ()
    assert "other requests" in answer.reason


def test_without_an_id_different_errors_of_the_time_are_ambiguous() -> None:
    answer = find_error(read_log(STDERR), wanted(ids=()))
    assert answer.error is None
    assert len(answer.errors) == 2
    assert "not known which" in answer.reason


def test_the_same_error_of_two_requests_is_one_error_without_anybodys_values() -> None:
    text = "\n".join(
        json.dumps({**entry(MESSAGE, "23505", "app"), "detail": f"Key (a)=({n}) already exists."})
        for n in (1, 2)
    )
    answer = find_error(read_log(text), wanted(ids=()))
    assert answer.error is not None
    assert answer.error.constraint_name == "jobs_uq"
    assert answer.error.message_detail is None
    assert answer.how is How.TIME


def test_an_order_key_decides_as_a_whole_word_only() -> None:
    one = {**entry(MESSAGE, "23505", "app"), "statement": "insert into o values ('order-12')"}
    two = {
        **entry(MESSAGE, "23514", "app"),
        "statement": "insert into o values ('order-1')",
        "vxid": "3/5",
    }
    text = json.dumps(one) + "\n" + json.dumps(two)
    answer = find_error(read_log(text), wanted(ids=(), keys=("order-1",)))
    assert answer.how is How.KEY
    assert answer.error is not None
    assert answer.error.sqlstate == "23514"


def test_a_key_in_another_line_of_the_same_transaction_decides() -> None:
    logged = {**entry("statement: insert", "00000", "app"), "error_severity": "LOG"}
    logged["statement"] = "insert into o values ('order-1')"
    failed = entry(MESSAGE, "23505", "app")
    other = {**entry(MESSAGE, "23514", "app"), "vxid": "3/5"}
    text = "\n".join(json.dumps(line) for line in (logged, failed, other))
    answer = find_error(read_log(text), wanted(ids=(), keys=("order-1",)))
    assert answer.error is not None
    assert answer.error.sqlstate == "23505"


def test_an_error_outside_the_time_or_the_application_is_not_ours() -> None:
    late = json.dumps(entry(MESSAGE, "23505", "demo-shop req_aaaaaaaa", seconds=60))
    assert find_error(read_log(late), wanted(ids=())).errors == ()
    assert find_error(read_log(late), wanted()).how is How.ID  # an id is no matter of clocks
    other = json.dumps(entry(MESSAGE, "23505", "worker"))
    assert find_error(read_log(other), wanted(ids=(), application="demo-shop")).errors == ()


def test_a_log_in_an_unknown_time_zone_does_not_match_by_time() -> None:
    text = json.dumps({**entry(MESSAGE, "23505", "app"), "timestamp": "2026-11-20 12:00:00.1 CST"})
    answer = find_error(read_log(text), wanted(ids=()))
    assert answer.errors == ()
    assert "when" in answer.reason


def test_an_aborted_transaction_is_not_the_cause() -> None:
    text = "\n".join(
        [
            json.dumps(entry(MESSAGE, "23505", "demo-shop req_aaaaaaaa")),
            json.dumps(entry("current transaction is aborted", "25P02", "demo-shop req_aaaaaaaa")),
        ]
    )
    answer = find_error(read_log(text), wanted())
    assert answer.error is not None
    assert answer.error.sqlstate == "23505"


def test_supabase_answers_are_read_without_a_network() -> None:
    rows = {
        "result": [
            {
                "event_message": MESSAGE,
                "timestamp": int(AT.timestamp() * 1e6),
                "metadata": [
                    {
                        "parsed": [
                            {"error_severity": "ERROR", "sql_state_code": "23505", "detail": DETAIL}
                        ]
                    }
                ],
            },
            {"event_message": "connection authorized", "timestamp": 1, "error_severity": "LOG"},
            "nonsense",
        ]
    }
    (found,) = read_supabase(rows)
    assert (found.sqlstate, found.detail, found.at) == ("23505", DETAIL, AT)


@given(st.text(max_size=300))
def test_no_text_breaks_the_reader(text: str) -> None:
    """Any text gives a list of entries, whatever it is."""
    for prefix in ("", "{", "2026-11-20 12:00:00 UTC,,,,,,,,,,,,,,,,,,,,", "x ERROR:  "):
        assert all(isinstance(found, LogEntry) for found in read_log(prefix + text))
