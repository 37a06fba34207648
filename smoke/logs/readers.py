"""Who reads which line of a log: readers of PostgreSQL's formats and of applications', side by side. Pure.

A log may hold lines of both, as the stream of a container, of `docker compose logs` or of a platform does. Each line goes
to the first reader with which an entry begins there, PostgreSQL's before the applications'; a line with which none begins
goes on with the entry of its source before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from smoke.logs.application.reader import APPLICATION
from smoke.logs.carriers import forms, lines_of, plain_lines
from smoke.logs.entry import LogEntry, LogKind
from smoke.logs.line import LogLine
from smoke.logs.postgres import CSVLOG, FIELDS, STDERR

if TYPE_CHECKING:
    from smoke.logs.scan import LogRegion

_SAMPLED = 2000
"""Lines by which a log is recognised: one statement may go on over many."""


class LogReader(Protocol):
    """Reads one format of a log."""

    @property
    def name(self) -> str:
        """What the format is called in a message: `PostgreSQL's log (csvlog)`, `pino's log`."""

    @property
    def kind(self) -> LogKind:
        """Whose log it is."""

    def begins(self, line: LogLine) -> bool:
        """Whether an entry of this format begins with a line, seen by what it holds. False when in doubt."""

    def goes_on(self, line: LogLine) -> bool:
        """Whether a line with which nobody's entry begins may belong to the entry before it."""

    def entries(self, lines: Iterable[LogLine]) -> Iterator[LogEntry]:
        """The entries of lines that this reader was given, in their order. Raises nothing."""


READERS: tuple[LogReader, ...] = (FIELDS, CSVLOG, STDERR, APPLICATION)
"""Every reader that ships, the one that is asked first at the beginning."""


def read_log(text: str, readers: Sequence[LogReader] = READERS) -> list[LogEntry]:
    """The entries of a log, of whichever formats its lines are; lines that are of none are passed over."""
    return read_lines(lines_of(text), readers)


def read_lines(lines: Iterable[LogLine], readers: Sequence[LogReader] = READERS) -> list[LogEntry]:
    """The entries of the lines of a log. A line with number 0 says that some were left out there."""
    given: dict[LogReader, list[LogLine]] = {reader: [] for reader in readers}
    for reader, line in shared_out(lines, readers):
        if reader is not None:
            given[reader].append(line)
    return [entry for reader, lines in given.items() if lines for entry in reader.entries(lines)]


def read_regions(
    regions: Sequence[LogRegion], readers: Sequence[LogReader] = READERS
) -> list[LogEntry]:
    """The entries of what a scan kept of a log."""
    return read_lines(_lines_between_gaps(regions), readers)


def _lines_between_gaps(regions: Sequence[LogRegion]) -> Iterator[LogLine]:
    for region in regions:
        yield LogLine(0, "")
        yield from plain_lines(region.data.decode("utf-8", "replace"), region.line)


def reader_of(sample: str, readers: Sequence[LogReader] = READERS) -> LogReader | None:
    """The reader of most of a log's entries, by its first lines; None when no entry of a known log begins there."""
    begun: dict[LogReader, int] = {}
    for number, line in enumerate(lines_of(sample)):
        if number >= _SAMPLED:
            break
        reader, _ = _taken(forms(line), readers)
        if reader is not None:
            begun[reader] = begun.get(reader, 0) + 1
    return max(begun, key=lambda reader: begun[reader], default=None)


def shared_out(
    lines: Iterable[LogLine], readers: Sequence[LogReader] = READERS
) -> Iterator[tuple[LogReader | None, LogLine]]:
    """Each line with the reader that it belongs to; None for a line of no known log."""
    last: dict[str, LogReader] = {}
    for line in lines:
        if line.number == 0:
            last.clear()
        seen = forms(line)
        reader, taken = _taken(seen, readers)
        if reader is None:
            before = last.get(line.source)
            if before is not None:
                taken = next((form for form in reversed(seen) if before.goes_on(form)), None)
                reader = before if taken is not None else None
        else:
            last[line.source] = reader
        yield reader, taken or line


def _taken(
    seen: Sequence[LogLine], readers: Sequence[LogReader]
) -> tuple[LogReader | None, LogLine | None]:
    for kind in LogKind:  # PostgreSQL's first, also of what stands within an application's wrapping
        of_kind = [reader for reader in readers if reader.kind is kind]
        for form in seen:
            reader = _first(form, of_kind)
            if reader is not None:
                return reader, form
    return None, None


def _first(line: LogLine, readers: Sequence[LogReader]) -> LogReader | None:
    return next((reader for reader in readers if reader.begins(line)), None)
