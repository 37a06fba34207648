"""Which reader a line of a log is given to, where lines of PostgreSQL and of an application are mixed."""

from __future__ import annotations

import json

import pytest

from smoke.logs.entry import LogKind
from smoke.logs.readers import read_log, reader_of

PLAIN = '2026-11-20 12:00:00.100 UTC [11] ERROR:  duplicate key value violates unique constraint "jobs_uq"'
JSONLOG = json.dumps({"timestamp": "2026-11-20 12:00:00 UTC", "error_severity": "ERROR", "message": "x"})  # fmt: skip
CSVLOG = '2026-11-20 12:00:00.100 UTC,"u","shop",1,"h",s.1,1,"INSERT",2026-11-20 11:00:00 UTC,3/4,0,ERROR,23505,"a\nb",,,,,,"INSERT",,,"app"'


@pytest.mark.parametrize(
    ("sample", "name"),
    [
        (PLAIN, "PostgreSQL's log"),
        (JSONLOG, "PostgreSQL's log (jsonlog)"),
        (CSVLOG, "PostgreSQL's log (csvlog)"),
        (json.dumps({"log": PLAIN + "\n", "stream": "stderr"}), "PostgreSQL's log"),
        (json.dumps({"level": "info", "message": PLAIN}), "PostgreSQL's log"),
        ('{"level": 50, "msg": "boom"}\n' * 3 + PLAIN, "application's log"),
        ("[error] boom\n  at x.js:1", "application's log"),
        ("GET / 200\n" * 9, "application's log"),
        ("E, [2026-11-20T12:00:00 #11] ERROR -- : PG::UniqueViolation: ERROR:  duplicate key", "application's log"),
        # Spring's logger names the server's message in its own line
        ('2026-11-20 12:00:00.100 ERROR 11 --- [exec-1] o.h.e.j.s.SqlExceptionHelper : ERROR: duplicate key value violates unique constraint "jobs_uq"', "application's log"),
        ("", None),
    ],
)  # fmt: skip
def test_a_log_is_recognised_by_what_it_holds(sample: str, name: str | None) -> None:
    reader = reader_of(sample)
    assert (reader.name if reader else None) == name


def test_each_line_of_a_mixed_log_goes_to_its_own_reader() -> None:
    text = "\n".join(
        [
            "db-1  | " + PLAIN,
            'web-1  | {"level": 50, "msg": "duplicate key value"}',
            "web-1  | [error] boom",
            "db-1  | \tsecond line",
            "web-1  |   at handler (x.js:1)",
            CSVLOG,
            JSONLOG,
        ]
    )
    entries = read_log(text)
    told = {(entry.kind, entry.line): entry.message for entry in entries}
    assert told[LogKind.POSTGRES, 1].endswith('"jobs_uq"\nsecond line')
    assert told[LogKind.POSTGRES, 6] == "a\nb"
    assert [line for kind, line in told if kind is LogKind.APPLICATION] == [2, 3]
    assert told[LogKind.APPLICATION, 3] == "[error] boom\n  at handler (x.js:1)"
