"""One JSON document to `/api/shop` says what is to be done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg

from smoke.demo.shop import catalogue, fields, idempotency
from smoke.demo.shop.call import Call
from smoke.demo.shop.checkout import Checkout, Wanted
from smoke.demo.shop.error_styles import error_response
from smoke.demo.shop.errors import ShopError, only
from smoke.demo.shop.messages import Request, Response, answer
from smoke.demo.shop.settings import Settings

ACTION_PATH = "/api/shop"
ORDER_PATH = "/api/shop/orders/"


class RestFace:
    """The shop of the incident."""

    def __init__(self, checkout: Checkout, settings: Settings) -> None:
        self._checkout = checkout
        self._settings = settings
        self._actions: dict[str, Callable[[Request, dict[str, Any], Call], Response]] = {
            "catalogue": self._catalogue,
            "create_checkout": self._create_checkout,
            "place_order": self._place_order,
            "cancel_order": self._cancel_order,
        }

    def route(self, request: Request) -> str:
        """The path, and the action of a document that has one."""
        if request.path.startswith(ORDER_PATH):
            return f"{ORDER_PATH}{{id}}"
        if request.path != ACTION_PATH:
            return "(unknown)"
        try:
            return f"{ACTION_PATH} {self._document(request)[0]}"
        except ShopError:
            return f"{ACTION_PATH} (refused)"

    def answer(self, request: Request, call: Call) -> Response:
        """The response of the action, or the order that is asked for."""
        path = request.path
        if path == ACTION_PATH:
            name, document = self._document(request)
            return self._actions[name](request, document, call)
        if path.startswith(ORDER_PATH):
            only(request, "GET")
            order_id = fields.text(
                {"order_id": path.removeprefix(ORDER_PATH)}, "order_id", limit=40
            )
            order = self._checkout.read(order_id, call)
            return answer(200, {"ok": True, "order": order})
        raise ShopError(404, "not_found", "There is nothing here")

    def refused(self, error: ShopError, _: Request) -> Response:
        """The refusal as JSON."""
        return error.response()

    def failed(self, error: psycopg.Error, request: Request, call: Call) -> Response:
        """The error in the style, or behind the mask, of the settings."""
        return error_response(error, self._settings, request, call)

    def _document(self, request: Request) -> tuple[str, dict[str, Any]]:
        only(request, "POST")
        document = fields.document(request.body)
        name = fields.text(document, "action", limit=50)
        if name not in self._actions:
            raise ShopError(
                400, "unknown_action", "There is no such action", actions=sorted(self._actions)
            )
        return name, document

    def _catalogue(self, _: Request, __: dict[str, Any], call: Call) -> Response:
        with self._checkout.pool.transaction(call) as database:
            return answer(200, {"ok": True, "products": catalogue.products(database)})

    def _create_checkout(self, _: Request, document: dict[str, Any], call: Call) -> Response:
        cart = fields.cart(document)
        with self._checkout.pool.transaction(call) as database:
            checkout = catalogue.create_checkout(database, cart)
        return answer(201, {"ok": True, "checkout": checkout})

    def _place_order(self, request: Request, document: dict[str, Any], call: Call) -> Response:
        key = request.headers.get("idempotency-key", "").strip()
        if not key:
            return self._order(document, call, "")
        pool = self._checkout.pool
        replayed = idempotency.claim(pool, call, key, request.body)
        if replayed is not None:
            return replayed
        try:
            return self._order(document, call, key)
        except BaseException:
            idempotency.release(pool, call, key)
            raise

    def _order(self, document: dict[str, Any], call: Call, key: str) -> Response:
        customer = fields.customer(document)
        card = fields.text(fields.mapping(document, "payment"), "card_number", "payment", limit=40)
        checkout_id = None
        if "checkout_id" in document:
            checkout_id = fields.text(document, "checkout_id", limit=40)
        cart = {} if checkout_id else fields.cart(document)
        order = self._checkout.place(
            Wanted(customer, card, cart, checkout_id),
            call,
            lambda database, order: (
                idempotency.settle(database, key, 201, _result(order)) if key else None
            ),
        )
        return answer(201, _result(order), (("Location", f"{ORDER_PATH}{order['id']}"),))

    def _cancel_order(self, _: Request, document: dict[str, Any], call: Call) -> Response:
        order_id = fields.text(document, "order_id", limit=40)
        order = self._checkout.cancel(order_id, call)
        return answer(200, {"ok": True, "order": order})


def _result(order: dict[str, Any]) -> dict[str, Any]:
    return {"ok": True, "order": order}
