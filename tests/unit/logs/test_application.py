"""Logs of applications and platforms: what each shape tells of a request that failed, and of which request."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from smoke.logs.entry import LogEntry, LogKind
from smoke.logs.error import errors_of
from smoke.logs.readers import read_log
from smoke.logs.recognise import other as what_else
from smoke.model.dberror import DatabaseError
from tests.support.app_logs import FORMATS, Failure

AT = datetime(2026, 11, 20, 12, 0, 0, 123000, tzinfo=UTC)
MINE = Failure(AT, "4bf92f35-77b3-4da6-a3ce-929d0e0e4736", "smoke.ada.abcdefghjkmn@example.com")
THEIRS = Failure(
    AT + timedelta(seconds=30),
    "9c1185a5-c5e9-4fc5-8122-808977ee548e",
    "smoke.ben.pqrstuvwxyz2@example.com",
    "carts_uq",
    "carts",
)
NO_TIME = frozenset({"compose", "next"})
NO_ID = frozenset({"laravel", "django", "console", "supabase_js", "next"})
WITH_DETAIL = frozenset(FORMATS) - {
    "pino_http_drizzle", "bunyan", "zap", "zerolog", "slog", "slog_text", "cloudflare_tail", "workers_logs", "cloud_run",
    "go_panic", "elixir", "rust",
}  # fmt: skip


def told(text: str) -> list[tuple[LogEntry, DatabaseError]]:
    return [
        (entry, error)
        for entry in read_log(text)
        if entry.kind is LogKind.APPLICATION and entry.failed
        for error in errors_of(entry)[:1]
    ]


def of(failure: Failure, text: str) -> tuple[LogEntry, DatabaseError]:
    """The one entry that tells this request's error."""
    found = [pair for pair in told(text) if pair[1].constraint_name == failure.constraint]
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("order", ["first", "second"])
def test_each_shape_tells_the_error_and_whose_it_is(name: str, order: str) -> None:
    pair = (MINE, THEIRS) if order == "first" else (THEIRS, MINE)
    text = "\n".join(FORMATS[name](failure) for failure in pair) + "\n"
    for failure, other in (pair, pair[::-1]):
        entry, error = of(failure, text)
        assert error.sqlstate == "23505"
        if name not in NO_TIME:
            assert entry.at == failure.at
        if name not in NO_ID:
            assert any(failure.rid in held for held in entry.texts())
        assert not any(other.rid in held or other.email in held for held in entry.texts())
        if name in WITH_DETAIL:
            assert (error.message_detail or "").rstrip(".") == failure.detail.rstrip(".")
        assert error.citations
        assert {cited.part for cited in error.citations} == {f"log:{entry.line}"}


@pytest.mark.parametrize("name", FORMATS)
def test_every_error_entry_of_a_shape_is_of_that_request(name: str) -> None:
    """A stack trace that is cut into pieces would be errors of nobody."""
    if name in ("lambda_python", "rails", *NO_ID):
        return
    for entry, _ in told(FORMATS[name](MINE)):
        assert any(MINE.rid in held for held in entry.texts())


