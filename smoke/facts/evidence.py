"""What reports read of the evidence: the bodies of a run, as much of them as there is room for."""

from __future__ import annotations

import os
from typing import Protocol

from msgspec import Struct

from smoke.diagnostic import SmokeError
from smoke.model.correlation import ID_HEADERS, id_header
from smoke.model.exchange import Body, Completeness, Exchange, Headers, Response
from smoke.model.run import Run, StepResult
from smoke.text import as_text


class Evidence(Protocol):
    """The bodies of one run. `path` is where a person finds one."""

    def read(self, body: Body, start: int = 0, size: int | None = None) -> bytes: ...

    def path(self, body: Body) -> str | os.PathLike[str]: ...


UNREADABLE = (SmokeError, OSError, KeyError, ValueError)
"""What reading a body may raise when its file is gone or was changed: a report says so, and goes on."""


class Excerpt(Struct, frozen=True):
    """The beginning of a body as text. `binary` ones have none; `missing` says why it could not be read."""

    text: str
    cut: bool = False
    encoding: str = "utf-8"
    lossy: bool = False
    binary: bool = False
    missing: str = ""


def excerpt(evidence: Evidence, body: Body, limit: int = 2048) -> Excerpt:
    """At most `limit` bytes of a body. Never raises for what the body holds, nor when its file is gone."""
    if not body.size:
        return Excerpt("")
    if not body.file:
        return Excerpt("", missing=gap("", body))
    try:
        # a few bytes more, so that no character is cut in two at the limit and called damage
        data = evidence.read(body, 0, min(body.size, limit + 4))
    except UNREADABLE as error:
        return Excerpt("", missing=f"cannot be read: {type(error).__name__}")
    cut = body.size > limit
    decoded = as_text(data if not cut else _whole_characters(data[:limit]), body.charset)
    if not decoded.encoding.startswith("utf-16") and _looks_binary(data):
        return Excerpt("", cut, decoded.encoding, decoded.lossy, binary=True)
    return Excerpt(decoded.text, cut, decoded.encoding, decoded.lossy)


def _whole_characters(data: bytes) -> bytes:
    """The bytes without the beginning of a UTF-8 sequence at their end."""
    for back in range(1, min(4, len(data)) + 1):
        byte = data[-back]
        if byte < 0x80:
            return data
        if byte >= 0xC0:
            return data[:-back]
    return data


def _looks_binary(data: bytes) -> bool:
    controls = sum(byte < 0x20 and byte not in b"\t\n\r\x0c\x1b" for byte in data[:1024])
    return controls * 10 > len(data[:1024])


def place(run: Run, path: str) -> str:
    """Where a file of the evidence lies, as the run's folder was named; empty when there is none."""
    if not path:
        return ""
    return f"{run.folder}/{path}" if run.folder else path


_TELLING = (
    *ID_HEADERS,
    "x-runtime",
    "proxy-status",
    "x-matched-path",
    "x-deployment-id",
    "x-version",
    "retry-after",
    "location",
    "content-type",
)
"""Response headers with which somebody can look further, the most telling first."""


def telling_headers(headers: Headers, most: int = 6) -> tuple[tuple[str, str], ...]:
    """The headers of a response that matter, as text; every one with an id in its name counts."""
    found: list[tuple[int, int, str, str]] = []
    for name, value in headers:
        key = name.decode("latin-1").lower()
        if key in _TELLING:
            rank = _TELLING.index(key)
        elif id_header(key) is not None:
            rank = _TELLING.index("x-request-id")
        else:
            continue
        found.append((rank, len(found), name.decode("latin-1"), value.decode("latin-1")))
    if len(found) > 1:  # the media type tells little beside an id
        found = [item for item in found if item[2].lower() != "content-type"]
    return tuple((name, value) for _, _, name, value in sorted(found)[:most])


def duration(seconds: float) -> str:
    """Seconds for a person: `38 ms`, `1.5 s`."""
    return f"{seconds * 1000:.0f} ms" if seconds < 0.9995 else f"{seconds:.1f} s"


def timing(exchange: Exchange) -> str:
    """When each phase ended that was reached, from the start of the exchange; before it, how long it was held back."""
    told = exchange.timing
    phases = (
        ("held back", told.held or None),
        ("resolved", told.resolve),
        ("connected", told.connect),
        ("TLS", told.tls),
        ("sent", told.sent),
        ("first byte", told.first_byte),
        ("total", told.total),
    )
    return ", ".join(
        f"{name} {duration(seconds)}" for name, seconds in phases if seconds is not None
    )


def size_of(count: int) -> str:
    """A number of bytes for a person."""
    if count < 10_000:
        return f"{count} bytes"
    for unit, power in (("kB", 10**3), ("MB", 10**6), ("GB", 10**9)):
        if count < power * 1000 or unit == "GB":
            return f"{count / power:.1f} {unit}"
    raise AssertionError(count)


def answer(exchange: Exchange) -> str:
    """`500 Internal Server Error`, or that there was no answer and why."""
    response = exchange.response
    if response is None:
        return (
            f"no answer ({exchange.error.kind.value})"
            if exchange.error is not None
            else "no answer"
        )
    reason = response.reason.decode("latin-1")
    return f"{response.status} {reason}".rstrip()


def answered(step: StepResult) -> bool:
    """Whether the last attempt of a step got an answer: only then was anything checked, or is anything to compare."""
    return any(
        exchange.response is not None
        for attempt in step.attempts[-1:]
        for exchange in attempt.exchanges[-1:]
    )


def gap(folder: str, body: Body) -> str:
    """What of a body the disk did not take, and where the rest lies; empty when all of it is kept."""
    if body.kept:
        return ""
    if not body.path and not body.tail_path:
        return f"NOT KEPT: {body.size:,} bytes came, and could not be written"
    start = body.size if body.path else 0
    lost = body.omitted + (0 if body.path else body.size)
    text = f"NOT WHOLE: {lost:,} bytes from offset {start:,} on could not be written"
    if body.tail_path:
        where = f"{folder}/{body.tail_path}" if folder else body.tail_path
        text += f"; the last {body.tail_size:,} bytes lie in {where}"
    return text


def completeness(exchange: Exchange, folder: str = "") -> str:
    """A remark on how a body ended, and what of it is not kept; empty when it is whole, or no claim is made."""
    response = exchange.response
    if response is None:
        return ""
    lost = gap(folder, response.body)
    if response.completeness in (Completeness.COMPLETE, Completeness.UNPROVEN):
        return lost
    return "; ".join(filter(None, (_broken_off(response), lost)))


def _broken_off(response: Response) -> str:
    body = response.body
    declared = f" of {body.declared_size} declared" if body.declared_size is not None else ""
    return f"NOT WHOLE ({response.completeness.value}): {body.wire_size}{declared} bytes came"
