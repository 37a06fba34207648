"""The shop's HTTP side: HTTP/1.1 with kept connections, one thread each, on the loopback interface."""

from __future__ import annotations

import socket
import sys
import threading
import traceback
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from smoke.demo.shop.errors import ShopError
from smoke.demo.shop.messages import Request, Response
from smoke.demo.shop.service import Shop
from smoke.text import safe_line

HOST = "127.0.0.1"
MAX_BODY = 1024 * 1024
IDLE_SECONDS = 60
POLL_SECONDS = 0.05
"""How often the accepting thread looks whether it is to stop."""


class _Handler(BaseHTTPRequestHandler):
    """Reads requests off one connection and writes each answer in one piece."""

    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS
    disable_nagle_algorithm = True
    server: ShopServer

    def _answer(self) -> None:
        try:
            body = self._body()
        except ShopError as error:
            self.close_connection = True  # what follows on the connection is no request
            self._write(error.response())
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, urlsplit(self.path).path, headers, body)
        self._write(self.server.shop.handle(request))

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _answer  # noqa: N815

    def _body(self) -> bytes:
        if "transfer-encoding" in self.headers:
            raise ShopError(411, "length_required", "Send a Content-Length")
        length = self.headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit()):
            raise ShopError(400, "invalid_length", "That is not a Content-Length")
        if int(length) > MAX_BODY:
            raise ShopError(413, "too_large", f"At most {MAX_BODY} bytes")
        return self.rfile.read(int(length))

    def _write(self, response: Response) -> None:
        self.send_response(response.status)
        for name, value in response.headers:
            self.send_header(name, value)
        if response.media_type:
            self.send_header("Content-Type", response.media_type)
        self.send_header("Content-Length", str(len(response.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)
        self.wfile.flush()

    # head and body leave in one segment
    wbufsize = -1

    def version_string(self) -> str:
        """What stands in the Server header."""
        return "demo-shop"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """One line for each answer."""
        del size  # the base class never knows it
        self.server.log(safe_line(f'{self.address_string()} "{self.requestline}" {code}'))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the base class's name)
        self.server.log(safe_line(f"{self.address_string()} {format % args}"))


class ShopServer(ThreadingHTTPServer):
    """A listening shop. `start()` serves in a thread, `close()` ends every connection and waits for them."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, shop: Shop, port: int, log: Callable[[str], None]) -> None:
        self.shop = shop
        self.log = log
        self._connections: set[socket.socket] = set()
        self._changed = threading.Condition()
        self._thread = threading.Thread(
            target=self.serve_forever, args=(POLL_SECONDS,), name="demo-shop", daemon=True
        )
        super().__init__((HOST, port), _Handler)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.server_address[1]}"

    def start(self) -> None:
        self._thread.start()

    def server_bind(self) -> None:
        """Bind without the base class's look-up of the host's name, which may ask the network."""
        super(ThreadingHTTPServer, self).server_bind()

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._changed:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        with self._changed:
            self._connections.discard(request)
            self._changed.notify_all()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away in the middle is no news; anything else belongs into the log."""
        del request
        error = sys.exc_info()[1]
        if not isinstance(error, ConnectionError | TimeoutError):
            self.log(f"{client_address[0]} {traceback.format_exc()}")

    def close(self) -> None:
        """Stop serving: kept connections are ended, requests under way get a moment to finish."""
        self.shutdown()
        self._thread.join()
        self.server_close()
        with self._changed:
            for connection in self._connections:
                _end(connection)
            self._changed.wait_for(lambda: not self._connections, timeout=10)


def _end(connection: socket.socket) -> None:
    """No more requests from this connection; an answer that is being written still leaves."""
    try:
        connection.shutdown(socket.SHUT_RD)
    except OSError:
        return  # the client was faster
