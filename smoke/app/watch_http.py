"""Serves the metrics of a watch at `/metrics`, and at `/healthz` whether its rounds are going on."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from smoke.app.watch_options import place_of_metrics
from smoke.diagnostic import SmokeError
from smoke.text import safe_line

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

_MOST_AT_ONCE = 16
_PATIENCE = 10.0
_PLAIN = (("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store"))
Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class _Quiet(WSGIRequestHandler):
    """Waits for nobody long, and logs nothing."""

    timeout = _PATIENCE

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (its base calls it so)
        """Nobody reads who asks."""


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, place: tuple[str, int]) -> None:
        self.address_family = socket.AF_INET6 if ":" in place[0] else socket.AF_INET
        self._room = threading.BoundedSemaphore(_MOST_AT_ONCE)
        super().__init__(place, _Quiet)

    def server_bind(self) -> None:
        """As its base does, without asking a name server who this machine is."""
        self.socket.close()
        both = self.address_family == socket.AF_INET6 and socket.has_dualstack_ipv6()
        # so that a watch which is started again has its port, where that robs nobody of his
        self.socket = socket.create_server(
            self.server_address[:2], family=self.address_family, dualstack_ipv6=both
        )
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]
        self.setup_environ()

    def process_request(self, request: Any, client_address: Any) -> None:
        if not self._room.acquire(blocking=False):  # more ask at once than anybody needs to
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who asked has gone, or sent nothing: no matter of the watch."""


@contextmanager
def serving(place: str, registry: CollectorRegistry, overdue: Callable[[], str]) -> Iterator[str]:
    """Serve while inside; gives the address. `overdue` says why rounds do not go on. Raises SmokeError for a port in use."""
    host, port = place_of_metrics(place)
    try:
        server = _Server((host, port))
    except OSError as error:
        why = str(error.strerror or error).partition(" (while ")[0]  # Python names the place again
        raise SmokeError.of(
            "metrics-port", f"--metrics: {safe_line(place)} cannot be listened at: {why}"
        ) from error
    server.set_app(_app(registry, overdue))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1})
    thread.start()
    try:
        shown = f"[{host}]" if ":" in host else host
        yield f"http://{shown}:{server.server_port}/metrics"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _app(registry: CollectorRegistry, overdue: Callable[[], str]) -> Wsgi:
    from prometheus_client import make_wsgi_app

    metrics: Wsgi = make_wsgi_app(registry)

    def app(asked: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        path = asked.get("PATH_INFO", "")
        if path == "/metrics":
            return metrics(asked, start)
        if path == "/healthz":
            why = safe_line(overdue())
            start("503 Service Unavailable" if why else "200 OK", [*_PLAIN])
            return [f"{why or 'rounds are going on'}\n".encode()]
        start("404 Not Found", [*_PLAIN])
        return [b"/metrics and /healthz are here\n"]

    return app
