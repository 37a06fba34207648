"""One endpoint; whatever goes wrong is answered at 200 with `errors`. As Apollo Server and graphql-yoga have it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import psycopg

from smoke.demo.shop import catalogue, fields
from smoke.demo.shop.call import Call
from smoke.demo.shop.checkout import Checkout, Wanted
from smoke.demo.shop.error_styles import error_response
from smoke.demo.shop.errors import ShopError, only
from smoke.demo.shop.graphql import Operation, parse, select
from smoke.demo.shop.messages import Request, Response, answer
from smoke.demo.shop.payments import APPROVED
from smoke.demo.shop.sessions import Account, Cart, Sessions
from smoke.demo.shop.settings import Settings

PATH = "/graphql"

_Arguments: TypeAlias = Mapping[str, Any]
_Resolver: TypeAlias = Callable[[_Arguments, Request, Call], Any]


class GraphQLFace:
    """The e-mail is sent when registering alone; an order is placed with the cart's id."""

    def __init__(self, checkout: Checkout, settings: Settings) -> None:
        self._checkout = checkout
        self._settings = settings
        self._sessions = Sessions()
        self._resolvers: dict[tuple[str, str], _Resolver] = {
            ("mutation", "register"): self._register,
            ("mutation", "login"): self._login,
            ("mutation", "createCart"): self._create_cart,
            ("mutation", "addItem"): self._add_item,
            ("mutation", "placeOrder"): self._place_order,
            ("mutation", "cancelOrder"): self._cancel_order,
            ("query", "products"): self._products,
            ("query", "order"): self._order,
            ("query", "openOrders"): self._open_orders,
        }

    def route(self, request: Request) -> str:
        """The path, and the first field of the operation."""
        if request.path != PATH:
            return "(unknown)"
        try:
            return f"{PATH} {_operation(request).fields[0].name}"
        except ShopError:
            return f"{PATH} (refused)"

    def answer(self, request: Request, call: Call) -> Response:
        """The data of the operation, its fields one after the other; the first that is refused ends it."""
        if request.path != PATH:
            raise ShopError(404, "NOT_FOUND", "There is nothing here")
        only(request, "POST")
        operation = _operation(request)
        data: dict[str, Any] = {}
        for each in operation.fields:
            resolver = self._resolvers.get((operation.kind, each.name))
            if resolver is None:
                said = f'Cannot query field "{each.name}" on type "{operation.kind.title()}".'
                raise ShopError(400, "GRAPHQL_VALIDATION_FAILED", said)
            try:
                value = resolver(each.arguments, request, call)
            except ShopError as error:
                problem = {
                    "message": error.message,
                    "path": [each.key],
                    "extensions": {"code": error.code.upper()},
                }
                return answer(200, {"errors": [problem], "data": None})
            data[each.key] = select(value, each.selection)
        return answer(200, {"data": data})

    def refused(self, error: ShopError, _: Request) -> Response:
        """What is no operation of this shop: `errors` without `data`, at the status of the refusal."""
        problem = {"message": error.message, "extensions": {"code": error.code.upper()}}
        return answer(error.status, {"errors": [problem]}, error.headers)

    def failed(self, error: psycopg.Error, request: Request, call: Call) -> Response:
        """The error in the style, or behind the mask, of the settings."""
        return error_response(error, self._settings, request, call)

    def _register(self, arguments: _Arguments, _: Request, call: Call) -> Any:
        given = fields.mapping(arguments, "input")
        made, password = self._checkout.sign_up(self._sessions, given, call)
        token = self._sessions.sign_in(made.customer.email, password)
        return {"token": token, "customer": {"id": made.customer_id, "email": made.customer.email}}

    def _login(self, arguments: _Arguments, _: Request, __: Call) -> Any:
        email, password = fields.text(arguments, "email"), fields.text(arguments, "password")
        return {"token": self._sessions.sign_in(email, password)}

    def _create_cart(self, _: _Arguments, request: Request, __: Call) -> Any:
        return _cart(self._sessions.new_cart(self._account(request)))

    def _add_item(self, arguments: _Arguments, request: Request, call: Call) -> Any:
        cart = self._cart(arguments, request)
        sku = fields.text(arguments, "sku", limit=80)
        quantity = fields.quantity(arguments)
        self._checkout.must_sell(sku, call)
        return _cart(self._sessions.add(cart, sku, quantity))

    def _place_order(self, arguments: _Arguments, request: Request, call: Call) -> Any:
        cart = self._cart(arguments, request)
        if not cart.items:
            raise ShopError(422, "empty_cart", "The cart is empty")
        # the payment of a test card, as payment providers' own forms leave it behind
        customer = self._account(request).customer
        return self._checkout.place(Wanted(customer, APPROVED, cart.items, cart.id), call)

    def _cancel_order(self, arguments: _Arguments, request: Request, call: Call) -> Any:
        order = self._order(arguments, request, call)
        return self._checkout.cancel(order["id"], call)

    def _products(self, _: _Arguments, __: Request, call: Call) -> Any:
        with self._checkout.pool.transaction(call) as database:
            return catalogue.products(database)

    def _order(self, arguments: _Arguments, request: Request, call: Call) -> Any:
        order_id = fields.text(arguments, "id", limit=40)
        email = self._account(request).customer.email
        return self._checkout.read_own(order_id, email, call)

    def _open_orders(self, _: _Arguments, request: Request, call: Call) -> Any:
        return self._checkout.placed_by(self._account(request).customer.email, call)

    def _cart(self, arguments: _Arguments, request: Request) -> Cart:
        return self._sessions.cart(
            self._account(request), fields.text(arguments, "cartId", limit=60)
        )

    def _account(self, request: Request) -> Account:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        return self._sessions.account(token.strip() if scheme.lower() == "bearer" else "")


def _operation(request: Request) -> Operation:
    document = fields.document(request.body)
    variables = document.get("variables") or {}
    name = document.get("operationName")
    if not isinstance(variables, dict) or not isinstance(name, str | None):
        raise ShopError(400, "BAD_REQUEST", "Variables are an object, operationName is a string")
    return parse(fields.text(document, "query", limit=10_000), variables, name)


def _cart(cart: Cart) -> dict[str, Any]:
    lines = [{"sku": sku, "quantity": number} for sku, number in cart.items.items()]
    return {"id": cart.id, "items": lines}
