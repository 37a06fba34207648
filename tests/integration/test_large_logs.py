"""Logs of any size, writing and way of growing, read in pieces."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from smoke.app.server_log import ServerLog
from smoke.diagnostic import SmokeError
from smoke.logs.match import How, LogAnswer, find_error
from smoke.logs.wanted import Wanted

AT = datetime(2026, 11, 20, 12, 7, 33, tzinfo=UTC)
MINE = "smoke.ada.abcdefghjkmn@example.com"
WANTED = Wanted(AT, AT + timedelta(seconds=1), keys=(MINE,))
BY_TIME = Wanted(AT, AT + timedelta(seconds=1))
UNIQUE = 'duplicate key value violates unique constraint "jobs_uq"'
CHECK = 'new row for relation "orders" violates check constraint "orders_ck"'


def line(at: datetime, text: str, pid: int = 11) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}.100 UTC [{pid}] {text}\n"


def failed(at: datetime = AT, email: str = MINE) -> str:
    return line(at, f"ERROR:  {UNIQUE}") + line(at, f"DETAIL:  Key (email)=({email}) already exists.")  # fmt: skip


def filler(
    size: int, since: datetime, text: str = "LOG:  duration: 1.2 ms  statement: select 1"
) -> str:
    one = line(since, text)
    return "".join(line(since + timedelta(seconds=n), text, n % 50) for n in range(size // len(one)))  # fmt: skip


def answer(path: Path, wanted: Wanted = WANTED) -> LogAnswer:
    return find_error(ServerLog(str(path), whole=True).entries(wanted), wanted)


def test_a_hole_of_gigabytes_is_stepped_over(tmp_path: Path) -> None:
    """A log that was cut while its writer kept its place begins with NULs that nobody wrote."""
    path = tmp_path / "log"
    path.touch()
    os.truncate(path, 8 * 1024**3)
    with path.open("a", encoding="utf-8") as file:
        file.write(failed())
    told = answer(path)
    assert told.how is How.KEY


@pytest.mark.parametrize("wanted", [WANTED, BY_TIME], ids=["key", "time"])
def test_the_error_in_the_middle_of_a_large_log_is_found_with_its_line(
    tmp_path: Path, wanted: Wanted
) -> None:
    before = filler(3_000_000, AT - timedelta(days=3))
    path = tmp_path / "log"
    ours = failed(email=MINE if wanted.keys else "nobody@example.net")
    path.write_text(before + ours + filler(3_000_000, AT + timedelta(minutes=1)))
    told = answer(path, wanted)
    assert told.error is not None, told.reason
    assert told.error.constraint_name == "jobs_uq"
    assert told.entries[0].line == before.count("\n") + 1
    assert told.how is (How.KEY if wanted.keys else How.TIME)


def test_another_error_in_a_large_log_is_not_taken(tmp_path: Path) -> None:
    path = tmp_path / "log"
    others = filler(3_000_000, AT - timedelta(days=3), f"ERROR:  {CHECK}")
    path.write_text(others + failed(AT - timedelta(hours=1), "someone@example.com") + others)
    assert answer(path).errors == ()
    assert answer(path, BY_TIME).errors == ()


def test_a_key_in_another_line_of_the_transaction_is_found_in_a_large_log(tmp_path: Path) -> None:
    prefix = f"{AT:%Y-%m-%d %H:%M:%S}.100 UTC [11] 3/77 "
    ours = f"{prefix}LOG:  execute <unnamed>: insert into customers values ('{MINE}')\n"
    error = f"{prefix}ERROR:  {UNIQUE}\n{prefix}STATEMENT:  INSERT INTO jobs\n\tVALUES ($1)\n"
    path = tmp_path / "log"
    others = filler(9_000, AT, "LOG:  statement: select 2")
    path.write_text(filler(3_000_000, AT - timedelta(days=3)) + ours + others + error + others)
    told = answer(path)
    assert (told.how, told.error and told.error.constraint_name) == (How.KEY, "jobs_uq")


def test_a_large_csvlog_whose_records_have_breaks_is_read(tmp_path: Path) -> None:
    def record(at: datetime, severity: str, message: str, statement: str) -> str:
        return f'{at:%Y-%m-%d %H:%M:%S}.100 UTC,"u","shop",1,"h",s.1,1,"INSERT",2026-11-20 11:00:00 UTC,3/4,0,{severity},23505,"{message}",,,,,,"{statement}",,,"app"\n'

    other = "".join(
        record(AT - timedelta(hours=9, seconds=n), "LOG", "statement", "select\n1,\n2")
        for n in range(15000)
    )
    path = tmp_path / "log.csv"
    path.write_text(other + record(AT, "ERROR", UNIQUE.replace('"', '""'), f"INSERT\n'{MINE}'\n") + other)  # fmt: skip
    told = answer(path)
    assert (told.how, told.error and told.error.constraint_name) == (How.KEY, "jobs_uq")


@pytest.mark.parametrize("indent", [2, 4])
def test_records_of_a_large_json_document_are_read(tmp_path: Path, indent: int) -> None:
    others = [
        {"insertId": str(n), "textPayload": line(AT - timedelta(minutes=n % 50), "LOG:  x"), "labels": {"a": {"b": n}}}
        for n in range(60_000)
    ]  # fmt: skip
    ours = [{"insertId": "x", "textPayload": text} for text in failed().splitlines()]
    path = tmp_path / "log.json"
    path.write_text(json.dumps([*others, *ours, *others[:9000]], indent=indent))
    told = answer(path)
    assert (told.how, told.error and told.error.constraint_name) == (How.KEY, "jobs_uq"), told.reason  # fmt: skip


@pytest.mark.parametrize(
    "written",
    [
        lambda text: text.encode("utf-16"),
        lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
        lambda text: gzip.compress(text.encode()),
        lambda text: gzip.compress(text[:100].encode()) + gzip.compress(text[100:].encode()),
        lambda text: b"\0" * 3_000_000 + text.encode(),
        lambda text: os.urandom(100_000) + b"\n" + text.encode(),
        lambda text: b"x" * 5_000_000 + b"\n" + text.encode(),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: b"\xef\xbb\xbf" + text.encode(),
    ],
    ids=["utf-16", "utf-16-be", "gzip", "two-gzips", "nuls", "garbage", "one-line", "crlf", "bom"],
)
@pytest.mark.parametrize("size", [0, 2_000_000])
def test_a_log_is_read_however_it_is_written(
    tmp_path: Path, written: Callable[[str], bytes], size: int
) -> None:
    path = tmp_path / "log"
    path.write_bytes(written(failed() + filler(size, AT + timedelta(minutes=1))))
    told = answer(path)
    assert (told.how, told.error and told.error.constraint_name) == (How.KEY, "jobs_uq"), told.reason  # fmt: skip


def test_a_file_is_followed_when_it_grows_is_cut_and_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text(failed() + filler(300_000, AT - timedelta(hours=1)))
    log = ServerLog(str(path))

    def found() -> list[str]:
        return [entry.message for entry in log.entries(WANTED) if entry.failed]

    assert found() == []  # it was there before the run
    with path.open("a") as file:
        file.write(line(AT, "ERROR:  one"))
    assert found() == ["one"]
    path.rename(tmp_path / "log.1")
    with (tmp_path / "log.1").open("a") as file:
        file.write(line(AT, "ERROR:  two"))
    path.write_text(line(AT, "ERROR:  three"))
    assert found() == ["one", "two", "three"]
    os.truncate(path, 0)
    assert found() == ["one", "two", "three"]
    with path.open("a") as file:
        file.write(line(AT, "ERROR:  4"))
    assert found() == ["one", "two", "three", "4"]


def test_what_a_log_that_is_cut_held_is_read_from_its_copy(tmp_path: Path) -> None:
    """As logrotate's copytruncate does it; a file beside it that is no copy is left alone."""
    path = tmp_path / "log"
    path.write_text(line(AT, "LOG:  one"))
    log = ServerLog(str(path))
    with path.open("a") as file:
        file.write(failed())
    log.entries(BY_TIME)
    (tmp_path / "log.old").write_text("x" * 100_000)
    (tmp_path / "log.1").write_bytes(path.read_bytes())
    os.truncate(path, 0)
    told = find_error(log.entries(WANTED), WANTED)
    assert told.how is How.KEY


