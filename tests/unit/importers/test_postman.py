"""Postman collections: what a person put into them is in the scenario, and what cannot be taken over is told."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from smoke.diagnostic import SmokeError
from tests.support.importing import document_of, made_of, requests_of

SHOP = "https://shop.example"


def collection(*items: Any, **more: Any) -> str:
    schema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
    return json.dumps({"info": {"name": "x", "schema": schema}, "item": items, **more})


def item(request: Any, name: str = "Order", test: str = "", **more: Any) -> dict[str, Any]:
    events = [{"listen": "test", "script": {"exec": test.split("\n")}}] if test else []
    return {"name": name, "request": request, "event": events, **more}


def raw(text: str) -> dict[str, Any]:
    return {"mode": "raw", "raw": text, "options": {"raw": {"language": "json"}}}


def test_a_token_that_a_script_keeps_is_captured_and_sent() -> None:
    login = item({"method": "POST", "url": "{{base}}/login", "body": raw('{"user": "{{user}}", "password": "{{password}}"}')},
                 "Log in", "pm.environment.set('authToken', pm.response.json().token);")  # fmt: skip
    order = item({"method": "POST", "url": "{{base}}/orders/:id", "body": raw('{"n": {{n}}, "t": "x-{{n}}", "sku": "{{sku}}"}')})  # fmt: skip
    auth = {"type": "bearer", "bearer": [{"key": "token", "value": "{{authToken}}"}]}
    values = [{"key": "base", "value": SHOP}, {"key": "n", "value": "2"}, {"key": "sku", "value": "tea"}]  # fmt: skip
    login["request"]["auth"] = {"type": "noauth"}
    found = document_of(collection(login, {"name": "f", "item": [order]}, auth=auth, variable=values))  # fmt: skip
    first, second = found["steps"]
    assert (first["name"], first["request"]["url"]) == ("Log in", "/login")
    assert "bearer" not in first["request"]
    assert first["request"]["json"]["password"] == "{{ secrets.SHOP_PASSWORD }}"
    assert first["capture"] == {"auth_token": {"json": "$.token", "secret": True}}
    assert second["request"]["bearer"] == "{{ auth_token }}"
    assert second["request"]["url"] == "/orders/{{ id }}"
    assert second["request"]["json"] == {
        "n": "{{ n }}",
        "t": "x-{{ n }}",
        "sku": "{{ sku }}",
    }
    assert found["variables"] == {"user": "", "id": "", "n": 2, "sku": "tea"}


def test_values_beside_the_collection_win_and_rows_that_are_off_do_not_count() -> None:
    order = item({"method": "POST", "url": {"raw": "{{base}}/orders?a=1&b=2", "host": ["{{base}}"], "path": ["orders"],
        "query": [{"key": "a", "value": "{{sku}} x"}, {"key": "b", "value": "2", "disabled": True}], "variable": []},
        "header": [{"key": "X-Shop", "value": "{{sku}}"}, {"key": "X-Off", "value": "1", "disabled": True}]})  # fmt: skip
    environment = {"values": [{"key": "base", "value": SHOP}, {"key": "sku", "value": "tea", "enabled": True}, {"key": "off", "value": "x", "enabled": False}]}  # fmt: skip
    text = collection(order, variable=[{"key": "sku", "value": "pot"}])
    made = made_of(text, {"e.json": json.dumps(environment).encode()})
    assert made.origin == SHOP
    found = document_of(text, {"e.json": json.dumps(environment).encode()})
    request = found["steps"][0]["request"]
    assert request["query"] == {"a": "{{ sku }} x"}
    assert request["headers"] == {"X-Shop": "{{ sku }}"}
    assert found["variables"] == {"sku": "tea"}
    with pytest.raises(SmokeError, match="no Postman environment"):
        requests_of(text, {"e.json": b"[]"})


BODIES: dict[str, tuple[dict[str, Any], str, Any]] = {
    "urlencoded": ({"mode": "urlencoded", "urlencoded": [{"key": "a", "value": "b c"}, {"key": "off", "value": "1", "disabled": True}]}, "form", {"a": "b c"}),
    "formdata": ({"mode": "formdata", "formdata": [{"key": "a", "value": "b", "type": "text"}, {"key": "f", "type": "file", "src": "x.png"}]}, "multipart", {"a": "b"}),
    "graphql": ({"mode": "graphql", "graphql": {"query": "mutation { a }", "variables": '{"n": 1}'}}, "graphql", {"query": "mutation { a }", "variables": {"n": 1}}),
    "comments": (raw('{"a": "http://b" // why\n, /* c */ "d": 1}'), "json", {"a": "http://b", "d": 1}),
    "text": ({"mode": "raw", "raw": "<a/>", "options": {"raw": {"language": "xml"}}}, "text", "<a/>"),
}  # fmt: skip


@pytest.mark.parametrize("kind", BODIES)
def test_a_body_of_each_kind(kind: str) -> None:
    body, key, value = BODIES[kind]
    found = document_of(collection(item({"method": "POST", "url": f"{SHOP}/orders", "body": body})))
    assert found["steps"][0]["request"][key] == value


def test_auth_of_the_older_format_and_keys_in_the_query() -> None:
    basic = {"type": "basic", "basic": {"username": "ann", "password": "hunter2-x"}}
    key = {"type": "apikey", "apikey": [{"key": "key", "value": "k"}, {"key": "value", "value": "v4lue-12345"}, {"key": "in", "value": "query"}]}  # fmt: skip
    first, second = requests_of(collection(item({"url": f"{SHOP}/a", "auth": basic}), item({"url": f"{SHOP}/b?x=1", "auth": key})))  # fmt: skip
    assert first.header("authorization") == "Basic " + base64.b64encode(b"ann:hunter2-x").decode()
    assert second.url == f"{SHOP}/b?x=1&k=v4lue-12345"
    digest = {"type": "digest", "digest": []}
    (told,) = requests_of(collection(item({"url": f"{SHOP}/a", "auth": digest})))
    assert told.unread == ("'Order': its auth 'digest' is not one that is taken over",)


def test_a_saved_example_is_the_answer() -> None:
    saved = [{"name": "bad", "code": 404, "body": "{}"}, {"name": "good", "code": 201, "header": [{"key": "Content-Type", "value": "application/json"}], "body": '{"order": {"id": "ORD-12345678"}}'}]  # fmt: skip
    order = item({"method": "POST", "url": f"{SHOP}/orders"}, response=saved)
    pay = item({"method": "POST", "url": f"{SHOP}/pay/ORD-12345678"}, "Pay")
    first, second = document_of(collection(order, pay))["steps"]
    assert first["expect"]["status"] == 201
    assert first["places_order"] == {"id": "$.order.id"}
    assert second["request"]["url"] == "/pay/{{ order_id }}"


def test_what_is_not_taken_over_is_in_the_comments_and_told() -> None:
    made = made_of(collection(item({"method": "POST", "url": f"{SHOP}/orders"}, test="\nsomething(else);"), {"name": "no request"}))  # fmt: skip
    assert made.unread == (
        "'Order', test script, line 2: something(else)",
        "'no request': neither a folder nor a request",
    )
    for each in made.unread:
        assert f"# Not taken over: {each}\n" in made.text


def test_what_a_folder_expects_stays_and_a_contradiction_is_told() -> None:
    def test(state: str) -> str:
        return f"pm.expect(pm.response.json().{state});"

    request = {"method": "POST", "url": f"{SHOP}/orders"}
    above = [{"listen": "test", "script": {"exec": [test("state).to.eql('paid'")]}}]
    items = [item(request, "One", test("id).to.eql(1")), item(request, "Two", test("state).to.eql('open'"))]  # fmt: skip
    one, two = requests_of(collection(*items, event=above))
    assert one.expect == {"json": {"$.state": "paid", "$.id": 1}}
    assert two.expect == {"json": {"$.state": "paid"}}
    assert two.unread == ("'Two': a test that contradicts one of its folder",)


def test_variables_made_up_by_postman_are_made_up_here() -> None:
    body = raw('{"a": "{{$guid}}", "email": "{{$randomEmail}}", "n": {{$randomInt}}, "x": "{{$randomAbbreviation}}"}')  # fmt: skip
    text = collection(item({"method": "POST", "url": f"{SHOP}/orders", "body": body}))
    request = document_of(text)["steps"][0]["request"]["json"]
    assert request == {
        "a": "{{ fake.uuid }}",
        "email": "{{ fake.email }}",
        "n": "{{ fake.number(0, 1000) }}",
        "x": "{{ fake.word }}",
    }
    again = document_of(text, twice=True)
    assert again["variables"] == {"email": "{{ fake.email }}"}
    assert "randomAbbreviation" in made_of(text).unread[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"info": {}, "item": [', "Expecting"),
        (collection(), "no request is in"),
        (collection(item({"url": "http://[x"})), "no request is in"),
        ('{"info": {"schema": "https://schema.getpostman.com/"}, "item": 7}', "no list 'item'"),
    ],
)
def test_what_is_no_collection_is_refused(text: str, said: str) -> None:
    with pytest.raises(SmokeError, match=said):
        requests_of(text)


def test_hostile_names_stay_names() -> None:
    name = '../../x\n- name: evil\x1b[2J"{{ secrets.HOME }}"'
    found = document_of(collection(item({"method": "POST", "url": f"{SHOP}/orders"}, name), variable=[{"key": name, "value": name}]))  # fmt: skip
    (step,) = found["steps"]
    assert step["name"] == "../../x - name evil 2J secrets.HOME"
