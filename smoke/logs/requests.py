"""Which request of an application's log is ours, where nothing in it is an id that we know. Pure.

A server that makes request ids of its own logs our request too: its method, path and status, at the time at which it was
answered. Where one request of the log is so, and no other, its id ties the entries that it wrote to ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import unquote

from smoke.logs.entry import LogEntry, LogKind

_CLOSE = timedelta(seconds=0.5)
"""By how much clocks may differ."""
_SHORTEST = 6


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """What a request was, as an access log tells it; its path is without the query, and decoded."""

    method: str
    path: str
    status: int
    started: datetime
    finished: datetime


@dataclass(frozen=True, slots=True)
class Served:
    """The request of the log: its ids, and how to name the line that tells of it."""

    ids: tuple[str, ...]
    line: str


@dataclass(slots=True)
class _Request:
    """What entries with the same ids say together."""

    ids: set[str]
    method: str = ""
    path: str = ""
    status: int = 0
    at: datetime | None = None

    def add(self, entry: LogEntry) -> None:
        self.method = self.method or entry.method
        self.path = self.path or entry.path
        self.status = self.status or entry.status
        if entry.at is not None and (self.at is None or entry.at > self.at):
            self.at = entry.at  # the answer is logged when it is given

    def join(self, other: _Request) -> None:
        self.ids |= other.ids
        self.method, self.path = self.method or other.method, self.path or other.path
        self.status = self.status or other.status
        times = [at for at in (self.at, other.at) if at is not None]
        self.at = max(times) if times else None


def served(entries: Iterable[LogEntry], asked: LoggedRequest) -> Served | None:
    """The one request of the log that was asked so and answered so at that time; None when none is, or several are."""
    if not (asked.method and asked.path and asked.status):
        return None
    found = [request for request in _requests(entries) if _fits(request, asked)]
    if len(found) != 1 or found[0].at is None:
        return None
    ids = sorted(name for name in found[0].ids if len(name) >= _SHORTEST)
    line = f"of {asked.method} {asked.path} {asked.status} at {found[0].at:%H:%M:%S}.{found[0].at.microsecond // 1000:03} {found[0].at.tzname() or ''}"
    return Served(tuple(ids), line.rstrip()) if ids else None


def _requests(entries: Iterable[LogEntry]) -> Sequence[_Request]:
    """The requests of a log: entries that share an id are of one, one without an id is a request of its own."""
    by_id: dict[str, _Request] = {}
    alone: list[_Request] = []
    for entry in entries:
        if entry.kind is not LogKind.APPLICATION:
            continue
        request = _Request(set(entry.ids))
        request.add(entry)
        if not entry.ids:
            alone.append(request)
        for known in {id(by_id[name]): by_id[name] for name in entry.ids if name in by_id}.values():
            request.join(known)
        for name in request.ids:
            by_id[name] = request
    return [*{id(request): request for request in by_id.values()}.values(), *alone]


def _fits(request: _Request, asked: LoggedRequest) -> bool:
    path = unquote(request.path.partition("?")[0]).rstrip("/")
    if request.method != asked.method or path != asked.path.rstrip("/"):
        return False
    if request.status != asked.status or request.at is None:
        return False
    # without a fraction of a second it may have been any time in that second
    end = request.at if request.at.microsecond else request.at + timedelta(seconds=1)
    return asked.started - _CLOSE <= end and request.at <= asked.finished + _CLOSE
