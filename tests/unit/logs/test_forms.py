"""A server's log as hosts, containers and languages write it, and errors that are somebody else's."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from smoke.logs.entry import LogEntry
from smoke.logs.labelled import read_supabase
from smoke.logs.match import How, LogAnswer, Wanted, find_error
from smoke.logs.readers import read_log
from smoke.logs.zones import instant as moment

AT = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
STAMP = "2026-11-20 12:00:00.100 UTC"
MESSAGE = 'duplicate key value violates unique constraint "jobs_uq"'
DETAIL = "Key (a, b)=(1, x) already exists."
PLAIN = [
    f"{STAMP} [11] ERROR:  {MESSAGE}",
    f"{STAMP} [11] DETAIL:  {DETAIL}",
    f"{STAMP} [11] STATEMENT:  INSERT INTO jobs",
    "\tVALUES ($1)",
]
MINE, THEIRS = "smoke.ada.abcdefghjkmn@example.com", "smoke.ben.pqrstuvwxyz2@example.com"


def found(text: str, *, ids: tuple[str, ...] = (), keys: tuple[str, ...] = ()) -> LogAnswer:
    wanted = Wanted(AT, AT + timedelta(seconds=0.2), ids=ids, keys=keys)
    return find_error(read_log(text), wanted)


def carried(prefix: str) -> str:
    return "\n".join(prefix + line for line in PLAIN)


@pytest.mark.parametrize(
    "text",
    [
        carried(""),
        carried("db-1  | "),
        carried("2026-11-20T12:00:00.123456789Z "),
        carried("2026-11-20T12:00:00.123456789Z stderr F "),
        "\n".join(json.dumps({"log": line + "\n", "stream": "stderr"}) for line in PLAIN),
        "\r\n".join(PLAIN),
    ],
    ids=["plain", "compose", "docker-t", "kubernetes", "docker-files", "crlf"],
)
def test_what_carries_the_lines_does_not_matter(text: str) -> None:
    answer = found(text)
    assert answer.error is not None, answer.reason
    assert (answer.error.sqlstate, answer.error.constraint_name) == ("23505", "jobs_uq")
    assert answer.error.columns == ("a", "b")
    assert answer.entries[0].at == AT + timedelta(milliseconds=100)
    assert answer.entries[0].statement == "INSERT INTO jobs\nVALUES ($1)"


@pytest.mark.parametrize(
    ("error", "detail"),
    [
        (
            "FEHLER:  doppelter Schlüsselwert verletzt Unique-Constraint »jobs_uq«",
            "DETAIL:  Schlüssel »(a, b)=(1, x)« existiert bereits.",
        ),
        (
            "ERREUR:  la valeur d'une clé dupliquée rompt la contrainte unique « jobs_uq »",
            "DÉTAIL:  La clé « (a, b)=(1, x) » existe déjà.",
        ),
        (
            'ОШИБКА:  повторяющееся значение ключа нарушает ограничение уникальности "jobs_uq"',
            'ПОДРОБНОСТИ:  Ключ "(a, b)=(1, x)" уже существует.',
        ),
    ],
    ids=["de", "fr", "ru"],
)
def test_a_log_in_another_language_is_read(error: str, detail: str) -> None:
    answer = found(f"{STAMP} [11] {error}\n{STAMP} [11] {detail}\n")
    assert answer.error is not None, answer.reason
    assert (answer.error.sqlstate, answer.error.constraint_name) == ("23505", "jobs_uq")
    assert "(1, x)" in (answer.error.message_detail or "")


def test_a_severity_of_a_csvlog_is_translated_too() -> None:
    row = f'{STAMP},"u","shop",1,"h",s.1,1,"INSERT",{STAMP},3/4,0,FEHLER,23505,"{{}}",,,,,,"INSERT\nINTO jobs",,,"app"'
    text = row.format(MESSAGE.replace('"', '""'))
    assert found(text).error is not None


def test_a_csvlog_that_begins_within_a_statement_is_read() -> None:
    row = f'{STAMP},"u","shop",1,"h",s.1,1,"INSERT",{STAMP},3/4,0,ERROR,23505,"{{}}",,,,,,"INSERT",,,"app"'
    text = 'values (1)",,,"app"\n' + row.format(MESSAGE.replace('"', '""')) + "\n"
    answer = found(text)
    assert answer.error is not None
    assert answer.error.constraint_name == "jobs_uq"


def test_a_jsonlog_behind_lines_of_the_start_is_read() -> None:
    entry = {
        "timestamp": STAMP,
        "error_severity": "ERROR",
        "state_code": "23505",
        "message": MESSAGE,
    }
    text = f"{STAMP} [1] LOG:  redirecting log output\n{json.dumps(entry)}\n"
    assert found(text).error is not None
    operator = {"level": "info", "logger": "postgres", "record": {"log_time": STAMP, **entry}}
    assert found(json.dumps(operator)).error is not None


def test_a_statement_that_ends_with_json_stays_a_statement() -> None:
    text = f'{PLAIN[0]}\n{STAMP} [11] STATEMENT:  SELECT \'{{"a": 1}}\'::jsonb || {{"b":1}}\n'
    (entry,) = read_log(text)
    assert entry.statement.endswith('{"b":1}')


def test_the_error_of_another_customer_is_not_taken_by_time() -> None:
    text = f"{STAMP} [11] ERROR:  {MESSAGE}\n{STAMP} [11] DETAIL:  Key (email)=({THEIRS}) already exists.\n"
    answer = found(text, keys=(MINE,))
    assert answer.errors == ()
    assert "other requests" in answer.reason
    assert found(text, keys=(THEIRS,)).how is How.KEY


def test_the_error_of_another_exchange_of_the_same_order_is_not_taken() -> None:
    first = "6f1c0e9a-93d4-4c6f-8a51-0a1b2c3d4e5f"
    second = "0b7d5e2c-1f64-4a3b-9d8e-77665544aabb"
    text = f"{STAMP} [11] shop {first} ERROR:  {MESSAGE}\n{STAMP} [11] shop {first} DETAIL:  Key (email)=({MINE}) already exists.\n"
    assert found(text, ids=(second,), keys=(MINE,)).errors == ()
    assert found(text, ids=(first,), keys=(MINE,)).how is How.ID


def test_an_error_beside_the_request_is_not_taken_by_time() -> None:
    text = PLAIN[0].replace("12:00:00.100", "12:00:01.500")
    answer = found(text)
    assert answer.errors == ()
    assert "none while the request was answered" in answer.reason
    assert len(answer.entries) == 1
    # by a key it is: clocks differ
    assert found(text.replace("jobs_uq", MINE), keys=(MINE,)).how is How.KEY


def test_a_log_without_fractions_of_a_second_matches_by_time() -> None:
    text = PLAIN[0].replace("12:00:00.100", "11:59:59")
    assert found(text).error is not None


def test_a_trace_in_a_comment_of_a_statement_tells_whose_error_it_is() -> None:
    mine, other = ("00-" + digit * 32 + "-" + digit * 16 + "-01" for digit in "ab")
    text = f"{PLAIN[0]}\n{STAMP} [11] STATEMENT:  insert /*traceparent='{mine}'*/\n"
    assert found(text, ids=(mine,)).how is How.ID
    assert found(text, ids=(other,)).errors == ()


@pytest.mark.parametrize(
    "text", ["2026-13-40 12:00:00 UTC", "2026-11-20 12:00:00 +9999", "2026-11-20 12:00:00 CST", ""]
)
def test_no_moment_is_made_of_what_is_none(text: str) -> None:
    assert moment(text) is None


def test_an_answer_with_impossible_times_is_read() -> None:
    row = {"event_message": "x", "timestamp": 10**30, "error_severity": "ERROR"}
    assert read_supabase({"result": [row]}) == [LogEntry(severity="ERROR", message="x", line=1)]


@pytest.mark.parametrize(
    ("statement", "context", "table"),
    [
        ("INSERT INTO jobs (a) VALUES ($1)", "", "jobs"),
        ('insert into public."Jobs" select 1', "", "Jobs"),
        ("update only Jobs set a = 1", "", "jobs"),
        ("INSERT INTO orders VALUES (1)", "PL/pgSQL function enqueue() line 3", None),
        ("WITH x AS (SELECT 1) INSERT INTO jobs", "", None),
        ("SELECT place_order()", "", None),
    ],
)
def test_the_table_is_the_one_that_the_refused_statement_writes_to(
    statement: str, context: str, table: str | None
) -> None:
    fields = {"timestamp": STAMP, "error_severity": "ERROR", "message": MESSAGE}
    answer = found(json.dumps({**fields, "statement": statement, "context": context}))
    assert answer.error is not None
    assert answer.error.table_name == table


def test_equal_errors_count_as_one_however_many() -> None:
    lines = [
        line.replace("[11]", f"[{n}]").replace("(1, x)", f"({n}, x)")
        for n in range(300)
        for line in PLAIN[:2]
    ]
    answer = found("\n".join(lines))
    assert answer.error is not None
    assert answer.error.constraint_name == "jobs_uq"
    assert answer.error.columns == ("a", "b")
    assert answer.error.message_detail is None  # the row of each is another one
    assert answer.how is How.TIME
    assert "300 times" in answer.reason


def test_a_crowd_of_different_errors_gives_no_answer() -> None:
    answer = found("\n".join(PLAIN[0].replace("jobs_uq", f"jobs_{n}") for n in range(300)))
    assert answer.error is None
    assert "300 different errors" in answer.reason


def test_a_statement_of_many_lines_is_read_as_one() -> None:
    text = "\n".join([*PLAIN, *["\tmore"] * 5000, PLAIN[0].replace("[11]", "[12]")])
    first, second = sorted(read_log(text), key=lambda entry: entry.line)
    assert first.statement.count("\nmore") == 5000
    assert second.message == MESSAGE
