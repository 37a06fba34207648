"""The shop: from a request to its response. Knows nothing of sockets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import psycopg

from smoke.demo.shop.app_log import AppLog
from smoke.demo.shop.call import Call, identify
from smoke.demo.shop.checkout import Checkout
from smoke.demo.shop.errors import ShopError, only
from smoke.demo.shop.faces import Face
from smoke.demo.shop.messages import Request, Response, answer
from smoke.demo.shop.settings import Settings
from smoke.demo.shop.stats import Stats

STATS_PATH = "/api/_stats"
HEALTH_PATH = "/api/health"


class Shop:
    """Answers requests; safe to be called by many threads. `app_log` is the shop's own log, where it keeps one."""

    def __init__(
        self,
        checkout: Checkout,
        face: Face,
        settings: Settings,
        log: Callable[[str], None],
        app_log: AppLog | None = None,
    ) -> None:
        self._checkout = checkout
        self._face = face
        self._settings = settings
        self._log = log
        self._app_log = app_log
        self._stats = Stats()

    def handle(self, request: Request) -> Response:
        """The response, with the headers that every response has."""
        call = identify(request)
        try:
            response = self._answer(request, call)
        except ShopError as error:
            response = self._face.refused(error, request)
        except psycopg.Error as error:
            self._log(f"{call.request_id} {request.method} {request.path}: {type(error).__name__}")
            response = self._face.failed(error, request, call)
            if self._app_log is not None:
                self._app_log.failed(error, request, call, response.status)
        if request.path != STATS_PATH:
            self._stats.answered(response.status)
            if self._app_log is not None:
                self._app_log.answered(request, call, response.status)
        return replace(
            response,
            headers=(
                ("X-Request-Id", call.request_id),
                ("X-Vercel-Id", call.platform_id),
                ("X-Build-Version", self._settings.version),
                *response.headers,
            ),
        )

    @property
    def database(self) -> str:
        """The name of its database."""
        return self._settings.database

    def report(self) -> dict[str, Any]:
        """What was asked, what was answered, and how many orders and authorisations are in each state."""
        return {**self._stats.as_json(), **self._checkout.states()}

    def _answer(self, request: Request, call: Call) -> Response:
        path = request.path
        if path == STATS_PATH:
            only(request, "GET")
            return answer(200, self.report())
        if path == HEALTH_PATH:
            self._stats.request(f"{request.method} {path}")
            only(request, "GET")
            return self._health(call)
        self._stats.request(f"{request.method} {self._face.route(request)}")
        return self._face.answer(request, call)

    def _health(self, call: Call) -> Response:
        with self._checkout.pool.transaction(call) as database:
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
