"""What went wrong at many targets, each cause once, for CI systems that show problems beside the code."""

from __future__ import annotations

from collections.abc import Iterator

from smoke.facts.issues import MOST, Issue, place_in_repository
from smoke.overview.pages import struck
from smoke.overview.table import Overview
from smoke.text import plural


def problems_of(found: Overview) -> list[Issue]:
    """At most ten: each cause once with all that it struck, targets without a run, orders left behind."""
    told = list(_all(found))
    if len(told) <= MOST:
        return told
    left = plural(len(told) - MOST + 1, "more problem")
    return [*told[: MOST - 1], Issue("error", f"{left}: see the job summary and the evidence")]


def _all(found: Overview) -> Iterator[Issue]:
    for cause in found.causes:
        text = f"{cause.title}\nstruck {struck(cause)}\n{cause.show}"
        path = place_in_repository(cause.source)
        title = f"smoke: {plural(len({target for target, _ in cause.struck}), 'target')}"
        yield Issue("error", text, title, path, cause.line if path else 0)
    for shop in found.shops:
        if shop.why_not:
            yield Issue("error", f"{shop.target}: {shop.why_not}", "smoke: no verdict")
    for target, count in found.orders_left:
        words = f"{plural(count, 'order')} may be left at {target}"
        yield Issue("warning", words, "smoke: orders left behind")
