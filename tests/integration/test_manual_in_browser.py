"""The manual in a real browser, from a folder on a disk: searchable, no dead link, no page wider than a phone, no request elsewhere."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from selectolax.lexbor import LexborHTMLParser

from tests.support.browser import BROWSER, Page, page
from tests.support.documents import ROOT

PHONE = 375
needs_zensical = pytest.mark.skipif(
    importlib.util.find_spec("zensical") is None, reason="the extra docs is not installed"
)
needs_browser = pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine")
pytestmark = [needs_zensical, pytest.mark.xdist_group("manual")]

SEARCH = """(() => {
  for (const host of document.querySelectorAll('body > *')) {
    const input = host.shadowRoot?.querySelector('input[role=combobox]')
    if (input) return host.shadowRoot
  }
})()"""
"""The search's own part of the page, once it is open."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The manual, built strict beside a copy of its sources."""
    folder = tmp_path_factory.mktemp("manual")
    shutil.copytree(ROOT / "docs", folder / "docs")
    shutil.copytree(ROOT / "tools" / "manual", folder / "tools" / "manual")
    shutil.copy(ROOT / "zensical.toml", folder)
    done = subprocess.run(
        [sys.executable, "-m", "zensical", "build", "--strict"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "site"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """One browser for all pages."""
    with page(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


def pages(site: Path) -> list[Path]:
    return sorted(path for path in site.rglob("*.html") if path.name != "404.html")


@needs_browser
def test_every_source_is_a_page_of_the_navigation(site: Path, browser: Page) -> None:
    browser.open((site / "index.html").as_uri())
    linked = browser.evaluate(
        "[...document.querySelectorAll('.md-nav a')].map(link => link.href.split('#')[0])"
    )
    for path in (ROOT / "docs").rglob("*.md"):
        expected = (site / path.relative_to(ROOT / "docs")).with_suffix(".html").as_uri()
        assert expected in linked, f"{path.name} is in no navigation: zensical.toml"


@needs_browser
def test_every_page_is_quiet_and_fits_a_phone_and_asks_nobody(site: Path, browser: Page) -> None:
    browser.width(PHONE)
    for path in pages(site):
        seen = len(browser.events)
        browser.open(path.as_uri())
        width = browser.evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE, f"{path.relative_to(site)} is {width} pixels wide"
        assert "\\|" not in browser.evaluate("document.body.innerText"), path.relative_to(site)
        told = Page.complaints_of(browser.events[seen:])
        assert told == [], f"{path.relative_to(site)}: {told}"
    asked = browser.requested()
    assert asked
    assert [url for url in asked if not url.startswith(("file://", "data:"))] == []


def test_no_link_is_dead(site: Path) -> None:
    """Links and anchors of the finished pages; what zensical checks are those of the sources."""
    trees = {path: LexborHTMLParser(path.read_text(encoding="utf-8")) for path in pages(site)}
    anchors = {
        path: {node.attributes["id"] for node in tree.css("[id]")} for path, tree in trees.items()
    }
    count = 0
    for path, tree in trees.items():
        for node in tree.css("a[href], img[src], link[href], script[src]"):
            link = node.attributes.get("href") or node.attributes.get("src") or ""
            if re.match("[a-z]+:", link):
                assert node.tag == "a", f"{path.name} loads {link}"
                continue
            address, _, anchor = unquote(link).partition("#")
            target = Path(os.path.normpath(path.parent / address)) if address else path
            assert target.is_file(), f"{path.relative_to(site)}: {link}"
            assert not anchor or anchor in anchors[target], f"{path.relative_to(site)}: {link}"
            count += 1
    assert count > 1000


@needs_browser
@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("places_order", "reference/scenarios.html"),
        ("h2s_dispatch_jobs", "how-to/migrations.html"),
        ("smoke teardown", "reference/commands.html"),
        ("auth-wall", "reference/codes.html"),
        ("23505", "reference/database-codes.html"),
    ],
)
def test_search_works_without_a_server(site: Path, browser: Page, words: str, found: str) -> None:
    browser.width(1200)
    browser.open((site / "index.html").as_uri())
    browser.until("document.readyState === 'complete'")
    browser.evaluate("document.querySelector('.md-search__button').click()")
    browser.until(f"!!{SEARCH}")
    browser.evaluate(f"{SEARCH}.querySelector('input').focus()")
    browser.call("Input.insertText", text=words)
    browser.until(
        f"[...{SEARCH}.querySelectorAll('a')].some(each => each.href.includes('{found}'))"
    )
    assert [url for url in browser.requested() if url.startswith("http")] == []
