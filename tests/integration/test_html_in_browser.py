"""The HTML report in a real browser: quiet, asks nobody, fits every screen in both themes; its keys, links and copies work."""

from __future__ import annotations

import importlib.util
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from smoke.model.run import OrderState, Outcome
from smoke.report import html
from tests.support import samples
from tests.support.browser import BROWSER, Page, page
from tests.support.samples import SAMPLES, Sample, Teller, unique_violation, wrong_status

WIDTHS = (375, 768, 1280, 1920)
AXE = importlib.util.find_spec("axe_core_python")
OPEN_ALL = "document.querySelectorAll('details').forEach(each => each.open = true)"

pytestmark = [
    pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine"),
    pytest.mark.xdist_group("html-report"),
]

PAGE = b"""<!doctype html><html><head><title>Oops</title><base href="http://evil.example/">
<meta http-equiv="refresh" content="0;url=http://evil.example/refresh"><link rel="stylesheet" href="http://evil.example/a.css">
<style>@import "http://evil.example/b.css"; .red { background: url(http://evil.example/c.png) }</style><style>p { color: #b00 }</style>
</head><body onload="fetch('http://evil.example/d')"><script>fetch("http://evil.example/e"); parent.document.title = "owned"</script>
<img src="http://evil.example/f.png" onerror="fetch('http://evil.example/g')"><video poster="http://evil.example/h.png"></video>
<svg><image href="http://evil.example/i.png"/><script>fetch("http://evil.example/j")</script></svg>
<form action="http://evil.example/k"><button autofocus formaction="http://evil.example/l">Pay</button></form>
<p style="background-image:url(http://evil.example/m.png)">Your order could not be placed \xe2\x80\xae evil</p>
</iframe></pre><script>alert(1)</script><a href="javascript:alert(1)" target="_top">again</a></body></html>"""


def page_answered() -> Sample:
    """The second order is answered by a page, as hostile as one can be."""
    teller = Teller()
    teller.scenario()
    teller.order_1()
    teller.step(
        "Order 2",
        [
            teller.exchange(
                sent=samples.ORDER, status=500, reason=b"Oops", body=PAGE, media_type="text/html"
            )
        ],
        Outcome.FAILED,
        order=(OrderState.MAY_EXIST, ""),
        mismatches=(wrong_status(),),
        findings=(unique_violation(PAGE),),
        message="it failed",
    )
    teller.end(Outcome.FAILED)
    return teller.done(Outcome.FAILED)


def many() -> Sample:
    """Two scenarios that fail by one cause, and three that pass."""
    teller = Teller()
    for name in ("second", "third"):
        teller.scenario(name)
        teller.order_1(name)
        samples._order_2(teller, OrderState.MAY_EXIST, name)
        teller.end(Outcome.FAILED, name)
    for name in ("a-good-one", "another", "quiet"):
        samples._passing_scenario(teller, name)
    return teller.done(Outcome.FAILED)


ALL = {**SAMPLES, "page": page_answered, "many": many}


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """One browser for all pages."""
    with page(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """The address of the report of a sample, written once."""
    folder = tmp_path_factory.mktemp("reports")

    def address(name: str) -> str:
        path = folder / f"{name}.html"
        if not path.exists():
            sample = ALL[name]()
            out = io.BytesIO()
            html.write(sample.run, sample.evidence, out)
            path.write_bytes(out.getvalue())
        return path.as_uri()

    return address


def look(browser: Page, address: str, width: int = 1280, theme: str = "light") -> int:
    """Open a page as if for the first time; the number of events before it."""
    browser.call(
        "Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": theme}]
    )
    browser.width(width)
    browser.open("about:blank")
    seen = len(browser.events)
    browser.open(address)
    return seen


def quiet(browser: Page, seen: int) -> None:
    """No complaint, and no request but for the page itself."""
    assert Page.complaints_of(browser.events[seen:]) == []
    asked = [
        event["params"]["request"]["url"]
        for event in browser.events[seen:]
        if event["method"] == "Network.requestWillBeSent"
    ]
    assert [url for url in asked if not url.startswith(("file:", "about:", "data:"))] == []
    browser.events.clear()


def press(browser: Page, key: str) -> None:
    code = {"Escape": 27, "Enter": 13}.get(key)
    given: dict[str, Any] = (
        {"key": key, "windowsVirtualKeyCode": code} if code else {"key": key, "text": key}
    )
    browser.call("Input.dispatchKeyEvent", type="keyDown", **given)
    browser.call("Input.dispatchKeyEvent", type="keyUp", key=key)


