"""Hurl files: sections, captures and asserts are in the scenario, and what has no counterpart is told with its line."""

from __future__ import annotations

from typing import Any

import pytest

from smoke.importers._hurl_queries import capture_of, expectation_of
from tests.support.importing import document_of, made_of, requests_of

URL = "https://shop.example/orders"


def test_sections_are_the_parts_of_the_request() -> None:
    text = f"""
# Look
GET {URL}?a=1
X-Shop: tea # a comment
[QueryStringParams]
q: {{{{word}}}} x
[Cookies]
currency: EUR
HTTP 200

POST {URL}
[Form]
a: b c
HTTP/1.1 *

PUT {URL}
[MultipartFormData]
a: b
f: file,x.png;
```json
ignored
```
HTTP 204
"""
    found = document_of(text, {"vars.env": b"# values\nword=green\n"})
    look, form, parts = (step["request"] for step in found["steps"])
    assert found["steps"][0]["name"] == "Look"
    assert look["query"] == {"a": "1", "q": "{{ word }} x"}
    assert look["headers"] == {"X-Shop": "tea", "cookie": "{{ secrets.SHOP_COOKIE }}"}
    assert found["variables"] == {"word": "green"}
    assert form["form"] == {"a": "b c"}
    assert parts["multipart"] == {"a": "b"}
    assert [step.get("expect") for step in found["steps"]] == [
        {"status": 200},
        None,
        {"status": 204},
    ]
    assert made_of(text).unread == ("line 19: the file of the form's field 'f'",)


BODIES: dict[str, tuple[str, dict[str, Any]]] = {
    "json": ('{\n  "a": {{n}},\n\n  "b": "{{s}}"\n}', {"json": {"a": "{{ n }}", "b": "{{ s }}"}}),
    "array": ("[1, 2]", {"json": [1, 2]}),
    "fence": ("```json\n{}\n[]\n```", {"text": "{}\n[]", "media_type": "application/json"}),
    "text": ("```\nhello\n\nGET x\n```", {"text": "hello\n\nGET x"}),
    "line": ("`hello`", {"text": "hello"}),
    "xml": ("<a>\n<b/></a>", {"text": "<a>\n<b/></a>", "media_type": "application/xml"}),
    "graphql": ('```graphql\nquery { a }\nvariables {"n": 1}\n```', {"graphql": {"query": "query { a }", "variables": {"n": 1}}}),
}  # fmt: skip


@pytest.mark.parametrize("kind", BODIES)
def test_a_body_of_each_kind(kind: str) -> None:
    body, expected = BODIES[kind]
    text = f"POST {URL}\n[Options]\nvariable: n=1\nvariable: s=t\n{body}\nHTTP 200\n"
    request = document_of(text)["steps"][0]["request"]
    assert {key: request[key] for key in request if key not in {"method", "url"}} == expected


CAPTURES = {
    'jsonpath "$.a[0].b"': "$.a[0].b",
    'header "ETag"': {"header": "ETag"},
    'cookie "sid"': {"cookie": "sid"},
    "status": {"status": True},
    'regex "a(b+)"': {"regex": "a(b+)"},
    "body regex /x([0-9])/": {"regex": "x([0-9])"},
    'jsonpath "$.token" redact': "$.token",
    'jsonpath "$.["': None,
    'xpath "//a"': None,
    'jsonpath "$.a" split ","': None,
}


@pytest.mark.parametrize("query", CAPTURES)
def test_a_capture(query: str) -> None:
    assert capture_of(query) == CAPTURES[query]


ASSERTS: dict[str, Any] = {
    "status == 200": {"status": 200},
    "status < 300": None,
    'header "A" == "b"': {"headers": {"A": "b"}},
    'jsonpath "$.a" == "b\\"c"': {"json": {"$.a": 'b"c'}},
    'jsonpath "$.a" != 1.5': {"json": {"$.a": {"not": 1.5}}},
    'jsonpath "$.a" count == 2': {"json": {"$.a": {"length": 2}}},
    'jsonpath "$.a" count >= 2': {"json": {"$.a": {"length": {"at_least": 2}}}},
    'jsonpath "$.a" exists': {"json": {"$.a": {"exists": True}}},
    'jsonpath "$.a" not exists': {"json": {"$.a": {"exists": False}}},
    'jsonpath "$.a" isString': {"json": {"$.a": {"type": "string"}}},
    'jsonpath "$.a" not contains "x"': {"json": {"$.a": {"not": {"contains": "x"}}}},
    'jsonpath "$.a" matches /^x\\d+$/': {"json": {"$.a": {"matches": "^x\\d+$"}}},
    'jsonpath "$.a" matches "["': None,
    'body contains "Thank you"': {"text": {"contains": "Thank you"}},
    'url endsWith "/thanks"': {"url": {"ends_with": "/thanks"}},
    "duration < 500": {"time": "500ms"},
    'sha256 == "x"': None,
    'jsonpath "$.a" == hex,00;': None,
}


@pytest.mark.parametrize("text", ASSERTS)
def test_an_assert(text: str) -> None:
    assert expectation_of(text, str) == ASSERTS[text]


def test_an_order_is_not_sent_again_and_what_is_left_out_is_told() -> None:
    text = f"POST {URL}\n[Options]\nretry: 3\nproxy: localhost\n[Frob]\na: b\nHTTP 201\n[Asserts]\nsha256 == hex,00;\nHTTP\n"
    assert made_of(text).unread == (
        "line 3: the option 'retry': an unsafe request is not sent again",
        "line 4: the option 'proxy'",
        "line 9: an assert of sha256",
        "line 10: an assert",
        "line 5: the section 'Frob'",
    )
    (one,) = requests_of(text)
    assert one.step == {}
