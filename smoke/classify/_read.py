"""The readers at work: a response's bytes to its findings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from smoke.classify import (
    _chains,
    _codes,
    _codings,
    _documents,
    _fields,
    _findings,
    _fingerprint,
    _keys,
    _other_databases,
    _quoting,
    _seams,
    _speech,
    _stacks,
    _view,
)
from smoke.classify._draft import Draft
from smoke.classify._regions import Region
from smoke.classify._sweep import Sweep
from smoke.classify.merge import merge
from smoke.classify.unwrap.jsonish import Record
from smoke.model.exchange import Completeness
from smoke.model.finding import Finding

SEAM = b"\n\0\n\0"
"""Put between a body's beginning and its end, so that nothing is read across the bytes left out (in UTF-16 too)."""
MAX_READINGS = 1000
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
        unpacked = _codings.unpack(body + tail, claimed)
        data, codings = unpacked.data, unpacked.codings
        omitted, gap = unpacked.omitted, unpacked.gap
        size = len(data) + omitted
        if omitted:
            data = data[:gap] + SEAM + data[gap:]
    text = _view.opened(headers, data)
    del data  # what is left of it is in the text
    view = _view.build(status, reason, headers, text, codings)
    view.omitted = omitted
    drafts, problems = readings(view)
    client = next((draft for draft in drafts if draft.code in _codes.CLIENT), None)
    merged = merge([draft for draft in drafts if draft.code not in _codes.CLIENT])
    found = _findings.make(view, merged, completeness=completeness, client=client)
    if on_problem is not None:
        for problem in problems:
            on_problem(problem)
    notes = [*problems]
    if omitted:
        notes.append(
            f"of a body of {size} bytes the first {gap} and the last {size - omitted - gap} were examined"
        )
        found = [_seams.apart(finding, gap, omitted - len(SEAM)) for finding in found]
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


def readings(view: _view.View) -> tuple[list[Draft], list[str]]:
    """Every reading of every reader, and what went wrong in a dialect that is not ours."""
    stacks = _stacks.load()
    drafts: list[Draft] = []
    context = _fields.Context(
        stacks.symbols, view.failed, view.status >= 500, healthy=view.succeeded
    )
    quoting = _quoting.Quoting(view)
    recorded: list[tuple[Record, list[Draft]]] = []
    for entry in view.records:
        if len(drafts) < MAX_READINGS and not quoting.holds(entry):
            record = quoting.own(entry)
            found = _fields.read(record, context)
            if found:
                recorded.append((record, found))
                drafts += found
    _chains.nested(recorded)
    catalogue = _documents.lists_codes(view, drafts)
    drafts = [] if catalogue else drafts
    boxed, told = _spoken(view, quoting, context, MAX_READINGS - len(drafts))
    own, problems = stacks.read(view)
    if quoting.wrote or catalogue:
        told, own = [], []
    if view.succeeded and _quoting.several([*told, *own]):
        # a text that did not fail and tells of several errors tells of other people's
        told, own = [], []
    drafts += [*boxed, *told, *own]
    drafts = _other_databases.without(view, drafts)
    stacks.name(view, drafts)
    return drafts, problems


def _spoken(
    view: _view.View, quoting: _quoting.Quoting, context: _fields.Context, limit: int
) -> tuple[list[Draft], list[Draft]]:
    """What the plain texts say: in a box that shows the page's own errors, and elsewhere."""
    boxed: list[Draft] = []
    told: list[Draft] = []
    seen: set[str] = set()
    for piece in view.texts:
        if piece.text in seen or len(boxed) + len(told) >= limit:
            continue
        seen.add(piece.text)
        region = quoting.region(piece)
        unreliable = _speech.is_unreliable(piece, view)
        for draft in Sweep(
            piece,
            context.table,
            unreliable=unreliable,
            healthy=view.succeeded,
            region=region,
            rows=context.rows,
        ).drafts():
            if any(_keys.is_secondary(key) for key in piece.keys):
                draft.secondary = True
            in_box = region is not None and region(draft.at[1]) is Region.BOX
            (boxed if in_box else told).append(draft)
    return boxed, told
