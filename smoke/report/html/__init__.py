"""One self-contained HTML page for people: opens without a network, asks for nothing, runs its own script alone."""

from __future__ import annotations

from typing import BinaryIO

from smoke.facts.evidence import Evidence
from smoke.model.run import Run
from smoke.report.html.page import page

SUFFIX = ".html"


def write(run: Run, evidence: Evidence, out: BinaryIO) -> None:
    """Write the page, section by section."""
    for part in page(run, evidence):
        out.write(part.encode("utf-8", "backslashreplace"))
        out.write(b"\n")
