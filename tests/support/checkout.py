"""A shop that counts its orders, and can break in every way after it has taken one."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.support.wire_server import Peer

GOOD = "good"
AFTER_COMMIT = ("reset", "close", "hang", "502", "truncated", "garbage", "503", "html")
"""Ways to break when the order is written already."""
BEFORE_COMMIT = ("early-close", "early-reset", "early-500", "early-429")
"""Ways to break without an order."""


@dataclass
class CountingShop:
    """`way(number)` says what the shop does with the POST of that number (from 0)."""

    way: Callable[[int], str] = lambda _: GOOD
    orders: dict[str, str] = field(default_factory=dict)
    answered: set[str] = field(default_factory=set)
    """Ids that went out in a whole answer."""
    removed: set[str] = field(default_factory=set)
    posts: int = 0
    keys: dict[str, str] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, peer: Peer) -> None:
        if b"\r\n\r\n" not in peer.request:
            return  # the request broke off: no shop takes that for an order
        method, target, _ = peer.request.split(b" ", 2)
        if method == b"DELETE":
            with self.lock:
                known = self.orders.pop(target.rpartition(b"/")[2].decode(), None)
                self.removed.add(target.rpartition(b"/")[2].decode())
            peer.send(_answer(200 if known is not None else 404, b"{}"))
            return
        if method != b"POST":
            peer.send(_answer(200, b'{"ok": true}'))
            return
        with self.lock:
            way = self.way(self.posts)
            self.posts += 1
        if way in BEFORE_COMMIT:
            self._refuse(peer, way)
            return
        order_id = self._commit(peer)
        self._break(peer, way, order_id)

    def _commit(self, peer: Peer) -> str:
        key = ""
        for line in peer.request.partition(b"\r\n\r\n")[0].split(b"\r\n"):
            name, _, value = line.partition(b":")
            if name.lower() == b"idempotency-key":
                key = value.strip().decode()
        with self.lock:
            if key and key in self.keys:
                return self.keys[key]
            order_id = f"ord-{len(self.orders) + len(self.removed) + 1:05}"
            self.orders[order_id] = key
            if key:
                self.keys[key] = order_id
        return order_id

    def _refuse(self, peer: Peer, way: str) -> None:
        if way == "early-reset":
            peer.reset()
        if way.endswith(("500", "429")):
            peer.send(_answer(int(way[-3:]), b'{"error": "no"}', b"Retry-After: 0\r\n"))

    def _break(self, peer: Peer, way: str, order_id: str) -> None:
        body = json.dumps({"id": order_id}).encode()
        if way == GOOD:
            peer.send(_answer(201, body))
            with self.lock:
                self.answered.add(order_id)
        elif way == "reset":
            peer.reset()
        elif way == "hang":
            peer.hold()
        elif way == "truncated":
            peer.send(_answer(201, body)[:-8])
        elif way == "garbage":
            peer.send(b"SSH-2.0-OpenSSH_9.6\r\n")
        elif way in ("502", "503"):
            peer.send(_answer(int(way), b"<h1>busy</h1>", b"Retry-After: 0\r\n"))
        elif way == "html":
            peer.send(_answer(201, b"<h1>Thank you!</h1>"))


def _answer(status: int, body: bytes, extra: bytes = b"") -> bytes:
    head = f"HTTP/1.1 {status} Status\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + extra + b"\r\n" + body
