"""`smoke eval`: a rule tried on what is stored takes what the run took, and says what is there where it takes nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.cli import smoke
from tests.support.scripted import Shop, scripted

ORDER = {
    "data": {
        "order": {
            "id": "o1",
            "total": 12.75,
            "items": [{"sku": "tea"}, {"sku": "cup"}],
            "odd name": True,
            "note": None,
            "access_token": "a-token-of-this-shop-4711",
        }
    }
}
PAGE = (
    b"<h1 class='head'>Thank\x1b[31m you</h1><form id=pay action='/pay'><input name=csrf value=abc>"
    b"<b id=empty></b></form> ordered: 17"
)
XML = b'<o:orders xmlns:o="urn:x"><o:order status="paid">7</o:order></o:orders>'
SCENARIO = """
name: checkout
variables: {who: ada}
steps:
  - name: Order
    request: {url: /orders, json: {who: "{{ who }}"}, headers: {cookie: "cart=c1"}}
    places_order: {id: $.data.order.id}
    capture: {ref: $.data.order.id, token: $.data.order.access_token}
  - {name: Page, request: GET /page, expect: {html: {h1: {contains: Thank}}}}
  - {name: Xml, request: GET /xml}
  - {name: Pause, pause: 10ms}
  - {name: Flaky, request: GET /flaky, retry: {attempts: 2, wait: 1ms, on: [503]}}
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    (folder / "checkout.yaml").write_text(SCENARIO, encoding="utf-8")
    with scripted() as shop:
        stock(shop)
        done = smoke(["run", "checkout.yaml", "--url", shop.url], folder)
        assert done.returncode == 0, done.stdout
    return folder


def stock(shop: Shop) -> None:
    """What the shop answers."""
    shop.on("POST /orders", 201, ORDER, ETag='"e1"', Set_Cookie="session=abcdef; Path=/")
    shop.on("GET /page", 200, PAGE, Content_Type="text/html")
    shop.on("GET /xml", 200, XML, Content_Type="application/xml")
    tries: list[int] = []

    def flaky(_: bytes) -> tuple[int, dict[str, str], bytes]:
        tries.append(1)
        status = 503 if len(tries) == 1 else 200
        return status, {"Content-Type": "application/json"}, b'{"try": %d}' % len(tries)

    shop.routes["GET /flaky"] = flaky


TAKEN = [
    ("Order", "$.data.order.id", '"o1"  (a text)'),
    ("Order", "$.data.order.total", "12.75  (a number)"),
    ("Order", "$.data.order.items[*].sku", '["tea","cup"]  (a list)'),
    ("Order", "$.data.order.items[?@.sku == '{{ who }}'].sku", None),
    ("Order", "{json: $.x, default: none}", '"none"  (a text)'),
    ("Order", "{json: $.x, optional: true}", "null  (null)"),
    ("Order", "header: etag", '"\\"e1\\""  (a text)'),
    ("Order", "cookie: cart", "masked in the evidence)"),
    ("Order", "cookie: session", "masked in the evidence)"),
    ("Order", "$.data.order.access_token", "masked in the evidence)"),
    ("Order", "status", "201  (a number)"),
    ("Order", "url: /([a-z]+)$", '"orders"  (a text)'),
    ("Order", """{regex: '"sku": "(?P<which>[a-z]+)"', group: which}""", '"tea"  (a text)'),
    ("Order", "{{ ref | upper }} of {{ run.id }}", '"O1 of 20'),
    ("Order", "template: '{{ ref }}'", '"o1"  (a text)'),
    ("Page", "html: h1", '"Thank\\u001b[31m you"  (a text)'),
    ("Page", "html: form#pay@action", '"/pay"  (a text)'),
    ("Page", "{html: form#pay, attribute: action}", '"/pay"  (a text)'),
    ("Xml", "{xpath: //p:order/@status, namespaces: {p: urn:x}}", '"paid"  (a text)'),
    ("Xml", "{xpath: //none, default: 7}", "7  (a number)"),
    ("Xml", "count(//*)", "2  (a number)"),
    ("Flaky", "$.try", "2  (a number)"),
]


@pytest.mark.parametrize(("step", "rule", "taken"), TAKEN)
def test_it_takes_what_a_capture_would(
    step: str, rule: str, taken: str | None, project: Path
) -> None:
    given = ["--var", "who=tea"] if taken is None else []
    done = smoke(["eval", step, rule, *given], project)
    assert done.returncode == 0, done.stdout + done.stderr
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("takes")]
    assert (taken or '"tea"') in line
    assert "\x1b" not in done.stdout


