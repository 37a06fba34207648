"""HAR 1.2, as browsers and proxies save what they saw; a ZIP or a folder too, where Playwright puts bodies beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from msgspec import DecodeError, Struct, ValidationError, json

from smoke.diagnostic import SmokeError
from smoke.importers._har_entries import (
    LARGEST_BODY,
    Attached,
    HarEntry,
    nothing_attached,
    recorded,
)
from smoke.importers._zipped import Zipped, first_names
from smoke.recording.records import RecordedRequest

_OTHER = re.compile(rb'\{\s{0,40}"(?:openapi|swagger|info|_type|_postman_id)"')
"""What begins so has a log somewhere else."""


class _Log(Struct):
    entries: list[HarEntry]


class _Har(Struct):
    log: _Log


def recognise(head: bytes) -> bool:
    """A JSON object that begins with a log, or a ZIP with such a file at its top."""
    if head.startswith(b"PK"):
        return any(map(_is_har, first_names(head)))
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    return start[:1] == b"{" and b'"log"' in head and _OTHER.match(start) is None


def recognise_folder(names: set[str]) -> bool:
    """One HAR file, and the bodies beside it."""
    return sum(map(_is_har, names)) == 1


def read(data: bytes, source: str) -> Iterator[RecordedRequest]:
    """Every entry. Raises SmokeError for what is not of HAR's shape, with the place."""
    if not data.startswith(b"PK"):
        yield from _entries(data, source, nothing_attached)
        return
    zipped = Zipped(data, source)
    names = [name for name in zipped.names if _is_har(name)]
    if not names:
        raise SmokeError.of("cannot-read", f"no HAR file is at the top of {source}")
    yield from _entries(
        zipped.whole(names[0]), f"{names[0]} in {source}", lambda name: zipped.part(name, LARGEST_BODY)
    )  # fmt: skip


def read_several(files: Mapping[str, bytes], source: str) -> Iterator[RecordedRequest]:
    """The same, of a HAR file with files of bodies beside it; or of a folder."""
    name = source if source in files else next(filter(_is_har, files))
    bodies = {each.replace("\\", "/").rpartition("/")[2]: data for each, data in files.items()}
    yield from _entries(files[name], source, bodies.get)


def _entries(data: bytes, source: str, attached: Attached) -> Iterator[RecordedRequest]:
    try:
        har = json.decode(data.removeprefix(b"\xef\xbb\xbf"), type=_Har)
    except (DecodeError, ValidationError, RecursionError, UnicodeDecodeError) as error:
        raise SmokeError.of("cannot-read", f"{source} is no HAR file: {error}") from error
    for number, entry in enumerate(har.log.entries, 1):
        found = recorded(entry, f"entry {number}", attached)
        if found is not None:
            yield found


def _is_har(name: str) -> bool:
    return name.lower().endswith(".har") and "/" not in name
