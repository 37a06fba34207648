"""Step CI: parts of a step, files it refers to, checks and captures, and what is left out, with its line."""

from __future__ import annotations

from typing import Any

import pytest

from smoke.diagnostic import SmokeError
from tests.support.importing import document_of, made_of, requests_of

URL = "https://shop.example/orders"


def workflow(http: str, more: str = "", url: str = URL) -> str:
    lines = "".join(f"\n          {line}" for line in http.splitlines())
    return f'version: "1.1"\n{more}\ntests:\n  a:\n    steps:\n      - http:\n          url: {url}\n          method: POST{lines}\n'


PARTS: dict[str, tuple[str, dict[str, Any]]] = {
    "query": ("params: {a: 1, b: x y}", {"query": {"a": "1", "b": "x y"}}),
    "json": ("json:\n  n: ${{ env.n }}\n  s: n${{ env.n }}\n  l: [true, null]", {"json": {"n": "{{ n }}", "s": "n{{ n }}", "l": [True, None]}}),
    "form": ("form: {a: b c, n: '${{env.n}}'}", {"form": {"a": "b c", "n": "{{ n }}"}}),
    "parts": ("formData:\n  a: b\n  f:\n    file: x.png", {"multipart": {"a": "b"}}),
    "graphql": ("graphql:\n  query: query { a }\n  variables: {n: 1}", {"graphql": {"query": "query { a }", "variables": {"n": 1}}}),
    "basic": ("auth: {basic: {username: ann, password: pw-4711}}", {"basic": {"username": "{{ secrets.SHOP_USER }}", "password": "{{ secrets.SHOP_PASSWORD }}"}}),
    "secret": ("auth: {bearer: {token: '${{secrets.token}}'}}", {"bearer": "{{ secrets.SHOP_TOKEN }}"}),
    "secret of any name": ("headers: {x-n: '${{secrets.zeta}}'}", {"headers": {"x-n": "{{ secrets.SHOP_ZETA }}"}}),
    "made up": ("json: {email: '${{ internet.email | fake }}'}", {"json": {"email": "{{ fake.email }}"}}),
    "old braces": ("headers: {x-n: 'a{{env.n}}'}", {"headers": {"x-n": "a{{ n }}"}}),
    "text": ("body: hello", {"text": "hello"}),
}  # fmt: skip


@pytest.mark.parametrize("name", PARTS)
def test_a_part_of_a_request(name: str) -> None:
    written, expected = PARTS[name]
    found = document_of(workflow(written, "env:\n  n: 7"))
    request = found["steps"][0]["request"]
    assert {key: request.get(key) for key in expected} == expected
    if name in {"json", "form"}:
        assert found["variables"] == {"n": 7 if name == "json" else "7"}


CHECKS: dict[str, dict[str, Any]] = {
    "status: [{eq: 201}]": {"status": 201},
    "status: /^20/": {"status": "2xx"},
    "status: [{gte: 200}, {lt: 300}]": {"status": "2xx"},
    "body: '{}'": {"text": {"equals": "{}"}},
    "json: {a: [1]}": {"json": {"$": {"equals": {"a": [1]}}}},
    "jsonpath: {$.a: 1, $.b: /x+/, $.c: [{isArray: true}, {isDefined: true}]}": {"json": {"$.a": 1, "$.b": {"matches": "x+"}, "$.c": {"type": "array", "exists": True}}},
    "jsonpath: {$.a: [{gt: 1}, {lte: 9}], $.b: [{ne: 1}], $.c: [{nin: x}]}": {"json": {"$.a": {"greater": 1, "at_most": 9}, "$.b": {"not": 1}, "$.c": {"not": {"contains": "x"}}}},
    "headers: {Content-Type: application/json}": {"headers": {"Content-Type": "application/json"}},
    "selectors: {h1: Thank you}": {"html": {"h1": "Thank you"}},
    "performance: {total: [{lte: 900}]}": {"time": "900ms"},
    "captures: {id: 7}": {"json": {"$.order.id": 7}},
}  # fmt: skip