NOTHING = [
    ("Order", "$.data.order.itms[0].sku", "$.data.order is an object", "$.data.order.items[0].sku"),
    ("Order", "$.order.id", "$ is an object", "$.data.order.id"),
    ("Order", "$.data.order.odd_name", "$.data.order is an object", "$.data.order['odd name']"),
    ("Order", "$.data.order.items[7]", "is a list with 2 items", None),
    ("Order", "$.data.order.items[*].sk", "items[*] is an object", None),
    ("Order", "$.data.order.note", "is there, and is null", None),
    ("Order", "header: etg", "ETag", "ETag"),
    ("Order", "cookie: sesion", "cart, session", "session"),
    ("Order", "url: /nothing/([0-9]+)", "the final URL is http", None),
    ("Page", "html: form#pai@action", "#pay", "form#pay@action"),
    ("Page", "html: form#pay@acton", "without this attribute", "form#pay@action"),
    ("Page", "html: b#empty", "has no text", None),
    ("Page", r"regex: ordered ([0-9]+)", "found as far as ordered ; then comes: : 17", None),
    ("Page", "regex: q{5}|b{5}", "the text has", None),
    ("Page", "$.ok", "the body is text/html", None),
    ("Xml", "//order", "namespaces: {p: urn:x}", None),
    ("Xml", "{xpath: //p:ordr, namespaces: {p: urn:x}}", "orders, order, @status", None),
    ("Order", "{{ reff }}", "did you mean 'ref'?", None),
    ("Order", "{{ who }}", "--var 'who=…' gives one", None),
    ("Order", "{{ ref | uper }}", "there is no filter 'uper'", "upper"),
    ("Order", "{{ secrets.TOKEN }}", "no secret is kept with a run", None),
]


@pytest.mark.parametrize(("step", "rule", "there", "near"), NOTHING)
def test_where_it_takes_nothing_it_says_what_is_there(
    step: str, rule: str, there: str, near: str | None, project: Path
) -> None:
    done = smoke(["eval", "latest", step, rule], project, env={"COLUMNS": "160"})
    assert done.returncode == 1, done.stdout + done.stderr
    assert "takes       nothing: " in done.stdout
    assert there in " ".join(done.stdout.split())
    if near is not None:
        assert f"nearest     {near}\n" in done.stdout


EXPECTED = [
    ("Order", "$.data.order.total", "at_least: 3", 0, "met         at_least: 3"),
    ("Order", "$.data.order.total", "{less: 3}", 1, "expected less 3, got 12.75"),
    ("Order", "$.data.order.items", "[{sku: tea}, {sku: pot}]", 1, "it differs at"),
    ("Order", "$.gone", "exists: false", 0, "met         exists: false"),
    ("Order", "$.gone", "exists: true", 1, "there is no such value"),
    ("Order", "$.data.order.total", "at_lest: 3", 1, "did you mean 'at_least'?"),
    ("Order", "header: etag", """{starts_with: '"'}""", 0, "met"),
    ("Order", "status", "2xx", 0, "met         2xx"),
    ("Order", "status", "[404, 5xx]", 1, "expected 404 or 5xx, got 201"),
    ("Order", "url", "ends_with: /orders", 0, "met"),
    ("Page", "text", "Thank", 0, "met"),
    ("Page", "html: form#pay@action", "/pay", 0, "met"),
    ("Page", "{html: form#pay, attribute: action}", "/buy", 1, 'expected "/buy"'),
    ("Xml", "{xpath: //p:order, namespaces: {p: urn:x}}", "7", 0, "met"),
]


@pytest.mark.parametrize(("step", "rule", "expect", "status", "words"), EXPECTED)
def test_a_matcher_is_held_against_it_as_in_expect(
    step: str, rule: str, expect: str, status: int, words: str, project: Path
) -> None:
    done = smoke(["eval", step, rule, "--expect", expect], project, env={"COLUMNS": "160"})
    assert done.returncode == status, done.stdout + done.stderr
    assert words in " ".join(done.stdout.split()) or words in done.stdout


