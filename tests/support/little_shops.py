"""Three little shops on one port: a marketplace, a subscription with a trial, and click-and-collect.

State in memory, ids, tokens and refusals as in a real one, and bugs that real ones had, for a test to switch on. `GET /slots/s-1/holders` is `get_slots_holders(ask, "s-1")`. What their
requests are is in little_shops.md beside this.
"""

from __future__ import annotations

import datetime as dt
import itertools
import json
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, dict[str, Any]]

GOODS = {"tea-sencha": ("ann", 1250), "tea-earl-grey": ("ann", 990), "pot-cast-iron": ("bob", 6400)}
FEES = {"ann": 10, "bob": 15}
"""What the marketplace keeps of each seller's sales, in percent."""


class Refused(Exception):  # noqa: N818  (what a shop does, no error of the test)
    """A status and the shop's own code for it."""


@dataclass
class Ask:
    """A request: its JSON body, and the token that came with it."""

    body: dict[str, Any]
    token: str


def _of(things: dict[str, Any], key: str) -> Any:
    if key not in things:
        raise Refused(404, "not_found")
    return things[key]


@dataclass
class Counter:
    """Ids that are never given twice."""

    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __call__(self, kind: str) -> str:
        return f"{kind}-{next(self.numbers)}"


class Marketplace:
    """One cart, an order for each seller in it less the marketplace's fee, and a call to each seller."""

    def __init__(self) -> None:
        self.bugs: set[str] = set()
        self.new = Counter()
        self.carts: dict[str, dict[str, int]] = {}
        self.checkouts: dict[str, dict[str, Any]] = {}

    def post_carts(self, _: Ask) -> Answer:
        cart = self.new("cart")
        self.carts[cart] = {}
        return 201, {"id": cart}

    def post_carts_items(self, ask: Ask, cart: str) -> Answer:
        if ask.body["sku"] not in GOODS:
            raise Refused(422, "unknown_sku")
        seller, price = GOODS[ask.body["sku"]]
        totals = _of(self.carts, cart)
        totals[seller] = totals.get(seller, 0) + price * ask.body["quantity"]
        return 201, {"total": sum(totals.values())}

    def post_carts_checkout(self, ask: Ask, cart: str) -> Answer:
        if not (totals := _of(self.carts, cart)):
            raise Refused(409, "cart_closed")
        orders = [
            {
                "id": self.new("order"),
                "seller": seller,
                "total": total,
                "fee": self.sold(total, totals) * FEES[seller] // 100,
            }
            for seller, total in totals.items()
        ]
        if "cart stays" not in self.bugs:
            self.carts[cart] = {}
        checkout = {"id": self.new("checkout"), "orders": orders, "total": sum(totals.values())}
        self.checkouts[checkout["id"]] = checkout
        told = orders[::-1] if "calls crossed" in self.bugs else orders
        for order, about in zip(orders, told, strict=True):
            call(ask.body["callbacks"][order["seller"]], {"event": "order.placed", "order": about})
        return 201, checkout

    def sold(self, total: int, totals: dict[str, int]) -> int:
        """What a fee is taken of."""
        return sum(totals.values()) if "fee of all" in self.bugs else total

    def get_sellers_orders(self, ask: Ask, seller: str, order: str) -> Answer:
        if ask.token != f"token-of-{seller}" and "open door" not in self.bugs:
            raise Refused(403, "not_your_order")
        all_of_them = {one["id"]: one for it in self.checkouts.values() for one in it["orders"]}
        found = _of(all_of_them, order)
        if found["seller"] != seller:
            raise Refused(403, "not_your_order")
        return 200, found

    def delete_checkouts(self, _: Ask, checkout: str) -> Answer:
        _of(self.checkouts, checkout)
        return 200, self.checkouts.pop(checkout)


