"""A recording held against the scenario that was made of an earlier one: what differs, and the file brought up to it."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from smoke.app.exchanging import exchange
from smoke.diagnostic import Level, SmokeError
from smoke.inputs import read_input
from smoke.recording.assemble import Imported
from smoke.recording.reimporting import RecordedDifference, reimported
from smoke.recording.splicing import CannotSpliceError
from smoke.scenario.files import Files
from smoke.scenario.load import load_text

_LARGEST = 1024 * 1024
_BY_HAND = "import into another file with --to, and take over by hand what you want of it"


class AgainImported(Struct, frozen=True):
    """What a recording and a file do not have in common; `before` and `after` are the file's bytes.

    `fault` says why the file cannot be brought up to the recording in its place, and `after` is what it was then.
    """

    path: Path
    differences: tuple[RecordedDifference, ...]
    before: bytes
    after: bytes
    fault: SmokeError | None = None


def against(made: Imported, path: Path) -> AgainImported:
    """The scenario of a recording held against the file that is there. Raises SmokeError where that is no scenario."""
    before = _bytes(path)
    source = path.as_posix()
    load_text(before, source, Files(path))
    mark = b"\xef\xbb\xbf" if before.startswith(b"\xef\xbb\xbf") else b""
    try:
        found = reimported(before.decode("utf-8-sig"), made.text)
    except CannotSpliceError as error:
        why = str(error) or "its layout cannot be kept"
        return AgainImported(path, (), before, before, _cannot(path, why))
    if found.text is None:
        return AgainImported(path, found.differences, before, before, _cannot(path))
    after = mark + found.text.encode()
    try:
        load_text(after, source, Files(path))
    except SmokeError as error:
        errors = [each for each in error.diagnostics if each.level is Level.ERROR]
        why = errors[0].message
        fault = _cannot(
            path, f"with the recording taken over it would not pass `smoke check`: {why}"
        )
        return AgainImported(path, found.differences, before, before, fault)
    return AgainImported(path, found.differences, before, after)


def update(found: AgainImported) -> None:
    """Write it. Raises SmokeError where that cannot be, or the file was changed meanwhile."""
    if found.fault is not None:
        raise found.fault
    if found.after != found.before:
        exchange(found.path, found.before, found.after)


def _cannot(path: Path, why: str = "its layout cannot be kept") -> SmokeError:
    return SmokeError.of(
        "cannot-update", f"{path} cannot be brought up to the recording: {why}", notes=[_BY_HAND]
    )


def _bytes(path: Path) -> bytes:
    try:
        return read_input(path, _LARGEST + 1)
    except OSError as error:
        raise SmokeError.of("cannot-read", f"cannot read {path}: {error.strerror}") from error
