"""What of a log of any size may belong to an exchange: found in its bytes as they come, in bounded memory. Pure.

A line is kept with those around it when it holds a value of the order, or is of the exchange's time and speaks of an
error. The time is looked for as minute and second: the offset of a zone is whole quarters of an hour, so that no zone
can hide it. A log that is small is kept whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, timedelta
from typing import Protocol, cast

import re2

from smoke.logs.entry import FAILED
from smoke.logs.wanted import Wanted

_SMALL = 1024 * 1024
"""Bytes of a log that is kept whole."""
_HEAD = 64 * 1024
"""Bytes of its beginning that are kept of any, by which its format and its prefix are known."""
_BEFORE, _AFTER = 16 * 1024, 32 * 1024
"""Bytes around a line that go with it: an entry of many lines, and what other sessions write in between."""
_MOST = 2 * 1024 * 1024
"""Bytes that are kept for their time, and as many for the order's values."""
_LONGEST = 256 * 1024
"""Bytes of one line."""
_SHORTEST = 6
_MOST_NEEDLES = 1000
_NOTHING = r"[^\x00-\xff]"
_LONGEST_TIME = 600
"""Seconds beyond which an exchange's time singles nothing out."""
_MEMORY = 64 << 20
_ERRORS = (
    # not the names of fields that every line of a log has: error_severity, errorLevel
    r"(?:ERROR|FATAL|PANIC|[Ee]rror[^_L]|[Ff]atal|[Pp]anic|[Ee]xception|Traceback|[Ff]ail|CRIT|[Cc]rit|WARN|[Ww]arn"
    r'|[Cc]onstraint|[Vv]iolat|SQLSTATE|[Dd]igest|"(?:level|severity)": ?"?[4-6]0|[": =]50\d\b)'
)


class Re2Match(Protocol):
    """What re2 gives for a place."""

    @property
    def lastindex(self) -> int | None: ...
    def start(self) -> int: ...
    def end(self) -> int: ...


class Re2Pattern(Protocol):
    """A compiled pattern of re2 over bytes."""

    def search(self, data: bytes, start: int, end: int) -> Re2Match | None: ...


@dataclass(frozen=True, slots=True)
class LogRegion:
    """Lines of a log that stand together: the number of the first, and their bytes."""

    line: int
    data: bytes


@dataclass(slots=True)
class _State:
    """Where a scan is: what it holds of the log, from which place there it searches on, and what it keeps."""

    buffer: bytes = b""
    line: int = 1
    """The number of the line with which the buffer begins."""
    start: int = 0
    taken: int = 0
    """Up to where in the buffer everything is kept already."""
    kept: list[LogRegion] = field(default_factory=list)
    spent: dict[str, int] = field(default_factory=lambda: {"time": 0, "value": 0})

    def forget(self, count: int) -> None:
        """Let go of the beginning of the buffer."""
        if count > 0:
            self.line += self.buffer.count(b"\n", 0, count)
            self.buffer = self.buffer[count:]
            self.start = max(0, self.start - count)
            self.taken -= count


