"""Every sentence that a run can print, in every format, looked at for the slips that machines make."""

from __future__ import annotations

import html
import io
import re

import pytest

from smoke import plugins
from smoke.cli.summary import render_run
from smoke.text import plural
from tests.support.samples import SAMPLES, Sample

SLIPS = {
    "a plural of one": re.compile(
        r"(?<![\d.,:])\b1 (?:more )?(?!is\b|was\b|has\b|does\b)[a-z]{2,}[^su]s\b(?! and\b)"
    ),
    "a singular of many": re.compile(
        r"(?<![\d.:#])\b(?:0|[2-9]|[1-9]\d) (?:more )?(?:order|scenario|step|response|value|problem|attempt|finding)\b(?! [a-z]+s\b)"
    ),
    "nothing between brackets": re.compile(r" \(\)"),
    "two marks": re.compile(r"[?!]\.|,\.|;\.|(?<!\.)\.\.(?!\.)(?![/\w])"),
    "a space before a mark": re.compile(r"[a-z] [,;](?: |$)"),
    "the same word twice": re.compile(r"\b(the|a|of|is|to|and|was) \1\b"),
    "a Python value": re.compile(r"\bNone\b|\bTrue\b|\bFalse\b|<[A-Z]\w+\.|object at 0x"),
}
WRITTEN = ("github", "junit")


def written(sample: Sample, name: str) -> str:
    out = io.BytesIO()
    plugins.load("reporters", name).write(sample.run, sample.evidence, out)
    return html.unescape(html.unescape(out.getvalue().decode()))


@pytest.mark.parametrize("name", sorted(set(SAMPLES) - {"hostile"}))
def test_no_slip_in_any_sentence(name: str) -> None:
    sample = SAMPLES[name]()
    texts = [
        # wide, so that no sentence is broken in two
        render_run(
            sample.run,
            sample.evidence,
            width=10_000,
            color=False,
            unicode=True,
            verbose=verbose,
            quiet=quiet,
        )
        for verbose in (False, True)
        for quiet in (False, True)
    ]
    texts += [written(sample, form) for form in WRITTEN]
    for text in texts:
        for slip, pattern in SLIPS.items():
            found = pattern.search(text)
            assert found is None, f"{slip}: …{text[max(0, found.start() - 60) : found.end() + 40]}…"


@pytest.mark.parametrize(
    ("slip", "text"),
    [
        ("a plural of one", "x: 1 scenarios: 1 failed"),
        ("a plural of one", "which worked: 1 values differ"),
        ("a singular of many", "2 order LEFT BEHIND"),
        ("nothing between brackets", "interrupted ()"),
        ("two marks", "that the shop uses?."),
        ("the same word twice", "it is the the same"),
        ("a Python value", "exit None"),
    ],
)
def test_the_reader_sees_slips(slip: str, text: str) -> None:
    assert SLIPS[slip].search(text)


def test_one_helper_makes_plurals() -> None:
    assert [plural(n, "order") for n in (0, 1, 2)] == ["0 orders", "1 order", "2 orders"]
    assert plural(1, "value differs", "values differ") == "1 value differs"
    assert plural(3, "body", "bodies") == "3 bodies"
