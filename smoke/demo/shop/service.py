"""The shop: from a request to its response. Knows nothing of sockets."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import psycopg

from smoke.demo.shop import catalogue, fields, idempotency, orders
from smoke.demo.shop.error_styles import error_response
from smoke.demo.shop.errors import ShopError
from smoke.demo.shop.messages import Request, Response, answer
from smoke.demo.shop.payments import CardProcessor
from smoke.demo.shop.pool import Pool
from smoke.demo.shop.settings import Settings
from smoke.demo.shop.stats import Stats

ORDER_PATH = "/api/shop/orders/"
STATS_PATH = "/api/_stats"
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{6,48}")
"""At most what `application_name` has room for beside the shop's name: PostgreSQL cuts it at 63 bytes."""


class Shop:
    """Answers requests; safe to be called by many threads."""

    def __init__(
        self, pool: Pool, payments: CardProcessor, settings: Settings, log: Callable[[str], None]
    ) -> None:
        self._pool = pool
        self._payments = payments
        self._settings = settings
        self._log = log
        self._stats = Stats()
        self._actions: dict[str, Callable[[Request, dict[str, Any], str], Response]] = {
            "catalogue": self._catalogue,
            "create_checkout": self._create_checkout,
            "place_order": self._place_order,
            "cancel_order": self._cancel_order,
        }

    def handle(self, request: Request) -> Response:
        """The response, with the headers that every response has."""
        request_id = _request_id(request)
        try:
            response = self._route(request, request_id)
        except ShopError as error:
            response = error.response()
        except psycopg.Error as error:
            self._log(f"{request_id} {request.method} {request.path}: {type(error).__name__}")
            response = error_response(
                error,
                self._settings.error_style,
                path=request.path,
                request_id=request_id,
                masked=self._settings.masked,
            )
        if request.path != STATS_PATH:
            self._stats.answered(response.status)
        return replace(
            response,
            headers=(
                ("X-Request-Id", request_id),
                ("X-Vercel-Id", f"dev1::{secrets.token_hex(3)[:5]}-{secrets.token_hex(6)}"),
                ("X-Build-Version", self._settings.version),
                *response.headers,
            ),
        )

    def report(self) -> dict[str, Any]:
        """What was asked, what was answered, and how many orders and authorisations are in each state."""
        with self._pool.transaction() as database:
            placed = orders.count(database)
        return {**self._stats.as_json(), "orders": placed, "payments": self._payments.states()}

    def _route(self, request: Request, request_id: str) -> Response:
        path = request.path
        if path == STATS_PATH:
            _only(request, "GET")
            return answer(200, self.report())
        if path == "/api/shop":
            return self._action(request, request_id)
        if path == "/api/health":
            self._stats.request(f"{request.method} {path}")
            _only(request, "GET")
            return self._health(request_id)
        if path.startswith(ORDER_PATH):
            self._stats.request(f"{request.method} {ORDER_PATH}{{id}}")
            _only(request, "GET")
            order_id = fields.text(
                {"order_id": path.removeprefix(ORDER_PATH)}, "order_id", limit=40
            )
            with self._pool.transaction(request_id) as database:
                order = orders.read(database, order_id)
            return answer(200, {"ok": True, "order": order})
        self._stats.request(f"{request.method} (unknown)")
        raise ShopError(404, "not_found", "There is nothing here")

    def _action(self, request: Request, request_id: str) -> Response:
        try:
            _only(request, "POST")
            document = fields.document(request.body)
            name = self._action_name(document)
        except ShopError:
            self._stats.request(f"{request.method} /api/shop (refused)")
            raise
        self._stats.request(f"{request.method} /api/shop {name}")
        return self._actions[name](request, document, request_id)

    def _action_name(self, document: dict[str, Any]) -> str:
        name = fields.text(document, "action", limit=50)
        if name not in self._actions:
            raise ShopError(
                400, "unknown_action", "There is no such action", actions=sorted(self._actions)
            )
        return name

    def _health(self, request_id: str) -> Response:
        with self._pool.transaction(request_id) as database:
            database.execute("SELECT 1")
        settings = self._settings
        return answer(
            200,
            {
                "ok": True,
                "version": settings.version,
                "database": settings.database,
                "state": settings.state,
            },
        )

    def _catalogue(self, _: Request, __: dict[str, Any], request_id: str) -> Response:
        with self._pool.transaction(request_id) as database:
            return answer(200, {"ok": True, "products": catalogue.products(database)})

    def _create_checkout(self, _: Request, document: dict[str, Any], request_id: str) -> Response:
        cart = fields.cart(document)
        with self._pool.transaction(request_id) as database:
            checkout = catalogue.create_checkout(database, cart)
        return answer(201, {"ok": True, "checkout": checkout})

    def _place_order(self, request: Request, document: dict[str, Any], request_id: str) -> Response:
        key = request.headers.get("idempotency-key", "").strip()
        if not key:
            return self._order(document, request_id, "")
        replayed = idempotency.claim(self._pool, request_id, key, request.body)
        if replayed is not None:
            return replayed
        try:
            return self._order(document, request_id, key)
        except BaseException:
            idempotency.release(self._pool, request_id, key)
            raise

    def _order(self, document: dict[str, Any], request_id: str, key: str) -> Response:
        customer = fields.customer(document)
        card = fields.text(fields.mapping(document, "payment"), "card_number", "payment", limit=40)
        checkout_id = None
        if "checkout_id" in document:
            checkout_id = fields.text(document, "checkout_id", limit=40)
        cart = {} if checkout_id else fields.cart(document)
        with self._pool.transaction(request_id) as database:
            lines = (
                catalogue.checkout_lines(database, checkout_id)
                if checkout_id
                else catalogue.priced(database, cart)
            )
        # no transaction is open while the card processor thinks: a slow card keeps nobody else waiting
        payment = self._payments.authorise(card, catalogue.total(lines))
        try:
            with self._pool.transaction(request_id) as database:
                order = orders.place(database, customer, lines, payment, checkout_id)
                result = {"ok": True, "order": order}
                if key:
                    idempotency.settle(database, key, 201, result)
        except BaseException:
            self._payments.void(payment)
            raise
        self._payments.capture(payment)
        return answer(201, result, (("Location", f"{ORDER_PATH}{order['id']}"),))

    def _cancel_order(self, _: Request, document: dict[str, Any], request_id: str) -> Response:
        order_id = fields.text(document, "order_id", limit=40)
        with self._pool.transaction(request_id) as database:
            order, authorisation = orders.cancel(database, order_id)
        if authorisation is not None:
            self._payments.refund(authorisation)
        return answer(200, {"ok": True, "order": order})


def _request_id(request: Request) -> str:
    """The id that the request came with, as shops take it over from a proxy; one of its own where there is none."""
    given = request.headers.get("x-request-id", "")
    return given if _REQUEST_ID.fullmatch(given) else f"req_{secrets.token_hex(8)}"


def _only(request: Request, method: str) -> None:
    if request.method != method:
        raise ShopError(
            405, "method_not_allowed", f"Only {method} here", headers=(("Allow", method),)
        )
