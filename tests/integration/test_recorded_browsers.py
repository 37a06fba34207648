"""`smoke record`: what happens in a real browser becomes a scenario that runs, and nothing else is written."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import smoke
from smoke.browser.watched import BrowserTraffic
from smoke.diagnostic import SmokeError
from smoke.recording.assemble import assemble
from tests.support.browser import BROWSER
from tests.support.cli import command, environment
from tests.support.cli import smoke as cli
from tests.support.processes import heeds_ctrl_c
from tests.support.scripted import Shop, scripted

CARD, PASSWORD, EMAIL = "4242424242424242", "correct horse 4711", "ann.berg@shop.example"
PAGE = """<!doctype html><title>Shop</title><script>
const post = (path, body, token) => fetch(path, {method: 'POST', body: JSON.stringify(body),
  headers: {'content-type': 'application/json', ...(token ? {authorization: `Bearer ${token}`} : {})}}).then((answer) => answer.json());
(async () => {
  const {token} = await post('/register', {email: '%s', password: '%s'});
  const {cart} = await post('/carts', {}, token);
  await post(`/carts/${cart.id}/complete`, {card_number: '%s'}, token);
  await fetch('/done');
  // a person reads the last page: bodies of a page that is gone cannot be had
  if (%s) { setTimeout(() => window.close(), 3000); }
})();
</script>"""
TOKEN = "tok-4f5e6a7b8c9d0e1f"


@pytest.fixture
def shop() -> Iterator[Shop]:
    with scripted() as running:
        running.on("POST /register", body={"token": TOKEN})
        running.on("POST /carts", 201, {"cart": {"id": "cart_01HV7Z3K"}})
        running.on("POST /carts/cart_01HV7Z3K/complete", body={"order": {"id": "ORD-4711"}})
        running.on("GET /done", body={})
        yield running


def page(shop: Shop, *, closes: bool) -> None:
    text = PAGE % (EMAIL, PASSWORD, CARD, "true" if closes else "false")
    shop.routes["GET /"] = lambda _: (200, {"Content-Type": "text/html"}, text.encode())


def program(folder: Path) -> str:
    """The browser, without its sandbox, which there may be none of, and with pages that may close their window, as a person does."""
    path = folder / "browser"
    path.write_text(
        f'#!/bin/sh\nexec {BROWSER} --no-sandbox --disable-gpu --blink-settings=allowScriptsToCloseWindows=true "$@"\n'
    )
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def short() -> Iterator[str]:
    """A folder for what is temporary: the browser puts a socket there, whose path may have 107 characters."""
    with tempfile.TemporaryDirectory(prefix="s-") as folder:
        yield folder


def started(folder: Path, shop: Shop, short: str) -> subprocess.Popen[str]:
    words = ["record", "--url", shop.url, "--headless", "--twice", "--browser", program(folder)]
    return subprocess.Popen(
        command(*words),
        cwd=folder,
        env=environment({"TMPDIR": short}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heeds_ctrl_c,  # noqa: PLW1509  (one call in the child)
    )


@pytest.mark.parametrize("closes", [True, False])
@pytest.mark.skipif(
    BROWSER is None or sys.platform == "win32", reason="no Chromium on this machine"
)
@pytest.mark.xdist_group("html-report")
def test_an_order_in_a_browser_becomes_a_scenario(
    shop: Shop, closes: bool, short: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page(shop, closes=closes)
    with started(tmp_path, shop, short) as process:
        deadline = time.monotonic() + 60
        while "GET /done" not in shop.paths() and process.poll() is None:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        if not closes:
            process.send_signal(signal.SIGINT)
        out, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert "wrote scenarios/recorded.yaml" in out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["browser", "scenarios"]
    assert [*Path(short).glob("smoke-browser-*")] == []
    text = (tmp_path / "scenarios/recorded.yaml").read_text(encoding="utf-8")
    for secret in (CARD, PASSWORD, EMAIL, TOKEN):
        assert secret not in text + out + errors
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CARD_NUMBER", CARD)
    before = len(shop.seen)
    run = smoke.run("recorded", url=shop.url)
    assert run.outcome is smoke.Outcome.PASSED, text
    sent = [(path, headers) for _, path, headers, _ in shop.seen[before:]]
    assert [path for path, _ in sent].count("/carts/cart_01HV7Z3K/complete") == 2
    named = next(headers for path, headers in sent if path == "/carts")
    assert {name.lower(): value for name, value in named.items()}[
        "authorization"
    ] == f"Bearer {TOKEN}"


@pytest.mark.skipif(sys.platform == "win32", reason="scripts of a POSIX shell")
@pytest.mark.parametrize(
    "script",
    ["exit 0", "echo no screen >&2; exit 1", "printf 'x\\0[]\\0{\\0' >&4", "exec 4>&-; sleep 1"],
)
def test_what_is_no_browser_is_told(script: str, tmp_path: Path) -> None:
    path = tmp_path / "odd"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    done = cli(["record", "--url", "https://shop.example", "--browser", str(path)], tmp_path)
    assert done.returncode == 2
    assert "ended before it showed a page" in done.stderr
    assert ("no screen" in done.stderr) is ("no screen" in script)
    assert [each.name for each in tmp_path.iterdir()] == ["odd"]


def test_without_a_browser_it_says_what_to_do(tmp_path: Path) -> None:
    there = {"PATH": str(tmp_path)}
    done = cli(["record", "--url", "https://shop.example"], tmp_path, env=there)
    if "no Chromium, Chrome or Edge was found" in done.stderr:  # none stands at another known place
        assert "smoke import" in done.stderr
    named = cli(["record", "--url", "https://shop.example", "--browser", "nothing"], tmp_path)
    assert (done.returncode, named.returncode) == (2, 2)
    assert "there is no such program" in named.stderr


def test_a_file_that_is_there_is_told_before_somebody_orders(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("mine")
    done = cli(
        ["record", "--url", "https://shop.example", "--to", "a.yaml", "--browser", "nothing"],
        tmp_path,
    )
    assert done.returncode == 2
    assert "nothing is overwritten" in done.stderr


@pytest.mark.parametrize("place", ["a.yaml/b.yaml", f"{'n' * 300}.yaml"])
def test_a_place_that_cannot_be_written_is_told_before_somebody_orders(
    place: str, tmp_path: Path
) -> None:
    (tmp_path / "a.yaml").write_text("mine")
    words = ["--url", "https://shop.example", "--to", place, "--browser", "nothing"]
    done = cli(["record", *words], tmp_path)
    assert done.returncode == 2
    assert "cannot write" in done.stderr
    assert "no such program" not in done.stderr


def sent(number: str, url: str, **more: object) -> tuple[str, dict[str, object]]:
    request = {"method": "POST", "url": url, "headers": {"Content-Type": "text/plain"}, **more}
    return "Network.requestWillBeSent", {
        "requestId": number,
        "request": request,
        "type": "Document",
    }


def test_redirects_are_requests_of_their_own_with_the_headers_of_the_wire() -> None:
    watched = BrowserTraffic()
    watched.take("s", *sent("1", "https://shop.example/order", postData="a=1"))
    came = {"status": 303, "headers": {"Location": "/thanks"}}
    method, told = sent("1", "https://shop.example/thanks")
    watched.take(
        "s",
        "Network.responseReceivedExtraInfo",
        {"requestId": "1", "headers": {"Set-Cookie": "a=1\nb=2"}},
    )
    watched.take("s", method, {**told, "redirectResponse": came})
    watched.take(
        "s",
        "Network.responseReceived",
        {"requestId": "1", "response": {"status": 200, "headers": {}}},
    )
    assert watched.take("s", "Network.loadingFinished", {"requestId": "1"}) == "1"
    watched.with_body("s", "1", {"body": "dGhhbmtz", "base64Encoded": True})
    order, thanks = watched.requests
    assert order.body == b"a=1"
    assert order.answer is not None
    assert order.answer.status == 303
    assert order.answer.headers == (("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"))
    assert thanks.answer is not None
    assert thanks.answer.body == b"thanks"


def test_a_multipart_form_is_its_fields() -> None:
    body = '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x\r\nContent-Disposition: form-data; name="f"; filename="p.png"\r\n\r\nPNG\r\n--x--\r\n'
    watched = BrowserTraffic()
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    watched.take("s", *sent("1", "https://shop.example/", postData=body, headers=headers))
    assert watched.requests[0].fields == (("a", "1"),)
    assert watched.requests[0].remarks == ("a file of the form is left out",)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
NAMES = (
    "requestWillBeSent",
    "responseReceived",
    "requestWillBeSentExtraInfo",
    "responseReceivedExtraInfo",
    "loadingFinished",
)
KEYS = (
    "requestId",
    "request",
    "response",
    "redirectResponse",
    "headers",
    "type",
    "statusCode",
    "status",
    "url",
    "method",
    "postData",
    "postDataEntries",
)


@given(
    st.lists(
        st.tuples(st.sampled_from(NAMES), st.dictionaries(st.sampled_from(KEYS), JSON)), max_size=6
    )
)
def test_whatever_is_told_nothing_is_raised(events: list[tuple[str, dict[str, object]]]) -> None:
    watched = BrowserTraffic()
    watched.take("s", *sent("1", "https://shop.example/orders"))
    for name, told in events:
        number = watched.take("s", f"Network.{name}", {"requestId": "1", **told})
        watched.with_body("s", number or "1", told)
    try:
        text = assemble(watched.requests, "it").text
    except SmokeError as error:  # nothing of a customer is left
        text = str(error)
    assert text
