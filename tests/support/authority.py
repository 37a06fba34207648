"""A certificate authority of a test: servers that it vouches for, and the files that name it and its clients."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from pathlib import Path

import trustme
from cryptography.hazmat.primitives import serialization


@dataclass
class TestAuthority:
    """Writes its files into a folder."""

    __test__ = False
    folder: Path
    ca: trustme.CA = field(default_factory=trustme.CA)

    @property
    def file(self) -> str:
        """The PEM file that names it."""
        path = self.folder / "ca.pem"
        if not path.exists():
            self.ca.cert_pem.write_to_path(str(path))
        return str(path)

    def client(self, password: str = "") -> None:
        """Write a client's certificate and its key (`client.pem`, `client.key`), and both in one (`both.pem`)."""
        client = self.ca.issue_cert("client@shop.example")
        key = client.private_key_pem.bytes()
        if password:
            closed = serialization.BestAvailableEncryption(password.encode())
            key = serialization.load_pem_private_key(key, None).private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, closed
            )
        (self.folder / "client.pem").write_bytes(client.cert_chain_pems[0].bytes())
        (self.folder / "client.key").write_bytes(key)
        (self.folder / "both.pem").write_bytes(client.private_key_and_cert_chain_pem.bytes())

    def server(self, *names: str, clients: bool = False) -> ssl.SSLContext:
        """A server's context with a certificate for these names; with `clients` it wants one of theirs."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.ca.issue_cert(*names).configure_cert(context)
        if clients:
            context.verify_mode = ssl.CERT_REQUIRED
            self.ca.configure_trust(context)
        return context
