"""Expectations from the file to the report: what the manual shows holds, and what does not is told by its places."""

from __future__ import annotations

import copy
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
import trustme
from msgspec.structs import replace

import smoke
from smoke.app.evaluating import stored
from smoke.app.options import RunOptions
from smoke.model.exchange import Timing
from smoke.model.run import Outcome, Run
from smoke.scenario.template import render
from smoke.store import RunFolder
from tests.support.cli import smoke as smoke_command
from tests.support.documents import ROOT, blocks_of
from tests.support.running import run_text
from tests.support.scripted import Shop, scripted
from tests.support.transport import plain
from tests.support.wire_server import WireServer, sends

PAGE = ROOT / "docs" / "how-to" / "expectations.md"
ORDER: dict[str, Any] = {
    "order": {
        "id": 7,
        "status": "paid",
        "customer": {"email": "ada@shop.example", "name": "Ada"},
        "items": [{"sku": "pot", "quantity": 1}, {"sku": "tea-sencha", "quantity": 2}],
        "tags": ["new", "gift"],
        "total": 25.0,
        "coupon": None,
    }
}


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with scripted() as running:
        yield running


@pytest.fixture(autouse=True)
def routes(shop: Shop) -> None:
    shop.routes.clear()
    shop.seen.clear()
    shop.on("GET /api/orders/7", body=ORDER)


def shown(title: str) -> str:
    """The scenario that the page shows under a name."""
    return next(block.text for block in blocks_of(PAGE) if block.title == f"scenarios/{title}.yaml")


def reports(run: Run, folder: Path) -> dict[str, str]:
    """What people read of a run, in each format."""
    return {
        name: smoke.write_report(run, name, folder / f"report.{name}").read_text(encoding="utf-8")
        for name in ("html", "json", "junit", "markdown", "sarif")
    }


def test_what_the_manual_shows_of_lists_and_objects(shop: Shop, tmp_path: Path) -> None:
    text = shown("an-order")
    assert len(text.splitlines()) <= 12
    assert run_text(tmp_path, shop.url, text).outcome is Outcome.PASSED
    other = copy.deepcopy(ORDER)
    other["order"] |= {"status": "open", "customer": {}}
    shop.on("GET /api/orders/7", body=other)
    run = run_text(tmp_path, shop.url, text)
    assert run.outcome is Outcome.FAILED
    for line in (
        '$.order.status: expected "paid", got "open"',
        "$.order.customer.email: expected contains ",
    ):
        assert line in PAGE.read_text(encoding="utf-8")
        said = reports(run, tmp_path)
        assert line in said["markdown"]
        assert line.replace('"', "&quot;") in said["html"].replace("&#34;", "&quot;")
        assert line in said["junit"].replace("&quot;", '"')
    assert '$.order.status: expected \\"paid\\"' in said["sarif"]
    assert '"differences"' in said["json"]


def test_what_the_manual_shows_of_times(shop: Shop, tmp_path: Path) -> None:
    text = shown("on-time")
    assert len(text.splitlines()) <= 12
    now = datetime.now(UTC)
    there = timezone(timedelta(hours=9))
    body = {
        "created_at": str(now.astimezone(there)),
        "expires_at": (now + timedelta(minutes=30)).isoformat(),
        "ships_on": str((now + timedelta(days=2)).date()),
    }
    shop.on("GET /api/orders/10", body=body, Last_Modified=format_datetime(now, usegmt=True))
    assert run_text(tmp_path, shop.url, text).outcome is Outcome.PASSED
    late = body | {"created_at": "soon", "expires_at": "2020-01-01T00:00:00Z"}
    shop.on("GET /api/orders/10", body=late, Last_Modified="Sun, 29 Nov 2020 03:10:00 GMT")
    run = run_text(tmp_path, shop.url, text)
    assert run.outcome is Outcome.FAILED
    told = {each.path: each.message for each in run.scenarios[0].steps[0].attempts[0].mismatches}
    assert told.keys() == {"headers.last-modified", "json.$.created_at", "json.$.expires_at"}
    assert "days" in told["headers.last-modified"]
    assert "this is none" in told["json.$.created_at"]
    assert 'got "2020-01-01T00:00:00Z" (it is ' in told["json.$.expires_at"]


