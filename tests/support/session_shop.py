"""A shop whose sessions run out when the test says so; it keeps every order that it was asked for, byte for byte."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.support.wire_server import Peer

PASSWORD = "correct horse battery staple"


@dataclass(frozen=True)
class Asked:
    """A request that came."""

    line: str
    headers: Mapping[str, str]
    body: bytes


def _nothing(_asked: Asked) -> None:
    pass


@dataclass
class SessionShop:
    """The script of a WireServer. Tokens are `token-1`, `token-2` …; each login gives the next, with a cookie of it.

    `before` is called with each request before it is answered, `refuse` makes the answer to one without a valid token.
    """

    before: Callable[[Asked], None] = _nothing
    refuse: Callable[[Asked], bytes] | None = None
    status: int = 401
    login_fails_from: int = 1000
    with_cookie: bool = False
    """Only the cookie counts."""
    forbids: frozenset[str] = frozenset()
    """What is refused with whatever token."""
    asked: list[Asked] = field(default_factory=list)
    orders: dict[str, str] = field(default_factory=dict)
    """The order of each key that was sent, or of each request without one."""
    logins: int = 0
    valid: set[str] = field(default_factory=set)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def revoke(self) -> None:
        """All sessions are over."""
        self.valid.clear()

    def lines(self) -> list[str]:
        """What was asked for, in order."""
        return [each.line for each in self.asked]

    def of(self, line: str) -> list[Asked]:
        """The requests of that line."""
        return [each for each in self.asked if each.line == line]

    def __call__(self, peer: Peer) -> None:
        head, blank, body = peer.request.partition(b"\r\n\r\n")
        if not blank:
            return
        line, *rest = head.decode("latin-1").split("\r\n")
        pairs = (each.partition(":") for each in rest)
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        asked = Asked(line.removesuffix(" HTTP/1.1"), headers, body)
        self.before(asked)
        with self.lock:
            self.asked.append(asked)
            answer = self._answer(asked)
        peer.send(answer)

    def _answer(self, asked: Asked) -> bytes:
        if asked.line.startswith("POST /login"):
            self.logins += 1
            if self.logins >= self.login_fails_from:
                return http(403, {"error": "account closed"})
            token = f"tok-{self.logins:02}-0123456789abcdef"
            self.valid.add(token)
            user = json.loads(asked.body).get("user", "")
            return http(200, {"token": token, "user": user}, f"Set-Cookie: sid={token}\r\n")
        given = asked.headers.get("cookie", "").partition("sid=")[2].partition(";")[0]
        if not self.with_cookie:
            given = asked.headers.get("authorization", "").removeprefix("Bearer ")
        if given not in self.valid or asked.line in self.forbids:
            if self.refuse is not None:
                return self.refuse(asked)
            return http(self.status, {"error": "sign in first"})
        if asked.line == "POST /orders":
            key = asked.headers.get("idempotency-key", f"request {len(self.asked)}")
            order = self.orders.setdefault(key, f"ord-{len(self.orders) + 1}")
            return http(201, {"id": order})
        return http(200, {})


def http(status: int, value: object, extra: str = "", *, more: int = 0) -> bytes:
    """An answer; its length is said to be `more` than it is."""
    body = json.dumps(value).encode()
    head = f"HTTP/1.1 {status} Status\r\nContent-Type: application/json\r\nContent-Length: {len(body) + more}\r\n"
    return f"{head}{extra}\r\n".encode() + body
