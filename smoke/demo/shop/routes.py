"""Which handler a path belongs to."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from smoke.demo.shop.call import Call
from smoke.demo.shop.errors import ShopError
from smoke.demo.shop.messages import Request, Response

Handler: TypeAlias = Callable[[Request, Call, str], Response]
"""Called with the request, who asks, and the id in the path."""

_ID = "([A-Za-z0-9_-]{1,60})"


@dataclass(frozen=True, slots=True)
class Found:
    """`template` is the path with `{id}` in place of the id."""

    template: str
    handler: Handler
    id: str


class Routes:
    """Handlers by method and path; a path may have one `{id}`."""

    def __init__(self, handlers: dict[str, Handler]) -> None:
        """`handlers` by lines such as `GET /orders/{id}`."""
        self._routes = [
            (method, path, re.compile(re.escape(path).replace(r"\{id\}", _ID)), handler)
            for line, handler in handlers.items()
            for method, _, path in [line.partition(" ")]
        ]

    def find(self, request: Request) -> Found | None:
        """The handler of a request, or None."""
        for method, template, pattern, handler in self._routes:
            match = pattern.fullmatch(request.path)
            if match and method == request.method:
                return Found(template, handler, match[1] if match.groups() else "")
        return None

    def template(self, request: Request) -> str:
        """The path of a request with `{id}` in place of the id: what its log calls it."""
        found = self.find(request)
        return found.template if found else "(unknown)"

    def answer(self, request: Request, call: Call, absent: str) -> Response:
        """What the handler of a request answers. Raises ShopError 404, in the words of `absent`, where there is none."""
        found = self.find(request)
        if found is None:
            raise ShopError(404, "not_found", absent)
        return found.handler(request, call, found.id)
