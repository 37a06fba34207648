"""Errors of other databases: recognised, so that they are not taken for PostgreSQL's."""

from __future__ import annotations

import re

from smoke.classify._draft import Draft
from smoke.classify._view import View
from smoke.model.dberror import Certainty

_SIGNS: tuple[tuple[str, tuple[str, ...], re.Pattern[str]], ...] = (
    ("MySQL", ("Duplicate", "ER", "SQL", "sql", "Mysql", "foreign", "Deadlock", "mariadb", "MariaDB", "Lock", "Column"), re.compile(
        r"Duplicate entry '|\bER_[A-Z]{2,}_[A-Z_]+|You have an error in your SQL syntax; check the manual|com\.mysql|mysql2|PyMySQL|MySQLdb"
        r"|Cannot (?:add or update a child|delete or update a parent) row: a foreign key|Deadlock found when trying to get lock|org\.mariadb|Mysql2::"
        r"|SQLSTATE\[23000\]|SQLSTATE\[42S|Lock wait timeout exceeded|pymysql|MariaDB|Column '[^'\n]{1,64}' cannot be null|sqlState\W{1,6}23000")),
    ("SQLite", ("constraint", "SQLITE", "sqlite", "Sqlite", "SQLite", "locked"), re.compile(r"(?:UNIQUE|FOREIGN KEY|NOT NULL|CHECK) constraint failed|SQLITE_[A-Z]+|sqlite3\.|SqliteError|SQLite3::|database is locked|org\.sqlite")),
    ("MongoDB", ("duplicate", "Mongo", "DuplicateKeyError"), re.compile(r"E11000 duplicate key|Mongo(?:Server|DB|Bulk|Network)\w*Error|MongoError|DuplicateKeyError")),
    ("Oracle", ("ORA", "oracle", "OracleException"), re.compile(r"\bORA-\d{5}\b|oracle\.jdbc|OracleException")),
    ("SQL Server", ("Violation", "duplicate", "SqlException", "Microsoft", "microsoft", "conflicted", "insert", "deadlocked"), re.compile(
        r"Violation of (?:UNIQUE|PRIMARY) KEY constraint|Cannot insert duplicate key|SqlException \(0x80131904\)|\[Microsoft\]\[|com\.microsoft\.sqlserver"
        r"|statement conflicted with the (?:FOREIGN KEY|CHECK|REFERENCE) constraint|Cannot insert the value NULL into column|was deadlocked on lock")),
    ("DynamoDB", ("Check", "Transaction", "Throughput"), re.compile(r"ConditionalCheckFailedException|TransactionCanceledException|ProvisionedThroughputExceeded")),
    ("Cassandra", ("datastax", "CassandraError"), re.compile(r"com\.datastax|CassandraError")),
    ("Redis", ("WRONGTYPE", "ReplyError", "redis"), re.compile(r"\bWRONGTYPE Operation|ReplyError: |redis\.exceptions")),
)  # fmt: skip
"""A name, words of which one is in every sign for certain, and the signs."""

_LONG = 512 * 1024


def database(view: View) -> str:
    """The database whose error is in the response, if it is not PostgreSQL's."""
    text, words = view.outline(_LONG), view.vocabulary()
    for name, ours, pattern in _SIGNS:
        if any(word in words for word in ours) and pattern.search(text):
            return name
    return ""


def without(view: View, drafts: list[Draft]) -> list[Draft]:
    """The drafts without those that another database's error gave rise to: inferred ones, and mere codes."""
    if not drafts or not database(view):
        return drafts
    return [draft for draft in drafts if draft.certainty != Certainty.INFERRED and _own(draft)]


def _own(draft: Draft) -> bool:
    """Whether words or names of PostgreSQL's own speak for it."""
    return (
        "message_primary" in draft.fields
        or "message_detail" in draft.fields
        or "severity" in draft.fields
        or "routine" in draft.fields
    )
