"""Playwright traces (trace.zip): what its network records say was sent and answered, with the bodies beside them."""

from __future__ import annotations

import io
from collections.abc import Iterator

from msgspec import DecodeError, Struct, ValidationError, field, json

from smoke.diagnostic import SmokeError, Span
from smoke.importers._har_entries import LARGEST_BODY, HarEntry, recorded
from smoke.importers._zipped import Zipped, first_names
from smoke.recording.records import RecordedRequest
from smoke.text import safe_line

# a line of a `.network` file is an event; of `resource-snapshot` the snapshot is an entry as HAR has it. Bodies are in
# `resources/`, by the SHA-1 of their bytes; until version 8 of traces an entry named them without the folder
_NETWORK, _TRACE, _BODIES = ".network", ".trace", "resources/"


class _Snapshot(HarEntry):
    time: float | None = field(name="_monotonicTime", default=None)


class _Event(Struct):
    type: str = ""
    snapshot: _Snapshot | None = None


def recognise(head: bytes) -> bool:
    """A ZIP that begins with what a trace has in it."""
    names = first_names(head)
    return any(
        name.endswith((_NETWORK, _TRACE)) or name.startswith(_BODIES) for name in names
    ) and not any(name.lower().endswith(".har") and "/" not in name for name in names)


def read(data: bytes, source: str) -> Iterator[RecordedRequest]:
    """The requests of all pages and of the test itself, as they began. Raises SmokeError where there are none."""
    zipped = Zipped(data, source)
    found: list[tuple[float, str, _Snapshot]] = []
    for name in zipped.names:
        if name.endswith(_NETWORK) and "/" not in name:
            found += _snapshots(zipped.whole(name), name, source)
    if not found:
        raise SmokeError.of(
            "cannot-read",
            f"no request is in the network records of {source}",
            notes=["a trace has them where it was made with `snapshots: true`"],
        )

    def attached(name: str) -> bytes | None:
        whole = name if name.startswith(_BODIES) else _BODIES + name
        return zipped.part(whole, LARGEST_BODY)

    for _, place, snapshot in sorted(found, key=lambda each: each[0]):
        request = recorded(snapshot, place, attached)
        if request is not None:
            yield request


def _snapshots(data: bytes, name: str, source: str) -> Iterator[tuple[float, str, _Snapshot]]:
    last = 0.0
    for number, line in enumerate(io.BytesIO(data), 1):  # one by one: most may be empty
        if not line.strip():
            continue
        try:
            event = json.decode(line, type=_Event)
        except (DecodeError, ValidationError, RecursionError, UnicodeDecodeError) as error:
            span = Span(f"{source}/{name}", number, 1, number, 2)
            raise SmokeError.of(
                "cannot-read",
                f"{safe_line(source)} is no trace: {safe_line(str(error))}",
                span=span,
            ) from error
        if event.type == "resource-snapshot" and event.snapshot is not None:
            last = event.snapshot.time if event.snapshot.time is not None else last
            yield last, f"{name}, line {number}", event.snapshot
