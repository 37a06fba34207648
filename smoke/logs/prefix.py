"""What stands before a label in PostgreSQL's log: any log_line_prefix (manual, 19.8.3), and its hosts'. Pure.

Hosts write, among others: `%m [%p] ` (the default), `%t:%r:%u@%d:[%p]:` (RDS), `%m [%p]: [%l-1] db=%d,user=%u ` (Cloud
SQL), `%t-%c-` (Azure), `pid=%p,user=%u,db=%d,app=%a,client=%h ` (Aiven, DigitalOcean), and Heroku's labelled fields
(`sql_error_code = 23505 time_ms = "…" pid="…" proc_start_time="…" …`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from smoke.classify.sqlstate import CONDITIONS
from smoke.logs.zones import Stamp, stamp, stamps

_LABELLED = re.compile(
    r'(?<![\w.])([A-Za-z][A-Za-z_]{0,23}) ?[=:] ?(?:"([^"]{0,255})"|([^\s,;|"\]]{1,255}))'
)
_PID = re.compile(r"\[(\d{1,10})\]")
_SESSION = re.compile(r"(?<![\w.])([0-9a-f]{8})\.([0-9a-f]{1,8})(?![\w.])")
_VIRTUAL = re.compile(r"(?<![\w./])(\d{1,9}/\d{1,12})(?![\w./])")
_AT = re.compile(
    r"(?<![\w.@+-])[\w.@+-]{1,120}@([\w-]{1,63})(?:/([^\s|,][^|]{0,63}?))?(?=[\s:,|\]>)]|$)"
)
_WORD = re.compile(r"[0-9A-Z]{5}")
_BETWEEN = re.compile(r"[\s|,;=<>\"]+")
_NAMES = {
    "session": ("pid", "process_id", "processid", "session_id", "session", "sess"),
    "transaction": ("vtid", "vxid", "virtual_transaction_id"),
    "sqlstate": ("sql_error_code", "sqlstate", "state", "sql_state", "code", "err"),
    "database": ("database", "db", "dbname", "datname"),
    "application": ("application_name", "application", "app", "appname"),
    "time": ("time_ms", "timestamp", "time", "ts", "log_time", "at"),
    "start": ("proc_start_time", "session_start_time", "session_start", "start_time", "start", "started"),
}  # fmt: skip
_MEANS = {name: meaning for meaning, names in _NAMES.items() for name in names}
_UNKNOWN = frozenset({"", "[unknown]", "[unknown", "unknown"})
_BACK = timedelta(seconds=2)
_FEW = 50
"""Entries among which one step back in time is enough to doubt what the stamp is."""


@dataclass(frozen=True, slots=True)
class Prefix:
    """What a prefix says. `stamp` is the entry's time; `alone`: it is one without a fraction, and may be the session's."""

    stamp: Stamp | None = None
    alone: bool = False
    session: str = ""
    transaction: str = ""
    sqlstate: str = ""
    database: str = ""
    application: str = ""
    words: tuple[str, ...] = ()


def read_prefix(text: str) -> Prefix:
    """What a prefix says by itself; what only the whole log can tell is settled by `settled`."""
    said: dict[str, str] = {}
    rest = text
    for name, quoted, bare in reversed(list(_labelled(text))):
        meaning = _MEANS.get(name[0].lower(), "")
        value = quoted or bare
        if meaning and value not in _UNKNOWN:
            said[meaning] = value
        if meaning == "start":  # no time of the entry
            rest = rest[: name[1]] + rest[name[2] :]
    session = _SESSION.search(rest)
    pid = _PID.search(rest)
    told = stamp(said["time"]) if "time" in said else None
    alone = False
    if told is None:
        told, alone = _latest(stamps(rest), _started(session))
    at = _last(_AT, rest)
    virtual = _VIRTUAL.search(rest)
    return Prefix(
        stamp=told,
        alone=alone,
        session=pid[1] if pid else said.get("session", "") or (session[0] if session else ""),
        transaction=said.get("transaction", "") or (virtual[1] if virtual else ""),
        sqlstate=_labelled_state(said.get("sqlstate", "")),
        database=said.get("database", "") or (at[1] if at and at[1] not in _UNKNOWN else ""),
        application=said.get("application", "") or (at[2].strip() if at and at[2] else ""),
        words=_words(rest),
    )


def settled(prefixes: Sequence[Prefix]) -> list[tuple[Stamp | None, str]]:
    """The time and SQLSTATE of each entry, by what the whole log tells, in the order in which its entries stand.

    A stamp that steps back is the session's start (`%s`): a session that began early writes after one that began late.
    A column of words is `%e` when each of them is a SQLSTATE.
    """
    doubtful = _steps_back([p.stamp for p in prefixes if p.alone and p.stamp is not None])
    states = _state_columns([prefix.words for prefix in prefixes])
    told: list[tuple[Stamp | None, str]] = []
    for prefix in prefixes:
        found = (prefix.words[column] for column in states if column < len(prefix.words))
        state = prefix.sqlstate or next(found, "")
        at = None if prefix.alone and doubtful else prefix.stamp
        told.append((at, "" if state == "00000" else state))
    return told


def _labelled(text: str) -> Iterable[tuple[tuple[str, int, int], str, str]]:
    for match in _LABELLED.finditer(text):
        yield (match[1], match.start(), match.end()), match[2] or "", match[3] or ""


def _labelled_state(value: str) -> str:
    return value if _WORD.fullmatch(value) else ""


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    found = None
    for found in pattern.finditer(text):  # noqa: B007  (the last one)
        pass
    return found


def _started(session: re.Match[str] | None) -> datetime | None:
    """When a session began, by its id (`%c`: seconds since 1970 in hexadecimal)."""
    if session is None:
        return None
    seconds = int(session[1], 16)
    return datetime.fromtimestamp(seconds, UTC) if seconds >= 1_000_000_000 else None


def _latest(found: Sequence[Stamp], started: datetime | None) -> tuple[Stamp | None, bool]:
    """The entry's own time among those of a prefix: it has a fraction (`%m`, `%n`), or it is the last in time."""
    if not found:
        return None, False
    exact = [one for one in found if one.exact]
    if exact or len(found) > 1:
        return max(exact or found, key=lambda one: one.local), False
    only = found[0]
    if started is not None and only.at is not None and only.at - started > _BACK:
        return only, False  # later than the session's start: it is not that
    return only, True