@pytest.mark.parametrize(
    "name",
    ["failing", "hostile", "page", "many", "left-behind", "maybe-sent", "not-ready", "flaky"],
)
def test_it_is_quiet_and_fits_every_screen(
    browser: Page, report: Callable[[str], str], name: str
) -> None:
    seen = look(browser, report(name))
    for opened in (False, True):
        if opened:
            browser.evaluate(OPEN_ALL)
        for width in WIDTHS:
            browser.width(width)
            shown = browser.evaluate("document.documentElement.scrollWidth")
            assert shown <= width, f"{shown} pixels wide on {width}"
    assert browser.evaluate("document.scripts.length") == 1
    assert browser.evaluate("document.title").startswith("smoke: ")
    quiet(browser, seen)


def test_a_hostile_page_is_still(browser: Page, report: Callable[[str], str]) -> None:
    """Its text is there, with what is invisible made visible; its looks are behind glass."""
    seen = look(browser, report("page"))
    browser.evaluate(OPEN_ALL)
    browser.evaluate("document.querySelector('iframe').scrollIntoView()")
    browser.until("document.querySelector('iframe').getBoundingClientRect().height > 100")
    frame = browser.until("[document.querySelector('iframe').getAttribute('sandbox')]")
    assert frame == [""]
    assert browser.evaluate("document.querySelector('iframe').contentDocument") is None
    inside = browser.evaluate("document.querySelector('iframe').srcdoc")
    assert "default-src 'none'" in inside
    for word in ("script", "onerror", "onload", "evil.example", 'refresh"', "formaction"):
        assert word not in inside, word
    assert "Your order could not be placed \\u202e evil" in browser.evaluate(
        "document.querySelector('.side.answer .page').textContent"
    )
    assert "fetch('http://evil.example/g')" in browser.evaluate(
        "document.querySelector('.side.answer .came').textContent"
    )
    quiet(browser, seen)


def test_nothing_but_its_own_script_may_run(browser: Page, report: Callable[[str], str]) -> None:
    look(browser, report("failing"))
    browser.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), {textContent: 'window.ran = 1'}))"
    )
    browser.evaluate("document.body.setAttribute('onclick', 'window.ran = 1')")
    browser.evaluate("document.body.click()")
    assert browser.evaluate("window.ran ?? 'no'") == "no"
    browser.events.clear()


def test_the_top_says_it_all(browser: Page, report: Callable[[str], str]) -> None:
    """Verdict, cause, where, since when and what is left are on the first screen of a laptop and of a phone."""
    for width, height in ((1280, 800), (375, 800)):
        look(browser, report("failing"), width)
        head = browser.evaluate("document.querySelector('.top').innerText")
        for words in (
            "failed",
            "unique_violation (SQLSTATE 23505) on h2s_dispatch_jobs_recipient_step_uq",
            "repeat-customer: Order 2",
            "scenarios/repeat-customer.yaml:29:15",
            "2026-11-23 10:15:02 UTC",
            "500 Internal Server Error",
            "1 order may exist",
        ):
            assert words in head
        bottom = browser.evaluate("document.querySelector('.facts').getBoundingClientRect().bottom")
        assert bottom <= height
    browser.events.clear()


def test_the_bytes_that_prove_it_are_marked(browser: Page, report: Callable[[str], str]) -> None:
    look(browser, report("failing"))
    marks = browser.evaluate(
        "[...document.querySelectorAll('.side.answer .json mark')].map(each => [each.textContent, each.title])"
    )
    assert ["23505", "read from here: SQLSTATE"] in marks
    assert ["h2s_dispatch_jobs_recipient_step_uq", "read from here: table, constraint"] in marks
    browser.events.clear()


def test_keys_and_links(browser: Page, report: Callable[[str], str]) -> None:
    seen = look(browser, report("many"))
    chosen = "document.querySelector('.current')?.id"
    press(browser, "j")
    assert browser.evaluate(chosen).startswith("cause-")
    press(browser, "j")
    assert browser.evaluate(chosen) == "second/Order-2"
    assert browser.evaluate("location.hash") == "#second/Order-2"
    assert browser.evaluate("document.activeElement.tagName") == "SUMMARY"
    opened = browser.evaluate("document.querySelector('.current').open")
    press(browser, "o")
    assert browser.evaluate("document.querySelector('.current').open") is not opened
    press(browser, "n")
    assert browser.evaluate(chosen) == "third/Order-2"
    press(browser, "k")
    assert browser.evaluate(chosen) == "second/Order-2"
    press(browser, "?")
    assert browser.evaluate("document.querySelector('dialog').open") is True
    press(browser, "Escape")
    browser.until("!document.querySelector('dialog').open")
    press(browser, "/")
    assert browser.evaluate("document.activeElement.type") == "search"
    look(browser, report("many") + "#quiet/Order-2")
    assert browser.evaluate(chosen) == "quiet/Order-2"
    assert browser.evaluate("document.querySelector('.current').checkVisibility()") is True
    quiet(browser, seen)


