"""One file per format: a Run to bytes."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, BinaryIO, Protocol

from msgspec import Struct

if TYPE_CHECKING:
    from smoke.facts.evidence import Evidence
    from smoke.model.run import Run


class TargetRun(Struct, frozen=True):
    """What came of one target: its run with its evidence, or why it has none."""

    target: str
    run: Run | None = None
    evidence: Evidence | None = None
    why_not: str = ""


class Reporter(Protocol):
    """What a module of `smoke.report`, or of the group `smoke.reporters.v1`, provides; `--report NAME=PATH` asks for it.

    `SUFFIX` is the usual ending of its files. `write` puts the whole report into `out`, which is open for bytes; it
    reads bodies from `evidence`: `evidence.read(exchange.response.body, 0, 500)` are its first bytes, as they were
    stored, `evidence.path(body)` is the file that it lies in: the events' where `body.path` is empty. Texts of a run are foreign: `smoke.text.safe_line` makes one line of
    them, what means something in the format is the reporter's own to escape. What it raises becomes a problem of the
    run: other reports are still written. One that can tell of several targets in one file has `write_all(runs, out)`, too,
    which takes a list of `TargetRun` (`target`, `run`, `evidence`, `why_not`). A module with `FOLDER = True` writes a `FolderReporter`'s report.
    """

    @property
    def SUFFIX(self) -> str: ...  # noqa: N802  (a constant of a module)
    def write(self, run: Run, evidence: Evidence, out: BinaryIO, /) -> None: ...


class ReportFiles(Protocol):
    """The folder that a report becomes. Nothing else in it is touched; a file of the same name is replaced."""

    def file(self, name: str, /) -> AbstractContextManager[BinaryIO]:
        """A new file, open for bytes. Its name is letters, digits, `.`, `_` and `-`, and does not begin with a `.`."""


class FolderReporter(Protocol):
    """As `Reporter`, for formats that are a folder: a module with `FOLDER = True`, whose `write` gets the files of it.

    `with out.file("environment.properties") as file: file.write(…)`. None of them is at its place before `write` has returned.
    """

    @property
    def SUFFIX(self) -> str: ...  # noqa: N802  (a constant of a module)
    @property
    def FOLDER(self) -> bool: ...  # noqa: N802  (a constant of a module)
    def write(self, run: Run, evidence: Evidence, out: ReportFiles, /) -> None: ...