def test_in_a_later_look_now_is_when_the_answer_came(shop: Shop, tmp_path: Path) -> None:
    shop.on("GET /api/orders/10", body={"at": "2020-01-01T00:00:30Z"})
    text = "name: s\nsteps: [{name: x, request: GET /api/orders/10}]\n"
    run = run_text(tmp_path, shop.url, text)
    scenario = run.scenarios[0]
    step = scenario.steps[0]
    (exchange,) = step.attempts[0].exchanges
    old = replace(exchange, started_at="2020-01-01T00:00:00.000+00:00", timing=Timing(total=2.5))
    with RunFolder.open(Path(run.folder)) as folder:
        looked_at = stored(run, scenario, step, old, folder, {}, {})
        assert render("{{ now }}", looked_at.scope) == "2020-01-01T00:00:02Z"


@pytest.mark.parametrize(
    ("matcher", "told"),
    [
        ("{after: tomorrow}", "after takes a date or a time such as 2026-11-29"),
        ("{within: {of: '{{ now }}', by: 5 minuts}}", "did you mean '5 minutes'?"),
        ("{befor: '2026-11-29', after: '{{ now }}'}", "did you mean 'before'?"),
        ("{before: '{{ day }}'}", "before takes a date or a time"),
    ],
)
def test_a_time_that_is_written_wrong_is_told_and_nothing_is_sent(
    shop: Shop, tmp_path: Path, matcher: str, told: str
) -> None:
    text = f"name: s\nvariables: {{day: soon}}\nsteps: [{{name: x, request: GET /api/orders/7, expect: {{json: {{$.at: {matcher}}}}}}}]\n"
    (tmp_path / "s.yaml").write_text(text)
    done = smoke_command(["run", "s.yaml", "--url", shop.url], tmp_path)
    assert done.returncode == 2, done.stdout
    said = " ".join(done.stderr.split())
    assert told in said
    assert "s.yaml:3:" in said
    assert shop.seen == []


def test_what_the_manual_shows_of_a_schema(shop: Shop, tmp_path: Path) -> None:
    for block in blocks_of(PAGE):
        if block.title.endswith(".json"):
            (tmp_path / Path(block.title).name).write_text(block.text, encoding="utf-8")
    text = shown("by-schema")
    assert len(text.splitlines()) <= 12
    shop.on("GET /api/orders/8", body=ORDER["order"] | {"total": 19.99})
    assert run_text(tmp_path, shop.url, text).outcome is Outcome.PASSED
    shop.on(
        "GET /api/orders/8", body={"id": 7, "status": "opne", "total": 19.995, "items": [{"n": 1}]}
    )
    run = run_text(tmp_path, shop.url, text)
    assert run.outcome is Outcome.FAILED
    for line in (
        '$.status: expected enum ["open", "paid"], got "opne"',
        "$.total: expected multipleOf 0.01, got 19.995",
        '$.items[0].sku: expected required "a value", got nothing',
    ):
        assert line in reports(run, tmp_path)["markdown"]
    shop.on("GET /api/orders/8", body=b"<h1>Sorry</h1>")
    (step,) = run_text(tmp_path, shop.url, text).scenarios[0].steps
    assert "not JSON" in step.attempts[-1].mismatches[0].unevaluated


