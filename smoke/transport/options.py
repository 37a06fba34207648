"""How requests are sent: the settings of one run."""

from __future__ import annotations

from msgspec import Struct


class Options(Struct, frozen=True):
    """Settings of a client. Nothing is ever taken from the environment (no proxy, no certificates, no netrc).

    `ca_file` is a PEM file of certificate authorities that are trusted beside the public ones.
    `client_cert` is a PEM file with the certificate that is shown to `client_origin` (host and port; nobody else sees it),
    `client_key` the file of its key, where that is another. `resolve` and `connect_to` say where connections are made in
    place of the URL's host, spelt as curl's (`detours`).
    `ip_version` is 4 or 6 where only addresses of that version are connected to, a proxy's too.
    `proxy` is `http://[user[:password]@]host:port` or the same with https, `proxy_password` that of its user, `no_proxy`
    are hosts that are reached without it (`exempt`). `connect_timeout` (seconds) bounds resolving, connecting and
    the TLS handshake together. `max_body` bounds a body before and after content decoding (0: no bound),
    `max_head` is the number of bytes within which the headers of an answer have to end (the last read may go beyond).
    """

    verify: bool = True
    ca_file: str | None = None
    proxy: str | None = None
    proxy_password: str = ""
    no_proxy: tuple[str, ...] = ()
    client_cert: str | None = None
    client_key: str | None = None
    client_key_password: str = ""
    client_origin: tuple[str, int] | None = None
    ip_version: int = 0
    http2: bool = False
    resolve: tuple[str, ...] = ()
    connect_to: tuple[str, ...] = ()
    connect_timeout: float = 5.0
    max_body: int = 1024 * 1024 * 1024
    max_head: int = 256 * 1024
