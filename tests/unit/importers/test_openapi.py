"""OpenAPI: bodies of examples and schemas, what one operation gives another, credentials, the flow that is chosen, and hostile documents."""

from __future__ import annotations

import json
from typing import Any

import pytest

from smoke.diagnostic import SmokeError
from tests.support.importing import document_of, made_of, requests_of

Json = dict[str, Any]


def body(schema: Any = None, media: str = "application/json", **told: Any) -> Json:
    return {"content": {media: {**told, **({"schema": schema} if schema else {})}}}


def properties(**kinds: Any) -> Json:
    return {"type": "object", "properties": {name: each if isinstance(each, dict) else {"type": each} for name, each in kinds.items()}}  # fmt: skip


def openapi(paths: Json, components: Json | None = None, **more: Any) -> str:
    return json.dumps({"openapi": "3.1.0", "paths": paths, "components": components or {}, **more})


def ordered(operation: Json, components: Json | None = None, path: str = "/orders") -> Any:
    """The request of one operation that orders."""
    found = document_of(openapi({path: {"post": operation}}, components))
    return found["steps"][0]["request"]


SCHEMAS: dict[str, tuple[Any, Any]] = {
    "types": (properties(a="string", n="integer", b="boolean", l={"type": "array", "items": {"type": "number", "minimum": 5}}), {"a": "a", "n": 1, "b": True, "l": [5]}),
    "person": (properties(email={"type": "string", "format": "email"}, city="string"), {"email": "{{ email }}", "city": "{{ city }}"}),
    "made up": (properties(key={"type": "string", "format": "uuid"}, at={"type": "string", "format": "date-time"}), {"key": "{{ fake.uuid }}", "at": "{{ now }}"}),
    "required": ({**properties(a="string", b="string", c={"type": "string", "default": "x"}), "required": ["a"]}, {"a": "a", "c": "x"}),
    "read only": (properties(a="string", id={"type": "string", "readOnly": True}), {"a": "a"}),
    "all of": ({"allOf": [properties(a={"const": 1}), properties(b={"enum": ["x", "y"]})]}, {"a": 1, "b": "x"}),
    "one of": ({"oneOf": [{"type": "null"}, properties(a={"type": ["null", "string"], "minLength": 4})]}, {"a": "axxx"}),
    "3.1 examples": (properties(a={"type": "string", "examples": ["one", "two"]}), {"a": "one"}),
}  # fmt: skip


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_body_of_a_schema(name: str) -> None:
    schema, expected = SCHEMAS[name]
    found = ordered({"requestBody": body(schema)})["json"]
    assert found == expected


def test_examples_stand_before_the_schema_and_braces_in_them_are_text() -> None:
    schema = properties(a="string")
    assert ordered({"requestBody": body(schema, example={"a": "x"})})["json"] == {"a": "x"}
    components = {"examples": {"e": {"value": {"a": "{{ b }}"}}}}
    referred = {"requestBody": body(schema, examples={"e": {"$ref": "#/components/examples/e"}})}
    (request,) = requests_of(openapi({"/orders": {"post": referred}}, components))
    assert request.body == b'{"a": "{{ b }}"}'
    assert request.stand_ins == ()


def test_other_bodies_and_parameters() -> None:
    parameters = [
        {"name": "lang", "in": "query", "required": True, "example": "en"},
        {"name": "debug", "in": "query", "example": "1"},
        {"name": "X-Shop", "in": "header", "required": True, "schema": {"enum": ["tea"]}},
        {"name": "shop", "in": "path", "required": True, "schema": {"default": "a/b"}},
    ]
    form = {"parameters": parameters, "requestBody": body(properties(a="string"), "application/x-www-form-urlencoded")}  # fmt: skip
    found = ordered(form, path="/{shop}/orders")
    assert (found["url"], found["query"]) == ("/a%2Fb/orders", {"lang": "en"})
    assert (found["headers"], found["form"]) == ({"X-Shop": "tea"}, {"a": "a"})
    parts = ordered({"requestBody": body(properties(a="string"), "multipart/form-data")})
    assert parts["multipart"] == {"a": "a"}


SCHEMES: dict[str, tuple[Json, Json]] = {
    "bearer": ({"type": "http", "scheme": "bearer"}, {"bearer": "{{ secrets.SHOP_KEY }}"}),
    "basic": ({"type": "http", "scheme": "basic"}, {"basic": {"username": "{{ secrets.SHOP_KEY_USER }}", "password": "{{ secrets.SHOP_KEY_PASSWORD }}"}}),
    "header": ({"type": "apiKey", "in": "header", "name": "X-Key"}, {"headers": {"X-Key": "{{ secrets.SHOP_KEY }}"}}),
    "query": ({"type": "apiKey", "in": "query", "name": "k"}, {"query": {"k": "{{ secrets.SHOP_KEY }}"}}),
    "cookie": ({"type": "apiKey", "in": "cookie", "name": "sid"}, {"headers": {"cookie": "sid={{ secrets.SHOP_KEY }}"}}),
}  # fmt: skip