def test_what_the_manual_shows_of_openapi(shop: Shop, tmp_path: Path) -> None:
    for block in blocks_of(PAGE):
        if block.title.endswith(".json"):
            (tmp_path / Path(block.title).name).write_text(block.text, encoding="utf-8")
    text = shown("by-openapi")
    assert len(text.splitlines()) <= 12
    shop.on("GET /api/orders/9", body={"id": 9, "status": "paid"}, X_Version="3")
    assert run_text(tmp_path, shop.url, text).outcome is Outcome.PASSED
    shop.on("GET /api/orders/9", body={"status": "sold"}, X_Version="three")
    run = run_text(tmp_path, shop.url, text)
    for line in (
        'X-Version: expected type "integer", got "three"',
        '$.id: expected required "a value", got nothing',
        '$.status: expected enum ["open", "paid"], got "sold"',
    ):
        assert line in reports(run, tmp_path)["markdown"]
    shop.on("GET /api/orders/9", 202, body={})
    (step,) = run_text(tmp_path, shop.url, text).scenarios[0].steps
    assert step.message == "openapi.status: GET /orders/{id} has 200, got 202"
    shop.seen.clear()
    with pytest.raises(smoke.SmokeError, match="no operation"):
        run_text(tmp_path, shop.url, text.replace("/api/orders/9", "/api/order/9"))
    assert shop.seen == []


SOAP = """<?xml version="1.0" encoding="ISO-8859-1"?>
<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><Order xmlns="urn:shop:orders" status="paid">
<Item>T\xe9</Item><Total>24.995</Total></Order></s:Body></s:Envelope>"""


def test_what_the_manual_shows_of_xml(shop: Shop, tmp_path: Path) -> None:
    text = shown("by-xpath")
    assert len(text.splitlines()) <= 12
    shop.on("GET /soap/orders/7", body=SOAP.encode("latin-1"), Content_Type="text/xml")
    assert run_text(tmp_path, shop.url, text).outcome is Outcome.PASSED
    fault = SOAP.replace("paid", "open").replace("<Item>", "<s:Fault/><Item>")
    shop.on("GET /soap/orders/7", body=fault.encode("latin-1"), Content_Type="text/xml")
    (step,) = run_text(tmp_path, shop.url, text).scenarios[0].steps
    found = [(each.path, each.message) for each in step.attempts[-1].mismatches]
    assert found == [
        ("xpath./s:Envelope/s:Body/o:Order/@status", 'expected "paid", got "open"'),
        (
            "xpath.//s:Fault",
            'expected exists false, got "" (there is such a value, and must not be)',
        ),
    ]
    assert step.attempts[-1].mismatches[0].line == 8


def test_what_the_manual_shows_of_phases_and_a_certificate(tmp_path: Path) -> None:
    ca = trustme.CA()
    ca.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    options = RunOptions(ca_file=str(tmp_path / "ca.pem"))
    text = shown("in-time")
    assert len(text.splitlines()) <= 12
    for days, outcome in ((60, Outcome.PASSED), (14, Outcome.FAILED)):
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        until = datetime.now(UTC) + timedelta(days=days)
        ca.issue_cert("127.0.0.1", not_after=until).configure_cert(tls)
        with WireServer(sends(plain(b"ok")), tls=tls) as server:
            run = run_text(tmp_path, server.url, text, options=options)
        assert run.outcome is outcome
    (found,) = run.scenarios[0].steps[0].attempts[-1].mismatches
    assert found.path == "certificate.days_left"
    assert f"on {until:%Y-%m-%d %H:%M} UTC" in found.message


def test_what_there_was_not_is_not_in_time(shop: Shop, tmp_path: Path) -> None:
    text = shown("in-time")
    shop.on("GET /", body={})
    run = run_text(tmp_path, shop.url, text)
    assert [each.path for each in run.scenarios[0].steps[0].attempts[-1].mismatches] == [
        "certificate.days_left",
        "phases.tls",
    ]


