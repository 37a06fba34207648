"""Sign up, sign in, fill a cart step by step; an empty POST places the order. The paths are Medusa's."""

from __future__ import annotations

from typing import Any

import psycopg

from smoke.demo.shop import fields, orders
from smoke.demo.shop.call import Call
from smoke.demo.shop.checkout import Checkout, Wanted
from smoke.demo.shop.error_styles import error_response
from smoke.demo.shop.errors import ShopError
from smoke.demo.shop.fields import Customer
from smoke.demo.shop.messages import Request, Response, answer, cookie
from smoke.demo.shop.payments import APPROVED
from smoke.demo.shop.routes import Routes
from smoke.demo.shop.sessions import Account, Cart, Sessions
from smoke.demo.shop.settings import Settings

SESSION_COOKIE = "connect.sid"


class SessionFace:
    """The e-mail is sent when signing up and in the address, the cart's id stands in the path afterwards."""

    def __init__(self, checkout: Checkout, settings: Settings) -> None:
        self._checkout = checkout
        self._settings = settings
        self._sessions = Sessions()
        self._routes = Routes(
            {
                "POST /store/customers": self._sign_up,
                "POST /auth/customer/emailpass": self._sign_in,
                "POST /store/carts": self._new_cart,
                "POST /store/carts/{id}/line-items": self._add_line,
                "POST /store/carts/{id}": self._update,
                "POST /store/carts/{id}/complete": self._complete,
                "GET /store/orders": self._pending,
                "GET /store/orders/{id}": self._read,
                "POST /store/orders/{id}/cancel": self._cancel,
            }
        )

    def route(self, request: Request) -> str:
        """The path with `{id}` in place of the id."""
        return self._routes.template(request)

    def answer(self, request: Request, call: Call) -> Response:
        """The response of the path."""
        return self._routes.answer(request, call, f"Cannot {request.method} {request.path}")

    def refused(self, error: ShopError, _: Request) -> Response:
        """The refusal as `type` and `message`."""
        return answer(error.status, {"type": error.code, "message": error.message})

    def failed(self, error: psycopg.Error, request: Request, call: Call) -> Response:
        """The error in the style, or behind the mask, of the settings."""
        return error_response(error, self._settings, request, call)

    def _sign_up(self, request: Request, call: Call, __: str) -> Response:
        made, _ = self._checkout.sign_up(self._sessions, fields.document(request.body), call)
        said = {"id": made.customer_id, "email": made.customer.email, "has_account": True}
        return answer(200, {"customer": said})

    def _sign_in(self, request: Request, _: Call, __: str) -> Response:
        document = fields.document(request.body)
        token = self._sessions.sign_in(
            fields.text(document, "email"), fields.text(document, "password")
        )
        session = f"{SESSION_COOKIE}={token}; Path=/; HttpOnly; SameSite=Lax"
        return answer(200, {"token": token}, (("Set-Cookie", session),))

    def _new_cart(self, request: Request, _: Call, __: str) -> Response:
        return _cart(self._sessions.new_cart(self._account(request)))

    def _add_line(self, request: Request, call: Call, cart_id: str) -> Response:
        cart = self._sessions.cart(self._account(request), cart_id)
        document = fields.document(request.body)
        sku = fields.text(document, "variant_id", limit=80)
        quantity = fields.quantity(document)
        self._checkout.must_sell(sku, call)
        return _cart(self._sessions.add(cart, sku, quantity))

    def _update(self, request: Request, call: Call, cart_id: str) -> Response:
        cart = self._sessions.cart(self._account(request), cart_id)
        given = fields.mapping(fields.document(request.body), "shipping_address")
        recipient = fields.customer({"customer": {**given, "email": cart.email}})
        with self._checkout.pool.transaction(call) as database:
            customer_id = orders.customer_id(database, recipient)
            address_id = orders.recipient_id(database, customer_id, recipient)
        return _cart(self._sessions.send_to(cart, recipient), address_id)

    def _complete(self, request: Request, call: Call, cart_id: str) -> Response:
        cart = self._sessions.cart(self._account(request), cart_id)
        if not cart.items or cart.recipient is None:
            missing = "line items" if not cart.items else "a shipping address"
            raise ShopError(400, "invalid_data", f"Cart {cart.id} has no {missing}")
        # the payment session of a test card, as payment providers' own forms leave it behind
        wanted = Wanted(cart.recipient, APPROVED, cart.items, cart.id)
        order = self._checkout.place(wanted, call)
        return answer(200, {"type": "order", "order": _order(order)})

    def _pending(self, request: Request, call: Call, _: str) -> Response:
        placed = self._checkout.placed_by(self._account(request).customer.email, call)
        return answer(200, {"orders": [_order(order) for order in placed]})

    def _read(self, request: Request, call: Call, order_id: str) -> Response:
        return answer(200, {"order": _order(self._own(request, call, order_id))})

    def _cancel(self, request: Request, call: Call, order_id: str) -> Response:
        self._own(request, call, order_id)
        return answer(200, {"order": _order(self._checkout.cancel(order_id, call))})

    def _own(self, request: Request, call: Call, order_id: str) -> dict[str, Any]:
        email = self._account(request).customer.email
        return self._checkout.read_own(order_id, email, call)

    def _account(self, request: Request) -> Account:
        """By the token, or else by the cookie."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            token = cookie(request, SESSION_COOKIE)
        return self._sessions.account(token.strip())


def _cart(cart: Cart, address_id: str = "") -> Response:
    lines = [{"variant_id": sku, "quantity": number} for sku, number in cart.items.items()]
    said: dict[str, Any] = {"id": cart.id, "items": lines}
    if cart.recipient is not None:
        said["shipping_address"] = {"id": address_id, **_address(cart.recipient)}
    return answer(200, {"cart": said})


def _address(recipient: Customer) -> dict[str, str]:
    return {"name": recipient.name, "phone": recipient.phone}


def _order(order: dict[str, Any]) -> dict[str, Any]:
    """An order as this face shows it."""
    return {
        "id": order["id"],
        "status": "canceled" if order["status"] == "cancelled" else "pending",
        "total": order["total"],
        "currency_code": str(order["currency"]).lower(),
        "email": order["customer"]["email"],
        "items": [
            {"variant_id": line["sku"], "quantity": line["quantity"]} for line in order["items"]
        ],
    }