@pytest.mark.parametrize("kind", SCHEMES)
def test_a_security_scheme_is_a_secret_by_its_name(kind: str) -> None:
    scheme, expected = SCHEMES[kind]
    found = ordered({"security": [{"key": []}]}, {"securitySchemes": {"key": scheme}})
    assert {key: found.get(key) for key in expected} == expected


def answer(schema: Json, status: str = "200", **more: Any) -> Json:
    return {status: {**body(schema), **more}}


SHOP = {
    "/products": {"get": {"operationId": "listProducts", "responses": answer({"type": "array", "items": properties(id="string", name="string")})}},
    "/carts": {"post": {"operationId": "createCart", "responses": answer(properties(id="string"), "201")}},
    "/carts/{cartId}/items": {"post": {"operationId": "addToCart", "parameters": [{"name": "cartId", "in": "path", "required": True}], "requestBody": body(properties(productId="string", quantity="integer")), "responses": answer(properties(id="string"))}},
    "/orders": {"post": {"operationId": "placeOrder", "requestBody": body(properties(cartId="string")), "responses": answer(properties(id="string"), "201")}, "get": {"operationId": "listOrders"}},
    "/orders/{id}": {"get": {"operationId": "getOrder", "parameters": [{"name": "id", "in": "path", "required": True}], "responses": answer(properties(id="string"))}},
    "/orders/{id}/cancel": {"post": {"operationId": "cancelOrder", "parameters": [{"name": "id", "in": "path", "required": True}]}},
}  # fmt: skip


def test_without_names_the_operations_of_an_order_are_taken_with_their_reasons() -> None:
    made = made_of(openapi(SHOP))
    found = document_of(openapi(SHOP))["steps"]
    assert [(each["request"]["method"], each["request"]["url"]) for each in found] == [
        ("POST", "/carts"),
        ("GET", "/products"),
        ("POST", "/carts/{{ cart_id }}/items"),
        ("POST", "/orders"),
        ("GET", "/orders/{{ order_id }}"),
    ]
    assert [each.get("capture") for each in found] == [
        {"cart_id": "$.id"},
        {"product_id": "$[0].id"},
        None,
        {"order_id": "$.id"},
        None,
    ]
    assert found[2]["request"]["json"] == {"productId": "{{ product_id }}", "quantity": 1}
    assert found[3]["places_order"] == {"id": "$.id"}
    assert found[3]["expect"] == {"status": 201, "json": {"$.id": {"exists": True}}}
    for reason in (
        "taken: it gives 'cartId', which POST /carts/{cartId}/items wants",
        "taken: it puts goods into the cart",
        "cart_id: $.id # POST /carts/{cartId}/items wants it: guessed by its name",
    ):
        assert reason in made.text


def test_named_operations_come_in_their_order_and_a_wrong_name_is_told() -> None:
    found = requests_of(openapi(SHOP), names=["POST /orders", "getOrder", "cancelOrder"])
    assert [each.method for each in found] == ["POST", "GET", "POST"]
    assert found[0].captures == (("order_id", "$.id"),)
    with pytest.raises(SmokeError) as refused:
        requests_of(openapi(SHOP), names=["plaseOrder"])
    assert "did you mean 'placeOrder'?" in str(refused.value)
    with pytest.raises(SmokeError) as refused:
        requests_of("curl https://shop.example/", names=["placeOrder"])
    assert "--operation is for OpenAPI documents" in str(refused.value)


def test_a_link_says_what_is_taken_of_an_answer() -> None:
    link = {"links": {"x": {"operationId": "getOrder", "parameters": {"path.id": "$response.body#/a/0/ref"}}}}  # fmt: skip
    paths = {**SHOP, "/orders": {"post": {"operationId": "placeOrder", "responses": answer(properties(id="string"), "201", **link)}}}  # fmt: skip
    found = requests_of(openapi(paths), names=["placeOrder", "getOrder"])
    assert [path for _, path in found[0].captures] == ["$.a[0].ref"]


def test_the_token_of_a_login_is_what_others_send() -> None:
    login = {"operationId": "login", "requestBody": body(properties(email="string", password="string")), "responses": answer(properties(accessToken="string"))}  # fmt: skip
    secured = {"post": {"operationId": "placeOrder", "security": [{"key": []}]}}
    text = openapi({"/login": {"post": login}, "/orders": secured}, {"securitySchemes": {"key": SCHEMES["bearer"][0]}})  # fmt: skip
    first, order = document_of(text)["steps"]
    assert first["capture"] == {"token": {"json": "$.accessToken", "secret": True}}
    assert order["request"]["bearer"] == "{{ token }}"


