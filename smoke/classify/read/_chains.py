"""Of several errors in one response: which came of which, by what languages print between them.

Outermost first, the cause behind it: Java's `Caused by:` (`Throwable.printStackTrace`), Spring's `nested exception is`,
.NET's ` ---> ` (`Exception.ToString`), Node's `[cause]:` (`util.inspect`), pino's `caused by:`, anyhow's and eyre's
`Caused by:`, Rails' `Causes:`, Laravel's `[previous exception]`, Ruby's second head behind a backtrace
(`Exception#full_message`). The cause first: Python's two sentences (traceback), PHP's `Next` (`Exception::__toString`),
Logback's `Wrapped by:`. Go's `%w`, .NET's AggregateException and exception groups leave the order as it is.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from smoke.classify.read import _keys
from smoke.classify.read.draft import Draft
from smoke.classify.unwrap.jsonish import LabelledRecord

_DOWN = (
    *("Caused by:", "caused by:", "nested exception is", "---> ", "[cause]: ", "[previous exception]"),
    *("Exception Causes", "\nCauses:", ":in `", ":in '"),
    *(f"{how} {what}" for how in ("Root", "Original", "Underlying", "Inner", "Previous") for what in ("cause", "error", "exception")),
    *(f"{how} {what}" for how in ("root", "original", "underlying", "inner", "previous") for what in ("cause", "error", "exception")),
    *(f"{how} {what}" for how in ("Root", "Inner", "Original") for what in ("Cause", "Exception")),
)  # fmt: skip
_UP = (
    "During handling of the above exception",
    "was the direct cause of the following exception",
    "\nNext ",
    "Wrapped by: ",
)
_GOES_ON = {
    **dict.fromkeys(_DOWN[10:], re.compile(r" ?(?:was|is)?[:=]")),
    "---> ": re.compile(r"(?!\(Inner Exception #)"),
    "\nNext ": re.compile(r"[A-Z][\w\\]{2,120}(?:: | in /)"),
}
"""What has to stand behind a mark. Java's and .NET's further exceptions of a list are no causes."""
_RUBY = re.compile(r"[^\s:][^:\n]{0,200}:\d{1,6}:in [`']")
_NEW = re.compile(
    r"(?:\A|\n)\[?(?:\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d|Exception in thread|Uncaught |Unhandled )"
)
"""The beginning of another report: what stands before it is not in the chain."""
_REACH = 20_000
_MARKS = 500
_SECONDARY = re.compile(
    r"(?i)\bsuppressed: [^\n]{0,200}\Z|\b(?:rollback (?:failed|error|err)|failed to roll ?back|(?:while |error )?rolling back(?: the)? transaction|rb err)\b[^\n]{0,60}\Z"
)
"""What went wrong while an error was cleaned up after."""
_SECONDARY_WORDS = ("suppressed: ", "roll", "rb err")
"""In lower case; without one of them there is nothing to search for, and this is asked for each of a thousand errors."""
_MILD = re.compile(
    r"\[?\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d[^\n]{0,60}\b(?:WARN(?:ING)?|INFO|DEBUG|NOTICE|warn(?:ing)?|info|debug)\b"
)
_STAMPED = re.compile(r"\[?\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d")
_TRIED = re.compile(r"(?i)\battempt #?\d")
"""An earlier attempt came of nothing that a later one's error brings along."""
_IDLE = re.compile(r"(?i)\bidle client\b")
_IDLE_WORDS = ("idle client",)
BACKGROUND = frozenset({"57P01", "57P02", "57P05", "25P03"})
"""The server ended a session: told in a log, it is that of an idle connection, and no request died of it."""


