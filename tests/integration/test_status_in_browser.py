"""The status page in a real browser, made of real runs of a shop that answers with what is meant to break it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.browser import BROWSER, Page, page
from tests.support.cli import smoke
from tests.support.one_order import ORDER
from tests.support.scripted import scripted

pytestmark = [
    pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine"),
    pytest.mark.xdist_group("status-page"),
]

BAIT = "</title></script><script>document.title='owned'</script><img src=http://e.example/a onerror=alert(1)>"
STEP = "Order <img src=http://e.example/b onerror=alert(2)>"
SCENARIO = ORDER.replace("name: Order", f"name: {json.dumps(STEP)}", 1)
CONSTRAINT = "orders_<img src=x onerror=alert(3)>_\u202e_key"
REFUSED = f'duplicate key value violates unique constraint "{CONSTRAINT}"'


@pytest.fixture(scope="module")
def status(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a round that failed."""
    project = tmp_path_factory.mktemp("project")
    (project / "order.yaml").write_text(SCENARIO, encoding="utf-8")
    with scripted() as shop:
        shop.on("POST /orders", 500, {"error": REFUSED, "code": "23505", "table": BAIT})
        words = ["watch", "order.yaml", "--url", shop.url, "--rounds", "1"]
        done = smoke([*words, "--status-page", "status.html"], project)
    assert done.returncode == 0, done.stderr
    return project / "status.html"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with page(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.mark.parametrize("width", [375, 1280])
def test_hostile_evidence_is_text_and_the_page_asks_nobody(
    browser: Page, status: Path, width: int
) -> None:
    browser.width(width)
    browser.open("about:blank")
    seen, asked = len(browser.events), len(browser.requested())
    browser.open(status.as_uri())
    assert browser.requested()[asked:] == [status.as_uri()]
    assert not browser.complaints_of(browser.events[seen:])
    assert not any(
        event["method"] == "Page.javascriptDialogOpening" for event in browser.events[seen:]
    )
    assert browser.evaluate("document.title") != "owned"
    assert browser.evaluate("document.querySelectorAll('img, script').length") == 0
    text = browser.evaluate("document.body.innerText")
    assert "1 target of 1 not well" in text
    assert "unique_violation (SQLSTATE 23505) by orders_<img src=x onerror=alert(3)>" in text
    assert STEP in text
    assert "\u202e" not in text
    # a name of any length bends, and makes no page wider than its screen
    assert browser.evaluate("document.documentElement.scrollWidth") <= width