def test_a_large_log_from_standard_input_is_read_for_every_exchange(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text(filler(20_000_000, AT - timedelta(days=9)) + failed() + filler(3_000_000, AT + timedelta(minutes=1)))  # fmt: skip
    code = """
from datetime import datetime, timedelta
from smoke.app.server_log import ServerLog
from smoke.diagnostic import SmokeError
from smoke.logs.wanted import Wanted
log = ServerLog("-", whole=True)
for key in ("smoke.ada.abcdefghjkmn@example.com", "nobody@example.com"):
    at = datetime.fromisoformat("2026-11-20T12:07:33+00:00")
    print(sum(e.failed for e in log.entries(Wanted(at, at + timedelta(seconds=1), keys=(key,)))))
"""
    with path.open("rb") as file:
        done = subprocess.run([sys.executable, "-c", code], stdin=file, capture_output=True, check=True)  # fmt: skip
    assert done.stdout.split() == [b"1", b"1"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b'1.2.3.4 - - [20/Nov/2026:12:07:33 +0000] "POST /orders HTTP/1.1" 500 21\n' * 9, "access log"),
        (b"", "is empty"),
        (b"Dear sir,\nno log at all.\n", "no entry of a log is recognised"),
        (os.urandom(5000), "binary data"),
        (b"{\x8b}" + os.urandom(5000), "binary data"),
    ],
    ids=["access", "empty", "letter", "random", "brace"],
)  # fmt: skip
def test_what_is_no_log_is_told_by_what_it_is(tmp_path: Path, data: bytes, words: str) -> None:
    path = tmp_path / "log"
    path.write_bytes(data)
    log = ServerLog(str(path), whole=True)
    assert find_error(log.entries(WANTED), WANTED).errors == ()
    assert words in log.hint


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "is no log: it is a picture (PNG)"),
        (b"<!DOCTYPE html><html><body>500</body></html>", "is no log: it is an HTML page"),
        (b"PK\x03\x04" + bytes(50), "is no log: it is a ZIP archive"),
    ],
    ids=["png", "html", "zip"],
)
@pytest.mark.parametrize("whole", [True, False])
def test_what_cannot_be_a_log_is_refused_at_once(
    tmp_path: Path, data: bytes, words: str, *, whole: bool
) -> None:
    path = tmp_path / "log"
    path.write_bytes(data)
    with pytest.raises(SmokeError, match=re.escape(words)):
        ServerLog(str(path), whole=whole)


