"""Insomnia's exports: the order of folders, environments, tags, bodies, and what has no counterpart."""

from __future__ import annotations

import json
from typing import Any

import pytest

from smoke.diagnostic import SmokeError
from tests.support.importing import document_of, made_of, requests_of

URL = "https://shop.example/orders"


def export(*requests: dict[str, Any], data: dict[str, Any] | None = None) -> str:
    """A version 4 export."""
    resources: list[dict[str, Any]] = [
        {"_id": f"r{number}", "_type": "request", "method": "POST", "url": URL, "metaSortKey": number, **each}
        for number, each in enumerate(requests)
    ]  # fmt: skip
    resources.append({"_id": "e", "_type": "environment", "data": data or {}})
    return json.dumps({"_type": "export", "__export_format": 4, "resources": resources})


def test_what_a_tag_takes_of_an_answer_is_a_capture_of_that_request() -> None:
    used = {"url": f"{URL}/{{% response 'body', 'r0', '$.order.id', 'never', 60 %}}", "headers": [{"name": "X-Tag", "value": "{% response 'header', 'r0', 'ETag' %}"}]}  # fmt: skip
    first, second = document_of(export({"name": "a"}, {"name": "b", **used}))["steps"]
    assert first["capture"] == {"id": "$.order.id", "e_tag": {"header": "ETag"}}
    assert second["request"]["url"] == "/orders/{{ id }}"
    assert second["request"]["headers"] == {"X-Tag": "{{ e_tag }}"}


BODIES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "json": ({"mimeType": "application/json", "text": '{"id": "{% uuid \'v4\' %}", "n": {{ _.n }}, "m": "{{ _[\'a-b\'] }}" // c\n}'}, {"json": {"id": "{{ fake.uuid }}", "n": "{{ n }}", "m": "{{ a_b }}"}}),
    "form": ({"mimeType": "application/x-www-form-urlencoded", "params": [{"name": "a", "value": "b"}, {"name": "x", "value": "1", "disabled": True}]}, {"form": {"a": "b"}}),
    "parts": ({"mimeType": "multipart/form-data", "params": [{"name": "a", "value": "b"}, {"name": "f", "type": "file", "fileName": "x.png"}]}, {"multipart": {"a": "b"}}),
    "graphql": ({"mimeType": "application/graphql", "text": '{"query": "query { a }", "variables": {"n": 1}}'}, {"graphql": {"query": "query { a }", "variables": {"n": 1}}}),
    "text": ({"mimeType": "text/plain", "text": "{% now 'unix' %}"}, {"text": "{{ now | unix }}", "media_type": "text/plain"}),
}  # fmt: skip


@pytest.mark.parametrize("kind", BODIES)
def test_a_body_of_each_kind(kind: str) -> None:
    body, expected = BODIES[kind]
    request = document_of(export({"body": body}, data={"n": 2, "a-b": "x"}))["steps"][0]["request"]
    assert {key: request.get(key) for key in expected} == expected


def test_a_folder_of_version_5_hands_down_its_auth_and_values() -> None:
    text = f"""type: collection.insomnia.rest/5.0
name: x
collection:
  - name: f
    environment: {{sku: tea}}
    authentication: {{type: bearer, token: "{{{{ _.api.token }}}}"}}
    children:
      - url: "{URL}/:id"
        name: a
        method: PUT
        pathParameters: [{{name: id, value: "{{{{ _.sku }}}}"}}]
        parameters: [{{name: q, value: 1}}]
      - url: {URL}
        name: b
        authentication: {{type: none}}
environments:
  name: Base
  data: {{api: {{token: base}}}}
  subEnvironments:
    - name: One
      data: {{api: {{token: t0ken-12345}}}}
    - name: Two
      data: {{}}
"""
    found = document_of(text)
    first, second = (step["request"] for step in found["steps"])
    assert (first["method"], first["url"], first["query"]) == ("PUT", "/orders/{{ sku }}", {"q": "1"})  # fmt: skip
    assert first["bearer"] == "{{ secrets.SHOP_API_TOKEN }}"
    assert "bearer" not in second
    assert "the environment 'Two'" in made_of(text).unread


def test_a_folders_values_end_with_it() -> None:
    body = """{mimeType: application/json, text: '{"n": "{{ _.n }}"}'}"""
    request = f"url: {URL}, method: POST, body: {body}"
    text = f"""type: collection.insomnia.rest/5.0
collection:
  - {{name: f, environment: {{n: "3", only: x}}, children: [{{name: a, {request}}}]}}
  - {{name: b, {request}}}
environments: {{data: {{n: "1"}}}}
"""
    assert [each.stand_ins[0].value for each in requests_of(text)] == ["3", "1"]


def test_what_has_no_counterpart_is_told() -> None:
    text = export({"name": "a", "body": {"mimeType": "x/y", "fileName": "/etc/passwd"}, "authentication": {"type": "digest"},
        "headers": [{"name": "X", "value": "{% prompt 'Name' %}"}], "afterResponseScript": "\nfoo();"})  # fmt: skip
    assert made_of(text).unread == (
        "'a', after-response script, line 2: foo()",
        "'a': its auth 'digest' is not one that is taken over",
        "'a': its body is a file; put its text into the step",
        "'a': the tag 'prompt'",
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"__export_format": 4, "resources": [', "Expecting"),
        ('{"__export_format": 4}', "neither 'resources' nor 'collection'"),
        ("type: collection.insomnia.rest/5.0\ncollection: []\n", "no request is in"),
        (export({"parentId": "r1"}, {"parentId": "r0"}), "no request is in"),
    ],
)
def test_what_is_no_export_is_refused(text: str, said: str) -> None:
    with pytest.raises(SmokeError, match=said):
        requests_of(text)
