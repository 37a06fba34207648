"""Whatever text a server, a file or the environment puts into a run, each report stays what it is."""

from __future__ import annotations

import io
import json
from html.parser import HTMLParser
from types import ModuleType
from xml.etree import ElementTree as ET

from hypothesis import example, given, settings
from hypothesis import strategies as st

from smoke.ci.github import issue as annotation
from smoke.cli.summary import render_run
from smoke.facts.issues import issues
from smoke.report import github, har, html, junit
from smoke.report import json as json_report
from tests.support.samples import NASTY, Sample, hostile

PIECES = [
    "::",
    "##[x]",
    "\x1b[31m",
    "\r",
    "\n",
    "\0",
    "\ud800",
    "\ufffe",
    "]]>",
    "</pre>",
    "<!--",
    "&#0;",
    "```",
    "|",
    "'",
    '"',
]
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=[]), max_size=40),
    st.lists(st.sampled_from([*PIECES, *NASTY.split(" ")]), max_size=8).map("".join),
)


def written(report: ModuleType, sample: Sample) -> bytes:
    out = io.BytesIO()
    report.write(sample.run, sample.evidence, out)
    return out.getvalue()


@settings(max_examples=60, deadline=None)
@given(TEXTS)
def test_json_and_har_are_strict_json(text: str) -> None:
    for report in (json_report, har):
        data = written(report, hostile(text))
        assert data.isascii()
        json.loads(data)


@settings(max_examples=60, deadline=None)
@given(TEXTS)
def test_junit_is_xml(text: str) -> None:
    root = ET.fromstring(written(junit, hostile(text)))
    assert [element.tag for element in root] == ["testsuite", "testsuite"]
    assert root.get("failures") == "1"


@settings(max_examples=60, deadline=None)
@given(TEXTS)
@example("22001")
def test_html_has_no_element_of_theirs(text: str) -> None:
    def tags(of: str) -> set[str]:
        class Tags(HTMLParser):
            def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
                found.add((tag, *sorted(name for name, _ in attrs)))

        found: set[tuple[str, ...]] = set()
        reader = Tags()
        reader.feed(written(html, hostile(of)).decode())
        reader.close()
        return {str(item) for item in found}

    # a text may happen to be a SQLSTATE, and then advice of ours stands beside it
    assert tags(text) <= tags("plain") | tags("23505")


@settings(max_examples=60, deadline=None)
@given(TEXTS, st.integers(40, 160), st.booleans())
def test_terminal_and_logs(text: str, width: int, verbose: bool) -> None:
    sample = hostile(text)
    shown = render_run(
        sample.run, sample.evidence, width=width, color=False, unicode=True, verbose=verbose
    )
    shown += written(github, sample).decode()
    assert not set(shown) & set("\x1b\r\0\x9b\u202e\u2028\ud800")
    terminal = shown.partition("## smoke:")[0]
    for line in terminal.split("\n"):
        assert not line.strip().startswith("::")
        assert "##[" not in line
    for line in map(annotation, issues(sample.run)):
        assert line.startswith(("::error ", "::warning "))
        assert "\n" not in line
