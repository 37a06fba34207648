"""The overview of a sweep as a page, as Markdown and as JSON. Pure: text out, nothing read."""

from __future__ import annotations

from collections.abc import Iterator

from smoke.facts.evidence import duration
from smoke.model.numbers import json_text
from smoke.model.run import Outcome
from smoke.model.verdict import meaning
from smoke.overview.table import Overview, SharedCause, Shop
from smoke.report.html.elements import Markup, el, joined
from smoke.report.html.head import head_of
from smoke.report.html.parts import WORDS, badge, definitions
from smoke.report.html.parts import copied as to_copy
from smoke.report.markdown import SIGNED
from smoke.text import plural, safe_line, shorten, without_commands

SCHEMA = 1
_MOST = 20
"""Places of one cause that are named; how many more there are is told."""


def headline(found: Overview) -> str:
    """How many targets came to what."""
    counts: dict[str, int] = {}
    for shop in sorted(found.shops, key=lambda each: -each.outcome.rank):
        word = WORDS[shop.outcome]
        counts[word] = counts.get(word, 0) + 1
    told = ", ".join(f"{count} {word}" for word, count in counts.items())
    return f"{plural(len(found.shops), 'target')}: {told or 'none'}"


def came_to(shop: Shop) -> str:
    """What a round of one target came to, in a line."""
    if shop.run is None:
        return shop.why_not
    scenarios = shop.run.scenarios
    passed = sum(each.outcome is Outcome.PASSED for each in scenarios)
    bad = [each.name for each in scenarios if each.outcome.bad]
    told = f"{passed} of {plural(len(scenarios), 'scenario')} passed"
    if bad:
        more = f" and {len(bad) - 5} more" if len(bad) > 5 else ""
        told += f"; not {', '.join(bad[:5])}{more}"
    elif not scenarios:
        told = shop.run.readiness or "no scenario was started"
    return f"{told}, {duration(shop.run.seconds)}"


def struck(cause: SharedCause) -> str:
    """Where a cause struck: scenario by scenario, the targets of each."""
    places: dict[str, list[str]] = {}
    for target, scenario in cause.struck:
        places.setdefault(scenario, []).append(target)
    return "; ".join(
        f"{scenario} at {', '.join(targets[:_MOST])}"
        + (f" and {len(targets) - _MOST} more" if len(targets) > _MOST else "")
        for scenario, targets in places.items()
    )


def as_json(found: Overview) -> str:
    """The overview for programs."""
    value = {
        "format": "smoke-overview",
        "schema": SCHEMA,
        "exit_status": found.status.value,
        "exit_meaning": meaning(found.status),
        "scenarios": list(found.scenarios),
        "targets": [
            {
                "target": shop.target,
                "url": shop.url,
                "outcome": shop.outcome.value,
                "exit_status": shop.status.value,
                "run_id": shop.run.id if shop.run else "",
                "folder": shop.run.folder if shop.run else "",
                "why_not": shop.why_not,
                "seconds": shop.run.seconds if shop.run else 0.0,
                "orders_left": len(shop.run.orders_left_behind) if shop.run else 0,
                "scenarios": {
                    name: cell.value
                    for name, cell in zip(found.scenarios, cells, strict=True)
                    if cell is not None
                },
            }
            for shop, cells in zip(found.shops, found.cells, strict=True)
        ],
        "causes": [
            {
                "fingerprint": cause.fingerprint,
                "title": cause.title,
                "struck": [{"target": target, "scenario": name} for target, name in cause.struck],
                "show": cause.show,
            }
            for cause in found.causes
        ],
    }
    return json_text(value, ascii_only=True, indent=1) + "\n"


def as_markdown(found: Overview) -> str:
    """The overview for a comment or a job's summary; all foreign text is code."""
    lines = [f"## {headline(found)}", ""]
    head = ["target", *(_code(name) for name in found.scenarios)]
    lines += [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    for shop, cells in zip(found.shops, found.cells, strict=True):
        shown = [SIGNED[cell] if cell else "-" for cell in cells]
        lines.append(f"| {' | '.join([_code(shop.target), *shown])} |")
    for shop in found.shops:
        if shop.why_not:
            lines += ["", f"- {_code(shop.target)} has no verdict: {_code(shop.why_not)}"]
    for cause in found.causes:
        lines += [
            "",
            f"- {_code(cause.title)}",
            f"  in {_code(struck(cause))}",
            f"  `{cause.show}`" if "`" not in cause.show else "",
        ]
    for target, count in found.orders_left:
        lines += ["", f"- {plural(count, 'order')} may be left at {_code(target)}"]
    return "\n".join(lines) + "\n"


def _code(text: str) -> str:
    """Foreign text as code within a line or a cell: what could end either is replaced."""
    shown = shorten(without_commands(safe_line(text)), 300)
    return f"`{shown.replace('`', chr(0x2019)).replace('|', chr(0xFF5C))}`" if shown else "-"


def as_html(found: Overview) -> str:
    """The overview as a page of its own that loads nothing."""
    head = head_of(f"smoke: {headline(found)}")
    body = el("body", el("main", *_parts(found), cls="wide"))
    return f'<!doctype html>\n<html lang="en">{head}{body}</html>\n'


def _parts(found: Overview) -> Iterator[Markup]:
    yield el("h1", headline(found))
    if found.causes:
        yield el("h2", "Causes")
        for cause in found.causes:
            yield el(
                "section",
                el("h3", shorten(cause.title, 300)),
                el("p", struck(cause)),
                to_copy([cause.show], "command"),
            )
    yield el("h2", "Targets")
    yield el("div", _table(found), cls="scroll", tabindex="0", role="region", aria_label="Targets")
    if found.orders_left:
        yield el("h2", "Orders that may be left")
        yield definitions((target, plural(count, "order")) for target, count in found.orders_left)


def _table(found: Overview) -> Markup:
    head = el(
        "tr",
        *(el("th", name, scope="col") for name in ("target", *found.scenarios, "run", "took")),
    )
    return el(
        "table",
        el("thead", head),
        el(
            "tbody",
            *(_row(shop, cells) for shop, cells in zip(found.shops, found.cells, strict=True)),
        ),
    )


def _row(shop: Shop, cells: tuple[Outcome | None, ...]) -> Markup:
    run = shop.run
    return el(
        "tr",
        el("th", joined(shop.target, " ", el("span", shop.url, cls="dim")), scope="row"),
        *(el("td", badge(cell) if cell else "–", cls="short") for cell in cells),
        el("td", el("code", run.id) if run else shop.why_not),
        el("td", duration(run.seconds) if run else "", cls="short"),
    )
