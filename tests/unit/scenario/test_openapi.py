"""Answers held against an OpenAPI document: which operation, which status, and all that it is documented with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from smoke.diagnostic import SmokeError
from smoke.facts.differences import difference_text
from smoke.scenario.expect import evaluate
from smoke.scenario.load import load_scenario
from smoke.scenario.scope import Scope
from tests.support.answers import answer

JSON = ("content-type", "application/json; charset=utf-8")
ORDER = {
    "type": "object",
    "required": ["id", "secret"],
    "properties": {
        "id": {"type": "integer", "minimum": 0, "exclusiveMinimum": True},
        "note": {"type": "string", "nullable": True},
        "secret": {"type": "string", "writeOnly": True},
        "next": {"$ref": "#/components/schemas/Order"},
    },
}
RESPONSES = {
    "200": {
        "headers": {
            "X-Total": {"required": True, "schema": {"type": "integer"}},
            "X-Tags": {"schema": {"type": "array", "items": {"enum": ["a", "b"]}}},
            "X-Free": {},
            "Content-Type": {"required": True, "schema": {"enum": ["never"]}},
        },
        "content": {
            "application/json": {"schema": {"$ref": "parts.json#/Wrapped"}},
            "text/*": {"schema": {"type": "integer"}},
        },
    },
    "4XX": {"$ref": "#/components/responses/Error"},
    "default": {"description": "whatever"},
}


def spec(version: str = "3.0.3", **of: Any) -> dict[str, Any]:
    return {
        "openapi": version,
        "servers": [
            {"url": "https://{host}/v{n}/", "variables": {"n": {"default": "1"}, "host": {}}},
            {"url": 5},
            7,
        ],
        "paths": {
            "/orders/{id}": {
                "get": {"operationId": "getOrder", "responses": RESPONSES},
                "parameters": [],
            },
            "/orders/latest": {
                "get": {"operationId": "latest", "responses": {"200": {}, "x-more": {}}}
            },
            "/files/{name}.json": {
                "get": {"responses": {"200": {}}},
                "servers": [{"url": "/static"}],
            },
            "/parts": {"$ref": "parts.json#/item"},
            "x-note": {},
            "/odd": 5,
        },
        "components": {
            "schemas": {"Order": ORDER},
            "responses": {
                "Error": {
                    "content": {"application/problem+json": {"schema": {"required": ["title"]}}}
                }
            },
        },
        **of,
    }


PARTS = {
    "Wrapped": {"allOf": [{"$ref": "spec.json#/components/schemas/Order"}]},
    "item": {"delete": {"operationId": "drop", "responses": {}}},
}


def written(folder: Path, document: Any, request: str = "GET /orders/7", **expect: Any) -> Path:
    (folder / "spec.json").write_text(json.dumps(document), encoding="utf-8")
    (folder / "parts.json").write_text(json.dumps(PARTS), encoding="utf-8")
    path = folder / "a.yaml"
    step = {"name": "A", "request": request, "expect": {"openapi": "spec.json", **expect}}
    path.write_text(f"name: a\nsteps: [{json.dumps(step)}]\n", encoding="utf-8")
    return path


def held(
    path: Path, body: Any, *headers: tuple[str, str], target: str = "", **of: Any
) -> list[str]:
    (step,) = load_scenario(path).scenario.steps
    text = body if isinstance(body, str) else json.dumps(body)
    url = of.pop("url", "https://shop.example/orders/7")
    scope = Scope(seed="s", target_url=target)
    given = answer(text, headers, url=url, **of)
    found = evaluate(step.expect, given, scope, step.lines, (), step.contracts)
    return [
        said
        for each in found
        for said in [*map(difference_text, each.differences)] or [f"{each.path}: {each.message}"]
    ]


TOTAL = ("x-total", "3")


@pytest.mark.parametrize(
    ("body", "headers", "status", "said"),
    [
        ({"id": 1, "note": None, "next": {"id": 2}}, [JSON, TOTAL, ("x-tags", "a, b")], 200, []),
        (
            {"id": 0, "note": 5, "next": {"id": "2"}},
            [JSON, ("x-total", "many"), ("x-tags", "a,c")],
            200,
            [
                'X-Total: expected type "integer", got "many"',
                'X-Tags[1]: expected enum ["a", "b"], got "c"',
                "$.id: expected minimum 0, got 0",
                '$.note: expected type "string", got 5',
                '$.next.id: expected type "integer", got "2"',
            ],
        ),
        ({"id": 1}, [JSON], 200, ["openapi.headers.X-Total: it is required, and there is none"]),
        ("hello", [("content-type", "text/plain"), TOTAL], 200, []),
        (
            "hello",
            [("content-type", "image/png"), TOTAL],
            200,
            ["openapi.headers.content-type: expected application/json or text/*, got image/png"],
        ),
        (
            "",
            [TOTAL],
            200,
            ["openapi.headers.content-type: expected application/json or text/*, got nothing"],
        ),
        ("{", [JSON, TOTAL], 200, ["openapi: the body is not JSON"]),
        ({"title": "x"}, [("content-type", "application/problem+json")], 404, []),
        (
            {},
            [("content-type", "application/problem+json")],
            404,
            ['$.title: expected required "a value", got nothing'],
        ),
        ({}, [JSON], 299, []),
    ],
)
def test_an_answer_is_what_its_operation_is_documented_with(
    body: Any, headers: list[tuple[str, str]], status: int, said: list[str], tmp_path: Path
) -> None:
    path = written(tmp_path, spec(), status=str(status))
    found = held(path, body, *headers, status=status)
    assert len(found) == len(said)
    assert all(one.startswith(other) for one, other in zip(found, said, strict=True)), found


def test_a_status_that_is_not_documented_comes_first(tmp_path: Path) -> None:
    document = spec()
    document["paths"]["/orders/{id}"]["get"]["responses"] = {"200": RESPONSES["200"], "5XX": {}}
    path = written(tmp_path, document, time="1ms")
    assert held(path, {}, JSON, status=201) == [
        "openapi.status: GET /orders/{id} has 200, 5XX, got 201",
        "time: expected at most 0.001 s, it took 0.100 s",
    ]


@pytest.mark.parametrize(
    ("request_line", "url", "target", "of", "fits"),
    [
        ("GET /orders/latest", "/orders/latest", "", {}, True),
        ("GET /v1/orders/latest", "/v1/orders/latest", "", {}, True),
        ("GET /files/a.json", "/files/a%20b.json", "", {}, True),
        ("GET /static/files/a.json", "/static/files/a.json", "", {}, True),
        ("GET /orders/latest", "/shop/orders/latest", "https://shop.example/shop", {}, True),
        ("GET /x/y/z", "/x/y/z", "", {"operation": "latest"}, True),
        ("GET /x/y/z", "/x/y/z", "", {"operation": "GET /orders/latest"}, True),
        ("GET /orders/latest", "/shop/orders/latest", "", {}, False),
        ("GET /orders/latest", "/files/.json", "", {}, False),
        ("GET /orders/latest", "/files/a.xml", "", {}, False),
    ],
)
def test_the_operation_is_found_by_the_request_or_named(
    request_line: str, url: str, target: str, of: dict[str, Any], fits: bool, tmp_path: Path
) -> None:
    """The one without a parameter goes before the one with: `latest` is documented with nothing."""
    path = written(tmp_path, spec(), request_line, **of)
    found = held(path, "", url=f"https://shop.example{url}", target=target)
    if fits:
        assert found == []
    else:
        assert len(found) == 1
        assert "openapi: 'spec.json' has no operation GET" in found[0]


@pytest.mark.parametrize(
    ("request_line", "of", "suggestion"),
    [
        ("GET /order/7", {}, "GET /orders/{id}"),
        ("POST /orders/7", {}, "GET /orders/{id}"),
        ("DELETE /part", {}, "DELETE /parts"),
        ("GET /", {"operation": "getOder"}, "getOrder"),
    ],
)
def test_an_operation_that_is_not_there_is_told_with_the_nearest(
    request_line: str, of: dict[str, Any], suggestion: str, tmp_path: Path
) -> None:
    with pytest.raises(SmokeError) as refused:
        load_scenario(written(tmp_path, spec(), request_line, **of))
    (found,) = refused.value.diagnostics
    assert (found.code, found.suggestion) == ("unknown-operation", suggestion)


def test_a_document_of_3_1_is_json_schema_2020_12(tmp_path: Path) -> None:
    document = spec("3.1.0")
    order = {
        "required": ["id"],
        "properties": {"id": {"type": ["integer", "null"], "exclusiveMinimum": 0}},
    }
    document["components"]["schemas"]["Order"] = order
    path = written(tmp_path, document)
    assert held(path, {"id": None}, JSON, TOTAL) == []
    assert held(path, {"id": 0}, JSON, TOTAL) == ["$.id: expected exclusiveMinimum 0, got 0"]
    document["components"]["schemas"]["Order"]["properties"]["id"]["type"] = "intger"
    with pytest.raises(SmokeError) as refused:
        load_scenario(written(tmp_path, document))
    (found,) = refused.value.diagnostics
    assert found.suggestion == "integer"
    assert "spec.json#/components/schemas/Order" in found.message
