"""One entry of a log, whatever its format and language: PostgreSQL's own, or an application's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

FAILED = ("ERROR", "FATAL", "PANIC")
_SEVERITIES = frozenset(
    (*FAILED, "LOG", "WARNING", "NOTICE", "INFO", "DEBUG", *(f"DEBUG{n}" for n in range(1, 6)))
)
_TELLS = re.compile(
    r"SQLSTATE|[Vv]iolat|[Dd]uplicate|[Dd]eadlock|does not exist|too many (?:clients|connections)|connection slots|"
    r"timeout|could not |[Pp]ermission denied|(?:Error|Exception|Violation)\b|\bERROR\b|P20\d\d|PGRST\d|"
    r"code[\"']?: ?[\"'][0-9A-Z]{5}[\"']"
)
"""What stands in an application's entry that tells of an error."""


class LogKind(StrEnum):
    """Whose log an entry is of."""

    POSTGRES = "PostgreSQL's log"
    APPLICATION = "application's log"


@dataclass(frozen=True, slots=True)
class LogEntry:
    """An entry of a log.

    `at` is None where the log does not say in which time zone it writes: `local` is what it says then, and `zone` a name
    that several zones have, or nothing. `arrived` is when it came, where somebody was watching and it has no time of its own.

    Of an application's entry `message` is its whole text, stack trace included, which is classified as a response's
    text is; `ids` are the ids that its fields name (request, trace, platform, digest), `method`, `path` and `status`
    the request that it says it is of (0: it does not say).
    """

    at: datetime | None = None
    local: datetime | None = None
    zone: str = ""
    severity: str = ""
    sqlstate: str = ""
    message: str = ""
    detail: str = ""
    hint: str = ""
    context: str = ""
    statement: str = ""
    schema: str = ""
    table: str = ""
    column: str = ""
    datatype: str = ""
    constraint: str = ""
    application: str = ""
    database: str = ""
    session: str = ""
    transaction: str = ""
    prefix: str = ""
    line: int = 0
    kind: LogKind = LogKind.POSTGRES
    ids: tuple[str, ...] = ()
    method: str = ""
    path: str = ""
    status: int = 0
    arrived: datetime | None = None

    @property
    def moment(self) -> datetime | None:
        """When it was written, or else when it came: a log that is written in blocks comes later."""
        return self.at or self.arrived

    @property
    def failed(self) -> bool:
        """Whether it tells of an error; an application's may do so at any level, or at none."""
        if self.severity in FAILED:
            return True
        return self.kind is LogKind.APPLICATION and _TELLS.search(self.message) is not None

    def texts(self) -> tuple[str, ...]:
        """Everything in which an id or a key may stand."""
        return (
            self.application, self.message, self.detail, self.hint, self.context, self.statement, self.prefix,
            *self.ids,
        )  # fmt: skip


def english(word: str) -> str:
    """A label or severity in English: a server writes them in the language of its lc_messages."""
    if not word or word in _SEVERITIES:
        return word
    from smoke.classify.messages import labels  # a large table, for the logs that need it

    return labels().get(word, word)