def test_a_log_without_a_zone_that_is_being_written_is_read_by_the_clock(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("")
    log = ServerLog(str(path))
    now = datetime.now(UTC)
    local = now + timedelta(hours=5, minutes=45)
    path.write_text(f"{local:%Y-%m-%d %H:%M:%S.%f} [7] ERROR:  {UNIQUE}\n")
    wanted = Wanted(now, now + timedelta(seconds=1))
    (entry,) = log.entries(wanted)
    assert entry.at == now
    assert "read as UTC+05:45 by when it was written" in log.name
    assert find_error([entry], wanted).how is How.TIME
    # a file that is handed afterwards may have been copied: its age says nothing
    (entry,) = ServerLog(str(path), whole=True).entries(wanted)
    assert entry.at is None


@pytest.mark.parametrize("before", [0, 2_000_000])
def test_half_a_line_of_a_log_that_is_being_written_is_no_entry(
    tmp_path: Path, before: int
) -> None:
    path = tmp_path / "log"
    path.write_text("")
    log = ServerLog(str(path))
    whole = filler(before, AT - timedelta(days=1)) + failed()
    path.write_text(whole[:-150])
    assert not any(entry.failed for entry in log.entries(WANTED))
    path.write_text(whole)
    told = find_error(log.entries(WANTED), WANTED)
    assert told.error is not None, told.reason
    assert told.error.message_detail == f"Key (email)=({MINE}) already exists."
