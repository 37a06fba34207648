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
from smoke.report import html, html_whole
from smoke.report.html.assets import script, style
from smoke.report.html.elements import el, joined
from smoke.report.html.page_state import AT_ONCE
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
    sample = teller.done(Outcome.PASSED)
    page = written(sample)
    assert len(page) < 2 * AT_ONCE.page
    assert "the first 64.0 kB are shown" in page
    assert f"smoke show {sample.run.id} &#x27;Step 199&#x27;" in page
    out = io.BytesIO()
    html_whole.write(sample.run, sample.evidence, out)
    whole = out.getvalue().decode()
    assert whole.count("&lt;" * 200_000) == 200
    assert "the first" not in whole


def test_what_did_not_pass_has_the_room_before_what_did() -> None:
    teller = Teller()
    for number in range(60):
        teller.scenario(f"good-{number}")
        answer = teller.exchange(status=200, body=b"<" * 64_000)
        teller.step("Order", [answer], scenario=f"good-{number}")
        teller.end(Outcome.PASSED, f"good-{number}")
    teller.scenario("bad")
    samples._order_2(teller, scenario="bad")
    teller.end(Outcome.FAILED, "bad")
    page = written(teller.done(Outcome.FAILED))
    assert "--report html-whole has all" in page
    assert page.index('id="bad/Order-2"') < page.index('id="good-0"')
    assert "req_7f3a" in page.partition('id="good-0"')[0]


def luminance(colour: str) -> float:
    """Of a colour of the style sheet (WCAG 2.2, relative luminance)."""
    digits = colour.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_every_text_can_be_read_on_every_ground(theme: int) -> None:
    """4.5 : 1 and more, also on the coloured grounds of which axe cannot tell."""
    palettes = re.findall(r":root \{([^}]*)\}", style())[:2]
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6})", palettes[theme]))
    grounds = ["paper", "card", "code", "good-soft", "bad-soft", "odd-soft"]
    pairs = [
        (ink, ground) for ink in ("ink", "dim", "link", "good", "bad", "odd") for ground in grounds
    ]
    for ink, ground in [*pairs, ("mark-ink", "mark")]:
        bright, dark = sorted((luminance(colours[ink]), luminance(colours[ground])), reverse=True)
        contrast = (bright + 0.05) / (dark + 0.05)
        assert contrast >= 4.5, f"{ink} on {ground}: {contrast:.2f}"


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
