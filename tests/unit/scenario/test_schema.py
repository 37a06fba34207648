"""The published schema is JSON Schema 2020-12, takes what the loader takes, and is as strict about keys."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from smoke.diagnostic import SmokeError
from smoke.scenario.files import Files
from smoke.scenario.load import load_text
from smoke.scenario.matcher import MATCHERS as MATCHERS_THERE
from smoke.scenario.matcher import TYPES
from smoke.scenario.matcher_schema import MATCHER_WORDS
from smoke.scenario.schema import json_schema

ROOT = Path(__file__).resolve().parents[3]
SHIPPED = sorted((ROOT / "scenarios").glob("*.yaml"))
VALIDATOR = Draft202012Validator(json_schema())
STEP: dict[str, Any] = {"name": "x", "request": "GET /"}


def scenario(*steps: Any, **more: Any) -> dict[str, Any]:
    return {"name": "a", "steps": list(steps), **more}


def loads(value: dict[str, Any]) -> bool:
    top = ROOT / "scenarios" / "schema.yaml"
    try:
        load_text(yaml.safe_dump(value).encode(), str(top), Files(top))
    except SmokeError:
        return False
    return True


def test_it_follows_the_metaschema() -> None:
    schema = json_schema()
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_what_ships_is_valid(path: Path) -> None:
    assert [
        error.message for error in VALIDATOR.iter_errors(yaml.safe_load(path.read_text()))
    ] == []


GOOD: dict[str, dict[str, Any]] = {
    "short": scenario(STEP),
    "like with null": scenario(
        {**STEP, "request": {"url": "/", "headers": {"a": "b"}}, "capture": {"a": "$.a"}},
        {"name": "y", "like": "x", "request": {"headers": {"a": None}}, "capture": {"a": None}},
    ),
    "like adds a body": scenario(STEP | {"request": {"url": "/"}}, {"name": "y", "like": "x", "request": {"json": {}}}),
    "statuses": scenario({**STEP, "expect": {"status": [200, "2xx"], "time": 2, "json": {"$.a": 1}}}),
    "one status": scenario({**STEP, "expect": {"status": "4xx", "time": "500ms"}}),
    "waits": scenario({"name": "p", "pause": "500ms"}, {"name": "q", "pause": 2}, {"name": "c", "clear_cookies": "*"}),
    "together": scenario({"name": "t", "together": [{"name": "A", "request": "GET /"}, {"name": "B", "like": "A"}]}),
    "retry": scenario({**STEP, "retry": {"on": [429, "5xx", "transport"], "wait": "1s"}}),
    "captures": scenario({**STEP, "capture": {"a": "$.a", "b": {"html": "a@href", "absolute": True}}}),
    "defaults": scenario(
        {"name": "g", "defaults": {"bearer": None, "origin": "https://a.example"}, "group": [STEP]},
        defaults={"headers": {"a": "b"}, "timeout": "5s", "retry": {"attempts": 2}},
    ),
    "graphql": scenario({"name": "g", "request": {"url": "/", "graphql": {"query": "{a}", "variables": {"b": 1}}}}),
}  # fmt: skip
MATCHERS: list[Any] = [
    *({name: example} for name, (_, example) in MATCHER_WORDS.items()),
    *({name: "{{ x }}"} for name in MATCHER_WORDS),
    {"type": "string", "length": {"at_least": 1}, "not": {"matches": "^ERR"}},
    {"contains": {"status": "paid", "type": "card"}},
    {"contains": {"starts_with": "a"}},
    {"has": {"a": {"b": {"type": "string"}, "c": 1}, "d": None, "e": {"equals": {"type": 1}}}},
    {"unordered": [1, {"type": "string"}, {"a": 1}]},
    {"within": {"of": "{{ now }}", "by": "5m"}},
    {"within": {"of": "{{ x }}", "by": 1}},
    {"a": {"b": 1}},
    {},
    [{"type": "string"}],
    None,
    5,
]
NO_MATCHERS: list[Any] = [
    {"matchs": "a", "type": "string"},
    {"type": "text"},
    {"exists": "yes"},
    {"exists": None},
    {"empty": 1},
    {"one_of": []},
    {"greater": True},
    {"at_most": "1"},
    {"starts_with": 1},
    {"ends_with": ""},
    {"contains": ""},
    {"length": "x"},
    {"length": {"a": 1}},
    {"matches": 5},
    {"not": {"type": "text"}},
    {"each": {"type": "text"}},
    {"any": {"typ": 1, "equals": 1}},
    {"has": {"a": {"b": {"type": "text"}}}},
    {"has": []},
    {"has": {}},
    {"unordered": [1, {"type": "text"}]},
    {"unordered": []},
    {"within": 5},
    {"within": {"of": 5}},
    {"within": {"of": 1, "by": -1}},
    {"within": {"of": 1, "by": 1, "off": 1}},
    {"after": 5},
    {"before": ""},
]
BAD: dict[str, dict[str, Any]] = {
    "rows of no file": scenario({**STEP, "for_each": {"fil": "a.csv"}}),
    "rows of a number": scenario({**STEP, "for_each": {"file": 3}}),
    "rounds of a number": scenario({**STEP, "for_each": 3}),
    "unknown key of defaults": scenario(STEP, defaults={"header": {}}),
    "a word for the retry of defaults": scenario(STEP, defaults={"retry": "often"}),
    "defaults of a group as a list": scenario({"name": "g", "defaults": ["a"], "group": [STEP]}),
    "unknown key": scenario(STEP, foo=1),
    "unknown key of a step": scenario({**STEP, "foo": 1}),
    "unknown key of a request": scenario({"name": "x", "request": {"url": "/", "foo": 1}}),
    "unknown key of an expectation": scenario({**STEP, "expect": {"foo": 1}}),
    "unknown key of a capture": scenario({**STEP, "capture": {"a": {"json": "$.a", "foo": 1}}}),
    "unknown key of graphql": scenario({"name": "x", "request": {"url": "/", "graphql": {"query": "{a}", "foo": 1}}}),
    "unknown key of retry": scenario({**STEP, "retry": {"foo": 1}}),
    "no kind": scenario({"name": "x"}),
    "two kinds": scenario({**STEP, "pause": 1}),
    "no name": scenario({"request": "GET /"}),
    "no url": scenario({"name": "x", "request": {"method": "GET"}}),
    "no steps": scenario(),
    "status": scenario({**STEP, "expect": {"status": "ok"}}),
    "no status": scenario({**STEP, "expect": {"status": []}}),
    "duration": scenario({"name": "x", "pause": "soon"}),
    "secrets": scenario(STEP, secrets="A"),
    "together alone": scenario({"name": "t", "together": [STEP]}),
    "repeat": scenario({**STEP, "repeat": 0}),
}  # fmt: skip


@pytest.mark.parametrize("what", GOOD)
def test_it_takes_what_the_loader_takes(what: str) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(GOOD[what])] == []
    assert loads(GOOD[what])


@pytest.mark.parametrize("what", BAD)
def test_it_refuses_what_the_loader_refuses(what: str) -> None:
    assert not VALIDATOR.is_valid(BAD[what])
    assert not loads(BAD[what])


def asked(of: str, matcher: Any) -> dict[str, Any]:
    """A scenario with a matcher in one of the places where one can stand."""
    if of == "when":
        matcher = matcher if isinstance(matcher, dict) else {"equals": matcher}
        return scenario({**STEP, "when": {"value": "{{ x }}", **matcher}}, variables={"x": 1})
    if of == "take_until":
        return scenario(
            {"name": "x", "request": {"url": "/", "take_until": {"$.a": matcher}}},
            variables={"x": 1},
        )
    if of == "websocket":
        step = {"name": "x", "websocket": {"url": "/", "take_until": {"$.a": matcher}}}
        return scenario(step, variables={"x": 1})
    names = {"json": "$.a", "headers": "a", "html": "h1"}
    spec = {names[of]: matcher} if of in names else matcher
    return scenario({**STEP, "expect": {of: spec}}, variables={"x": 1})


PLACES = ("json", "headers", "html", "text", "url", "take_until", "websocket", "when")


@pytest.mark.parametrize("matcher", MATCHERS, ids=repr)
def test_it_takes_matchers_and_values_to_be_equal_to(matcher: Any) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(asked("json", matcher))] == []
    assert loads(asked("json", matcher))


@pytest.mark.parametrize("matcher", NO_MATCHERS, ids=repr)
def test_it_refuses_matchers_that_are_written_wrong(matcher: Any) -> None:
    assert not VALIDATOR.is_valid(asked("json", matcher))
    assert not loads(asked("json", matcher))


@pytest.mark.parametrize("place", PLACES)
def test_matchers_are_known_wherever_one_can_stand(place: str) -> None:
    good, bad = asked(place, {"type": "string"}), asked(place, {"type": "text"})
    assert VALIDATOR.is_valid(good)
    assert loads(good)
    assert not VALIDATOR.is_valid(bad)
    assert not loads(bad)


def test_every_matcher_is_described_with_what_it_takes() -> None:
    rules = json_schema()["$defs"]["MatcherRules"]["properties"]
    assert rules.keys() == MATCHERS_THERE.keys()
    for name, rule in rules.items():
        assert rule["description"], name
        assert rule["examples"], name
    assert rules["type"]["anyOf"][0]["enum"] == [*TYPES]
    assert "x-matchers" not in json.dumps(json_schema())