def _steps_back(found: Sequence[Stamp]) -> bool:
    steps = sum(1 for before, after in pairwise(found) if before.local - after.local >= _BACK)
    return steps > (0 if len(found) <= _FEW else 1)


def _words(text: str) -> tuple[str, ...]:
    """The words of a prefix without its times, from the left; a bracketed number is a pid, one in parentheses a port."""
    plain = re.sub(r"\d{4}-\d\d-\d\d[ T][\d:.,]{8,18}(?: [A-Za-z]{2,5}(?=\W))?", " ", text)
    plain = re.sub(r"\[\d+\]:?|\(\d+\)|\[\d+-\d+\]", " [] ", plain)
    return tuple(word.strip("[]:()") for word in _BETWEEN.split(plain.strip()))


def _state_columns(rows: Sequence[Sequence[str]]) -> list[int]:
    """Columns that hold a SQLSTATE in every row: two rows or more, unless a letter or 00000 tells."""
    found = []
    for column in range(max((len(row) for row in rows), default=0)):
        words = [row[column] for row in rows if column < len(row)]
        if all(_WORD.fullmatch(word) and word in CONDITIONS for word in words):
            sure = any(not word.isdigit() or word == "00000" for word in words)
            if sure or len(set(words)) > 1:
                found.append(column)
    return found
