"""Bruno: files made by its own writer, folders in their order, auth from above, asserts, and what is left out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from smoke.app.importing import imported
from smoke.diagnostic import SmokeError
from smoke.importers.bruno import read_several
from tests.support.importing import document_of, made_of, requests_of

URL = "https://shop.example/orders"


def bru(blocks: str, method: str = "post", body: str = "none", auth: str = "none") -> str:
    return f"meta {{\n  name: Order\n  seq: 1\n}}\n\n{method} {{\n  url: {URL}/:id?a=1\n  body: {body}\n  auth: {auth}\n}}\n\n{blocks}\n"


BLOCKS: dict[str, tuple[str, dict[str, Any]]] = {
    "query": (bru("params:query {\n  a: x y\n  ~b: 1\n}\nparams:path {\n  id: 7\n}"), {"url": "/orders/7", "query": {"a": "x y"}}),
    "bearer": (bru("auth:bearer {\n  token: t0ken-12345\n}", auth="bearer"), {"bearer": "{{ secrets.SHOP_TOKEN }}"}),
    "basic": (bru("auth:basic {\n  username: ann\n  password: {{pw}}\n}", auth="basic"), {"basic": {"username": "{{ secrets.SHOP_USER }}", "password": "{{ secrets.SHOP_PW }}"}}),
    "key": (bru("auth:apikey {\n  key: k\n  value: v4lue-12345\n  placement: queryparams\n}", auth="apikey"), {"query": {"a": "1", "k": "{{ secrets.SHOP_KEY }}"}}),
    "form": (bru("body:form-urlencoded {\n  a: b c\n  ~x: 1\n}", body="form-urlencoded"), {"form": {"a": "b c"}}),
    "parts": (bru("body:multipart-form {\n  a: b\n  f: @file(x.png)\n}", body="multipart-form"), {"multipart": {"a": "b"}}),
    "graphql": (bru('body:graphql {\n  query { a }\n}\nbody:graphql:vars {\n  {"n": 1}\n}', body="graphql"), {"graphql": {"query": "query { a }", "variables": {"n": 1}}}),
    "comments": (bru('body:json {\n  {\n    "a": 1 // one\n  }\n}', body="json"), {"json": {"a": 1}}),
    "xml": (bru("body:xml {\n  <a/>\n}", body="xml"), {"text": "<a/>", "media_type": "application/xml"}),
    "long value": (bru("headers {\n  X-A: '''\n    one\n  '''\n}"), {"headers": {"X-A": "one"}}),
}  # fmt: skip


@pytest.mark.parametrize("name", BLOCKS)
def test_a_block(name: str) -> None:
    text, expected = BLOCKS[name]
    request = document_of(text)["steps"][0]["request"]
    found = {key: request.get(key) for key in expected}
    if name == "basic":  # what it is called is by its field or by its variable
        found["basic"]["password"] = found["basic"]["password"].replace("PASSWORD", "PW")
    assert found == expected


def test_asserts_and_variables_of_the_answer() -> None:
    text = bru("""vars:post-response {
  orderId: res.body.order.id
  first: {{$res.body.items[0].sku}}
  ~off: res.body.x
  sum: add(res.body.x)
}
assert {
  res.status: eq 201
  res.body.ok: eq true
  res.body.n: gte 2
  res.body.s: contains tea
  res.body.l: length 3
  res.body.w: in a, b
  res.body.id: isDefined
  res.headers['content-type']: contains json
  res.responseTime: lt 900
  res.body.m: isDate
}
tests {
  test("x", function () {
    expect(res.body.t).to.be.a("string");
  });
}""")
    step = document_of(text)["steps"][0]
    assert step["capture"] == {"order_id": "$.order.id", "first": "$.items[0].sku"}
    assert step["expect"] == {
        "status": 201,
        "json": {
            "$.ok": True, "$.n": {"at_least": 2}, "$.s": {"contains": "tea"}, "$.l": {"length": 3}, "$.w": {"one_of": ["a", "b"]},
            "$.id": {"exists": True}, "$.t": {"type": "string"},
        },
        "headers": {"content-type": {"contains": "json"}},
        "time": "900ms",
    }  # fmt: skip
    assert made_of(text).unread == (
        "'the file', line 16: sum",
        "'the file', line 28: an assert",
    )


def test_a_folder_is_read_in_its_order_with_what_stands_above() -> None:
    files = {
        "bruno.json": "{}",
        "collection.bru": "auth {\n  mode: bearer\n}\n\nauth:bearer {\n  token: {{token}}\n}\n\nheaders {\n  X-All: 1\n}\n",
        "b/folder.bru": "meta {\n  name: b\n  seq: 1\n}\n\nheaders {\n  X-B: 2\n}\n",
        "b/two.bru": bru("", auth="inherit").replace("seq: 1", "seq: 2").replace("Order", "Two"),
        "b/one.bru": bru("", auth="inherit").replace("Order", "One"),
        "a/late.bru": bru("", "get").replace("Order", "Late"),
        "environments/z.bru": "vars {\n  token: other\n}\n",
        "environments/dev.bru": "vars {\n  token: t0ken-12345\n}\nvars:secret [\n  token\n]\n",
    }
    found = list(read_several({name: text.encode() for name, text in files.items()}, "folder"))
    assert [each.name for each in found] == ["One", "Two", "Late"]
    assert dict(found[0].headers).keys() == {"X-All", "X-B", "authorization"}
    assert "authorization" not in dict(found[2].headers)
    assert [each.value for each in found[0].stand_ins if each.name == "token"] == ["t0ken-12345"]
    assert any("environments other than environments/dev.bru" in each for each in found[-1].unread + found[0].unread)  # fmt: skip


def test_a_requests_variables_end_with_it() -> None:
    own = bru("vars:pre-request {\n  id: 3\n}\nparams:path {\n  id: {{id}}\n}")
    files = {
        "a.bru": own,
        "b.bru": bru("params:path {\n  id: {{id}}\n}").replace("seq: 1", "seq: 2"),
        "environments/e.bru": "vars {\n  id: 1\n}\n",
    }
    found = read_several({name: text.encode() for name, text in files.items()}, "folder")
    assert [each.stand_ins[0].value for each in found] == ["3", "1"]


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    folder.mkdir()
    (tmp_path / "secret.bru").write_text(bru(""), encoding="utf-8")
    (folder / "out.bru").symlink_to(tmp_path / "secret.bru")
    with pytest.raises(SmokeError, match="no collection"):
        imported(str(folder))
    (folder / "in.bru").write_text(bru(""), encoding="utf-8")
    made, name = imported(str(folder))
    assert name == "shop"
    assert made.text.count("- name:") == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("post {\n  url: x:y\n", "never closed"),
        ("meta {\n}\n", "no request is in"),
        ("post {\n  url: http://[x\n}\n", "a URL is expected"),
    ],
)
def test_what_is_damaged_is_refused_with_its_place(text: str, said: str) -> None:
    with pytest.raises(SmokeError) as refused:
        requests_of(text)
    (problem,) = refused.value.diagnostics
    assert said in problem.message + "".join(note.message for note in problem.notes)


REQUEST = """\
info: {name: Order, type: http}
http:
  method: POST
  url: https://shop.example/orders/:id
  params: [{name: id, value: "7", type: path}, {name: q, value: x, type: query}, {name: off, value: x, disabled: true}]
  HTTP
