"""One file per kind of recording: how its content is recognised, and the requests in it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Protocol

from smoke import plugins
from smoke.diagnostic import SmokeError
from smoke.recording.records import RecordedRequest


class Importer(Protocol):
    """What a module of `smoke.importers`, or of the group `smoke.importers.v1`, provides.

    `recognise` says from the first bytes of a file (at most 64 KiB) whether it can read it. `read` gives the requests in
    the order in which they were sent, each with its answer where the file has it; `source` is the name of the file for
    diagnostics. It reads no other file and sends nothing. For what it cannot read it raises SmokeError with the place.
    """

    def recognise(self, head: bytes, /) -> bool: ...
    def read(self, data: bytes, source: str, /) -> Iterable[RecordedRequest]: ...


HEAD = 64 * 1024


def read_recording(data: bytes, source: str) -> list[RecordedRequest]:
    """The requests in the bytes of a file. Raises SmokeError where no importer knows it, or what one raises."""
    found = plugins.survey("importers").plugins
    for plugin in sorted(found.values(), key=lambda each: bool(each.distribution)):
        importer: Importer = plugin.load()
        if plugins.guarded(plugin, partial(importer.recognise, data[:HEAD])) is True:

            def requests(importer: Importer = importer) -> list[RecordedRequest]:
                return _checked(importer.read(data, source))

            return plugins.guarded(plugin, requests, lets=(SmokeError,), quote=False)
    raise SmokeError.of(
        "cannot-read",
        f"{source} is no recording that smoke can read",
        notes=[f"it reads: {', '.join(found)}"],
    )


def _checked(requests: Iterable[object]) -> list[RecordedRequest]:
    """The requests of an importer. Raises TypeError for what is none."""
    found = []
    for each in requests:
        if not isinstance(each, RecordedRequest):
            raise TypeError(f"a RecordedRequest is expected, not {type(each).__name__}")
        found.append(each)
    return found