def link_causes(text: str, mentions: list[tuple[int, Draft]]) -> None:
    """Notes in the drafts of one text which is another's cause, and which only a log or a clean-up tells of."""
    seen: set[int] = set()
    for end, draft in mentions:
        if id(draft) in seen:
            continue
        seen.add(id(draft))
        line = _line(text, end)
        stamped = _STAMPED.match(line) is not None
        mild = (stamped and _MILD.match(line) is not None) or _is_said(_IDLE, _IDLE_WORDS, line)
        stamped = stamped and draft.code in BACKGROUND
        draft.secondary = mild or stamped or _is_said(_SECONDARY, _SECONDARY_WORDS, line)
    if len({draft.code for _, draft in mentions}) < 2:
        return
    ends = [end for end, _ in mentions]
    for end, up in _marks(text):
        at = bisect_left(ends, end + 1)
        if not 0 < at < len(mentions):
            continue
        (before, outer), (after, inner) = mentions[at - 1], mentions[at]
        if after - before > _REACH or inner is outer or _NEW.search(text, before, after):
            continue
        if up:
            outer, inner = inner, outer
        elif _TRIED.search(_line(text, before)) is not None:
            continue
        outer.causes.append(inner)


def _is_said(pattern: re.Pattern[str], words: tuple[str, ...], line: str) -> bool:
    """Whether the pattern is in the line, which it can only be with one of the words."""
    folded = line.lower()
    return any(word in folded for word in words) and pattern.search(line) is not None


def _marks(text: str) -> Iterator[tuple[int, bool]]:
    """Where what stands between two errors ends, and whether the cause stands before it."""
    for mark in (*_DOWN, *_UP):
        at = text.find(mark)
        for _ in range(_MARKS):
            if at < 0:
                break
            end = at + len(mark)
            goes_on = _GOES_ON.get(mark)
            if mark.startswith(":in "):
                # a head behind a backtrace begins a line; the frames of the backtrace do not
                line = text.rfind("\n", max(0, at - 240), at) + 1
                if line and _RUBY.match(text, line):
                    yield line, False
            elif goes_on is None or goes_on.match(text, end):
                yield end, mark in _UP
            at = text.find(mark, end)


def _line(text: str, end: int) -> str:
    """The line up to the place; of a long one its last characters."""
    return text[max(text.rfind("\n", 0, end) + 1, end - 400) : end]


def nested(drafts: list[tuple[LabelledRecord, list[Draft]]]) -> None:
    """Notes what records tell: `cause: {…}` holds the cause of what stands around it, `logs: […]` no cause at all."""
    held: dict[int, list[Draft]] = {}
    nodes: dict[int, LabelledRecord] = {}
    for record, found in drafts:
        if any(_keys.is_secondary(key) for key in record.path()) or _is_mild(record):
            for draft in found:
                draft.secondary = True
        node: LabelledRecord | None = record
        for _ in range(_DEEPEST):
            if node is None:
                break
            held.setdefault(id(node), []).extend(found)
            nodes[id(node)] = node
            node = node.parent
    for identity, node in list(nodes.items())[:_MARKS]:
        if not _keys.is_cause(node.key):
            continue
        inner = held[identity]
        inside = {id(draft) for draft in inner}
        around, outer = node.parent, list[Draft]()
        # `extensions: {originalError: …}`: what came of it stands further out, but not beside it in a list
        while around is not None and not around.array and not outer:
            outer = [each for each in held.get(id(around), [])[:_AROUND] if id(each) not in inside]
            around = around.parent
        for draft in outer:
            draft.causes.extend(inner[:_FIRST])


_DEEPEST = 24
_AROUND = 40
_FIRST = 3
"""Of the errors inside and around a cause so many are looked at: who has more says nothing new."""


def _is_mild(record: LabelledRecord) -> bool:
    """Whether it is a line of a log below an error: `level: "warn"`, pino's 30 and 40."""
    keys = {_keys.plain(value.key): value.raw.lower() for value in record.values[:40]}
    if not keys.keys() & {"time", "timestamp", "ts", "logger", "pid", "datetime"}:
        return False
    return keys.get("level", keys.get("lvl", "")) in {
        *("warn", "warning", "info", "debug", "notice", "10", "20", "30", "40")
    }
