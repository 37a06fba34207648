"""One connection of several addresses: happy eyeballs (RFC 8305). Connections race, never requests: a byte is sent to the winner only."""

from __future__ import annotations

import contextlib
import itertools
import socket
import time
from collections.abc import Iterable, Sequence
from typing import Any

from smoke.model.exchange import ErrorKind
from smoke.system import writable_within
from smoke.transport.fault import Fault, connection_fault
from smoke.transport.record import ExchangeRecord

Address = tuple[socket.AddressFamily, tuple[Any, ...]]

DELAY = 0.25
"""Seconds that an address has before the next one is tried beside it (RFC 8305 5)."""


def in_turns(addresses: Sequence[Address]) -> list[Address]:
    """The addresses in the order of the resolver, the families in turns (RFC 8305 4): one that is broken costs one delay."""
    if not addresses:
        return []
    first = addresses[0][0]
    own = [each for each in addresses if each[0] is first]
    others = [each for each in addresses if each[0] is not first]
    pairs = itertools.zip_longest(own, others)
    return [each for pair in pairs for each in pair if each is not None]


def race(addresses: Iterable[Address], where: str, record: ExchangeRecord) -> socket.socket:
    """The connection that stands first; every other one is closed. Raises Fault when none does."""
    waiting = list(addresses)
    runners: dict[int, socket.socket] = {}
    failure: Fault | None = None
    due = time.monotonic()
    try:
        while waiting or runners:
            now = time.monotonic()
            if waiting and (now >= due or not runners):
                due = now + DELAY
                try:
                    runner = _start(waiting.pop(0))
                except OSError as error:
                    failure = connection_fault(error, where)
                    continue
                runners[runner.fileno()] = runner
            pause = record.deadline.slice()
            if waiting:
                pause = min(pause, max(due - time.monotonic(), 0))
            with record.deadline.waiting():
                ready = writable_within(tuple(runners), pause)
            for descriptor in ready:
                runner = runners.pop(descriptor)
                number = runner.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                if not number:
                    return runner
                runner.close()
                failure = connection_fault(OSError(number, "connect"), where)
                due = time.monotonic()  # the next one need not wait for one that has failed
    finally:
        for loser in runners.values():
            loser.close()
    raise failure or Fault(ErrorKind.RESOLVE, f"{where} has no address")


def _start(address: Address) -> socket.socket:
    """A socket that connects. Raises OSError."""
    sock = socket.socket(address[0], socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with contextlib.suppress(BlockingIOError):
            sock.connect(address[1])
    except BaseException:
        sock.close()
        raise
    return sock