runtime:
  variables: [{name: n, value: {type: number, data: "7"}}, {name: s, value: [{title: a, value: x}, {title: b, selected: true, value: y}]}]
"""
HTTP: dict[str, tuple[str, dict[str, Any]]] = {
    "json": ("body: {type: json, data: '{\"a\": {{n}}, \"s\": \"{{s}}\"}'}", {"json": {"a": "{{ n }}", "s": "{{ s }}"}, "query": {"q": "x"}, "url": "/orders/7"}),
    "chosen": ("body: [{title: a, body: {type: text, data: x}}, {title: b, selected: true, body: {type: text, data: y}}]", {"text": "y"}),
    "form": ("body: {type: form-urlencoded, data: [{name: a, value: b}, {name: c, value: d, disabled: true}]}", {"form": {"a": "b"}}),
    "parts": ("body: {type: multipart-form, data: [{name: a, type: text, value: b}, {name: f, type: file, value: [x.png]}]}", {"multipart": {"a": "b"}}),
    "query key": ("auth: {type: apikey, key: k, value: v4lue-12345, placement: query}", {"query": {"q": "x", "k": "{{ secrets.SHOP_KEY }}"}}),
}  # fmt: skip


@pytest.mark.parametrize("name", HTTP)
def test_a_request_of_opencollection(name: str) -> None:
    written, expected = HTTP[name]
    found = document_of(REQUEST.replace("HTTP", written))
    assert {key: found["steps"][0]["request"].get(key) for key in expected} == expected
    if name == "json":
        assert found["variables"] == {"n": 7, "s": "y"}


def test_a_collection_in_one_file_has_what_stands_above_its_requests() -> None:
    text = """\
opencollection: 1.0.0
config:
  environments:
    - {name: Demo, variables: [{name: base, value: https://shop.example}, {name: key, secret: true}]}
    - {name: Other, variables: [{name: base, value: https://other.example}]}
request: {headers: [{name: X-Shop, value: tea}], auth: {type: bearer, token: "{{key}}"}}
items:
  - info: {name: Same, type: folder}
    items:
      - {info: {name: Same, type: http}, http: {method: GET, url: "{{base}}/1", auth: inherit}}
      - {info: {name: Same, type: http}, http: {method: GET, url: "{{base}}/2"}}
  - {info: {name: Ask, type: graphql}, graphql: {url: "{{base}}/graphql", body: {query: "query { a }", variables: '{"n": 1}'}}}
  - {info: {name: Call, type: grpc}, grpc: {url: x}}
"""
    steps = [each["request"] for each in document_of(text)["steps"]]
    assert [each["url"] for each in steps] == ["/1", "/2", "/graphql"]
    assert [each.get("bearer") for each in steps] == ["{{ secrets.SHOP_KEY }}", None, None]
    assert steps[0]["headers"] == {"X-Shop": "tea"}
    assert steps[2]["graphql"] == {"query": "query { a }", "variables": {"n": 1}}
    assert sorted(made_of(text).unread) == [
        "'Call': a request of the kind 'grpc'",
        "the environments other than environments/Demo: name one behind the folder",
    ]


def test_folders_in_folders_without_end_are_left_out() -> None:
    text = "opencollection: 1.0.0\nitems: [{info: {name: Ask}, http: {url: https://shop.example/, method: GET}}, FOLDER]\n"
    for _ in range(60):
        text = text.replace("FOLDER", "{info: {name: f}, items: [FOLDER]}")
    deep = "{info: {name: Deep}, http: {url: https://shop.example/deep, method: GET}}"
    steps = document_of(text.replace("FOLDER", deep))["steps"]
    assert [each["request"]["url"] for each in steps] == ["/"]
