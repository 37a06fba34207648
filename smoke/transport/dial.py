"""From a host name to a connected socket, within the deadline."""

from __future__ import annotations

import contextlib
import functools
import ipaddress
import queue
import socket
import threading
from typing import Any

from smoke.model.exchange import ErrorKind, Phase
from smoke.system import WRITABLE
from smoke.transport.fault import Fault, connection_fault, reason_of
from smoke.transport.record import ExchangeRecord

Address = tuple[socket.AddressFamily, tuple[Any, ...]]
FAMILIES = {0: socket.AF_UNSPEC, 4: socket.AF_INET, 6: socket.AF_INET6}
"""By the version of IP; 0 is any."""


def dial(
    host: str,
    port: int,
    record: ExchangeRecord,
    timeout: float,
    *,
    given: tuple[str, ...] = (),
    version: int = 0,
) -> socket.socket:
    """A connected non-blocking socket. Raises Fault; no byte was sent then.

    At one of the addresses `given` where there are any, and of version 4 or 6 of IP only where `version` says so.
    """
    where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    if given:
        where += f" (at {', '.join(given)})"
    record.deadline.narrow(
        timeout, ErrorKind.CONNECT_TIMEOUT, f"no connection to {where} within {timeout:g} s"
    )
    record.phase = Phase.RESOLVE
    addresses = [_at(each, port) for each in given] or _resolve(host, port, record, version)
    if version:
        addresses = [each for each in addresses if each[0] is FAMILIES[version]]
        if not addresses:
            raise Fault(ErrorKind.RESOLVE, f"{where} has no IPv{version} address")
    record.resolve = record.deadline.elapsed()
    record.phase = Phase.CONNECT
    sock = _first(addresses, where, record)
    record.connect = record.deadline.elapsed()
    with contextlib.suppress(OSError):
        record.peer = _text(sock.getpeername())
    return sock


def dial_again(address: tuple[Any, ...], record: ExchangeRecord) -> socket.socket:
    """One more connection to an address that has answered. Raises Fault or OSError."""
    family = socket.AF_INET6 if ":" in str(address[0]) else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        _connect(sock, address, record.deadline.left(), record)
    except BaseException:
        sock.close()
        raise
    return sock


def _text(address: tuple[Any, ...]) -> str:
    host, port = address[:2]
    return f"[{host}]:{port}" if ":" in str(host) else f"{host}:{port}"


@functools.lru_cache(maxsize=64)
def _literal(host: str) -> socket.AddressFamily | None:
    """The family of a host that is an address; None for a name."""
    try:
        literal = ipaddress.ip_address(host)
    except ValueError:
        return None
    return socket.AF_INET if literal.version == 4 else socket.AF_INET6


def _at(address: str, port: int) -> Address:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return family, (address, port)


def _resolve(host: str, port: int, record: ExchangeRecord, version: int) -> list[Address]:
    """The addresses of a host. getaddrinfo cannot be interrupted, so it runs in a thread that is left behind."""
    family = _literal(host)
    if family is not None:
        return [(family, (host, port))]
    answers: queue.SimpleQueue[list[Address] | OSError | UnicodeError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, FAMILIES[version], socket.SOCK_STREAM)
            answers.put([(family, address) for family, _, _, _, address in found])
        except (OSError, UnicodeError) as error:
            answers.put(error)

    threading.Thread(target=ask, name="resolve", daemon=True).start()
    while True:
        with contextlib.suppress(queue.Empty):
            pause = record.deadline.slice()
            with record.deadline.waiting():
                answer = answers.get(timeout=pause)
            if isinstance(answer, list):
                return answer
            reason = reason_of(answer) if isinstance(answer, OSError) else str(answer)
            raise Fault(ErrorKind.RESOLVE, f"the host name '{host}' does not resolve: {reason}")


def _first(addresses: list[Address], where: str, record: ExchangeRecord) -> socket.socket:
    """A connection to the one address, or to the one of several that answers first. Raises Fault."""
    if len(addresses) != 1:
        from smoke.transport.race import in_turns, race

        return race(in_turns(addresses), where, record)
    ((family, address),) = addresses
    try:
        sock = socket.socket(family, socket.SOCK_STREAM)
    except OSError as error:
        raise connection_fault(error, where) from error
    try:
        stands = _connect(sock, address, record.deadline.left(), record)
    except OSError as error:
        sock.close()
        raise connection_fault(error, where) from error
    except BaseException:
        sock.close()
        raise
    if not stands:
        sock.close()
        raise Fault(ErrorKind.CONNECT_TIMEOUT, f"no connection to {where} in time")
    return sock


def _connect(
    sock: socket.socket, address: tuple[Any, ...], share: float, record: ExchangeRecord
) -> bool:
    """Whether the connection stands within `share` seconds. Raises OSError."""
    sock.setblocking(False)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with contextlib.suppress(BlockingIOError):
        sock.connect(address)
        return True
    if not record.deadline.wait_at_most(sock.fileno(), WRITABLE, share):
        record.deadline.left()
        return False
    number = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if number:
        raise OSError(number, "connect")
    return True
