"""One exchange as HTML: what was sent, what came, and when."""

from __future__ import annotations

from smoke.facts.evidence import Evidence, answer, excerpt, gap, place, size_of, timing
from smoke.facts.step import request_line
from smoke.model.exchange import Body, Exchange, Headers
from smoke.model.run import Run
from smoke.report._elements import Markup, el, joined


class Room:
    """How many bytes of bodies the page still takes: a report must open in a browser."""

    def __init__(self, total: int, each: int) -> None:
        self._left = total
        self._each = each

    def take(self, wanted: int) -> int:
        """At most `wanted` bytes, at most what one body may have, at most what is left."""
        given = max(0, min(wanted, self._each, self._left))
        self._left -= given
        return given


def exchange_html(run: Run, exchange: Exchange, evidence: Evidence, room: Room) -> Markup:
    """A closed `<details>` with everything that was kept."""
    response = exchange.response
    parts: list[str] = [
        _timing(exchange),
        el("h3", "Request"),
        el("p", el("code", request_line(exchange))),
        _headers(exchange.request.headers),
        _body(run, exchange.request.body, evidence, room),
        el("h3", "Response"),
    ]
    if exchange.error is not None:
        error = exchange.error
        text = f"{error.message} ({error.kind.value}, phase {error.phase.value}, {error.delivery.value})"
        parts.append(el("p", text, cls="errored"))
    if response is not None:
        for status, headers in response.interim:
            parts += [el("p", el("code", f"{response.http_version} {status}")), _headers(headers)]
        parts += [
            el("p", el("code", f"{response.http_version} {answer(exchange)}")),
            _headers(response.headers),
        ]
        if response.trailers:
            parts += [el("h3", "Trailers"), _headers(response.trailers)]
        parts.append(_body(run, response.body, evidence, room))
    for title, part in (
        ("Raw bytes", exchange.undecoded),
        ("Left over on the connection", exchange.leftover),
    ):
        if part is not None:
            parts += [el("h3", title), _body(run, part, evidence, room)]
    if exchange.redactions:
        kinds = sorted({f"{item.kind} in {item.part}" for item in exchange.redactions})
        parts.append(el("p", f"masked: {', '.join(kinds)[:500]}", cls="dim"))
    title = f"{exchange.id}: {request_line(exchange)} → {answer(exchange)}"
    return el("details", el("summary", title), el("div", *parts, cls="inside"))


def _timing(exchange: Exchange) -> Markup:
    peer = f" · {exchange.peer}" if exchange.peer else ""
    return el("p", f"{exchange.started_at}{peer} · {timing(exchange)}", cls="dim")


def _headers(headers: Headers) -> Markup:
    if not headers:
        return joined()
    rows = [
        el("tr", el("th", name.decode("latin-1")), el("td", el("code", value.decode("latin-1"))))
        for name, value in headers
    ]
    return el("table", *rows)


def _body(run: Run, body: Body, evidence: Evidence, room: Room) -> Markup:
    """The beginning of a body as source, never as a page; size, digest and file of the whole."""
    if not body.size:
        return el("p", "no body", cls="dim")
    given = room.take(body.size)
    shown = excerpt(evidence, body, given) if given else None
    parts: list[str] = []
    if shown is None:
        parts.append(el("p", "not shown here: the page is large enough", cls="dim"))
    elif shown.missing or shown.binary:
        parts.append(el("p", shown.missing or f"binary ({body.media_type})", cls="dim"))
    else:
        parts.append(el("pre", shown.text))
    cut = f"; the first {size_of(given)} are shown" if given < body.size else ""
    note = f"{size_of(body.size)}, sha256 {body.sha256}{cut}"
    if body.path:
        note = f"{place(run, body.path)}: {note}"
    if shown is not None and shown.lossy:
        note += f"; some bytes are not {shown.encoding}: they stand escaped"
    if lost := gap(run.folder, body):
        note += f"; {lost}"
    if body.decode_error:
        note += f"; {body.decode_error}"
    return joined(*parts, el("p", note, cls="dim"))
