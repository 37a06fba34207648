"""What is said of an expectation that is not met: path, what was wanted, what came, and where it is written."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from smoke.diagnostic import Span
from smoke.facts.differences import difference_lines, difference_text
from smoke.facts.step import mismatch_text
from smoke.model.exchange import Timing
from smoke.model.run import Mismatch, ValueDifference
from smoke.scenario.expect import described, evaluate
from smoke.scenario.expectations import Expect
from smoke.scenario.scope import Scope
from smoke.scenario.traits import Sends
from tests.support.answers import answer

NOW = datetime(2026, 11, 23, tzinfo=UTC)
JSON = [("content-type", "application/json")]
HTML = [("content-type", "text/html")]
BODY = '{"ok": false, "order": {"total": 250, "id": "a-1"}}'
PAGE = '<h1>Sorry</h1><a class=next href="/on">on</a>'


def unmet(
    spec: dict[str, Any], *args: Any, scope: Scope | None = None, **of: Any
) -> list[Mismatch]:
    expect = Expect.model_validate(spec)
    return list(evaluate(expect, answer(*args, **of), scope or Scope(seed="s")))


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"status": 201}, "status: expected 201, got 200"),
        ({"status": [201, "4xx"]}, "status: expected 201 or 4xx, got 200"),
        ({"time": 0.05}, "time: expected at most 0.05 s, it took 0.100 s"),
        (
            {"url": {"ends_with": "/thanks"}},
            'url: expected ends_with "/thanks", got "https://shop.example/orders"',
        ),
        (
            {"headers": {"etag": "x"}},
            'headers.etag: expected "x", got nothing (there is no such value)',
        ),
        (
            {"headers": {"Content-Type": "text/plain"}},
            'headers.Content-Type: expected "text/plain", got "application/json"',
        ),
        ({"json": {"$.ok": True}}, "json.$.ok: expected true, got false"),
        ({"json": {"$.none": 1}}, "json.$.none: expected 1, got nothing (there is no such value)"),
        (
            {"json": {"$.order.total": {"greater": 300, "less": 900}}},
            "json.$.order.total: expected greater 300 and less 900, got 250",
        ),
        (
            {"json": {"$.order": {"a": [1, 2]}}},
            "json.$.order: it differs at $.order.a, $.order.total, $.order.id",
        ),
        ({"text": "Thank you"}, f'text: expected contains "Thank you", got {BODY!r}'),
    ],
)
def test_what_is_wrong_is_said_with_what_was_wanted_and_what_came(
    spec: dict[str, Any], said: str
) -> None:
    found = unmet(spec, BODY, JSON)
    assert len(found) == 1
    text = f"{found[0].path}: {found[0].message}"
    if spec.get("text"):
        assert text.startswith('text: expected contains "Thank you", got "')
    else:
        assert text == said
    assert not found[0].own
    assert not found[0].unevaluated


ITEMS = json.dumps(
    {
        "items": [{"sku": "tea", "n": 1}, {"sku": "pot", "n": 0}],
        "a b": {"c": [1, 2]},
        "tags": [1, 2, 3],
    }
)


@pytest.mark.parametrize(
    ("path", "spec", "places"),
    [
        ("$['a b']", {"c": [1, 3]}, ["$['a b'].c[1]: expected 3, got 2"]),
        ("$['a b']", {"equals": {"c": [1]}}, ["$['a b'].c[1]: nothing expected, got 2"]),
        ("$['a b'].c", [1, 2, 3], ["$['a b'].c[2]: expected 3, got nothing"]),
        (
            "$",
            {"has": {"a b": {"c": {"length": 3}}, "ok": True, "x": {"y": 1}}},
            [
                '$["a b"].c: expected length 3, got [1, 2]',
                "$.ok: expected true, got nothing",
                '$.x: expected {"y": 1}, got nothing',
            ],
        ),
        ("$['a b']", {"has": {"c": {"d": 1}}}, ["$['a b'].c: expected {\"d\": 1}, got [1, 2]"]),
        (
            "$.items",
            {"each": {"has": {"n": {"greater": 0}}}},
            ["$.items[1].n: expected greater 0, got 0"],
        ),
        (
            "$.items[*].n",
            {"each": {"at_least": 1, "less": 9}},
            ['$[1]: expected {"at_least": 1, "less": 9}, got 0'],
        ),
        (
            "$.tags",
            {"unordered": [3, {"greater": 8}, 1, 7]},
            [
                "$.tags[*]: expected 7, got nothing",
                "$.tags[*]: expected greater 8, got nothing",
                "$.tags[1]: nothing expected, got 2",
            ],
        ),
        ("$.tags", {"any": {"greater": 3}}, []),
        ("$.tags", {"equals": {"a": 1}}, []),
        ("$.tags", {"type": "object"}, []),
    ],
)
def test_where_an_object_or_a_list_differs_is_told_place_by_place(
    path: str, spec: Any, places: list[str]
) -> None:
    (found,) = unmet({"json": {path: spec}}, ITEMS, JSON)
    assert list(difference_lines(found)) == places
    assert found.message.startswith("it differs at " if places else "expected ")
    more = f" (and {len(places) - 1} more place" if len(places) > 1 else ""
    assert (f"{(places or [found.message])[0]}{more}") in mismatch_text(found)


def test_places_that_differ_are_bounded() -> None:
    (found,) = unmet({"json": {"$": [0] * 5000}}, json.dumps([1] * 5000), JSON)
    assert len(found.differences) == 20
    assert found.more_differences == 980
    assert list(difference_lines(found))[9:] == ["$[9]: expected 0, got 1", "and 990 more places"]
    assert found.message == "it differs at $[0], $[1], $[2] and 997 more places"
    (found,) = unmet({"json": {"$": {"a" * 300: 1}}}, "{}", JSON)
    assert len(found.message) < 200


def test_a_value_that_json_cannot_say_is_named_in_words() -> None:
    each = ValueDifference("$.a", float("nan"), 1)
    assert difference_text(each) == "$.a: expected (a value that JSON cannot say), got 1"


def test_what_a_template_gives_is_no_matcher_within_one_either() -> None:
    scope = Scope(seed="s").with_names({"got": {"type": "x"}, "all": [{"exists": True}], "n": 5})
    body = '{"a": {"b": {"type": "x"}}, "l": [{"exists": true}], "n": 5.01}'
    spec = {
        "$.a": {"has": {"b": "{{ got }}"}},
        "$.a.b": {"has": "{{ got }}"},
        "$.l": {"unordered": "{{ all }}"},
        "$.n": {"within": {"of": "{{ n }}", "by": 0.01}},
    }
    assert unmet({"json": spec}, body, JSON, scope=scope) == []
    other = body.replace('"x"}', '"x", "y": 1}').replace("true", "false").replace("5.01", "6")
    assert [each.path for each in unmet({"json": spec}, other, JSON, scope=scope)] == [
        "json.$.a",
        "json.$.l",
        "json.$.n",
    ]
    (found,) = unmet(
        {"json": {"$.n": {"within": {"of": "{{ got }}", "by": 1}}}}, body, JSON, scope=scope
    )
    assert "a number as 'of'" in found.unevaluated


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"equals": None}, "got nothing (there is no such value)"),
        ({"exists": False}, ""),
        ({"exists": True}, "expected exists true, got nothing (there is no such value)"),
    ],
)
def test_what_is_absent_is_told_from_null(spec: Any, said: str) -> None:
    assert unmet({"json": {"$.a": {"equals": None}}}, '{"a": null}', JSON) == []
    assert unmet({"json": {"$.a": {"exists": True}}}, '{"a": null}', JSON) == []
    found = unmet({"json": {"$.a": spec}}, "{}", JSON)
    assert bool(found) == bool(said)
    assert all(each.message.endswith(said) for each in found)
    (null,) = unmet({"json": {"$.a": {"exists": False}}}, '{"a": null}', JSON)
    assert (
        null.message == "expected exists false, got null (there is such a value, and must not be)"
    )


TIMING = Timing(resolve=0.1, connect=0.3, tls=0.6, sent=0.7, first_byte=1.0, total=1.5)


@pytest.mark.parametrize(
    ("phases", "timing", "said"),
    [
        (
            {"resolve": "100ms", "connect": 0.21, "tls": 0.31, "first_byte": 1, "total": 1.5},
            TIMING,
            [],
        ),
        (
            {"resolve": 0.01, "connect": 0.01, "tls": 0.2, "first_byte": 0.9, "total": 1},
            TIMING,
            [
                "phases.resolve: expected at most 0.01 s, it took 0.100 s",
                "phases.connect: expected at most 0.01 s, it took 0.200 s",
                "phases.tls: expected at most 0.2 s, it took 0.300 s",
                "phases.first_byte: expected at most 0.9 s, it took 1.000 s",
                "phases.total: expected at most 1 s, it took 1.500 s",
            ],
        ),
        (
            {"tls": 9, "total": 1.5},
            Timing(connect=0.3, total=1),
            ["phases.tls: there was no tls in this exchange"],
        ),
    ],
)
def test_each_phase_has_its_time(phases: Any, timing: Timing, said: list[str]) -> None:
    expect = Expect.model_validate({"phases": phases})
    found = evaluate(expect, answer("x", timing=timing), Scope(seed="s"))
    assert [f"{each.path}: {each.message}" for each in found] == said
    assert all(bool(each.unevaluated) == ("there was no" in each.message) for each in found)


@pytest.mark.parametrize(
    ("until", "said"),
    [
        (NOW + timedelta(days=21), ""),
        (
            NOW + timedelta(days=20, hours=12),
            "expected at least 21 days, it expires in 20.5, on 2026-12-13 12:00 UTC",
        ),
        (None, "there is no certificate: the exchange was not over TLS, or it cannot be read"),
    ],
)
def test_a_certificate_has_days_left(until: datetime | None, said: str) -> None:
    expect = Expect.model_validate({"certificate": {"days_left": 21}})
    given = answer("x", certificate_until=until, at=NOW)
    assert [each.message for each in evaluate(expect, given, Scope(seed="s"))] == (
        [said] if said else []
    )


XML = '<o:order xmlns:o="urn:o" id="7"><o:item n="2">tea</o:item><o:item>pot <b>of</b> iron</o:item></o:order>'


@pytest.mark.parametrize(
    ("path", "spec", "said"),
    [
        ("/o:order/@id", 7, ""),
        ("//o:item", "tea", ""),
        ("//o:item[2]", {"equals": "pot of iron"}, ""),
        ("//o:item[@n='{{ two }}']", "tea", ""),
        ("//o:item[{{ two }}]/b", "of", ""),
        ("count(//o:item)", 2, ""),
        ("count(//o:item) div 4", 0.5, ""),
        ("boolean(//o:item)", {"equals": True}, ""),
        ("string(//o:item)", "tea", ""),
        ("//o:none", {"exists": False}, ""),
        ("//o:item/text()", "tea", ""),
        ("number('x')", {"matches": "nan"}, ""),
        ("//o:none", "x", 'expected "x", got nothing (there is no such value)'),
        (
            "//o:item",
            {"greater": 1},
            'expected greater 1, got "tea" (greater is for numbers, this is a text)',
        ),
        ("//o:item[.='{{ quoted }}']", "x", "in an XPath a text cannot have quotes in it"),
        ("//o:item[.={{ quoted }}]", "x", "in an XPath a text stands between quotes: '{{ name }}'"),
        ("$nothing", "x", "the XPath cannot be evaluated: "),
    ],
)
def test_an_xpath_finds_a_value(path: str, spec: Any, said: str) -> None:
    expect = Expect.model_validate({"xpath": {path: spec}, "namespaces": {"o": "urn:o"}})
    scope = Scope(seed="s").with_names({"two": 2, "quoted": "it's"})
    found = evaluate(expect, answer(XML), scope)
    assert len(found) == bool(said)
    assert all(each.message.startswith(said) for each in found)


@pytest.mark.parametrize(
    ("body", "headers", "said"),
    [
        ("<a", [], "the body is not XML (unclosed token: line 1, column 1)"),
        ("", [], "the body is not XML"),
        ("<a>" * 101, [], "nested more than 100 levels deep"),
        (f"<a>{'<b/>' * 100_000}</a>", [], "more than 20,000 elements"),
        (
            '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
            [],
            "a document type (DTD), which is not read",
        ),
        ('<!DOCTYPE a SYSTEM "file:///etc/hostname"><a/>', [], "a document type (DTD)"),
        ("<a>&b;</a>", [], "the body is not XML (undefined entity"),
        (b"<a>" + b" " * 9_000_000 + b"</a>", [], ""),
        (
            b"<?xml version='1.0' encoding='x-none'?><a/>",
            [],
            "not XML that can be read (unknown encoding: x-none)",
        ),
    ],
)
def test_xml_that_is_not_read_is_told(body: Any, headers: list[tuple[str, str]], said: str) -> None:
    expect = Expect.model_validate({"xpath": {"/a": {"exists": True}}})
    (found,) = evaluate(expect, answer(body, headers), Scope(seed="s"))
    assert said in found.unevaluated
    assert found.unevaluated
    assert not found.own


def test_a_charset_of_the_header_goes_before_what_the_xml_says() -> None:
    expect = Expect.model_validate({"xpath": {"/a": "é"}})
    body = "<?xml version='1.0' encoding='utf-8'?><a>é</a>".encode("latin-1")
    given = answer(body, [("content-type", "text/xml; charset=iso-8859-1")])
    assert evaluate(expect, given, Scope(seed="s")) == ()


def test_what_is_met_is_not_told() -> None:
    spec = {
        "status": "2xx",
        "time": 0.1,
        "url": "https://shop.example/orders",
        "headers": {"content-type": {"starts_with": "application/"}},
        "json": {"$.order.id": "a-1", "$.order.total": 250},
        "text": "a-1",
    }
    assert unmet(spec, BODY, JSON) == []


@pytest.mark.parametrize(
    ("selector", "wanted", "actual"),
    [("h1", "Thanks", "Sorry"), ("a.next@href", "/off", "/on"), ("h2", "Thanks", None)],
)
def test_elements_and_attributes_of_a_page(selector: str, wanted: str, actual: str | None) -> None:
    (found,) = unmet({"html": {selector: wanted}}, PAGE, HTML)
    assert (found.path, found.expected, found.actual) == (f"html.{selector}", wanted, actual)
    got = f'"{actual}"' if actual else "nothing (there is no such value)"
    assert found.message == f'expected "{wanted}", got {got}'


def test_records_hold_numbers_as_numbers_and_one_rule_by_itself() -> None:
    (found,) = unmet({"status": 404}, BODY, JSON)
    assert (found.expected, found.actual) == (404, 200)
    (found,) = unmet({"status": ["404", "5xx"]}, BODY, JSON)
    assert found.expected == [404, "5xx"]


def test_a_status_that_is_wrong_comes_first_though_time_was_up_as_well() -> None:
    found = unmet({"json": {"$.ok": True}, "time": 0.05}, BODY, JSON, status=500)
    assert found[0].path == "status"
    assert [each.path for each in found] == ["status", "json.$.ok", "time"]


def test_several_headers_of_one_name_are_one_value() -> None:
    (found,) = unmet({"headers": {"vary": "x"}}, BODY, [*JSON, ("Vary", "a"), ("vary", "b")])
    assert found.actual == "a, b"


def test_what_cannot_be_read_is_the_answers_fault_and_a_wrong_template_the_scenarios() -> None:
    (found,) = unmet({"json": {"$.ok": True}}, "<p>no", JSON)
    assert found.unevaluated == found.message
    assert (found.expected, found.actual) == (True, None)
    assert not found.own
    (found,) = unmet({"headers": {"content-type": "${{ nobody }}"}}, BODY, JSON)
    assert "nobody" in found.unevaluated
    assert found.own
    scope = Scope(seed="s").with_names({"made": "x"}, untrusted=["made"])
    (found,) = unmet({"headers": {"content-type": "${{ made | int }}"}}, BODY, JSON, scope=scope)
    assert found.unevaluated
    assert not found.own


def test_long_values_are_cut_and_say_by_how_much() -> None:
    (found,) = unmet({"json": {"$.a": 1}}, '{"a": "%s"}' % ("x" * 2001), JSON)
    assert found.actual == "x" * 2000 + "… (+1 characters)"
    assert found.message == 'expected 1, got "' + "x" * 119 + "…"
    (found,) = unmet({"json": {"$.a": 1}}, '{"a": "%s"}' % ("x" * 2000), JSON)
    assert found.actual == "x" * 2000
    (found,) = unmet({"json": {"$.a": 1}}, '{"a": "%s"}' % ("x" * 119), JSON)
    assert found.message == 'expected 1, got "' + "x" * 119 + "…"
    (found,) = unmet({"json": {"$.a": 1}}, json.dumps({"a": [1] * 700}), JSON)
    assert found.actual == "[" + "1, " * 666 + "1… (+100 characters)"
    (found,) = unmet({"json": {"$.a": 1}}, '{"a": "%s"}' % ("x" * 118), JSON)
    assert found.message == 'expected 1, got "' + "x" * 118 + '"'


def test_the_place_is_that_of_the_expectation_or_of_what_holds_it() -> None:
    lines = {"json.$.ok": Span("s.yaml", 7, 5, 7, 9), "json": Span("s.yaml", 6, 3, 6, 5)}
    expect = Expect.model_validate({"status": 201, "json": {"$.ok": True, "$.none": 1}})
    found = evaluate(expect, answer(BODY, JSON), Scope(seed="s"), lines)
    assert [(each.path, each.source, each.line, each.column) for each in found] == [
        ("status", "", 0, 0),
        ("json.$.ok", "s.yaml", 7, 5),
        ("json.$.none", "s.yaml", 6, 3),
    ]
    whole = evaluate(expect, answer(BODY, JSON), Scope(seed="s"), {"": Span("s.yaml", 2, 1, 2, 9)})
    assert {each.line for each in whole} == {2}


def test_what_a_pass_means_in_words() -> None:
    assert described(Expect.model_validate({})) == ("status 2xx", "no database error")
    asks = Sends(graphql=True)
    assert "no GraphQL errors" in described(Expect.model_validate({}), asks)
    refused = Expect.model_validate({"json": {"$.errors[0].message": "no"}})
    assert "no GraphQL errors" not in described(refused, asks)
    spec = {
        "status": [200, 404],
        "json": {"$.a": 1},
        "headers": {"etag": "x"},
        "html": {"h1": "x"},
        "text": "x",
        "url": "x",
        "time": 2.5,
        "database_error": "allowed",
    }
    assert described(Expect.model_validate(spec)) == (
        "status 200 or 404",
        "json $.a",
        "header etag",
        "html h1",
        "text",
        "final URL",
        "within 2.5 s",
    )


def test_a_template_is_filled_in_wherever_it_stands() -> None:
    scope = Scope(seed="s").with_names({"want": "nope", "tag": "h1", "key": "ok"})
    (page,) = unmet({"html": {"{{ tag }}": "{{ want }}"}}, PAGE, HTML, scope=scope)
    assert page.message == 'expected "nope", got "Sorry"'
    spec = {"url": "{{ want }}", "json": {"$['{{ key }}']": "{{ want }}"}, "text": "{{ want }}"}
    assert [
        each.message.partition(", got")[0] for each in unmet(spec, BODY, JSON, scope=scope)
    ] == [*('expected "nope"', 'expected "nope"', 'expected contains "nope"')]


def test_a_time_is_kept_as_data_too() -> None:
    (late,) = unmet({"time": 0.05}, BODY, JSON, elapsed=0.12349)
    assert (late.expected, late.actual) == ("at most 0.05 s", 0.123)


def test_events_that_were_taken_are_a_list() -> None:
    sent = 'data: {"n": 1}\n\nid: 7\ndata: no JSON\n\n'
    of_sent = answer(sent, headers=[("content-type", "text/event-stream")], events=2)
    assert of_sent.json == [
        {"event": "message", "id": "", "data": {"n": 1}},
        {"event": "message", "id": "7", "data": "no JSON"},
    ]
    lines = [("content-type", "application/x-ndjson; charset=utf-8")]
    assert answer('{"n": 1}\n\n[2]\n', headers=lines, events=2).json == [{"n": 1}, [2]]
    # of one that nobody asked to be a stream the body is one document
    assert answer('{"n": 1}', headers=lines).json == {"n": 1}
