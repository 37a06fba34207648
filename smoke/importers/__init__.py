"""One file per kind of recording: how its content is recognised, and the requests in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Protocol

from smoke import plugins
from smoke.diagnostic import SmokeError
from smoke.recording.records import RecordedRequest


class Importer(Protocol):
    """What a module of `smoke.importers`, or of the group `smoke.importers.v1`, provides.

    `recognise` says from the first bytes of a file (at most 64 KiB) whether it can read it. `read` gives the requests in
    the order in which they were sent, each with its answer where the file has it; `source` is the name of the file for
    diagnostics. It reads no other file and sends nothing. For what it cannot read it raises SmokeError with the place.

    Three functions more may be there. `read_several(files, source)` takes the bytes of several files by name: `source`, and those
    that were named beside it, such as values of variables. `recognise_folder(names)` says of the paths of a folder's files whether
    `read_several` can read them; `source` is the folder's name then, and no key. `read_named(files, source, names)` takes the same
    files and the names of the requests that are wanted (`--operation`), in their order; it raises SmokeError for a name that is none.
    """

    def recognise(self, head: bytes, /) -> bool: ...
    def read(self, data: bytes, source: str, /) -> Iterable[RecordedRequest]: ...


HEAD = 64 * 1024
_LAST = "curl"
"""What is asked last: a command line stands in comments of other kinds too."""


def read_recording(
    data: bytes,
    source: str,
    beside: Mapping[str, bytes] | None = None,
    names: Sequence[str] = (),
) -> list[RecordedRequest]:
    """The requests in the bytes of a file, with others beside it; of some kinds those of these names. Raises SmokeError where no importer knows it, or what one raises."""
    found = plugins.survey("importers").plugins
    for plugin in sorted(
        found.values(), key=lambda each: (bool(each.distribution), each.name == _LAST)
    ):
        importer: Importer = plugin.load()
        if plugins.guarded(plugin, partial(importer.recognise, data[:HEAD])) is True:
            if names:
                return _requests(
                    plugin,
                    partial(
                        _named(importer, source), {**(beside or {}), source: data}, source, names
                    ),
                )
            if not beside:
                return _requests(plugin, partial(importer.read, data, source))
            several = getattr(importer, "read_several", None)
            if several is None:
                raise SmokeError.of(
                    "bad-option", f"{source} is read by itself: no other file belongs to this kind"
                )
            return _requests(plugin, partial(several, {**beside, source: data}, source))
    raise SmokeError.of(
        "cannot-read",
        f"{source} is no recording that smoke can read",
        notes=[f"it reads: {', '.join(found)}"],
    )


def _named(importer: Any, source: str) -> Callable[..., Iterable[object]]:
    """What reads requests by their names. Raises SmokeError where these requests have none that may be chosen."""
    found: Callable[..., Iterable[object]] | None = getattr(importer, "read_named", None)
    if found is None:
        raise SmokeError.of(
            "bad-option", f"--operation is for OpenAPI documents; all requests of {source} are read"
        )
    return found


def read_folder(files: Mapping[str, bytes], source: str) -> list[RecordedRequest]:
    """The requests in the files of a folder, by their paths in it. Raises SmokeError where no importer knows it, or what one raises."""
    for plugin in plugins.survey("importers").plugins.values():
        importer: Any = plugin.load()
        recognise = getattr(importer, "recognise_folder", None)
        if (
            recognise is not None
            and plugins.guarded(plugin, partial(recognise, set(files))) is True
        ):
            return _requests(plugin, partial(importer.read_several, files, source))
    raise SmokeError.of("cannot-read", f"no collection that smoke can read is in {source}")


def _requests(
    plugin: plugins.Plugin, read: Callable[[], Iterable[object]]
) -> list[RecordedRequest]:
    return plugins.guarded(plugin, lambda: _checked(read()), lets=(SmokeError,), quote=False)


def _checked(requests: Iterable[object]) -> list[RecordedRequest]:
    """The requests of an importer. Raises TypeError for what is none."""
    found = []
    for each in requests:
        if not isinstance(each, RecordedRequest):
            raise TypeError(f"a RecordedRequest is expected, not {type(each).__name__}")
        found.append(each)
    return found