class Scan:
    """Takes a log's bytes in pieces, in their order, and keeps what may belong to one exchange."""

    def __init__(self, wanted: Wanted) -> None:
        self._values, self._find = _patterns(wanted)
        # what speaks of an error, and what names the request
        marks = [*_foreign(), *([wanted.path] if len(wanted.path) >= _SHORTEST else [])]
        self._fails = _compiled([_ERRORS, *map(re2.escape, marks)])
        self._small = b""
        self._seen = 0
        self._state = _State()

    @property
    def seen(self) -> int:
        """How many bytes came so far."""
        return self._seen

    def feed(self, data: bytes) -> None:
        """Take the next bytes, a few MiB at most."""
        if self._seen < _SMALL:
            self._small += data[: _SMALL - self._seen]
        self._seen += len(data)
        state = self._state
        state.buffer += data
        ready = len(state.buffer) - _AFTER
        if ready > state.start:
            # a line of megabytes is cut: what is held is bounded, whatever comes
            limit = state.buffer.rfind(b"\n", state.start, ready) + 1 or ready
            self._search(state, limit)
            state.forget(limit - _BEFORE)

    def regions(self, *, torn: bool = False) -> list[LogRegion]:
        """What is kept of the bytes so far, the first lines before all; more may come afterwards.

        `torn`: a last line without an end is left out, since its end is still to come.
        """
        if self._seen <= _SMALL:
            end = self._small.rfind(b"\n") + 1 if torn else len(self._small)
            return [LogRegion(1, self._small[:end])]
        kept, spent = list(self._state.kept), dict(self._state.spent)
        rest = replace(self._state, kept=kept, spent=spent)
        if torn:
            rest.buffer = rest.buffer[: rest.buffer.rfind(b"\n") + 1]
        self._search(rest, len(rest.buffer))
        head = self._small[: self._small.rfind(b"\n", 0, _HEAD) + 1 or _HEAD]
        return [LogRegion(1, head), *rest.kept]

    def _search(self, state: _State, limit: int) -> None:
        """Keep what matters of the lines that begin before `limit`."""
        buffer = state.buffer
        counted, line = 0, state.line
        while state.start < limit:
            find = self._find if state.spent["time"] <= _MOST else self._values
            match = find.search(buffer, state.start, limit)
            if match is None:
                state.start = limit
                return
            start = buffer.rfind(b"\n", 0, match.start()) + 1
            stop = buffer.find(b"\n", match.end()) + 1 or len(buffer)
            state.start = max(stop, match.end())
            by = "value" if match.lastindex is None else "time"
            if state.spent[by] > _MOST or (
                by == "time" and self._fails.search(buffer, start, stop) is None
            ):
                continue
            begin = max(_line_from(buffer, start - _BEFORE), state.taken, match.start() - _LONGEST)
            finish = min(_line_until(buffer, stop + _AFTER), match.end() + _LONGEST)
            if finish <= begin:
                continue
            line += buffer.count(b"\n", counted, begin)
            counted = begin
            piece = buffer[begin:finish]
            state.spent[by] += len(piece)
            if begin == state.taken and state.kept:
                state.kept[-1] = LogRegion(state.kept[-1].line, state.kept[-1].data + piece)
            else:
                state.kept.append(LogRegion(line, piece))
            state.taken = finish


def _line_from(buffer: bytes, at: int) -> int:
    """The beginning of the first line that begins at or behind a place."""
    return buffer.find(b"\n", at) + 1 if at > 0 else 0


def _line_until(buffer: bytes, at: int) -> int:
    """The end of the last line that ends before a place."""
    return len(buffer) if at >= len(buffer) else buffer.rfind(b"\n", 0, at) + 1


def _patterns(wanted: Wanted) -> tuple[Re2Pattern, Re2Pattern]:
    """What finds the order's values, and what finds its time too: that is the group."""
    needles = [value for value in dict.fromkeys(wanted.needles()) if len(value) >= _SHORTEST]
    values = [re2.escape(value) for value in needles[:_MOST_NEEDLES]] or [_NOTHING]
    times = _times(wanted)
    # an exchange of many minutes singles no time out: what speaks of an error is taken
    either = "|".join(times) if times else _ERRORS
    return _compiled(values), _compiled([*values, f"({either})"])


def _times(wanted: Wanted) -> list[str]:
    """The exchange's time in every zone, as logs write it: minute and second, or seconds since 1970."""
    slack = timedelta(seconds=wanted.slack + 1)
    first, last = wanted.started - slack, wanted.finished + slack
    count = int((last - first).total_seconds()) + 1
    if count > _LONGEST_TIME:
        return []
    minutes: dict[int, list[str]] = {}
    epochs: list[str] = []
    for number in range(count + 1):
        at = (first + timedelta(seconds=number)).astimezone(UTC)
        minutes.setdefault(at.minute % 15, []).append(f"{at.second:02}")
        epochs.append(str(int(at.timestamp())))
    clock = [
        f":(?:{'|'.join(f'{quarter + minute:02}' for quarter in (0, 15, 30, 45))}):(?:{'|'.join(seconds)})"
        for minute, seconds in minutes.items()
    ]
    return [*clock, rf"\b(?:{'|'.join(epochs)})"]


def _foreign() -> list[str]:
    """How servers of other languages call an error."""
    from smoke.classify.messages import labels

    return [word for word, english in labels().items() if english in FAILED and word not in FAILED]


def _compiled(parts: Sequence[str]) -> Re2Pattern:
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1  # each byte is a character
    options.max_mem = _MEMORY
    options.log_errors = False
    return cast("Re2Pattern", re2.compile("|".join(parts).encode(), options))