@pytest.mark.parametrize("check", CHECKS)
def test_a_check_is_an_expectation(check: str) -> None:
    text = workflow(f"captures: {{id: {{jsonpath: $.order.id}}}}\ncheck: {{{check}}}")
    step = document_of(text)["steps"][0]
    assert step["expect"] == CHECKS[check]
    assert step["capture"] == {"id": "$.order.id"}
    assert made_of(text).unread == ()


def test_what_is_not_taken_over_is_told_with_its_line() -> None:
    text = workflow("check:\n  sha256: x\n  status: [{gt: 7}]\n  jsonpath:\n    $..[: 1\n  performance:\n    dns: [{lt: 1}]\ncaptures:\n  x: {body: true}\nretries: 3")  # fmt: skip
    assert sorted(made_of(text).unread) == [
        "line 10: the check of 'sha256'",
        "line 11: the check of 'status'",
        "line 13: the check of '$..['",
        "line 15: the check of 'dns'",
        "line 17: what 'x' captures",
        "line 18: 'retries'",
    ]


FLOW = b"""\
version: "1.1"
config: {http: {baseURL: "${{ env.host }}/api"}}
env: {host: https://shop.example}
before: {steps: [{$ref: steps/login.yml}]}
tests:
  order: {$ref: tests/order.yml}
  gone: {$ref: ../../etc/passwd}
"""
BESIDE = {
    "a/steps/login.yml": b"name: Log in\nhttp:\n  url: /login\n  method: POST\n  captures: {token: {jsonpath: $.token}}\n",
    "a/tests/order.yml": b"steps:\n  - $ref: ../steps/login.yml\n  - name: Order\n    http: {url: orders, method: POST, headers: {Authorization: 'Bearer ${{ captures.token }}'}}\n  - delay: 1000\n",
}


def test_what_stands_in_other_files_is_read_where_it_is_beside_it() -> None:
    from smoke.importers.stepci import read_several

    found = list(read_several({"a/workflow.yml": FLOW, **BESIDE}, "a/workflow.yml"))
    assert [each.path for each in found] == ["/api/login", "/api/login", "/api/orders"]
    assert found[0].place == "a/steps/login.yml, line 1"
    assert found[0].captures == (("token", "$.token"),)
    assert found[-1].unread == (
        "a/tests/order.yml, line 5: a step of the kind 'delay'",
        "line 7: '../../etc/passwd', which is no file beside it",
    )


def test_a_file_that_refers_to_itself_ends() -> None:
    beside = {"loop.yml": b"steps:\n  - $ref: loop.yml\n"}
    text = 'version: "1.1"\ntests:\n  a: {$ref: loop.yml}\n  b:\n    steps: [{http: {url: https://shop.example/}}]\n'
    (request,) = requests_of(text, beside)
    assert request.path == "/"
    assert "loop.yml, line 1: a URL is expected" in request.unread[0]


def test_a_test_that_is_itself_ends() -> None:
    text = 'version: "1.1"\ntests:\n  a: {$ref: me.yml}\n  b:\n    steps: [{http: {url: https://shop.example/}}]\n'
    (request,) = requests_of(text, {"me.yml": b"$ref: me.yml\n"})
    assert request.unread == ("me.yml, line 1: 'me.yml', which is no file beside it",)


@pytest.mark.parametrize(
    "hostile",
    [
        "a: " + "[" * 500,
        "\n".join(["a: &a0 [x]", *(f"b{n}: &a{n + 1} [{', '.join([f'*a{n}'] * 10)}]" for n in range(9))]),
        "a: *gone",
        "? {a: b}\n: c",
        "a: \x07",
    ],
)  # fmt: skip
def test_hostile_yaml_is_refused_with_its_place(hostile: str) -> None:
    with pytest.raises(SmokeError) as refused:
        requests_of(workflow("") + hostile + "\n")
    assert refused.value.diagnostics[0].code == "cannot-read"
