"""The readers at work: the texts and records of a response to drafts of errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from smoke.classify.read import (
    _chains,
    _context,
    _fields,
    _kept,
    _keys,
    _other_databases,
    _quoting,
)
from smoke.classify.read._sweep import Sweep
from smoke.classify.read.draft import Draft
from smoke.classify.read.speech import is_unreliable
from smoke.classify.text.regions import Region
from smoke.classify.text.view import View
from smoke.classify.unwrap.jsonish import LabelledRecord


class Stacks(Protocol):
    """The dialects: their exception classes, what only they can read, and the names of their stacks."""

    @property
    def symbols(self) -> Mapping[str, tuple[str, str]]: ...
    def read(self, view: View) -> tuple[list[Draft], list[str]]: ...
    def name(self, view: View, drafts: list[Draft]) -> None: ...


def readings(view: View, stacks: Stacks, limit: int) -> tuple[list[Draft], list[str]]:
    """Every reading of every reader, and what went wrong in a dialect that is not ours."""
    drafts: list[Draft] = []
    context = _context.Context(
        stacks.symbols, view.failed, view.status >= 500, healthy=view.succeeded
    )
    quoting = _quoting.Quoting.of(view)
    context.quiet = quoting.applies and quoting.quiet
    recorded: list[tuple[LabelledRecord, list[Draft]]] = []
    for entry in view.records:
        if len(drafts) < limit and not quoting.holds(entry):
            record = quoting.own(entry)
            found = quoting.weighed(record, _fields.read(record, context))
            if found:
                recorded.append((record, found))
                drafts += found
    _chains.nested(recorded)
    catalogue = _kept.lists_codes(view, drafts)
    drafts = [] if catalogue else drafts
    boxed, told = _spoken(view, quoting, context, limit - len(drafts))
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
    view: View, quoting: _quoting.Quoting, context: _context.Context, limit: int
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
        unreliable = is_unreliable(piece, view)
        for draft in Sweep(
            piece,
            context.table,
            unreliable=unreliable,
            healthy=quoting.quiet,
            strict=0 if any(map(_keys.is_errorish, piece.keys)) else quoting.strict,
            region=region,
            rows=context.rows,
        ).drafts():
            if any(_keys.is_secondary(key) for key in piece.keys):
                draft.secondary = True
            in_box = region is not None and region(draft.at[1]) is Region.BOX
            (boxed if in_box else told).append(draft)
    return boxed, told
