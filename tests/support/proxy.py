"""A real proxy: it forwards what it is asked for whole, connects to what it is asked for by CONNECT, and may want a password."""

from __future__ import annotations

import base64
import contextlib
import socket
import threading

from tests.support.wire_server import Peer, Script


def forwards(credentials: str = "", *, to: tuple[str, int] | None = None) -> Script:
    """A script for a WireServer. `credentials` are `user:password`; every connection is made `to` there, if given."""
    wanted = b"Basic " + base64.b64encode(credentials.encode()) if credentials else b""

    def script(peer: Peer) -> None:
        if not peer.request:  # somebody looks at the certificate only
            return
        first, _, _ = peer.request.partition(b"\r\n")
        if wanted and wanted not in peer.request:
            body = b"who are you?"
            peer.send(
                b"HTTP/1.1 407 Proxy Authentication Required\r\n"
                b'Proxy-Authenticate: Basic realm="proxy"\r\n'
                b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
            )
            return
        method, target, _ = first.split(b" ")
        if method == b"CONNECT":
            host, _, port = target.decode().rpartition(":")
        else:
            host, _, port = target.decode().split("/")[2].partition(":")
        with socket.create_connection(to or (host.strip("[]"), int(port or 80))) as upstream:
            if method == b"CONNECT":
                peer.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                upstream.sendall(_for_the_origin(peer.request))
            back = threading.Thread(target=_copy, args=(upstream, peer.sock))
            back.start()
            _copy(peer.sock, upstream)
            back.join()

    return script


def _for_the_origin(request: bytes) -> bytes:
    """The request as a proxy sends it on (RFC 9112 3.2.1): its target without the host, and without what was for the proxy."""
    head, blank, body = request.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    method, target, version = first.split(b" ")
    path = b"/" + b"".join(target.split(b"/", 3)[3:])
    kept = [line for line in lines if not line.lower().startswith(b"proxy-")]
    return b"\r\n".join([b" ".join((method, path, version)), *kept]) + blank + body


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
