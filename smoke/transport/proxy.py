"""A proxy, used only when an option names it: plain requests go through it whole, https through a tunnel."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote_to_bytes

from msgspec import Struct

from smoke.diagnostic import SmokeError, nearest
from smoke.model.exchange import ErrorKind, Phase
from smoke.text import safe_line
from smoke.transport.fault import Fault
from smoke.transport.prepare import basic
from smoke.transport.record import TAP_LIMIT, ExchangeRecord
from smoke.transport.salvage import body_behind, salvage
from smoke.transport.stream import Stream
from smoke.transport.url import PORTS

_FORM = "a proxy is named as http://host:port, or https://host:port where it speaks TLS itself"
_CREDENTIALS = "http://user@host:port, and the password by --proxy-password-env NAME"


class Proxy(Struct, frozen=True):
    """Where the proxy is, whether it speaks TLS, and the value of Proxy-Authorization when it wants one."""

    host: str
    port: int
    authorization: bytes | None
    secure: bool = False

    @classmethod
    def of(cls, url: str, password: str = "") -> Proxy:
        """The proxy that a URL names, with a password for its user. Raises SmokeError."""
        import httpx

        if re.search(r"[\x00-\x20\x7f\\]", url):  # httpx would encode them and look for such a host
            raise _refused("the proxy's URL has a space or a backslash in it")
        try:
            parsed = httpx.URL(url)
        except httpx.InvalidURL as error:
            raise _refused("the proxy's URL cannot be used") from error
        if parsed.scheme not in PORTS or not parsed.host or parsed.raw_path not in (b"", b"/"):
            near = nearest(parsed.scheme, PORTS) if parsed.host else None
            hint = f"; did you mean '{near}://'?" if near and near != parsed.scheme else ""
            raise _refused(f"the proxy's URL is not the http:// or https:// URL of a host{hint}")
        if parsed.port is not None and not 1 <= parsed.port <= 65535:
            raise _refused("the proxy's port is not from 1 to 65535")
        port = parsed.port or PORTS[parsed.scheme]
        userinfo = _with_password(parsed.userinfo, password)
        authorization = basic(userinfo) if userinfo else None
        return cls(parsed.host, port, authorization, secure=parsed.scheme == "https")

    @property
    def where(self) -> str:
        """Its host and port in words."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def _with_password(userinfo: bytes, password: str) -> bytes:
    if not password:
        return userinfo
    if not userinfo or b":" in userinfo:
        words = "has a password already" if userinfo else "names no user"
        raise SmokeError.of(
            "bad-proxy", f"--proxy-password-env: the proxy's URL {words}", notes=[_CREDENTIALS]
        )
    return userinfo + b":" + quote(password, safe="").encode("ascii")


def secrets_of(url: str, password: str) -> dict[str, str]:
    """What must not be written, by names for it. Of a user without a password nobody knows that it is no token."""
    import httpx

    user, _, given = httpx.URL(url).userinfo.partition(b":")
    authorization = Proxy.of(url, password).authorization
    if authorization is None:
        return {}
    secret = password or unquote_to_bytes(given or user).decode("utf-8", "replace")
    token = authorization.partition(b" ")[2].decode("ascii")
    return {"password of --proxy": secret, "Proxy-Authorization": token}


def _refused(words: str) -> SmokeError:
    return SmokeError.of("bad-proxy", words, notes=[_FORM, _CREDENTIALS])


def tunnel(stream: Stream, host: str, port: int, proxy: Proxy, record: ExchangeRecord) -> None:
    """Ask the proxy for a connection to `host` (RFC 9110 9.3.6). Raises Fault; nothing of a request was sent then."""
    authority = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    record.phase = Phase.CONNECT
    record.deadline.reword(f"the proxy {proxy.where} made no connection to {authority} in time")
    lines = [f"CONNECT {authority} HTTP/1.1", f"Host: {authority}"]
    if proxy.authorization is not None:
        lines.append(f"Proxy-Authorization: {proxy.authorization.decode('ascii')}")
    # what is said to the proxy is no part of the exchange with the server
    talk = ExchangeRecord(record.deadline)
    try:
        _ask(stream.beside(talk), "\r\n".join([*lines, "", ""]).encode("ascii"), talk)
    except Fault as fault:
        record.raw += talk.raw
        if fault.kind in (ErrorKind.INTERRUPTED, ErrorKind.CONNECT_TIMEOUT, ErrorKind.TIMEOUT):
            raise
        words = fault.message.replace("the server", f"the proxy {proxy.where}", 1)
        raise Fault(fault.kind, f"no connection to {authority}: {words}") from fault
    answer = salvage(bytes(talk.raw))
    if answer is None or not 200 <= answer.status <= 299:
        record.raw += talk.raw
        said = "something that is not HTTP"
        if answer is not None:
            said = f"{answer.status} {safe_line(answer.reason[:80].decode('latin-1'))}".strip()
            said += wants(answer.status, proxy)
        raise Fault(
            ErrorKind.CONNECT,
            f"the proxy {proxy.where} made no connection to {authority}: it answered {said}",
        )


def _ask(stream: Stream, question: bytes, talk: ExchangeRecord) -> None:
    stream.write(question)
    while body_behind(talk.raw, 0) == len(talk.raw) and not talk.raw.endswith(b"\n\r\n"):
        if not stream.read(4096) or talk.read_size > TAP_LIMIT:
            break


def wants(status: int, proxy: Proxy) -> str:
    """What to do about a 407, which only a proxy answers (RFC 9110 15.5.8)."""
    if status != 407:
        return ""
    if proxy.authorization is None:
        return f" (it wants a user and a password: {_CREDENTIALS})"
    return " (it does not take the user and the password that it was given)"


def refusal(status: int, proxy: Proxy) -> Fault | None:
    """The fault of an answer to a request that went to the proxy whole, where it is the proxy's own without doubt."""
    if status != 407:
        return None
    words = f"the proxy {proxy.where} answered 407 itself{wants(status, proxy)}"
    return Fault(ErrorKind.CONNECT, words)