WRONG = [
    (["Page", "h1"], "is it 'html: h1'"),
    (["Page", ""], "does not say where a value is taken from"),
    (["Order", "headr: etag"], "did you mean 'header'?"),
    (["Order", "{header: a, cookie: b}"], "this has header and cookie"),
    (["Order", "$.a..["], "not a JSONPath"),
    (["Page", "regex: (a"], "not a regular expression"),
    (["Page", "html: 'h1['"], "not a CSS selector"),
    (["Xml", "//order["], "not an XPath 1.0 expression"),
    (["Xml", "//p:order"], "the prefix 'p' is not in `namespaces`"),
    (["Order", "{{ ref"], "'{{' without '}}'"),
    (["Order", "{regex: [}"], "YAML"),
    (["Xml", "{xpath: //a, namespace: {p: urn:x}}"], "did you mean 'namespaces'?"),
    (["Xml", "{xpath: //a, namespaces: 5}"], "namespaces"),
    (["Xml", "{xpath: [//a]}"], "xpath: a text is expected"),
    (["Page", "text: Thank"], "what must be in it is said with --expect"),
    (["Page", "{template: a, group: 1}"], "beside template there is no key 'group'"),
    (["Order", "header: 'a b'"], "is no name of a header"),
    (["Order", "$.a", "--expect", "{at_least: x}"], "at_least takes a number"),
    (["Order", "$.a", "--expect", "{at_least: 1, is: 2}"], "a matcher has no key 'is'"),
    (["Order", "$.a", "--expect", ""], None),
    (["Order", "$.a", "--expect", " "], "not an empty text"),
    (["Order", "status", "--expect", "fine"], "a status is a number"),
    (["Page", "regex: a", "--expect", "b"], "expect text with `matches`"),
    (["Order", "cookie: a", "--expect", "b"], "expect the header set-cookie"),
    (["Pause", "$.a"], "got no answer"),
    (["Flaky", "$.a", "--attempt", "3"], "had 2 attempts"),
    (["Ordr", "$.a"], "did you mean 'Order'?"),
    (["latest", "Order", "$.a", "$.b"], "put quotes around"),
    (["Order", "$.a", "--body", "checkout.yaml"], "RULE alone goes with --body"),
    (["$.a", "--body", "nowhere.json"], "nowhere.json"),
    (["$.a", "--body", "checkout.yaml", "--attempt", "1"], "--attempt is of a run"),
]


@pytest.mark.parametrize(("words", "told"), WRONG)
def test_what_cannot_be_tried_is_refused(words: list[str], told: str | None, project: Path) -> None:
    done = smoke(["eval", *words], project, env={"COLUMNS": "160"})
    if told is None:  # an empty text is no option
        assert done.returncode == 1
        return
    assert done.returncode == 2, done.stdout
    assert told in " ".join(done.stderr.split())
    assert done.stdout == ""


def test_an_attempt_is_chosen(project: Path) -> None:
    done = smoke(["eval", "Flaky", "$.try", "--attempt", "1", "--json"], project)
    made = json.loads(done.stdout)
    assert (made["found"], made["value"]) == (True, 1)
    assert made["step"] == "checkout: Flaky"


def test_json_has_everything(project: Path) -> None:
    done = smoke(
        ["eval", "Order", "$.data.order.totl", "--expect", "at_least: 20", "--json"], project
    )
    made = json.loads(done.stdout)
    assert done.returncode == 1
    assert (made["found"], made["value"], made["met"]) == (False, None, False)
    assert made["nearest"] == "$.data.order.total"
    assert made["names"] == ["id", "total", "items", "odd name", "note", "access_token"]
    assert made["mismatches"]


def test_a_file_and_standard_input_are_looked_at(project: Path) -> None:
    printed = (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nETag: e\r\n\r\n"
        + json.dumps(ORDER).encode()
    )
    for words, data in ((["--body", "-"], printed), (["--body", "answer.json"], b"")):
        (project / "answer.json").write_bytes(json.dumps(ORDER).encode())
        done = smoke(["eval", *words, "$.data.order.id"], project, stdin=data)
        assert done.returncode == 0
        assert 'takes       "o1"' in done.stdout
    done = smoke(["eval", "--body", "-", "header: etag"], project, stdin=printed)
    assert 'takes       "e"' in done.stdout
    done = smoke(["eval", "--body", "-", "{{ a | upper }}", "--var", "a=b"], project, stdin=b"{}")
    assert 'takes       "B"' in done.stdout
    har = json.dumps({"log": {"entries": []}}).encode()
    done = smoke(["eval", "--body", "-", "$.a"], project, stdin=har)
    assert done.returncode == 2
    assert "holds 0 answers" in done.stderr


def test_a_pattern_that_runs_for_ever_is_stopped(tmp_path: Path) -> None:
    (tmp_path / "body.txt").write_text("a" * 60 + "!", encoding="utf-8")
    done = smoke(["eval", "--body", "body.txt", "regex: ^(a|aa)+$"], tmp_path)
    assert done.returncode == 1
    assert "took more than 2 s" in done.stdout


def test_a_hostile_body_moves_no_cursor(tmp_path: Path) -> None:
    body = {"a\x1b[2J\u202e": 1, "b": "x" * 300 + "\x1b]0;title\x07\n::error::x"}
    (tmp_path / "body.json").write_text(json.dumps(body), encoding="utf-8")
    for rule in ("$.c", "$.b", "text"):
        done = smoke(["eval", "--body", "body.json", rule], tmp_path)
        assert not {"\x1b", "\x07", "\u202e"} & {*done.stdout}
        assert "\n::error::" not in done.stdout
