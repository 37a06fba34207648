"""Hosts that are reached without the proxy: `--no-proxy`, by the rules that curl, Go and Python share. Pure."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable

from msgspec import Struct

from smoke.diagnostic import SmokeError

FORM = "a host, .domain, address or network, each with a :port if wanted, or *"
_ENTRY = re.compile(
    r"(?:\[(?P<six>[0-9a-fA-F:.]{2,45})\]|(?P<host>[^\s:\[\]/@,]{1,253}))(?::(?P<port>\d{1,5}))?"
)
_NAME = re.compile(r"(?:\*?\.)?[\w-]{1,63}(?:\.[\w-]{1,63}){0,30}\.?")
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Exempt(Struct, frozen=True):
    """One rule: a network of addresses, or a name with what is below it, or only that. Nothing of both is any host."""

    name: str = ""
    only_below: bool = False
    network: Network | None = None
    port: int | None = None

    def covers(self, host: str, port: int) -> bool:
        """Whether a URL's host and port are reached without the proxy. A name is never resolved for it."""
        if self.port not in (None, port):
            return False
        if self.network is not None:
            try:
                return ipaddress.ip_address(host) in self.network
            except ValueError:
                return False
        if not self.name:
            return True
        host = host.lower().rstrip(".")
        return host.endswith(f".{self.name}") or (not self.only_below and host == self.name)


def read_exempt(texts: Iterable[str]) -> tuple[Exempt, ...]:
    """The rules of options, each with one or, behind commas or spaces, several. Raises SmokeError."""
    found = []
    for text in texts:
        parts = [part for part in re.split(r"[\s,]+", text) if part]
        if not parts:
            raise _refused("--no-proxy is empty", FORM)
        found += [_one(part) for part in parts]
    return tuple(found)


def _one(text: str) -> Exempt:
    if text == "*":
        return Exempt()
    if "/" in text:
        return Exempt(network=_network(text))
    bare = _address(text)
    found = None if bare is not None else _ENTRY.fullmatch(text)
    if bare is not None:
        return Exempt(network=ipaddress.ip_network(bare))
    if found is None:
        raise _refused(f"--no-proxy takes {FORM}, not '{_shown(text)}'")
    port = None if found["port"] is None else int(found["port"])
    if port is not None and not 1 <= port <= 65535:
        raise _refused(f"--no-proxy: the port {port} is not one of 1 to 65535: '{text}'")
    host = found["six"] or found["host"]
    address = _address(host)
    if address is not None:
        return Exempt(network=ipaddress.ip_network(address), port=port)
    if host == "*":
        return Exempt(port=port)
    if found["six"] or not _NAME.fullmatch(host) or host.rstrip(".").rpartition(".")[2].isdigit():
        near = host.replace("*", "").lstrip(".")
        hint = f"below a domain: .{near}" if "*" in host and near else FORM
        raise _refused(f"--no-proxy: '{_shown(host)}' is no host and no address", hint)
    name = host.lower().rstrip(".").removeprefix("*")
    return Exempt(name.removeprefix("."), only_below=name.startswith("."), port=port)


def _network(text: str) -> Network:
    if "://" in text:
        host = text.partition("://")[2].partition("/")[0].rpartition("@")[2]
        raise _refused(f"--no-proxy takes {FORM}, not a URL; did you mean '{_shown(host)}'?")
    try:
        return ipaddress.ip_network(text)
    except ValueError:
        pass
    try:
        near = ipaddress.ip_network(text, strict=False)
    except ValueError as error:
        raise _refused(
            f"--no-proxy: '{_shown(text)}' is no network", "for example 10.0.0.0/8"
        ) from error
    raise _refused(f"--no-proxy: '{text}' has bits behind its mask; did you mean '{near}'?")


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _shown(text: str) -> str:
    return "…" if "@" in text else text


def _refused(words: str, *notes: str) -> SmokeError:
    return SmokeError.of("bad-option", words, notes=list(notes))
