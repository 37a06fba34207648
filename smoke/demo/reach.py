"""How the demo's own server is reached: a socket in its folder, or loopback with a password where there are none."""

from __future__ import annotations

import os
import secrets
import socket
from dataclasses import dataclass
from pathlib import Path

from smoke import system

SOCKET = ".s.PGSQL.5432"


@dataclass(frozen=True, slots=True)
class Reach:
    """`settings` and `setup` are the server's and initdb's; `dsn` has everything but the database's name."""

    dsn: str
    settings: dict[str, str]
    setup: tuple[str, ...]
    socket: Path | None = None
    """What is there as soon as the server listens."""


def reach(server: Path) -> Reach:
    """The way in for a server whose folder that is. Raises OSError."""
    return _by_socket(server) if system.UNIX_SOCKETS else _by_loopback(server)


def _by_socket(server: Path) -> Reach:
    host = str(server)
    if not host.replace("/", "").replace("-", "").replace("_", "").isalnum():
        host = "'" + host.replace("\\", "\\\\").replace("'", "\\'") + "'"
    settings = {
        "port": "5432",
        "listen_addresses": "",  # the socket lies in a folder that no other account can enter
        "unix_socket_directories": '"' + str(server).replace('"', '""') + '"',
        "unix_socket_permissions": "0700",
    }
    # the port is named because the user's PGPORT would be taken otherwise
    dsn = f"host={host} port=5432 user=postgres"
    return Reach(dsn, settings, ("--auth=trust",), server / SOCKET)


def _by_loopback(server: Path) -> Reach:
    """Every account of the machine can connect to loopback, so there is a password that nobody can guess."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    password = secrets.token_hex(16)
    with os.fdopen(system.open_new(server / "password"), "w", encoding="ascii") as file:
        file.write(password)
    settings = {"port": str(port), "listen_addresses": "127.0.0.1", "unix_socket_directories": ""}
    return Reach(
        f"host=127.0.0.1 port={port} user=postgres password={password}",
        settings,
        ("--auth=scram-sha-256", f"--pwfile={server / 'password'}"),
    )
