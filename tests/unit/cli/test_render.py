"""Diagnostics: carets below what is meant, nothing raw, counted when there are many."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from smoke.ci.github import issue as annotation
from smoke.cli.render import MOST, issue, render_diagnostics
from smoke.cli.snippet import snippet
from smoke.diagnostic import Diagnostic, Level, Note, Span
from tests.support.samples import NASTY
from tests.support.snapshots import check_snapshot

SEVERAL = (
    Diagnostic(
        "unknown-key",
        "a request has no key 'methd'",
        span=Span("scenarios/repeat-customer.yaml", 14, 7, 14, 12),
        suggestion="method",
        notes=(
            Note("keys of a request: body, form, headers, json, method, timeout, url"),
            Note("the first one is here", Span("scenarios/common/login.yaml", 3, 1, 3, 2)),
        ),
        excerpt=((12, "  - name: second order"), (14, "      methd: POST")),
    ),
    Diagnostic(
        "number-loses-digits",
        "0712345678 is read as the number 712345678",
        Level.WARNING,
        span=Span("scenarios/repeat-customer.yaml", 18, 16, 18, 26),
        label="write '0712345678' to keep the zero",
        excerpt=((18, "        phone: 0712345678"),),
    ),
    Diagnostic(
        "bad-option",
        "--timeout takes a time above zero, not 'x'",
        notes=(Note("for example 500ms, 10s or 2m"),),
    ),
    Diagnostic(
        "tab-in-indentation",
        "a tab stands where blanks are needed",
        span=Span("a.yaml", 2, 5, 2, 9),
        label="here",
        excerpt=(
            (1, "steps:"),
            (2, "\tab:\t値段が高い: e\u0301x and \x1b[31m a long line " + "x" * 200),
        ),
    ),
    Diagnostic(
        "long-line",
        "a line that is longer than the terminal",
        span=Span("a.yaml", 2, 206, 2, 210),
        label="did you mean 'sword'?",
        suggestion="sword",
        excerpt=((2, "key: " + "word " * 80 + "end"),),
    ),
    Diagnostic(
        "two-lines",
        "a value over several lines",
        Level.NOTE,
        span=Span("a.yaml", 9, 3, 11, 4),
        excerpt=((9, "  - [a,"), (10, "     b"), (11, "   ]")),
    ),
)


@pytest.mark.parametrize("width", [60, 80, 140])
def test_messages(width: int) -> None:
    text = render_diagnostics(SEVERAL, width=width, color=False, unicode=True)
    check_snapshot(f"diagnostics/several-{width}.txt", text)


def test_messages_in_ascii_and_in_color() -> None:
    text = render_diagnostics(SEVERAL, width=80, color=False, unicode=False)
    assert text.isascii()
    check_snapshot("diagnostics/several-ascii.txt", text)
    text = render_diagnostics(SEVERAL, width=80, color=True, unicode=True)
    check_snapshot("diagnostics/several-color.txt", text)


def test_many_are_counted() -> None:
    many = [Diagnostic("unknown-key", f"bad {number}") for number in range(MOST + 5)]
    text = render_diagnostics(many, width=80, color=False, unicode=True)
    assert text.count("more: smoke explain") == MOST
    assert "and 5 errors more" in text
    assert text.rstrip().endswith("25 errors")


LINES = st.text(
    st.sampled_from(
        [*"abc: -'{}", "\t", "値", "é", "\u0301", "😀", "\x1b", "\r", "\u202e", "\u200b"]
    ),
    min_size=1,
    max_size=120,
)


@given(LINES, st.data(), st.booleans(), st.integers(20, 100))
def test_carets_stay_under_their_token(
    line: str, data: st.DataObject, unicode: bool, room: int
) -> None:
    """Whatever stands before it (tabs, wide, combining, invisible characters), a unique token has its carets below."""
    token = "TOKEN"
    at = data.draw(st.integers(0, len(line)))
    text = line[:at] + token + line[at:]
    span = Span("f", 1, at + 1, 1, at + 1 + len(token))
    source, carets = snippet([(1, text)], span, room=room, unicode=unicode)
    start = carets.text.index("^")
    assert carets.text.strip() == "^" * len(token)
    before, _, _ = source.text.partition(token)
    assert cell_len(before) == start
    assert cell_len(source.text) <= room + 1


def test_hostile_text_stays_text() -> None:
    hostile = Diagnostic(
        NASTY,
        NASTY,
        span=Span(NASTY, 1, 3, 1, 9),
        label=NASTY,
        suggestion=NASTY,
        notes=(Note(NASTY, Span(NASTY)),),
        excerpt=((1, NASTY), (7, NASTY)),
    )
    text = render_diagnostics([hostile], width=80, color=False, unicode=True)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "##[" not in text
    assert not any(line.lstrip().startswith("::") for line in text.splitlines())
    told = annotation(issue(hostile))
    assert told.startswith("::error file=")
    assert len(told.splitlines()) == 1
    properties = told[len("::error ") :].partition("::")[0]
    assert [item.partition("=")[0] for item in properties.split(",")] == [
        "file",
        "line",
        "col",
        "endColumn",
        "title",
    ]


def test_annotation() -> None:
    assert annotation(issue(SEVERAL[0])) == (
        "::error file=scenarios/repeat-customer.yaml,line=14,col=7,endColumn=12,title=smoke%3A unknown-key::"
        "a request has no key 'methd'%0Adid you mean 'method'?%0A"
        "keys of a request: body, form, headers, json, method, timeout, url%0Athe first one is here"
    )
