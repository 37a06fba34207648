"""Several addresses of a host: connections race (RFC 8305), requests never do; and a version of IP can be chosen."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from smoke.app.late_teardown import as_asked
from smoke.app.options import RunOptions
from smoke.diagnostic import SmokeError
from smoke.model.exchange import Delivery, ErrorKind, Phase
from smoke.model.run import Outcome
from smoke.transport import Options
from smoke.transport.race import Address, in_turns
from tests.support.running import run_text
from tests.support.transport import body_of, error_of, plain, send
from tests.support.wire_server import WireServer, sends

SCENARIO = "name: a\nsteps:\n  - {name: x, request: GET /x, expect: {status: 200}}\n"


@contextmanager
def silent(port: int) -> Iterator[None]:
    """A port of 127.0.0.1 to which no connection is ever made: its queue is full."""
    with socket.create_server(("127.0.0.1", port), backlog=0):
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
        yield
        for filler in fillers:
            filler.close()


def at(port: int, *addresses: str, **more: Any) -> Options:
    return Options(resolve=(f"shop.example:{port}:{','.join(addresses)}",), **more)


def test_an_address_that_is_silent_does_not_keep_the_other_waiting() -> None:
    """The silent one has no share of the time: with it, 60 s would pass before the other is tried."""
    with WireServer(sends(plain(b"six")), host="::1") as server, silent(server.port):
        options = at(server.port, "127.0.0.1", "::1", connect_timeout=120)
        exchange = send(
            f"http://shop.example:{server.port}/", method="POST", body=b"order", options=options
        )
    assert body_of(exchange) == b"six"
    assert exchange.peer == f"[::1]:{server.port}"
    assert len(server.requests) == server.connections == 1


def test_an_address_that_refuses_hands_over_at_once() -> None:
    with WireServer(sends(plain(b"six")), host="::1") as server:
        options = at(server.port, "127.0.0.1", "127.0.0.2", "::1")
        exchange = send(f"http://shop.example:{server.port}/", options=options)
    assert body_of(exchange) == b"six"


def test_addresses_that_all_refuse_were_sent_nothing() -> None:
    with WireServer(sends(b"")) as gone:
        port = gone.port
    exchange = send(f"http://shop.example:{port}/", options=at(port, "127.0.0.1", "::1"))
    error = error_of(exchange)
    assert (error.kind, error.phase, error.delivery) == (
        ErrorKind.CONNECTION_REFUSED,
        Phase.CONNECT,
        Delivery.NOT_SENT,
    )


def test_addresses_that_are_all_silent_end_in_time() -> None:
    with WireServer(sends(b"")) as gone:
        port = gone.port
    with silent(port):
        options = at(port, "127.0.0.1", "127.0.0.1", connect_timeout=0.4)
        error = error_of(send(f"http://shop.example:{port}/", options=options))
    assert (error.kind, error.delivery) == (ErrorKind.CONNECT_TIMEOUT, Delivery.NOT_SENT)


def test_the_families_take_turns_in_the_resolvers_order() -> None:
    four, six = socket.AF_INET, socket.AF_INET6
    found: list[Address] = [(six, ("a", 1)), (six, ("b", 1)), (six, ("c", 1)), (four, ("d", 1))]
    assert [address[0] for _, address in in_turns(found)] == ["a", "d", "b", "c"]
    assert in_turns([]) == []


@pytest.mark.parametrize(("version", "peer"), [(4, "127.0.0.1"), (6, "[::1]")])
def test_one_version_of_ip_is_asked_for(version: int, peer: str) -> None:
    with WireServer(sends(plain(b"ok")), host="::1") as six:
        listener = WireServer(sends(plain(b"ok")))
        listener.port = six.port
        with socket.create_server(("127.0.0.1", six.port)):
            options = at(six.port, "127.0.0.1", "::1", ip_version=version, connect_timeout=1)
            exchange = send(f"http://shop.example:{six.port}/", timeout=1, options=options)
    assert exchange.peer == f"{peer}:{six.port}"


def test_a_name_without_an_address_of_that_version_is_told() -> None:
    error = error_of(
        send("http://localhost:9/", options=Options(ip_version=4, resolve=("*:9:::1",)))
    )
    assert (error.kind, error.delivery) == (ErrorKind.RESOLVE, Delivery.NOT_SENT)
    assert "has no IPv4 address" in error.message


def test_a_run_remembers_the_version(tmp_path: Path) -> None:
    with WireServer(sends(plain(b"ok")), host="::1") as server:
        url = f"http://[::1]:{server.port}"
        run = run_text(tmp_path, url, SCENARIO, options=RunOptions(ipv6=True))
    assert run.outcome is Outcome.PASSED
    again = as_asked(run, RunOptions())
    assert (again.ipv4, again.ipv6) == (False, True)


BAD: list[tuple[str, dict[str, Any], str]] = [
    ("https://shop.example", {"ipv4": True, "ipv6": True}, "each means only that one"),
    ("https://[::1]", {"ipv4": True}, "did you mean '--ipv6'?"),
    ("https://127.0.0.1", {"ipv6": True}, "did you mean '--ipv4'?"),
    (
        "https://shop.example",
        {"ipv4": True, "resolve": ("shop.example:443:::1",)},
        "--resolve shop.example:443:::1 names no IPv4 address, and --ipv4 takes no other",
    ),
]


@pytest.mark.parametrize(("url", "given", "words"), BAD, ids=[words for _, _, words in BAD])
def test_a_version_that_cannot_be_had_is_told_before_anything_is_sent(
    url: str, given: dict[str, Any], words: str, tmp_path: Path
) -> None:
    with pytest.raises(SmokeError) as refused:
        run_text(tmp_path, url, SCENARIO, options=RunOptions(**given))
    assert words in str(refused.value)
    assert not (tmp_path / "runs").exists()
