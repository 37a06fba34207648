"""A response's bytes to its findings: unpacked, looked at, read, merged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from smoke.classify import _fingerprint, _stacks
from smoke.classify.read.codes import CLIENT
from smoke.classify.read.findings import make
from smoke.classify.read.merge import merge
from smoke.classify.read.readers import readings
from smoke.classify.text import seams
from smoke.classify.text.view import build, opened
from smoke.classify.unwrap.codings import unpack
from smoke.model.exchange import Completeness
from smoke.model.finding import Finding

SEAM = b"\n\0\n\0"
"""Put between a body's beginning and its end, so that nothing is read across the bytes left out (in UTF-16 too)."""
MAX_READINGS = 500
"""So many readings of one response are compared; who repeats an error that often says nothing new."""


def findings(
    status: int,
    headers: list[tuple[str, str]],
    body: bytes,
    tail: bytes,
    *,
    reason: str = "",
    omitted: int = 0,
    decoded: bool = True,
    exchange_id: str = "",
    completeness: Completeness = Completeness.COMPLETE,
    on_problem: Callable[[str], None] | None = None,
) -> list[Finding]:
    """The findings, the root cause first. `body` and `tail` are what is examined, `omitted` bytes lie between."""
    codings: tuple[str, ...] = ()
    gap = len(body)
    if omitted:
        # joined once: each copy of so large a body counts
        data = b"".join((body, SEAM, tail))
        size = len(body) + omitted + len(tail)
    else:
        # a body may be compressed though no header says so, and once more than the header says
        claimed = "" if decoded else _header(headers, "content-encoding")
        unpacked = unpack(body + tail, claimed)
        data, codings = unpacked.data, unpacked.codings
        omitted, gap = unpacked.omitted, unpacked.gap
        size = len(data) + omitted
        if omitted:
            data = data[:gap] + SEAM + data[gap:]
    text = opened(headers, data)
    del data  # what is left of it is in the text
    view = build(status, reason, headers, text, codings)
    view.omitted = omitted
    drafts, problems = readings(view, _stacks.load(), MAX_READINGS)
    client = next((draft for draft in drafts if draft.code in CLIENT), None)
    merged = merge([draft for draft in drafts if draft.code not in CLIENT])
    found = make(view, merged, completeness=completeness, client=client)
    if on_problem is not None:
        for problem in problems:
            on_problem(problem)
    notes = [*problems]
    if omitted:
        notes.append(
            f"of a body of {size} bytes the first {gap} and the last {size - omitted - gap} were examined"
        )
        found = [seams.apart(finding, gap, omitted - len(SEAM)) for finding in found]
    return [
        replace(
            finding,
            exchange_id=exchange_id,
            notes=(*finding.notes, *notes),
            fingerprint=_fingerprint.fingerprint(finding),
        )
        for finding in found
    ]


def _header(headers: list[tuple[str, str]], wanted: str) -> str:
    return next((value for name, value in headers if name.lower() == wanted), "")
