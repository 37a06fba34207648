"""Pages, forms with a CSRF token, redirects after posts; an order that fails is a red box. As django-oscar has it."""

from __future__ import annotations

import secrets
from urllib.parse import parse_qsl

import psycopg

from smoke.demo.shop import fields, pages
from smoke.demo.shop.call import Call
from smoke.demo.shop.checkout import Checkout, Wanted
from smoke.demo.shop.error_styles import box_message, error_response
from smoke.demo.shop.errors import ShopError
from smoke.demo.shop.messages import Request, Response, cookie
from smoke.demo.shop.payments import APPROVED
from smoke.demo.shop.routes import Routes
from smoke.demo.shop.sessions import Account, Sessions
from smoke.demo.shop.settings import ErrorStyle, Mask, Settings

SESSION_COOKIE = "sessionid"
TOKEN_COOKIE = "csrftoken"  # noqa: S105  (the name of a cookie, as Django has it)
LOGIN = "/accounts/login"
PREVIEW = "/checkout/preview"
PLACE_ORDER = "/checkout/place-order"

_PERSON = {"email": "email", "phone": "tel", "name": "text"}


class HtmlFace:
    """The e-mail is sent when signing up alone; the order's number stands on the page after the redirect."""

    def __init__(self, checkout: Checkout, settings: Settings) -> None:
        self._checkout = checkout
        self._settings = settings
        self._sessions = Sessions()
        self._routes = Routes(
            {
                "GET /accounts/register": self._register_form,
                "POST /accounts/register": self._register,
                f"GET {LOGIN}": self._login_form,
                f"POST {LOGIN}": self._login,
                "GET /products/{id}": self._product,
                "POST /basket/add": self._add,
                "GET /basket": self._basket,
                "GET /checkout/shipping-address": self._address_form,
                "POST /checkout/shipping-address": self._address,
                f"GET {PREVIEW}": self._preview,
                f"POST {PLACE_ORDER}": self._place,
                "GET /checkout/thank-you/{id}": self._thank_you,
                "GET /accounts/orders": self._orders,
                "GET /accounts/orders/{id}": self._order,
                "POST /accounts/orders/{id}/cancel": self._cancel,
            }
        )

    def route(self, request: Request) -> str:
        """The path with `{id}` in place of the id."""
        return self._routes.template(request)

    def answer(self, request: Request, call: Call) -> Response:
        """The page of the path, or the redirect after a form; every form needs its token."""
        if request.method == "POST" and self._routes.find(request):
            _must_have_token(request)
        return self._routes.answer(request, call, "This page does not exist.")

    def refused(self, error: ShopError, _: Request) -> Response:
        """A page with the refusal in the red box; who has to sign in is sent to where that is done."""
        if error.code == "unauthorized" and error.message == "Sign in first":
            return _redirect(LOGIN)
        return pages.page("Sorry", "", status=error.status, problem=error.message)

    def failed(self, error: psycopg.Error, request: Request, call: Call) -> Response:
        """The preview again with a red box at 200 where an order failed; else as the settings have it."""
        mask, style = self._settings.mask, self._settings.error_style
        boxed = mask is Mask.BOX or (mask is None and style is ErrorStyle.BOX)
        if not boxed:
            return error_response(error, self._settings, request, call)
        problem = box_message(error, mask)
        if request.path != PLACE_ORDER:
            return pages.page("Server error", "", status=500, problem=problem)
        return self._preview_page(request, problem)

    def _register_form(self, request: Request, _: Call, __: str) -> Response:
        asked = {**_PERSON, "password": "password"}
        return _form_page(request, "Register", "/accounts/register", "Register", asked)

    def _register(self, request: Request, call: Call, _: str) -> Response:
        made, password = self._checkout.sign_up(self._sessions, _form(request), call)
        return self._signed_in(made.customer.email, password)

    def _login_form(self, request: Request, _: Call, __: str) -> Response:
        return _form_page(
            request, "Sign in", LOGIN, "Sign in", {"email": "email", "password": "password"}
        )

    def _login(self, request: Request, _: Call, __: str) -> Response:
        given = _form(request)
        return self._signed_in(fields.text(given, "email"), fields.text(given, "password"))

    def _signed_in(self, email: str, password: str) -> Response:
        """A session, and a new token: one that was known before the sign-in is worth nothing after it."""
        session = self._sessions.sign_in(email, password)
        return _redirect(
            "/basket",
            ("Set-Cookie", f"{SESSION_COOKIE}={session}; Path=/; HttpOnly; SameSite=Lax"),
            _new_token(),
        )

    def _product(self, request: Request, call: Call, sku: str) -> Response:
        self._checkout.must_sell(sku, call)
        bought = {"sku": f"hidden:{sku}", "quantity": "number:1"}
        return _form_page(request, sku, "/basket/add", "Add to basket", bought)

    def _add(self, request: Request, call: Call, _: str) -> Response:
        cart = self._sessions.current_cart(self._account(request))
        given = _form(request)
        sku = fields.text(given, "sku", limit=80)
        quantity = given.get("quantity", "1")
        self._checkout.must_sell(sku, call)
        number = int(quantity) if quantity.isascii() and quantity.isdigit() else 0
        self._sessions.add(cart, sku, number)
        return _redirect("/basket")

    def _basket(self, request: Request, _: Call, __: str) -> Response:
        cart = self._sessions.current_cart(self._account(request))
        return pages.page("Basket", pages.basket(cart.items))

    def _address_form(self, request: Request, _: Call, __: str) -> Response:
        self._account(request)
        asked = {"phone": "tel", "name": "text"}
        return _form_page(
            request, "Shipping address", "/checkout/shipping-address", "Continue", asked
        )

    def _address(self, request: Request, _: Call, __: str) -> Response:
        account = self._account(request)
        recipient = fields.customer(
            {"customer": {**_form(request), "email": account.customer.email}}
        )
        self._sessions.send_to(self._sessions.current_cart(account), recipient)
        return _redirect(PREVIEW)

    def _preview(self, request: Request, _: Call, __: str) -> Response:
        return self._preview_page(request, "")

    def _preview_page(self, request: Request, problem: str) -> Response:
        cart = self._sessions.current_cart(self._account(request))
        token, set_cookie = _token(request)
        main = pages.basket(cart.items) + pages.form(PLACE_ORDER, token, "Place order", {})
        return _with(pages.page("Preview order", main, problem=problem), *set_cookie)

    def _place(self, request: Request, call: Call, _: str) -> Response:
        account = self._account(request)
        cart = self._sessions.current_cart(account)
        if not cart.items:
            return _redirect("/basket")
        if cart.recipient is None:
            return _redirect("/checkout/shipping-address")
        # the payment of a test card, as payment providers' own pages leave it behind
        wanted = Wanted(cart.recipient, APPROVED, cart.items, cart.id)
        order = self._checkout.place(wanted, call)
        self._sessions.new_cart(account)
        return _redirect(f"/checkout/thank-you/{order['id']}")

    def _thank_you(self, request: Request, call: Call, order_id: str) -> Response:
        order = self._checkout.read_own(order_id, self._account(request).customer.email, call)
        return pages.page("Thank you", pages.order_details(order))

    def _orders(self, request: Request, call: Call, _: str) -> Response:
        placed = self._checkout.placed_by(self._account(request).customer.email, call)
        return pages.page("Open orders", pages.orders_table(placed))

    def _order(self, request: Request, call: Call, order_id: str) -> Response:
        order = self._checkout.read_own(order_id, self._account(request).customer.email, call)
        token, set_cookie = _token(request)
        cancel = pages.form(f"/accounts/orders/{order_id}/cancel", token, "Cancel order", {})
        return _with(pages.page("Your order", pages.order_details(order) + cancel), *set_cookie)

    def _cancel(self, request: Request, call: Call, order_id: str) -> Response:
        email = self._account(request).customer.email
        self._checkout.read_own(order_id, email, call)
        self._checkout.cancel(order_id, call)
        return _redirect(f"/accounts/orders/{order_id}")

    def _account(self, request: Request) -> Account:
        return self._sessions.account(cookie(request, SESSION_COOKIE))


