"""What the fields of a record say of its request: when, how bad, which ids, which method, path and status. Pure."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from smoke.logs.application import names
from smoke.logs.application.times import severity, when
from smoke.logs.line import json_object
from smoke.logs.zones import Stamp

_MOST_FIELDS = 400
"""Fields of a record that are looked at, the outer ones first."""
_DEEPEST = 7
_MOST_IDS = 40
_NESTED = 64 * 1024
_ORIGIN = re.compile(r"https?://[^/?#\s]{1,255}")


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an entry's request; what is not said is empty, or 0. `error`: a field holds an error."""

    stamp: Stamp | None = None
    severity: str = ""
    ids: tuple[str, ...] = ()
    method: str = ""
    path: str = ""
    status: int = 0
    text: str = ""
    error: bool = False

    def completed(self, other: Facts) -> Facts:
        """These, and what the other knows besides."""
        return replace(
            self,
            stamp=_surer(self.stamp, other.stamp),
            severity=self.severity or other.severity,
            ids=tuple(dict.fromkeys((*self.ids, *other.ids)))[:_MOST_IDS],
            method=self.method or other.method,
            path=self.path or other.path,
            status=self.status or other.status,
            error=self.error or other.error,
        )


def facts_of(fields: Mapping[str, Any]) -> Facts:
    """The facts of a record; a JSON object within its message counts too, as a platform wraps a logger's line."""
    inner = ""
    for name in names.MESSAGES:
        value = fields.get(name)
        if isinstance(value, str) and value:
            inner = value
            break
    found = _walked(fields)
    own = _own(fields, found)
    nested = json_object(inner) if len(inner) <= _NESTED else None
    if nested is not None:
        within = facts_of(nested)
        # what the application says of itself is truer than what the platform makes of its stream
        return replace(
            within.completed(own),
            severity=within.severity or own.severity,
            text=within.text or inner,
        )
    return replace(own, text=inner)


def _own(fields: Mapping[str, Any], found: _Found) -> Facts:
    times = (when(fields.get(name)) for name in names.TIMES)
    stamp = next((time for time in times if time is not None), None)
    levels = ((name, fields.get(name)) for name in names.LEVELS)
    told = next(
        (s for name, value in levels if (s := severity(value, names.plain(name)))), found.severity
    )
    return Facts(
        stamp=_surer(stamp, found.stamp),
        severity=told,
        ids=tuple(found.ids)[:_MOST_IDS],
        method=found.method,
        path=found.path,
        status=found.status,
        error=found.error,
    )


def _surer(first: Stamp | None, second: Stamp | None) -> Stamp | None:
    """The first, unless only the second says in which zone it is."""
    if first is None or (first.at is None and second is not None and second.at is not None):
        return second
    return first


class _Found:
    def __init__(self) -> None:
        self.stamp: Stamp | None = None
        self.severity = ""
        self.ids: dict[str, None] = {}
        self.method = ""
        self.path = ""
        self.status = 0
        self.error = False

    def take(self, name: str, parent: str, value: str | float, *, of_error: bool) -> None:
        text = str(value)
        if names.is_id(name, parent):
            self.ids.update(dict.fromkeys(names.ids_in(text)))
        elif not self.method and names.is_method(name) and text.upper() in names.METHODS:
            self.method = text.upper()
        elif not self.status and names.is_status(name) and not of_error:
            if text.isdigit() and 100 <= int(text) <= 599:
                self.status = int(text)
        elif not self.path and names.is_path(name) and not of_error:
            self.path = path_of(text)
        elif parent == "log" and name == "level" and not self.severity:
            self.severity = severity(value)
        elif parent == "proxy" and name == "timestamp" and self.stamp is None:
            self.stamp = when(value)


def _walked(fields: Mapping[str, Any]) -> _Found:
    found = _Found()
    left = _MOST_FIELDS
    waiting: deque[tuple[str, str, Any, int, bool]] = deque(
        (str(key), "", value, 0, False) for key, value in list(fields.items())[:_MOST_FIELDS]
    )
    while waiting and left:
        left -= 1
        key, parent, value, depth, of_error = waiting.popleft()
        name = names.plain(key[:80])
        if name in names.ERRORS and value:
            of_error = found.error = True
        if isinstance(value, (dict, list)):
            if depth < _DEEPEST:
                items = value.items() if isinstance(value, dict) else ((key, v) for v in value)
                for child, (inner, item) in enumerate(items):
                    if child >= left:
                        break
                    waiting.append((str(inner), name, item, depth + 1, of_error))
        elif isinstance(value, (str, int, float)) and not isinstance(value, bool):
            found.take(name, parent, value, of_error=of_error)
    return found


def path_of(text: str) -> str:
    """The path and query of an address; empty for what is none."""
    rest = _ORIGIN.sub("", text[:2048], count=1) if text.startswith("http") else text[:2048]
    return rest if rest.startswith("/") and " " not in rest else ""