def test_no_secret_is_told_where_an_object_differs(shop: Shop, tmp_path: Path) -> None:
    """By its name, by its value, in a key, and cut off in the middle."""
    secret = "correct-horse-battery"
    shop.on(
        "GET /",
        body={
            "password": "hunter2-x",
            "a": {secret: 1},
            "b": ["y" * 110 + secret],
            "card": 4111111111111111,
        },
    )
    run = run_text(
        tmp_path,
        shop.url,
        """
        name: s
        secrets: [WORD]
        steps:
          - name: Look
            request: {url: /, headers: {X-Word: "{{ secrets.WORD }}"}}
            expect:
              time: 1 ms
              json: {$: {password: other-pass, a: {}, b: [z], card: 1}}
        """,
        environ={"WORD": secret},
    )
    (step,) = run.scenarios[0].steps
    assert step.attempts[-1].mismatches[0].path == "json.$"
    assert len(step.attempts[-1].mismatches[0].differences) == 4
    stored = [
        path.read_text("utf-8", "replace")
        for path in (tmp_path / "runs").rglob("*")
        if path.is_file()
    ]
    for text in (*reports(run, tmp_path).values(), *stored):
        for hidden in ("hunter2", "other-pass", "correct-horse", "4111111111111111", "correct-hor"):
            assert hidden not in text


def test_a_secret_is_masked_before_what_it_is_in_is_cut(shop: Shop, tmp_path: Path) -> None:
    """Half of one is known by nobody: it would stay, in the words and in the record."""
    secret, learnt = "correct-horse-battery", "swordfish-of-the-sea"
    body = {
        "b": "y" * 95 + secret,
        "c": "z" * 1985 + secret,
        "d": "x" * 110 + learnt,
        "token": learnt,
    }
    shop.on("GET /", body=body, ETag="w" * 108 + secret)
    shop.on("GET /away", 302, {}, Location="/" + "v" * 190 + secret)
    run = run_text(
        tmp_path,
        shop.url,
        """
        name: s
        secrets: [WORD]
        steps:
          - name: Look
            request: {url: /, headers: {X-Word: "{{ secrets.WORD }}"}}
            expect: {text: nope, headers: {etag: x}, json: {$.b: x, $.c: y, $.d: {not: {type: string}}}}
            capture: {learnt: $.token}
          - {name: Away, request: GET /away}
        """,
        environ={"WORD": secret},
    )
    assert len(run.scenarios[0].steps[0].attempts[-1].mismatches) == 5
    stored = [
        path.read_text("utf-8", "replace")
        for path in (tmp_path / "runs").rglob("*")
        if path.is_file()
    ]
    for text in (*reports(run, tmp_path).values(), *stored):
        for hidden in ("correct-h", "swordfish"):
            assert hidden not in text


def test_what_a_path_announces_is_in_no_headline(shop: Shop, tmp_path: Path) -> None:
    shop.on("GET /", body=b"<a><password>hunter2-abc</password></a>", Content_Type="text/xml")
    text = (
        "name: s\nsteps: [{name: A, request: GET /, expect: {xpath: {//password: other-pass}}}]\n"
    )
    run = run_text(tmp_path, shop.url, text)
    (step,) = run.scenarios[0].steps
    said = 'expected "[masked:password]", got "[masked:password]"'
    assert step.message == f"xpath.//password: {said}"


def test_a_bad_value_is_told_at_its_own_place_where_another_has_the_same_text(
    shop: Shop, tmp_path: Path
) -> None:
    line = (
        '    expect: {json: {$.a: {within: {of: "{{ now }}", by: 1d}}, $.b: {within: "{{ now }}"}}}'
    )
    text = f"name: a\nsteps:\n  - name: A\n    request: GET /\n{line}\n"
    with pytest.raises(smoke.SmokeError) as refused:
        run_text(tmp_path, shop.url, text)
    (only,) = refused.value.diagnostics
    assert only.code == "bad-template-value"
    assert only.span is not None
    assert (only.span.line, only.span.column) == (5, line.index("$.b") + 1)
    assert shop.seen == []