def refused(text: str) -> SmokeError:
    with pytest.raises(SmokeError) as error:
        requests_of(text)
    return error.value


def test_what_cannot_be_read_is_told() -> None:
    assert "version 2.0: 3.0 and later are read" in str(refused('{"swagger": "2.0"}'))
    none = refused(openapi({"/pets": {"get": {"operationId": "listPets"}}}))
    assert "looks like one that places an order" in str(none)
    assert "operations: listPets" in none.diagnostics[0].notes[1].message
    elsewhere = openapi({"/orders": {"post": {"requestBody": body({"$ref": "https://x.example/a.json"}), "parameters": [{"$ref": "#/nowhere"}]}}}, servers=[{"url": "/api"}, {"url": "https://ann:secret@b.example"}])  # fmt: skip
    made = made_of(elsewhere)
    assert made.unread == (
        "'#/nowhere' leads nowhere",
        "the server 'b.example': the deployment is the one of --url",
        "'https://x.example/a.json' is in another file: nothing but this one is read",
    )
    assert "url: /api/orders" in made.text


def test_a_document_that_leads_into_itself_ends() -> None:
    tree: Json = {"type": "object", "properties": {f"k{each}": {"$ref": "#/components/schemas/T"} for each in range(30)}}  # fmt: skip
    loop = {"$ref": "#/components/schemas/L"}
    both = {"allOf": [{"$ref": "#/components/schemas/B"}] * 30, "oneOf": [{"$ref": "#/components/schemas/B"}]}  # fmt: skip
    for name in "TLB":
        operation = {"requestBody": body({"$ref": f"#/components/schemas/{name}"}), "responses": answer({"$ref": f"#/components/schemas/{name}"})}  # fmt: skip
        text = openapi({"/orders": {"post": operation}}, {"schemas": {"T": tree, "L": loop, "B": both}})  # fmt: skip
        (request,) = requests_of(text)
        assert len(request.body) < 200_000


def test_an_id_comes_of_what_makes_the_thing_and_goods_of_no_empty_list() -> None:
    cart = properties(cart=properties(id="string", items={"type": "array", "items": properties(sku="string")}))  # fmt: skip
    at = {"parameters": [{"name": "cartId", "in": "path", "required": True}], "responses": answer(cart)}  # fmt: skip
    paths = {
        "/carts": {"post": {"responses": answer(cart)}},
        "/carts/{cartId}/items": {"post": {**at, "requestBody": body(properties(sku="string"))}},
        "/carts/{cartId}/complete": {"post": at},
    }
    made, filled, _ = requests_of(openapi(paths), names=[f"POST {each}" for each in paths])
    assert made.captures == (("cart_id", "$.cart.id"),)
    assert (filled.captures, filled.body) == ((), b'{"sku": "sku"}')


def test_a_part_of_the_path_that_all_have_is_the_same_in_all() -> None:
    at = [{"name": name, "in": "path", "required": True} for name in ("tenant", "id")]
    gives = properties(id="string", tenant="string", token="string")
    paths = {
        "/{tenant}/orders": {"post": {"parameters": at[:1], "responses": answer(gives)}},
        "/{tenant}/orders/{id}": {"get": {"parameters": at}},
    }
    found = document_of(openapi(paths), names=["POST /{tenant}/orders", "GET /{tenant}/orders/{id}"])  # fmt: skip
    assert [each["request"]["url"] for each in found["steps"]] == [
        "/{{ tenant }}/orders",
        "/{{ tenant }}/orders/{{ order_id }}",
    ]
    assert found["steps"][0]["capture"] == {"order_id": "$.id"}  # and no token, that nobody wants


def test_a_schema_of_very_many_fields_that_leads_into_itself_ends() -> None:
    """Of 3000 objects in 3000 objects nine million would be looked at."""
    fields = {f"r{number}": {"$ref": "#/components/schemas/Large"} for number in range(3000)}
    told = {"requestBody": body({"$ref": "#/components/schemas/Large"})}
    document = openapi({"/orders": {"post": told}}, {"schemas": {"Large": properties(**fields)}})
    (request,) = requests_of(document)
    assert "r499" in json.loads(request.body)
    assert "r500" not in json.loads(request.body)


def test_a_document_that_is_too_deep_is_refused() -> None:
    deep: Json = {}
    for _ in range(300):
        deep = {"a": deep}
    with pytest.raises(SmokeError) as refused:
        requests_of(openapi({"/orders": {"post": {"requestBody": body(example=deep)}}}))
    assert "nested more than 128 levels deep" in str(refused.value)
