"""A body as people read it: JSON as a tree, a page as its text and its looks, what proves a finding marked; and always as it came."""

from __future__ import annotations

from collections.abc import Sequence

from smoke.facts.evidence import UNREADABLE, Excerpt, excerpt, gap, place, size_of
from smoke.model.exchange import Body
from smoke.report.html.elements import Markup, el, joined
from smoke.report.html.json_text import json_markup
from smoke.report.html.marks import Cited, in_text, marked
from smoke.report.html.page_state import PageState
from smoke.report.html.parts import folded
from smoke.report.html.preview import page_text, preview

_PAGES = ("text/html", "application/xhtml+xml")


def body_markup(state: PageState, body: Body, cited: Sequence[Cited] = ()) -> Markup:
    """The beginning of a body; size, digest and file of the whole."""
    if not body.size:
        return el("p", "no body", cls="dim")
    given = state.bodies.take(body.size)
    shown = excerpt(state.evidence, body, given) if given else None
    if shown is None:
        part = el("p", "not shown here: the page is large enough", cls="dim")
    elif shown.missing or shown.binary:
        part = el("p", shown.missing or f"binary ({body.media_type})", cls="dim")
    else:
        part = _read(shown, body, _cited_text(state, body, shown, cited, given))
    return joined(part, _note(state, body, shown, given))


def _cited_text(
    state: PageState, body: Body, shown: Excerpt, cited: Sequence[Cited], given: int
) -> tuple[Cited, ...]:
    if not cited:
        return ()
    try:
        data = state.evidence.read(body, 0, given)
    except UNREADABLE:
        return ()
    return in_text(cited, data, shown.encoding)


def _read(shown: Excerpt, body: Body, cited: Sequence[Cited]) -> Markup:
    came = el("pre", marked(shown.text, cited), cls="copy came", tabindex="0")
    tree = None if shown.cut else json_markup(shown.text, cited)
    if tree is not None:
        return joined(tree, folded("as it came", came))
    if body.media_type.partition(";")[0].strip().lower() in _PAGES:
        return joined(
            el("pre", page_text(shown.text) or "(no text)", cls="page", tabindex="0"),
            folded("as a page", preview(shown.text)),
            folded("source", came, opened=bool(cited)),
        )
    return came


def _note(state: PageState, body: Body, shown: Excerpt | None, given: int) -> Markup:
    note = f"{size_of(body.size)}, sha256 {body.sha256}"
    if given < body.size:
        note += f"; the first {size_of(given)} are shown"
    if shown is not None and shown.lossy:
        note += f"; some bytes are not {shown.encoding}: they stand escaped"
    if lost := gap(state.run.folder, body):
        note += f"; {lost}"
    if body.decode_error:
        note += f"; {body.decode_error}"
    if body.file:
        return el("p", el("code", place(state.run, body.file)), f": {note}", cls="dim file")
    return el("p", note, cls="dim file")
