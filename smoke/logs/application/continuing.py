"""Which line of a plain text goes on with the entry before it: stack traces, causes, printed objects, SQL. Pure.

Shapes: Node (`util.inspect`, `Caused by`), Python's tracebacks with what SQLAlchemy and psycopg add, Java's, .NET's,
PHP's (Laravel, Symfony), Ruby's, Go's panics, Rust's backtraces.
"""

from __future__ import annotations

import re

_GOES_ON = re.compile(
    r"""
      \s                                                    # indented: frames, fields, SQL
    | [}\])"']                                              # the end of a printed object
    | (?:at|from)\ [\w$.<(/]                                # frames that lost their indentation
    | (?:Caused\ by|caused\ by|Suppressed|Cause|cause|Caused\ By)\b
    | \.\.\.\ \d{1,6}\ (?:more|common|lines)
    | (?:The\ above\ exception|During\ handling\ of\ the\ above)
    | \[(?:stacktrace|previous\ exception|cause|SQL|parameters|object)\b
    | \(Background\ on\ this\ error
    | \#\d{1,4}\s
    | ---(?:\ End|>)
    | (?:DETAIL|HINT|CONTEXT|QUERY|STATEMENT|LOCATION|SCHEMA\ NAME|TABLE\ NAME|COLUMN\ NAME|CONSTRAINT\ NAME|LINE\ \d{1,6}):
    | (?:params|parameters|query|Query|Params|sql|SQL|code|detail|constraint|table|column|schema|hint|where|Location|Stack|
         Stack\ trace|Exception\ data|stack\ backtrace|Backtrace)\s?:
    | goroutine\ \d{1,10}\ \[
    | (?:created\ by|exit\ status|note:\ run\ with)\b
    | [\w./*()-]{1,200}\((?:0x[0-9a-f]{1,16}[\w,.?{} ]{0,200}|\.{3})?\)$   # a Go frame: main.(*Shop).order(0x…)
    """,
    re.VERBOSE,
)
_NEXT = re.compile(r"\s{0,3}(?:[⨯✓⚠○▲●✗✔×]|(?:GET|POST|PUT|PATCH|DELETE|HEAD) /)")
"""How Next.js begins a line: with a space before its sign, or before a request."""
_TRACEBACK = re.compile(r"Traceback \(most recent call last\)|Traceback:")
_STAMPED = re.compile(
    r"""
      \[?\d{4}[-/]\d\d[-/]\d\d[T\ ]\d\d:\d\d                # ISO and its kin, in brackets or not
    | [A-Z],\ \[\d{4}-                                      # Ruby's Logger
    | \[?(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|SEVERE|FATAL|CRITICAL|PANIC|Nest)\]?[\s:|-]
    | (?:trace|debug|info|notice|warn|warning|critical|dbug|fail|crit)(?::|\[|\ \|)\s?
    | (?:\w{1,30}=\S{1,80}\ ){0,5}\[(?:info|error|warn|warning|debug|notice|crit)\]
    | \[?\d\d:\d\d:\d\d[.,\s\]]
    | [IWEF]\d{4}\ \d\d:\d\d:\d\d                           # klog
    | (?:time|ts|level|at)=
    | \d{1,3}(?:\.\d{1,3}){3}\ -\s
    | (?:START|END|REPORT|INIT_START)\s
    """,
    re.VERBOSE,
)
_ERROR_BEGINS = re.compile(
    r"(?:⨯|✗|❌|×|Uncaught|Unhandled|panic:|thread '|\*\* \(|\[?[\w.$\\/:]{0,200}(?:Error|Exception|Violation|Failure)\b|error:)"
)


def goes_on(text: str) -> bool:
    """Whether a line cannot be the first of an entry."""
    if not text.strip():
        return True
    return _GOES_ON.match(text) is not None and not is_stamped(text) and not _NEXT.match(text)


def is_stamped(text: str) -> bool:
    """Whether a line begins as loggers begin theirs: with a time or a level."""
    return _STAMPED.match(text) is not None


def begins_traceback(text: str) -> bool:
    """Whether a Python traceback begins here: its last line, the error, is not indented."""
    return _TRACEBACK.match(text) is not None


def begins_error(text: str) -> bool:
    """Whether a line begins with an error of its own."""
    return _ERROR_BEGINS.match(text) is not None
