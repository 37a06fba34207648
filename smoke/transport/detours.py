"""Where a connection is made, when an option names another place than the URL's host: `--resolve` and `--connect-to`.

Both are spelt and read as curl's (curl(1)). Only the connection goes elsewhere: the URL, Host and the name that a
certificate is checked for stay those of the request, so that a canary is asked as the load balancer would ask it.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable

from msgspec import Struct

from smoke.diagnostic import SmokeError, nearest
from smoke.transport.options import Options

RESOLVE_FORM = "HOST:PORT:ADDRESS, for example shop.example:443:10.0.0.7"
CONNECT_TO_FORM = "HOST:PORT:HOST:PORT, for example shop.example:443:canary.shop.example:8443"
ANY = "*"

_HOST = r"(?:\[[0-9a-fA-F:.]{2,45}\]|[^:\[\]/\s@,]{1,253})"
_RESOLVE = re.compile(rf"(?P<host>{_HOST}):(?P<port>\d{{1,5}}):(?P<addresses>[^\s@/]{{1,500}})")
_CONNECT_TO = re.compile(
    rf"(?P<host>{_HOST}?):(?P<port>\d{{0,5}}):(?P<to>{_HOST}?):(?P<to_port>\d{{0,5}})"
)


class Destination(Struct, frozen=True):
    """Where a connection is made. `addresses` are those to try, in place of what the host resolves to."""

    host: str
    port: int
    addresses: tuple[str, ...] = ()


class Pinned(Struct, frozen=True):
    """`--resolve`: the addresses of a host's port; the host may be `*`, any."""

    host: str
    port: int
    addresses: tuple[str, ...]


class Redirected(Struct, frozen=True):
    """`--connect-to`: the host and port to connect to in place of another. An empty host or port 0 is any, or the same."""

    host: str
    port: int
    to_host: str
    to_port: int


class Detours(Struct, frozen=True):
    """Every detour of a client, the first that fits is taken."""

    pinned: tuple[Pinned, ...] = ()
    redirected: tuple[Redirected, ...] = ()

    @classmethod
    def of(cls, options: Options) -> Detours:
        """Those that options name. Raises SmokeError."""
        pinned = tuple(read_resolve(text) for text in options.resolve)
        redirected = tuple(read_connect_to(text) for text in options.connect_to)
        _refuse_twice("--resolve", [(each.host, each.port) for each in pinned])
        _refuse_twice("--connect-to", [(each.host, each.port) for each in redirected])
        return cls(pinned, redirected)

    def destination(self, host: str, port: int) -> Destination:
        """Where the connection for a URL's host and port is made: first as `--connect-to` says, then as `--resolve`."""
        for other in self.redirected:
            if other.host in ("", host) and other.port in (0, port):
                host, port = other.to_host or host, other.to_port or port
                break
        for pin in self.pinned:
            if pin.host in (ANY, host) and pin.port == port:
                return Destination(host, port, pin.addresses)
        return Destination(host, port)


def read_resolve(text: str) -> Pinned:
    """What a `--resolve` says. Raises SmokeError."""
    found = _RESOLVE.fullmatch(text)
    if found is None:
        hint = f"--connect-to takes {CONNECT_TO_FORM}" if _CONNECT_TO.fullmatch(text) else ""
        raise _refused("--resolve", RESOLVE_FORM, text, hint)
    addresses = [each.removeprefix("[").removesuffix("]") for each in found["addresses"].split(",")]
    for address in addresses:
        if not _is_address(address):
            hint = f"for a name: --connect-to {CONNECT_TO_FORM}"
            raise SmokeError.of(
                "bad-option",
                f"--resolve: '{address}' is no IPv4 or IPv6 address; {RESOLVE_FORM}",
                notes=[hint],
            )
    return Pinned(_host(found["host"]), _port("--resolve", found["port"], text), tuple(addresses))


def read_connect_to(text: str) -> Redirected:
    """What a `--connect-to` says. Raises SmokeError."""
    found = _CONNECT_TO.fullmatch(text)
    if found is None:
        hint = f"--resolve takes {RESOLVE_FORM}" if _RESOLVE.fullmatch(text) else ""
        raise _refused("--connect-to", CONNECT_TO_FORM, text, hint)
    if not found["to"] and not found["to_port"]:
        raise _refused(
            "--connect-to", CONNECT_TO_FORM, text, "it names no other host and no other port"
        )
    port, to_port = (
        _port("--connect-to", found[name], text) if found[name] else 0
        for name in ("port", "to_port")
    )
    return Redirected(_host(found["host"]), port, _host(found["to"]), to_port)


def refuse_idle(options: Options, places: Iterable[tuple[str, int]]) -> None:
    """Refuse a detour that no request can take: what it is meant to try would not be tried. Raises SmokeError.

    `places` are host and port of each origin that requests may go to.
    """
    detours = Detours.of(options)
    known = list(places)
    reached = [detours.destination(host, port) for host, port in known]
    for text, pin in zip(options.resolve, detours.pinned, strict=True):
        if not any(pin.port == p.port and pin.host in (ANY, p.host) for p in reached):
            raise _idle("--resolve", text, pin.host, pin.port, [(p.host, p.port) for p in reached])
    for text, other in zip(options.connect_to, detours.redirected, strict=True):
        if not any(other.host in ("", host) and other.port in (0, port) for host, port in known):
            raise _idle("--connect-to", text, other.host, other.port, known)


def _idle(option: str, text: str, host: str, port: int, known: list[tuple[str, int]]) -> SmokeError:
    names = [f"{host}:{port}" for host, port in known]
    near = nearest(f"{host}:{port}", names)
    return SmokeError.of(
        "bad-option",
        f"{option} {text}: no request of this run goes to {host or 'any host'}:{port}"
        + (f"; did you mean '{near}'?" if near else ""),
        notes=[f"requests go to {', '.join(names)}: the target's origin and those of --allow-host"],
    )


def _refuse_twice(option: str, named: list[tuple[str, int]]) -> None:
    for host, port in named:
        if named.count((host, port)) > 1:
            raise SmokeError.of(
                "bad-option",
                f"{option}: {host or 'any host'}:{port or 'any port'} is given twice",
                notes=[
                    "several addresses of one host stand behind commas: HOST:PORT:ADDRESS,ADDRESS"
                ],
            )


def _refused(option: str, form: str, text: str, hint: str) -> SmokeError:
    notes = [hint] if hint else []
    shown = "…" if "@" in text else text  # of a URL with a password that was put here
    return SmokeError.of("bad-option", f"{option} takes {form}, not '{shown}'", notes=notes)


def _host(text: str) -> str:
    """A host as a URL in its normal form has it."""
    if text.startswith("["):
        return text[1:-1].lower()
    try:
        return text.lower().rstrip(".").encode("idna").decode("ascii") if text else ""
    except UnicodeError:
        return text.lower()


def _port(option: str, digits: str, text: str) -> int:
    number = int(digits)
    if not 1 <= number <= 65535:
        raise SmokeError.of(
            "bad-option", f"{option}: the port {digits} is not one of 1 to 65535: '{text}'"
        )
    return number


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return "%" not in text
