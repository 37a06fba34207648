"""A shop that takes and cancels orders only from a customer who has signed in: by a session cookie and a token."""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.cookies import SimpleCookie

from tests.support.wire_server import Peer

PASSWORD = "correct horse battery staple"

SCENARIO = """
name: signed-in
secrets: [SHOP_PASSWORD]
steps:
  - name: Sign in
    request: {url: /login, json: {password: "{{ secrets.SHOP_PASSWORD }}"}}
    expect: {status: 200}
    capture: {token: {json: $.token, secret: true}}
  - name: Order
    repeat: ORDERS
    request: {url: /orders, bearer: "{{ token }}", json: {n: "{{ loop.number }}"}}
    places_order: {id: $.id}
    expect: {status: 201}
teardown:
  - {name: Sign in again, like: Sign in}
  - name: Cancel
    for_each: "{{ orders }}"
    request: {method: DELETE, url: "/orders/{{ item.id }}", bearer: "{{ token }}"}
    removes_order: "{{ item.key }}"
"""
"""A scenario for this shop; `ORDERS` stands for how many orders it places."""

LOOKS_FOR_THE_REST = """
  - name: What is there
    request: {url: /orders, bearer: "{{ token }}"}
    capture: {there: $.orders}
  - name: Cancel what is there
    for_each: "{{ there }}"
    request: {method: DELETE, url: "/orders/{{ item }}", bearer: "{{ token }}"}
  - name: None is there
    for_each: "{{ orders_without_id }}"
    request: {url: /orders, bearer: "{{ token }}"}
    expect: {json: {$.orders: {empty: true}}}
    removes_order: "{{ item.key }}"
"""
"""The end of a teardown that looks for orders whose answers never came, and says that there are none any more."""


def _nothing() -> None:
    pass


@dataclass
class LoginShop:
    """The script of a WireServer. `moment` is called before and after each answer."""

    moment: Callable[[], None] = _nothing
    orders: set[str] = field(default_factory=set)
    posts: int = 0
    busy: int = 0
    asked: list[str] = field(default_factory=list)
    _sessions: dict[str, str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, peer: Peer) -> None:
        self.busy += 1
        try:
            self.moment()
            head, blank, body = peer.request.partition(b"\r\n\r\n")
            if blank:
                with self._lock:
                    answer = self._answer(head.decode("latin-1"), body)
                peer.send(answer)
            self.moment()
        finally:
            self.busy -= 1

    def _answer(self, head: str, body: bytes) -> bytes:
        line, *rest = head.split("\r\n")
        method, path, _ = line.split(" ", 2)
        headers = {
            name.lower(): value.strip() for name, _, value in (each.partition(":") for each in rest)
        }
        self.asked.append(f"{method} {path}")
        if path == "/login":
            if json.loads(body).get("password") != PASSWORD:
                return _http(403, {"error": "wrong password"})
            session, token = secrets.token_hex(16), secrets.token_hex(16)
            self._sessions[session] = token
            return _http(200, {"token": token}, f"Set-Cookie: sid={session}; HttpOnly\r\n")
        cookie = SimpleCookie(headers.get("cookie", "")).get("sid")
        token = self._sessions.get(cookie.value if cookie is not None else "", "")
        if not token or headers.get("authorization") != f"Bearer {token}":
            return _http(401, {"error": "sign in first"})
        if method == "POST":
            self.posts += 1
            order = f"ord-{self.posts:05}"
            self.orders.add(order)
            return _http(201, {"id": order})
        if method == "GET":
            return _http(200, {"orders": sorted(self.orders)})
        order = path.rpartition("/")[2]
        known = order in self.orders
        self.orders.discard(order)
        return _http(200 if known else 404, {})


def _http(status: int, value: object, extra: str = "") -> bytes:
    body = json.dumps(value).encode()
    head = f"HTTP/1.1 {status} Status\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return f"{head}{extra}\r\n".encode() + body
