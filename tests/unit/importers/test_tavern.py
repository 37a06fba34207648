"""Tavern: format strings, tags, several documents, saved values and expected answers, and what is left out, with its line."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.importing import document_of, made_of, requests_of

URL = "https://shop.example/orders"


def tavern(request: str, answer: str = "status_code: 200", more: str = "") -> str:
    return f"test_name: Order\n{more}\nincludes:\n  - variables: {{n: 7, s: tea, host: https://shop.example}}\nstages:\n  - name: Order\n    request:\n      url: {URL}\n      method: POST\n      {request}\n    response:\n      {answer}\n"


SENT: dict[str, tuple[str, dict[str, Any]]] = {
    "json": ("json: {n: !int '{n:d}', s: 'a {s:s}', t: '{n}', l: [1, !raw '{x}'], k: !int '4', u: !uuid }", {"json": {"n": "{{ n }}", "s": "a {{ s }}", "t": "{{ n | string }}", "l": [1, "{x}"], "k": 4, "u": "{{ fake.uuid }}"}}),
    "braces": ("json: {a: '{{s}}', b: '}}'}", {"json": {"a": "{s}", "b": "}"}}),
    "form": ("data: {a: '{s}'}", {"form": {"a": "{{ s }}"}}),
    "text": ("data: hello", {"text": "hello"}),
    "query": ("params: {q: '{s}', n: 1}", {"query": {"q": "{{ s }}", "n": "1"}}),
    "auth": ("auth: [ann, pw-4711]", {"basic": {"username": "{{ secrets.SHOP_USER }}", "password": "{{ secrets.SHOP_PASSWORD }}"}}),
    "environment": ("headers: {x-a: '{tavern.env_vars.SHOP_LANG}'}", {"headers": {"x-a": "{{ env.SHOP_LANG }}"}}),
    "redirects": ("follow_redirects: true", {"follow_redirects": True}),
}  # fmt: skip


@pytest.mark.parametrize("name", SENT)
def test_a_part_of_a_request(name: str) -> None:
    written, expected = SENT[name]
    request = document_of(tavern(written))["steps"][0]["request"]
    assert {key: request.get(key) for key in expected} == expected


EXPECTED: dict[str, dict[str, Any]] = {
    "status_code: [200, 201]": {"status": [200, 201]},
    "json: {a: {b: [x, {c: 1}]}, d: null}": {"status": 200, "json": {"$.a.b[0]": "x", "$.a.b[1].c": 1, "$.d": None}},
    "json: {a: !anything , b: !anyint , c: !anystr , d: !anylist , e: '{s}', f: !int '{n}'}": {"status": 200, "json": {"$.a": {"exists": True}, "$.b": {"type": "integer"}, "$.c": {"type": "string"}, "$.d": {"type": "array"}, "$.e": "{{ s }}", "$.f": "{{ n }}"}},
    "json: {a: !re_fullmatch 'x+', b: !re_search 'y', 'c-d': 1}": {"status": 200, "json": {"$.a": {"matches": "^(?:x+)$"}, "$.b": {"matches": "y"}, "$['c-d']": 1}},
    "headers: {content-type: application/json}": {"status": 200, "headers": {"content-type": "application/json"}},
    "text: hello": {"status": 200, "text": {"equals": "hello"}},
}  # fmt: skip


@pytest.mark.parametrize("answer", EXPECTED)
def test_what_the_answer_must_have(answer: str) -> None:
    step = document_of(tavern("json: {n: '{n}', s: '{s}'}", answer))["steps"][0]
    assert step["expect"] == EXPECTED[answer]


def test_what_is_saved() -> None:
    save = "save:\n        json: {id: order.id, first: 'items[0].\"s-k\"', bad: 'items[?a]'}\n        headers: {tag: etag}\n        redirect_query_params: {c: code}"
    text = tavern("json: {}", save)
    assert document_of(text)["steps"][0]["capture"] == {
        "id": "$.order.id",
        "first": "$.items[0]['s-k']",
        "tag": {"header": "etag"},
    }
    assert made_of(text).unread == (
        "line 13: what is saved as 'bad'",
        "line 15: what is saved as 'c'",
    )


SEVERAL = """\
---
test_name: Log in
includes:
  - !include common.yaml
  - !include gone.yaml
stages:
  - &login
    name: Log in
    request: {url: "{host}/login", method: POST}
    response: {save: {json: {token: token}}}
---
test_name: Skipped
marks: [skip]
stages:
  - *login
---
test_name: Order
marks:
  - parametrize: {key: [sku, n], vals: [[tea, 1], [coffee, 2]]}
stages:
  - *login
  - {type: ref, id: cart}
  - {type: ref, id: nowhere}
  - name: Order
    delay_after: 1
    max_retries: 3
    request:
      url: "{host}/orders"
      method: POST
      headers: {Authorization: "Bearer {token}"}
      json: {sku: "{sku}", $ext: {function: "a:b"}}
    response: {verify_response_with: {function: "a:b"}}
finally:
  - {name: Cancel, request: {url: "{host}/orders/last", method: DELETE}}
"""
COMMON = b"variables:\n  host: https://shop.example\nstages:\n  - id: cart\n    name: Cart\n    request: {url: '{host}/carts', method: POST}\n"


def test_documents_includes_and_references() -> None:
    found = requests_of(SEVERAL, {"common.yaml": COMMON})
    assert [each.path for each in found] == [
        "/login",
        "/login",
        "/carts",
        "/orders",
        "/orders/last",
    ]
    assert document_of(SEVERAL, {"common.yaml": COMMON})["variables"] == {"sku": "tea"}
    assert list(made_of(SEVERAL, {"common.yaml": COMMON}).unread) == [
        "line 5: 'gone.yaml', which is no file beside it",
        "line 12: the test 'Skipped', which is skipped or fails on purpose",
        "line 19: values behind the first ones",
        "line 23: the stage 'nowhere', which is in no file beside it",
        "line 25: 'delay_after' of the stage 'Order'",
        "line 31: 'json' of the request, or the function in it",
        "line 32: 'verify_response_with' of the answer",
        "line 26: 'max_retries': an unsafe request is not sent again",
    ]
