"""One file per format: a Run to bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, Protocol

if TYPE_CHECKING:
    from smoke.facts.evidence import Evidence
    from smoke.model.run import Run


class Reporter(Protocol):
    """What a module of `smoke.report`, or of the group `smoke.reporters.v1`, provides; `--report NAME=PATH` asks for it.

    `SUFFIX` is the usual ending of its files. `write` puts the whole report into `out`, which is open for bytes; it
    reads bodies from `evidence`: `evidence.read(exchange.response.body, 0, 500)` are its first bytes, as they were
    stored, `evidence.path(body)` is where it lies. Texts of a run are foreign: `smoke.text.safe_line` makes one line of
    them, what means something in the format is the reporter's own to escape. What it raises becomes a problem of the
    run: other reports are still written.
    """

    @property
    def SUFFIX(self) -> str: ...  # noqa: N802  (a constant of a module)
    def write(self, run: Run, evidence: Evidence, out: BinaryIO, /) -> None: ...
