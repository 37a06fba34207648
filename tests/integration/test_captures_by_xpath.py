"""`capture: {xpath: …}`: a value out of XML, with its mask where what it stands in is masked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from smoke.diagnostic import SmokeError
from smoke.model.run import Outcome, Run
from smoke.scenario.load import load_scenario
from tests.support.running import run_text
from tests.support.scripted import Shop, scripted

pytest.importorskip("elementpath")

BODY = b"""<?xml version="1.0"?><s:Envelope xmlns:s="urn:soap" xmlns:o="urn:orders"><s:Body>
<o:order id="ord-17"><o:lines>3</o:lines><o:password>hunter2-hunter2</o:password></o:order></s:Body></s:Envelope>"""


@pytest.fixture
def shop() -> Iterator[Shop]:
    with scripted() as running:
        running.on("POST /orders", 201, BODY, Content_Type="text/xml")
        running.on("GET /orders/ord-17", 200, {})
        yield running


def ran(shop: Shop, folder: Path, captures: str, use: str = "GET /orders/{{ id }}") -> Run:
    text = f"""
name: s
steps:
  - {{name: Order, request: {{url: /orders, text: x}}, capture: {captures}}}
  - {{name: Use, request: "{use}"}}
"""
    return run_text(folder, shop.url, text)


SPACES = 'namespaces: {o: "urn:orders"}'


def test_values_are_taken_by_xpath(shop: Shop, tmp_path: Path) -> None:
    captures = f"""{{id: {{xpath: //o:order/@id, {SPACES}}}, lines: {{xpath: number(//o:lines), {SPACES}}},
      none: {{xpath: //nothing, optional: true}}, other: {{xpath: //nothing, default: d}}}}"""
    told = ran(shop, tmp_path, captures)
    assert told.outcome is Outcome.PASSED
    values = {each.name: each.value for each in told.scenarios[0].steps[0].captures}
    assert values == {"id": "ord-17", "lines": 3, "none": None, "other": "d"}
    assert shop.paths()[-1] == "GET /orders/ord-17"


def test_an_order_gets_its_id_by_xpath(shop: Shop, tmp_path: Path) -> None:
    text = f"""
name: s
steps:
  - name: Order
    request: {{url: /orders, text: x}}
    places_order: {{id: {{xpath: //o:order/@id, {SPACES}}}}}
"""
    told = run_text(tmp_path, shop.url, text)
    assert [each.order_id for each in told.orders] == ["ord-17"]


def test_what_stands_in_a_masked_place_is_a_secret(shop: Shop, tmp_path: Path) -> None:
    told = ran(shop, tmp_path, f"{{id: {{xpath: //o:password, {SPACES}}}}}")
    assert shop.paths()[-1] == "GET /orders/hunter2-hunter2"
    (capture,) = told.scenarios[0].steps[0].captures
    assert "hunter2" not in str(capture.value)
    for path in (tmp_path / "runs").rglob("*"):
        if path.is_file():
            assert b"hunter2" not in path.read_bytes(), path.name


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (BODY.replace(b"order", b"other"), "the XPath //o:order/@id is not in the response"),
        (b"<html>", "not XML"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><x/>', "DTD"),
    ],
)
def test_what_is_not_there_fails_the_step(
    body: bytes, words: str, shop: Shop, tmp_path: Path
) -> None:
    shop.on("POST /orders", 201, body, Content_Type="text/xml")
    told = ran(shop, tmp_path, f"{{id: {{xpath: //o:order/@id, {SPACES}}}}}")
    assert told.outcome is Outcome.FAILED
    assert words in told.scenarios[0].steps[0].message


@pytest.mark.parametrize(
    ("capture", "words"),
    [
        ("{xpath: //o:order}", "the prefix 'o' is not in `namespaces`"),
        ("{xpath: '//a['}", "not an XPath 1.0 expression"),
        ("{xpath: cuont(//a)}", "did you mean 'count'?"),
        ("{xpath: //a, json: $.a}", "this has json and xpath"),
        ("{json: $.a, namespaces: {o: u}}", "namespaces goes with xpath"),
        ("{xpaht: //a}", "has no key 'xpaht'"),
    ],
)
def test_mistakes_are_told_with_their_place(capture: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(
        f"name: s\nsteps:\n  - {{name: A, request: GET /, capture: {{id: {capture}}}}}\n", "utf-8"
    )
    with pytest.raises(SmokeError) as raised:
        load_scenario(path)
    told = raised.value.diagnostics
    assert any(words in each.message for each in told), [each.message for each in told]
    assert all(each.span is not None and each.span.line == 3 for each in told)


def test_why_a_secret_was_not_taken_is_no_secret(tmp_path: Path) -> None:
    """A page without its form (sold out, a login) is told: behind `csrf:` the words were masked."""
    with scripted() as shop:
        shop.on("GET /p", body=b"<p>Sold out</p>", Content_Type="text/html")
        scenario = "name: x\nsteps: [{name: P, request: GET /p, capture: {csrf: {html: 'input[name=_token]@value'}}}]"
        run = run_text(tmp_path, shop.url, scenario)
    (step,) = run.scenarios[0].steps
    assert step.message == (
        "capture csrf took nothing: the element input[name=_token]@value is not in the response"
    )
