"""A proxy, used only when an option names it: plain requests go through it whole, https through a tunnel."""

from __future__ import annotations

import re
import socket

from msgspec import Struct

from smoke.diagnostic import SmokeError
from smoke.model.exchange import ErrorKind
from smoke.text import safe_line
from smoke.transport.fault import Fault
from smoke.transport.prepare import basic
from smoke.transport.record import TAP_LIMIT, ExchangeRecord
from smoke.transport.salvage import body_behind, salvage
from smoke.transport.stream import Stream


class Proxy(Struct, frozen=True):
    """Where the proxy is, and the value of Proxy-Authorization when its URL has credentials."""

    host: str
    port: int
    authorization: bytes | None

    @classmethod
    def of(cls, url: str) -> Proxy:
        """The proxy that a URL names. Raises SmokeError."""
        import httpx

        hint = "a proxy is named as http://host:port or http://user:password@host:port"
        if re.search(r"[\x00-\x20\x7f\\]", url):  # httpx would encode them and look for such a host
            raise SmokeError.of(
                "bad-proxy", "the proxy's URL has a space or a backslash in it", notes=[hint]
            )
        try:
            parsed = httpx.URL(url)
        except httpx.InvalidURL as error:
            raise SmokeError.of(
                "bad-proxy", "the proxy's URL cannot be used", notes=[hint]
            ) from error
        if parsed.scheme != "http" or not parsed.host or parsed.raw_path not in (b"", b"/"):
            raise SmokeError.of(
                "bad-proxy", "the proxy's URL is not the http:// URL of a host", notes=[hint]
            )
        if parsed.port is not None and not 1 <= parsed.port <= 65535:
            raise SmokeError.of(
                "bad-proxy", "the proxy's port is not from 1 to 65535", notes=[hint]
            )
        credentials = basic(parsed.userinfo) if parsed.userinfo else None
        return cls(parsed.host, parsed.port or 80, credentials)


def tunnel(sock: socket.socket, host: str, port: int, proxy: Proxy, record: ExchangeRecord) -> None:
    """Ask the proxy for a connection to `host` (RFC 9110 9.3.6). Raises Fault; nothing of a request was sent then."""
    authority = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    lines = [f"CONNECT {authority} HTTP/1.1", f"Host: {authority}"]
    if proxy.authorization is not None:
        lines.append(f"Proxy-Authorization: {proxy.authorization.decode('ascii')}")
    # what is said to the proxy is no part of the exchange with the server
    talk = ExchangeRecord(record.deadline)
    stream = Stream(sock, talk)
    stream.write("\r\n".join([*lines, "", ""]).encode("ascii"))
    while body_behind(talk.raw, 0) == len(talk.raw) and not talk.raw.endswith(b"\n\r\n"):
        if not stream.read(4096) or talk.read_size > TAP_LIMIT:
            break
    answer = salvage(bytes(talk.raw))
    if answer is None or not 200 <= answer.status <= 299:
        record.raw += talk.raw
        said = "something that is not HTTP"
        if answer is not None:
            said = f"{answer.status} {safe_line(answer.reason[:80].decode('latin-1'))}".strip()
        raise Fault(
            ErrorKind.CONNECT,
            f"the proxy {proxy.host}:{proxy.port} made no connection to {authority}: it answered {said}",
        )
