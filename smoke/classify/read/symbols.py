"""Exception classes named after a condition (`UniqueViolation`), found where an exception's name stands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from smoke.classify._words import words
from smoke.classify.sqlstate import CONDITIONS, NAMES

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]{5,80}")
_BEFORE_CODE = re.compile(
    r"(?:\b(?:except|raise|import|from|catch|rescue|throw|throws|new|class|def|instanceof|isinstance|extends"
    r"|when|case|is|as|return|await|assertRaises|if|elif|use|public|function|handle)[ (\[]{1,2}|[#%*/])[\w.:$\\, ()]{0,80}\Z"
)
_SENTENCE = re.compile(r"[A-Za-z]{2,} \Z")
_OPENERS = frozenset("\n\r\t\"'`[(<>{,|:=;*-")
_CLOSERS = frozenset("\n\r:\"'`)(]<>,;}| ")
RISKY = words("""SyntaxError DivisionByZero NoData Warning InternalError ConnectionException TooManyRows ConfigFileError
    FeatureNotSupported DataException DiskFull OutOfMemory SystemError IoError ProgramLimitExceeded QueryCanceled
    StatementTooComplex DuplicateFile UndefinedFile LockNotAvailable ConnectionFailure AdminShutdown
    CrashShutdown NumericValueOutOfRange InvalidName ReservedName NameTooLong DeadlockDetected ObjectInUse
    AmbiguousColumn DuplicateObject UndefinedObject UndefinedFunction TransactionRollback SerializationFailure
    InvalidPassword TooManyConnections InvalidParameterValue GroupingError WindowingError DatatypeMismatch
    WrongObjectType InvalidDatetimeFormat IndeterminateDatatype AssertFailure ArraySubscriptError""")
"""Names that other libraries have too: they count only with a driver's module in front of them, or a message after."""
_EVERYWHERE = words(
    "SyntaxError DivisionByZero NoData Warning InternalError SystemError IoError OutOfMemory DiskFull"
)
_SQL_MODULE = re.compile(
    r"(?:psycopg2?|asyncpg|PG|pg|postgres\w{0,10}|errors|exceptions|Sequel)(?:\.|::)[\w.:]{0,30}\Z"
)


@dataclass(frozen=True, slots=True)
class Symbol:
    """A class name found in a text: what it stands for and where; `sure` when nothing else bears such a name."""

    sqlstate: str
    name: str
    dialect: str
    start: int
    end: int
    sure: bool


def conditions() -> dict[str, str]:
    """CamelCase names of the conditions, and with `Error` behind, to their only SQLSTATE."""
    table: dict[str, str] = {}
    for name, sqlstates in NAMES.items():
        errors = [code for code in sqlstates if not code.startswith(("00", "01", "02"))]
        if len(errors) != 1:
            continue
        camel = "".join(part.capitalize() for part in name.split("_"))
        table[camel] = table[camel + "Error"] = errors[0]
        table[camel + "Exception"] = errors[0]
    for twice, code in (("StringDataRightTruncation", "22001"), ("NullValueNotAllowed", "22004")):
        table[twice] = table[twice + "Error"] = code
    # a class of this name exists in every language
    for common in ("SyntaxErrorError", "SyntaxErrorException", "InternalErrorError"):
        table.pop(common, None)
    return table


def find_symbols(text: str, table: Mapping[str, tuple[str, str]]) -> list[Symbol]:
    """Every name of the table in an exception's place, in order."""
    words = set(_WORD.findall(text))
    found: list[Symbol] = []
    for name in words & table.keys():
        sqlstate, dialect = table[name]
        position = text.find(name)
        count = 0
        while position >= 0 and count < 200:
            count += 1
            end = position + len(name)
            start = _whole(text, position)
            if start is not None and _in_place(text, start, end):
                qualified = text[start:end]
                sure = (
                    name not in RISKY
                    or (name not in _EVERYWHERE and qualified == text.strip())
                    or _SQL_MODULE.search(text[start:position]) is not None
                )
                if name == "InternalError" and not text[start:position].endswith("PG::"):
                    sure = False  # of Python's drivers it is the class of any error that no other class is for
                found.append(Symbol(sqlstate, qualified, dialect, start, end, sure))
            position = text.find(name, end)
    return sorted(found, key=lambda symbol: symbol.start)


def _whole(text: str, position: int) -> int | None:
    """Where the qualified name starts; None when the found letters are only a part of a longer word."""
    if position and (text[position - 1].isalnum() or text[position - 1] == "_"):
        return None
    start = position
    limit = max(0, position - 120)
    while start > limit and (text[start - 1].isalnum() or text[start - 1] in "._$\\:"):
        start -= 1
    while start < position and text[start] in ":.\\":
        start += 1
    return start


def _in_place(text: str, start: int, end: int) -> bool:
    after = text[end] if end < len(text) else "\n"
    if after not in _CLOSERS and after != "\\":
        return False
    if after == " " and not _follows(text, end):
        return False
    before = text[max(0, start - 100) : start]
    line = before[before.rfind("\n") + 1 :]
    if _BEFORE_CODE.search(line):
        return False
    if not line or line[-1] in _OPENERS:
        return True
    return line[-1] == " " and (
        not line.strip()
        or line.rstrip()[-1:] in _OPENERS
        or not _SENTENCE.search(line)
        or line.rstrip().endswith(
            (
                " by",
                " of",
                "Uncaught",
                "uncaught",
                "Caused by",
                "Error",
                "exception",
                "Unhandled",
                "failed",
                "execute",
            )
        )
    )


def _follows(text: str, end: int) -> bool:
    return text[end : end + 3].startswith(
        (" (", " [", " {", " -", " |", " :", " \n", " '", ' "', " <", " a", " i", " E")
    )


def known(code: str) -> bool:
    """Whether the code is in PostgreSQL's list."""
    return code in CONDITIONS