class Subscriptions:
    """Customers who sign in, cards as tokens, a trial of fourteen days."""

    def __init__(self) -> None:
        self.bugs: set[str] = set()
        self.new = Counter()
        self.passwords: dict[str, str] = {}
        self.signed_in: dict[str, str] = {}
        self.cards: set[str] = set()
        self.subscriptions: dict[str, dict[str, Any]] = {}

    def post_customers(self, ask: Ask) -> Answer:
        self.passwords[ask.body["email"]] = ask.body["password"]
        return 201, {"email": ask.body["email"]}

    def post_session(self, ask: Ask) -> Answer:
        if self.passwords.get(ask.body["email"]) != ask.body["password"]:
            raise Refused(401, "wrong_password")
        token = self.new("session-of-a-customer")
        self.signed_in[token] = ask.body["email"]
        return 200, {"token": token}

    def customer(self, ask: Ask) -> str:
        if ask.token not in self.signed_in:
            raise Refused(401, "sign_in")
        return self.signed_in[ask.token]

    def post_cards(self, ask: Ask) -> Answer:
        if ask.body["number"].endswith("0002") and "any card" not in self.bugs:
            raise Refused(402, "card_declined")
        card = self.new("token-of-a-card")
        self.cards.add(card)
        return 201, {"token": card}

    def post_subscriptions(self, ask: Ask) -> Answer:
        email = self.customer(ask)
        if ask.body["card"] not in self.cards:
            raise Refused(422, "unknown_card")
        mine = [one for one in self.subscriptions.values() if one["email"] == email]
        if mine and "trials for ever" not in self.bugs:
            raise Refused(409, "trial_is_over" if self.over(email) else "trial_is_running")
        ends = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=14)
        made = {
            "id": self.new("sub"),
            "email": email,
            "status": "trialing",
            "trial_ends": f"{ends}",
        }
        self.subscriptions[made["id"]] = made
        return 201, made

    def over(self, email: str) -> bool:
        mine = [one for one in self.subscriptions.values() if one["email"] == email]
        return all(one["status"] == "cancelled" for one in mine)

    def get_subscriptions_invoice(self, ask: Ask, key: str) -> Answer:
        self.customer(ask)
        due = _of(self.subscriptions, key)["trial_ends"]
        if "due at once" in self.bugs:
            due = f"{dt.datetime.now(dt.UTC).date()}"
        lines = [{"text": "Trial", "amount": "0.00"}, {"text": "A month of tea", "amount": "19.90"}]
        return 200, {"due": due, "lines": lines, "total": "19.90", "currency": "EUR"}

    def delete_subscriptions(self, ask: Ask, key: str) -> Answer:
        self.customer(ask)
        if "goes on" not in self.bugs:
            _of(self.subscriptions, key)["status"] = "cancelled"
        return 200, self.subscriptions[key]


class Collect:
    """Slots that one customer each can have; an order is ready when it was asked for the third time."""

    def __init__(self) -> None:
        self.bugs: set[str] = set()
        self.new = Counter()
        self.taken = {"s-0900": True, "s-1000": False, "s-1100": False}
        self.reserved: dict[str, str] = {}
        self.parcels: dict[str, dict[str, Any]] = {}

    def get_slots(self, _: Ask) -> Answer:
        return 200, {"slots": [{"id": slot, "free": not gone} for slot, gone in self.taken.items()]}

    def post_reservations(self, ask: Ask) -> Answer:
        if _of(self.taken, ask.body["slot"]) and "overbooked" not in self.bugs:
            raise Refused(409, "slot_taken")
        self.taken[ask.body["slot"]] = True
        key = self.new("reservation")
        self.reserved[key] = ask.body["slot"]
        return 201, {"id": key}

    def post_parcels(self, ask: Ask) -> Answer:
        slot = _of(self.reserved, ask.body["reservation"])
        made = {
            "id": self.new("parcel"),
            "slot": "s-0900" if "another slot" in self.bugs else slot,
            "status": "preparing",
            "asked": 0,
            **ask.body,
        }
        self.parcels[made["id"]] = made
        return 201, made

    def get_parcels(self, _: Ask, key: str) -> Answer:
        parcel = _of(self.parcels, key)
        parcel["asked"] += 1
        if parcel["asked"] == 3:
            parcel |= {"status": "ready", "code": "code-7Q"}
            code = "code-0X" if "another code" in self.bugs else parcel["code"]
            call(parcel["callback"], {"parcel": key, "code": code})
        return 200, parcel

    def delete_parcels(self, _: Ask, key: str) -> Answer:
        self.taken[_of(self.parcels, key)["slot"]] = False
        return 200, self.parcels.pop(key)


def call(url: str, body: dict[str, Any]) -> None:
    """The shop calls somebody."""
    data = json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    urllib.request.urlopen(request, timeout=5).close()


@dataclass
class LittleShops:
    """Where they are, and what is in them."""

    url: str
    marketplace: Marketplace
    subscriptions: Subscriptions
    collect: Collect

    @property
    def all(self) -> tuple[Marketplace, Subscriptions, Collect]:
        return self.marketplace, self.subscriptions, self.collect

    def answer(self, method: str, path: str, ask: Ask) -> Answer:
        words = [word for word in path.split("/") if word]
        name = "_".join([method.lower(), *words[::2]])
        found: Callable[..., Answer] | None = None
        for shop in self.all:
            found = found or getattr(shop, name, None)
        if found is None:
            return 404, {"error": {"code": "no_such_page"}}
        try:
            return found(ask, *words[1::2])
        except Refused as refused:
            status, code = refused.args
            return status, {"error": {"code": code}}
        except KeyError as missing:
            return 400, {"error": {"code": "missing", "field": missing.args[0]}}


@contextmanager
def little_shops() -> Iterator[LittleShops]:
    """The three, running; they end with the block."""
    shops = LittleShops("", Marketplace(), Subscriptions(), Collect())
    one_at_a_time = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def answered(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
            with one_at_a_time:
                status, answer = shops.answer(
                    self.command, self.path, Ask(json.loads(body or b"{}"), token)
                )
            data = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_DELETE = answered  # noqa: N815  (names of http.server)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    shops.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield shops
    server.shutdown()
    server.server_close()
    thread.join()