def test_search(browser: Page, report: Callable[[str], str]) -> None:
    seen = look(browser, report("many"))
    press(browser, "/")
    browser.call("Input.insertText", text="ord-bbb quiet")
    browser.until("document.querySelector('.bar-top [role=status]').textContent")
    shown = "[...document.querySelectorAll('.step')].filter(e => e.checkVisibility()).length"
    hidden = "[...document.querySelectorAll('section.scenario')].every(each => each.hidden)"
    assert browser.evaluate(hidden) is True
    browser.evaluate("document.querySelector('input').value = 'unique_violation'")
    press(browser, "Enter")
    assert browser.evaluate("document.querySelector('.current').id") == "second/Order-2"
    assert browser.evaluate("CSS.highlights.get('found').size") > 0
    assert browser.evaluate(shown) == 2
    press(browser, "/")
    press(browser, "Escape")
    assert browser.evaluate("document.querySelectorAll('.scenario[hidden]').length") == 0
    quiet(browser, seen)


def test_copies(browser: Page, report: Callable[[str], str]) -> None:
    seen = look(browser, report("failing"))
    browser.evaluate("navigator.clipboard.writeText = async text => { window.copied = text }")
    click = "[...document.querySelectorAll('.exchange[open] .actions button')].find(each => each.textContent === {}).click()"

    def copied(label: str) -> str:
        browser.evaluate("window.copied = ''")
        browser.evaluate(click.format(json.dumps(label)))
        text: str = browser.until("window.copied")
        return text

    curl = copied("copy curl")
    assert curl.startswith("# WARNING: this request places an order; ")
    assert "\n# set before: SECRET_AUTHORIZATION (masked in the evidence)\ncurl --include" in curl
    assert "--header 'Authorization: '\"$SECRET_AUTHORIZATION\"" in curl
    assert "ada.king@example.com" in curl
    assert copied("copy raw request").startswith(
        "POST /api/shop HTTP/1.1\r\nHost: shop.example\r\n"
    )
    answer = copied("copy raw answer")
    assert answer.startswith("HTTP/1.1 500 Internal Server Error\r\n")
    assert json.loads(answer.partition("\r\n\r\n")[2]) == samples.INCIDENT
    assert copied("copy link").endswith(".html#repeat-customer/Order-2")
    browser.evaluate("document.querySelectorAll('.card details').forEach(each => each.open = true)")
    browser.until("!!document.querySelector('pre.sql button')")
    browser.evaluate("window.copied = ''; document.querySelector('pre.sql button').click()")
    assert browser.until("window.copied").startswith("BEGIN READ ONLY;")
    quiet(browser, seen)


def test_without_scripts_it_can_be_read(browser: Page, report: Callable[[str], str]) -> None:
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        look(browser, report("failing"))
        found = browser.call("DOM.getDocument", depth=-1)["root"]
        text = json.dumps(found)
        assert '"bar-top"' not in text
        tree = browser.call("Accessibility.getFullAXTree")["nodes"]
        names = " ".join(str(node.get("name", {}).get("value", "")) for node in tree)
        for words in (
            "unique_violation (SQLSTATE 23505)",
            "smoke explain 23505",
            "What it means",
            "Order 1 beside Order 2",
        ):
            assert words in names
    finally:
        browser.call("Emulation.setScriptExecutionDisabled", value=False)
        browser.events.clear()


@pytest.mark.skipif(AXE is None, reason="axe-core-python is not installed")
@pytest.mark.parametrize(
    ("name", "theme", "width"),
    [
        ("failing", "light", 1280),
        ("failing", "dark", 375),
        ("page", "dark", 1280),
        ("not-ready", "light", 375),
    ],
)
def test_everybody_can_use_it(
    browser: Page, report: Callable[[str], str], name: str, theme: str, width: int
) -> None:
    """Axe finds nothing, with everything open."""
    assert AXE is not None
    assert AXE.origin is not None
    axe = (Path(AXE.origin).parent / "axe.min.js").read_text(encoding="utf-8")
    look(browser, report(name), width, theme)
    browser.evaluate(OPEN_ALL)
    browser.evaluate(f"{axe}; 1")
    found = browser.evaluate(
        "axe.run(document, {iframes: false, resultTypes: ['violations']}).then(said => "
        "said.violations.map(each => [each.id, each.nodes.slice(0, 3).map(node => node.html.slice(0, 200))]))"
    )
    assert found == []
    browser.events.clear()
