"""JSON Schemas: what is read of the project and nothing else, and what hostile answers come to."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from smoke.diagnostic import SmokeError
from smoke.facts.differences import difference_text
from smoke.model.run import Mismatch
from smoke.scenario.expect import evaluate
from smoke.scenario.load import load_scenario
from smoke.scenario.scope import Scope
from tests.support.answers import answer
from tests.support.cli import smoke

JSON = [("content-type", "application/json")]
DRAFT_4 = "http://json-schema.org/draft-04/schema#"


def written(folder: Path, schema: Any, **others: Any) -> Path:
    """A scenario beside its schema, in a project."""
    (folder / "smoke.toml").touch()
    (folder / "scenarios").mkdir(exist_ok=True)
    for name, content in {"schema": schema, **others}.items():
        (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    path = folder / "scenarios" / "a.yaml"
    text = "name: a\nsteps: [{name: A, request: GET /, expect: {schema: ../schema.json}}]\n"
    path.write_text(text, encoding="utf-8")
    return path


def held(path: Path, body: str) -> list[Mismatch]:
    (step,) = load_scenario(path).scenario.steps
    scope = Scope(seed="s")
    return list(evaluate(step.expect, answer(body, JSON), scope, step.lines, (), step.contracts))


def told(path: Path) -> str:
    with pytest.raises(SmokeError) as refused:
        load_scenario(path)
    (first,) = refused.value.diagnostics
    assert first.span is not None
    assert (first.span.line, first.span.column) == (2, 52)
    return f"{first.code}: {first.message}"


@pytest.mark.parametrize(
    ("schema", "good", "bad", "place"),
    [
        ({"type": "integer"}, "1.0", "1.5", '$: expected type "integer", got 1.5'),
        (
            {"$schema": DRAFT_4, "minimum": 1, "exclusiveMinimum": True},
            "2",
            "1",
            "$: expected minimum 1, got 1",
        ),
        (
            {"additionalProperties": False, "properties": {"a": {}}},
            '{"a": 1}',
            '{"b": 2}',
            "$.b: nothing expected, got 2",
        ),
        (
            {
                "additionalProperties": {"type": "null"},
                "patternProperties": {"^x": {"type": "string"}},
            },
            '{"xa": "1", "b": null}',
            '{"xa": 1}',
            '$.xa: expected type "string", got 1',
        ),
        (
            {"additionalProperties": {"type": "null"}},
            '{"a": null}',
            '{"a": 1}',
            '$.a: expected type "null", got 1',
        ),
        (
            {"uniqueItems": True},
            "[1, true]",
            "[1, 1.0]",
            "$: expected uniqueItems true, got [1, 1.0]",
        ),
        ({"pattern": "^a"}, '"ab"', '"b"', '$: expected pattern "^a", got "b"'),
        ({"properties": {"a": False}}, "{}", '{"a": 1}', "$.a: nothing expected, got 1"),
        (
            {"oneOf": [{"type": "string"}, {"type": "object", "required": ["a"]}]},
            '"x"',
            '{"b": 1}',
            '$.a: expected required "a value", got nothing',
        ),
        ({"oneOf": [{}, {}]}, None, "1", '$: expected oneOf "2 schemas", got 1'),
        ({"not": {"type": "string"}}, "1", '"x"', '$: expected not "a schema", got "x"'),
        ({"properties": {"w": {"writeOnly": True}}, "required": ["w"]}, "{}", None, ""),
        (
            {"required": ["a"], "multipleOf": 0.01, "uniqueItems": True, "pattern": "x"},
            "0.07",
            None,
            "",
        ),
    ],
)
def test_a_body_is_held_against_it(
    schema: Any, good: str | None, bad: str | None, place: str, tmp_path: Path
) -> None:
    path = written(tmp_path, schema)
    if good is not None:
        assert held(path, good) == []
    if bad is not None:
        (found,) = held(path, bad)
        assert [difference_text(each) for each in found.differences] == [place]
        assert (found.path, found.expected, found.line) == ("schema", "../schema.json", 2)


def test_files_refer_to_one_another_within_the_project(tmp_path: Path) -> None:
    schema = {"$id": "https://shop.example/schemas/schema.json", "items": {"$ref": "item.json"}}
    item = {
        "properties": {
            "price": {"$ref": "price.json#/$defs/Price"},
            "more": {"$ref": "schema.json"},
        }
    }
    price = {"$defs": {"Price": {"type": "number"}, "Again": {"$ref": "#/$defs/Price"}}}
    path = written(tmp_path, schema, item=item, price=price)
    assert held(path, '[{"price": 1, "more": []}]') == []
    (found,) = held(path, '[{"price": "1", "more": [{"price": null}]}]')
    assert [each.path for each in found.differences] == ["$[0].price", "$[0].more[0].price"]
    of_its_own = {"$ref": "https://json-schema.org/draft/2020-12/schema"}
    assert len(held(written(tmp_path, of_its_own), '{"type": "x"}')) == 1


@pytest.mark.parametrize(
    ("ref", "said"),
    [
        (
            "https://evil.example/a.json",
            "remote-ref: '../schema.json' refers to https://evil.example/a.json",
        ),
        ("//evil.example/a.json", "remote-ref"),
        ("file:///etc/hostname", "remote-ref"),
        ("../../../etc/hostname", "file-outside: '../schema.json' refers to ../../../etc/hostname"),
        ("out.json", "file-outside"),
        ("nowhere.json", "file-not-found"),
        (
            "#/nowhere",
            "bad-schema: '../schema.json' refers to #/nowhere, and there is no 'nowhere'",
        ),
        ("item.json#/items/1", "bad-schema"),
    ],
)
def test_what_a_ref_may_not_lead_to(ref: str, said: str, tmp_path: Path) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    (tmp_path / "outside.json").write_text("{}", encoding="utf-8")
    (folder / "out.json").symlink_to(tmp_path / "outside.json")
    path = written(folder, {"items": [{"$ref": ref}]}, item={"items": []})
    assert told(path).startswith(said)


def test_what_a_schema_refers_to_is_bounded(tmp_path: Path) -> None:
    others = {f"s{number}": {"$ref": f"s{number + 1}.json"} for number in range(101)}
    assert told(written(tmp_path, {"$ref": "s0.json"}, **others)).startswith("file-too-large")


@pytest.mark.parametrize("levels", [101, 500, 100_000])
def test_a_schema_that_is_nested_too_deep_is_refused(levels: int, tmp_path: Path) -> None:
    path = written(tmp_path, {})
    (tmp_path / "schema.json").write_text(
        '{"items":' * levels + "1" + "}" * levels, encoding="utf-8"
    )
    assert told(path) == "bad-schema: '../schema.json' is nested too deeply"


def test_hostile_answers_hold_nothing_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smoke.scenario.patterns.TIMEOUT", 0.05)
    slow = json.dumps("a" * 5000 + "b")
    (found,) = held(written(tmp_path, {"pattern": "^(a|aa)+$"}), slow)
    assert "took more than" in found.unevaluated
    (found,) = held(written(tmp_path, {"patternProperties": {"^(a|aa)+$": {}}}), f"{{{slow}: 1}}")
    assert "took more than" in found.unevaluated
    many = json.dumps([{"n": number} for number in range(50_000)])
    assert held(written(tmp_path, {"uniqueItems": True}), many) == []
    (found,) = held(written(tmp_path, {"items": {"type": "string"}}), many)
    assert (len(found.differences), found.more_differences) == (20, 980)
    deep = {"properties": {"a": {"$ref": "#"}}, "allOf": [{"type": "object"}]}
    (found,) = held(written(tmp_path, deep), '{"a":' * 190 + "1" + "}" * 190)
    assert "nested too deep" in found.unevaluated or found.differences
    (found,) = held(written(tmp_path, {"$ref": "#"}), "1")
    assert "nested too deep" in found.unevaluated


@pytest.mark.parametrize(
    ("package", "expect", "code"),
    [
        ("jsonschema", "schema: schema.json", "schema-missing"),
        ("jsonschema", "openapi: openapi.json", "schema-missing"),
        ("elementpath", 'xpath: {"//never-seen-before": 1}', "xpath-missing"),
    ],
)
def test_a_package_that_is_not_there_is_named_before_anything_is_sent(
    package: str, expect: str, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "schema.json").write_text("{}", encoding="utf-8")
    content = {"application/json": {"schema": {"type": "object"}}}
    paths = {"/": {"get": {"responses": {"200": {"content": content}}}}}
    (tmp_path / "openapi.json").write_text(
        json.dumps({"openapi": "3.1.0", "paths": paths}), encoding="utf-8"
    )
    path = tmp_path / "a.yaml"
    path.write_text(
        f"name: a\nsteps: [{{name: A, request: GET /, expect: {{{expect}}}}}]\n", encoding="utf-8"
    )
    for name in [name for name in sys.modules if name.partition(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(SmokeError) as refused:
        load_scenario(path)
    (found,) = refused.value.diagnostics
    assert found.code == code
    assert "pip install" in found.message


def doubts(path: Path) -> list[str]:
    """The warnings of a scenario: file below the project, line and column, word and what was meant."""
    found = []
    for each in load_scenario(path).warnings:
        assert each.code == "unknown-keyword"
        assert each.span is not None
        name = Path(each.span.source).name
        place = f"{name}:{each.span.line}:{each.span.column}"
        found.append(f"{place} {each.message.split()[2].strip(',')} {each.suggestion}")
    return found


def test_a_word_that_is_nearly_a_keyword_is_told_at_its_place(tmp_path: Path) -> None:
    path = written(tmp_path, {})
    (tmp_path / "schema.json").write_text(
        """{
  "requierd": ["a"],
  "properties": {
    "a": {"minlength": 3, "tpye": "string"},
    "requierd": {"$ref": "parts/more.yaml#/$defs/part"}
  },
  "allOf": [{}, {"itmes": {}}],
  "enum": [{}, {"requierd": 1}],
  "x-requierd": 1, "notes": 1, "example": {"requierd": 1}, "markdownDescription": ""
}"""
    )
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "more.yaml").write_text(
        "properti: {}\n$defs:\n  part:\n    prefixItems:\n    - patern: ^a\n"
    )
    assert sorted(doubts(path)) == [
        "more.yaml:5:7 'patern' pattern",
        "schema.json:2:3 'requierd' required",
        "schema.json:4:11 'minlength' minLength",
        "schema.json:4:27 'tpye' type",
        "schema.json:7:18 'itmes' items",
    ]
    told = load_scenario(path).warnings[0]
    assert told.excerpt == ((2, '  "requierd": ["a"],'),)
    assert held(path, "{}") == []  # it is a warning


def test_a_schema_of_another_writer_is_not_doubted(tmp_path: Path) -> None:
    """What OpenAPI, editors and validators of others know, and properties of any name."""
    own = [
        "example",
        "discriminator",
        "nullable",
        "xml",
        "enumNames",
        "errorMessage",
        "tsType",
        "comment",
        "label",
        "unit",
        "order",
    ]
    schema = {
        **dict.fromkeys(own, "x"),
        "properties": {"typ": {}, "requierd": {}},
        "default": {"tpye": 1},
    }
    assert doubts(written(tmp_path, schema)) == []


def test_a_schema_of_many_strange_words_is_read_in_no_time(tmp_path: Path) -> None:
    schema = {f"requierd{number}": 1 for number in range(20_000)}
    assert len(doubts(written(tmp_path, schema))) <= 20


def test_check_tells_it_and_a_run_does(tmp_path: Path) -> None:
    written(tmp_path, {"type": "object", "requierd": ["id"]})
    done = smoke(["check", "scenarios/a.yaml"], tmp_path)
    assert done.returncode == 0
    said = " ".join(done.stdout.split() + done.stderr.split())
    assert "warning[unknown-keyword]: 'schema.json'" in said.replace(
        "'../schema.json'", "'schema.json'"
    )
    assert "--> schema.json:1:20" in said
    assert "did you mean 'required'?" in said
