"""Whether stored bodies are still what the events say."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from msgspec import Struct

from smoke.diagnostic import SmokeError
from smoke.model.events import Event, ExchangeRecorded
from smoke.model.exchange import Body, Exchange

_CHUNK = 1024 * 1024


class BodyDiffers(Struct, frozen=True):
    """A body file that is not what the events say. `problem`: `missing`, `outside`, `size` or `sha256`.

    `incomplete`: the disk did not take all of it; `omitted` bytes are lost, those behind offset `start`.
    """

    exchange_id: str
    path: str
    problem: str
    start: int = 0
    omitted: int = 0


def _bodies_of(exchange: Exchange) -> list[Body]:
    response = exchange.response
    bodies = [exchange.request.body, exchange.undecoded, exchange.leftover]
    if response is not None:
        bodies.append(response.body)
    return [body for body in bodies if body is not None]


def _files_of(body: Body) -> Iterator[tuple[str, str, int | None]]:
    """Path, SHA-256 and size of every file of a body; the size is None where it is not told."""
    if body.path:
        yield body.path, body.sha256, body.size
    if body.tail_path:
        yield body.tail_path, body.tail_sha256, body.tail_size
    if body.wire_path:
        yield body.wire_path, body.wire_sha256, None


def verify(events: Iterable[Event], locate: Callable[[str], Path]) -> Iterator[BodyDiffers]:
    """Every body file that is missing, or whose length or checksum differs, and every body that was not kept whole.

    `locate` gives the file of a stored path, and raises SmokeError for one that leads out of the run folder.
    """
    for event in events:
        if not isinstance(event, ExchangeRecorded):
            continue
        for body in _bodies_of(event.exchange):
            if body.text and hashlib.sha256(body.text.encode()).hexdigest() != body.sha256:
                yield BodyDiffers(event.exchange.id, body.file, "sha256")
            for path, sha256, size in _files_of(body):
                problem = _problem(locate, path, sha256, size)
                if problem:
                    yield BodyDiffers(event.exchange.id, path, problem)
            if not body.kept:
                start, unwritten = (body.size, 0) if body.path else (0, body.size)
                lost = body.omitted + unwritten
                yield BodyDiffers(event.exchange.id, body.path, "incomplete", start, lost)


def _problem(locate: Callable[[str], Path], path: str, sha256: str, size: int | None) -> str:
    try:
        file = locate(path)
    except SmokeError:
        return "outside"
    if not file.is_file():
        return "missing"
    if size is not None and file.stat().st_size != size:
        return "size"
    digest = hashlib.sha256()
    with file.open("rb") as opened:
        while chunk := opened.read(_CHUNK):
            digest.update(chunk)
    return "" if digest.hexdigest() == sha256 else "sha256"
