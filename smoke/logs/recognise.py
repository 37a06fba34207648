"""What a file is that was handed as a log: which log, or what else. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from smoke.logs.entry import LogEntry, LogKind
from smoke.logs.readers import READERS, LogReader, read_log, reader_of

_MAGIC = (
    (b"\x89PNG", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive: unpack it"),
    (b"BZh", "packed with bzip2: unpack it"),
    (b"\xfd7zXZ", "packed with xz: unpack it"),
    (b"\x28\xb5\x2f\xfd", "packed with zstd: unpack it"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3", "an SQLite database"),
    (b"PGDMP", "a dump of pg_dump"),
)
_ACCESS = re.compile(
    r'\S{1,100} \S{1,100} \S{1,100} \[\d{2}/[A-Z][a-z]{2}/\d{4}:[\d:]{8} [+-]\d{4}\] "[A-Z]{3,8} '
)
_MYSQL = re.compile(
    r"\[(?:ERROR|Warning|Note|System)\] \[MY-\d{6}\]|^# Time: \d{6,}|mysqld", re.MULTILINE
)
_SQL = re.compile(r"\s*(?:--|CREATE |INSERT |SET |BEGIN;)")
_LOOKED_AT = 64 * 1024


def no_log(head: bytes) -> str:
    """What a file is whose first bytes say that it is no text of lines; empty when they do not."""
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    begin = head[:200].decode("utf-8", "replace").lstrip("\ufeff \t\r\n").lower()
    if begin.startswith(("<!doctype html", "<html")):
        return "an HTML page"
    return "an XML document" if begin.startswith(("<?xml", "<svg")) else ""


def other(head: bytes, readers: Sequence[LogReader] = READERS) -> str:
    """What the beginning of a file shows that it is instead of a log; empty when it is a log that a reader knows."""
    if not head.strip(b"\0 \t\r\n"):
        return "empty"
    if name := no_log(head):
        return name
    text = head[:_LOOKED_AT].decode("utf-8", "replace")
    begin = text.lstrip("\ufeff \t\r\n")[:200].lower()
    lines = text.split("\n")
    if sum(_ACCESS.match(line) is not None for line in lines) > len(lines) // 2:
        return "a web server's access log"
    if _MYSQL.search(text) is not None:
        return "a log of MySQL"
    if is_binary(text):
        return "binary data"
    if _is_log(text, readers):
        return ""
    if _SQL.match(text) is not None:
        return "SQL"
    if begin.startswith(("{", "[")):
        return "JSON of a kind that is not known here"
    return "text in which no entry of a log is recognised"


def is_binary(text: str) -> bool:
    """Whether what a file's beginning was decoded to is no text: a letter of twenty is none."""
    start = text[:_LOOKED_AT]
    return start.count("\ufffd") + sum(ord(c) < 9 for c in start) > len(start) // 20


def _is_log(text: str, readers: Sequence[LogReader]) -> bool:
    """Whether a reader knows it, and it says of its entries when they were, how grave, or of which request."""
    reader = reader_of(text, readers)
    if reader is None or reader.kind is LogKind.POSTGRES:
        return reader is not None
    return any(says_more(entry) for entry in read_log(text, readers))


def says_more(entry: LogEntry) -> bool:
    """Whether an entry says more than a line of any text does."""
    return bool(entry.at or entry.local or entry.severity or entry.ids or entry.status)
