"""The HTML page: one file, nothing in it runs or asks for anything, all that matters is on it."""

from __future__ import annotations

import base64
import hashlib
import io
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smoke.model.run import Outcome
from smoke.report import html
from smoke.report.html.assets import script, style
from smoke.report.html.elements import el, joined
from smoke.report.html.page_state import MOST_BODIES
from tests.support import samples
from tests.support.samples import SAMPLES, Sample, Teller
from tests.support.snapshots import check_snapshot

_OURS = """
html head meta title style script body header main section article footer h1 h2 h3 h4 h5 p div span b a ul ol li dl dt dd pre code mark
table caption tr th td details summary iframe
"""
OURS = frozenset(_OURS.split())
_ATTRIBUTES = """
lang charset http-equiv content name class id href title style open tabindex scope colspan aria-label aria-hidden
"""
ATTRIBUTES = frozenset(_ATTRIBUTES.split())
BROWSER = next(
    (
        path
        for name in ("chromium", "chromium-browser", "google-chrome")
        if (path := shutil.which(name))
    ),
    None,
)


def written(sample: Sample) -> str:
    out = io.BytesIO()
    html.write(sample.run, sample.evidence, out)
    return out.getvalue().decode()


class Reader(HTMLParser):
    """Collects the tags, the attributes and the text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.open: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    return reader


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_only_our_own_elements(name: str) -> None:
    page = written(SAMPLES[name]())
    reader = read(page)
    assert reader.tags <= OURS
    assert reader.attributes <= ATTRIBUTES
    assert "<!--" not in page


def test_policy_forbids_everything_but_what_ships() -> None:
    page = written(samples.passing())
    head, _, rest = page.partition("<body>")
    assert head.index("Content-Security-Policy") < head.index("<style>")
    allowed = base64.b64encode(hashlib.sha256(script().encode()).digest()).decode()
    assert (
        f"default-src 'none'; script-src 'sha256-{allowed}'; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'" in head
    )
    assert rest.count("<script") == 1
    assert rest.count(f"<script>{script()}</script>") == 1
    for ours in (style(), script()):
        assert re.search(r"url\(|@import|https?:|<|eval|innerHTML", ours) is None


def test_incident() -> None:
    page = written(samples.failing())
    bare = page.replace(style(), "").replace(script(), "")
    check_snapshot("html/failing.html", re.sub("sha256-[^']+", "sha256-…", bare))
    text = "".join(read(page).text)
    for wanted in (
        "23505 unique_violation",
        "h2s_dispatch_jobs_recipient_step_uq",
        "BEGIN READ ONLY;",
        "x-request-id",
        "1 order may exist",
        "the request was the same as that of 'Order 1'",
    ):
        assert wanted in text


@given(st.text())
def test_foreign_text_is_text(value: str) -> None:
    """Whatever a server sends is the text of our element, with what is invisible made visible."""
    reader = Reader()
    reader.feed(el("p", value, cls=value or "x") + joined(value))
    reader.close()
    assert reader.tags == {"p"}


def test_page_is_bounded() -> None:
    teller = Teller()
    teller.scenario()
    for number in range(200):
        teller.step(f"Step {number}", [teller.exchange(status=200, body=b"<" * 200_000)])
    page = written(teller.done(Outcome.PASSED))
    # every byte of these bodies takes four characters
    assert len(page) < 5 * MOST_BODIES
    assert "not shown here: the page is large enough" in page
    assert "the first 64.0 kB are shown" in page


@pytest.mark.skipif(BROWSER is None, reason="no Chromium to look at the page with")
def test_a_real_browser_runs_nothing(tmp_path: Path) -> None:
    """In a browser the hostile page keeps its title, runs no script but ours, and asks for nothing."""
    assert BROWSER is not None
    page = tmp_path / "hostile.html"
    page.write_text(written(samples.hostile()), encoding="utf-8")
    done = subprocess.run(
        [
            BROWSER,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            f"--user-data-dir={tmp_path / 'profile'}",
            "--enable-logging=stderr",
            "--dump-dom",
            page.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "<title>smoke: failed: https://shop.example/" in done.stdout
    tags = {tag.lower() for tag in re.findall(r"<([a-zA-Z][a-zA-Z0-9]*)", done.stdout)}
    assert tags <= OURS | {"tbody"} | {"input", "button", "dialog", "kbd"}
    assert "CONSOLE" not in done.stderr
