"""One exchange: what was sent beside what came, and where the time went."""

from __future__ import annotations

from smoke.facts.curl import as_curl
from smoke.facts.evidence import answer, timing
from smoke.facts.step import request_line
from smoke.model.exchange import Exchange, Headers
from smoke.model.run import Attempt
from smoke.report.html.bodies import body_markup
from smoke.report.html.elements import Markup, el, joined
from smoke.report.html.marks import cited_bytes
from smoke.report.html.page_state import PageState
from smoke.report.html.parts import copied, folded
from smoke.report.html.waterfall import waterfall
from smoke.text import plural


def exchange_markup(
    state: PageState, exchange: Exchange, attempt: Attempt | None, *, opened: bool
) -> Markup:
    """A `<details>` with everything that was kept. `attempt` is what it was judged in."""
    title = joined(
        el("code", request_line(exchange), cls="sent"),
        " → ",
        el("span", answer(exchange), cls=_kind(exchange)),
    )
    curl = folded("as curl", copied(as_curl(state.run, exchange, state.evidence), "curl"))
    return folded(
        title,
        waterfall(exchange),
        el("p", _when(exchange), cls="dim"),
        el("div", _request(state, exchange), _answer(state, exchange, attempt), cls="sides"),
        curl,
        _masked(exchange),
        kind="exchange",
        opened=opened,
    )


def _kind(exchange: Exchange) -> str:
    if exchange.response is None:
        return "status errored"
    return "status good" if exchange.response.status < 400 else "status bad"


def _when(exchange: Exchange) -> str:
    peer = f" · {exchange.peer}" if exchange.peer else ""
    return f"{exchange.id} · {exchange.started_at}{peer} · {timing(exchange)}"


def _request(state: PageState, exchange: Exchange) -> Markup:
    request = exchange.request
    return el(
        "section",
        el("h4", "Request"),
        el("p", el("code", request_line(exchange), cls="start")),
        _headers(request.headers, opened=False),
        body_markup(state, request.body),
        cls="side request",
    )


def _answer(state: PageState, exchange: Exchange, attempt: Attempt | None) -> Markup:
    response = exchange.response
    parts: list[str] = [el("h4", "Answer")]
    if exchange.error is not None:
        error = exchange.error
        text = f"{error.message} ({error.kind.value}, phase {error.phase.value}, {error.delivery.value})"
        parts.append(el("p", text, cls="errored"))
    if response is not None:
        for status, headers in response.interim:
            line = el("code", f"{response.http_version} {status}")
            parts += [el("p", line), _headers(headers, opened=False)]
        line = el("code", f"{response.http_version} {answer(exchange)}", cls="start")
        parts += [el("p", line), _headers(response.headers, opened=response.status >= 400)]
        if response.trailers:
            parts += [el("h5", "Trailers"), _headers(response.trailers, opened=True)]
        cited = cited_bytes(attempt, exchange) if attempt is not None else ()
        parts.append(body_markup(state, response.body, cited))
    elif exchange.error is None:
        parts.append(el("p", "no answer", cls="dim"))
    for title, part in (
        ("Raw bytes", exchange.undecoded),
        ("Left over on the connection", exchange.leftover),
    ):
        if part is not None:
            parts += [el("h5", title), body_markup(state, part)]
    return el("section", *parts, cls="side answer")


def _headers(headers: Headers, *, opened: bool) -> Markup:
    if not headers:
        return joined()
    rows = [
        el(
            "tr",
            el("th", name.decode("latin-1"), scope="row"),
            el("td", el("code", value.decode("latin-1"))),
        )
        for name, value in headers
    ]
    return folded(plural(len(headers), "header"), el("table", *rows, cls="headers"), opened=opened)


def _masked(exchange: Exchange) -> Markup:
    if not exchange.redactions:
        return joined()
    kinds = sorted({f"{item.kind} in {item.part}" for item in exchange.redactions})
    return el("p", f"masked: {', '.join(kinds)[:500]}", cls="dim")
