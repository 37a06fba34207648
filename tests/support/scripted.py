"""A scripted HTTP server: a function per route, and a record of every request that came."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Shop:
    """A scripted server: `routes` maps `METHOD path` to a function of the request; it counts what came."""

    url: str = ""
    routes: dict[str, Callable[[bytes], Answer]] = field(default_factory=dict)
    seen: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)

    def on(self, route: str, status: int = 200, body: object = None, **headers: str) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        self.routes[route] = lambda _: (status, {"Content-Type": "application/json", **names}, data)

    def paths(self) -> list[str]:
        return [f"{method} {path}" for method, path, _, _ in self.seen]


@contextmanager
def scripted() -> Iterator[Shop]:
    """A running server; it ends with the block."""
    shop = Shop()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            shop.seen.append((self.command, self.path, dict(self.headers.items()), body))
            route = f"{self.command} {self.path.partition('?')[0]}"
            found = shop.routes.get(route)
            status, headers, data = found(body) if found else (404, {}, b"not here")
            if status == 0:  # the connection is cut instead of an answer
                self.close_connection = True
                return
            self.send_response(status)
            for name, value in headers.items():
                for line in value.split("\n"):
                    self.send_header(name, line)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_DELETE = do_PUT = do_PATCH = answer  # noqa: N815  (names of http.server)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    shop.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield shop
    finally:  # a test that fails must not wait for ever
        server.shutdown()
        server.server_close()
        thread.join()
