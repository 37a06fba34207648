"""Orders that the shop has still: which, why, and how to be rid of them."""

from __future__ import annotations

from smoke.facts.orders import LeftOrders
from smoke.report.html.elements import Markup, el
from smoke.report.html.parts import copied


def left_markup(left: LeftOrders) -> Markup:
    """The section."""
    rows = [
        el(
            "tr",
            el("td", order.name),
            el("td", order.state, cls="short"),
            el("td", f"{order.scenario}: {order.placed_by}"),
            el("td", order.why),
            el("td", el("code", order.to_do)),
        )
        for order in left.orders
    ]
    words = ("order", "state", "step", "why", "remove")
    head = el("tr", *(el("th", word, scope="col") for word in words))
    parts: list[str] = [
        el("h2", left.heading),
        el("div", el("table", head, *rows, cls="orders"), cls="scroll", tabindex="0"),
        el("p", f"and {left.more} more, which the last command lists") if left.more else "",
        copied(left.next, "sh"),
    ]
    if left.needs:
        parts.append(el("p", f"needs too: {left.needs}"))
    if left.when_done:
        parts += [el("p", "When done:"), copied(left.when_done, "sh")]
    return el("section", *parts, cls="left", id="left")