@pytest.mark.parametrize(
    ("name", "request_line"),
    [
        (name, ("POST", "/orders", 500))
        for name in ("pino_http_drizzle", "lograge", "vercel_drain", "vercel_cli", "cloudflare_tail", "workers_logs", "cloud_run")
    ]
    + [("heroku", ("POST", "/orders", 500)), ("slog_text", ("POST", "/orders", 0)), ("rails", ("POST", "/orders", 0))],
)  # fmt: skip
def test_the_request_of_an_entry_is_read(name: str, request_line: tuple[str, str, int]) -> None:
    entries = read_log(FORMATS[name](MINE))
    assert request_line in {(entry.method, entry.path, entry.status) for entry in entries}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('1.2.3.4 - - [20/Nov/2026:12:00:00 +0000] "POST /orders HTTP/1.1" 500 21 "-" "smoke"', ("POST", "/orders", 500)),
        ('INFO:     1.2.3.4:5678 - "POST /orders HTTP/1.1" 500 Internal Server Error', ("POST", "/orders", 500)),
        ('[20/Nov/2026 12:00:00] "POST /orders HTTP/1.1" 500 145', ("POST", "/orders", 500)),
        (" POST /orders?a=1 500 in 12ms", ("POST", "/orders?a=1", 500)),
        ("POST /orders 500 12.345 ms - 21", ("POST", "/orders", 500)),
        ('[GIN] 2026/11/20 - 12:00:00 | 500 | 1.2ms | 1.2.3.4 | POST     "/orders"', ("POST", "/orders", 500)),
        ("Request finished HTTP/1.1 POST http://shop.example/orders - 500 0 - 12.3ms", ("POST", "/orders", 500)),
        ("method=POST path=/orders format=html status=500 duration=12.3", ("POST", "/orders", 500)),
        ("GET /health 200 in 3ms", ("GET", "/health", 200)),
        ("order 500 was not placed", ("", "", 0)),
        ("POSTED /orders", ("", "", 0)),
    ],
)  # fmt: skip
def test_access_lines_are_read(line: str, expected: tuple[str, str, int]) -> None:
    entries = read_log(f"ready\n{line}")
    assert (entries[-1].method, entries[-1].path, entries[-1].status) == expected


def test_a_log_of_the_database_within_it_stays_the_databases() -> None:
    text = (
        f"web-1  | {MINE.iso} [error] order failed: {MINE.message}\n"
        f"db-1   | 2026-11-20 12:00:00.123 UTC [7] ERROR:  {MINE.message}\n"
        f"db-1   | 2026-11-20 12:00:00.123 UTC [7] DETAIL:  {MINE.detail}\n"
        "db-1   | 2026-11-20 12:00:00.123 UTC [7] STATEMENT:  INSERT INTO jobs\n"
        "db-1   | \tVALUES ($1)\n"
    )
    entries = read_log(text)
    assert [(entry.kind, entry.detail) for entry in entries] == [
        (LogKind.POSTGRES, MINE.detail),
        (LogKind.APPLICATION, ""),
    ]
    assert entries[0].statement == "INSERT INTO jobs\nVALUES ($1)"


@pytest.mark.parametrize(
    "text",
    ["{" * 100_000, "[" * 100_000, '{"a":' * 50_000, "\n" * 1000, "\x00\xff", "Traceback (most recent call last):\n" * 2000,
     '{"message":' + '"' + "(" * 60_000 + '"}', " at " * 50_000, "a=" * 50_000, '{"level":"' + "9" * 5000 + '"}',
     '{"time":1e400,"msg":"x"}', '{"time":-1,"msg":"x"}', '{"instant":{"epochSecond":99999999999999999999},"message":"x"}',
     '{"msg":{"msg":"x"}}', '{"message":null}', '{"level":null,"err":[]}'],
)  # fmt: skip
def test_whatever_a_log_holds_it_is_read(text: str) -> None:
    for entry in read_log(f"before\n{text}\n{FORMATS['pino'](MINE)}"):
        errors_of(entry)
    assert of(MINE, f"before\n{text}\n{FORMATS['pino'](MINE)}")


def test_a_line_of_klog_has_a_severity_and_no_year() -> None:
    said = 'ERROR: duplicate key value violates unique constraint \\"jobs_uq\\" (SQLSTATE 23505)'
    text = f'I1128 20:00:00.123456       1 order.go:9] "place"\nE1128 20:00:00.123456       1 order.go:10] "failed" err="{said}"\n'
    first, second = read_log(text)
    assert (first.severity, second.severity, second.at) == ("INFO", "ERROR", None)
    assert [error.sqlstate for error in errors_of(second)] == ["23505"]
    assert what_else(text.encode()) == ""
