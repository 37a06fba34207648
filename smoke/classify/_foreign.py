"""Errors of other databases: recognised, so that they are not taken for PostgreSQL's."""

from __future__ import annotations

import re

from smoke.classify._draft import Draft
from smoke.classify._view import View
from smoke.model.dberror import Certainty

_SIGNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("MySQL", re.compile(
        r"Duplicate entry '|\bER_[A-Z]{2,}_[A-Z_]+|You have an error in your SQL syntax; check the manual|com\.mysql|mysql2|PyMySQL|MySQLdb"
        r"|Cannot (?:add or update a child|delete or update a parent) row: a foreign key|Deadlock found when trying to get lock|org\.mariadb|Mysql2::"
        r"|SQLSTATE\[23000\]|SQLSTATE\[42S|Lock wait timeout exceeded|pymysql|MariaDB|Column '[^'\n]{1,64}' cannot be null|sqlState\W{1,6}23000")),
    ("SQLite", re.compile(r"(?:UNIQUE|FOREIGN KEY|NOT NULL|CHECK) constraint failed|SQLITE_[A-Z]+|sqlite3\.|SqliteError|SQLite3::|database is locked|org\.sqlite")),
    ("MongoDB", re.compile(r"E11000 duplicate key|Mongo(?:Server|DB|Bulk|Network)\w*Error|MongoError|DuplicateKeyError")),
    ("Oracle", re.compile(r"\bORA-\d{5}\b|oracle\.jdbc|OracleException")),
    ("SQL Server", re.compile(
        r"Violation of (?:UNIQUE|PRIMARY) KEY constraint|Cannot insert duplicate key|SqlException \(0x80131904\)|\[Microsoft\]\[|com\.microsoft\.sqlserver"
        r"|statement conflicted with the (?:FOREIGN KEY|CHECK|REFERENCE) constraint|Cannot insert the value NULL into column|was deadlocked on lock")),
    ("DynamoDB", re.compile(r"ConditionalCheckFailedException|TransactionCanceledException|ProvisionedThroughputExceeded")),
    ("Cassandra", re.compile(r"com\.datastax|CassandraError")),
    ("Redis", re.compile(r"\bWRONGTYPE Operation|ReplyError: |redis\.exceptions")),
)  # fmt: skip

_LONG = 512 * 1024


def database(text: str) -> str:
    """The database whose error is in the text, if it is not PostgreSQL's."""
    short = text if len(text) <= _LONG else text[: _LONG // 2] + text[-_LONG // 2 :]
    return next((name for name, pattern in _SIGNS if pattern.search(short)), "")


def without(view: View, drafts: list[Draft]) -> list[Draft]:
    """The drafts without those that another database's error gave rise to: inferred ones, and mere codes."""
    if not drafts or not database(view.haystack()):
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
