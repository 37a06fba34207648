"""Shops of platforms that are widely used, as far as a first order goes: their paths, their answers' shape, their refusals.

Written from their public references. Each keeps its orders, so that a test can ask whether one was placed and cancelled.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any

from tests.support.scripted import Answer, Shop

Orders = dict[str, str]


def told(document: object, status: int = 200, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return status, {"Content-Type": "application/json", **named}, json.dumps(document).encode()


def medusa(shop: Shop) -> Orders:
    orders: Orders = {}
    numbers = itertools.count(1)
    shop.on(
        "GET /store/regions", body={"regions": [{"id": "reg_1", "countries": [{"iso_2": "de"}]}]}
    )
    shop.on(
        "GET /store/products",
        body={"products": [{"id": "prod_1", "variants": [{"id": "variant_1"}]}]},
    )

    def new_cart(_: bytes) -> Answer:
        cart = f"cart_{next(numbers)}"
        for path in ("", "/line-items", "/shipping-methods"):
            shop.on(f"POST /store/carts/{cart}{path}", body={"cart": {"id": cart}})
        shop.routes[f"POST /store/carts/{cart}/complete"] = lambda _: complete(cart)
        return told({"cart": {"id": cart}})

    def complete(cart: str) -> Answer:
        order = cart.replace("cart", "order")
        orders[order] = "pending"
        shop.routes[f"POST /admin/orders/{order}/cancel"] = lambda _: cancel(order)
        return told({"type": "order", "order": {"id": order}})

    def cancel(order: str) -> Answer:
        orders[order] = "cancelled"
        return told({"order": {"id": order, "status": "canceled"}})

    shop.routes["POST /store/carts"] = new_cart
    shop.on("GET /store/shipping-options", body={"shipping_options": [{"id": "so_1"}]})
    shop.on("POST /store/payment-collections", body={"payment_collection": {"id": "paycol_1"}})
    shop.on(
        "POST /store/payment-collections/paycol_1/payment-sessions", body={"payment_collection": {}}
    )
    shop.on("POST /auth/user/emailpass", body={"token": "eyJ-admin-token-4711"})
    return orders


def woocommerce(shop: Shop) -> Orders:
    orders: Orders = {}
    numbers = itertools.count(101)
    shop.on("GET /wp-json/wc/store/v1/products", body=[{"id": 7, "name": "Tea"}], x_wp_total="1")
    shop.on("GET /wp-json/wc/store/v1/cart", body={"items": []}, nonce="4f5e6a7b8c")
    shop.on(
        "POST /wp-json/wc/store/v1/cart/add-item", 201, {"items": [{"id": 7}]}, nonce="5f5e6a7b8d"
    )

    def order(_: bytes) -> Answer:
        number = str(next(numbers))
        orders[number] = "processing"
        shop.routes[f"PUT /wp-json/wc/v3/orders/{number}"] = lambda _: cancel(number)
        paid = {"payment_status": "success", "redirect_url": ""}
        return told({"order_id": int(number), "status": "processing", "payment_result": paid})

    def cancel(number: str) -> Answer:
        orders[number] = "cancelled"
        return told({"id": int(number), "status": "cancelled"})

    shop.routes["POST /wp-json/wc/store/v1/checkout"] = order
    return orders


def graphql(*paths: str, **answers: Callable[[dict[str, Any]], Any]) -> Callable[[Shop], None]:
    """An API that answers the first of these fields that a document asks for, and says which mutations it has."""

    def answer(body: bytes) -> Answer:
        asked = json.loads(body)
        if "__schema" in asked["query"]:
            fields = [{"name": name} for name in answers]
            return told({"data": {"__schema": {"mutationType": {"fields": fields}}}})
        name = next(each for each in answers if each in asked["query"])
        given = answers[name](asked.get("variables") or {})
        return told(
            {"data": given if name in ("products", "eligibleShippingMethods") else {name: given}}
        )

    def into(shop: Shop) -> None:
        shop.routes.update({f"POST {path}": answer for path in paths})

    return into


def vendure(shop: Shop) -> Orders:
    orders: Orders = {}

    def place(_: dict[str, Any]) -> Any:
        orders["11"] = "PaymentAuthorized"
        return {"id": "11", "code": "T_11", "state": "PaymentAuthorized"}

    def cancel(variables: dict[str, Any]) -> Any:
        orders[variables["id"]] = "cancelled"
        return {"state": "Cancelled"}

    goods = {"items": [{"variants": [{"id": "1"}]}]}
    methods = {
        "eligibleShippingMethods": [{"id": "1"}],
        "eligiblePaymentMethods": [{"code": "dummy"}],
    }
    graphql(
        "/shop-api",
        "/admin-api",
        products=lambda _: {"products": goods, "availableCountries": [{"code": "DE"}]},
        eligibleShippingMethods=lambda _: methods,
        addItemToOrder=lambda _: {"id": "11", "code": "T_11"},
        setCustomerForOrder=lambda _: {"code": "T_11"},
        setOrderShippingAddress=lambda _: {"code": "T_11"},
        setOrderShippingMethod=lambda _: {"code": "T_11"},
        transitionOrderToState=lambda _: {"state": "ArrangingPayment"},
        addPaymentToOrder=place,
        login=lambda _: {"id": "1"},
        cancelOrder=cancel,
    )(shop)
    return orders


def saleor(shop: Shop) -> Orders:
    orders: Orders = {}
    numbers = itertools.count(1)

    def complete(_: dict[str, Any]) -> Any:
        number = f"T3JkZXI6{next(numbers)}"
        orders[number] = "UNFULFILLED"
        return {"order": {"id": number, "number": "1"}, "errors": []}

    def cancel(variables: dict[str, Any]) -> Any:
        orders[variables["id"]] = "cancelled"
        return {"order": {"status": "CANCELED"}, "errors": []}

    made = {
        "id": "Q2hlY2tvdXQ6MQ",
        "shippingMethods": [{"id": "s"}],
        "availablePaymentGateways": [{"id": "g"}],
    }
    variant = {"edges": [{"node": {"defaultVariant": {"id": "UHJvZHVjdDox"}}}]}
    graphql(
        "/graphql/",
        products=lambda _: {"products": variant},
        checkoutCreate=lambda _: {"checkout": made, "errors": []},
        checkoutDeliveryMethodUpdate=lambda _: {"checkout": {"id": "c"}, "errors": []},
        checkoutPaymentCreate=lambda _: {"payment": {"id": "p"}, "errors": []},
        checkoutComplete=complete,
        orderCancel=cancel,
    )(shop)
    return orders


def shopify(shop: Shop) -> Orders:
    shop.on(
        "GET /", body=b"<html><script src='https://cdn.shopify.com/s/x.js'></script>", X_ShopId="1"
    )
    cart = {
        "id": "gid://shopify/Cart/1",
        "checkoutUrl": "https://shop.example/cart/c/1",
        "totalQuantity": 1,
    }
    variants = {"nodes": [{"variants": {"nodes": [{"id": "gid://shopify/ProductVariant/1"}]}}]}
    graphql(
        "/api/2025-07/graphql.json",
        products=lambda _: {"products": variants},
        cartCreate=lambda _: {"cart": cart, "userErrors": []},
    )(shop)
    return {}


def nextjs(shop: Shop) -> Orders:
    orders: Orders = {}
    page = b'<html><script src="/_next/static/chunks/main.js"></script><p>Tea</p></html>'
    shop.on("GET /", body=page, X_Powered_By="Next.js")

    def order(_: bytes) -> Answer:
        number = f"o{len(orders) + 1}"
        orders[number] = "placed"
        shop.routes[f"DELETE /api/orders/{number}"] = lambda _: cancel(number)
        return told({"order": {"id": number}}, 201)

    def cancel(number: str) -> Answer:
        orders[number] = "cancelled"
        return told({"ok": True})

    shop.routes["POST /api/checkout"] = order
    return orders


PLATFORMS: dict[str, tuple[Callable[[Shop], Orders], int]] = {
    "medusa": (medusa, 2),
    "vendure": (vendure, 1),
    "shopify": (shopify, 0),
    "woocommerce": (woocommerce, 2),
    "saleor": (saleor, 2),
    "nextjs": (nextjs, 2),
}
"""By kind: how it is set up, and how many orders its first scenario places."""