def _form(request: Request) -> dict[str, str]:
    """The fields of a posted form."""
    return dict(parse_qsl(request.body.decode(errors="replace"), keep_blank_values=True))


def _must_have_token(request: Request) -> None:
    """ShopError 403 unless the form has the token of the cookie: the post came from a page of the shop."""
    expected = cookie(request, TOKEN_COOKIE)
    given = _form(request).get(pages.TOKEN_FIELD, "")
    if not expected or not secrets.compare_digest(expected.encode(), given.encode()):
        raise ShopError(403, "csrf_failed", "CSRF verification failed. Request aborted.")


def _token(request: Request) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The token of the request's cookie; a new one with its header where it has none."""
    known = cookie(request, TOKEN_COOKIE)
    if known:
        return known, ()
    header = _new_token()
    return header[1].partition("=")[2].partition(";")[0], (header,)


def _new_token() -> tuple[str, str]:
    return "Set-Cookie", f"{TOKEN_COOKIE}={secrets.token_hex(16)}; Path=/; SameSite=Lax"


def _form_page(
    request: Request, title: str, action: str, button: str, asked: dict[str, str]
) -> Response:
    token, set_cookie = _token(request)
    return _with(pages.page(title, pages.form(action, token, button, asked)), *set_cookie)


def _with(response: Response, *headers: tuple[str, str]) -> Response:
    return Response(response.status, response.body, response.media_type, headers)


def _redirect(path: str, *headers: tuple[str, str]) -> Response:
    return Response(303, b"", "", (("Location", path), *headers))
