"""Entries of a log as a server writes it to stderr, or to syslog, under any log_line_prefix and in any language. Pure.

Format: PostgreSQL manual, 19.8.3 (log_line_prefix, log_error_verbosity) and 19.8.1 (syslog_split_messages): lines that go
on are indented with a tab, and syslog's parts are numbered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from smoke.classify.sqlstate import CONDITIONS
from smoke.logs.entry import FAILED, LogEntry, LogKind, english
from smoke.logs.line import LogLine
from smoke.logs.prefix import Prefix, read_prefix, settled
from smoke.logs.zones import Stamp

_TAG = re.compile(
    r"(?<![\w.\"'])(ERROR|FATAL|PANIC|LOG|WARNING|NOTICE|INFO|DEBUG[1-5]?|DETAIL|HINT|CONTEXT|STATEMENT|QUERY|LOCATION|"
    r"BACKTRACE|SCHEMA NAME|TABLE NAME|COLUMN NAME|DATATYPE NAME|CONSTRAINT NAME):  ?(?! )"
)
_AFTER_LABEL = re.compile(r" ?:  ")
_LONGEST_LABEL = 4
"""Words of a label (`NOM DU TYPE DE DONNÉES` is looked up from its last ones)."""
_FIELDS = {
    "DETAIL": "detail",
    "HINT": "hint",
    "CONTEXT": "context",
    "STATEMENT": "statement",
    "SCHEMA NAME": "schema",
    "TABLE NAME": "table",
    "COLUMN NAME": "column",
    "DATATYPE NAME": "datatype",
    "CONSTRAINT NAME": "constraint",
}
_OTHERS = frozenset({"QUERY", "LOCATION", "BACKTRACE"})
_STATE = re.compile(r"([0-9A-Z]{5}): ")
_MARK = re.compile(
    r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d|\[\d{1,10}\]|\d{10}\.\d{3}|[0-9a-f]{8}\.[0-9a-f]{1,8}|\w="
)
"""What a prefix has and a sentence has not: a time, a process, a session, a labelled field."""
_EXCEPTION = re.compile(r"::[A-Z]|(?:Error|Exception|Violation)\b|SQLSTATE\[|psql:|pg_\w+: ")
"""What an application or a client writes before a server's error that it quotes."""
_HEAD = 4096
"""Characters of a line in which its label is looked for."""


@dataclass(slots=True)
class _Draft:
    """An entry while its lines are read."""

    severity: str
    line: LogLine
    prefix: str
    said: Prefix
    texts: dict[str, list[str]] = field(default_factory=dict)
    last: str = "message"

    def begin(self, name: str, text: str) -> None:
        self.texts.setdefault(name, []).append(text)
        self.last = name

    def go_on(self, text: str) -> None:
        """A line more of the text before."""
        self.texts.setdefault(self.last, []).append(text)

    def join(self, text: str) -> None:
        """More of the line before."""
        parts = self.texts.setdefault(self.last, [""])
        parts[-1] += text


class Stderr:
    """Reads what a server writes to stderr: a label, and its prefix before it."""

    name = "PostgreSQL's log"
    kind = LogKind.POSTGRES

    def begins(self, line: LogLine) -> bool:
        if line.fields is not None:
            return False
        first = line.text.partition("\n")[0]
        tagged = _tagged(first)
        if (
            tagged is None
            or _EXCEPTION.search(first, 0, tagged[1]) is not None
            or "(SQLSTATE " in first
        ):
            return False
        if not first[: tagged[2]].endswith(":  ") and "postgres" not in line.source:
            return False  # the server writes two blanks; applications, of the same errors, one
        prefix = first[: tagged[1]]
        if _MARK.search(prefix) is not None:
            return True
        return not prefix.strip() and (tagged[0] in FAILED or bool(line.session or line.part))

    def goes_on(self, line: LogLine) -> bool:
        if line.fields is not None:
            return False
        return line.text.startswith("\t") or line.part > 1 or _tagged(line.text) is not None

    def entries(self, lines: Iterable[LogLine]) -> Iterator[LogEntry]:
        """The entries. Those of several sessions may be interleaved: a process id ties their lines together."""
        drafts = list(_drafts(lines))
        told = settled([draft.said for draft in drafts])
        for draft, (at, state) in zip(drafts, told, strict=True):
            yield _entry(draft, at, state)


