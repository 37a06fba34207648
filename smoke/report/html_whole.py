"""The HTML page with everything in it: every step, and bodies of up to 20 MB. It may be large; `html` opens at once."""

from __future__ import annotations

from typing import BinaryIO

from smoke.facts.evidence import Evidence
from smoke.model.run import Run
from smoke.report.html.page import page
from smoke.report.html.page_state import WHOLE

SUFFIX = ".html"


def write(run: Run, evidence: Evidence, out: BinaryIO) -> None:
    """Write the page, section by section."""
    for part in page(run, evidence, WHOLE):
        out.write(part.encode("utf-8", "backslashreplace"))
        out.write(b"\n")
