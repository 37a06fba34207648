"""The history as a page: how each target stands, the last outcomes of each scenario, what fails. Pure: text out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median

from smoke.facts.evidence import duration
from smoke.history.rows import RunRecord, ScenarioRow
from smoke.model.run import Outcome
from smoke.report.html.elements import Markup, el, joined
from smoke.report.html.head import head_of
from smoke.report.html.parts import SIGNS, WORDS, badge
from smoke.text import plural, shorten

_LONGEST = 300
_STYLE = """
h2, li, tbody th { overflow-wrap: anywhere; } thead th { overflow-wrap: normal; word-break: normal; }
.marks { letter-spacing: .15em; overflow-wrap: anywhere; } .marks .passed { color: var(--good); }
.marks .failed { color: var(--bad); } .marks .errored, .marks .unfinished { color: var(--odd); }
"""


def status_page(targets: Sequence[tuple[str, Sequence[RunRecord]]], at: str) -> str:
    """The page, as HTML that loads nothing. `targets` are names and their runs, the newest first; `at` is when it is made."""
    bad = sum(_standing(records) is not Outcome.PASSED for _, records in targets)
    told = f"{plural(bad, 'target')} of {len(targets)} not well" if bad else "all is well"
    head = head_of(f"smoke: {told}", _STYLE)
    worst_first = sorted(targets, key=lambda each: -_standing(each[1]).rank)
    parts = [part for name, records in worst_first for part in _target(name, records)]
    body = el(
        "body",
        el("main", el("h1", told[0].upper() + told[1:]), *parts, cls="wide"),
        el("footer", f"made {at}", cls="wide"),
    )
    return f'<!doctype html>\n<html lang="en">{head}{body}</html>\n'


def _standing(records: Sequence[RunRecord]) -> Outcome:
    return Outcome(records[0].run.outcome) if records else Outcome.SKIPPED


def _target(name: str, records: Sequence[RunRecord]) -> Iterator[Markup]:
    yield el("h2", joined(badge(_standing(records)), f" {shorten(name, _LONGEST)}"))
    if not records:
        yield el("p", "No run of it is kept.")
        return
    newest = records[0]
    facts = [newest.run.url, f"last run {newest.run.started}", newest.run.id]
    facts += [f"build {newest.run.version}"] if newest.run.version else []
    yield el("p", " · ".join(shorten(each, _LONGEST) for each in facts), cls="dim")
    causes = dict.fromkeys((row.title, row.where) for row in newest.failures)
    if causes:
        yield el(
            "ul",
            *(
                el("li", el("strong", shorten(title, _LONGEST)), f" in {shorten(where, _LONGEST)}")
                for title, where in causes
            ),
        )
    elif newest.run.message:
        yield el("p", shorten(newest.run.message, _LONGEST))
    names = dict.fromkeys(row.name for record in records for row in record.scenarios)
    rows = [_scenario(each, records) for each in names]
    if rows:
        cells = ("scenario", "last runs, the newest at the right", "passed", "took")
        head = el("tr", *(el("th", cell, scope="col") for cell in cells))
        yield el("table", el("thead", head), el("tbody", *rows))


def _scenario(name: str, records: Sequence[RunRecord]) -> Markup:
    of_it = [(record, row) for record in records if (row := record.scenario(name)) is not None]
    judged = [row for _, row in of_it if row.judged]
    passed = [row for row in judged if row.outcome == Outcome.PASSED]
    share = f"{100 * len(passed) // len(judged)} %" if judged else "–"
    took = duration(median(row.seconds for row in passed)) if passed else "–"
    marks = [_mark(record, row) for record, row in reversed(of_it)]
    return el(
        "tr",
        el("th", shorten(name, _LONGEST), scope="row"),
        el("td", *marks, cls="marks"),
        el("td", share, cls="short"),
        el("td", took, cls="short"),
    )


def _mark(record: RunRecord, row: ScenarioRow) -> Markup:
    """One outcome by its sign; who asks for it, or hears it, is told which run it was."""
    outcome = Outcome(row.outcome)
    said = f"{WORDS[outcome]}, {record.run.started}, run {record.run.id}"
    return el("span", SIGNS[outcome], cls=outcome.value, title=said, role="img", aria_label=said)
