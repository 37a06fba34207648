"""What is told of a change: a title and lines for people, the same as JSON for programs."""

from __future__ import annotations

import hashlib
from typing import Any

from msgspec import Struct

from smoke.facts.fingerprints import causes_of
from smoke.facts.typed import typed
from smoke.model.numbers import json_text
from smoke.model.run import Run
from smoke.text import plural, safe_line, shorten
from smoke.watching.standing import Standing, What

_MOST_CAUSES = 10
_LONGEST = 300
_WORDS = {
    What.FAILING: "is failing",
    What.NEW_CAUSE: "fails for another reason, too",
    What.NO_VERDICT: "cannot be judged",
    What.RECOVERED: "passes again",
}
_SIGNS = {What.FAILING: "❌", What.NEW_CAUSE: "❌", What.NO_VERDICT: "❗", What.RECOVERED: "✅"}


class Notice(Struct, frozen=True):
    """One change, told: `id` is the same however often it is delivered, so that a receiver can tell a repeat."""

    id: str
    at: str
    title: str
    body: str
    payload: str
    """The body of a webhook, JSON."""


def notice(
    target: str, url: str, what: What, before: Standing, run: Run | None, at: str, why: str
) -> Notice:
    """What to tell. `why` says why there was no run."""
    causes = causes_of(run)[:_MOST_CAUSES] if run is not None else ()
    first = causes[0].title if causes else why or (run.readiness if run is not None else "")
    told = f": {_line(first)}" if first and what is not What.RECOVERED else ""
    lines = [f"target {_line(url)}"]
    lines += [
        f"{_line(cause.title)} (in {', '.join(map(_line, cause.scenarios[:5]))})"
        for cause in causes
    ]
    if what is What.RECOVERED:
        lines.append(f"it was {before.state.value} since {before.since}")
    left = len(run.orders_left_behind) if run is not None else 0
    if left:
        lines.append(f"{plural(left, 'order')} may be left: {typed(run).orders() if run else ''}")
    if run is not None:
        lines.append(f"next: {typed(run).show()}")
    return Notice(
        run.id if run is not None else _id(target, at),
        at,
        f"{_SIGNS[what]} {_line(target)} {_WORDS[what]}{told}",
        "\n".join(lines),
        json_text(_payload(target, url, what, before, run, at, why), ascii_only=True),
    )


def _id(target: str, at: str) -> str:
    """Of a round without a run: plain letters, since a header has it and a signature covers what it says."""
    return hashlib.sha256(f"{at} {target}".encode()).hexdigest()[:24]


def _line(text: str) -> str:
    """Foreign text in a line of a chat: nobody is mentioned there, and no channel."""
    shown = shorten(safe_line(text), _LONGEST)
    return shown.replace("@", "@\u200b").replace("<!", "<\u200b!")


def _payload(
    target: str, url: str, what: What, before: Standing, run: Run | None, at: str, why: str
) -> dict[str, Any]:
    """The event as JSON values, in the form of Standard Webhooks: type, timestamp, data."""
    causes = causes_of(run)[:_MOST_CAUSES] if run is not None else ()
    return {
        "type": f"smoke.{what.value}",
        "timestamp": at,
        "data": {
            "target": target,
            "url": url,
            "before": before.state.value,
            "before_since": before.since,
            "run_id": run.id if run is not None else "",
            "build": run.target.version if run is not None else "",
            "why_not": why,
            "orders_left": len(run.orders_left_behind) if run is not None else 0,
            "causes": [
                {
                    "fingerprint": cause.fingerprint,
                    "title": cause.title,
                    "scenarios": list(cause.scenarios),
                }
                for cause in causes
            ],
        },
    }
