"""The faces of the shop: what it looks like from outside, in one file each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import psycopg

from smoke.demo.shop.call import Call
from smoke.demo.shop.checkout import Checkout
from smoke.demo.shop.errors import ShopError
from smoke.demo.shop.faces.graphql import GraphQLFace
from smoke.demo.shop.faces.html import HtmlFace
from smoke.demo.shop.faces.rest import RestFace
from smoke.demo.shop.faces.session import SessionFace
from smoke.demo.shop.messages import Request, Response
from smoke.demo.shop.settings import FaceName, Settings


class Face(Protocol):
    """Answers requests in its own manner; what it does not answer, `refused` and `failed` put into words."""

    def route(self, request: Request) -> str:
        """The name of what is asked, without ids, for the counters."""

    def answer(self, request: Request, call: Call) -> Response:
        """The response; raises ShopError and psycopg.Error."""

    def refused(self, error: ShopError, request: Request) -> Response:
        """The response to what a customer did wrong."""

    def failed(self, error: psycopg.Error, request: Request, call: Call) -> Response:
        """The response to a request that a database error ended."""


_FACES: dict[FaceName, Callable[[Checkout, Settings], Face]] = {
    FaceName.REST: RestFace,
    FaceName.SESSION: SessionFace,
    FaceName.HTML: HtmlFace,
    FaceName.GRAPHQL: GraphQLFace,
}


def make(name: FaceName, checkout: Checkout, settings: Settings) -> Face:
    """The face of that name."""
    return _FACES[name](checkout, settings)
