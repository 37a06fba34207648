"""Captures: exact values, and a failure for whatever is empty, ambiguous or not whole."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smoke.model.exchange import Completeness
from smoke.scenario.answer import StepAnswer
from smoke.scenario.capture_spec import CaptureSpec
from smoke.scenario.extract import CaptureFailed, extract
from smoke.scenario.scope import Scope
from tests.support.answers import answer

PAGE = """<html><body><h1> Thank   you </h1>
<form id=search action=/search><input type=hidden name=csrf value=wrong></form>
<form id=pay action="/pay?a=1&amp;b=2" method=post><input type=hidden name=csrf value=right>
<input type=checkbox name=terms checked></form><a class=next>no link</a><a class=next href="next.html">on</a></body>"""


def taken(spec: Any, of: StepAnswer, **more: Any) -> Any:
    return extract(CaptureSpec.model_validate(spec), of, **more)


def refused(spec: Any, of: StepAnswer, **more: Any) -> str:
    with pytest.raises(CaptureFailed) as caught:
        taken(spec, of, **more)
    return str(caught.value)


@pytest.mark.parametrize(
    ("spec", "value"),
    [
        ({"json": "$.id"}, 12345678901234567890123),
        ({"json": "$.number"}, "0012"),
        ({"json": "$.items[0].id"}, "a"),
        ({"json": "$.items[-1].id"}, "b"),
        ({"json": "$.items[?@.kind=='tea'].id"}, "b"),
        ({"json": "$.items[*].id"}, ["a", "b"]),
        ({"json": "$['store-name']"}, "Tea & Co"),
        ({"json": "$.items[1]"}, {"id": "b", "kind": "tea"}),
        ({"json": "$.no"}, False),
        ({"json": "$.zero"}, 0),
        ({"json": "$.nothing", "optional": True}, None),
        ({"json": "$.nothing", "default": "x"}, "x"),
        ({"json": "$.null", "optional": True}, None),
        ({"header": "x-request-id"}, "7f"),
        ({"header": "X-None", "optional": True}, None),
        ({"cookie": "session"}, "s3=cr%et"),
        ({"regex": 'store-name": "([^"]+)'}, "Tea & Co"),
        ({"regex": "(?P<a>0)(?P<b>0)12", "group": "b"}, "0"),
        ({"regex": "0012", "group": 0}, "0012"),
        ({"url": True}, "https://shop.example/orders?id=9"),
        ({"url": "id=([0-9]+)"}, "9"),
        ({"status": True}, 201),
    ],
    ids=str,
)
def test_a_value_is_taken_as_it_is(spec: dict[str, Any], value: Any) -> None:
    body = (
        '{"id": 12345678901234567890123, "number": "0012", "store-name": "Tea & Co", "no": false, "zero": 0,'
        ' "null": null, "items": [{"id": "a", "kind": "cup"}, {"id": "b", "kind": "tea"}]}'
    )
    headers = [("X-Request-Id", "7f"), ("Set-Cookie", "session=s3=cr%et; Path=/; HttpOnly")]
    found = taken(spec, answer(body, headers, status=201, url="https://shop.example/orders?id=9"))
    assert (type(found), found) == (type(value), value)


@pytest.mark.parametrize(
    ("spec", "value"),
    [
        ({"html": "h1"}, "Thank you"),
        ({"html": "form#pay input[name=csrf]"}, "right"),
        ({"html": "form#pay", "attribute": "action"}, "/pay?a=1&b=2"),
        ({"html": "form#pay@action"}, "/pay?a=1&b=2"),
        ({"html": "form#pay@action", "absolute": True}, "https://shop.example/pay?a=1&b=2"),
        ({"html": "a.next", "attribute": "href"}, "next.html"),
        (
            {"html": "a.next", "attribute": "href", "absolute": True},
            "https://shop.example/next.html",
        ),
        ({"html": ".none", "optional": True}, None),
    ],
    ids=str,
)
def test_a_page_is_looked_through_by_selector(spec: dict[str, Any], value: Any) -> None:
    assert taken(spec, answer(PAGE)) == value


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('{"a": 1, "a": 1}', "the key 'a' twice"),
        ('{"b": {"a": 1, "a": 1}, "a": 1}', "the key 'a' twice"),
        ('{"a": NaN}', "NaN is not JSON"),
        ('{"a": 1e999}', "too large"),
        ('{"a": %s}' % ("9" * 5000), "5000 digits"),
        ("[" * 100_000, "more than 200 levels"),
        ('{"a":' * 100_000, "more than 200 levels"),
        ('{"a": ""}', "is empty"),
        ('{"a": null}', "is empty"),
        ('{"b": 1}', "is not in the response"),
        ("", "the body is empty"),
        ("<html>", "not JSON"),
        ('{"a": 1} trailing', "not JSON"),
        ("{'a': 1}", "not JSON"),
    ],
    ids=lambda value: value[:20],
)
def test_json_that_is_ambiguous_or_has_no_value_fails_the_capture(body: str, words: str) -> None:
    assert words in refused({"json": "$.a"}, answer(body))


@pytest.mark.parametrize(
    "broken",
    [
        *({"completeness": how} for how in Completeness if how not in ("complete", "unproven")),
        {"decode_error": "gzip: CRC is wrong"},
    ],
    ids=str,
)
def test_a_body_that_is_not_whole_fails_even_an_optional_capture(broken: dict[str, Any]) -> None:
    """What is not in the part that came may be in the part that did not."""
    of = answer('{"a": 1}<p class=x>1</p>', **broken)
    for place in ({"json": "$.a"}, {"json": "$.b"}, {"html": ".x"}, {"regex": "1"}):
        assert refused(place, of)
        assert refused({**place, "optional": True}, of)


def test_a_body_that_ended_with_the_connection_can_be_read() -> None:
    assert taken({"json": "$.a"}, answer('{"a": 1}', completeness=Completeness.UNPROVEN)) == 1


def test_a_pattern_that_takes_too_long_is_no_missing_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smoke.scenario.patterns.TIMEOUT", 0.05)
    spec = {"regex": "(a|aa)+$", "optional": True}
    assert "took more than" in refused(spec, answer("a" * 5000 + "b"))


@pytest.mark.parametrize(
    "taken_away",
    [
        "s=deleted; Max-Age=0",
        "s=; max-age=-1; Path=/",
        "s=x; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
        "s=x; Path=/; expires=Thu, 01-Jan-1970 00:00:01 GMT",
    ],
)
def test_a_cookie_that_is_taken_away_is_not_there(taken_away: str) -> None:
    of = answer("", [("Set-Cookie", "s=old"), ("Set-Cookie", taken_away)])
    assert "is not in the response" in refused({"cookie": "s"}, of)


def test_a_cookie_of_an_earlier_response_is_the_customers() -> None:
    assert taken({"cookie": "s"}, answer(""), cookies={"s": "jar"}) == "jar"
    assert (
        taken(
            {"cookie": "s"}, answer("", [("Set-Cookie", "s=new; Max-Age=60")]), cookies={"s": "jar"}
        )
        == "new"
    )


@pytest.mark.parametrize(
    "charset", ["zlib_codec", "rot13", "utf-7", "unicode_escape", "nonsense", "x" * 500]
)
def test_a_charset_that_is_no_text_is_read_as_utf8(charset: str) -> None:
    of = answer('{"a": "ä"}', [("Content-Type", f"application/json; charset={charset}")])
    assert taken({"json": "$.a"}, of) == "ä"


@pytest.mark.parametrize("codec", ["iso-8859-1", "utf-16", "shift_jis"])
def test_a_text_charset_is_used(codec: str) -> None:
    text = '{"a": "ab"}' if codec != "iso-8859-1" else '{"a": "ä"}'
    of = answer(text.encode(codec), [("Content-Type", f'application/json; charset="{codec}"')])
    assert taken({"json": "$.a"}, of) == json.loads(text)["a"]


@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 200_000,
        "<div></x>" * 200_000,
        "<a " + " ".join(f"b{n}=1" for n in range(60_000)) + ">",
        "<a " + " ".join(f'b{n}=">"' for n in range(60_000)) + ">",
        "".join(f"<b id={n}><p>" for n in range(2000)),
        "<a " * 20_000,
        "<p>x</p>" * 2_000_000,
    ],
    ids=["deep", "wrong ends", "attributes", "quoted", "formatting", "unfinished", "large"],
)
def test_a_page_that_would_hold_the_parser_up_is_not_looked_at(page: str) -> None:
    """Parsed, the first alone takes two minutes; nothing could stop it."""
    assert refused({"html": "h1", "optional": True}, answer(page)).startswith(
        ("the page", "an element")
    )


@pytest.mark.parametrize(
    "page",
    [
        "<h1>x</h1>" + "<div class=a><a href='/x'>l</a><p>text<br></div>" * 5000,
        "<h1>x</h1>" + "<!-- <b> -->" * 5000 + "<li>item" * 5000,
        "<h1>x</h1><img src='data:image/png;base64," + "A" * 4_000_000 + "'>",
        "<h1>x</h1><div data-props='" + '{"a": "b c d"} ' * 5000 + "'></div>",
        "<h1>x</h1><" + " " * 4_000_000,
        "<h1>x</h1><a" + " " * 4_000_000,
    ],
    ids=["long", "comments", "data", "attribute", "space", "space in a tag"],
)
def test_a_large_page_is_looked_at(page: str) -> None:
    assert taken({"html": "h1"}, answer(page)) == "x"


def test_a_value_of_the_server_is_no_syntax() -> None:
    """It enters a path, a selector or a pattern as text, whatever is in it."""
    body = '{"i": [{"k": "x", "id": 1}, {"k": "\'] || true || @[\'", "id": 2}]}'
    scope = Scope(names={"k": "'] || true || @['", "w": "a+b"})
    assert taken({"json": "$.i[?@.k == '{{ k }}'].id"}, answer(body), scope=scope) == 2
    assert taken({"regex": "<{{ w }}>(.)"}, answer("<aab>1<a+b>2"), scope=scope) == "2"
    page = "<p data-k=\"']x['\">1</p><p data-k=\"'] || true || @['\">2</p>"
    assert taken({"html": "p[data-k='{{ k }}']"}, answer(page), scope=scope) == "2"


sources = st.sampled_from(
    [
        {"json": "$.a"}, {"json": "$..*"}, {"json": "$[?@.a > 1]"}, {"header": "x"}, {"cookie": "a"},
        {"html": "a[href]"}, {"html": "p", "attribute": "id"}, {"regex": "(.)+x"}, {"url": True}, {"status": True},
    ]
)  # fmt: skip


@given(sources, st.binary(max_size=200), st.booleans())
def test_any_body_gives_a_value_or_a_reason(
    spec: dict[str, Any], body: bytes, optional: bool
) -> None:
    of = answer(body, [("Set-Cookie", "a=1")])
    with contextlib.suppress(
        CaptureFailed
    ):  # any other exception is a crash in the middle of a run
        value = taken({**spec, "optional": optional}, of)
        assert optional or value not in (None, "")
