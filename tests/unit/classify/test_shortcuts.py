"""The shortcuts of the classifier, which look at a text's words first, miss nothing that a search would find."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from smoke.classify import classify_response
from smoke.classify.messages import find_messages
from smoke.classify.sqlstate import CONDITIONS
from smoke.classify.unwrap.glimpse import Glimpse
from smoke.classify.unwrap.spots import regions

SIGNS = {
    "MySQL": (
        *("Duplicate entry 'x'", "ER_DUP_ENTRY", "com.mysql", "mysql2", "PyMySQL", "MySQLdb"),
        *("Mysql2::", "org.mariadb", "MariaDB", "pymysql", "SQLSTATE[23000]", "SQLSTATE[42S02]"),
        "You have an error in your SQL syntax; check the manual",
        "Cannot add or update a child row: a foreign key",
        "Deadlock found when trying to get lock",
        "Lock wait timeout exceeded",
        "Column 'a' cannot be null",
        'sqlState": "23000',
    ),
    "SQLite": (
        *("UNIQUE constraint failed", "SQLITE_CONSTRAINT", "sqlite3.", "SqliteError", "SQLite3::"),
        *("database is locked", "org.sqlite"),
    ),
    "MongoDB": ("E11000 duplicate key", "MongoServerError", "MongoError", "DuplicateKeyError"),
    "Oracle": ("ORA-00001", "oracle.jdbc", "OracleException"),
    "SQL Server": (
        *("Violation of UNIQUE KEY constraint", "Cannot insert duplicate key", "[Microsoft]["),
        *("SqlException (0x80131904)", "com.microsoft.sqlserver", "was deadlocked on lock"),
        "statement conflicted with the FOREIGN KEY constraint",
        "Cannot insert the value NULL into column",
    ),
    "DynamoDB": (
        *("ConditionalCheckFailedException", "TransactionCanceledException"),
        "ProvisionedThroughputExceeded",
    ),
    "Cassandra": ("com.datastax", "CassandraError"),
    "Redis": ("WRONGTYPE Operation", "ReplyError: ", "redis.exceptions"),
}


@pytest.mark.parametrize(
    ("name", "sign"), [(n, sign) for n, signs in SIGNS.items() for sign in signs]
)
@pytest.mark.parametrize("before", ["", "ł ", "z" * 40_000 + " "])
def test_every_sign_of_another_database_is_seen(name: str, sign: str, before: str) -> None:
    body = f"{before}it failed: {sign} in the shop".encode()
    (finding,) = classify_response(500, [("content-type", "text/plain; charset=utf-8")], body)
    assert finding.title == f"an error of {name}, not of PostgreSQL"


PIECES = st.sampled_from(
    [
        *("code", "Code", "STATE", "errno", "SqlState(E", "errcode", "\u017ftate", "codeé", "23505", "42P01"),
        *("40001", "23505x", ": ", "=", '": "', '\\": \\"', "[", "_", ".", "-", "\n", ",,,,,,,,,,,,,,", "漢字"),
        *("lorem ", "ipsum, ", "violation", "P2002", "Duplicate entry", "x" * 500),
    ]
)  # fmt: skip
LABELLED = re.compile(
    r"(?=(?i:code|state|errno|SqlState\(E)[^0-9A-Za-z\n]{1,12}(?<![_.-])([0-9A-Z]{5})(?![0-9A-Za-z_.-]))",
    re.ASCII,
)
LITERALS = ("violation", "P20", "Duplicate entry", "never there")


@settings(max_examples=150, deadline=None)
@example(gap=32_000, start=[], end=["codeé", "23505", "\u017ftate"], wide=False, dense=False)
@example(gap=32_000, start=[], end=["\u017ftate", ": ", "23505"], wide=False, dense=False)
@example(gap=32_000, start=[], end=["SqlState(E", "23505", ")"], wide=True, dense=True)
@example(gap=32_000, start=[], end=["SqlState(E", "23505", ")"], wide=True, dense=False)
@given(
    gap=st.integers(32_000, 34_000),
    wide=st.booleans(),
    dense=st.booleans(),
    start=st.lists(PIECES, max_size=8),
    end=st.lists(PIECES, max_size=12),
)
def test_codes_and_words_of_a_text_are_those_that_a_plain_search_finds(
    gap: int, start: list[str], end: list[str], *, wide: bool, dense: bool
) -> None:
    filler = "ab " * (gap // 3) + ("code " * 500 if dense else "")
    text = "".join(start) + ("é" if wide else " ") + filler + "".join(end)
    glimpse = Glimpse(text, LITERALS)
    find_messages(text, glimpse.met)
    found = [(code, at) for code, at in glimpse.labelled_codes() if code in CONDITIONS]
    assert found == sorted(
        {(match[1], match.start(1)) for match in LABELLED.finditer(text) if match[1] in CONDITIONS},
        key=lambda item: item[1],
    )
    for literal in LITERALS:
        assert glimpse.may_hold(literal) or literal not in text
    assert not glimpse.may_hold("never there")


def test_a_code_behind_a_label_is_a_spot_wherever_the_chunks_of_the_search_meet() -> None:
    for place in range(32_740, 32_800):
        text = "ab " * 100_000
        text = text[:place] + ' code: "23505" ' + text[place:] + "ab " * 100_000
        assert any(start <= place < end for start, end in regions(text)[1:]) or place < 64 * 1024
        glimpse = Glimpse(text, ())
        find_messages(text, glimpse.met)
        assert list(glimpse.labelled_codes()) == [("23505", place + 8)]