def without_label(message: str) -> str:
    """A message without prefix and label, which some hosts leave in the message of a record."""
    tagged = _tagged(message.partition("\n")[0])
    if tagged is None or tagged[0] in _FIELDS or tagged[0] in _OTHERS:
        return message
    known = not message[: tagged[1]].strip() or _MARK.search(message, 0, tagged[1]) is not None
    return message[tagged[2] :] if known else message


def _drafts(lines: Iterable[LogLine]) -> Iterator[_Draft]:
    begun: dict[str, _Draft] = {}
    last: _Draft | None = None
    done: list[_Draft] = []
    for line in lines:
        for number, text in enumerate(line.text.split("\n")):
            tagged = None if text.startswith("\t") else _tagged(text)
            if tagged is None:
                owner = begun.get(_key(line, line.session, "")) if line.part > 1 else last
                if owner is None:
                    continue
                if text.startswith("\t"):  # the server indents what goes on
                    owner.go_on(text[1:])
                elif line.part > 1 and number == 0:
                    owner.join(text)
                elif number > 0:  # of one record, so of one entry
                    owner.go_on(text)
                else:
                    last = None
                continue
            tag, start, end = tagged
            prefix = text[:start]
            said = read_prefix(prefix)
            key = _key(line, said.session or line.session, prefix)
            if tag in _FIELDS or tag in _OTHERS:
                last = begun.get(key)
                if last is not None:
                    last.begin(_FIELDS.get(tag, tag), text[end:])
            else:
                last = begun[key] = _Draft(tag, line, prefix, said)
                last.begin("message", text[end:])
                done.append(last)
    yield from done


def _key(line: LogLine, session: str, prefix: str) -> str:
    """What ties the lines of an entry together: the process, else what stays the same in the prefix."""
    return (
        f"{line.source}\0{session}"
        if session
        else f"{line.source}\0\0{re.sub(r'[0-9]+', '', prefix)}"
    )


def _tagged(line: str) -> tuple[str, int, int] | None:
    """A line's label in English, and where it begins and its text begins."""
    head = line[:_HEAD]
    tag = _TAG.search(head)
    if tag is not None:
        return tag[1], tag.start(), tag.end()
    if head.isascii() and head.upper() == head.lower():
        return None
    for match in _AFTER_LABEL.finditer(head):
        words = head[: match.start()].rsplit(" ", _LONGEST_LABEL)[-_LONGEST_LABEL:]
        for count in range(len(words), 0, -1):
            label = re.split(r"[:\]|>,=]", " ".join(words[-count:]))[-1].lstrip("-")
            word = english(label)
            if word != label and label:
                return word, match.start() - len(label), match.end()
    return None


def _entry(draft: _Draft, at: Stamp | None, state: str) -> LogEntry:
    texts = {name: "\n".join(parts) for name, parts in draft.texts.items()}
    message = texts.get("message", "")
    verbose = _STATE.match(message)
    if verbose is not None and (verbose[1] in CONDITIONS or not verbose[1].isalpha()):
        state, message = verbose[1], message[verbose.end() :]
    own = at.at if at is not None else None
    local = at if own is None and at is not None else None
    if own is None and local is None:
        own, local = draft.line.at, draft.line.stamp
    return LogEntry(
        at=own,
        local=local.local if local is not None else None,
        zone=local.zone if local is not None else "",
        severity=draft.severity,
        sqlstate=state,
        message=message,
        session=draft.said.session or draft.line.session,
        transaction=draft.said.transaction,
        database=draft.said.database,
        application=draft.said.application,
        prefix=draft.prefix,
        line=draft.line.number,
        detail=texts.get("detail", ""),
        hint=texts.get("hint", ""),
        context=texts.get("context", ""),
        statement=texts.get("statement", ""),
        schema=texts.get("schema", ""),
        table=texts.get("table", ""),
        column=texts.get("column", ""),
        datatype=texts.get("datatype", ""),
        constraint=texts.get("constraint", ""),
    )
